"""Transactions on SQLite: one writer thread that commits waiting units in groups, one reader beside it.

A unit's future is resolved only after the COMMIT that holds it. It knows no tables; migrations are
Alembic's, and a second program on the same file is kept away by `lock.py`.
"""

import asyncio
import os
import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from storage.engine import Busy, Full, Gone, Outcome, Row, StoreError, Unit
from storage.sqlite_copy import copy_snapshot
from storage.sqlite_thread import SqliteThread
from storage.statement import Statement

T = TypeVar("T")

GROUP = 64
"""Units in one COMMIT at most."""
GROUP_SECONDS = 0.05
"""After this long a group takes no further unit, so that slow ones do not hold back the answers of others."""

_FAILED = (sqlite3.Error, MemoryError)  # sqlite3 tells SQLITE_NOMEM as a MemoryError
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_NO_WRITES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
_UNREACHABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM}


class SqliteEngine:
    """One SQLite file; the contract is `storage.engine.Engine`."""

    dialect: Final = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._waiting: deque[_Waiting] = deque()
        self._started: list[_Waiting] = []
        self._pump: asyncio.Task[None] | None = None
        self._closing = False
        self._writer: SqliteThread | None = None
        self._reader: SqliteThread | None = None

    async def open(self) -> None:
        """Opens the file, creating it when it is missing, readable to its owner only. Raises Gone."""
        try:
            # SQLite gives its journal files the rights of the database file.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._loop = asyncio.get_running_loop()
            self._writer = await SqliteThread.on(self._path, "rw")
            self._reader = await SqliteThread.on(self._path, "ro")
        except OSError as error:
            raise Gone(str(error)) from error
        except sqlite3.Error as error:
            await self.close()
            raise _translated(error) or Gone(str(error)) from error

    async def close(self) -> None:
        """Finishes the waiting units, then closes; SQLite folds its WAL into the file."""
        reader, self._reader = self._reader, None
        self._closing = True
        while self._waiting or self._pump:
            await asyncio.wait([self._wake()])  # unlike a plain await, it does not cancel the pump with us
        writer, self._writer = self._writer, None
        for thread in (reader, writer):  # the writer last: only it can fold the WAL in
            if thread is not None:
                await thread.close()

    async def transact(self, unit: Unit[T]) -> T:
        """Runs the unit in the next group. Units start in the order they were given."""
        if self._writer is None or self._closing:
            raise Gone("closed")
        waiting = _Waiting(unit, self._loop.create_future())
        self._waiting.append(waiting)
        self._wake()
        outcome: Outcome[T] = await waiting.future
        return outcome.unwrap()

    async def read(self, unit: Unit[T]) -> T:
        """Runs the unit on the read-only connection; a second one waits for the first."""
        if self._reader is None:
            raise Gone("closed")
        outcome: Outcome[T] = await self._reader.call(lambda db: _alone(db, unit, "BEGIN"))
        return outcome.unwrap()

    async def backup_to(self, path: Path) -> None:
        """Copies the database as of one moment into a new file, checked, while units go on.

        Raises FileExistsError, Full; Gone when the database is damaged.
        """
        try:
            thread = await SqliteThread.on(self._path, "ro")
            try:
                await thread.call(lambda db: copy_snapshot(db, path))
            finally:
                await thread.close()
        except sqlite3.Error as error:
            raise _translated(error) or error from error

    def _wake(self) -> "asyncio.Task[None]":
        if self._pump is None:
            self._pump = self._loop.create_task(self._run_groups())
            self._pump.add_done_callback(self._ended)
        return self._pump

    def _ended(self, _: "asyncio.Task[None]") -> None:
        self._pump = None
        if any(not waiting.future.done() for waiting in self._waiting):  # it was cancelled, they were not
            self._wake()

    async def _run_groups(self) -> None:
        try:
            while self._waiting and self._writer is not None:
                await self._writer.call(self._group)
        except Exception as error:  # a bug of ours; nobody may wait for ever because of it
            lost: Outcome[Any] = Outcome(error=StoreError(type(error).__name__))
            _resolve([(waiting, lost) for waiting in (*self._started, *self._waiting)])
            self._waiting.clear()
            raise

    def _group(self, db: sqlite3.Connection) -> None:
        """One COMMIT's worth of units, in the database thread, then their answers."""
        self._started = []
        outcomes: list[Outcome[Any]] = []
        try:
            db.execute("BEGIN IMMEDIATE")
        except _FAILED as error:
            outcomes = [Outcome(error=_translated(error) or error) for _ in self._next()]
        else:
            try:
                outcomes.extend(_in_savepoint(db, waiting.unit) for waiting in self._next())
                db.execute("COMMIT")
            except (*_FAILED, _GroupLost):
                # SQLite has rolled back the whole group, or must: what each unit was told is void.
                _roll_back(db)
                outcomes = [_alone(db, waiting.unit, "BEGIN IMMEDIATE") for waiting in self._started]
        pairs = list(zip(self._started, outcomes, strict=True))
        # From here and not from the pump, so that a cancelled pump leaves nobody without an answer.
        self._loop.call_soon_threadsafe(_resolve, pairs)

    def _next(self) -> Iterator["_Waiting"]:
        """Takes waiting units, also those that arrive meanwhile, until the group is full or late."""
        late = time.monotonic() + GROUP_SECONDS
        while len(self._started) < GROUP and (not self._started or time.monotonic() < late):
            try:
                waiting = self._waiting.popleft()
            except IndexError:
                return
            if not waiting.future.cancelled():
                self._started.append(waiting)
                yield waiting


@dataclass(frozen=True, slots=True)
class _Waiting:
    unit: Unit[Any]
    future: "asyncio.Future[Outcome[Any]]"


class _GroupLost(Exception):  # noqa: N818 (a signal inside this module, not an error of a caller)
    """The transaction ended under a unit: SQLite rolled back everything since BEGIN."""


class _Transaction:
    """`storage.engine.Connection` for one unit."""

    __slots__ = ("_db", "failure")

    dialect: Final = "sqlite"

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.failure: BaseException | None = None

    def one(self, stmt: Statement, /, **params: Any) -> Row | None:
        cursor, rows = self._finished(stmt, params)
        return dict(zip(_names(stmt, cursor), rows[0], strict=True)) if rows else None

    def all(self, stmt: Statement, /, **params: Any) -> list[Row]:
        cursor, rows = self._finished(stmt, params)
        if not rows:
            return []
        names = _names(stmt, cursor)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def run(self, stmt: Statement, /, **params: Any) -> int:
        before = self._db.total_changes
        cursor, _ = self._finished(stmt, params)
        if cursor.rowcount >= 0:
            return cursor.rowcount
        if self._db.total_changes == before:
            return 0
        # sqlite3 counts only statements that begin with INSERT, UPDATE, DELETE or REPLACE, not with WITH.
        changed: int = self._db.execute("SELECT changes()").fetchone()[0]
        return changed

    def many(self, stmt: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        if self.failure is not None:
            raise self.failure
        try:
            self._db.executemany(stmt.sql("sqlite"), rows)
        except BaseException as error:
            self.failure = error
            raise

    def _finished(self, stmt: Statement, params: dict[str, Any]) -> tuple[sqlite3.Cursor, list[Any]]:
        # A statement after a failed one might run in a transaction of its own, when SQLite ended this one.
        if self.failure is not None:
            raise self.failure
        try:
            cursor = self._db.execute(stmt.sql("sqlite"), params)
            # Always to the end: SQLite checks foreign keys of a RETURNING statement only after its last row.
            return cursor, cursor.fetchall()
        except BaseException as error:
            self.failure = error
            raise

    def end(self) -> BaseException | None:
        """Closes the transaction object for its unit; returns the error of a statement, if one failed."""
        failure, self.failure = self.failure, RuntimeError("A unit used its transaction after its end.")
        return failure


_columns: dict[Statement, tuple[str, ...]] = {}


def _names(stmt: Statement, cursor: sqlite3.Cursor) -> tuple[str, ...]:
    """The columns of a statement, which are the same each time; sqlite3 describes them anew for every cursor."""
    names = _columns.get(stmt)
    if names is None:
        names = _columns[stmt] = tuple(column[0] for column in cursor.description or ())
    return names


def _in_savepoint(db: sqlite3.Connection, unit: Unit[Any]) -> Outcome[Any]:
    """Runs one unit of a group. Raises _GroupLost or sqlite3.Error when the group cannot go on."""
    db.execute("SAVEPOINT unit")
    outcome = _run(db, unit)
    if not db.in_transaction:
        raise _GroupLost
    if outcome.error is not None:
        db.execute("ROLLBACK TO unit")
    db.execute("RELEASE unit")
    return outcome


def _alone(db: sqlite3.Connection, unit: Unit[Any], begin: str) -> Outcome[Any]:
    """Runs one unit in a transaction of its own. Never raises."""
    try:
        db.execute(begin)
        outcome = _run(db, unit)
        if outcome.error is None:
            db.execute("COMMIT")
    except _FAILED as error:
        outcome = Outcome(error=_translated(error) or error)
    _roll_back(db)
    return outcome


def _run(db: sqlite3.Connection, unit: Unit[Any]) -> Outcome[Any]:
    transaction = _Transaction(db)
    raised: BaseException | None = None
    result: Any = None
    try:
        result = unit(transaction)
    except BaseException as error:
        raised = error
    failure = transaction.end()
    # The database's failure counts, whatever the unit made of it: it must not look like a bug of the unit.
    trouble = _translated(failure) if isinstance(failure, _FAILED) else None
    if trouble is not None:
        trouble.__cause__ = failure
    return Outcome(result, trouble or raised or failure)


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:
        with suppress(sqlite3.Error):  # a ROLLBACK fails only when SQLite has rolled back by itself
            db.execute("ROLLBACK")


def _resolve(pairs: Sequence[tuple[_Waiting, Outcome[Any]]]) -> None:
    for waiting, outcome in pairs:
        if not waiting.future.done():
            waiting.future.set_result(outcome)


def _translated(error: sqlite3.Error | MemoryError) -> StoreError | None:
    """The error in the store's words; None for one that is the unit's own, such as a constraint."""
    if isinstance(error, MemoryError):
        return Full("out of memory")
    code = getattr(error, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_READONLY:  # without an extension: a unit that writes where it may only read
        return None
    code &= 0xFF
    for codes, kind in ((_LOCKED, Busy), (_NO_WRITES, Full), (_UNREACHABLE, Gone)):
        if code in codes:
            return kind(str(error))
    return None
