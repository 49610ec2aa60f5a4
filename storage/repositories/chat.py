"""What was handled in chat, uploaded there, and which channels are for what, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from services.domain.channel import ReviewChannel
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables_chat import review_channels, seen_events, uploads
from storage.types import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_E, _R, _U = seen_events.c, review_channels.c, uploads.c
_SEE = Prepared(insert(seen_events).on_conflict_do_nothing(), columns=seen_events.c.keys())
_FORGET = Prepared(delete(seen_events).where(_E.at < bindparam("before", type_=Instant)))
_ALL = select(review_channels).order_by(_R.surface, _R.place)
_CHANNELS = Prepared(_ALL)
_CHANNELS_ON = Prepared(_ALL.where(_R.surface == bindparam("on")))
_route = insert(review_channels)
_ROUTE = Prepared(
    _route.on_conflict_do_update(index_elements=["surface", "place"], set_={"since": _route.excluded.since}),
    columns=review_channels.c.keys(),
)
_UNROUTE = Prepared(delete(review_channels).where(_R.surface == bindparam("on"), _R.place == bindparam("where_")))
_UPLOADED = Prepared(
    select(_U.ref).where(_U.surface == bindparam("on"), _U.team == bindparam("within"), _U.digest == bindparam("of"))
)
_upload = insert(uploads)
_UPLOAD = Prepared(
    _upload.on_conflict_do_update(
        index_elements=["surface", "team", "digest"], set_={"ref": _upload.excluded.ref, "at": _upload.excluded.at}
    ),
    columns=uploads.c.keys(),
)


class Chat(Repository):
    """Implements the port's `ChatRepository`."""

    __slots__ = ()

    def first_seen(self, surface: str, event_id: str, *, at: datetime) -> bool:
        """One statement decides, so that two can't both be the first."""
        return self._change(_SEE, {"surface": surface, "event_id": event_id, "at": at}, what="event") > 0

    def forget(self, *, before: datetime) -> int:
        """On every surface."""
        return self._change(_FORGET, {"before": before}, what="event")

    def review_channels(self, surface: str | None = None) -> Sequence[ReviewChannel]:
        """In order of surface and place."""
        found = _CHANNELS.rows(self._driver) if surface is None else _CHANNELS_ON.rows(self._driver, {"on": surface})
        return [ReviewChannel(surface=row.surface, place=row.place, since=row.since) for row in found]

    def route_review(self, channel: ReviewChannel) -> None:
        """Insert or replace."""
        values = {"surface": channel.surface, "place": channel.place, "since": channel.since}
        self._change(_ROUTE, values, what="channel")

    def unroute_review(self, surface: str, place: str) -> bool:
        """False when it was none."""
        return self._change(_UNROUTE, {"on": surface, "where_": place}, what="channel") > 0

    def uploaded(self, surface: str, team: str, digest: str) -> str | None:
        """The reference of the latest upload."""
        row = _UPLOADED.first(self._driver, {"on": surface, "within": team, "of": digest})
        return None if row is None else str(row.ref)

    def put_upload(self, surface: str, team: str, digest: str, ref: str, *, at: datetime) -> None:
        """Insert or replace."""
        values = {"surface": surface, "team": team, "digest": digest, "ref": ref, "at": at}
        self._change(_UPLOAD, values, what="upload")
