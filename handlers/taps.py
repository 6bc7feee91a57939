"""The data of an officer's choices: a short word, then row ids and versions in base 36; nothing personal.

Not for: who may tap (the router asks the role) or what a tap does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER = re.compile(r"[0-9a-z]{1,11}")


def data(*parts: str | int) -> str:
    """Parts joined by colons, whole numbers in base 36: at most 64 bytes for any row id and version."""
    return ":".join(part if isinstance(part, str) else _in_base_36(part) for part in parts)


def number(part: str) -> int | None:
    """The whole number a part stands for; None for what we never wrote."""
    return int(part, 36) if _NUMBER.fullmatch(part) else None


def numbers(parts: Sequence[str], count: int) -> list[int] | None:
    """Exactly so many whole numbers, or None."""
    found = [number(part) for part in parts]
    kept = [value for value in found if value is not None]
    return kept if len(kept) == len(found) == count else None


def _in_base_36(value: int) -> str:
    digits = ""
    while value or not digits:
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits


def numbers_in(words: str) -> list[int]:
    """ "1, 3 dan 5" as numbers; nothing when other words stand between them."""
    if not re.fullmatch(r"[0-9]{1,2}(?:(?:[\s,;+&]|dan)+[0-9]{1,2})*", words.strip().lower()):
        return []
    return [int(found) for found in re.findall(r"[0-9]{1,2}", words)]
