"""An admin composes a broadcast: what they type, send or press while they do.

Every answer is kept in the draft at once, so it can be gone on with after days. Not for: the order of the questions
(broadcast_steps.py), the questions themselves (broadcast_event.py, broadcast_content.py, broadcast_audience.py) or
anything once the list of people is being made (broadcast_control.py).
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.messages import Kind as Came
from conversation.words import meanings, normal, number
from domain.broadcast import Broadcast, Kind, State
from domain.officer import Role
from handlers import (
    broadcast_audience,
    broadcast_content,
    broadcast_control,
    broadcast_draft,
    broadcast_event,
    broadcast_list,
    broadcast_steps,
)
from handlers.broadcast_steps import At, answered_with, ask
from handlers.hold import officer_at
from handlers.taps import numbers
from handlers.visit import Command, Press, Visit

_LOOK_WORDS = {
    "kirim ke saya": "test",
    "coba": "test",
    "tes": "test",
    "ubah teks": "text",
    "ubah file": "file",
    "ubah foto": "file",
    "ubah penerima": "who",
    "ubah acara": "when",
    "buat daftar penerima": "freeze",
    "lanjut": "freeze",
    "lanjutkan": "freeze",
    "buang": "drop",
}


# The list


def _names_broadcast(rest: str) -> bool:
    word = normal(rest)
    return word in broadcast_list.NEW or word.isdecimal()


def _command(visit: Visit, words: str) -> None:
    """/siaran, /siaran 12, /siaran pengumuman."""
    if not words.strip():
        broadcast_list.show(visit)
    elif not _listed(visit, words):
        visit.reply(visit.say("There is no broadcast {number}.", number=words.strip()[:20]))


def _listed(visit: Visit, words: str) -> bool:
    """A broadcast of the list, or a new one."""
    word = normal(words)
    found = broadcast_list.named(visit, word)
    if word in broadcast_list.NEW:
        _new(visit, broadcast_list.NEW[word])
    elif found is not None:
        said = _open(visit, found)
        if said:
            visit.reply(said)
    return word in broadcast_list.NEW or found is not None


def _open(visit: Visit, found: Broadcast) -> str:
    if found.state is not State.DRAFT:
        broadcast_control.show(visit, found)
        return ""
    if found.owner_id != officer_at(visit).id:
        return visit.say("A colleague is writing this one.")
    broadcast_steps.go_on(visit, found)
    return ""


def _new(visit: Visit, kind: Kind) -> str:
    broadcast_steps.go_on(visit, broadcast_draft.begun(visit, kind))
    return ""


# Words and files


def text(visit: Visit, words: str) -> bool:
    """What an admin types while a draft is open at the desk; False where it is not for it."""
    if visit.officer is None or not visit.officer.is_admin:
        return False
    at = broadcast_steps.at_desk(visit)
    if at is None:
        in_a_form = visit.tx.people.progress(visit.person.id) is not None
        return not in_a_form and broadcast_list.is_open(visit) and _listed(visit, words)
    meant = meanings(words)
    if at.step == "who" and "back" in meant and broadcast_audience.back(visit, at.draft):
        return True
    if "back" in meant:
        broadcast_steps.before(visit, at)
    elif "cancel" in meant:
        visit.reply(_drop(visit, at.draft))
    elif at.step == "who":
        if broadcast_audience.typed(visit, at.draft, words):
            ask(visit, visit.tx.broadcasts.get(at.draft.id) or at.draft, "look")
    elif at.step == "look":
        return _looked(visit, at.draft, words)
    else:
        broadcast_steps.typed(visit, at, words)
    return True


def _looked(visit: Visit, draft: Broadcast, words: str) -> bool:
    """One of the choices under the look, in words or by its number."""
    word, place = normal(words), number(words)
    choices = broadcast_content.look_choices(visit, draft)
    if place is not None and 0 < place <= len(choices):
        word = choices[place - 1].data.split(":")[1]
    else:
        word = _LOOK_WORDS.get(word, "")
    if word not in _LOOK:
        return False
    said = _LOOK[word](visit, draft)
    if said:
        visit.reply(said)
    return True


def file(visit: Visit) -> bool:
    """A file for the draft; False where none is awaited."""
    if visit.officer is None or visit.officer.role is not Role.ADMIN or visit.incoming.kind is not Came.FILE:
        return False
    at = broadcast_steps.at_desk(visit)
    if at is None or (at.step != "file" and visit.tx.people.progress(visit.person.id) is not None):
        return False
    if at.step == "look":
        # What is sent while the whole is looked at goes with it, or takes the place of what does.
        at = At("file", at.draft, back=True)
    if at.step != "file":
        visit.reply(visit.say("A file is asked for later. First this question, please."))
        ask(visit, at.draft, at.step, back=at.back)
        return True
    answered_with(visit, at, broadcast_content.read_file(visit, at.draft))
    return True


# Choices


def _freeze(visit: Visit, draft: Broadcast) -> str:
    broadcast_steps.over(visit, draft)
    step = broadcast_draft.frozen(visit, draft)
    if step:
        ask(visit, visit.tx.broadcasts.get(draft.id) or draft, step, back=True)
    return ""


def _drop(visit: Visit, draft: Broadcast) -> str:
    broadcast_steps.over(visit, draft)
    return broadcast_draft.dropped(visit, draft)


def _copy(visit: Visit, source: Broadcast) -> str:
    draft = broadcast_draft.copied(visit, source)
    if isinstance(draft, str):
        return draft
    broadcast_steps.go_on(visit, draft)
    return ""


def _step(step: str) -> Callable[[Visit, Broadcast], str]:
    def run(visit: Visit, draft: Broadcast) -> str:
        ask(visit, draft, step, back=step != "who")
        return ""

    return run


_LOOK: dict[str, Callable[[Visit, Broadcast], str]] = {
    "test": broadcast_content.test,
    "when": _step("when"),
    "text": _step("text"),
    "file": _step("file"),
    "who": _step("who"),
    "freeze": _freeze,
    "drop": _drop,
}


def _answer(visit: Visit, at: At, word: str, rest: list[str]) -> bool:
    """A choice that answers the question that is open; False where it is another one's."""
    if word == "keep" and rest == [at.step] and broadcast_steps.is_answered(visit, at.draft, at.step):
        broadcast_steps.next_after(visit, at)
    elif word == "ready" and at.step == "text":
        answered_with(visit, at, broadcast_event.with_ready_text(visit, at.draft))
    elif word == "skip" and at.step == "file":
        answered_with(visit, at, broadcast_content.without_file(at.draft))
    elif word == "village" and at.step == "village" and len(rest) == 1:
        answered_with(visit, at, broadcast_event.with_village(visit, at.draft, rest[0]))
    else:
        return False
    return True


def _tap(visit: Visit, parts: list[str]) -> str:
    say, (word, *rest) = visit.say, parts or [""]
    if word == "sample":
        return say("This is only a preview.")
    if word == "new" and rest in ([Kind.ANNOUNCEMENT], [Kind.INVITATION]):
        return _new(visit, Kind(rest[0]))
    given = numbers(rest[:1], 1)
    found = visit.tx.broadcasts.get(given[0], lock=True) if given else None
    if found is None:
        return say("This choice is out of date.")
    if word == "open":
        return _open(visit, found)
    if word == "copy":
        return _copy(visit, found)
    if found.state is not State.DRAFT or found.owner_id != officer_at(visit).id:
        return say("This choice is out of date.")
    if word == "freeze" and numbers(rest[1:], 1) != [found.version]:
        ask(visit, found, "look")
        return say("It was changed since. Please look once more.")
    if word in _LOOK:
        return _LOOK[word](visit, found)
    at = broadcast_steps.at_desk(visit)
    if at is None or at.draft.id != found.id or not _answer(visit, at, word, rest[1:]):
        return say("This choice is out of date.")
    return ""


def _who_tap(visit: Visit, parts: list[str]) -> str:
    """A choice in the audience's menu."""
    given = numbers(parts[1:2], 1)
    draft = visit.tx.broadcasts.get(given[0], lock=True) if given else None
    if draft is None or draft.state is not State.DRAFT or draft.owner_id != officer_at(visit).id:
        return visit.say("This choice is out of date.")
    said, chosen = broadcast_audience.tap(visit, draft, parts)
    if chosen:
        ask(visit, visit.tx.broadcasts.get(draft.id) or draft, "look")
    return said


COMMANDS: dict[str, Command] = {"siaran": Command(Role.ADMIN, _command, _names_broadcast)}
TAPS: dict[str, Press] = {"bc": Press(Role.ADMIN, _tap), "ba": Press(Role.ADMIN, _who_tap)}
