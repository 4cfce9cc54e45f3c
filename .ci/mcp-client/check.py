"""Reads the demo's bugs with the Python MCP SDK, over HTTP and over stdio.

usage: python check.py PRINTED, where PRINTED holds what `playhead demo` printed.
"""

import asyncio
import base64
import json
import re
import sys

import httpx2
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client


def blocks(printed):
    """The blocks of JSON that can be pasted, in the order in which they are printed."""
    return [json.loads(block) for block in re.findall(r"^\{$.*?^\}$", printed, re.M | re.S)]


def text(result):
    return "\n".join(part.text for part in result.content if part.type == "text")


async def call(client, name, arguments):
    result = await client.call_tool(name, arguments)
    assert not result.is_error, f"{name}: {text(result)}"
    return result


async def converse(client):
    names = [tool.name for tool in (await client.list_tools()).tools]
    assert "get_bug_context" in names and "generate_fix_prompt" in names, names

    found = await call(client, "search_bugs", {"query": "order"})
    rows = found.structured_content["bugs"]
    bug = next(row["id"] for row in rows if row["untrusted"]["title"] == "Cannot place my order")
    context = text(await call(client, "get_bug_context", {"bug_id": bug}))
    assert " 500" in context and "<untrusted" in context, context

    transcript = text(await call(client, "get_replay_transcript", {"bug_id": bug, "verbosity": "detailed"}))
    assert re.search(r"^m1 ", transcript, re.M), transcript[:2000]

    media = await call(client, "get_bug_media", {"bug_id": bug})
    screenshot = media.structured_content["screenshots"][0]["id"]
    picture = await call(client, "get_screenshot", {"screenshot_id": screenshot})
    image = next(part for part in picture.content if part.type == "image")
    assert len(base64.b64decode(image.data)) > 1000

    prompt = await call(client, "generate_fix_prompt", {"bug_id": bug})
    cites = prompt.structured_content["cites"]
    assert cites, "the fix prompt cites no moment"
    for cited in cites:
        assert re.search(rf"^{cited} ", transcript, re.M), f"the cited {cited} is no moment"


async def over_http(label, config, mode):
    async with httpx2.AsyncClient(headers=config["headers"], timeout=60) as http:
        async with Client(streamable_http_client(config["url"], http_client=http), mode=mode) as client:
            await converse(client)
    print(f"  ok: {label}")


async def over_stdio(label, config, mode):
    parameters = StdioServerParameters(command=config["command"], args=config["args"], env=config["env"])
    async with Client(stdio_client(parameters), mode=mode) as client:
        await converse(client)
    print(f"  ok: {label}")


async def main(printed):
    cursor, vscode, stdio = blocks(printed)
    await over_http("HTTP, configuration for Cursor, handshake of 2025", cursor["mcpServers"]["playhead"], "legacy")
    await over_http("HTTP, configuration for VS Code, negotiated", vscode["servers"]["playhead"], "auto")
    await over_stdio("stdio, handshake of 2025", stdio["mcpServers"]["playhead"], "legacy")
    await over_stdio("stdio, negotiated", stdio["mcpServers"]["playhead"], "auto")


with open(sys.argv[1], encoding="utf-8") as file:
    asyncio.run(main(file.read()))
