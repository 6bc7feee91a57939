"""The way through the questions of a draft: their order, which one comes next, and what is remembered meanwhile.

Not for: what begins or ends a draft (broadcast_compose.py, broadcast_draft.py) or what is asked (broadcast_event.py,
broadcast_content.py, broadcast_audience.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from conversation.messages import Choice, Edit
from conversation.words import meanings, normal
from domain.broadcast import Broadcast, Kind, State
from handlers import broadcast_audience, broadcast_content, broadcast_event, broadcast_list
from handlers.hold import officer_at
from handlers.taps import data
from handlers.visit import Visit
from storage.queue import Desk
from storage.registrations import OutOfDate

# Nobody who comes back the next day means their first word as the text of a broadcast.
_STALE = 6 * 3_600_000

Prompt = tuple[str, tuple[Choice, ...]]
_Read = Callable[[Visit, Broadcast, str], Broadcast | None]
"""Takes what was typed; the draft with the answer in it, or None where it was not taken and something was said."""

_ASK: dict[str, Callable[[Visit, Broadcast], Prompt]] = {
    "when": broadcast_event.ask_when,
    "village": broadcast_event.ask_village,
    "place": broadcast_event.ask_place,
    "bring": broadcast_event.ask_bring,
    "text": broadcast_content.ask_text,
    "file": broadcast_content.ask_file,
}
_SHOW: dict[str, Callable[[Visit, Broadcast], int | None]] = {
    "who": broadcast_audience.ask,
    "look": broadcast_content.look,
}
_READ: dict[str, _Read] = {
    "when": broadcast_event.read_start,
    "village": broadcast_event.read_village,
    "place": broadcast_event.read_place,
    "bring": broadcast_event.read_bring,
    "text": broadcast_content.read_text,
    "file": broadcast_content.read_no_file,
}
EVENT = broadcast_event.STEPS
# Without LEWATI, which is an answer to some of them.
_STAYS = ("lanjut", "lanjut saja", "lanjutkan", "tetap", "tetap sama", "biarkan")
_ALL_THE_SAME = ("ya", "pakai", "pakai juga", "tetap pakai")


@dataclass(frozen=True)
class At:
    """The question whose answer is awaited. `back`: it was asked from the look at the whole, and leads there again."""

    step: str
    draft: Broadcast
    back: bool


def steps(draft: Broadcast) -> tuple[str, ...]:
    """The questions of a draft, in their order."""
    return (*EVENT, *_STEPS) if draft.kind is Kind.INVITATION else _STEPS


_STEPS = ("text", "file", "who", "look")


def at_desk(visit: Visit) -> At | None:
    """What this admin is asked now, with the draft locked."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is None or desk.step.removeprefix("bc_") not in {**_ASK, **_SHOW} or visit.tx.at - desk.at > _STALE:
        return None
    draft = visit.tx.broadcasts.get(desk.subject or 0, lock=True)
    if draft is None or draft.state is not State.DRAFT or draft.owner_id != officer_at(visit).id:
        visit.tx.queue.close_desk(officer_at(visit).id)
        return None
    return At(desk.step.removeprefix("bc_"), draft, bool(desk.version))


def ask(visit: Visit, draft: Broadcast, step: str, *, back: bool = False) -> None:
    """Put one question in the place of the last, and remember that its answer is awaited."""
    over(visit, draft)
    # However it came to be: a copy, an older draft, or one begun before the areas were given.
    draft = broadcast_audience.confined(visit.tx, draft, officer_at(visit))
    desk = Desk(f"bc_{step}", draft.id, version=int(back and step not in _SHOW))
    visit.tx.queue.open_desk(officer_at(visit).id, desk)
    prompt = _SHOW[step](visit, draft) if step in _SHOW else _question(visit, draft, step)
    if prompt is not None:
        visit.tx.queue.open_desk(officer_at(visit).id, replace(desk, prompt=prompt))


def _question(visit: Visit, draft: Broadcast, step: str) -> int | None:
    text, choices = _ASK[step](visit, draft)
    if step in EVENT and is_answered(visit, draft, step):
        now = visit.say("Now: {value}. To keep it, reply LANJUT.", value=broadcast_event.now(visit, draft, step))
        text, choices = f"{now}\n{text}", (*choices, Choice(visit.say("Keep it"), data("bc", "keep", draft.id, step)))
    prompt = visit.reply(text, choices, stacked=len(choices) > 1)
    return prompt if choices else None


def over(visit: Visit, draft: Broadcast) -> None:
    """The open question about this draft is not asked any more: it shows no choices."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is None or not desk.step.startswith("bc_") or desk.subject != draft.id:
        return
    if desk.prompt is not None:
        visit.send(Edit(desk.prompt))
    visit.tx.queue.close_desk(officer_at(visit).id)


def is_answered(visit: Visit, draft: Broadcast, step: str) -> bool:
    """Whether a question has an answer that still holds. A file and an audience need none."""
    if step in EVENT:
        return broadcast_event.is_known(visit, draft, step)
    return step != "text" or bool(draft.content.text)


def go_on(visit: Visit, draft: Broadcast) -> None:
    """The first question that has no answer yet; the look where all have."""
    ask(visit, draft, next((step for step in steps(draft) if not is_answered(visit, draft, step)), "look"))


def next_after(visit: Visit, at: At) -> None:
    """The question that follows. What was asked from the look leads back there, the event's as a whole."""
    order = steps(at.draft)
    after = order[order.index(at.step) + 1 :]
    if at.back:
        within = at.step in EVENT
        after = tuple(
            step for step in after if (within and step in EVENT) or not is_answered(visit, at.draft, step)
        ) or ("look",)
    ask(visit, at.draft, after[0] if after else "look", back=at.back)


def before(visit: Visit, at: At) -> None:
    """KEMBALI: the question before; from the first one to the list, where the draft stays."""
    order = steps(at.draft)
    place = order.index(at.step)
    if at.back and (at.step not in EVENT or place == 0):
        ask(visit, at.draft, "look")
    elif place == 0:
        over(visit, at.draft)
        broadcast_list.show(visit)
    else:
        ask(visit, at.draft, order[place - 1], back=at.back)


def keep(visit: Visit, before: Broadcast, after: Broadcast) -> Broadcast | None:
    """Keep an answer; None, with a word, where somebody else changed the draft meanwhile."""
    try:
        return visit.tx.broadcasts.save(before, after) if after != before else before
    except OutOfDate:
        visit.reply(visit.say("This draft was changed elsewhere just now. Please open it again: /siaran"))
        return None


def typed(visit: Visit, at: At, words: str) -> None:
    """An answer in words; LANJUT keeps the one there is."""
    word = normal(words)
    doubted = at.step == "text" and word in _ALL_THE_SAME
    if (word in _STAYS or doubted) and is_answered(visit, at.draft, at.step):
        next_after(visit, at)
    elif word in _STAYS or (at.step in ("text", "place") and "skip" in meanings(words)):
        # A word of command is no answer here: the question stands as it is.
        ask(visit, at.draft, at.step, back=at.back)
    else:
        answered_with(visit, at, _READ[at.step](visit, at.draft, words))


def answered_with(visit: Visit, at: At, answer: Broadcast | None) -> None:
    """Keep an answer and go on; None is none."""
    kept = keep(visit, at.draft, answer) if answer is not None else None
    if kept is None:
        return
    broadcast_content.forget_file(visit, at.draft, kept)
    if at.step == "text" and broadcast_content.doubts_text(visit, kept):
        return
    next_after(visit, replace(at, draft=kept))
