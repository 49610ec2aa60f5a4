"""Finding out whether a post is live after its answer was lost, by reading the account's own timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from services.domain.errors import NeedsOperator, NeedsReauth, OutcomeUnknown, Refused
from services.platforms.mastodon.adapter import parent_id, receipt_of
from services.platforms.mastodon.uploads import handle_name, shown_by
from services.text import fingerprint, html_to_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.domain.delivery import Receipt
    from services.platforms.mastodon.client import MastodonClient, Page
    from services.platforms.mastodon.models import WireStatus
    from services.ports.clock import Clock
    from services.ports.platform import OutgoingPart

_SLACK: Final = timedelta(minutes=2)
"""How far the server's clock may be behind ours beyond what its Date header admits."""
_PAGES: Final = 10
_SOURCES: Final = 10
"""Posts whose source is asked for when their HTML does not match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonFinder:
    """`Finder`: a post of ours with the same text or uploads in the same place, made since the call began."""

    client: MastodonClient
    clock: Clock
    account_id: str | None = None

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder.find`; None only when every post since the call began was seen and none is it."""
        try:
            recent = [status async for status in self._recent(part)]
        except Refused:
            raise OutcomeUnknown("The server does not show this account's posts.") from None
        known = {receipt.remote_id for receipt in part.receipts}
        parent = parent_id(part)
        places = [s for s in recent if s.id not in known and (s.in_reply_to_id or None) == parent]
        places.sort(key=lambda status: status.at)
        for status in places:
            if _same(status, part):
                return receipt_of(status, part.index, self.client.base_url)
        if not fingerprint(part.text):
            _only_shown(places, part)
            return None
        for status in places[:_SOURCES]:
            if await self._same_source(status, part):
                return receipt_of(status, part.index, self.client.base_url)
        return None

    async def _recent(self, part: OutgoingPart) -> AsyncIterator[WireStatus]:
        """Every post since the call began; `OutcomeUnknown` when the pages do not reach that far back."""
        account_id = self.account_id or (await self.client.verify_credentials()).id
        since = part.since or part.first_claimed_at
        max_id: str | None = None
        seen: set[str] = set()
        for _ in range(_PAGES):
            page = await self.client.account_statuses(account_id, max_id=max_id)
            start = since - _SLACK - self._behind(page)
            new = [s for s in page.statuses if s.id not in seen]
            for status in new:
                if status.at >= start and status.reblog is None:
                    yield status
            if not page.statuses or any(s.at < start for s in page.statuses):
                return
            if not new:
                break
            seen.update(s.id for s in new)
            max_id = page.older or page.statuses[-1].id
        raise OutcomeUnknown("The account's posts since then could not all be read.")

    def _behind(self, page: Page) -> timedelta:
        """How late the server's clock is against ours, never negative."""
        try:
            theirs = parsedate_to_datetime(page.date)
        except (ValueError, TypeError, IndexError):
            return timedelta()
        aware = theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs
        return max(self.clock.now() - aware, timedelta())

    async def _same_source(self, status: WireStatus, part: OutgoingPart) -> bool:
        try:
            source = await self.client.source(status.id)
        except (Refused, NeedsOperator, NeedsReauth):
            return False
        return bool(source.text) and fingerprint(source.text) == fingerprint(part.text)


def _only_shown(places: Sequence[WireStatus], part: OutgoingPart) -> None:
    """A post without words whose uploads carry other ids (not every server keeps them) may be ours or not."""
    if any(not s.content.strip() and len(s.media_attachments) == shown_by(part) for s in places):
        raise OutcomeUnknown(
            "A post with as many pictures or videos and no text is there; nobody can tell whether it is this one."
        )


def _same(status: WireStatus, part: OutgoingPart) -> bool:
    ours = {part.handles.get(handle_name(index)) for index in range(shown_by(part))}
    attached = {media.id for media in status.media_attachments}
    if attached and ours & attached:
        return True
    wanted = fingerprint(part.text)
    if not wanted:
        return False
    shown = (html_to_text(status.content), html_to_text(status.content, link_targets=False), status.text)
    return any(fingerprint(text) == wanted for text in shown)
