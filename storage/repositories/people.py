"""Who may use the desk, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from services.domain.actor import Person, Role
from services.domain.errors import Conflict, NotFound
from services.domain.ids import PersonId
from storage import codec
from storage.prepared import Prepared
from storage.repositories.base import Repository
from storage.tables import people
from storage.tables_chat import identities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.prepared import Row

_ARRIVAL = (people.c.created_at, people.c.id)
_BY_ID = Prepared(select(people).where(people.c.id == bindparam("of")))
_BY_NAME = Prepared(select(people).where(people.c.name_folded == bindparam("folded")).order_by(*_ARRIVAL).limit(1))
_LIST = Prepared(select(people).order_by(*_ARRIVAL))
_ADD = Prepared(insert(people))
_SAVE = Prepared(update(people).where(people.c.id == bindparam("of")), columns=people.c.keys())
_REMOVE = Prepared(delete(people).where(people.c.id == bindparam("of")))
_SPOKEN_FOR = Prepared(select(identities.c.person_id).where(identities.c.person_id == bindparam("of")).limit(1))


class People(Repository):
    """Implements the port's `PersonRepository`."""

    __slots__ = ()

    def get(self, person_id: PersonId) -> Person | None:
        """By id."""
        row = _BY_ID.first(self._driver, {"of": person_id})
        return None if row is None else _person(row)

    def by_name(self, name: str) -> Person | None:
        """Exact match, case folded; the one who was here first when two share a name."""
        row = _BY_NAME.first(self._driver, {"folded": name.casefold()})
        return None if row is None else _person(row)

    def add(self, person: Person) -> None:
        """Raises `Conflict` when the id is taken."""
        self._change(_ADD, _columns(person), what="person")

    def save(self, person: Person) -> None:
        """Raises `NotFound` when there is no such person."""
        if not self._change(_SAVE, {**_columns(person), "of": person.id}, what="person"):
            msg = f"There is no person {person.id}."
            raise NotFound(msg)

    def remove(self, person_id: PersonId) -> None:
        """One who is gone already is fine; raises `Conflict` while a chat account speaks for them."""
        self._require_write()
        if _SPOKEN_FOR.first(self._driver, {"of": person_id}) is not None:
            msg = f"A chat account still speaks for {person_id}."
            raise Conflict(msg)
        self._change(_REMOVE, {"of": person_id}, what="person")

    def list(self) -> Sequence[Person]:
        """In order of arrival."""
        return [_person(row) for row in _LIST.rows(self._driver)]


def _columns(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.name,
        "name_folded": person.name.casefold(),
        "role": person.role.value,
        "zone": person.zone,
        "created_at": person.created_at,
        "assigned": person.assigned,
        "zone_chosen": person.zone_chosen,
        "aliases": codec.dump_ids(person.aliases),
    }


def _person(row: Row) -> Person:
    return Person(
        id=PersonId(row.id),
        name=row.name,
        role=Role(row.role),
        zone=row.zone,
        created_at=row.created_at,
        assigned=row.assigned,
        zone_chosen=row.zone_chosen,
        aliases=codec.load_people(row.aliases),
    )
