"""Runs Alembic's steps on one connection, in one transaction. Apart, because Alembic and SQLAlchemy are slow to load.

Not for: knowing whether anything is missing; `storage.migrate` looks first, and makes new databases without them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from storage.engine import Gone, sqlite_path


def upgrade(url: str, folder: Path) -> None:
    """All steps of the folder that are missing, or none. Raises Gone, never with the address and its password."""
    with _connected(url) as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A connection of its own, closed afterwards. Raises Gone."""
    path = sqlite_path(url)
    if path is None:
        engine = create_engine("postgresql+psycopg://", creator=lambda: _postgres(url), poolclass=NullPool)
    else:
        engine = create_engine("sqlite://", creator=lambda: _sqlite(path), poolclass=NullPool)
        event.listen(engine, "begin", _begin)
    try:
        with engine.connect() as connection:
            yield connection
    except (DatabaseError, psycopg.Error, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DatabaseError) else error
        raise Gone(str(cause).strip().partition("\n")[0]) from None
    finally:
        engine.dispose()


def _postgres(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(url, connect_timeout=5, application_name="lindung migrate")
    except psycopg.ProgrammingError:  # whose message quotes the address, password and all
        raise psycopg.OperationalError("the address is not a PostgreSQL address") from None


def _sqlite(path: Path) -> sqlite3.Connection:
    # The driver begins a transaction by itself only before INSERT and the like, and never for tables.
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
