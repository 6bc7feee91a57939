"""Writes the newest tables down as SQL, one text for each database: `python -m storage.schema_text`, or `make schema`.

Not for: running it (storage/new_database.py); the program itself never loads this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, insert, make_url
from sqlalchemy.engine import Dialect as SqlDialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from storage.migrate import newest_revision
from storage.new_database import text_file
from storage.schema_broadcasts import metadata
from storage.statement import Dialect

_HEAD: Final = "-- Made by `make schema` from storage/schema*.py; a test compares it with them and with the steps.\n"

_DIALECTS: Final[dict[Dialect, SqlDialect]] = {
    "sqlite": make_url("sqlite://").get_dialect()(),
    "postgres": make_url("postgresql+psycopg://").get_dialect()(),
}

# As Alembic makes it, so that the steps that come later find where to go on.
_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def text(dialect: Dialect) -> str:
    """The whole text for one kind of database."""
    return _HEAD + "".join(f"\n{_written(one, _DIALECTS[dialect])};\n" for one in _statements())


def _statements() -> Iterator[ClauseElement]:
    for table in (*metadata.sorted_tables, _version):
        yield CreateTable(table)
        # SQLAlchemy keeps them in a set, in another order each time.
        yield from map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name)))
    yield insert(_version).values(version_num=newest_revision())


def _written(statement: ClauseElement, dialect: SqlDialect) -> str:
    compiled = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return "\n".join(line.rstrip() for line in compiled.strip().splitlines())


if __name__ == "__main__":
    for each in _DIALECTS:
        text_file(each).write_text(text(each), encoding="utf-8")
