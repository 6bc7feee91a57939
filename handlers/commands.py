"""The words that command a worker's chat wherever they may be said: BANTUAN, STATUS, UBAH, BATAL and the others.

Not for: when a word is a command (handlers/worker.py) or officers' commands (handlers/router.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from conversation import engine
from conversation.forms import FORMS
from conversation.progress import Doubt, Progress
from domain.registration import Status
from domain.topic import Topic
from handlers import consent, help, joining, privacy, queue, status
from handlers.chosen import choose, files_in
from handlers.registration import is_back
from handlers.visit import Visit
from handlers.walk import KEPT, answers_of, aside, begin, keep, leave, repeat, take_choices_away, view_of

_CANCELLABLE = frozenset(
    {
        Status.SUBMITTED,
        Status.IN_REVIEW,
        Status.NEEDS_CORRECTION,
        Status.VERIFIED,
        Status.WAITLISTED,
        Status.FUNDED,
    }
)


def _help(visit: Visit, progress: Progress | None) -> None:
    if visit.officer is not None and progress is None:
        help.to_officer(visit, visit.officer)
    else:
        aside(visit, progress, help.words(visit))


def _human(visit: Visit, progress: Progress | None) -> None:
    """A human: the contact at once, then a question may be left. Strangers leave nothing."""
    if not visit.person.known:
        aside(visit, progress, help.contact(visit))
    elif progress is not None and progress.form in KEPT:
        _ask(visit, progress, Doubt("enquiry"), lead=help.contact(visit))
    else:
        begin(visit, "enquiry", lead=help.contact(visit))


def _status(visit: Visit, progress: Progress | None) -> None:
    aside(visit, progress, status.words(visit))


def _info(visit: Visit, progress: Progress | None) -> None:
    if progress is None and not visit.person.known:
        consent.start(visit, lead=privacy.information(visit))
    else:
        aside(visit, progress, privacy.information(visit))


def _my_data(visit: Visit, progress: Progress | None) -> None:
    aside(visit, progress, privacy.stored(visit))


def _stop(visit: Visit, progress: Progress | None) -> None:
    """Inside a registration STOP may mean either of two things; elsewhere it stops the notices."""
    if progress is not None and progress.form in KEPT and not _answers_a_notice(visit, progress):
        _ask(visit, progress, Doubt("stop"))
        return
    consent.stop(visit, settled(progress))


def _answers_a_notice(visit: Visit, progress: Progress) -> bool:
    """Whether a notice came after the open question, or may have: stopping those cannot wait for an answer."""
    if not visit.person.notices:
        return False
    came_since = visit.tx.recipients.latest_of(visit.person.id, since=progress.since)
    return came_since is not None or is_back(visit, progress)


def _stop_one(visit: Visit, progress: Progress | None, *, topic: Topic) -> None:
    consent.stop_one(visit, settled(progress), topic)


def settled(progress: Progress | None) -> Progress | None:
    """What shall be stopped is no question any more once that was said in other words."""
    if progress is not None and progress.doubt is not None and progress.doubt.kind == "stop":
        return replace(progress, doubt=None)
    return progress


def _ask(visit: Visit, progress: Progress, doubt: Doubt, *, lead: str = "") -> None:
    view = view_of(visit.tx, visit.office, answers_of(visit.tx, progress))
    take_choices_away(visit.tx, visit.person, progress)
    turn = engine.ask_doubt(FORMS[progress.form], progress, doubt, view, lead=lead)
    keep(visit.tx, visit.person, visit.office, turn)


def _back(visit: Visit, progress: Progress | None) -> None:
    if progress is None:
        help.not_understood(visit)
        return
    if progress.form == "change" and progress.question == "change" and progress.doubt is None:
        _cancel(visit, progress)
        return
    view = view_of(visit.tx, visit.office, answers_of(visit.tx, progress))
    take_choices_away(visit.tx, visit.person, progress)
    keep(visit.tx, visit.person, visit.office, engine.back(FORMS[progress.form], progress, view))


def _cancel(visit: Visit, progress: Progress | None) -> None:
    """BATAL: a draft is asked once; after the receipt the registration itself is meant."""
    if progress is not None and progress.form == "change":
        leave(visit, progress)
        visit.reply(visit.say("All right, nothing more is changed."))
    elif progress is not None and progress.form == "registration":
        _ask(visit, progress, Doubt("cancel"))
    else:
        choose(visit, "cancel", files_in(visit, _CANCELLABLE))


def _change(visit: Visit, progress: Progress | None) -> None:
    if progress is None or progress.form not in KEPT:
        choose(visit, "change", files_in(visit, _CANCELLABLE | {Status.SENT_TO_BPJS, Status.ACTIVE, Status.GRACE}))
        return
    view = view_of(visit.tx, visit.office, answers_of(visit.tx, progress))
    if progress.form == "registration" and not view.answers:
        repeat(visit, progress)
        return
    take_choices_away(visit.tx, visit.person, progress)
    keep(visit.tx, visit.person, visit.office, engine.go_to(FORMS[progress.form], progress, "change", view))


def _erase(visit: Visit, progress: Progress | None) -> None:
    if visit.person.known:
        choose(visit, "erase", privacy.erasable(visit))
    else:
        aside(visit, progress, visit.say("No data of yours is stored here."))


def objects(visit: Visit, progress: Progress | None) -> None:
    """KEBERATAN: once per rejection; an admin reads it."""
    rejected = files_in(visit, frozenset({Status.REJECTED}))
    if not rejected:
        text = visit.say("There is no decision to object to. To see how it stands, reply **STATUS**.")
    elif (fresh := next((each for each in rejected if visit.tx.registrations.object(each.id)), None)) is not None:
        queue.objected(visit.tx, fresh, visit.office)
        text = visit.say(
            "Your objection for number **{receipt}** has arrived. Another person of the office reads it and answers"
            " here.",
            receipt=fresh.receipt,
        )
    else:
        text = status.objection_words(visit, rejected[0])
    aside(visit, progress, text)


COMMANDS: dict[str, Callable[[Visit, Progress | None], None]] = {
    "help": _help,
    "human": _human,
    "status": _status,
    "info": _info,
    "my_data": _my_data,
    "stop": _stop,
    "stop_events": partial(_stop_one, topic=Topic.EVENTS),
    "stop_announcements": partial(_stop_one, topic=Topic.ANNOUNCEMENTS),
    "back": _back,
    "cancel": _cancel,
    "change": _change,
    "erase": _erase,
    "connect": joining.connect,
    "disconnect": joining.disconnect,
    "undo_connect": joining.undo,
}
