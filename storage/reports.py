"""Counts for the admin's summary of a day. Not for: anything about one person.

Not for: who may see it (handlers/admin.py) or how it is worded.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from storage.engine import Connection
from storage.statements import reports as sql


@dataclass(frozen=True)
class DayReport:
    """`sent_in` and `decided` (by status) in the time asked for, `waiting` now (by status).

    `median_ms` is how long those decisions took from the sending in; None without any.
    """

    sent_in: int
    waiting: dict[str, int]
    decided: dict[str, int]
    median_ms: float | None


class Reports:
    """Bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def waiting_at(self) -> list[tuple[str, int]]:
        """How many messages wait at which channel."""
        return [(row["channel"], row["n"]) for row in self._db.all(sql.WAITING_AT)]

    def day(self, since: int) -> DayReport:
        """What happened since a moment (epoch ms), and what waits now."""
        row = self._db.one(sql.SENT_IN, since=since)
        times = [row["took"] for row in self._db.all(sql.TIMES, since=since)]
        return DayReport(
            sent_in=0 if row is None else row["n"],
            waiting={row["status"]: row["n"] for row in self._db.all(sql.WAITING)},
            decided={row["status"]: row["n"] for row in self._db.all(sql.DECIDED, since=since)},
            median_ms=median(times) if times else None,
        )
