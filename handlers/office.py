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
from domain.prices import Prices
from domain.region import Places
from domain.rules import Rules

_PLAIN = Limits()


@dataclass(frozen=True)
class Office:
    """One labour office. `letters` begin its receipt numbers; `links` give our address per channel.

    `links["telegram"]()` is such as "https://t.me/lindung_bot"; given a code, it brings the code along. `limits` are
    those of each channel, `labels` its name as people know it, `spellings` what else they write for it with commas
    between, `prices` those of a channel that has any. `page` is the
    public address that links to pages of ours begin with; empty when there is none.
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
    limits: Mapping[str, Limits] = field(default_factory=dict)
    page: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, Prices] = field(default_factory=dict)

    def limits_of(self, channel: str) -> Limits:
        """What the network of an address can do."""
        return self.limits.get(channel, _PLAIN)

    def label(self, channel: str) -> str:
        """What people call the network of an address."""
        return self.labels.get(channel, channel)

    def is_off(self, channel: str) -> bool:
        """Whether the network of an address is not configured; never where no network is named at all."""
        return bool(self.limits) and channel not in self.limits

    @cached_property
    def shutting(self) -> tuple[str, ...]:
        """The channels that take free text for some hours only."""
        return tuple(name for name, limits in self.limits.items() if limits.reply_hours)

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
