"""Changing an audience one value at a time, or by what was said about it: pure, and the same for a tap and for words.

Not for: showing or keeping it (handlers/broadcast_audience.py), or an admin's own areas (Audience.within).
"""

from __future__ import annotations

from dataclasses import replace

from domain.audience import Audience, Condition, lies_in


def with_value(audience: Audience, kind: str, value: str, *, negated: bool) -> Audience:
    """With this value ticked: on this side only, and of a kecamatan either the whole or some of its villages."""
    audience = without_value(audience, kind, value, negated=not negated)
    before = audience.values(kind, negated=negated)
    if kind == "place":
        before = tuple(code for code in before if not (lies_in(code, value) or lies_in(value, code)))
    elif kind == "seen":
        before = ()
    return audience.put(Condition(kind, (*before, value), negated))


def without_value(audience: Audience, kind: str, value: str, *, negated: bool) -> Audience:
    """With this value not ticked."""
    after = tuple(one for one in audience.values(kind, negated=negated) if one != value)
    return audience.put(Condition(kind, after, negated)) if after else audience.without(kind, negated=negated)


def joined(audience: Audience, meant: Audience) -> Audience:
    """With what is meant said in addition: more values of a kind, or another thing that must hold."""
    for condition in meant.conditions:
        kind, negated = condition.kind, condition.negated
        for value in condition.values:
            audience = without_value(audience, kind, value, negated=not negated)
        audience = audience.put(condition) if kind == "seen" else audience.add(condition)
    return tidy(audience)


def tidy(audience: Audience) -> Audience:
    """A kecamatan and its own villages are the kecamatan."""
    for condition in audience.conditions:
        if condition.kind == "place":
            codes = condition.values
            kept = tuple(code for code in codes if not any(code != each and lies_in(code, each) for each in codes))
            audience = audience.put(replace(condition, values=kept))
    return audience
