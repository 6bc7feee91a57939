"""Tells what a database is before anything is done to it, and brings it to the tables this program knows.

Neither a start that finds nothing to do nor one with a new database loads Alembic or SQLAlchemy: they take longer
than all the rest. The caller holds the program lock. Not for: what stands in the tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, LiteralString

from storage import new_database
from storage.engine import Gone, sqlite_path
from storage.sqlite_copy import MEDIA_NAMES, rows_in

FOLDER: Final = Path(__file__).with_name("migrations")
_REVISION: Final = "SELECT version_num FROM alembic_version"
_META: Final = "SELECT key, value FROM meta"
_PEOPLE_AT: Final = "SELECT channel, COUNT(*) FROM addresses WHERE sealed IS NOT NULL GROUP BY channel ORDER BY channel"


class FromTheFuture(Exception):  # noqa: N818 (reads as what happened)
    """The database was made by a newer program; the message is a sentence for the operator."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database was made by a newer Lindung (revision {revision}): run that version or a later one."
        )


@dataclass(frozen=True)
class DatabaseState:
    """What a database is: `revision` of its tables (None: no tables of ours), and the facts in `meta`."""

    revision: str | None = None
    meta: Mapping[str, str] = field(default_factory=dict)


def newest_revision() -> str:
    """The revision that `migrate` leads to."""
    return revisions()[-1]


@cache
def revisions() -> list[str]:
    """Every revision this program knows, oldest first; a step's file begins with it."""
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def state(url: str) -> DatabaseState:
    """Looks without changing anything; a SQLite file that is not there is an empty database. Raises Gone."""
    path = sqlite_path(url)
    if path is None:
        return _of_postgres(url)
    if not (path.is_file() and path.stat().st_size):
        return DatabaseState()
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA busy_timeout = 5000")
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"alembic_version", "meta"} <= tables:
                return DatabaseState()
            revision = db.execute(_REVISION).fetchone()
            return DatabaseState(revision[0], dict(db.execute(_META))) if revision else DatabaseState()
    except sqlite3.Error as error:
        raise Gone(str(error)) from None


def _of_postgres(url: str) -> DatabaseState:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5, application_name="lindung state") as db:
            there = "SELECT to_regclass('alembic_version') IS NOT NULL AND to_regclass('meta') IS NOT NULL"
            if db.execute(there).fetchone() != (True,):
                return DatabaseState()
            revision = db.execute(_REVISION).fetchone()
            return DatabaseState(revision[0], dict(db.execute(_META).fetchall())) if revision else DatabaseState()
    except psycopg.Error as error:
        # The message of a malformed address quotes it, password and all.
        wrong = isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None
        said = "the address is not a PostgreSQL address" if wrong else str(error).strip().partition("\n")[0]
        raise Gone(said) from None


def media_names(url: str) -> set[str]:
    """The files in the media folder that the database knows, read without changing anything. Raises Gone."""
    return {name for (name,) in _rows(url, MEDIA_NAMES)}


def people_at(url: str) -> dict[str, int]:
    """How many people are known at which channel, read without changing anything. Raises Gone."""
    return dict(_rows(url, _PEOPLE_AT))


def _rows(url: str, query: LiteralString) -> list[tuple[Any, ...]]:
    path = sqlite_path(url)
    if path is not None:
        return rows_in(path, query)
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5, application_name="lindung check") as db:
            return db.execute(query).fetchall()
    except psycopg.Error as error:
        raise Gone(str(error).strip().partition("\n")[0]) from None


def migrate(url: str) -> list[str]:
    """Makes the newest tables, or runs the steps that are missing, all or none; the revisions that were.

    Raises FromTheFuture, Gone.
    """
    before, known = state(url).revision, revisions()
    if before is None:
        new_database.make(url)
        return list(known)
    if before not in known:
        raise FromTheFuture(before)
    missing = known[known.index(before) + 1 :]
    if missing:
        from storage.migrate_steps import upgrade

        upgrade(url, FOLDER)
    return missing
