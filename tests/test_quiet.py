"""When broadcasts rest, in each of the country's zones, and when one that began will be over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quiet import QuietTimes

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
USUAL = QuietTimes()


def at(text: str, zone: str = "WIT") -> datetime:
    """`"Mon 19:59"` of the week from Monday 23 November 2026."""
    day, _, clock = text.partition(" ")
    monday = datetime(2026, 11, 23, tzinfo=ZoneInfo(ZONES[zone]))
    hour, minute = clock.split(":")
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon+").index(day)
    return monday + timedelta(days=days, hours=int(hour), minutes=int(minute))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("asked", "opens"),
    [
        ("Mon 07:00", "Mon 07:00"),
        ("Mon 06:59", "Mon 07:00"),
        ("Mon 19:59", "Mon 19:59"),
        ("Mon 20:00", "Tue 07:00"),
        ("Tue 00:30", "Tue 07:00"),
        ("Fri 11:30", "Fri 13:30"),
        ("Fri 13:30", "Fri 13:30"),
        ("Sat 21:00", "Sun 12:00"),
        ("Sun 07:00", "Sun 12:00"),
        ("Sun 20:00", "Mon+ 07:00"),
    ],
)
def test_nothing_is_sent_at_night_or_during_worship(zone: str, asked: str, opens: str) -> None:
    moment = at(asked, zone).astimezone(UTC)
    assert USUAL.opens(moment, ZoneInfo(ZONES[zone])) == at(opens, zone)


@pytest.mark.parametrize(
    ("start", "hours", "over"),
    [
        ("Mon 09:00", 1, "Mon 10:00"),
        ("Mon 19:00", 2, "Tue 08:00"),
        ("Mon 22:00", 1, "Tue 08:00"),
        ("Fri 11:00", 1, "Fri 14:00"),
        ("Sat 19:30", 1, "Sun 12:30"),
        ("Mon 07:00", 13, "Mon 20:00"),
        ("Mon 07:00", 14, "Tue 08:00"),
    ],
)
def test_the_end_counts_every_rest_on_the_way(start: str, hours: float, over: str) -> None:
    assert USUAL.finish(at(start), hours * 3600, ZoneInfo(ZONES["WIT"])) == at(over)


def test_an_office_may_have_no_quiet_hours() -> None:
    always = QuietTimes(None, ())
    night = at("Mon 03:00")
    assert always.opens(night, ZoneInfo(ZONES["WIT"])) == night
    assert always.closes(night, ZoneInfo(ZONES["WIT"])) is None


@given(
    start=st.integers(0, 365 * 24 * 3600),
    seconds=st.integers(0, 200_000),
    zone=st.sampled_from(sorted(ZONES)),
    nights=st.none() | st.tuples(st.times(), st.times()),
)
def test_sending_never_ends_in_a_rest_and_never_takes_less_than_its_own_time(
    start: int, seconds: int, zone: str, nights: tuple[time, time] | None
) -> None:
    if nights is not None and nights[0] > nights[1]:
        # A night is open for an hour at least, or nothing would ever be over.
        nights = (nights[0], min(nights[1], time(max(nights[0].hour - 1, 0))))
    elif nights is not None:
        nights = (nights[0], min(nights[1], time(22)) if nights[0] < time(22) else nights[1])
    quiet, where = QuietTimes(nights, USUAL.windows), ZoneInfo(ZONES[zone])
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    over = quiet.finish(moment, seconds, where)
    assert over - moment >= timedelta(seconds=seconds)
    just_before = over - timedelta(microseconds=1)
    assert not seconds or quiet.opens(just_before, where) == just_before
