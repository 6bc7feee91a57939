"""When a meeting is or a broadcast goes out, as admins type it: "25-11-2026 10.00", "Rabu jam 10 pagi", "besok 14.00".

A date without a year is the next such day, an hour without a day is of today. Nothing is guessed: an hour that could
be at night is asked for again.
Not for: birth dates (domain/dates.py) or opening hours.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.dates import MONTHS, real_date
from domain.errors import Invalid

_TEXT_LIMIT: Final = 80
# Who types 10-11-2072 has slipped; nobody plans further ahead.
_FARTHEST: Final = timedelta(days=730)
_DAYS: Final = {"hari ini": 0, "besok lusa": 2, "besok": 1, "beso": 1, "lusa": 2}
_WEEK: Final = ("senin", "selasa", "rabu", "kamis", "jumat|jum'at", "sabtu", "minggu|ahad")
# "Minggu depan" is next week, and no day of it.
_WEEKDAY = re.compile(rf"\b(?!minggu depan)(?:{'|'.join(f'({names})' for names in _WEEK)})(?P<next> depan)?\b")
_NUMBERS = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<year>\d{4}|\d{2})(?!\d)")
_SHORT = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s*[-/]\s*(?P<month>\d{1,2})(?P<year>(?!))?(?!\d)")
_NAMED = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})\s*-?\s*(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
    r"(?:\s*-?\s*(?P<year>\d{4}))?(?!\d)"
)
_CLOCK = re.compile(r"(?<!\d)(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?(?![\d.:])")
_HALF = re.compile(r"\bsetengah (?P<hour>\d{1,2})\b")
_PART = re.compile(r"\b(pagi|siang|sore|malam)\b")
_ZONE = re.compile(r"\b(?:wib|wita|wit)\b")
_ZONES: Final = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}
_FILLING = re.compile(
    rf"\b(?:{'|'.join(_WEEK)}|hari|tanggal|tgl|jam|pukul|pkl|mulai|pada|di|besok|nanti|ini|saja|ya)\b"
)
_FIRST_SURE_HOUR: Final = 6


def read_when(text: str, *, now: datetime, zone: ZoneInfo, farthest: timedelta = _FARTHEST) -> datetime:
    """The moment meant, in the zone. `now` is aware.

    Raises Invalid: when_not_understood, when_no_time (only a day), when_unclear_hour (2.00 could be at night),
    when_past, when_far, when_other_zone (WIB where WIT holds).
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().replace(",", " ").split())
    if len(plain) > _TEXT_LIMIT:
        raise Invalid("when_not_understood")
    for label in _ZONE.findall(plain):
        if _ZONES[label] != zone.key:
            raise Invalid("when_other_zone", zone=label.upper())
    day, rest, weekly = _day_of(_ZONE.sub(" ", plain), now.astimezone(zone).date())
    at = datetime.combine(day, _time_of(rest), tzinfo=zone)
    if at <= now and weekly:
        at += timedelta(days=7)
    if at <= now:
        raise Invalid("when_past")
    if at - now > farthest:
        raise Invalid("when_far")
    return at


def _day_of(plain: str, today: date) -> tuple[date, str, bool]:
    """The day, the text without it, and whether it is a day of every week."""
    for words, ahead in _DAYS.items():
        if re.search(rf"\b{words}\b", plain):
            return today + timedelta(days=ahead), re.sub(rf"\b{words}\b", " ", plain), False
    found = _NUMBERS.search(plain) or _NAMED.search(plain) or _SHORT.search(plain)
    if found is None:
        return _weekday_of(plain, today)
    month = MONTHS.get(found["month"]) or int(found["month"])
    year = found["year"]
    if year is None:
        day = real_date(today.year, month, int(found["day"]))
        if day is not None and day < today:
            day = real_date(today.year + 1, month, int(found["day"]))
    else:
        day = real_date(int(year) + (2000 if len(year) == 2 else 0), month, int(found["day"]))
    if day is None:
        raise Invalid("when_not_understood")
    return day, f"{plain[: found.start()]} {plain[found.end() :]}", False


def _weekday_of(plain: str, today: date) -> tuple[date, str, bool]:
    """The next such day; "depan" is in the week to come, which begins on Monday. Without any day it is today."""
    named = _WEEKDAY.search(plain)
    if named is None:
        if not re.search(r"\d", plain):
            raise Invalid("when_not_understood")
        return today, plain, False
    ahead = next(number for number in range(7) if named[number + 1]) - today.weekday()
    ahead = ahead + 7 if named["next"] else ahead % 7
    rest = f"{plain[: named.start()]} {plain[named.end() :]}"
    return today + timedelta(days=ahead), rest, not named["next"]


def _time_of(rest: str) -> time:
    part = _PART.search(rest)
    half = _HALF.search(rest)
    clock = half or _CLOCK.search(rest)
    if clock is None:
        raise Invalid("when_no_time")
    left = _PART.sub(" ", rest[: clock.start()] + " " + rest[clock.end() :])
    if re.search(r"\w", _FILLING.sub(" ", left)):
        raise Invalid("when_not_understood")
    # "Setengah sembilan" is half an hour before nine.
    hour, minute = (int(clock["hour"]) - 1, 30) if half else (int(clock["hour"]), int(clock["minute"] or 0))
    if hour > 23 or minute > 59:
        raise Invalid("when_not_understood")
    return time(_hour(hour, part[1] if part else None), minute)


def _hour(hour: int, part: str | None) -> int:
    """The hour of the day; "jam 2 siang" is 14."""
    if part is None:
        if hour < _FIRST_SURE_HOUR:
            raise Invalid("when_unclear_hour")
        return hour
    if hour > 12:
        return hour
    fits = {"pagi": hour < 12, "siang": hour >= 10 or 1 <= hour <= 4, "sore": 2 <= hour <= 7, "malam": 6 <= hour <= 11}
    if not fits.get(part, False):
        raise Invalid("when_unclear_hour")
    return hour if part == "pagi" or (part == "siang" and hour >= 10) else hour + 12
