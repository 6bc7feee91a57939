"""Going on at another address: SAMBUNG gives a code here, SAMBUNG and the code take it up there, and it can be undone.

What is said to somebody who proves nothing is the same whatever was wrong. Not for: how addresses lead to a person
(storage/identity.py, storage/joins.py).
"""

from __future__ import annotations

import re
from dataclasses import replace

from conversation import engine
from conversation.late import late_message
from conversation.messages import Choice
from conversation.progress import Progress
from domain.errors import Invalid
from domain.receipt import parse_receipt
from domain.registration import Actor, Registration, Status
from handlers import status
from handlers.filing import drop_draft
from handlers.office import Office
from handlers.visit import Visit
from handlers.walk import aside, begin, repeat
from storage.joins import CODE_MINUTES, Join
from storage.store import Tx

_CODE = re.compile(r"[A-Za-z2-9]{10}")
_TRIES, _TRIES_A_DAY = 3, 5
_GONE = frozenset({Status.CANCELLED, Status.ERASED})
UNDO = "w:undo_connect"


def connect(visit: Visit, progress: Progress | None) -> None:
    """SAMBUNG: a code with the ways to the other networks."""
    tx, say = visit.tx, visit.say
    if _is_staff(tx, visit.person.id):
        aside(visit, progress, _staff_words(visit))
        return
    if not visit.person.known or not _files(tx, visit.person.id):
        aside(visit, progress, say("There is nothing to take along from here yet. To register, reply **DAFTAR**."))
        return
    code = tx.joins.offer(visit.person.id)
    tx.audit.record("join_offered", actor=Actor.WORKER, actor_id=visit.person.id)
    here, links = visit.person.address.channel, visit.office.links
    others = [link for channel, link in links.items() if channel != here] or list(links.values())
    text = say(
        "Here is the code to go on in another chat: **{code}**. It works once, for {minutes} minutes. In the other chat"
        " send **SAMBUNG {code}**, or open the link there. Show the code to nobody.",
        code=code,
        minutes=CODE_MINUTES,
    )
    aside(visit, progress, "\n".join([text, *(link(code) for link in others)]))


def takes_up(visit: Visit, code: str, *, named: bool) -> bool:
    """SAMBUNG with a code; False when it has not the form of one. Not `named`, it may be an invitation's."""
    if not _CODE.fullmatch(code):
        return False
    join = visit.tx.joins.find(code)
    if join is None and not named:
        return False
    tx, say, progress = visit.tx, visit.say, visit.tx.people.progress(visit.person.id)
    if _is_staff(tx, visit.person.id):
        aside(visit, progress, _staff_words(visit))
    elif join is not None and join.person_id == visit.person.id:
        aside(visit, progress, say("This code is for the other chat. Please send it there."))
    elif not _may_come(visit):
        aside(
            visit,
            progress,
            say(
                "This chat has a registration of its own. Please finish it, or stop it with **BATAL**. Then send the"
                " code again. The office helps too: {contact}.",
                contact=visit.office.contact,
            ),
        )
    else:
        _ask(visit, join, code)
    return True


def receipt_given(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    if turn.event != "finished":
        _not_joined(visit)
        return
    begin(visit, "join_birth", carry=f"{progress.carry} {turn.values['receipt']}")


def birth_given(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    """Everything that was asked is there: does it fit?"""
    if turn.event != "finished":
        _not_joined(visit)
        return
    tx = visit.tx
    code, _, receipt = progress.carry.partition(" ")
    join = tx.joins.find(code)
    today = tx.joins.count_today(visit.person.id)
    tries = tx.joins.count_try(join) if join is not None else 0
    fits = join is not None and join.open and _fits(visit, join, receipt, turn.values["birth_date"] or "")
    if join is not None and fits and tries <= _TRIES and today <= _TRIES_A_DAY:
        tx.joins.prolong(join)
        begin(visit, "join_how", carry=code)
        return
    if join is not None and join.open and (tries >= _TRIES or today >= _TRIES_A_DAY):
        tx.joins.close(join)
    if today >= _TRIES_A_DAY:
        text = visit.say(
            "Many tries have come from here today. Please go on tomorrow, or ask the office: {contact}.",
            contact=visit.office.contact,
        )
    else:
        text = visit.say(
            "That does not fit together, or the code is over. Please compare it with the other chat. There, reply"
            " **SAMBUNG** for a new code."
        )
    visit.reply(text)


def how_given(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    """Both are one person from now on."""
    tx = visit.tx
    join = tx.joins.find(progress.carry)
    if turn.event != "finished":
        _not_joined(visit)
        return
    if join is not None:
        tx.people.lock(join.person_id)
    person = tx.people.get(join.person_id) if join is not None and join.open else None
    if join is None or person is None or _is_staff(tx, person.id) or not _may_come(visit):
        visit.reply(visit.say("The code is over. Please reply **SAMBUNG** in the other chat for a new one."))
        return
    only = turn.values["how"] == "only"
    for draft in tx.registrations.of_person(visit.person.id):
        if draft.status is Status.DRAFT:
            drop_draft(visit, draft, reason="joined")
    tx.joins.complete(join, person, visit.person, only=only)
    for file in _files(tx, person.id):
        _record(tx, "address_joined", person.id, file, detail="only" if only else "both")
    undo = (Choice(visit.say("Undo the connection"), UNDO),)
    tx.outbox.put(replace(person, unreachable=False), late_message("address_joined", visit.say, undo))
    worked = visit.say(
        "It worked: your registration goes on here. The other chat works too. To take it off, **PUTUS**."
    )
    if only:
        worked = visit.say("It worked: your registration goes on here. The other chat ends after a day.")
    _goes_on(
        replace(visit, person=replace(person, address=visit.person.address, unreachable=False, held=False)), worked
    )


def undo(visit: Visit, progress: Progress | None) -> None:
    """BATALKAN SAMBUNGAN, in the chat that was there before."""
    tx, say = visit.tx, visit.say
    back = tx.joins.undo(visit.person)
    if back is None:
        text = say(
            "There is no connection to undo here. It is undone within a day, in the chat that was there before. Later"
            " **PUTUS** takes the other chat off."
        )
        aside(visit, progress, text)
        return
    for file in _files(tx, visit.person.id):
        _record(tx, "address_join_undone", visit.person.id, file)
    for joined in back:
        tx.outbox.put(joined, late_message("connection_undone", say))
    aside(visit, progress, say("The connection is undone. The other chat sees and changes nothing any more."))


def disconnect(visit: Visit, progress: Progress | None) -> None:
    """PUTUS: only this chat from now on. Who may still undo a connection is not shut out by it."""
    tx, say = visit.tx, visit.say
    if tx.joins.is_recent(visit.person.id):
        text = say("A new connection can be taken off after a day. In the chat from before: **BATALKAN SAMBUNGAN**.")
    elif tx.joins.leave_others(visit.person):
        for file in _files(tx, visit.person.id):
            _record(tx, "address_left", visit.person.id, file)
        text = say("The other chat is taken off. Your registration is used in this chat only.")
    else:
        text = say("No other chat is connected. To go on in another one, reply **SAMBUNG**.")
    aside(visit, progress, text)


def settle(tx: Tx, office: Office) -> bool:
    """What can be undone no longer is settled: where only the new chat was wanted, the old one is taken off."""
    del office
    rows = tx.joins.lapsed(limit=20)
    for row in rows:
        tx.people.lock(row["address_id"])
        if tx.joins.settle(row):
            for file in _files(tx, row["address_id"]):
                _record(tx, "address_left", row["address_id"], file)
    return len(rows) == 20


def _ask(visit: Visit, join: Join | None, code: str) -> None:
    """The receipt number and the birth date; of somebody who has only a draft what is there. Of a code that is none
    just as much is asked, so that it tells nothing.
    """
    if join is not None and join.open and not _with_receipt(visit.tx, join):
        if _birth_dates(visit.tx, join):
            begin(visit, "join_birth", carry=code)
        else:
            visit.tx.joins.prolong(join)
            begin(visit, "join_how", carry=code)
        return
    begin(visit, "join_receipt", carry=code)


def _fits(visit: Visit, join: Join, receipt: str, born: str) -> bool:
    """Whether number and birth date are those of one registration of whoever the code is from."""
    tx, files = visit.tx, _with_receipt(visit.tx, join)
    if not files:
        return not receipt and born in _birth_dates(tx, join)
    try:
        number = parse_receipt(receipt, visit.office.letters)
    except Invalid:
        return False
    return any(file.receipt == number and tx.registrations.answers(file.id).get("birth_date") == born for file in files)


def _files(tx: Tx, person_id: int) -> list[Registration]:
    return [file for file in tx.registrations.of_person(person_id) if file.status not in _GONE]


def _with_receipt(tx: Tx, join: Join) -> list[Registration]:
    return [file for file in _files(tx, join.person_id) if file.receipt]


def _birth_dates(tx: Tx, join: Join) -> set[str]:
    known = [tx.registrations.answers(file.id).get("birth_date") for file in _files(tx, join.person_id)]
    return {each for each in known if each}


def _may_come(visit: Visit) -> bool:
    """Whether nothing of this chat's own would be lost or mixed."""
    tx = visit.tx
    for file in _files(tx, visit.person.id):
        if file.status is not Status.DRAFT or tx.registrations.answers(file.id):
            return False
    return tx.joins.may_come(visit.person)


def _is_staff(tx: Tx, person_id: int) -> bool:
    officer = tx.staff.at_address(person_id)
    return officer is not None and officer.active


def _staff_words(visit: Visit) -> str:
    return visit.say("Officers and admins do not connect chats. Please ask an admin for a new invitation.")


def _not_joined(visit: Visit) -> None:
    visit.reply(visit.say("All right, nothing is connected. The other chat goes on as before."))


def _goes_on(visit: Visit, lead: str) -> None:
    """The open question, or how the registration stands."""
    progress = visit.tx.people.progress(visit.person.id)
    if progress is None:
        visit.reply(f"{lead}\n\n{status.words(visit)}")
    else:
        repeat(visit, progress, lead=lead)


def _record(tx: Tx, action: str, person_id: int, file: Registration, *, detail: str = "") -> None:
    tx.audit.record(action, actor=Actor.WORKER, actor_id=person_id, registration_id=file.id, detail=detail)
