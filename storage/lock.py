"""One program per database: a lock held while it runs, released by the system however it ends.

Beside a SQLite file it is a file lock, in PostgreSQL an advisory lock on a connection of its own. It guards
against a second program, not against threads of this one. All methods block for a moment.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from storage.engine import Gone, sqlite_path

if TYPE_CHECKING:
    import psycopg

ADVISORY_KEY = int.from_bytes(b"lindung")
"""The number of the advisory lock; PostgreSQL keeps such numbers apart by database."""

# The server asks a silent holder for a sign of life: a machine that lost its power must not hold on for hours.
_SESSION = "-c timezone=UTC -c tcp_keepalives_idle=20 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
_HOLDER = """
SELECT activity.application_name, activity.pid, activity.backend_start
  FROM pg_locks JOIN pg_stat_activity AS activity ON activity.pid = pg_locks.pid
 WHERE locktype = 'advisory' AND granted AND objsubid = 1
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (classid::bigint << 32) | objid::bigint = %s
"""


class AlreadyRunning(Exception):  # noqa: N818 (reads as a sentence)
    """Another program holds this database. ``holder`` says which, for the operator."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"Lindung is already running on this database: {holder}. Stop it first.")
        self.holder = holder


class ProgramLock(Protocol):
    """The right to be the one program on a database. As a context manager it is held inside."""

    def acquire(self) -> None:
        """Takes the lock at once or raises AlreadyRunning; Gone when it cannot be asked for."""
        ...

    def keep(self) -> None:
        """Makes sure that it is still held, and takes it again after the server restarted.

        Raises AlreadyRunning when another program was quicker: stop then. Raises Gone.
        """
        ...

    def release(self) -> None:
        """Gives it back; that it is not held is fine."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def lock_for(url: str) -> ProgramLock:
    """The lock that belongs to a database address. Raises ValueError for a sqlite address without a file."""
    path = sqlite_path(url)
    return AdvisoryLock(url) if path is None else FileLock(path)


class FileLock:
    """A lock on ``<database>.lock``, which also tells who holds it. The file stays when the lock goes."""

    def __init__(self, database: Path) -> None:
        # Two names of one database, by way of a link, share one lock.
        real = database.resolve()
        self._path = real.with_name(f"{real.name}.lock")
        self._number: int | None = None

    def acquire(self) -> None:
        try:
            number = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Gone(f"{self._path}: {error.strerror}") from error
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _told_by(number)
            os.close(number)
            raise AlreadyRunning(holder) from None
        os.ftruncate(number, 0)
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.write(number, json.dumps({"pid": os.getpid(), "since": since}).encode())
        self._number = number

    def keep(self) -> None:
        if self._number is not None:
            with suppress(FileNotFoundError):
                if self._path.stat().st_ino == os.fstat(self._number).st_ino:
                    return
            self.release()  # somebody deleted the file: a lock on it keeps nobody away
        self.acquire()

    def release(self) -> None:
        number, self._number = self._number, None
        if number is not None:
            os.ftruncate(number, 0)
            os.close(number)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class AdvisoryLock:
    """A session lock in the database itself, so it also keeps away a program on another machine."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._db: psycopg.Connection[tuple[object, ...]] | None = None

    def acquire(self) -> None:
        # Only here and below: a start on SQLite does not wait for the driver to load.
        import psycopg

        name = f"lindung, process {os.getpid()} on {socket.gethostname()}"[:63]
        db = None
        try:
            db = psycopg.connect(self._url, application_name=name, autocommit=True, connect_timeout=5, options=_SESSION)
            if _taken(db):
                self._db = db
                return
            holder = db.execute(_HOLDER, [ADVISORY_KEY]).fetchone()
        except psycopg.Error as error:
            # The message of a malformed address quotes it, password and all.
            wrong = isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None
            raise Gone("the address is not a PostgreSQL address" if wrong else str(error).strip()) from None
        finally:
            if db is not None and db is not self._db:
                db.close()
        raise AlreadyRunning(_told_by_server(holder))

    def keep(self) -> None:
        if self._db is not None:
            import psycopg

            with suppress(psycopg.Error):
                self._db.execute("SELECT 1")
                return
            self.release()
        self.acquire()

    def release(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            import psycopg

            with suppress(psycopg.Error):  # by hand, for a closed session lets go only a moment later
                db.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_KEY])
            db.close()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _taken(db: psycopg.Connection[tuple[object, ...]]) -> bool:
    for pause in (*[0.2] * 4, 0):  # the server notices a little late that the last holder was killed
        if db.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY]).fetchone() == (True,):
            return True
        time.sleep(pause)
    return False


def _told_by(number: int) -> str:
    try:
        content = json.loads(os.pread(number, 4096, 0))
        return f"process {content['pid']}, running since {content['since']}"
    except (ValueError, KeyError, TypeError):  # it was taken this instant and nothing is written yet
        return "a process that is just starting"


def _told_by_server(row: tuple[object, ...] | None) -> str:
    if row is None:  # it ended between the two questions
        return "a program that has just ended; try again"
    name, pid, since = row
    return f"{name or 'a program'} (PostgreSQL session {pid}, since {since:%Y-%m-%d %H:%M:%S} UTC)"
