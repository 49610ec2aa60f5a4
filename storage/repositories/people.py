"""Who may use the desk, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from services.domain.actor import Person, Role
from services.domain.errors import NotFound
from services.domain.ids import PersonId
from storage.repositories.base import Repository
from storage.tables import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row


class People(Repository):
    """Implements the port's `PersonRepository`."""

    __slots__ = ()

    def get(self, person_id: PersonId) -> Person | None:
        """By id."""
        row = self._select(select(people).where(people.c.id == person_id)).first()
        return None if row is None else _person(row)

    def by_name(self, name: str) -> Person | None:
        """Exact match, case folded; the one who was here first when two share a name."""
        found = select(people).where(people.c.name_folded == name.casefold())
        row = self._select(found.order_by(people.c.created_at, people.c.id).limit(1)).first()
        return None if row is None else _person(row)

    def add(self, person: Person) -> None:
        """Raises `Conflict` when the id is taken."""
        self._change(insert(people), _columns(person), what="person")

    def save(self, person: Person) -> None:
        """Raises `NotFound` when there is no such person."""
        if not self._change(update(people).where(people.c.id == person.id), _columns(person), what="person"):
            msg = f"There is no person {person.id}."
            raise NotFound(msg)

    def list(self) -> Sequence[Person]:
        """In order of arrival."""
        return [_person(row) for row in self._select(select(people).order_by(people.c.created_at, people.c.id))]


def _columns(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.name,
        "name_folded": person.name.casefold(),
        "role": person.role.value,
        "zone": person.zone,
        "created_at": person.created_at,
    }


def _person(row: Row[Any]) -> Person:
    return Person(id=PersonId(row.id), name=row.name, role=Role(row.role), zone=row.zone, created_at=row.created_at)
