"""Questions that workers leave: listing those of the officer's area and answering in the office's name.

Not for: taking a question (the worker's side does) or the queue of registrations.
"""

from __future__ import annotations

import re

from conversation.late import late
from conversation.messages import Choice, Message
from conversation.words import meanings
from domain.officer import Role
from domain.registration import Actor
from handlers import outcome
from handlers.hold import moment, officer_at
from handlers.labels import length
from handlers.notices import place_name
from handlers.sensitive import mentions_nik, own_message_must_go
from handlers.taps import data, numbers
from handlers.visit import Command, Press, Visit
from storage.enquiries import Enquiry
from storage.queue import Desk

_SHOWN = 7
_LONGEST = 1000
_ANSWER = re.compile(r"#?([0-9]{1,12})[\s:.,]+(.+)", re.DOTALL)


def desk_text(visit: Visit, desk: Desk, words: str) -> bool:
    """The answer to the question whose "Jawab" was tapped; False when no such desk is open."""
    if desk.step != "answer" or desk.subject is None:
        return False
    if unfit := _unfit(visit, words):
        # Asked still: the next words are the answer.
        visit.reply(unfit)
        return True
    visit.tx.queue.close_desk(officer_at(visit).id)
    if "cancel" in meanings(words):
        visit.reply(visit.say("No answer was sent."))
    else:
        visit.reply(_answer(visit, desk.subject, words))
    return True


def _list(visit: Visit, _: str = "") -> None:
    """/pertanyaan: the open questions of one's area, the oldest first."""
    say, tx = visit.say, visit.tx
    found = tx.enquiries.open_in(officer_at(visit).areas, limit=_SHOWN + 1)
    if not found:
        visit.reply(say("There are no open questions in your area."))
        return
    blocks = [
        say(
            "**{number}** ({place}, {age} ago):\n{text}",
            number=one.number,
            place=place_name(one.area, visit.office) if one.area else say("area unknown"),
            age=length((tx.at - one.asked_at) / 1000, say),
            text=one.text,
        )
        for one in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        blocks.append(say("There are more questions. They come when these are answered."))
    blocks.append(say("To answer: /balas NUMBER text"))
    options = [
        Choice(say("Answer {number}", number=one.number), data("e", "answer", one.number)) for one in found[:_SHOWN]
    ]
    visit.reply("\n\n".join(blocks), options)


def _reply(visit: Visit, words: str) -> None:
    """/balas NUMBER text."""
    match = _ANSWER.match(words)
    if match is None:
        visit.reply(visit.say("Please write the number and the answer. Example: /balas 12 Yes, on Monday."))
        return
    visit.reply(_unfit(visit, match[2]) or _answer(visit, int(match[1]), match[2]))


def _tap(visit: Visit, parts: list[str]) -> str:
    if parts == ["list"]:
        _list(visit)
        return ""
    given = numbers(parts[1:], 1) if parts[:1] == ["answer"] else None
    if given is None:
        return visit.say("This choice is out of date.")
    enquiry = _own(visit, given[0])
    if isinstance(enquiry, str):
        return enquiry
    prompt = visit.reply(visit.say("Write the answer to question {number} now, or reply BATAL.", number=enquiry.number))
    visit.tx.queue.open_desk(officer_at(visit).id, Desk("answer", enquiry.number, prompt=prompt))
    return ""


def _own(visit: Visit, number: int, *, lock: bool = False) -> Enquiry | str:
    """An open question of the officer's area; else a sentence saying why not, or who was first."""
    tx, say, officer = visit.tx, visit.say, officer_at(visit)
    enquiry = tx.enquiries.get(number, lock=lock)
    if enquiry is None or not officer.covers(enquiry.area):
        return say("There is no question {number} in your area.", number=number)
    if enquiry.open:
        return enquiry
    return say(
        "Officer {name} has answered question {number} already, at {time}.",
        name=tx.staff.name(enquiry.officer_id) if enquiry.officer_id else "-",
        number=number,
        time=say.time(moment(enquiry.answered_at or 0)),
    )


def _unfit(visit: Visit, words: str) -> str:
    """Why these words are no answer to send; empty when they are."""
    if mentions_nik(words):
        own_message_must_go(visit)
        return visit.say("Please write the answer without the NIK.")
    if len(words) > _LONGEST:
        return visit.say("The answer is too long. It may have {n} letters.", n=_LONGEST)
    return ""


def _answer(visit: Visit, number: int, words: str) -> str:
    """Send the answer and repeat the worker's open question; what the officer is told."""
    tx, say, office, officer = visit.tx, visit.say, visit.office, officer_at(visit)
    asked = tx.enquiries.get(number)
    if asked is not None:
        tx.people.lock(asked.person_id)
    enquiry = _own(visit, number, lock=True)
    if isinstance(enquiry, str):
        return enquiry
    tx.enquiries.answer(number, officer.id)
    tx.audit.record("enquiry_answered", actor=Actor.OFFICER, actor_id=officer.id, detail=str(number))
    person = tx.people.get(enquiry.person_id)
    if person is None:
        return say("The person of question {number} can no longer be reached.", number=number)
    text = say("Answer from {office}:\n{text}", office=office.name, text=words.strip())
    tx.outbox.put(person, Message(text, late=late("office_answered")))
    outcome.repeat_question(tx, person, office)
    if person.unreachable:
        return say("The answer is kept. It goes out when the worker can be reached again.")
    return say("The answer to question {number} has been sent.", number=number)


COMMANDS: dict[str, Command] = {
    "pertanyaan": Command(Role.OFFICER, _list),
    "balas": Command(Role.OFFICER, _reply, lambda rest: _ANSWER.match(rest) is not None),
}
TAPS: dict[str, Press] = {"e": Press(Role.OFFICER, _tap)}
