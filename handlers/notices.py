"""Telling officers that something waits: at once when nothing did, otherwise gathered. No names, no NIK.

Not for: what is sent to workers, or the queue itself.
"""

from __future__ import annotations

from conversation.messages import Choice, Message
from domain.officer import Officer
from domain.registration import Registration
from handlers.office import Office
from handlers.taps import data
from storage.store import Tx

# More open questions than these are told as so many.
_MANY = 100

# A wait shorter than this, in seconds, is not worth a word.
_JUST_NOW = 120


def case_waits(tx: Tx, case: Registration, office: Office) -> None:
    """A case has come into the queue."""
    for officer in tx.staff.for_area(case.area, own=case.address_id):
        if tx.queue.holds_other(officer.areas, than=case.id, own=officer.address_id):
            _later(tx, officer, office)
        else:
            tell(tx, officer, office)


def case_returned(tx: Tx, case: Registration, office: Office, *, without: int | None = None) -> None:
    """A case is back in the queue; told later with the rest, and not to the officer who gave it back."""
    for officer in tx.staff.for_area(case.area, own=case.address_id):
        if officer.id != without:
            _later(tx, officer, office)


def enquiry_waits(tx: Tx, number: int, office: Office) -> None:
    """Somebody has left a question."""
    enquiry = tx.enquiries.get(number)
    if enquiry is None:
        return
    for officer in tx.staff.for_area(enquiry.area, own=enquiry.person_id):
        if len(tx.enquiries.open_in(officer.areas, limit=2)) > 1:
            _later(tx, officer, office)
        else:
            tell(tx, officer, office)


def objection_waits(tx: Tx, case: Registration, office: Office) -> None:
    """A worker objects; every admin but the one at the same address is told."""
    say = office.say
    text = say("There is an **objection** to the decision on {receipt}.", receipt=case.receipt)
    for admin in tx.staff.admins(own=case.address_id):
        person = tx.people.get(admin.address_id)
        if person is not None:
            tx.outbox.put(person, Message(text, (Choice(say("Objections"), data("o", "list")),)), lane=1)


def tell(tx: Tx, officer: Officer, office: Office) -> None:
    """Tell one officer what waits; nothing when nothing does."""
    person = tx.people.get(officer.address_id)
    message = _message(tx, officer, office)
    if person is None or message is None:
        tx.staff.no_notice(officer.id)
        return
    tx.outbox.put(person, message, lane=1)
    tx.staff.noticed(officer.id)


def place_names(areas: tuple[str, ...], office: Office) -> str:
    """The names of districts and villages; the whole area's for none."""
    if not areas:
        return office.places.area.name
    return ", ".join(place_name(code, office) for code in areas)


def place_name(code: str | None, office: Office) -> str:
    """The name of a district or village by its code; None is outside the area served."""
    if code is None:
        return office.say("outside {area}", area=office.places.area.name)
    village = office.places.village(code)
    if village is not None:
        return village.label
    return next((f"Kec. {district.name}" for district in office.places.districts if district.code == code), code)


def _later(tx: Tx, officer: Officer, office: Office) -> None:
    """Gather: not before the last notice is old enough."""
    gap = office.rules.notice_gap * 1000
    tx.staff.notice_later(officer.id, max(tx.at, tx.staff.noticed_at(officer.id) + gap))


def _message(tx: Tx, officer: Officer, office: Office) -> Message | None:
    say = office.say
    sentences: list[str] = []
    choices: list[Choice] = []
    if tx.queue.next_id(officer.areas, own=officer.address_id) is not None:
        waiting = tx.queue.waiting(officer.areas)
        age = (tx.at - min(place.oldest for place in waiting if place.oldest is not None)) / 1000
        count, area = say.number(sum(place.n for place in waiting)), place_names(officer.areas, office)
        if age < _JUST_NOW:
            sentences.append(say("{n} new registrations in {area}.", n=count, area=area))
        else:
            text = say(
                "{n} registrations are waiting in {area}. The oldest has waited {age}.",
                n=count,
                area=area,
                age=say.span(age),
            )
            sentences.append(text)
        choices.append(Choice(say("Take the next"), data("q", "next")))
    questions = len(tx.enquiries.open_in(officer.areas, limit=_MANY))
    if questions:
        sentences.append(say("{n} questions of workers are waiting for an answer.", n=say.number(questions)))
        choices.append(Choice(say("Questions"), data("e", "list")))
    return Message("\n".join(sentences), tuple(choices)) if sentences else None
