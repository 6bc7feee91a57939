"""Transactions on PostgreSQL: one per unit, on a few connections in threads, run again when they collide.

READ COMMITTED with row locks, as the statements ask for them. It knows no tables; migrations are Alembic's,
and a second program on the same database is kept away by `lock.py`.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import psycopg
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg.types.numeric import Int8Dumper

from storage.engine import Busy, Full, Gone, Outcome, Row, StoreError, Unit
from storage.statement import Statement

T = TypeVar("T")
Database = psycopg.Connection[DictRow]
Cursor = psycopg.Cursor[DictRow]

REPETITIONS = 3
"""How often a unit runs again after a collision."""
LOCK_MS = 5000
"""How long a statement waits for a row that another transaction holds."""
PREPARED_STATEMENTS = 512

_COLLIDED = (errors.SerializationFailure, errors.DeadlockDetected)
_DEFAULTS: dict[str, Any] = {
    # A server that vanished without a word is noticed within a minute, not after two hours.
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "lindung",
}


class PostgresEngine:
    """One PostgreSQL database; the contract is `storage.engine.Engine`.

    ``size`` units run at once, each on its own connection; reports have one more of their own.
    """

    dialect: Final = "postgres"

    def __init__(self, url: str, size: int = 4) -> None:
        self._writers = _Threads(url, size, read_only=False)
        self._readers = _Threads(url, 1, read_only=True)

    async def open(self) -> None:
        """Connects once, to see that it works. Raises Gone."""
        outcome = await self._writers.submit(lambda session: session.attempt(_nothing).outcome)
        if outcome.error is not None:
            await self.close()
        outcome.unwrap()

    async def close(self) -> None:
        """Finishes the accepted units, then disconnects."""
        await self._readers.close()
        await self._writers.close()

    async def transact(self, unit: Unit[T]) -> T:
        """Runs the unit in a transaction. It runs again, at most three times, when it collided."""
        outcome: Outcome[T] = await self._writers.submit(lambda session: _insist(session, unit))
        return outcome.unwrap()

    async def read(self, unit: Unit[T]) -> T:
        """Runs the unit in a READ ONLY transaction on one snapshot; a second one waits for the first."""
        outcome: Outcome[T] = await self._readers.submit(lambda session: _insist(session, unit))
        return outcome.unwrap()


class _Threads:
    """A few threads, each with its own session."""

    def __init__(self, url: str, size: int, *, read_only: bool) -> None:
        self._url, self._read_only = url, read_only
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="postgres")
        self._local = threading.local()
        self._sessions: list[_Session] = []
        self._closed = False

    async def submit(self, work: "Callable[[_Session], Outcome[Any]]") -> Outcome[Any]:
        if self._closed:
            raise Gone("closed")
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(self._session()))

    def _session(self) -> "_Session":
        session: _Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = _Session(self._url, read_only=self._read_only)
            self._sessions.append(session)
        return session

    async def close(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)
        for session in self._sessions:
            session.close()


@dataclass(frozen=True, slots=True)
class _Attempt:
    outcome: Outcome[Any]
    again: bool = False


class _Session:
    """One connection, made when it is needed and made anew when it broke."""

    def __init__(self, url: str, *, read_only: bool) -> None:
        self._url, self._read_only = url, read_only
        self._made: tuple[Database, Cursor] | None = None

    def attempt(self, unit: Unit[Any]) -> _Attempt:
        """Runs the unit once in a transaction of its own. Never raises."""
        try:
            db, cursor = self._connected()
        except psycopg.Error as error:
            gone = Gone(_words(error))
            gone.__cause__ = error
            return _Attempt(Outcome(error=gone))
        transaction = _Transaction(cursor)
        raised: BaseException | None = None
        result: Any = None
        try:
            result = unit(transaction)
        except BaseException as error:
            raised = error
        failure = transaction.end()
        committing = raised is None and failure is None
        if committing:
            try:
                db.commit()
                return _Attempt(Outcome(result))
            except psycopg.Error as error:
                failure = _without_values(error)
        with suppress(psycopg.Error):
            db.rollback()
        if isinstance(failure, psycopg.Error):
            return _verdict(db, failure, raised, committing=committing)
        return _Attempt(Outcome(error=raised or failure))

    def _connected(self) -> tuple[Database, Cursor]:
        if self._made is None or self._made[0].closed:
            db = _connect(self._url, read_only=self._read_only)
            # One cursor for all statements: what psycopg works out about types stays with it.
            self._made = db, db.cursor()
        return self._made

    def close(self) -> None:
        if self._made is not None:
            self._made[0].close()


def _insist(session: _Session, unit: Unit[Any]) -> Outcome[Any]:
    attempt = session.attempt(unit)
    for repetition in range(REPETITIONS):
        if not attempt.again:
            break
        time.sleep(random.uniform(0, 0.005 * 2**repetition))  # noqa: S311 (parts those who collided)
        attempt = session.attempt(unit)
    return attempt.outcome


class _Transaction:
    """`storage.engine.Connection` for one unit."""

    __slots__ = ("_cursor", "_failure")

    dialect: Final = "postgres"

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._failure: BaseException | None = None

    def one(self, stmt: Statement, /, **params: Any) -> Row | None:
        return self._guarded(lambda sql: self._cursor.execute(sql, params).fetchone(), stmt)

    def all(self, stmt: Statement, /, **params: Any) -> list[Row]:
        return self._guarded(lambda sql: cast("list[Row]", self._cursor.execute(sql, params).fetchall()), stmt)

    def run(self, stmt: Statement, /, **params: Any) -> int:
        return max(0, self._guarded(lambda sql: self._cursor.execute(sql, params).rowcount, stmt))

    def many(self, stmt: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        self._guarded(lambda sql: self._cursor.executemany(sql, rows), stmt)

    def _guarded(self, step: Callable[[str], T], stmt: Statement) -> T:
        if self._failure is not None:
            raise self._failure
        try:
            return step(stmt.sql("postgres"))
        except psycopg.Error as error:
            self._failure = _without_values(error)
            raise
        except BaseException as error:
            self._failure = error
            raise

    def end(self) -> BaseException | None:
        """Closes the transaction object for its unit; returns the error of a statement, if one failed."""
        failure, self._failure = self._failure, RuntimeError("A unit used its transaction after its end.")
        return failure


class _Number(Loader):
    """Sums and averages as int and float, as SQLite gives them, instead of Decimal."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


def _connect(url: str, *, read_only: bool) -> Database:
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # whose message quotes the address, password and all
        raise psycopg.OperationalError("the address is not a PostgreSQL address") from None
    options = f"{given.pop('options', None) or ''} -c timezone=UTC -c lock_timeout={LOCK_MS}".strip()
    db = psycopg.connect(**{**_DEFAULTS, **given, "options": options}, row_factory=dict_row)
    db.prepare_threshold = 2
    db.prepared_max = PREPARED_STATEMENTS
    if read_only:
        db.read_only = True
        db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    # psycopg chooses smallint, integer or bigint by the value, and each choice would be a plan of its own.
    db.adapters.register_dumper(int, Int8Dumper)
    db.adapters.register_loader("numeric", _Number)
    return db


def _nothing(_: Any) -> None:
    return None


def _verdict(db: Database, failure: psycopg.Error, raised: BaseException | None, *, committing: bool) -> _Attempt:
    """What a failed statement or COMMIT means for the caller, and whether the unit runs again."""
    # The database's failure counts, whatever the unit made of it: it must not look like a bug of the unit.
    trouble = Gone(_words(failure)) if db.closed else _translated(failure)
    again = isinstance(failure, (*_COLLIDED, errors.UniqueViolation))
    if isinstance(trouble, Gone):
        db.close()
        again = not committing  # after a COMMIT nobody knows whether it was kept
    if trouble is not None:
        trouble.__cause__ = failure
    return _Attempt(Outcome(error=trouble or raised or failure), again)


def _translated(error: psycopg.Error) -> StoreError | None:
    """The error in the store's words; None for one that is the unit's own, such as a constraint."""
    state = error.sqlstate or ""
    if isinstance(error, (*_COLLIDED, errors.LockNotAvailable, errors.QueryCanceled)):
        return Busy(_words(error))
    if state.startswith(("53", "58")):  # insufficient resources, system error
        return Full(_words(error))
    if state.startswith(("08", "57P")):  # connection exception, operator intervention
        return Gone(_words(error))
    return None


def _words(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error).partition("\n")[0]


def _without_values(error: psycopg.Error) -> psycopg.Error:
    """The same error without the server's DETAIL, which quotes the row."""
    if error.diag.message_primary:
        error.args = (error.diag.message_primary,)
    return error
