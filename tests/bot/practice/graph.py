"""Driving the stand-ins of Meta's networks by hand, with pictures at an address they can fetch."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.practice import practice_accounts
from tests.bot.practice.driving import Practice, served

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """One network's API as a careful client uses it."""

    practice: Practice
    network: str
    version: str
    token: str = field(repr=False)
    user_id: str

    async def ask(self, method: str, path: str, token: str | None = None, **fields: Any) -> httpx.Response:
        """Call with the token in a header; fields go in the address of a GET and in a form else."""
        headers = {"authorization": f"Bearer {token or self.token}"}
        url = f"/{self.network}/{self.version}/{path}"
        if method == "GET":
            return await self.practice.http.get(url, params=fields, headers=headers)
        return await self.practice.http.request(method, url, data=fields, headers=headers)

    async def told(self, method: str, path: str, **fields: Any) -> Body:
        """The answer of a call that works."""
        answer = await self.ask(method, path, **fields)
        assert answer.status_code == 200, answer.text
        body: Body = answer.json()
        return body

    async def refused(self, method: str, path: str, token: str | None = None, **fields: Any) -> tuple[int, int, str]:
        """Code, subcode and sentence of a call that does not."""
        answer = await self.ask(method, path, token, **fields)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        assert error["type"] == "OAuthException"
        assert error["fbtrace_id"]
        return error["code"], error.get("error_subcode", 0), error["message"]


def graph(practice: Practice, network: str, version: str, user: str) -> Graph:
    """A network with the practice account's own token; `user` is the field with its id."""
    [own] = [one for one in practice_accounts(practice.settings) if one["platform"] == network]
    return Graph(practice=practice, network=network, version=version, token=own["access_token"], user_id=own[user])


@asynccontextmanager
async def pictures(shown: Mapping[str, tuple[bytes, str]]) -> AsyncIterator[str]:
    """Serve files by name, each with its kind; gives the address they are below."""

    async def answer(request: Request) -> Response:
        found = shown.get(request.path_params["name"])
        if found is None:
            return Response(status_code=404)
        return Response(found[0], media_type=found[1])

    listener = socket.create_server(("127.0.0.1", 0))
    async with served(Starlette(routes=[Route("/{name}", answer)]), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def of_facebook_login(graph_: Graph) -> Graph:
    """The same Instagram account as Facebook Login lets a program in."""
    answer = await graph_.practice.http.post("/_practice/tokens", json={"network": "instagram"})
    return replace(graph_, token=answer.json()["access_token"])


async def push(graph_: Graph, address: str, content: bytes, **headers: str) -> httpx.Response:
    """The bytes of a video to where the network wants them."""
    told = {"authorization": f"OAuth {graph_.token}", "offset": "0", "file_size": str(len(content)), **headers}
    return await graph_.practice.http.post(address, content=content, headers=told)
