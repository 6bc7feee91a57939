"""When something is to be: moments to come as admins write them, read at nine on a Monday morning in Ambon."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid
from domain.when import read_when

AMBON = ZoneInfo("Asia/Jayapura")
NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("besok 09.00", "2026-11-24 09:00"),
        ("Besok jam 9", "2026-11-24 09:00"),
        ("besok pagi jam 8", "2026-11-24 08:00"),
        ("besok jam 8 pagi ya", "2026-11-24 08:00"),
        ("lusa pukul 16:30", "2026-11-25 16:30"),
        ("besok lusa jam 10", "2026-11-25 10:00"),
        ("hari ini 15.00", "2026-11-23 15:00"),
        ("nanti sore jam 4", "2026-11-23 16:00"),
        ("nanti malam jam 7", "2026-11-23 19:00"),
        ("jam 3", "2026-11-23 15:00"),
        ("jam 12 siang", "2026-11-23 12:00"),
        ("jam 11 siang", "2026-11-23 11:00"),
        ("jam 1 siang", "2026-11-23 13:00"),
        ("besok 03.00", "2026-11-24 03:00"),
        ("jam setengah sembilan", None),
        ("besok jam setengah 9", "2026-11-24 08:30"),
        ("Sabtu jam 8", "2026-11-28 08:00"),
        ("hari Sabtu, pukul 08.00", "2026-11-28 08:00"),
        ("Senin jam 10", "2026-11-23 10:00"),
        ("Senin jam 8", "2026-11-30 08:00"),
        ("Senin depan jam 10", "2026-11-30 10:00"),
        ("Jum'at 13.45", "2026-11-27 13:45"),
        ("28-11-2026 16.30", "2026-11-28 16:30"),
        ("28/11/26 16:30", "2026-11-28 16:30"),
        ("28.11.2026 jam 16.30", "2026-11-28 16:30"),
        ("2026-11-28 16:30", "2026-11-28 16:30"),
        ("28/11 16.30", "2026-11-28 16:30"),
        ("Sabtu, 28 November 2026 jam 4 sore", "2026-11-28 16:00"),
        ("28 nov 16.30", "2026-11-28 16:30"),
        ("3 Januari jam 9", "2027-01-03 09:00"),
        ("besok 09.00 WIT", "2026-11-24 09:00"),
        ("besok 09.00 WIB", "2026-11-24 11:00"),
    ],
)
def test_a_moment_is_read_as_it_is_meant(text: str, read: str | None) -> None:
    if read is None:
        with pytest.raises(Invalid, match="when_not_understood"):
            read_when(text, now=NOW, zone=AMBON)
    else:
        assert f"{read_when(text, now=NOW, zone=AMBON).astimezone(AMBON):%Y-%m-%d %H:%M}" == read


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hari ini 08.00", "when_past"),
        ("jam 8", "when_past"),
        ("22-11-2026 10.00", "when_past"),
        ("besok", "time_missing"),
        ("28 November 2026", "time_missing"),
        ("28-11-2028 09.00", "when_too_far"),
        ("30-02-2027 09.00", "when_not_understood"),
        ("besok jam 25", "when_not_understood"),
        ("besok jam 9 kalau tidak hujan", "when_not_understood"),
        ("09.75", "when_not_understood"),
        ("kapan saja", "when_not_understood"),
        ("", "when_not_understood"),
        ("9" * 500, "when_not_understood"),
    ],
)
def test_what_is_no_moment_to_come_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        read_when(text, now=NOW, zone=AMBON)
