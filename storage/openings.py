"""Whom we wrote to first at a network within a day: it lets in so many people and no more.

Not for: who needs a late text (handlers/broadcast_sending.py, bot/delivery.py) or asking the network for its limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from storage.engine import Connection
from storage.statements import openings as sql

DAY = 86_400_000
"""Milliseconds in which a person counts once."""
_FOR_CASES = 20
"""One in so many is kept for messages about people's own cases."""


class Openings:
    """Bound to one transaction at one moment (`at`, epoch ms). `daily` tells a network's limit, None for none."""

    def __init__(self, connection: Connection, at: int, daily: Callable[[str], int | None]) -> None:
        self._db = connection
        self._at = at
        self._daily = daily

    def note(self, channel: str, people: Iterable[int]) -> None:
        """A late text goes to these people now."""
        rows = [{"channel": channel, "address_id": person, "at": self._at} for person in sorted(people)]
        if rows:
            self._db.many(sql.NOTE, rows)

    def daily(self, channel: str) -> int | None:
        """To how many people broadcasts may write first within a day, cases having a part of it; None for no limit."""
        allowed = self._daily(channel)
        return None if allowed is None else allowed - -(-allowed // _FOR_CASES)

    def left_today(self, channel: str) -> int | None:
        """To how many more they may now; None for no limit."""
        daily = self.daily(channel)
        if daily is None:
            return None
        row = self._db.one(sql.COUNT, channel=channel, since=self._at - DAY)
        return max(0, daily - (row["n"] if row else 0))

    def room_at(self, channel: str) -> int:
        """When (epoch ms) the first of those who count counts no more."""
        row = self._db.one(sql.FIRST, channel=channel, since=self._at - DAY)
        return self._at if row is None or row["at"] is None else row["at"] + DAY

    def drop_before(self, channel: str) -> None:
        """Forget who counts no more."""
        self._db.run(sql.DROP_BEFORE, channel=channel, before=self._at - DAY)
