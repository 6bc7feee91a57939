"""What the menu of a draft's audience shows: who is meant, how many they are, who is left out, and what to choose.

A view is a few words that name a page of the menu; they stand in the tap that leads there. Not for: what a choice
changes (handlers/broadcast_audience.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from conversation.messages import Choice
from conversation.say import N_, Say
from domain.audience import Audience, lies_in
from domain.broadcast import Broadcast
from domain.occupation import COMMON
from domain.region import District, labels
from handlers.audience_words import labels as labels_of
from handlers.broadcast_card import audience_words
from handlers.broadcast_doubts import doubt_choices, doubt_text
from handlers.broadcast_text import needs_village
from handlers.broadcast_told import left_out_lines
from handlers.due_broadcasts import rested_since
from handlers.hold import moment, officer_at
from handlers.notices import place_names
from handlers.taps import data, number
from handlers.visit import Visit
from storage.recipients import Estimate

View = tuple[str, ...]
TOP: View = ("top",)
EXCEPT: View = ("except",)
NAME: View = ("name",)
SAVED: View = ("saved", "0")
PAGE = 20

KINDS: dict[str, str] = {
    "place": N_("Village/kecamatan"),
    "occupation": N_("Kind of work"),
    "sector": N_("Field of work"),
    "status": N_("Registration"),
    "age": N_("Age"),
    "channel": N_("Network"),
    "seen": N_("Last message"),
}
ACTIONS: dict[str, tuple[str, ...]] = {
    N_("Except ..."): ("show", *EXCEPT),
    N_("Everybody"): ("all",),
    N_("Saved lists"): ("show", *SAVED),
    N_("Save this list"): ("show", *NAME),
    N_("Go on"): ("done",),
}
"""What the first page offers besides the kinds, with the words of the tap."""

_LONGEST_SENTENCE = 2500


def read_view(parts: Sequence[str]) -> View | None:
    """The page that a tap names; None for what we never wrote."""
    match parts:
        case ["top"] | ["except"] | ["name"]:
            return tuple(parts)
        case ["saved", page] if number(page) is not None:
            return tuple(parts)
        case ["kind", "is" | "not", kind, page] if kind in KINDS and number(page) is not None:
            return tuple(parts)
        case ["in", "is" | "not", _, page] if number(page) is not None:
            return tuple(parts)
    return None


def parent(view: View) -> View:
    """Where [Back] leads."""
    match view:
        case ("in", side, *_):
            return ("kind", side, "place", "0")
        case ("kind", "not", *_):
            return EXCEPT
    return TOP


def audience_of(draft: Broadcast) -> Audience:
    return Audience.from_bytes(draft.audience.encode())


def text(visit: Visit, draft: Broadcast, view: View) -> str:
    """Who gets it, and what this page is for."""
    say, office = visit.say, visit.office
    who = audience_words(visit.tx, draft, office)
    if len(who) > _LONGEST_SENTENCE:
        who = f"{who[:_LONGEST_SENTENCE]} …"
    lines = [say("**Broadcast {number} is for:** {who}.", number=draft.number, who=who), *_people(visit, draft)]
    areas = officer_at(visit).areas
    if areas:
        lines.append(say("You write to your own area only: {areas}.", areas=place_names(areas, office)))
    return "\n\n".join(["\n".join(lines), _purpose(view, draft, visit)])


def estimated(visit: Visit, draft: Broadcast) -> Estimate:
    """How many a draft would go to now."""
    tx, office = visit.tx, visit.office
    return tx.recipients.estimate(
        audience=audience_of(draft),
        topic=draft.kind.topic,
        needs_village=needs_village(draft.content.text),
        rested_since=rested_since(tx, draft, office),
        at=draft.created_at,
        today=office.today(moment(draft.created_at)),
        networks=tuple(office.limits),
    )


def _people(visit: Visit, draft: Broadcast) -> list[str]:
    """How many they are now, and who is left out and why; where there are very many, only the beginning is counted."""
    say, office = visit.say, visit.office
    found = estimated(visit, draft)
    if not found.more:
        head = [say("It goes to **{n}** people.", n=say.number(found.total))]
    elif found.total:
        head = [say("It goes to more than **{n}** people.", n=say.number(found.total))]
    else:
        head = []
    if found.more:
        head.append(say("There are too many to count them all now. The exact number comes with the list of people."))
    return head + left_out_lines(found.left_out, office)


def _purpose(view: View, draft: Broadcast, visit: Visit) -> str:
    say = visit.say
    match view:
        case ("kind", "is", kind, _):
            return say("**{kind}**: choose one or more.", kind=say(KINDS[kind]))
        case ("kind", "not", kind, _):
            return say("**{kind}**: who gets nothing? Choose one or more.", kind=say(KINDS[kind]))
        case ("in", side, code, _):
            places = place_names((code,), visit.office)
            if side == "not":
                return say("**{place}**: where does nobody get it?", place=places)
            return say("**{place}**: the whole kecamatan, or some villages.", place=places)
        case ("except",):
            return say("Who gets nothing? Choose by what.")
        case ("saved", _):
            if not visit.tx.audiences.all():
                return say("No list is saved yet.")
            return say("Choose a list. To remove one, write **HAPUS DAFTAR** and its name.")
        case ("name",):
            return say("What shall this list be called? Please write a name.\nExample: Nelayan Latuhalat")
        case ("doubt", *_):
            return doubt_text(view, say)
    return say(
        "Choose below, or write who it is for.\nExample: fishers in Latuhalat who have not finished registering\n\n"
        "When it is right, reply **LANJUT**."
    )


def choices(visit: Visit, draft: Broadcast, view: View) -> tuple[Choice, ...]:
    """What can be chosen on a page."""
    audience, say = audience_of(draft), visit.say
    match view:
        case ("kind", side, "place", _):
            found = _districts(visit, draft, audience, side)
        case ("kind", side, kind, page):
            found = _paged(_values(visit, draft, audience, side, kind), draft, view, page, say)
        case ("in", side, code, page):
            found = _paged(_villages(visit, draft, audience, side, code), draft, view, page, say)
        case ("saved", page):
            saved = [Choice(each.name, data("ba", "take", draft.id, each.id)) for each in visit.tx.audiences.all()]
            found = _paged(saved, draft, view, page, say)
        case ("except",):
            found = _kinds(audience, draft, say, "not")
        case ("name",):
            found = []
        case ("doubt", *_):
            return doubt_choices(view, draft, say)
        case _:
            return (
                *_kinds(audience, draft, say, "is"),
                *(Choice(say(label), _data(draft, *words)) for label, words in ACTIONS.items()),
            )
    return (*found, Choice(say("Back"), _data(draft, "show", *parent(view))))


def _data(draft: Broadcast, word: str, *rest: str) -> str:
    return data("ba", word, draft.id, *rest)


def _kinds(audience: Audience, draft: Broadcast, say: Say, side: str) -> list[Choice]:
    """Each kind, with how many of its values are ticked."""
    found = []
    for kind, label in KINDS.items():
        n = len(audience.values(kind, negated=side == "not"))
        found.append(Choice(f"{say(label)} ({n})" if n else say(label), _data(draft, "show", "kind", side, kind, "0")))
    return found


def _toggle(draft: Broadcast, side: str, kind: str, value: str, label: str, *, on: bool) -> Choice:
    """A tick to make or to take away: the tap says which, so that pressing twice is pressing once."""
    return Choice(f"✓ {label}" if on else label, _data(draft, "off" if on else "on", side, kind, value))


def _values(visit: Visit, draft: Broadcast, audience: Audience, side: str, kind: str) -> list[Choice]:
    listed = labels_of(kind, visit.office, visit.say)
    if kind == "occupation":
        first = [one.code for one in COMMON]
        listed.sort(key=lambda each: first.index(each[0]) if each[0] in first else len(first))
    picked = audience.values(kind, negated=side == "not")
    return [_toggle(draft, side, kind, value, label, on=value in picked) for value, label in listed]


def _districts(visit: Visit, draft: Broadcast, audience: Audience, side: str) -> list[Choice]:
    """The kecamatan an admin may write to, each with what is ticked in it."""
    picked, found = audience.values("place", negated=side == "not"), []
    for district in visit.office.places.districts:
        if not _touches(visit, district):
            continue
        n = len([code for code in picked if code != district.code and lies_in(code, district.code)])
        label = f"Kec. {district.name}"
        label = f"✓ {label}" if district.code in picked else f"{label} ({n})" if n else label
        found.append(Choice(label, _data(draft, "show", "in", side, district.code, "0")))
    return found


def _villages(visit: Visit, draft: Broadcast, audience: Audience, side: str, code: str) -> list[Choice]:
    """The whole kecamatan, and its villages: as far as they are the admin's."""
    officer, places = officer_at(visit), visit.office.places
    picked, found = audience.values("place", negated=side == "not"), []
    district = next((each for each in places.districts if each.code == code), None)
    if district is None:
        return []
    if not officer.areas or code in officer.areas:
        label = visit.say("All of {area}", area=f"Kec. {district.name}")
        found.append(_toggle(draft, side, "place", code, label, on=code in picked))
    listed = places.villages_of(district)
    for village, label in zip(listed, labels(listed), strict=True):
        if officer.covers(village.code):
            found.append(_toggle(draft, side, "place", village.code, label, on=village.code in picked))
    return found


def _touches(visit: Visit, district: District) -> bool:
    areas = officer_at(visit).areas
    return not areas or any(lies_in(area, district.code) for area in areas)


def _paged(found: list[Choice], draft: Broadcast, view: View, page: str, say: Say) -> list[Choice]:
    """A part of a long list, with the ways to the others."""
    last = max(len(found) - 1, 0) // PAGE
    at = min(number(page) or 0, last)
    shown = found[at * PAGE : (at + 1) * PAGE]
    if at > 0:
        shown.append(Choice(say("Previous page"), data("ba", "show", draft.id, *view[:-1], at - 1)))
    if at < last:
        shown.append(Choice(say("Next page"), data("ba", "show", draft.id, *view[:-1], at + 1)))
    return shown
