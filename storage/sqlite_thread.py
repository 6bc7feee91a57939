"""One SQLite connection in a thread of its own, and how every connection is set up.

What runs in it, and in which transaction, `sqlite.py` says.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiosqlite

T = TypeVar("T")

BUSY_MS = 5000
"""How long to wait for a lock that another program holds, such as a backup tool."""
CACHED_STATEMENTS = 512


class SqliteThread(aiosqlite.Connection):
    """aiosqlite's thread and connection, for whole functions instead of single statements.

    aiosqlite has no public call for it; `_execute` is protected, and a test pins what is used of it.
    """

    _stopped: "asyncio.Future[Any] | None" = None

    @classmethod
    async def on(cls, path: Path, mode: Literal["rw", "ro"]) -> "SqliteThread":
        """Connects. Raises sqlite3.Error."""

        def connect() -> sqlite3.Connection:
            db = sqlite3.connect(
                f"{path.as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                cached_statements=CACHED_STATEMENTS,
            )
            try:
                _prepare(db, mode)
            except BaseException:
                db.close()
                raise
            return db

        thread = cls(connect, iter_chunk_size=64)
        try:
            await thread
        except BaseException:
            # aiosqlite has told its thread to stop; without waiting, the thread may outlive the event loop.
            if thread._stopped is not None:
                await thread._stopped
            raise
        return thread

    def stop(self) -> "asyncio.Future[Any] | None":
        """Tells the thread to end after what was asked before; the future is done when it has."""
        self._stopped = super().stop()
        return self._stopped

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Runs the function in the thread, after what was asked before."""

        # aiosqlite logs the function it runs, with its arguments, at DEBUG: this one shows nothing.
        def go() -> T:
            return function(self._conn)

        result: T = await self._execute(go)  # type: ignore[no-untyped-call]
        return result


def _prepare(db: sqlite3.Connection, mode: Literal["rw", "ro"]) -> None:
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    db.execute("PRAGMA foreign_keys = ON")
    if mode == "ro":
        db.execute("PRAGMA query_only = ON")
        return
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    # What a person has erased is overwritten where that costs no extra write.
    db.execute("PRAGMA secure_delete = FAST")
    # A long report keeps the WAL growing; this gives the disk its space back afterwards.
    db.execute("PRAGMA journal_size_limit = 67108864")
