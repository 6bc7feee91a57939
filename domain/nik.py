"""The NIK, Indonesia's 16-digit population number: reading, masking and what its digits tell.

It never says that a NIK exists or is right: only the civil registry knows. Sources: domain guide section 2.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from domain.dates import age_on, century_of, real_date
from domain.errors import Invalid
from domain.phone import Phone

LENGTH: Final = 16
KPJ_LENGTH: Final = 11

# Digits 7-12 of a family card are its day of issue; read as a birth date they make a child (2.10).
FAMILY_CARD_UNDER: Final = 15

# First two digits that a province has today (2.6, Kepmendagri 300.2.2-2430/2025).
PROVINCES: Final = frozenset(
    str(code)
    for codes in (range(11, 20), (21,), range(31, 37), range(51, 54), range(61, 66), range(71, 77), (81, 82))
    for code in codes
) | frozenset(str(code) for code in range(91, 97))

# Regencies that got a new code when Papua Barat Daya was split off: such a number says nothing about a move.
RETIRED_REGENCIES: Final = frozenset({"92.01", "92.04", "92.05", "92.09", "92.10", "92.71"})

# Refused once; the answer SUDAH SAMA takes the number all the same, for the officer to see.
IMPOSSIBLE: Final = frozenset({"nik_bad_date", "nik_bad_serial", "nik_unknown_province", "nik_is_family_card"})

_FILLERS: Final = frozenset({"1234567890123456", *(digit * LENGTH for digit in "0123456789")})
_LABEL = re.compile(r"^(?:(?:no|nomor|nomer|nik|ktp|saya|beta|pung|pu|kita|pe|adalah|itu|ini)\b[\s.:=()]*)+", re.I)
_ADDRESSED = re.compile(r"\s+(?:pak|bu|kak|min|bos|ya|jua|e)[\s.!,]*$", re.I)
# A mobile number without its 0 starts like a NIK of province 81 or 82 only where a regency has that code.
_REGION_OF_81_OR_82 = re.compile(r"8[12](?:0[1-9]|7[1-9])")


@dataclass(frozen=True, repr=False)
class Nik:
    """Sixteen digits; shown masked everywhere unless `digits` is asked for by name.

    Raises ValueError (without the digits) when built from anything but 16 ASCII digits.
    """

    digits: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{16}", self.digits):
            raise ValueError("a Nik is made of 16 digits")

    @classmethod
    def parse(cls, text: str, *, as_of: date, child_under: int = FAMILY_CARD_UNDER) -> "Nik":
        """Read what a person typed as a NIK on the day `as_of`.

        Raises Invalid: nik_not_digits(position), nik_length(digits), nik_placeholder, the codes of
        IMPOSSIBLE, and what came instead of a NIK: nik_is_phone, nik_is_kpj. Positions count from 1 among
        the characters left after spaces, dots and dashes are taken out (2.8).
        """
        nik = cls(_sixteen_digits(text))
        doubt = nik._doubt(as_of, child_under)
        if doubt is not None:
            raise doubt
        return nik

    @classmethod
    def take_unusual(cls, text: str) -> "Nik":
        """Take 16 digits as they are, after the person said that they stand on the card.

        Raises Invalid for a wrong length, letters and fillers, which no card carries.
        """
        return cls(_sixteen_digits(text))

    def doubt(self, as_of: date, *, child_under: int = FAMILY_CARD_UNDER) -> str | None:
        """The code out of IMPOSSIBLE under which this number would be refused, or None."""
        found = self._doubt(as_of, child_under)
        return found.code if found else None

    def birth(self, as_of: date, *, child_under: int = FAMILY_CARD_UNDER) -> date | None:
        """The birth date in the number, its century chosen as of that day (2.5).

        None when the number is unusual, or when its date would be a child's and so may not be one (2.10).
        """
        born = self._written_date(as_of)
        if born is None or self.unusual or age_on(born, as_of) < child_under:
            return None
        return born

    def agrees_with(self, birth: date) -> bool:
        """Whether digits 7-12 are this date; the century is the person's word (2.5)."""
        return (self._day, self.digits[8:10], self.digits[10:12]) == (
            birth.day,
            f"{birth.month:02}",
            f"{birth.year % 100:02}",
        )

    @property
    def gender(self) -> Literal["L", "P"] | None:
        """L for men, P for women, whose day is written plus 40 (2.2); None when the number is unusual."""
        if self.unusual:
            return None
        return "P" if int(self.digits[6:8]) > 40 else "L"

    @property
    def province(self) -> str:
        """Code of the province of first registration, like 81."""
        return self.digits[:2]

    @property
    def regency(self) -> str:
        """Code of the regency or city of first registration, like 81.71."""
        return f"{self.digits[:2]}.{self.digits[2:4]}"

    @property
    def region(self) -> str:
        """Code of the district of first registration, like 81.71.02."""
        return f"{self.regency}.{self.digits[4:6]}"

    @property
    def unusual(self) -> bool:
        """Whether no such number can have been issued: date, serial or province do not exist."""
        return self._fault() is not None

    @property
    def masked(self) -> str:
        """The last two digits only: anything more would tell birth date, gender and area (2.9)."""
        return f"**** **** **** **{self.digits[-2:]}"

    def __repr__(self) -> str:
        return f"Nik({'*' * 14}{self.digits[-2:]})"

    def __str__(self) -> str:
        return self.masked

    @property
    def _day(self) -> int:
        day = int(self.digits[6:8])
        return day - 40 if day > 40 else day

    def _written_date(self, as_of: date) -> date | None:
        month, year = int(self.digits[8:10]), int(self.digits[10:12])
        first = century_of(year, as_of)
        return real_date(first, month, self._day) or real_date(3900 + 2 * year - first, month, self._day)

    def _fault(self) -> Invalid | None:
        """What makes the number impossible on any day."""
        day, month, year = self.digits[6:8], self.digits[8:10], int(self.digits[10:12])
        if not "01" <= month <= "12":
            return Invalid("nik_bad_date", month=month)
        exists = any(real_date(century + year, int(month), self._day) for century in (1900, 2000))
        if day == "40" or not exists:
            return Invalid("nik_bad_date", day=day)
        if self.digits[12:] == "0000":
            return Invalid("nik_bad_serial")
        if self.province not in PROVINCES:
            return Invalid("nik_unknown_province", province=self.province)
        return None

    def _doubt(self, as_of: date, child_under: int) -> Invalid | None:
        fault = self._fault()
        if fault is not None:
            return fault
        born = self._written_date(as_of)
        if born is not None and age_on(born, as_of) < child_under:
            return Invalid("nik_is_family_card")
        return None


def region_note(
    nik: Nik, *, area: str, known: Callable[[str], bool], village: str | None = None
) -> Literal["nik_region_differs", "nik_region_unknown"] | None:
    """What the officer should know about the region in the number; never a reason to refuse (2.4, 2.6).

    `area` is the regency code served ("81.71"), `village` the code of the village lived in, if known;
    `known` answers for current and retired codes. A retired code is not compared: its place has a new one.
    """
    if not known(nik.region):
        return "nik_region_unknown"
    home = village[:5] if village else area
    if nik.regency == home or nik.regency in RETIRED_REGENCIES:
        return None
    return "nik_region_differs"


def _sixteen_digits(text: str) -> str:
    cleaned = _cleaned(text)
    if _is_phone(cleaned):
        raise Invalid("nik_is_phone")
    for position, character in enumerate(cleaned, start=1):
        if character not in "0123456789":
            raise Invalid("nik_not_digits", position=position)
    if len(cleaned) == KPJ_LENGTH:
        raise Invalid("nik_is_kpj")
    if len(cleaned) != LENGTH:
        raise Invalid("nik_length", digits=len(cleaned))
    if cleaned in _FILLERS:
        raise Invalid("nik_placeholder")
    return cleaned


def _cleaned(text: str) -> str:
    plain = "".join(
        str(unicodedata.decimal(character, character))
        for character in unicodedata.normalize("NFKC", text)
        if unicodedata.category(character) not in {"Cf", "Mn"}
    )
    plain = _ADDRESSED.sub("", _LABEL.sub("", plain.strip()))
    return "".join(c for c in plain if c != "." and not c.isspace() and unicodedata.category(c) != "Pd")


def _is_phone(cleaned: str) -> bool:
    """Whether a mobile number came; the beginning of a NIK from Maluku is not taken for one."""
    if not cleaned.startswith(("0", "+62", "62", "8")) or _REGION_OF_81_OR_82.match(cleaned):
        return False
    if len(cleaned) == LENGTH and not cleaned.startswith("00"):
        return False
    if not re.fullmatch(r"\+?[0-9]{9,16}", cleaned):
        return False
    try:
        return not Phone.parse(cleaned).foreign
    except Invalid:
        return False
