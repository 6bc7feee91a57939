"""Telling officers that something waits: at once when nothing did, otherwise gathered. No names, no NIK.

Not for: what is sent to workers, or the queue itself.
"""

from __future__ import annotations

from dataclasses import replace

from conversation.late import late, late_message
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
    choices = (Choice(office.say("Objections"), data("o", "list")),)
    message = late_message("objection_waits", office.say, choices, receipt=str(case.receipt))
    for admin in tx.staff.admins(own=case.address_id):
        person = tx.people.get(admin.address_id)
        if person is not None:
            tx.outbox.put(person, message, lane=1)


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
    cases: Message | None = None
    questions: Message | None = None
    values: dict[str, str] = {}
    if tx.queue.next_id(officer.areas, own=officer.address_id) is not None:
        waiting = tx.queue.waiting(officer.areas)
        age = (tx.at - min(place.oldest for place in waiting if place.oldest is not None)) / 1000
        values = {
            "n": say.number(sum(place.n for place in waiting)),
            "area": place_names(officer.areas, office),
            "age": say.span(max(age, 60)),
        }
        cases = late_message("queue_waits", say, (Choice(say("Take the next"), data("q", "next")),), **values)
        if age < _JUST_NOW:
            cases = replace(cases, text=say("{n} new registrations in {area}.", n=values["n"], area=values["area"]))
    asked = len(tx.enquiries.open_in(officer.areas, limit=_MANY))
    if asked:
        choices = (Choice(say("Questions"), data("e", "list")),)
        questions = late_message("questions_wait", say, choices, n=say.number(asked))
    if cases is None or questions is None:
        return cases or questions
    return Message(
        f"{cases.text}\n{questions.text}",
        cases.choices + questions.choices,
        late=late("queue_and_questions", questions=say.number(asked), **values),
    )
