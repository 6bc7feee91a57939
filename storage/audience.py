"""Turns an Audience into a condition over addresses (a) and their registrations (r), one text for both databases.

It belongs behind `addresses AS a LEFT JOIN registrations AS r ON r.address_id = a.id AND r.status NOT IN ('erased',
'deceased')`: an address belongs to the audience when one of its rows there matches. Values travel beside the text,
never in it. Not for: who may be written to, or saved audiences (storage/audiences.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from domain.audience import NO_REGISTRATION, STATUSES, Audience, Condition, born
from domain.occupation_table import OCCUPATIONS
from storage.statements import audiences as sql

_DAY: Final = 86_400_000


def match_sql(audience: Audience, *, at: int, today: date) -> tuple[str, dict[str, object]]:
    """The condition, and its values, whose names all begin with `who_`.

    "Wrote within" counts back from `at` (epoch ms); ages are those of the year of `today`. A broadcast that is
    prepared in several steps gives the same two each time.
    """
    texts: list[str] = []
    values: dict[str, object] = {}
    for condition in audience.conditions:
        given = _Values(condition, values)
        text = _TEXTS[condition.kind](condition, given, at, today.year)
        # "Is not" holds where nothing is known as well: unknown is not true.
        texts.append(f"({text}) IS NOT TRUE" if condition.negated else f"({text})")
    return " AND ".join(texts) or "1 = 1", values


class _Values:
    """Hands out names for the values of one condition."""

    def __init__(self, condition: Condition, into: dict[str, object]) -> None:
        self._prefix = f"who_{'not_' if condition.negated else ''}{condition.kind}"
        self._into = into
        self._count = 0

    def one(self, value: object) -> str:
        name = f"{self._prefix}_{self._count}"
        self._count += 1
        self._into[name] = value
        return f":{name}"

    def several(self, values: Iterable[object]) -> str:
        """A list for IN. Its length is rounded up, with the last value repeated, so that few shapes are compiled."""
        listed = list(values)
        length = 1 << (len(listed) - 1).bit_length()
        return ", ".join(self.one(value) for value in listed + listed[-1:] * (length - len(listed)))


def _place(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    """Village codes have a fourth part, district codes have not."""
    villages = [code for code in condition.values if code.count(".") == 3]
    districts = [code for code in condition.values if code.count(".") == 2]
    texts = []
    if villages:
        texts.append(f"r.area IN ({given.several(villages)})")
    if districts:
        texts.append(f"r.district IN ({given.several(districts)})")
    return " OR ".join(texts)


def _occupation(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    return f"r.occupation IN ({given.several(condition.values)})"


def _sector(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    codes = [one.code for one in OCCUPATIONS if one.sector in condition.values]
    return f"r.occupation IN ({given.several(codes)})"


def _status(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    states = [str(status) for group in condition.values for status in STATUSES[group]]
    texts = [f"r.status IN ({given.several(states)})"] if states else []
    if NO_REGISTRATION in condition.values:
        texts.append("r.id IS NULL")
    return " OR ".join(texts)


def _age(condition: Condition, given: _Values, _at: int, year: int) -> str:
    years = (born(band, year) for band in condition.values)
    return " OR ".join(f"r.birth_year BETWEEN {given.one(first)} AND {given.one(last)}" for first, last in years)


def _channel(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    return f"a.channel IN ({given.several(condition.values)})"


def _seen(condition: Condition, given: _Values, at: int, _year: int) -> str:
    days = max(int(value) for value in condition.values)
    return f"a.last_in_at >= {given.one(at - days * _DAY)}"


def _coming(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    return sql.COMING.format(events=given.several(int(value) for value in condition.values))


def _declined(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    return sql.DECLINED.format(events=given.several(int(value) for value in condition.values))


def _invited(condition: Condition, given: _Values, _at: int, _year: int) -> str:
    return sql.INVITED.format(events=given.several(int(value) for value in condition.values))


_TEXTS: Final[dict[str, Callable[[Condition, _Values, int, int], str]]] = {
    "place": _place,
    "occupation": _occupation,
    "sector": _sector,
    "status": _status,
    "age": _age,
    "channel": _channel,
    "seen": _seen,
    "coming": _coming,
    "declined": _declined,
    "invited": _invited,
}
