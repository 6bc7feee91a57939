"""The catalogs, and the one voice that reads from them: sentences, dates, numbers and lengths of time in id_ID.

Not for: the sentences; they stand where they are said, in English, and in locales/.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta, get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from domain.words import N_

LOCALES = Path(__file__).resolve().parent.parent / "locales"
_LOCALE = "id_ID"


@cache
def _catalog(language: str) -> Translations:
    """A catalog straight from its .po: there is no compiled file that could be stale."""
    compiled = io.BytesIO()
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _months() -> Mapping[int, str]:
    """The months by number. Every birth date is shown twice, and babel reads its locale anew for each."""
    return dict(get_month_names("wide", locale=_LOCALE))


_GREETINGS = ((4, N_("Good evening")), (11, N_("Good morning")), (15, N_("Good day")), (18, N_("Good afternoon")))


class Voice:
    """A `Say` in one language for one time zone."""

    def __init__(self, zone: str, language: str = "id") -> None:
        self._zone = ZoneInfo(zone)
        self._gettext = _catalog(language).gettext

    def __call__(self, text: str, /, **fields: object) -> str:
        translated = self._gettext(text)
        return translated.format(**fields) if fields else translated

    def date(self, day: date) -> str:
        return f"{day.day} {_months()[day.month]} {day.year}"

    def time(self, at: datetime) -> str:
        return format_datetime(at, "d MMMM y, HH.mm z", tzinfo=self._zone, locale=_LOCALE)

    def span(self, seconds: float) -> str:
        return format_timedelta(timedelta(seconds=seconds), granularity="minute", threshold=1.5, locale=_LOCALE)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=_LOCALE)

    def daytime(self, at: datetime) -> str:
        hour = at.astimezone(self._zone).hour
        return self(next((text for until, text in _GREETINGS if hour < until), N_("Good evening")))


def untranslated(language: str = "id") -> tuple[int, int]:
    """How many texts there are, and how many of them the catalog lacks or is unsure of."""
    with (LOCALES / "messages.pot").open("rb") as source:
        wanted = [message.id for message in read_po(source) if message.id]
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        there = {message.id for message in read_po(source, locale=language) if message.string and not message.fuzzy}
    return len(wanted), len(set(wanted) - there)
