"""Reading our pages as a browser without scripts does: forms as they are, sent as they would be."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_BOX = re.compile(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', re.DOTALL)


async def text_of(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    """A page's source with its entities read."""
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def form_on(page: str, having: str) -> dict[str, str]:
    """What the form that contains these words would send, hidden fields and texts."""
    form = next(f for f in _FORM.findall(page) if having in f)
    boxes = {name: unescape(text.removeprefix("\n")) for name, text in _BOX.findall(form)}
    return {name: unescape(value) for name, value in _HIDDEN.findall(form)} | boxes


async def press(client: httpx.AsyncClient, page: str, having: str, **fields: str) -> httpx.Response:
    """Send the form that contains these words, with these fields besides its own."""
    form = next(f for f in _FORM.findall(page) if having in f)
    found = re.search(r'action="([^"]+)"', form)
    assert found is not None
    return await client.post(unescape(found[1]), data={**form_on(page, having), **fields})


async def follow(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    """The page a form leads to."""
    assert answer.status_code == 303, answer.text
    return await text_of(client, answer.headers["location"])


def words_of(page: str) -> str:
    """What is to be read on it, on one line."""
    page = page.replace("<wbr>", "")
    body = re.sub(r"<(head|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
