"""The dialogue that both bots hold: what a worker types from /start to the receipt, and how many answers follow.

Thirteen messages in, fourteen out. Every person is invented: serials 99xx, phones 0812-3450-xxxx.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

# Answers that each message is followed by: after the receipt comes one more question.
REPLIES = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)
STEPS = len(REPLIES)

RECEIPT = re.compile(r"AMB-\d{4}-\d{4}")

_NAMES = (
    "ABRAHAM AGUSTINA BENYAMIN CORNELIA DOMINGGUS ELISABET FRANGKY HENDRIKA JOHANIS KATRINA LUKAS MARKUS",
    "ADRIANA BASTIAN DORTHEA ESAU FREDEK HERLINA IZAAK JAKOBA LAMBERT MATHEOS NAOMI OKTOVINA PIETER",
    "TUHUMURY SALAMPESSY LATUMAHINA PATTIRANE WATTIMENA HUKUNALA NANLOHY SOPLANIT TOMASOA LEKATOMPESSY",
)
_YOUNGEST = date(2006, 12, 31)


def says(number: int, step: int) -> str:
    """What person `number` (from 0) types at a step."""
    return _SAYS[step].format(nik=nik(number), name=name(number), phone=f"0812-3450-{number % 10_000:04}")


def nik(number: int) -> str:
    """A NIK of its own for every person, born between 1967 and 2006."""
    day = _YOUNGEST - timedelta(days=number // 99 % 14_600)
    return f"817102{day:%d%m%y}99{1 + number % 99:02}"


def name(number: int) -> str:
    """A name of three words."""
    words = []
    for among in (names.split() for names in _NAMES):
        number, place = divmod(number, len(among))
        words.append(among[place])
    return " ".join(words)


_SAYS = (
    "/start",
    "SETUJU",
    "{nik}",
    "{name}",
    "Ambon",
    "Latuhalat",
    "RT 001/RW 002, Dusun Omputty",
    "1",
    "laut Latuhalat",
    "{phone}",
    "NANTI",
    "Yohana, istri",
    "BENAR",
)
