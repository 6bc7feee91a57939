"""What every database engine promises, the errors it raises, and row ids.

The seam between the store and the two databases. It names neither driver and holds no SQL.

    StoreError
    ├── Busy    somebody else holds the lock, or the transaction kept colliding
    ├── Full    the disk takes no more writes
    └── Gone    the database cannot be reached
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from storage.statement import Dialect, Statement

T = TypeVar("T")

Row = Mapping[str, Any]
"""One row by column name. A plain dict on both databases: no access by number."""

Unit = Callable[["Connection"], T]
"""A transaction as a plain function. It may run twice, so it touches nothing but its connection."""


class StoreError(Exception):
    """The database failed, the unit did not; nothing of the unit is known to be kept.

    ``sentence`` tells the operator what to do. An Incoming that met one is never confirmed.
    """

    sentence: ClassVar[str] = "The database failed. Look at the detail and at the database's own log."

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.sentence} [{detail}]" if detail else self.sentence)


class Busy(StoreError):  # noqa: N818 (reads as a sentence: except Busy)
    """The database was locked, or the unit collided again after its last repetition."""

    sentence = "The database is locked by somebody else. Close other programs that write to it; it is tried again."


class Full(StoreError):  # noqa: N818 (the same)
    """The disk is full, read-only or failing, or memory is short."""

    sentence = "The disk is full or takes no writes. Free space or mend the disk; the program goes on by itself."


class Gone(StoreError):  # noqa: N818 (the same)
    """The database cannot be reached, or was closed.

    When the connection broke during COMMIT, the unit may have been kept all the same: repeat it only if it
    recognises its own earlier run.
    """

    sentence = "The database cannot be reached. Check that it runs, its address, and the rights on its files."


class Connection(Protocol):
    """What a unit may do inside its transaction; over when the unit returns.

    A statement that fails dooms its unit on both databases: whoever catches the error can only end. To meet
    a row that is already there, say ON CONFLICT.
    """

    @property
    def dialect(self) -> Dialect: ...

    def one(self, stmt: Statement, /, **params: Any) -> Row | None:
        """The first row, or None. A statement that may find more says LIMIT 1."""
        ...

    def all(self, stmt: Statement, /, **params: Any) -> list[Row]:
        """Every row."""
        ...

    def run(self, stmt: Statement, /, **params: Any) -> int:
        """Runs it and returns how many rows were changed."""
        ...

    def many(self, stmt: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Runs it once for each set of values."""
        ...


class Engine(Protocol):
    """A database that runs whole units, each in one transaction, committed before the answer."""

    @property
    def dialect(self) -> Dialect: ...

    async def open(self) -> None:
        """Connects. Raises Gone."""
        ...

    async def close(self) -> None:
        """Finishes what was accepted, then disconnects."""
        ...

    async def transact(self, unit: Unit[T]) -> T:
        """Runs the unit and commits; its own exception comes back unchanged, with nothing kept.

        Cancelled before its start, a unit is dropped; after, it runs to its end unseen. Raises StoreError.
        """
        ...

    async def read(self, unit: Unit[T]) -> T:
        """Runs a reading unit on one snapshot beside the writers. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """How a unit ended, carried between threads. Never raised there, so nothing is lost on the way."""

    result: T | None = field(default=None, repr=False)
    error: BaseException | None = None

    def unwrap(self) -> T:
        """The unit's result; raises what it raised."""
        if self.error is not None:
            raise self.error
        return cast("T", self.result)


def sqlite_path(url: str) -> Path | None:
    """The file behind ``sqlite:///relative`` or ``sqlite:////absolute``; None for another kind of database.

    Raises ValueError when a sqlite address names no file.
    """
    if not url.startswith("sqlite:"):
        return None
    path = url.removeprefix("sqlite:///")
    if path == url or path in {"", ":memory:"}:
        raise ValueError("A SQLite address looks like sqlite:///var/lindung.db and names a file.")
    return Path(path)


_ids = threading.Lock()
_last_id = 0


def new_id() -> int:
    """A row id: unique in this process, growing with time, below 2**53 until the year 2039.

    Milliseconds since 1970 times 4096; a clock set back only makes ids denser.
    """
    global _last_id
    with _ids:
        _last_id = max(_last_id + 1, time.time_ns() // 1_000_000 << 12)
        return _last_id


def raise_floor(highest: int) -> None:
    """Makes every later id greater than the highest one found in the database at start."""
    global _last_id
    with _ids:
        _last_id = max(_last_id, highest)
