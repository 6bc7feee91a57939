"""Who a broadcast is for: conditions that must all hold, each with values of which one is enough.

The empty Audience is everybody. Not for: the SQL that finds the people (storage/audience.py), the sentence that
names them (handlers/audience_words.py), or who may be written to at all; that is asked when sending.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from domain.errors import Invalid
from domain.occupation_table import OCCUPATIONS
from domain.registration import Status

SECTORS: Final = tuple(dict.fromkeys(one.sector for one in OCCUPATIONS))

NO_REGISTRATION: Final = "none"
STATUSES: Final[dict[str, tuple[Status, ...]]] = {
    NO_REGISTRATION: (),
    "unfinished": (Status.DRAFT,),
    "waiting": (Status.SUBMITTED, Status.IN_REVIEW),
    "correction": (Status.NEEDS_CORRECTION,),
    "verified": (Status.VERIFIED, Status.WAITLISTED, Status.FUNDED, Status.SENT_TO_BPJS),
    "active": (Status.ACTIVE, Status.GRACE),
    "rejected": (Status.REJECTED,),
    "other": (Status.EXPIRED, Status.CANCELLED),
}
"""Groups of states. "none" is no registration at all; the dead and the erased belong to none and get no broadcast."""

UNSEEN: Final = (Status.DECEASED, Status.ERASED)
"""A registration in one of these is as if it were not there."""

_OLDEST: Final = 150
AGES: Final[dict[str, tuple[int, int]]] = {
    "18-24": (18, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, _OLDEST),
}
"""Bands of age: first and last year of age."""

SEEN: Final = ("7", "30", "90")
"""Wrote within so many days."""

KINDS: Final = ("occupation", "sector", "place", "status", "age", "channel", "seen", "coming", "declined", "invited")
"""In the order in which a sentence names them."""

_CLOSED: Final[dict[str, tuple[str, ...]]] = {
    "occupation": tuple(one.code for one in OCCUPATIONS),
    "sector": SECTORS,
    "status": tuple(STATUSES),
    "age": tuple(AGES),
    "seen": SEEN,
}
# Which places, channels and events there are, only the caller knows.
_SHAPES: Final = {
    "place": re.compile(r"[0-9]{2}(?:\.[0-9]{2}){2}(?:\.[0-9]{4})?"),
    "channel": re.compile(r"[a-z][a-z0-9_]{1,19}"),
    "coming": re.compile(r"[1-9][0-9]{0,18}"),
    "declined": re.compile(r"[1-9][0-9]{0,18}"),
    "invited": re.compile(r"[1-9][0-9]{0,18}"),
}
_SINGLE: Final = frozenset({"seen"})
_LONGEST: Final = 64_000


def values_of(kind: str) -> tuple[str, ...]:
    """Every value of a kind, in order; none where only the caller knows them (places, channels, events)."""
    return _CLOSED.get(kind, ())


def born(band: str, year: int) -> tuple[int, int]:
    """First and last year of birth of an age band in that calendar year.

    Only the year of birth is kept in the open, so a person counts with the age they reach within the year: who
    turns 25 in December is 25 from January on. At the edge of a band the sentence may be a year ahead of the birthday.
    """
    first, last = AGES[band]
    return year - last, year - first


def lies_in(code: str, area: str) -> bool:
    """Whether a village or district is that area or a part of it."""
    return code == area or code.startswith(f"{area}.")


@dataclass(frozen=True)
class Condition:
    """One thing that must hold, or, negated, must not; a negated one also holds where nothing is known.

    Values come out without doubles and in order. Raises Invalid: audience_kind, audience_value, audience_empty,
    audience_single (more than one value where one swallows the other).
    """

    kind: str
    values: tuple[str, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Invalid("audience_kind")
        if not self.values:
            raise Invalid("audience_empty", kind=self.kind)
        known, shape = _CLOSED.get(self.kind), _SHAPES.get(self.kind)
        for value in self.values:
            if (known is not None and value not in known) or (shape is not None and not shape.fullmatch(value)):
                raise Invalid("audience_value", kind=self.kind)
        kept = tuple(value for value in known if value in self.values) if known else tuple(sorted(set(self.values)))
        if len(kept) > 1 and self.kind in _SINGLE:
            raise Invalid("audience_single", kind=self.kind)
        object.__setattr__(self, "values", kept)


@dataclass(frozen=True)
class Audience:
    """Conditions that must all hold, for one registration of a person together; none of them: everybody.

    At most one plain and one negated condition of a kind ("in Latuhalat or Passo, but not on Telegram"); they come
    out in the order of KINDS. Raises Invalid("audience_twice") for a second one.
    """

    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.conditions, key=lambda one: (KINDS.index(one.kind), one.negated)))
        if len({(one.kind, one.negated) for one in ordered}) < len(ordered):
            raise Invalid("audience_twice")
        object.__setattr__(self, "conditions", ordered)

    def values(self, kind: str, *, negated: bool = False) -> tuple[str, ...]:
        """The values of the condition of that kind and sign; none where there is no such condition."""
        return next((one.values for one in self.conditions if (one.kind, one.negated) == (kind, negated)), ())

    def put(self, condition: Condition) -> Audience:
        """With this condition, instead of the one of its kind and sign."""
        others = (one for one in self.conditions if (one.kind, one.negated) != (condition.kind, condition.negated))
        return Audience((*others, condition))

    def add(self, condition: Condition) -> Audience:
        """With these values added to those of its kind and sign. Raises Invalid("audience_single")."""
        before = self.values(condition.kind, negated=condition.negated)
        return self.put(replace(condition, values=(*before, *condition.values)))

    def without(self, kind: str, *, negated: bool | None = None) -> Audience:
        """Without the conditions of that kind; with `negated`, only the one of that sign."""
        kept = (one for one in self.conditions if one.kind != kind or negated not in (None, one.negated))
        return Audience(tuple(kept))

    def within(self, areas: Iterable[str]) -> Audience:
        """As far as it lies in these areas (village or district codes; none: everywhere).

        Raises Invalid("audience_outside") where nothing of its places does.
        """
        areas = tuple(areas)
        named = self.values("place")
        if not areas:
            return self
        inside = [area for area in areas if any(lies_in(area, code) for code in named)]
        inside += [code for code in named if any(lies_in(code, area) for area in areas)]
        if named and not inside:
            raise Invalid("audience_outside")
        return self.put(Condition("place", tuple(inside) or areas))

    def to_bytes(self) -> bytes:
        """JSON; equal audiences give equal bytes."""
        rows = [[one.kind, list(one.values), one.negated] for one in self.conditions]
        return json.dumps(rows, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Audience:
        """What `to_bytes` gave. Raises Invalid: audience_form, or what a Condition raises."""
        if len(data) > _LONGEST:
            raise Invalid("audience_form")
        try:
            rows = json.loads(data)
        except (ValueError, RecursionError):
            raise Invalid("audience_form") from None
        if not isinstance(rows, list):
            raise Invalid("audience_form")
        return cls(tuple(_conditions(rows)))


def _conditions(rows: Iterable[object]) -> Iterable[Condition]:
    for row in rows:
        match row:
            case [str(kind), list(values), bool(negated)] if all(isinstance(value, str) for value in values):
                yield Condition(kind, tuple(values), negated)
            case _:
                raise Invalid("audience_form")
