"""An audience as a sentence: "nelayan di Latuhalat dan Nusaniwe yang belum selesai daftar, kecuali ...".

Who, where, in which state, how old, on which network, when they last wrote; then who is left out. What it says can be
typed back in (handlers/audience_reading.py). Not for: how many people that is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversation.say import Say
from domain.audience import Audience, Condition
from handlers.audience_names import ages, labels_of, name
from handlers.audience_places import place_label, read_place
from handlers.office import Office

__all__ = ["labels", "sentence"]

# What stands behind "who", in this order.
_FACTS = ("status", "age", "channel", "seen", "coming", "declined", "invited")
# A work stands last among the exceptions: "except fishers, those in Passo" would explain the fishers.
_EXCEPT = ("place", *_FACTS, "occupation", "sector")


def labels(kind: str, office: Office, say: Say) -> list[tuple[str, str]]:
    """(value, short label) of everything that can be chosen in a kind; nothing for events, which the caller knows."""
    return labels_of(kind, office, say)


def sentence(audience: Audience, office: Office, say: Say, events: Mapping[str, str] | None = None) -> str:
    """Who is meant, without a capital and a full stop. `events` are names of events by id."""
    plain = {one.kind: one for one in audience.conditions if not one.negated}
    negated = {one.kind: one for one in audience.conditions if one.negated}
    who = _who(plain, say)
    if "place" in plain:
        who = say("{who} in {places}", who=who, places=_all_of(_places(plain["place"], office), say))
    facts = [_fact(plain[kind], office, say, events or {}) for kind in _FACTS if kind in plain]
    if facts:
        # "a or b and c" could mean two things; with the comma it means one.
        choices = any(len(one.values) > 1 for one in plain.values() if one.kind in _FACTS)
        who = say("{who} who {facts}", who=who, facts=_all_of(facts, say, comma=choices))
    others = [_others(negated[kind], office, say, events or {}) for kind in _EXCEPT if kind in negated]
    if others:
        choices = any(len(one.values) > 1 for one in negated.values())
        who = say("{who}, except {others}", who=who, others=_all_of(others, say, comma=choices))
    return who


def _who(plain: Mapping[str, Condition], say: Say) -> str:
    occupations, sectors = plain.get("occupation"), plain.get("sector")
    if occupations is None:
        return say("everybody") if sectors is None else _workers(sectors, say)
    who = _all_of([name("occupation", code, say) for code in occupations.values], say)
    if sectors is None:
        return who
    return say("{who} in the field of {sectors}", who=who, sectors=_all_of(_sectors(sectors, say), say))


def _others(condition: Condition, office: Office, say: Say, events: Mapping[str, str]) -> str:
    """Who is left out, as a part of a list."""
    if condition.kind == "occupation":
        return _any_of([name("occupation", code, say) for code in condition.values], say)
    if condition.kind == "sector":
        return say("workers in the field of {sectors}", sectors=_any_of(_sectors(condition, say), say))
    if condition.kind == "place":
        return say("those in {places}", places=_any_of(_places(condition, office), say))
    return say("those who {facts}", facts=_fact(condition, office, say, events))


def _fact(condition: Condition, office: Office, say: Say, events: Mapping[str, str]) -> str:
    """What stands behind "who"."""
    kind, values = condition.kind, condition.values
    if kind == "status":
        return _any_of([name(kind, value, say) for value in values], say)
    if kind == "age":
        return say("are {ages}", ages=_any_of(ages(values, say), say))
    if kind == "channel":
        return say("use {networks}", networks=_any_of([office.label(value) for value in values], say))
    if kind == "seen":
        return say("wrote within the last {days} days", days=values[0])
    named = _any_of([events.get(value) or say("event {number}", number=value) for value in values], say)
    if kind == "coming":
        return say("said that they come to {events}", events=named)
    if kind == "declined":
        return say("said that they cannot come to {events}", events=named)
    return say("were invited to {events}", events=named)


def _workers(sectors: Condition, say: Say) -> str:
    return say("workers in the field of {sectors}", sectors=_all_of(_sectors(sectors, say), say))


def _sectors(condition: Condition, say: Say) -> list[str]:
    return [name("sector", value, say) for value in condition.values]


def _places(condition: Condition, office: Office) -> list[str]:
    return [_place(code, office) for code in condition.values]


def _place(code: str, office: Office) -> str:
    """The shortest name that is read back as this place."""
    village = office.places.village(code)
    if village is None:
        return place_label(code, office.places)
    full = f"{village.label} Kec. {village.district_name}"
    return next((text for text in (village.name, village.label) if read_place(text, office.places) == code), full)


def _all_of(parts: Sequence[str], say: Say, *, comma: bool = False) -> str:
    """One, two and three."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2 and not comma:
        return say("{first} and {last}", first=parts[0], last=parts[1])
    return say("{first}, and {last}", first=", ".join(parts[:-1]), last=parts[-1])


def _any_of(parts: Sequence[str], say: Say) -> str:
    """One, two or three."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return say("{first} or {last}", first=parts[0], last=parts[1])
    return say("{first}, or {last}", first=", ".join(parts[:-1]), last=parts[-1])
