"""Ages, days and place codes within what an admin types: "55-64 tahun", "65 ke atas", "30 hari terakhir".

Only what our bands and days can say is read; nothing is rounded. Not for: words (handlers/audience_lexicon.py).
"""

from __future__ import annotations

import re
from typing import Final

from domain.audience import AGES, SEEN, Condition

_YEARS: Final = r"(?:tahun|thn|th)\b"
_AGED: Final = r"(?:(?:ber)?(?:umur|usia)\s+)?"
_NOT: Final = r"(?:tidak|tdk|belum|blm|gak|nggak|tak)"
_WRITE: Final = r"(?:menulis|chat|berkirim\s+pesan|kirim\s+pesan|mengirim\s+pesan|menghubungi(?:\s+kami)?)"
NUMBERS: Final = re.compile(
    rf"""(?:
      (?P<code>\d{{2}}(?:\.\d{{2}}){{2}}(?:\.\d{{4}})?)
    | (?:{_WRITE}\s+)?(?:(?:dalam|selama|sudah|lebih\s+dari)\s+)?(?P<count>\d{{1,3}}\s*|se)(?P<unit>hari|minggu|bulan)
      (?:\s+(?:terakhir|ini))*(?P<silent>\s+{_NOT}(?:\s+pernah)?\s+{_WRITE})?
    | {_AGED}(?P<first>\d{{1,3}})\s*(?:{_YEARS}\s*)?(?:-|–|—|s/d|sd|sampai|hingga)\s*(?P<last>\d{{1,3}})(?:\s*{_YEARS})?
    | {_AGED}(?P<older>\d{{1,3}})\s*(?:\+|(?:{_YEARS}\s*)?(?:ke\s*atas|atau\s+lebih))(?:\s*{_YEARS})?
    | {_AGED}(?P<upto>\d{{1,3}})\s*(?:{_YEARS}\s*)?ke\s*bawah(?:\s*{_YEARS})?
    | {_AGED}(?:di\s*atas|lebih\s+dari|minimal)\s+(?P<above>\d{{1,3}})(?:\s*{_YEARS})?
    | {_AGED}(?:di\s*bawah|kurang\s+dari)\s+(?P<below>\d{{1,3}})(?:\s*{_YEARS})?
    )(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_UNITS: Final = {"hari": 1, "minggu": 7, "bulan": 30}


def from_number(match: re.Match[str]) -> Condition | None:
    """Ages or days in one of the shapes of NUMBERS; None where they are none of ours."""
    if match["unit"]:
        count = 1 if match["count"].lower() == "se" else int(match["count"])
        days = str(count * _UNITS[match["unit"].lower()])
        return Condition("seen", (days,), negated=bool(match["silent"])) if days in SEEN else None
    first, last = 0, 999
    if match["first"]:
        first, last = int(match["first"]), int(match["last"])
    elif match["older"]:
        first = int(match["older"])
    elif match["upto"]:
        last = int(match["upto"])
    elif match["above"]:
        # "Above 54" and "above 55" are both said of people from 55.
        starts = {start for start, _ in AGES.values()}
        first = int(match["above"])
        first = first if first in starts else first + 1
    elif match["below"]:
        last = int(match["below"]) - 1
    return _bands(first, last)


def _bands(first: int, last: int) -> Condition | None:
    """The bands that make up exactly these ages."""
    inside = [band for band, (start, end) in AGES.items() if first <= start and (end <= last or last == 999)]
    youngest, oldest = next(iter(AGES.values()))[0], max(end for _, end in AGES.values())
    if not inside:
        return None
    starts_well = AGES[inside[0]][0] == first or first == 0
    ends_well = AGES[inside[-1]][1] == last or (last == 999 and AGES[inside[-1]][1] == oldest)
    return Condition("age", tuple(inside)) if starts_well and ends_well and last >= youngest else None
