"""Who gets what arrived: the one ordered way from an Incoming to the handler that answers it.

Not for: answering; each handler does that itself. Nothing here sends or waits.
"""

from __future__ import annotations

from dataclasses import replace

from conversation import engine
from conversation.forms import FORMS
from conversation.messages import Acknowledgement, Incoming, Kind, Leave, Message
from conversation.progress import Progress
from conversation.words import clean, meanings, normal
from domain.officer import Role
from domain.person import Person
from domain.registration import Actor
from handlers import (
    admin,
    attendance,
    broadcast_compose,
    broadcast_control,
    enquiries,
    events,
    help,
    joining,
    paper_orders,
    picks,
    pictures,
    queue,
    search,
    spoken,
    staff,
    verification,
    worker,
)
from handlers.office import Office
from handlers.sensitive import mentions_nik, own_message_must_go
from handlers.visit import Command, Press, Visit
from handlers.walk import answers_of, repeat_for, view_of
from storage.inbox import Parked
from storage.people import Standing
from storage.store import Tx

COMMANDS: dict[str, Command] = {
    **queue.COMMANDS,
    **verification.COMMANDS,
    **search.COMMANDS,
    **enquiries.COMMANDS,
    **staff.COMMANDS,
    **admin.COMMANDS,
    **broadcast_control.COMMANDS,
    **broadcast_compose.COMMANDS,
    **events.COMMANDS,
}
TAPS: dict[str, Press] = {
    **queue.TAPS,
    **verification.TAPS,
    **search.TAPS,
    **enquiries.TAPS,
    **staff.TAPS,
    **admin.TAPS,
    **broadcast_control.TAPS,
    **paper_orders.TAPS,
    **broadcast_compose.TAPS,
    **events.TAPS,
}
# What a choice that needs no form stands for.
_WORDS = {"status": "status", "register": "daftar", "help": "bantuan", "undo_connect": "batalkan sambungan"}


def handle(tx: Tx, incoming: Incoming, office: Office) -> Acknowledgement | None:
    """One Incoming, once. Returns what to acknowledge a tap with, after the commit."""
    if not tx.inbox.remember(incoming.key):
        return _silent(incoming)
    if incoming.kind is Kind.GROUP:
        _leave_group(tx, incoming, office)
        return None
    if incoming.kind is Kind.MOVED:
        _moved(tx, incoming)
        return None
    person, this_minute = tx.people.arrive(incoming.address, uses=incoming.kind is not Kind.BLOCKED)
    if incoming.kind is Kind.BLOCKED:
        if tx.people.is_in_use(person.id, incoming.address):
            tx.people.mark_unreachable(person.id, True)
            tx.outbox.hold(person.id, "blocked")
        return None
    if person.unreachable:
        tx.people.mark_unreachable(person.id, False)
    waited = False
    if person.unreachable or person.held:
        before, person = person, replace(person, unreachable=False, held=False)
        open_question = _to_ask_again(tx, person)
        waited = tx.outbox.release(person.id)
        if waited and before.held and not before.unreachable and _only_lets_in(incoming):
            if open_question is not None:
                repeat_for(tx, person, office, open_question)
            return _silent(incoming)
    if incoming.kind is Kind.RETURNED:
        return None
    standing = tx.people.standing(person.id)
    if standing.parked:
        tx.inbox.park(person.id, incoming, state="behind")
        return _silent(incoming)
    done = _run(tx, person, incoming, office, this_minute, standing, waited=waited)
    pictures.let_go(tx, person, incoming, office)
    return done


def _only_lets_in(incoming: Incoming) -> bool:
    """LIHAT, a yes or a greeting, when something waited: what waited is the answer, with its question if it has one."""
    found = meanings(incoming.text) if incoming.kind is Kind.TEXT else frozenset()
    greets = "start" in found and not found & {"register", "resume_notices"} and not incoming.text.startswith("/")
    return greets or bool(found & {"read", "yes", "thanks"})


def _to_ask_again(tx: Tx, person: Person) -> Progress | None:
    """The open question, unless it is among what waits (so it must be asked before that is let in), or answered by a
    picture that is being fetched, or an offer that needs no answer.
    """
    progress = tx.people.progress(person.id)
    if progress is None or progress.form == "topics" or tx.people.standing(person.id).parked:
        return None
    moved = progress.called and tx.outbox.let_out
    return None if moved or tx.people.question_waits(person.id) else progress


def handle_parked(tx: Tx, parked: Parked, incoming: Incoming, office: Office) -> Acknowledgement | None:
    """What was parked, now that its turn has come: with its picture, or with the news that it is lost."""
    if not tx.inbox.take(parked.id):
        if incoming.file:
            tx.forgotten.append(incoming.file)
        return None
    person, _ = tx.people.arrive(incoming.address)
    done = _run(tx, person, incoming, office, 0, tx.people.standing(person.id))
    # As it was parked: what came may say that the file is lost.
    pictures.let_go(tx, person, parked.incoming or incoming, office)
    return done


def _silent(incoming: Incoming) -> Acknowledgement | None:
    return Acknowledgement(incoming.tap_id) if incoming.tap_id else None


def _moved(tx: Tx, incoming: Incoming) -> None:
    """The account has another address from now on; where somebody else is there already, both stay as they are."""
    if incoming.moved is not None and not tx.people.follow(incoming.address, incoming.moved):
        tx.audit.record("address_not_moved", actor=Actor.SYSTEM)


def _leave_group(tx: Tx, incoming: Incoming, office: Office) -> None:
    """The service speaks in private only: say so once, with the way there, and go."""
    person, _ = tx.people.arrive(incoming.address)
    if tx.outbox.waits_for(person.id):
        return
    link = office.links.get(incoming.address.channel)
    tx.outbox.put(
        person,
        Message(
            office.say(
                "This service works in a private chat only, so that nobody else reads along. Please write to us there:"
                " {link}",
                link=link() if link else "",
            ).strip()
        ),
    )
    tx.outbox.put(person, Leave())


def _run(
    tx: Tx,
    person: Person,
    incoming: Incoming,
    office: Office,
    this_minute: int,
    standing: Standing,
    *,
    waited: bool = False,
) -> Acknowledgement | None:
    """`waited`: what was put for the person last had not been shown to them when they wrote this."""
    officer = tx.staff.officer_of(person.id) if standing.officer else None
    visit = Visit(tx, person, officer, replace(incoming, text=clean(incoming.text)), office, unseen=waited)
    if officer is None and this_minute > office.rules.messages_per_minute:
        if this_minute == office.rules.messages_per_minute + 1:
            visit.reply(visit.say("Many messages at once. Please wait a minute, then go on. Nothing is lost."))
        return _silent(incoming)
    if incoming.kind is Kind.TAP:
        return Acknowledgement(incoming.tap_id, _acknowledged(visit, _tap(visit)))
    if not waited and (pressed := picks.pressed(visit)) is not None:
        _in_passing(visit, _tap(pressed))
        return None
    if incoming.kind is Kind.TEXT and _staff_text(visit):
        return None
    if incoming.kind is Kind.EDIT and _staff_edit(visit):
        return None
    if broadcast_compose.file(visit):
        return None
    worker.arrived(pictures.unclaimed(visit))
    return None


def _acknowledged(visit: Visit, said: str) -> str:
    """What the acknowledgement of a tap says; where it can show no words they are an answer of their own."""
    if visit.limits.toasts:
        return said
    _in_passing(visit, said)
    return ""


def _in_passing(visit: Visit, said: str) -> None:
    """A word about what was picked; what was offered stays open, for it may be picked from once more."""
    if said:
        visit.mention(said)


def _staff_text(visit: Visit) -> bool:
    """Joining by a code, the commands of a role, and the note an officer is in the middle of."""
    text = visit.incoming.text
    word, _, rest = text.partition(" ")
    word = word.split("@")[0].lower()
    rest = rest.strip()
    joins = rest and word in ("sambung", "/sambung", "/start")
    if joins and joining.takes_up(visit, rest.split()[0], named=word != "/start"):
        return True
    if rest and (word in ("/start", "gabung", "/gabung")) and staff.join(visit, rest.split()[0]):
        return True
    if visit.officer is None:
        return False
    found = COMMANDS.get(word.removeprefix("/")) if word.startswith("/") else None
    if found is not None and _may(visit, found.role):
        found.run(visit, rest)
        return True
    if word in ("/bantuan", "/help", "/menu") or _asks_menu(visit):
        help.to_officer(visit, visit.officer)
        return True
    said = spoken.command(visit, COMMANDS)
    if said is not None and _may(visit, said[0].role):
        said[0].run(visit, said[1])
        return True
    return not word.startswith("/") and (
        broadcast_compose.text(visit, text) or verification.desk_text(visit) or broadcast_control.text(visit, text)
    )


def _asks_menu(visit: Visit) -> bool:
    """MENU at any time; BANTUAN unless a form is open, which has a help of its own."""
    word = normal(visit.incoming.text)
    return word == "menu" or (word == "bantuan" and visit.tx.people.progress(visit.person.id) is None)


def _staff_edit(visit: Visit) -> bool:
    """An edited command is none, nor what else an officer edits outside a form; a NIK written into it goes too."""
    text = visit.incoming.text
    in_a_form = visit.tx.people.progress(visit.person.id) is not None
    if visit.officer is None or (in_a_form and not text.startswith("/")):
        return False
    if mentions_nik(text):
        own_message_must_go(visit)
    visit.reply(visit.say("An edited message does nothing here. Please write it anew."))
    return True


def _may(visit: Visit, role: Role) -> bool:
    return visit.officer is not None and (role is Role.OFFICER or visit.officer.role is Role.ADMIN)


def _tap(visit: Visit) -> str:
    """A choice was picked: ours to check, however it was made. Returns the words of the acknowledgement."""
    head, *parts = visit.incoming.tap.split(":")
    if head == "f":
        return _form_tap(visit)
    if head == "w" and parts and parts[0] in _WORDS:
        worker.arrived(_typed(visit, _WORDS[parts[0]]))
        return ""
    if head == "ev":
        return attendance.tapped(visit, parts)
    if head == "m" and visit.officer is not None:
        return _menu_tap(visit, parts)
    press = TAPS.get(head)
    if press is not None and _may(visit, press.role):
        return press.run(visit, parts)
    return visit.say("This choice is not open any more.")


def _menu_tap(visit: Visit, parts: list[str]) -> str:
    """A command picked from the menu; the role may be another one since it was shown."""
    found = COMMANDS.get(parts[0]) if len(parts) == 1 else None
    if found is None or not _may(visit, found.role):
        return visit.say("This choice is not open any more.")
    found.run(visit, "")
    return ""


def _form_tap(visit: Visit) -> str:
    progress = visit.tx.people.progress(visit.person.id)
    if progress is None or not engine.is_current(progress, visit.incoming.tap):
        return visit.say("Answered already.")
    view = view_of(visit.tx, visit.office, answers_of(visit.tx, progress))
    value = engine.picked_value(FORMS[progress.form], progress, visit.incoming.tap, view)
    if not value:
        return visit.say("Answered already.")
    # The value is no text of a person: it is stored with the message that carried the choice as its source.
    picked = replace(visit.incoming, text=value, message_id="")
    worker.arrived(replace(visit, incoming=picked))
    return ""


def _typed(visit: Visit, text: str) -> Visit:
    return replace(visit, incoming=replace(visit.incoming, kind=Kind.TEXT, text=text, message_id=""))
