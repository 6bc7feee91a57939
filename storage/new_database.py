"""Makes a new database from one text of SQL that holds the newest tables, all or nothing.

The steps lead to the same tables, but they need Alembic and SQLAlchemy, which take longer to load than all the rest
of a first start. Not for: a database that has tables (storage/migrate_steps.py); writing the text (schema_text.py).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from storage.engine import Gone, sqlite_path
from storage.statement import Dialect

_FOLDER: Final = Path(__file__).with_name("migrations")


def text_file(dialect: Dialect) -> Path:
    """Where the text for this kind of database lies."""
    return _FOLDER / f"newest.{dialect}.sql"


def make(url: str) -> None:
    """The newest tables in a database that has none, stamped with their revision. Raises Gone."""
    path = sqlite_path(url)
    if path is None:
        _make_on_postgres(url)
        return
    _create_file(path)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA busy_timeout = 5000")
            # Whatever stops it before the COMMIT, SQLite takes all of it back.
            db.executescript(f"BEGIN IMMEDIATE;\n{text_file('sqlite').read_text(encoding='utf-8')}\nCOMMIT;")
    except sqlite3.Error as error:
        raise Gone(str(error)) from None


def _create_file(path: Path) -> None:
    """An empty SQLite file, readable to its owner only, unless it is there. Raises Gone."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Gone(f"{path}: {error.strerror}") from error


def _make_on_postgres(url: str) -> None:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5, application_name="lindung migrate") as db:
            db.execute(text_file("postgres").read_bytes())
    except psycopg.Error as error:
        raise Gone(str(error).strip().partition("\n")[0]) from None
