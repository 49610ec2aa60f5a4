"""Sending the bytes of a video to where Meta's networks take them, as one body that is read while it goes.

Source: developers.facebook.com, "Upload video to Meta servers" and "Reels publishing", March 2026.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.domain.errors import NeedsOperator, Refused, Unavailable
from services.graph.client import access_headers, node, text
from services.graph.errors import ANEW, fault_of, problem
from services.pieces import seconds_for, streamed
from services.ports.http import Effect, HttpRequest
from services.text import tidy_sentence

if TYPE_CHECKING:
    from services.domain.media import MediaItem
    from services.graph.client import GraphClient
    from services.ports.http import Answer
    from services.ports.platform import PieceReader

DOOR: Final = "https://rupload.facebook.com"
_SUFFIX: Final = ".facebook.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends for one account."""

    client: GraphClient
    pieces: PieceReader

    async def send(self, address: str, item: MediaItem) -> None:
        """All bytes of a file; nothing of it is public, and what was sent in part ends by itself."""
        self._check(address)
        answer = await self.client.http.send(
            HttpRequest(
                method="POST",
                url=address,
                effect=Effect.REPEATABLE,
                headers={
                    **access_headers(self.client),
                    "Authorization": f"OAuth {self.client.token}",
                    "offset": "0",
                    "file_size": str(item.size),
                    "Content-Type": "application/octet-stream",
                },
                content=streamed(item, self.pieces),
                timeout=seconds_for(item.size),
            )
        )
        if not answer.ok or fault_of(answer) is not None:
            raise _problem(answer, self.client)

    def _check(self, address: str) -> None:
        """The address opens the account's uploads and gets the token: it is Meta's, or the very server we speak to."""
        told, ours = urlsplit(address), urlsplit(self.client.root)
        host = told.hostname or ""
        metas = told.scheme == "https" and host.endswith(_SUFFIX)
        if not metas and (told.scheme, told.netloc) != (ours.scheme, ours.netloc):
            raise NeedsOperator(
                f"{self.client.label} names a place for uploads that is not Meta's.",
                next_step="Check the account's base_url.",
            )


def _problem(answer: Answer, client: GraphClient) -> Exception:
    """Places for uploads have a form of their own for errors beside the usual one."""
    if fault_of(answer) is not None:
        return problem(answer, label=client.label, now=client.clock.now())
    try:
        body: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    told = node(node(body).get("debug_info"))
    words = tidy_sentence(text(told, "message"))
    if told.get("retriable") is False and answer.status < 500:
        return Refused(f"{client.label} does not take the video (it says: {words}).", fix="Use another file.")
    return Unavailable(f"{client.label} broke the upload off (status {answer.status}).", next_step=ANEW)
