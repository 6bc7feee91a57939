"""The worker's answers: one step through the open form, what it leaves behind, and going on where it stopped.

Not for: what is asked (conversation/), how it is kept (filing.py) or what a finished form leads to (endings.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversation import engine
from conversation.forms import FORMS
from conversation.messages import Kind
from conversation.progress import Progress
from domain.registration import Registration, Status
from handlers import outcome
from handlers.endings import EVENTS
from handlers.filing import is_held_here, keep_answers
from handlers.visit import Visit
from handlers.walk import KEPT, answers_of, begin, close_offer, keep, leave, repeat, take_choices_away, view_of


def answer(visit: Visit, progress: Progress, *, amended: str | None = None) -> None:
    """What came is an answer to the open question; `amended` names an earlier question whose message was edited."""
    tx = visit.tx
    view = view_of(tx, visit.office, answers_of(tx, progress))
    form = FORMS[progress.form]
    if amended is None:
        wary = progress.form in KEPT and (visit.unseen or is_back(visit, progress))
        turn = _greeted(visit, engine.advance(form, progress, visit.incoming, view, wary=wary), wary=wary)
    else:
        turn = engine.amend(form, progress, amended, visit.incoming, view)
    if turn.wrong_nik:
        wrong = tx.people.count_wrong_nik(visit.person.id)
        if wrong > visit.office.rules.wrong_niks_per_day:
            leave(visit, progress)
            visit.reply(
                visit.say(
                    "Many numbers have come that do not fit. Please rest for today, or ask the office: {contact}.",
                    contact=visit.office.contact,
                )
            )
            return
    if progress.form in KEPT and is_held_here(visit, progress, turn):
        repeat(
            visit,
            progress,
            lead=visit.say(
                "You are registered with this number already. To see how far it is, reply **STATUS**. To stop here,"
                " reply **BATAL**."
            ),
        )
        return
    if turn.answered:
        take_choices_away(tx, visit.person, progress)
    keep_answers(visit, progress, turn)
    keep(tx, visit.person, visit.office, turn)
    if turn.progress is None:
        if turn.event not in ("finished", "stop_notices"):
            close_offer(tx, visit.person, visit.office, progress)
        EVENTS[progress.form](visit, progress, turn)
        if tx.people.progress(visit.person.id) is None:
            resume(visit, tx.registrations.of_person(visit.person.id), lead="")


def is_back(visit: Visit, progress: Progress) -> bool:
    """Whether the person comes back after a long silence."""
    return visit.tx.at - progress.since > visit.office.rules.resume_after * 1000


def _greeted(visit: Visit, turn: engine.Turn, *, wary: bool) -> engine.Turn:
    """Somebody who is asked about their first words after a silence is greeted with it."""
    if not wary or turn.progress is None or turn.progress.doubt is None or turn.progress.doubt.kind != "confirm":
        return turn
    first = turn.says[0]
    welcome = visit.say("Welcome back, Bapak/Ibu. Let us go on.")
    return replace(turn, says=(replace(first, text=f"{welcome}\n\n{first.text}"), *turn.says[1:]))


def resume(visit: Visit, files: Sequence[Registration], *, lead: str | None = None) -> bool:
    """Go on with what was left unfinished, a draft or a correction; False when there is no such thing."""
    for file in files:
        if file.status is Status.DRAFT:
            lead = visit.say("Welcome back, Bapak/Ibu. Let us go on.") if lead is None else lead
            begin(visit, "registration", registration_id=file.id, lead=lead)
            return True
        if file.status is Status.NEEDS_CORRECTION:
            outcome.ask_again(visit.tx, visit.person, file, visit.office)
            return True
    return False


def edited(visit: Visit, progress: Progress | None) -> None:
    """An edited message replaces the answer it gave while the form is open; later, UBAH is named."""
    incoming = replace(visit.incoming, kind=Kind.TEXT)
    visit = replace(visit, incoming=incoming)
    if progress is not None and progress.source and progress.source == incoming.message_id:
        if not incoming.text:
            # It was deleted, which is no slip: the question is open as before.
            repeat(visit, progress, whole=False)
            return
        # It was not understood, or was asked back: what it says now is the answer to the open question.
        answer(visit, _undoubted(visit, progress))
        return
    key = None
    if progress is not None and progress.form in KEPT and progress.registration_id is not None:
        answered = visit.tx.registrations.questions_of(progress.registration_id, incoming.message_id)
        key = next((q.key for q in FORMS[progress.form].questions if q.key in answered), None)
    if progress is not None and key is not None and incoming.text:
        answer(visit, _undoubted(visit, progress), amended=key)
    elif visit.person.known:
        visit.reply(visit.say("What is edited or deleted here changes no answer. To change an answer, reply **UBAH**."))
    elif progress is not None:
        repeat(visit, progress, whole=False)


def _undoubted(visit: Visit, progress: Progress) -> Progress:
    """Without what was asked back about the message before it was edited, and without the answers to that."""
    if progress.doubt is None:
        return progress
    take_choices_away(visit.tx, visit.person, progress)
    return replace(progress, doubt=None, prompt=None, turn=progress.turn + 1)
