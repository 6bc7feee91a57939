"""When broadcasts may not be sent: quiet hours and times of worship, and how long a sending takes around them.

Times are local to the area served. Not for: answers and news about a person's own case, which go at any hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_A_WEEK = 8


@dataclass(frozen=True)
class QuietTimes:
    """`nights` is (from, to), over midnight where `from` is the later one; None for no quiet hours.

    `windows` are (weekday, from, to) with Monday as 0, none of them over midnight.
    """

    nights: tuple[time, time] | None = (time(20), time(7))
    windows: tuple[tuple[int, time, time], ...] = (
        (4, time(11, 30), time(13, 30)),
        (6, time(7), time(12)),
    )

    def opens(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from `at` on (aware) at which something may be sent: `at` itself where it may now."""
        for begins, ends in self._closed(at.astimezone(zone).date(), zone):
            if begins <= at < ends:
                at = ends
        return at

    def closes(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When sending must rest next, from a moment at which it may; None when it never must."""
        begins = [begins for begins, _ in self._closed(at.astimezone(zone).date(), zone) if begins >= at]
        return min(begins, default=None)

    def finish(self, start: datetime, seconds: float, zone: ZoneInfo) -> datetime:
        """When so many seconds of sending are over that begin at `start`, with every rest between."""
        at, left = self.opens(start, zone), timedelta(seconds=seconds)
        while (rest := self.closes(at, zone)) is not None and rest - at < left:
            left -= rest - at
            at = self.opens(rest, zone)
        return at + left

    def _closed(self, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        """Every rest around a day, in order."""
        found = []
        for offset in range(-1, _A_WEEK):
            here = day + timedelta(days=offset)
            if self.nights is not None:
                begins, ends = self.nights
                until = here if begins < ends else here + timedelta(days=1)
                if begins != ends:
                    found.append((_local(here, begins, zone), _local(until, ends, zone)))
            found += [
                (_local(here, begins, zone), _local(here, ends, zone))
                for weekday, begins, ends in self.windows
                if weekday == here.weekday()
            ]
        return sorted(found)


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone)
