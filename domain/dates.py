"""Birth dates as people here write them, day first, and the ages that follow from them.

A date in words, an age or a guess is not understood; nothing is swapped to make it fit. Source: domain guide
section 6, Formats; ages: section 3.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NoReturn

from domain.errors import Invalid

EARLIEST_YEAR: Final = 1900

_TEXT_LIMIT: Final = 120
_MONTH_NAMES: Final = (
    "januari jan january",
    "februari feb pebruari peb february",
    "maret mar mrt march",
    "april apr",
    "mei may",
    "juni jun june",
    "juli jul july",
    "agustus agu agt ags agus aug august",
    "september sep sept",
    "oktober okt oct october",
    "november nov nopember nop",
    "desember des december dec",
)
MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_GAP = r"[\s,.'/-]*"
_BREAK = r"(?:\s*[,./-]\s*|\s+)"
_ISO = re.compile(rf"(?<!\d)(?P<year>\d{{4}}){_BREAK}(?P<month>\d{{1,2}}){_BREAK}(?P<day>\d{{1,2}})(?!\d)")
_NUMBERS = re.compile(rf"(?<!\d)(?P<day>\d{{1,2}}){_BREAK}(?P<month>\d{{1,2}}){_BREAK}(?P<year>\d{{2,4}})(?!\d)")
_NAMED = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}}){_GAP}(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})"
    rf"(?![^\W\d_]){_GAP}(?P<year>\d{{2,4}})(?!\d)",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?<!\d)(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4}|\d{2})(?!\d)")
# Words that name the parts of a date ("tgl 15 bulan 3 taong 85") and may fall away between them.
_PART_NAMES = re.compile(r"\b(?:tgl|tanggal|bulan|bln|tahun|thn|th|taong|tahong|taon)\b[.:]?", re.IGNORECASE)
_BEFORE = "saya beta bt kita ana sy pung pu punya pe lahir kelahiran ttl tempat dan di pada hari adalah itu"
_LEADING: Final = frozenset(_BEFORE.split())
_BEHIND = re.compile(r"[\s,.]*di\s+(.+)", re.IGNORECASE)
_TRAILING: Final = frozenset({"pak", "bu", "kak", "min", "bos", "ya", "e", "jua", "to", "le", "jo"})
_UNSURE = re.compile(
    r"\b(?:umur|usia|kira|sekitar|mungkin|kayaknya|lupa|tidak|seng|bukan|atau|antara|sampai)\b", re.IGNORECASE
)


@dataclass(frozen=True, repr=False)
class BirthDate:
    """A birth date and, when it was written in front as on the card, the birth place as typed."""

    date: date
    place: str | None = None

    def __repr__(self) -> str:
        return "BirthDate(****)"


def parse_birth_date(text: str, *, as_of: date) -> BirthDate:
    """Read a birth date, alone or as "Ambon, 15-03-1985"; a year of two digits gets its century by `as_of`.

    Raises Invalid: date_invalid (no such day, month or year), date_future, date_not_understood.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    plain = "".join("-" if unicodedata.category(c) == "Pd" else c for c in plain)
    if len(plain) > _TEXT_LIMIT or _UNSURE.search(plain):
        _not_understood()
    plain = _PART_NAMES.sub(" ", plain)
    for shape in (_ISO, _NAMED, _NUMBERS, _COMPACT):
        match = shape.search(plain)
        if match:
            place = _place_around(plain[: match.start()], plain[match.end() :])
            return BirthDate(_date_of(match, as_of), place)
    return _not_understood()


def age_on(birth: date, day: date) -> int:
    """Full years on that day; who was born on 29 February turns older on 1 March (project convention)."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def age_code(age: int, *, min_age: int, max_age_exclusive: int) -> Literal["age_under_limit", "age_over_limit"] | None:
    """Which age rule a new registration meets, if any (domain guide 3.1, 3.3; both limits are settings)."""
    if age < min_age:
        return "age_under_limit"
    if age >= max_age_exclusive:
        return "age_over_limit"
    return None


def century_of(two_digits: int, as_of: date) -> int:
    """The year meant by two digits: 20YY up to the current one, 19YY above (domain guide 2.5)."""
    return two_digits + (2000 if two_digits <= as_of.year % 100 else 1900)


def real_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _date_of(match: re.Match[str], as_of: date) -> date:
    month = MONTHS.get(match["month"].lower()) or (int(match["month"]) if match["month"].isdigit() else 0)
    year = int(match["year"])
    if len(match["year"]) == 2:
        year = century_of(year, as_of)
    found = real_date(year, month, int(match["day"]))
    if found is None or year < EARLIEST_YEAR:
        raise Invalid("date_invalid")
    if found > as_of:
        raise Invalid("date_future")
    return found


def _place_around(before: str, behind: str) -> str | None:
    """The place in front ("Ambon, ...") or after it ("... di Ambon")."""
    place = _place_in(before)
    told_after = _BEHIND.match(behind)
    if place is None and told_after:
        return _place_in(told_after[1])
    if any(word.lower() not in _TRAILING for word in re.findall(r"\w+", behind)):
        _not_understood()
    return place


def _place_in(words: str) -> str | None:
    kept = words.strip(" ,.:;-").split()
    while kept and kept[0].lower().strip(",.:;") in _LEADING:
        kept.pop(0)
    while kept and kept[-1].lower().strip(",.:;") in _LEADING:
        kept.pop()
    place = " ".join(kept).strip(" ,.:;-")
    if not place:
        return None
    if len(kept) > 4 or not all(c.isalpha() or c in " '.,-/()" for c in place):
        _not_understood()
    return place


def _not_understood() -> NoReturn:
    raise Invalid("date_not_understood")
