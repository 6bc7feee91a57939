"""Takes a person one step through a form: the engine says what happens, this keeps it and answers.

Not for: what a finished form leads to; each form's own handler is told the event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from conversation import engine
from conversation.forms import FORMS
from conversation.messages import Edit, Late, Message
from conversation.progress import Doubt, Progress
from conversation.questions import Takes, View
from domain.person import Person
from handlers.office import Office
from handlers.visit import Visit
from storage.store import Tx

# Forms whose answers belong to a registration; the others only lead to an event.
KEPT = frozenset({"registration", "correction", "change"})

# Turns are counted on from the clock where nothing is open, in seconds since 2023: far ahead of any turn before.
_LONG_AGO = 1_672_531_200


def view_of(tx: Tx, office: Office, answers: Mapping[str, str] | None = None) -> View:
    """What questions may look at, with the answers given so far."""
    return View(
        say=office.say,
        rules=office.rules,
        places=office.places,
        now=tx.now,
        today=office.today(tx.now),
        city=office.places.area.name,
        office=office.name,
        contact=office.contact,
        answers=answers or {},
    )


def answers_of(tx: Tx, progress: Progress) -> dict[str, str]:
    if progress.form in KEPT and progress.registration_id is not None:
        return tx.registrations.answers(progress.registration_id)
    return {}


def begin(
    visit: Visit,
    form: str,
    *,
    registration_id: int | None = None,
    detour: tuple[str, ...] = (),
    lead: str = "",
    carry: str = "",
    doubt: Doubt | None = None,
    silent: bool = False,
) -> None:
    """Open a form for the person of this visit; whatever was open before is left.

    `silent`: its question is not put, for the answer is there already.
    """
    begin_for(
        visit.tx,
        visit.person,
        visit.office,
        form,
        registration_id=registration_id,
        detour=detour,
        lead=lead,
        carry=carry,
        doubt=doubt,
        silent=silent,
    )


def begin_for(
    tx: Tx,
    person: Person,
    office: Office,
    form: str,
    *,
    registration_id: int | None = None,
    detour: tuple[str, ...] = (),
    lead: str = "",
    carry: str = "",
    doubt: Doubt | None = None,
    silent: bool = False,
    late: Late | None = None,
) -> None:
    """Open a form for anybody: a correction opens for a worker while an officer acts.

    `late`: how the question goes where the person has long been silent.
    """
    known = tx.registrations.answers(registration_id) if registration_id and form in KEPT else {}
    view = view_of(tx, office, known)
    before = tx.people.progress(person.id)
    turn_number = before.turn if before else tx.at // 1000 - _LONG_AGO
    if before is not None:
        take_choices_away(tx, person, before)
        close_offer(tx, person, office, before, late=late)
    turn = engine.begin(FORMS[form], view, registration_id=registration_id, detour=detour, lead=lead)
    progress = turn.progress
    assert progress is not None, "a form begins with a question"
    # Turn numbers of one person never come twice, so an old choice of another form is known as old.
    progress = replace(progress, turn=turn_number + 1, carry=carry, doubt=doubt)
    turn = engine.repeat(FORMS[form], progress, view, lead=lead)
    keep(tx, person, office, replace(turn, says=()) if silent else turn, late=late)


def keep(tx: Tx, person: Person, office: Office, turn: engine.Turn, *, late: Late | None = None) -> None:
    """Send what a turn says and keep where the person is now. `late` is that of the last message, the question."""
    progress = turn.progress
    # What shows answers of a registration goes with it when it is erased, should it still wait to be sent.
    about = progress.registration_id if progress is not None and progress.form in KEPT else None
    last = None
    for at, message in enumerate(turn.says, 1):
        asks = late is not None and at == len(turn.says)
        last = tx.outbox.put(person, replace(message, late=late) if asks else message, registration_id=about)
    if progress is None:
        tx.people.end_progress(person.id)
        return
    # A message that offers to share the number cannot be changed afterwards; the offer ends by itself.
    if turn.says and turn.says[-1].choices and not turn.says[-1].asks_phone:
        progress = replace(progress, prompt=last)
    save(tx, person, office, replace(progress, called=late is not None))


def save(tx: Tx, person: Person, office: Office, progress: Progress) -> None:
    """Keep where the person is now, and when they are to be reminded of it."""
    remind_at, days = None, office.rules.reminder_days
    if progress.form in ("registration", "correction") and progress.reminded < len(days):
        # Each reminder comes once in a form, however often the person goes on and falls silent again.
        remind_at = int(office.in_days(tx.now, days[progress.reminded]).timestamp() * 1000)
        # A form left open in the evening is not reminded of a few hours later.
        remind_at = max(remind_at, int((tx.now + timedelta(hours=12)).timestamp() * 1000))
    tx.people.save_progress(person.id, progress, remind_at=remind_at)


def take_choices_away(tx: Tx, person: Person, progress: Progress) -> None:
    """An answered question shows no ready answers any more."""
    if progress.prompt is not None:
        tx.outbox.put(person, Edit(of=progress.prompt))


def repeat(visit: Visit, progress: Progress, *, lead: str = "", whole: bool = True) -> None:
    """Put the open question again, after something else was answered."""
    repeat_for(visit.tx, visit.person, visit.office, progress, lead=lead, whole=whole)


def repeat_for(
    tx: Tx,
    person: Person,
    office: Office,
    progress: Progress,
    *,
    lead: str = "",
    whole: bool = True,
    late: Late | None = None,
) -> None:
    """The same for anybody. `late`: how it goes where the person has long been silent."""
    view = view_of(tx, office, answers_of(tx, progress))
    take_choices_away(tx, person, progress)
    keep(tx, person, office, engine.repeat(FORMS[progress.form], progress, view, lead=lead, whole=whole), late=late)


def aside(visit: Visit, progress: Progress | None, text: str) -> None:
    """Answer something else; an open question follows in the same message, for it still waits."""
    if progress is None:
        visit.reply(text)
    else:
        repeat(visit, progress, lead=text, whole=False)


def close_offer(tx: Tx, person: Person, office: Office, progress: Progress, *, late: Late | None = None) -> None:
    """The offer to share the number goes when its question is left without an answer."""
    if FORMS[progress.form][progress.question].takes is Takes.PHONE:
        text = office.say("The question about the phone is closed for now.")
        tx.outbox.put(person, Message(text, ends_phone=True, late=late))


def leave(visit: Visit, progress: Progress) -> None:
    """Close the open form without another word."""
    take_choices_away(visit.tx, visit.person, progress)
    close_offer(visit.tx, visit.person, visit.office, progress)
    visit.tx.people.end_progress(visit.person.id)
