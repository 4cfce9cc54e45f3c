"""The Python SDK's OAuth: consent, call, refresh, revocation.

usage: python client.py ENDPOINT SLUG,SLUG..   talks to clients.mjs over standard input and output.
"""

import asyncio
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

REDIRECT = "http://127.0.0.1:43118/callback"


class Memory:
    """What the SDK asks its host to keep."""

    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


def ask(line):
    print(line, flush=True)
    return sys.stdin.readline().strip()


def provider(endpoint, memory, visits):
    visited = {}

    async def visit(url):
        visits.append(url)
        sent = parse_qs(urlsplit(await asyncio.to_thread(ask, f"visit {url}")).query)
        visited.update({name: values[0] for name, values in sent.items()})

    async def come_back():
        return AuthorizationCodeResult(code=visited["code"], state=visited.get("state"), iss=visited.get("iss"))

    metadata = OAuthClientMetadata(
        client_name="Python SDK",
        redirect_uris=[REDIRECT],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        token_endpoint_auth_method="none",
    )
    return OAuthClientProvider(endpoint, metadata, memory, redirect_handler=visit, callback_handler=come_back)


async def list_projects(client, slugs):
    result = await client.call_tool("list_projects", {})
    assert not result.is_error, result
    text = str(result.content)
    assert all(slug in text for slug in slugs), text


async def main(endpoint, slugs):
    memory, visits = Memory(), []
    auth = provider(endpoint, memory, visits)
    async with httpx2.AsyncClient(auth=auth, timeout=60) as http:
        async with Client(streamable_http_client(endpoint, http_client=http)) as client:
            await list_projects(client, slugs)
            assert len(visits) == 1, visits

            # The hour is over, as far as the SDK knows.
            before = memory.tokens
            auth.context.token_expiry_time = 1.0
            await list_projects(client, slugs)
            assert len(visits) == 1, "the refresh needed nobody"
            assert memory.tokens.access_token != before.access_token
            assert memory.tokens.refresh_token != before.refresh_token

            await asyncio.to_thread(ask, "revoke all")
            await list_projects(client, slugs)
            assert len(visits) == 2, "the revoked client asks for a new authorization"


asyncio.run(main(sys.argv[1], sys.argv[2].split(",")))
