"""What a worker's message means: a command, a word around the form, or the answer to the open question.

Not for: officers (handlers/router.py asks them first) or what an answer leads to (handlers/endings.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.forms import FORMS, TOPICS, takes_up_offer
from conversation.messages import Kind
from conversation.progress import Progress
from conversation.words import command, meanings, normal
from domain.topic import ALL_TOPICS, Topic
from handlers import attendance, consent, filing, help, pictures, registration, status
from handlers.commands import COMMANDS, objects, settled
from handlers.visit import Visit
from handlers.walk import KEPT, begin, leave, repeat

# Forms that BATAL, KEMBALI and the like mean nothing special to: their own reading knows a no.
_SMALL = frozenset(FORMS) - KEPT
# What STOP offers by name counts wherever it is said.
_PLAIN_TOPICS = frozenset({"mulai", "/mulai", "undangan", "pengumuman"})
# What these ask is less pressing than the wish to change or to erase something.
_MAY_WAIT = frozenset({"notices", "offer", "for_whom"})
_ON = frozenset({"lanjut", "lanjut saja"})


def arrived(visit: Visit) -> None:
    """The words of the form and around it."""
    incoming, progress = visit.incoming, _open_form(visit)
    if incoming.kind is Kind.TEXT and attendance.heard(visit, progress):
        return
    if incoming.kind is Kind.EDIT:
        registration.edited(visit, progress)
    elif incoming.kind is Kind.OTHER and progress is None:
        _outside(replace(visit, incoming=replace(incoming, text="")))
    elif incoming.kind is Kind.FILE and incoming.photo is None:
        pictures.arrived(visit, progress)
    elif incoming.kind is Kind.FILE and progress is not None and pictures.is_album_again(visit, progress):
        return
    elif progress is None:
        _outside(visit)
    else:
        _inside(visit, progress)


def _open_form(visit: Visit) -> Progress | None:
    """Where the person is. The offer after STOP needs no answer: it goes as soon as something else is said."""
    progress, incoming = visit.tx.people.progress(visit.person.id), visit.incoming
    if progress is None or progress.form != "topics" or incoming.kind in (Kind.TAP, Kind.EDIT):
        return progress
    if incoming.kind is Kind.TEXT and takes_up_offer(incoming.text):
        return progress
    leave(visit, progress)
    return None


def _outside(visit: Visit) -> None:
    """No question is open."""
    text, found = visit.incoming.text, meanings(visit.incoming.text)
    files = visit.tx.registrations.of_person(visit.person.id) if visit.person.known else []
    live = filing.live(visit)
    if again := _stopped_before(visit, found):
        consent.bring_back(visit, None, again)
    elif "object" in found:
        objects(visit, None)
    elif (meant := command(text, free=False)) is not None:
        COMMANDS[meant](visit, None)
    elif "thanks" in found or (found & {"start", "register"} and registration.resume(visit, files)):
        return
    elif (
        visit.officer is not None
        and "start" in found
        and "register" not in found
        and (not live or text.startswith("/"))
    ):
        help.to_officer(visit, visit.officer)
    elif found & {"start", "register"} and not live:
        consent.start(visit)
    elif "register" in found or ("start" in found and text.startswith("/start")):
        begin(visit, "for_whom")
    elif "start" in found:
        visit.reply(status.words(visit))
    elif not visit.person.known and visit.officer is None:
        consent.start(visit)
    elif not registration.resume(visit, files):
        help.not_understood(visit)


def _inside(visit: Visit, progress: Progress) -> None:
    """A question is open: commands first, where the question allows them, then the answer."""
    incoming = visit.incoming
    text = incoming.text if incoming.kind in (Kind.TEXT, Kind.TAP) else ""
    if incoming.kind is Kind.TAP and text != "info":
        # A picked value is no word somebody wrote: P is perempuan here, not a ping.
        _take(visit, progress)
        return
    question = FORMS[progress.form][progress.question]
    asking = progress.doubt is not None and progress.doubt.kind == "enquiry"
    free = asking or (question.free and progress.doubt is None)
    found = meanings(text)
    meant = command(text, free=free)
    if meant is not None and _means_answer(progress, found, meant):
        meant = None
    letter = question.key == "gender" and normal(text) in ("l", "p")
    greets = found & {"start", "register", "restart"} and not letter
    # The answer to a reminder, which may have come without the question.
    goes_on = progress.called and normal(text) in _ON
    plain = not free or normal(text) in _PLAIN_TOPICS
    no_answer = not free or (question.key == "village" and not visit.office.places.find(text).villages)
    if meant is not None:
        COMMANDS[meant](visit, progress)
    elif (again := _stopped_before(visit, found)) and _counts_here(progress, found, plain):
        consent.bring_back(visit, settled(progress), again)
    elif goes_on or (greets and (text.startswith("/") or no_answer or registration.is_back(visit, progress))):
        _came_back(visit, progress)
    elif "object" in found and not free:
        objects(visit, progress)
    elif "thanks" in found and not free:
        return
    else:
        _take(visit, progress)


def _stopped_before(visit: Visit, found: frozenset[str]) -> Topic:
    """The topics these words ask for that were stopped: MULAI all, UNDANGAN and PENGUMUMAN one."""
    asked = ALL_TOPICS if "resume_notices" in found else Topic(0)
    for name, topic in TOPICS.items():
        if name in found:
            asked |= topic
    return asked if consent.has_stopped(visit, asked) else Topic(0)


def _counts_here(progress: Progress, found: frozenset[str], plain: bool) -> bool:
    """Whether words about the topics ask for them: where STOP has put a question, a topic's name is the answer."""
    asked = progress.form == "topics" or (progress.doubt is not None and progress.doubt.kind == "stop")
    return plain and ("resume_notices" in found or not asked)


def _take(visit: Visit, progress: Progress) -> None:
    """An answer to what is open."""
    asking = progress.doubt is not None and progress.doubt.kind == "enquiry"
    if asking and visit.incoming.kind in (Kind.TEXT, Kind.TAP):
        _enquire(visit, progress)
        return
    registration.answer(visit, progress)
    pictures.mark_album(visit)


def _enquire(visit: Visit, progress: Progress) -> None:
    """The question for the office, asked in the middle of a form; then the form goes on."""
    text, lead = visit.incoming.text, ""
    calm = replace(progress, doubt=None)
    if FORMS[progress.form][progress.question].digits and sum(sign.isdigit() for sign in text) >= 8:
        # Whoever answers the open question after all is not made to ask it.
        registration.answer(visit, calm)
        return
    found = meanings(text)
    if found and not {"no", "skip", "thanks", "cancel", "back"} & found:
        # A word alone is no question to anybody.
        repeat(visit, progress)
        return
    if text and not found:
        lead = help.ask_office(visit, text)
    repeat(visit, calm, lead=lead)


def _means_answer(progress: Progress, found: frozenset[str], meant: str) -> bool:
    """Whether a command word is rather an answer to what is open."""
    if progress.form in _MAY_WAIT and meant in ("change", "erase"):
        return False
    if progress.form in _SMALL:
        return meant in ("cancel", "back", "erase", "change") or (
            meant.startswith("stop") and progress.form == "notices"
        )
    if progress.question in ("summary", "change") and meant == "change":
        return True
    doubt = progress.doubt.kind if progress.doubt else ""
    if doubt == "cancel" and meant == "cancel":
        return True
    if doubt == "enquiry" and meant in ("cancel", "back"):
        return True
    # "seng jadi" is a no where yes or no is asked, and stops the form elsewhere.
    return bool(doubt) and meant == "cancel" and "no" in found


def _came_back(visit: Visit, progress: Progress) -> None:
    """Greet and repeat only the open question; a small form gives way to a new registration."""
    if progress.form in _SMALL - {"consent"}:
        leave(visit, progress)
        _outside(visit)
        return
    if progress.form != "registration" and progress.form in KEPT and "register" in meanings(visit.incoming.text):
        # A correction may wait for weeks; meanwhile somebody else of the family can register.
        begin(visit, "for_whom")
        return
    lead = "" if progress.form == "consent" else visit.say("Welcome back, Bapak/Ibu. Let us go on.")
    if progress.form == "registration" and "restart" in meanings(visit.incoming.text):
        lead = visit.say("To begin from the start, reply **BATAL**, then **DAFTAR**.")
    repeat(visit, progress, lead=lead, whole=registration.is_back(visit, progress))
