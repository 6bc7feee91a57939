"""The receipt number, like AMB-4829-1735: the office's letters, seven random digits and a check digit.

It is read aloud over bad lines, so one wrong digit and two swapped neighbours are always noticed. Whether a
number was given out is known by the store alone.
"""

import re
from collections.abc import Callable
from typing import Final

from domain.errors import Invalid

# H. M. Damm's table of order ten: a quasigroup whose check digit catches both kinds of slip.
_DAMM: Final = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def new_receipt(letters: str, randomness: Callable[[int], int]) -> str:
    """Draw a number; `randomness(n)` gives an unguessable integer from 0 to n - 1."""
    drawn = f"{randomness(10_000_000):07}"
    return _written(letters, drawn + str(_check_digit(drawn)))


def parse_receipt(text: str, letters: str) -> str:
    """Read a receipt number in any spelling: lower case, spaces, no dashes, without its letters.

    Raises Invalid: receipt_not_understood, receipt_check_digit.
    """
    kept = re.sub(r"[^0-9A-Z]", "", text.upper()) if len(text) <= 100 else ""
    digits = kept.removeprefix(letters.upper())
    if not re.fullmatch(r"[0-9]{8}", digits):
        raise Invalid("receipt_not_understood")
    if _check_digit(digits) != 0:
        raise Invalid("receipt_check_digit")
    return _written(letters, digits)


def _written(letters: str, digits: str) -> str:
    return f"{letters.upper()}-{digits[:4]}-{digits[4:]}"


def _check_digit(digits: str) -> int:
    """The digit that makes the number whole; 0 for a number that already carries it."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
