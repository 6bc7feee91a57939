"""An admin composes a broadcast: the list of all, a new one, and the way from one question to the next.

Every answer is kept in the draft at once, so it can be gone on with after days. Not for: the questions about an event
(broadcast_event.py), text and file (broadcast_content.py), the audience (broadcast_audience.py) or anything once the
list of people is being made (broadcast_control.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conversation.messages import Kind as Came
from conversation.words import meanings, normal
from domain.broadcast import Broadcast, Kind, State
from domain.officer import Role
from handlers import (
    broadcast_audience,
    broadcast_content,
    broadcast_control,
    broadcast_draft,
    broadcast_event,
    broadcast_list,
)
from handlers.hold import officer_at
from handlers.taps import numbers
from handlers.visit import Command, Press, Visit
from storage.queue import Desk
from storage.registrations import OutOfDate

# Nobody who comes back the next day means their first word as the text of a broadcast.
_STALE = 6 * 3_600_000

Ask = Callable[[Visit, Broadcast], int | None]
Read = Callable[[Visit, Broadcast, str], Broadcast | None]
"""Takes what was typed; the draft with the answer in it, or None where it was not taken and something was said."""

_ASK: dict[str, Ask] = {
    "when": broadcast_event.ask_when,
    "village": broadcast_event.ask_village,
    "place": broadcast_event.ask_place,
    "bring": broadcast_event.ask_bring,
    "text": broadcast_content.ask_text,
    "file": broadcast_content.ask_file,
    "who": broadcast_audience.ask,
    "look": broadcast_content.look,
}
_READ: dict[str, Read] = {
    "when": broadcast_event.read_start,
    "village": broadcast_event.read_village,
    "place": broadcast_event.read_place,
    "bring": broadcast_event.read_bring,
    "text": broadcast_content.read_text,
    "file": broadcast_content.read_no_file,
}


def steps(draft: Broadcast) -> tuple[str, ...]:
    """The questions of a draft, in their order."""
    return tuple(_ASK) if draft.kind is Kind.INVITATION else ("text", "file", "who", "look")


def _open(visit: Visit, found: Broadcast) -> str:
    if found.state is not State.DRAFT:
        broadcast_control.show(visit, found)
        return ""
    if found.owner_id != officer_at(visit).id:
        return visit.say("A colleague is writing this one.")
    go_on(visit, found)
    return ""


def _new(visit: Visit, kind: Kind) -> str:
    draft = visit.tx.broadcasts.draft(officer_at(visit).id, kind=kind)
    ask(visit, draft, steps(draft)[0])
    return ""


# The way through the questions


def ask(visit: Visit, draft: Broadcast, step: str) -> None:
    """Put one question, and remember that its answer is awaited."""
    # However it came to be: a copy, an older draft, or one begun before the areas were given.
    draft = broadcast_audience.confined(visit.tx, draft, officer_at(visit))
    desk = Desk(f"bc_{step}", draft.id)
    visit.tx.queue.open_desk(officer_at(visit).id, desk)
    prompt = _ASK[step](visit, draft)
    if prompt is not None:
        visit.tx.queue.open_desk(officer_at(visit).id, replace(desk, prompt=prompt))


def go_on(visit: Visit, draft: Broadcast) -> None:
    """The first question that has no answer yet."""
    content = draft.content
    known = {"when": 1, "village": 2, "place": 3, "bring": 4}
    for step in steps(draft):
        if step in known and len(content.event) < known[step]:
            break
        if step == "text" and not content.text:
            break
    else:
        step = "look"
    ask(visit, draft, step)


def _next(visit: Visit, draft: Broadcast, step: str) -> None:
    order = steps(draft)
    ask(visit, draft, order[min(order.index(step) + 1, len(order) - 1)])


def keep(visit: Visit, before: Broadcast, after: Broadcast) -> Broadcast | None:
    """Keep an answer; None, with a word, where somebody else changed the draft meanwhile."""
    try:
        return visit.tx.broadcasts.save(before, after)
    except OutOfDate:
        visit.reply(visit.say("This draft was changed elsewhere just now. Please open it again: /siaran"))
        return None


def _at_desk(visit: Visit) -> tuple[str, Broadcast] | None:
    """The step whose answer is awaited, with its draft."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is None or not desk.step.startswith("bc_") or visit.tx.at - desk.at > _STALE:
        return None
    draft = visit.tx.broadcasts.get(desk.subject or 0, lock=True)
    if draft is None or draft.state is not State.DRAFT:
        visit.tx.queue.close_desk(officer_at(visit).id)
        return None
    return desk.step.removeprefix("bc_"), draft


def text(visit: Visit, words: str) -> bool:
    """What an admin types while a draft is open at the desk; False where it is not for it."""
    found = _at_desk(visit)
    if found is None:
        return False
    step, draft = found
    meant = meanings(words)
    if step == "who" and "back" in meant and broadcast_audience.back(visit, draft):
        return True
    if "back" in meant:
        order = steps(draft)
        ask(visit, draft, order[max(order.index(step) - 1, 0)])
    elif "cancel" in meant:
        visit.reply(broadcast_draft.dropped(visit, draft))
    elif step == "who":
        if broadcast_audience.typed(visit, draft, words):
            ask(visit, visit.tx.broadcasts.get(draft.id) or draft, "look")
    elif step == "look":
        word = normal(words)
        if word not in _LOOK_WORDS:
            return False
        said = _LOOK[_LOOK_WORDS[word]](visit, draft)
        if said:
            visit.reply(said)
    else:
        _answered(visit, draft, step, _READ[step](visit, draft, words))
    return True


def file(visit: Visit) -> bool:
    """A file for the draft; False where none is awaited."""
    if visit.officer is None or visit.officer.role is not Role.ADMIN or visit.incoming.kind is not Came.FILE:
        return False
    found = _at_desk(visit)
    if found is None or found[0] != "file":
        return False
    step, draft = found
    _answered(visit, draft, step, broadcast_content.read_file(visit, draft))
    return True


def _answered(visit: Visit, draft: Broadcast, step: str, answered: Broadcast | None) -> None:
    kept = keep(visit, draft, answered) if answered is not None else None
    if kept is None:
        return
    broadcast_content.forget_file(visit, draft, kept)
    if step == "text" and broadcast_content.doubts_text(visit, kept):
        return
    _next(visit, kept, step)


# Choices


def _freeze(visit: Visit, draft: Broadcast) -> str:
    if not broadcast_draft.frozen(visit, draft):
        ask(visit, draft, "text")
    return ""


def _copy(visit: Visit, source: Broadcast) -> str:
    draft = broadcast_draft.copied(visit, source)
    if isinstance(draft, str):
        return draft
    ask(visit, draft, "look")
    return ""


def _step(step: str) -> Callable[[Visit, Broadcast], str]:
    def run(visit: Visit, draft: Broadcast) -> str:
        ask(visit, draft, step)
        return ""

    return run


_LOOK: dict[str, Callable[[Visit, Broadcast], str]] = {
    "test": broadcast_content.test,
    "text": _step("text"),
    "file": _step("file"),
    "who": _step("who"),
    "freeze": _freeze,
    "drop": broadcast_draft.dropped,
}
_LOOK_WORDS = {
    "kirim ke saya": "test",
    "coba": "test",
    "ubah teks": "text",
    "ubah file": "file",
    "ubah foto": "file",
    "ubah penerima": "who",
    "lanjut": "freeze",
    "lanjutkan": "freeze",
    "buang": "drop",
}


def _use_text(visit: Visit, draft: Broadcast) -> str:
    """The ready text, or the text in spite of what was said about it."""
    step = "text"
    if not draft.content.text:
        kept = keep(visit, draft, broadcast_event.with_ready_text(visit, draft))
        if kept is None:
            return ""
        draft = kept
    _next(visit, draft, step)
    return ""


def _skip_file(visit: Visit, draft: Broadcast) -> str:
    _answered(visit, draft, "file", broadcast_content.read_no_file(visit, draft, "lewati"))
    return ""


def _pick_village(visit: Visit, draft: Broadcast, code: str) -> str:
    _answered(visit, draft, "village", broadcast_event.with_village(visit, draft, code))
    return ""


_AT_STEP: dict[str, tuple[str, Callable[[Visit, Broadcast], str]]] = {
    "ready": ("text", _use_text),
    "anyway": ("text", _use_text),
    "skip": ("file", _skip_file),
}


def _tap(visit: Visit, parts: list[str]) -> str:
    word = parts[0] if parts else ""
    if word == "sample":
        return visit.say("This is only a preview.")
    if word == "new" and parts[1:] in ([Kind.ANNOUNCEMENT], [Kind.INVITATION]):
        return _new(visit, Kind(parts[1]))
    code = parts.pop() if word == "village" and len(parts) == 3 else ""
    given = numbers(parts[1:], 1)
    found = visit.tx.broadcasts.get(given[0], lock=True) if given else None
    if found is None:
        return visit.say("This choice is out of date.")
    if word == "open":
        return _open(visit, found)
    if word == "copy":
        return _copy(visit, found)
    if found.state is not State.DRAFT or found.owner_id != officer_at(visit).id:
        return visit.say("This choice is out of date.")
    desk = _at_desk(visit)
    at = desk[0] if desk is not None and desk[1].id == found.id else ""
    if word == "village" and at == "village":
        return _pick_village(visit, found, code)
    if word in _AT_STEP and _AT_STEP[word][0] == at:
        return _AT_STEP[word][1](visit, found)
    if word in _LOOK:
        return _LOOK[word](visit, found)
    return visit.say("This choice is out of date.")


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


COMMANDS: dict[str, Command] = {"siaran": Command(Role.ADMIN, broadcast_list.show)}
TAPS: dict[str, Press] = {"bc": Press(Role.ADMIN, _tap), "ba": Press(Role.ADMIN, _who_tap)}
