"""A meeting people are invited to: when, where, the word that marks who came, and what they answered.

Not for: the invitation that is sent (domain/broadcast.py) or its texts (handlers/).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Answer(StrEnum):
    """What a person says to an invitation."""

    COMES = "comes"
    DECLINES = "declines"


@dataclass(frozen=True)
class Event:
    """`starts_at` is epoch milliseconds, UTC; `village` a village code. `word` is written on the poster.

    `strangers` counts people who came and had agreed to nothing: of them no more is kept.
    """

    id: int
    starts_at: int
    village: str | None
    place: str = field(repr=False)
    bring: str = field(default="", repr=False)
    word: str = ""
    cancelled: bool = False
    strangers: int = 0
    created_by: int = 0

    @property
    def start(self) -> datetime:
        """When it begins, aware."""
        return datetime.fromtimestamp(self.starts_at / 1000, UTC)

    def day(self, zone: ZoneInfo) -> date:
        """The day it is on, from midnight to midnight in the area served."""
        return self.start.astimezone(zone).date()

    def ends(self, zone: ZoneInfo) -> datetime:
        """The end of its day: how long it takes is not known."""
        return datetime.combine(self.day(zone) + timedelta(days=1), time(), tzinfo=zone)

    def reminds(self, zone: ZoneInfo) -> datetime:
        """When those who come are reminded: in the afternoon of the day before."""
        return datetime.combine(self.day(zone) - timedelta(days=1), REMINDER, tzinfo=zone)


REMINDER = time(16)
"""Local time. People are back from the sea and the field, and it is not yet quiet."""
