"""Files that admins ask for: asking, handing one over together with what is said, and saying that it failed.

Not for: what stands in a file (broadcast_report.py, unreached.py) or making it (bot/paper_loop.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conversation.late import late
from conversation.messages import Choice, Message
from conversation.papers import Paper
from conversation.say import N_
from domain.officer import Officer, Role
from domain.person import Person
from domain.registration import Actor
from handlers.hold import officer_at
from handlers.office import Office
from handlers.taps import data, number
from handlers.visit import Press, Visit
from storage.store import Tx

_TRIES = 5
_FIRST_PAUSE = 30_000
"""Milliseconds; each pause is four times the one before."""

_NAMES: dict[str, str] = {
    "chart": N_("The chart could not be made."),
    "report": N_("The table could not be made."),
    "visits": N_("The list of people not reached could not be made."),
    "poster": N_("The poster could not be made."),
    "event": N_("The list of the event could not be made."),
}


@dataclass(frozen=True)
class Order:
    """A file that is wanted. `subject_id` is a broadcast or an event, by its kind."""

    id: int
    kind: str
    subject_id: int
    officer_id: int
    tries: int


@dataclass(frozen=True)
class Letter:
    """A file to be made, and what is said with it. Without a name it is a picture that is shown.

    `people`: how many people's data it holds, and `about` what it is about, for the audit; None where it holds none.
    """

    paper: Paper
    text: str = field(repr=False)
    file_name: str = ""
    people: int | None = None
    about: str = ""


def next_order(tx: Tx) -> Order | None:
    """The one whose time came first."""
    rows = tx.papers.wanted(limit=1)
    return Order(**{name: rows[0][name] for name in Order.__dataclass_fields__}) if rows else None


def asker(tx: Tx, order: Order) -> Officer | None:
    """Whoever asked for it, as long as they are an admin."""
    officer = tx.staff.get(order.officer_id)
    return officer if officer is not None and officer.active and officer.role is Role.ADMIN else None


def hand_over(tx: Tx, office: Office, order: Order, letter: Letter, name: str) -> None:
    """The file lies in the media folder under this name: from now on it is known, and goes out, once."""
    officer, person = asker(tx, order), _person(tx, order)
    if officer is None or person is None:
        drop(tx, order, "nobody")
        tx.forgotten.append(name)
        return
    if not tx.papers.made(order.id, name):
        return  # the answer to an earlier try of this was lost
    photo, document = ("", name) if letter.file_name else (name, "")
    text = letter.text if letter.people is None else f"{letter.text}\n{_keep_private(office, person)}"
    message = Message(text, photo=photo, document=document, document_name=letter.file_name, late=late("office_news"))
    sent = tx.outbox.put(person, message, lane=1)
    if letter.people is not None:
        # To be saved and printed, so it may be; what stands in the chat goes like all that shows people's data.
        until = tx.at + office.rules.sensitive_hours * 3_600_000
        tx.sights.must_go(officer.id, person.id, until=until, outbox_id=sent)
        detail = f"{letter.about} {letter.people}"
        tx.audit.record(f"viewed_{order.kind}", actor=Actor.ADMIN, actor_id=officer.id, detail=detail)


def failed(tx: Tx, office: Office, order: Order, code: str) -> None:
    """It was not made: once more later, or never, and then the admin is told how to ask again."""
    if order.tries + 1 < _TRIES:
        tx.papers.later(order.id, until=tx.at + _FIRST_PAUSE * 4**order.tries, code=code)
        return
    drop(tx, order, code)
    person = _person(tx, order)
    if asker(tx, order) is None or person is None:
        return
    say = office.say
    later = say("It was tried several times. Please ask again later.")
    again = Choice(say("Ask again"), data("p", order.kind, order.subject_id))
    text = f"{say(_NAMES[order.kind])}\n{later}"
    tx.outbox.put(person, Message(text, (again,), late=late("office_news")), lane=1)


def drop(tx: Tx, order: Order, code: str) -> None:
    """Nobody wants it any more, or there is nothing to tell."""
    tx.papers.fail(order.id, code)


def _keep_private(office: Office, person: Person) -> str:
    """What is said with every file that holds people's data."""
    if not office.limits_of(person.address.channel).deletes:
        return office.say(
            "It holds people's data. Print only what you need and pass it on to nobody. It cannot be deleted from"
            " here: please delete it yourself when you have used it."
        )
    return office.say(
        "It holds people's data. Print only what you need and pass it on to nobody. This message goes after"
        " {hours} hours.",
        hours=office.rules.sensitive_hours,
    )


def _person(tx: Tx, order: Order) -> Person | None:
    officer = tx.staff.get(order.officer_id)
    return tx.people.get(officer.address_id) if officer is not None else None


def _ask(visit: Visit, parts: list[str]) -> str:
    """A choice under a report: this file, please."""
    say, tx = visit.say, visit.tx
    subject_id = number(parts[1]) if len(parts) == 2 and parts[0] in _NAMES else None
    if subject_id is None or not _is_there(tx, parts[0], subject_id):
        return say("This choice is out of date.")
    if parts[0] == "poster" and (event := tx.events.get(subject_id)) is not None and event.cancelled:
        return say("It is cancelled already.")
    if not tx.papers.want(parts[0], subject_id, officer_at(visit).id):
        return say("It is being made already.")
    return say("It is being made and comes in a moment.")


def _is_there(tx: Tx, kind: str, subject_id: int) -> bool:
    if kind in ("poster", "event"):
        return tx.events.get(subject_id) is not None
    broadcast = tx.broadcasts.get(subject_id)
    return broadcast is not None and broadcast.started_at is not None


TAPS: dict[str, Press] = {"p": Press(Role.ADMIN, _ask)}
