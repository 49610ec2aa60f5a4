"""Who is on the way to connect an account, as rows whose secrets are sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from services.domain.ids import PersonId, PlatformSlug
from services.domain.signin import Origin, Passage, Stage
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables_chat import passages
from storage.types import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.prepared import Row

_P = passages.c
_THIS = (_P.digest == bindparam("is"), _P.stage == bindparam("at"))
_ADD = Prepared(insert(passages))
_GET = Prepared(select(passages).where(*_THIS, _P.expires_at > bindparam("now", type_=Instant)))
_EXPIRE = Prepared(delete(passages).where(_P.expires_at <= bindparam("now", type_=Instant)))
_LIST = Prepared(
    select(passages)
    .where(_P.stage == bindparam("at"), _P.expires_at > bindparam("now", type_=Instant))
    .order_by(_P.expires_at, _P.digest)
)
_TAKE = Prepared(delete(passages).where(*_THIS).returning(*_P))


class Passages(Repository):
    """Implements the port's `PassageRepository`."""

    __slots__ = ()

    def add(self, passage: Passage, sealed: bytes) -> None:
        """Raises `Conflict` when its word was given out already."""
        values = {
            "digest": passage.digest,
            "stage": passage.stage.value,
            "person_id": passage.person_id,
            "platform": passage.platform,
            "detail": passage.detail,
            "expires_at": passage.expires_at,
            "sealed": sealed,
            "surface": passage.origin.surface if passage.origin else "",
            "channel": passage.origin.channel if passage.origin else "",
        }
        self._change(_ADD, values, what="link")

    def get(self, digest: str, stage: Stage, *, now: datetime) -> Passage | None:
        """Without using it up."""
        row = _GET.first(self._driver, {"is": digest, "at": stage.value, "now": now})
        return None if row is None else _passage(row)

    def take(self, digest: str, stage: Stage, *, now: datetime) -> tuple[Passage, bytes] | None:
        """Given and removed by one statement, so that two can't both have it."""
        self._change(_EXPIRE, {"now": now}, what="link")
        row = _TAKE.first(self._driver, {"is": digest, "at": stage.value})
        return None if row is None else (_passage(row), bytes(row.sealed))

    def list(self, stage: Stage, *, now: datetime) -> Sequence[Passage]:
        """Oldest first; they stay good."""
        return [_passage(row) for row in _LIST.rows(self._driver, {"at": stage.value, "now": now})]


def _passage(row: Row) -> Passage:
    return Passage(
        digest=row.digest,
        stage=Stage(row.stage),
        person_id=PersonId(row.person_id),
        platform=PlatformSlug(row.platform),
        detail=row.detail,
        expires_at=row.expires_at,
        origin=Origin(surface=row.surface, channel=row.channel) if row.surface else None,
    )
