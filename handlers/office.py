"""What a handler may know besides its transaction: the office served, its rules, its places, its voice. Frozen.

Not for: settings (bot/ builds an Office from them) or anything that changes while the program runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from conversation.say import Say
from domain.limits import Limits
from domain.link import Link
from domain.region import Places
from domain.rules import Rules

_PLAIN = Limits()


@dataclass(frozen=True)
class Office:
    """One labour office. `letters` begin its receipt numbers; `links` give our address per channel.

    `links["telegram"]()` is such as "https://t.me/lindung_bot"; given a code, it brings the code along. `pace` is how
    many messages a second a broadcast is sent at. `limits` are those of each channel. `page` is the public address
    that links to pages of ours begin with; empty when there is none.
    """

    say: Say
    rules: Rules
    places: Places
    name: str
    address: str
    hours: str
    contact: str
    letters: str
    links: Mapping[str, Link] = field(default_factory=dict)
    pace: float = 30.0
    limits: Mapping[str, Limits] = field(default_factory=dict)
    page: str = ""

    def limits_of(self, channel: str) -> Limits:
        """What the network of an address can do."""
        return self.limits.get(channel, _PLAIN)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.places.area.zone)

    def today(self, now: datetime) -> date:
        """The day it is in the area served."""
        return now.astimezone(self.zone).date()

    def morning(self, day: date) -> datetime:
        """Nine o'clock of a day in the area served: when reminders go out."""
        return datetime(day.year, day.month, day.day, 9, tzinfo=self.zone)

    def in_days(self, now: datetime, days: int) -> datetime:
        """The morning that many days from now, by day in the area's zone."""
        return self.morning(self.today(now) + timedelta(days=days))
