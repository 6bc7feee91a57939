"""Moments to come as people here write them: "besok jam 9", "Sabtu 08.00", "28-11-2026 16.30 WIT".

Days without a year lie ahead; a time without a day is today's. Nothing is swapped to make it fit.
Not for: birth dates (domain/dates.py).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from domain.dates import MONTHS, real_date
from domain.errors import Invalid

LONGEST_AHEAD: Final = timedelta(days=183)

_TEXT_LIMIT: Final = 80
_DAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat jum'at jumaat", "sabtu", "minggu ahad")
_WEEKDAYS: Final = {name: number for number, names in enumerate(_DAYS) for name in names.split()}
_ZONES: Final = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}
_OFFSETS: Final = {
    "hari ini": 0,
    "besok lusa": 2,
    "besok": 1,
    "esok": 1,
    "beso": 1,
    "lusa": 2,
}
_PARTS: Final = {"pagi": 0, "subuh": 0, "siang": 12, "sore": 12, "petang": 12, "malam": 12}
_FILLERS: Final = re.compile(r"\b(?:hari|tanggal|tgl|pada|di|mulai|nanti|saja|waktu|setempat|pak|bu|ya|ini)\b|[,()]")
_HOUR = re.compile(
    r"\b(?:(?P<word>jam|pukul|pkl|jm)\.?\s*(?P<half>setengah\s+)?(?P<h>\d{1,2})(?:\s*[.:]\s*(?P<m>\d{2}))?"
    r"|(?P<h2>\d{1,2})[.:](?P<m2>\d{2}))(?!\d)(?:\s*(?P<part>pagi|subuh|siang|sore|petang|malam))?"
)
_NUMBERS = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s*[-/]\s*(?P<month>\d{1,2})(?:\s*[-/]\s*(?P<year>\d{4}|\d{2}))?(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)")
_NAMED = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})\s*(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b"
    r"(?:\s*(?P<year>\d{4})(?!\s*[.:]\d))?"
)


def read_when(text: str, *, now: datetime, zone: ZoneInfo, longest: timedelta = LONGEST_AHEAD) -> datetime:
    """The moment meant, aware, in the zone that is written or else in `zone`.

    Raises Invalid: when_not_understood, time_missing, when_past, when_too_far.
    """
    words = " ".join(text.lower().split())
    if not words or len(words) > _TEXT_LIMIT:
        _not_understood()
    for name, known in _ZONES.items():
        words, found = re.subn(rf"\b{name}\b", " ", words)
        zone = ZoneInfo(known) if found else zone
    here = now.astimezone(zone)
    day, words, weekly = _day(words, here.date())
    at, words = _time(words)
    if _FILLERS.sub(" ", words).strip(" .!?"):
        _not_understood()
    if at is None:
        raise Invalid("time_missing") if day is not None else Invalid("when_not_understood")
    moment = datetime.combine(day or here.date(), at, tzinfo=zone)
    if moment <= now and weekly:
        moment += timedelta(days=7)
    if moment <= now:
        raise Invalid("when_past")
    if moment - now > longest:
        raise Invalid("when_too_far", days=longest.days)
    return moment


def _day(words: str, today: date) -> tuple[date | None, str, bool]:
    """The day that is named, the words without it, and whether it is one of every week."""
    for shape in (_ISO, _NUMBERS, _DOTTED, _NAMED):
        if match := shape.search(words):
            rest = f"{words[: match.start()]} {words[match.end() :]}"
            return _date_of(match, today), _without_weekday(rest), False
    for name, days in sorted(_OFFSETS.items(), key=lambda each: -len(each[0])):
        words, found = re.subn(rf"\b{name}\b", " ", words, count=1)
        if found:
            return today + timedelta(days=days), _without_weekday(words), False
    if match := re.search(rf"\b({'|'.join(_WEEKDAYS)})(?:\s+(depan|besok|ini))?\b", words):
        ahead = (_WEEKDAYS[match[1]] - today.weekday()) % 7
        if match[2] == "depan":
            # Of the week to come, which begins on Monday.
            ahead = _WEEKDAYS[match[1]] - today.weekday() + 7
        return today + timedelta(days=ahead), f"{words[: match.start()]} {words[match.end() :]}", True
    return None, words, False


def _without_weekday(words: str) -> str:
    """ "Sabtu, 28-11-2026": the date counts."""
    return re.sub(rf"\b(?:{'|'.join(_WEEKDAYS)})\b", " ", words)


def _date_of(match: re.Match[str], today: date) -> date:
    month = MONTHS.get(match["month"]) or (int(match["month"]) if match["month"].isdigit() else 0)
    groups = match.groupdict()
    year, day = groups.get("year"), int(match["day"])
    if year is not None:
        found = real_date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    else:
        found = real_date(today.year, month, day)
        if found is not None and found < today:
            found = real_date(today.year + 1, month, day)
    if found is None:
        _not_understood()
    return found


def _time(words: str) -> tuple[time | None, str]:
    """The time of day that is named, and the words without it."""
    match = _HOUR.search(words)
    if match is None:
        return None, words
    hour, minute = int(match["h"] or match["h2"]), int(match["m"] or match["m2"] or 0)
    rest = f"{words[: match.start()]} {words[match.end() :]}"
    part = match["part"]
    if part is None and (found := re.search(rf"\b({'|'.join(_PARTS)})\b", rest)):
        part, rest = found[1], rest.replace(found[0], " ", 1)
    if match["half"]:
        # "Setengah sembilan" is half an hour before nine.
        hour, minute = hour - 1, 30
    if part is not None and hour < 12 and _PARTS[part] and not (part == "siang" and hour >= 10):
        hour += 12
    elif part == "malam" and hour == 12:
        hour = 0
    elif part is None and match["word"] and match["m"] is None and 1 <= hour <= 5:
        # "Jam 3" is said of the afternoon; the night is written as 03.00.
        hour += 12
    if hour > 23 or minute > 59 or hour < 0:
        _not_understood()
    return time(hour, minute), rest


def _not_understood() -> NoReturn:
    raise Invalid("when_not_understood")
