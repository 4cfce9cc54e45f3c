"""Reads the demo's bugs with the Python MCP SDK, over HTTP in both forms of answers, and over stdio.

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


async def converse(client, is_typed):
    """What is the same in both forms of answers."""
    tools = (await client.list_tools()).tools
    names = [tool.name for tool in tools]
    assert "get_bug_context" in names and "generate_fix_prompt" in names, names
    for tool in tools:
        has_schema = tool.output_schema is not None
        assert has_schema == (is_typed and tool.name != "get_screenshot"), f"output schema of {tool.name}"
    found = await call(client, "search_bugs", {"query": "order place"})
    assert (found.structured_content is not None) == is_typed, "an answer has one form"
    return found


async def picture(client, screenshot):
    shown = await call(client, "get_screenshot", {"screenshot_id": screenshot})
    image = next(part for part in shown.content if part.type == "image")
    assert len(base64.b64decode(image.data)) > 1000


async def read_text(client):
    """As a model reads: the text alone."""
    found = text(await converse(client, is_typed=False))
    bug = re.search(r"^(\w{26}) .*\| Cannot place my order", found, re.M)[1]
    context = text(await call(client, "get_bug_context", {"bug_id": bug}))
    assert " 500" in context and "<untrusted" in context, context

    transcript = text(await call(client, "get_replay_transcript", {"bug_id": bug, "verbosity": "detailed"}))
    assert re.search(r"^m1 ", transcript, re.M), transcript[:2000]
    media = text(await call(client, "get_bug_media", {"bug_id": bug}))
    await picture(client, re.search(r"^(\w{26}) image/", media, re.M)[1])

    prompt = text(await call(client, "generate_fix_prompt", {"bug_id": bug}))
    cites = re.findall(r" \[(m\d+)\]$", prompt, re.M)
    assert cites, "the fix prompt cites no moment"
    for cited in cites:
        assert re.search(rf"^{cited} ", transcript, re.M), f"the cited {cited} is no moment"


async def read_typed(client):
    """As a program reads: typed JSON, which is the text too. The SDK checks it against the output schemas."""
    found = await converse(client, is_typed=True)
    assert json.loads(text(found)) == found.structured_content
    rows = found.structured_content["bugs"]
    bug = next(row["id"] for row in rows if row["untrusted"]["title"] == "Cannot place my order")
    media = await call(client, "get_bug_media", {"bug_id": bug})
    await picture(client, media.structured_content["screenshots"][0]["id"])
    prompt = (await call(client, "generate_fix_prompt", {"bug_id": bug})).structured_content
    assert prompt["cites"] and all(f"[{cited}]" in prompt["prompt"] for cited in prompt["cites"])


async def over_http(label, config, mode, query="", headers=None, read=read_text):
    async with httpx2.AsyncClient(headers={**config["headers"], **(headers or {})}, timeout=60) as http:
        async with Client(streamable_http_client(config["url"] + query, http_client=http), mode=mode) as client:
            await read(client)
    print(f"  ok: {label}")


async def over_stdio(label, config, mode):
    parameters = StdioServerParameters(command=config["command"], args=config["args"], env=config["env"])
    async with Client(stdio_client(parameters), mode=mode) as client:
        await read_text(client)
    print(f"  ok: {label}")


async def main(printed):
    cursor, vscode, stdio = blocks(printed)
    await over_http("HTTP, configuration for Cursor, handshake of 2025", cursor["mcpServers"]["playhead"], "legacy")
    await over_http("HTTP, configuration for VS Code, negotiated", vscode["servers"]["playhead"], "auto")
    typed = cursor["mcpServers"]["playhead"]
    await over_http("HTTP, typed answers by the address", typed, "legacy", query="?output=structured", read=read_typed)
    by_header = {"Playhead-Output": "structured"}
    await over_http("HTTP, typed answers by a header", typed, "auto", headers=by_header, read=read_typed)
    await over_stdio("stdio, handshake of 2025", stdio["mcpServers"]["playhead"], "legacy")
    await over_stdio("stdio, negotiated", stdio["mcpServers"]["playhead"], "auto")


with open(sys.argv[1], encoding="utf-8") as file:
    asyncio.run(main(file.read()))
