"""Choosing the area of an officer: kecamatan to tap, villages to type.

Not for: what the choice is for; handlers/staff.py invites with it or changes an officer's area.
"""

from __future__ import annotations

import re

from conversation.messages import Choice, Edit
from handlers.hold import officer_at
from handlers.notices import place_names
from handlers.office import Office
from handlers.taps import data, numbers_in
from handlers.visit import Visit
from storage.queue import Desk

_CODE = re.compile(r"[0-9]{2}(?:\.[0-9]{2}){2}(?:\.[0-9]{4})?")


class Unclear(Exception):  # noqa: N818 (reads as a sentence: except Unclear)
    """A typed place is none, or several. The message is a sentence for the admin."""


def ask(visit: Visit, step: str, *, subject: int | None = None) -> None:
    """Open the desk: which area?"""
    text = visit.say(
        "Which area? Choose one or more kecamatan, then **Done**. Villages can be typed, with commas between."
        "\nExample: Latuhalat, Kec. Sirimau"
    )
    prompt = visit.reply(text, _choices(visit.office, ()), stacked=True)
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(step, subject, prompt=prompt))


def toggle(visit: Visit, desk: Desk, index: int) -> str:
    """Add or take away a kecamatan; the acknowledgement."""
    districts = visit.office.places.districts
    if index >= len(districts):
        return visit.say("This choice is out of date.")
    code = districts[index].code
    keep(visit, desk, tuple(sorted({*desk.picked} ^ {code})))
    return ""


def keep(visit: Visit, desk: Desk, picked: tuple[str, ...]) -> None:
    """Remember what is picked and show it: in the same list, or below where nothing can be changed."""
    prompt = desk.prompt
    if not visit.limits.edits:
        prompt = visit.reply(so_far(visit, picked), _choices(visit.office, picked), stacked=True)
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(desk.step, desk.subject, picked=picked, prompt=prompt))
    if visit.limits.edits and desk.prompt is not None:
        visit.send(Edit(desk.prompt, choices=_choices(visit.office, picked), stacked=True))


def so_far(visit: Visit, picked: tuple[str, ...]) -> str:
    """What is picked, in words."""
    if not picked:
        return visit.say("Nothing is chosen yet.")
    return visit.say("Chosen: {names}. More places, or **Done**?", names=place_names(picked, visit.office))


def unclear(visit: Visit, desk: Desk, said: str) -> None:
    """Say what was wrong with a typed place; where nothing can be changed the list comes again, for its numbers."""
    if visit.limits.edits:
        visit.reply(said)
        return
    prompt = visit.reply(said, _choices(visit.office, desk.picked), stacked=True)
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(desk.step, desk.subject, picked=desk.picked, prompt=prompt))


def by_number(visit: Visit, words: str) -> tuple[str, ...]:
    """Codes of the kecamatan whose numbers in the list are typed: "2, 4"; nothing where it is no such list."""
    districts = visit.office.places.districts
    # The first of the list is the whole area.
    places = [number - 2 for number in numbers_in(words)] if visit.limits.numbers else []
    if not all(0 <= place < len(districts) for place in places):
        return ()
    return tuple(dict.fromkeys(districts[place].code for place in places))


def close(visit: Visit, desk: Desk) -> None:
    """The list is done with."""
    visit.tx.queue.close_desk(officer_at(visit).id)
    if desk.prompt is not None:
        visit.send(Edit(desk.prompt))


def read(words: str, office: Office) -> tuple[str, ...]:
    """Codes for places typed by name or code with commas between; raises Unclear."""
    return tuple(dict.fromkeys(_code(part.strip(), office) for part in re.split(r"[,;\n]", words) if part.strip()))


def _code(word: str, office: Office) -> str:
    places, say = office.places, office.say
    if _CODE.fullmatch(word):
        if places.village(word) or any(district.code == word for district in places.districts):
            return word
        raise Unclear(say("The code {code} lies outside {area}.", code=word, area=places.area.name))
    found = places.find(word)
    if found.kind == "exact":
        return found.villages[0].code
    if found.kind == "district" and found.district is not None:
        return found.district.code
    if not found.villages:
        raise Unclear(say("No place in {area} is called {name}.", area=places.area.name, name=word))
    maybe = [village.code for village in found.villages]
    if found.district is not None:
        maybe.insert(0, found.district.code)
    names = "\n".join(f"{place_names((code,), office)}: {code}" for code in maybe)
    raise Unclear(say("{name} may be several places. Please type the code:\n{names}", name=word, names=names))


def _choices(office: Office, picked: tuple[str, ...]) -> tuple[Choice, ...]:
    say = office.say
    options = [Choice(say("All of {area}", area=office.places.area.name), data("s", "all"))]
    options += [
        Choice(f"{'✓ ' if district.code in picked else ''}Kec. {district.name}", data("s", "pick", index))
        for index, district in enumerate(office.places.districts)
    ]
    known = {district.code for district in office.places.districts}
    typed = tuple(code for code in picked if code not in known)
    if picked:
        label = say("Finished") if not typed else say("Finished, with {names}", names=place_names(typed, office))
        options.append(Choice(label[:60], data("s", "done")))
    options.append(Choice(say("Stop"), data("s", "stop")))
    return tuple(options)
