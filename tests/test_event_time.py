"""When a meeting is, as admins type it, in all three zones."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid
from domain.event_time import read_when

WIT, WITA, WIB = ZoneInfo("Asia/Jayapura"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # a Monday: 9.00 WIT, 8.00 WITA, 7.00 WIB


def read(text: str, zone: ZoneInfo = WIT) -> str:
    return read_when(text, now=NOW, zone=zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("25-11-2026 10.00", "2026-11-25 10:00"),
        ("25/11/2026, pukul 10:30 WIT", "2026-11-25 10:30"),
        ("25.11.26 14.00", "2026-11-25 14:00"),
        ("Rabu, 25 November 2026, jam 10", "2026-11-25 10:00"),
        ("Rabu 25 November jam 10 pagi", "2026-11-25 10:00"),
        ("1 des jam 2 siang", "2026-12-01 14:00"),
        ("3 Januari pukul 9.15", "2027-01-03 09:15"),
        ("besok jam 11 siang", "2026-11-24 11:00"),
        ("lusa pukul 16.00", "2026-11-25 16:00"),
        ("hari ini jam 7 malam", "2026-11-23 19:00"),
        ("jam 4 sore tanggal 30-11-2026", "2026-11-30 16:00"),
        ("besok jam setengah 9", "2026-11-24 08:30"),
        ("besok jam setengah 4 sore", "2026-11-24 15:30"),
        ("28/11 16.30", "2026-11-28 16:30"),
        ("nanti sore jam 4", "2026-11-23 16:00"),
        ("jam 15.00", "2026-11-23 15:00"),
        ("Sabtu jam 8", "2026-11-28 08:00"),
        ("hari Jum'at pukul 13.45", "2026-11-27 13:45"),
        ("Senin jam 10", "2026-11-23 10:00"),
        ("Senin jam 8", "2026-11-30 08:00"),
        ("Senin depan jam 10", "2026-11-30 10:00"),
        ("Minggu jam 13", "2026-11-29 13:00"),
    ],
)
def test_a_day_and_an_hour_are_read(text: str, meant: str) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "when_not_understood"),
        ("minggu depan", "when_not_understood"),
        ("31-11-2026 10.00", "when_not_understood"),
        ("25-11-2026", "when_no_time"),
        ("25-11-2026 25.00", "when_not_understood"),
        ("25-11-2026 10.00 sampai 12.00", "when_not_understood"),
        ("25-11-2026 jam 2", "when_unclear_hour"),
        ("25-11-2026 jam 12 malam", "when_unclear_hour"),
        ("23-11-2026 08.00", "when_past"),
        ("22-11-2026 10.00", "when_past"),
        ("25-11-2062 10.00", "when_far"),
        ("jam 8", "when_past"),
        ("Sabtu", "when_no_time"),
        ("besok", "when_no_time"),
        ("jam 10 kalau tidak hujan", "when_not_understood"),
        ("25-11-2026 10.00 WIB", "when_other_zone"),
        ("9" * 500, "when_not_understood"),
    ],
)
def test_what_is_doubtful_is_asked_for_again(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.code == code


def test_the_hour_is_that_of_the_area() -> None:
    moments = [read_when("25-11-2026 10.00", now=NOW, zone=zone) for zone in (WIT, WITA, WIB)]
    assert [moment.astimezone(UTC).hour for moment in moments] == [1, 2, 3]
    assert read("23-11-2026 08.30", WITA) == "2026-11-23 08:30"
    assert read("25-11-2026 10.00 WIB", WIB) == "2026-11-25 10:00"
