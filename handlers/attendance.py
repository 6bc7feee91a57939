"""What people say to an invitation, and the poster's word on the day: who comes, who cannot, who is there.

An open form is not disturbed: the answer comes, then its question again. Not for: what is kept of a stranger
(handlers/presence.py), what is sent (handlers/broadcast_text.py) or what admins see (handlers/events.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from conversation.forms import FORMS
from conversation.messages import Choice
from conversation.progress import Doubt, Progress
from conversation.words import command, meanings, normal
from domain.event import Answer, Event
from domain.registration import Status
from handlers import consent, presence, status
from handlers.event_text import ANSWERS as NAMED
from handlers.event_text import details, event_day, when, where
from handlers.filing import live
from handlers.taps import data, number
from handlers.visit import Visit
from handlers.walk import KEPT, aside, begin, leave, repeat

ANSWERS = frozenset(map(str, Answer))
"""What the question which meeting is meant carries."""

_POSTER = re.compile(
    r"(?P<link>/start(?:@\w+)? e_)?(?P<said>(?:hadir|datang) ?[:-]? ?)?(?P<letters>[a-z]{3})[ -]?(?P<digits>[0-9]{2})"
)
_NUMBERED = re.compile(r"(?P<words>.*\D) ?(?P<number>[1-9])")
# Who was invited weeks ago and answers now has not forgotten it.
_LATELY = 14 * 86_400_000


def tapped(visit: Visit, parts: Sequence[str]) -> str:
    """An answer picked under an invitation, new or old; the words of the acknowledgement."""
    event_id = number(parts[1]) if len(parts) == 2 and parts[0] in ANSWERS else None
    event = visit.tx.events.get(event_id) if event_id is not None else None
    if event is None:
        return visit.say("This choice is not open any more.")
    answer = Answer(parts[0])
    kept = visit.tx.events.attendance(event.id, visit.person.id)
    if kept is None and visit.officer is not None:
        return visit.say("Those who are invited can answer here.")
    if kept is None and not visit.tx.events.is_invited(event.id, visit.person.id):
        return visit.say("This invitation was not sent to this chat.")
    if kept is not None and kept.answer is answer and not event.cancelled and not _is_over(visit, event):
        return visit.say("Noted already: {answer}.", answer=visit.say(NAMED[answer]))
    _answer(visit, visit.tx.people.progress(visit.person.id), event, answer)
    return ""


def picked(visit: Visit, value: str | None, carry: str) -> None:
    """The answer to the question which of several meetings is meant."""
    event = visit.tx.events.get(int(value)) if value else None
    if event is None:
        visit.reply(visit.say("All right, nothing is changed."))
    else:
        _answer(visit, None, event, Answer(carry))


def heard(visit: Visit, progress: Progress | None) -> bool:
    """Whether a text was the word of a poster or an answer to an invitation; then it is answered."""
    if _poster_heard(visit, progress):
        return True
    text = normal(visit.incoming.text)
    numbered = _NUMBERED.fullmatch(text)
    if numbered and {"comes", "declines"} & meanings(numbered["words"]):
        text = numbered["words"]
    else:
        numbered = None
    found = meanings(text)
    clear = bool({"comes", "declines"} & found)
    if not visit.person.known or not (clear or ({"yes", "no"} & found and progress is None)):
        return False
    invitations = visit.tx.events.invitations(visit.person.id, since=visit.tx.at - _LATELY)
    open_ones = [each for each in invitations if not each.cancelled and not _is_over(visit, each)]
    answer = Answer.COMES if {"comes", "yes"} & found else Answer.DECLINES
    if not clear:
        return _plain_word_heard(visit, open_ones, answer)
    if not invitations or not (numbered or _is_meant(visit, progress, open_ones, text)):
        return False
    if not open_ones:
        _answer(visit, progress, invitations[-1], answer)
    elif numbered and int(numbered["number"]) <= len(open_ones):
        _answer(visit, progress, open_ones[int(numbered["number"]) - 1], answer)
    elif (event := _which(visit, open_ones)) is not None:
        _answer(visit, progress, event, answer)
    else:
        _ask_which(visit, progress, open_ones, answer)
    return True


def _asks_which(progress: Progress | None) -> bool:
    return progress is not None and progress.form == "which" and progress.carry in ANSWERS


def _is_meant(visit: Visit, progress: Progress | None, events: Sequence[Event], text: str) -> bool:
    """Whether these words are for an invitation, and not for the question that is open."""
    if progress is None or _asks_which(progress):
        return True
    if _latest(visit, events, since=progress.since) is not None:
        return True
    if not events or (progress.doubt is not None and progress.doubt.kind == "enquiry"):
        return False
    free = FORMS[progress.form][progress.question].free and progress.doubt is None
    # "Tidak bisa" alone may be about a photo or a letter.
    return not free and re.search(r"hadir|datang|ikut", text) is not None


def _plain_word_heard(visit: Visit, events: Sequence[Event], answer: Answer) -> bool:
    """A mere yes or no, with no question open, counts where an invitation came last and is not yet answered."""
    if command(visit.incoming.text, free=False) is not None:
        return False
    event = _latest(visit, events, since=visit.tx.at - _LATELY)
    if event is None or _kept_answer(visit, event) is not None:
        return False
    _answer(visit, None, event, answer)
    return True


def _latest(visit: Visit, events: Sequence[Event], *, since: int) -> Event | None:
    """The event that the last message sent to many was about, if it is one of these."""
    latest = visit.tx.recipients.latest_of(visit.person.id, since=since)
    return next((each for each in events if latest is not None and each.id == latest["event_id"]), None)


def _kept_answer(visit: Visit, event: Event) -> Answer | None:
    kept = visit.tx.events.attendance(event.id, visit.person.id)
    return kept.answer if kept is not None else None


def _which(visit: Visit, events: Sequence[Event]) -> Event | None:
    """The one meant of several: the news that came last is about it, or only it is not yet answered."""
    if len(events) == 1:
        return events[0]
    unanswered = [each for each in events if _kept_answer(visit, each) is None]
    last = _latest(visit, events, since=visit.tx.at - _LATELY)
    if last is not None and unanswered in ([], [last]):
        return last
    return unanswered[0] if last is None and len(unanswered) == 1 else None


def _ask_which(visit: Visit, progress: Progress | None, events: Sequence[Event], answer: Answer) -> None:
    labels = [f"{when(event, visit.office)}, {event.place}" for event in events]
    if progress is None or _asks_which(progress):
        options = tuple((str(event.id), label) for event, label in zip(events, labels, strict=True))
        begin(visit, "which", carry=answer, doubt=Doubt("which", answer, options))
        return
    # The open question stays open; these choices stand by themselves.
    word = {Answer.COMES: "HADIR", Answer.DECLINES: "TIDAK BISA"}[answer]
    listed = "\n".join(f"{place}. {label}" for place, label in enumerate(labels, 1))
    text = visit.say("Which meeting? Reply **{word} 1** or **{word} 2**.", word=word)
    choices = [Choice(label, data("ev", str(answer), event.id)) for event, label in zip(events, labels, strict=True)]
    visit.reply(f"{text}\n{listed}", choices, stacked=True)
    repeat(visit, progress, whole=False)


def _is_over(visit: Visit, event: Event) -> bool:
    return visit.office.today(visit.tx.now) > event.day(visit.office.zone)


def _is_today(visit: Visit, event: Event) -> bool:
    return visit.office.today(visit.tx.now) == event.day(visit.office.zone)


def _answer(visit: Visit, progress: Progress | None, event: Event, answer: Answer) -> None:
    """Keep what was said while it matters, and say what is known."""
    said = _not_open(visit, event)
    if said is None and not visit.person.known:
        said = visit.say("Everybody is welcome. Without your permission we note nothing. To register: **DAFTAR**.")
        said = f"{said}\n\n{details(event, visit.office)}"
    if said is None:
        visit.tx.events.answer(event.id, visit.person.id, answer, village=presence.known_village(visit))
        said = _noted(visit, event, answer)
    aside(visit, progress, said)


def _not_open(visit: Visit, event: Event) -> str | None:
    """Why nothing can be answered any more."""
    day, place = event_day(event, visit.office), where(event, visit.office)
    if event.cancelled:
        return visit.say("The meeting on {day} in {place} is **cancelled**. Please do not come.", day=day, place=place)
    if _is_over(visit, event):
        return visit.say("The meeting on {day} is over. To register here, reply **DAFTAR**.", day=day)
    return None


def _noted(visit: Visit, event: Event, answer: Answer) -> str:
    say, parts = visit.say, []
    if answer is Answer.COMES:
        parts.append(say("Thank you, Bapak/Ibu. We note: you **come**."))
        parts.append(details(event, visit.office))
        if _is_today(visit, event):
            parts.append(say("A poster hangs there. Please send us the word on it."))
        parts.append(say("Cannot come after all? Reply **TIDAK BISA**."))
    else:
        day = event_day(event, visit.office)
        parts.append(say("Thank you for telling us. We note: you **cannot come** on {day}.", day=day))
        parts.append(say("Can come after all? Reply **HADIR**."))
    return "\n\n".join(parts)


# The word on the poster


def _poster_heard(visit: Visit, progress: Progress | None) -> bool:
    found = _POSTER.fullmatch(normal(visit.incoming.text))
    if found is None:
        return False
    word = f"{found['letters']}{found['digits']}".upper()
    event = visit.tx.events.by_word(word)
    plain = not found["link"] and not found["said"]
    if event is None and (plain or visit.officer is not None):
        return False
    if event is None:
        aside(visit, progress, visit.say("We do not know the word {word}. Please look at the poster again.", word=word))
    elif visit.officer is not None:
        _tell_staff(visit, event)
    elif plain and not _is_today(visit, event) and _takes_anything(progress):
        # A block of flats may be called like it.
        return False
    elif event.cancelled or not _is_today(visit, event):
        _at_the_wrong_time(visit, progress, event, promises=bool(found["said"]))
    elif visit.person.known:
        _is_there(visit, progress, event)
    else:
        _stranger_is_there(visit, progress, event)
    return True


def _takes_anything(progress: Progress | None) -> bool:
    return progress is not None and (FORMS[progress.form][progress.question].free or progress.doubt is not None)


def _tell_staff(visit: Visit, event: Event) -> None:
    text = visit.say("The word **{word}** works. Whoever sends it on the day is noted as present.", word=event.word)
    if event.cancelled:
        text = visit.say("The word **{word}** belongs to a meeting that is cancelled.", word=event.word)
    visit.reply(f"{text}\n\n{details(event, visit.office)}")


def _at_the_wrong_time(visit: Visit, progress: Progress | None, event: Event, *, promises: bool) -> None:
    """Too early, too late, or it does not take place."""
    said = _not_open(visit, event)
    if said is None and promises and visit.person.known:
        # HADIR with the word, days before, says no more than HADIR alone.
        _answer(visit, progress, event, Answer.COMES)
        return
    if said is None:
        text = visit.say("This word counts on the day of the meeting. Please send it again then.")
        said = f"{text}\n\n{details(event, visit.office)}"
    aside(visit, progress, said)


def _is_there(visit: Visit, progress: Progress | None, event: Event) -> None:
    """Present, once; then straight on with the registration, where there is one to go on with."""
    new = visit.tx.events.present(event.id, visit.person.id, village=presence.known_village(visit))
    say = visit.say
    lead = (
        say("Welcome, Bapak/Ibu. We note that you are here.") if new else say("We have noted you already. Thank you.")
    )
    files = live(visit)
    draft = next((each for each in files if each.status is Status.DRAFT), None)
    if progress is not None and (files or progress.form in KEPT | {"consent"}):
        repeat(visit, progress, lead=lead)
    elif draft is not None:
        begin(visit, "registration", registration_id=draft.id, lead=lead)
    elif files:
        another = say("To register somebody else, reply **DAFTAR**.")
        visit.reply("\n\n".join([lead, status.words(visit), another]))
    else:
        if progress is not None:
            leave(visit, progress)
        consent.start(visit, lead=lead)


def _stranger_is_there(visit: Visit, progress: Progress | None, event: Event) -> None:
    """Of whom nothing may be kept yet: one more is counted, and asked for consent."""
    lead = visit.say("Welcome, Bapak/Ibu. You can register here now.")
    if progress is not None and presence.counted_at(progress.carry) == event.id:
        repeat(visit, progress, lead=lead, whole=False)
        return
    visit.tx.events.count_stranger(event.id, 1)
    if progress is not None:
        repeat(visit, replace(progress, carry=presence.carried(event)), lead=lead, whole=False)
    else:
        consent.start(visit, carry=presence.carried(event), lead=lead)
