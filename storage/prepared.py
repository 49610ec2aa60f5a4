"""Statements translated to SQL once and sent straight to the driver: translating costs many times what running does."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import Text, literal
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sqlalchemy import BindParameter, Delete, Insert, Select, Update
    from sqlalchemy.types import TypeEngine

    Statement = Select[Any] | Insert | Update | Delete
    Maker = Callable[[Any], Any]

_DIALECT: Final = SQLiteDialect_pysqlite(paramstyle="qmark")
_NONE: Final[Mapping[str, object]] = {}


class Row(Hashable, Protocol):
    """What was found, as attributes under the names of the columns asked for."""

    def __getattr__(self, name: str) -> Any: ...


class Prepared:
    """A statement whose SQL, parameters and columns are worked out at first use; threads may share it."""

    __slots__ = ("_columns", "_plan", "_statement")

    def __init__(self, statement: Statement, *, columns: Iterable[str] | None = None) -> None:
        """`columns` are those that an INSERT or UPDATE sets and does not name itself."""
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._plan: _Plan | None = None

    def rows(self, driver: sqlite3.Connection, values: Mapping[str, object] = _NONE) -> list[Row]:
        """All that was found, or returned by a change."""
        plan = self._plan or self._planned()
        row = plan.row
        return [row(found) for found in driver.execute(plan.sql, plan.parameters(values)).fetchall()]

    def plain(self, driver: sqlite3.Connection, values: Mapping[str, object] = _NONE) -> list[tuple[Any, ...]]:
        """As the driver has it, in the order of the columns: for thousands of rows, whose dressing costs most."""
        plan = self._plan or self._planned()
        return driver.execute(plan.sql, plan.parameters(values)).fetchall()

    def first(self, driver: sqlite3.Connection, values: Mapping[str, object] = _NONE) -> Row | None:
        """The first row, None when there is none."""
        plan = self._plan or self._planned()
        found = driver.execute(plan.sql, plan.parameters(values)).fetchone()
        return None if found is None else plan.row(found)

    def change(self, driver: sqlite3.Connection, values: Mapping[str, object] = _NONE) -> int:
        """How many rows were written."""
        plan = self._plan or self._planned()
        return driver.execute(plan.sql, plan.parameters(values)).rowcount

    def _planned(self) -> _Plan:
        """Two threads that meet here make the same plan twice, which does no harm."""
        plan = self._plan = _Plan(self._statement, self._columns)
        return plan


class _Plan:
    """A statement in the driver's terms."""

    __slots__ = ("_makers", "_parameters", "_values", "sql")

    def __init__(self, statement: Statement, columns: list[str] | None) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=columns)
        self.sql = compiled.string
        self._parameters = tuple(_parameter(compiled.binds[name]) for name in compiled.positiontup or ())
        found = statement.exported_columns.items()
        make: Any = namedtuple  # noqa: PYI024 - the fields are known only now
        self._values: Maker = make("Found", [str(name) for name, _ in found])._make
        made = [(place, _from_driver(column.type)) for place, (_, column) in enumerate(found)]
        self._makers = tuple((place, maker) for place, maker in made if maker is not None)

    def parameters(self, values: Mapping[str, object]) -> list[object]:
        """In the order of their marks in the SQL; a value that is missing is a `KeyError`."""
        return [
            fixed if name is None else values[name] if maker is None else maker(values[name])
            for name, maker, fixed in self._parameters
        ]

    def row(self, found: tuple[object, ...]) -> Row:
        """With every value as Python knows it."""
        values = list(found)
        for place, maker in self._makers:
            values[place] = maker(values[place])
        row: Row = self._values(values)
        return row


def _parameter(bind: BindParameter[Any]) -> tuple[str | None, Maker | None, object]:
    """The name of its value and what makes it fit the driver; without a name, the value that never changes."""
    kind: Any = bind.type.dialect_impl(_DIALECT)
    maker: Maker | None = kind.bind_processor(_DIALECT)
    if bind.required:
        return bind.key, maker, None
    return None, None, bind.effective_value if maker is None else maker(bind.effective_value)


def _from_driver(kind: TypeEngine[Any]) -> Maker | None:
    impl: Any = kind.dialect_impl(_DIALECT)
    maker: Maker | None = impl.result_processor(_DIALECT, None)
    return maker


def words(texts: Collection[str]) -> list[BindParameter[str]]:
    """The right side of an IN that is fixed when the statement is made; with none, one that nothing equals."""
    return [literal(str(text), Text) for text in sorted(texts) or ("",)]
