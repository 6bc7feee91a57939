"""An online copy of a SQLite database: one moment of it in one file, checked before it gets its name.

The media folder and the key file are not its business.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from storage.durable import part_of, put_in_place
from storage.engine import Full, Gone

SLICE_PAGES = 512


def copy_snapshot(db: sqlite3.Connection, path: Path) -> None:
    """Copies what the connection sees now. It must be one on which nothing else runs.

    One read transaction holds the snapshot: the writer never waits for the copy, and its commits do not make
    the copy start again. Blocks. Raises FileExistsError, Full; Gone when the copy is damaged; sqlite3.Error.
    """
    temporary = part_of(path)
    try:
        if path.exists():
            raise FileExistsError(path)
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(db, temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        put_in_place(temporary, path, overwrite=False)
    except FileExistsError:
        raise
    except OSError as error:
        raise Full(f"backup: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _copy(db: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a snapshot begins with its first read
        db.backup(copy, pages=SLICE_PAGES, sleep=0.001)
        db.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")  # no WAL beside the copy
        verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise Gone(f"the copy is damaged: {verdict}")


# What Tx.media_names asks, for a database that nobody has opened.
MEDIA_NAMES: Final = (
    "SELECT name FROM media"
    " UNION SELECT photo FROM broadcasts WHERE photo <> '' UNION SELECT document FROM broadcasts WHERE document <> ''"
)


def check_copy(path: Path) -> None:
    """Reads all of a database file that nobody has open. Raises Gone when it is damaged."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            orphan = db.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise Gone(f"{path.name}: {error}") from error
    if verdict != "ok" or orphan is not None:
        raise Gone(f"{path.name}: {verdict if orphan is None else 'rows that lost what they belong to'}")


def media_names_in(path: Path) -> set[str]:
    """The names of the files in the media folder that a copy knows, see Tx.media_names."""
    return {name for (name,) in rows_in(path, MEDIA_NAMES)}


def rows_in(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What a file answers, without changing anything."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()
