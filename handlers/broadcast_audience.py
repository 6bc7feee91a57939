"""The step of a draft that says whom it is for: a menu to tap, words to type, lists to keep; each change kept at once.

An admin with areas of their own never leaves them. Not for: what the menu shows (handlers/broadcast_audience_menu.py)
or what typed words mean (handlers/broadcast_audience_typed.py).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from conversation.messages import Choice, Edit
from domain.audience import Audience
from domain.broadcast import Broadcast, State
from domain.errors import Invalid
from domain.officer import Officer
from handlers import broadcast_audience_menu as menu
from handlers import broadcast_audience_typed as words_of
from handlers.audience_changes import with_value, without_value
from handlers.broadcast_audience_menu import KINDS, NAME, TOP, View, audience_of
from handlers.broadcast_doubts import chosen
from handlers.hold import officer_at
from handlers.taps import data, numbers
from handlers.visit import Visit
from storage.audiences import SavedAudience
from storage.queue import Desk
from storage.registrations import OutOfDate
from storage.store import Tx

_STEP = "bc_who"


def ask(visit: Visit, draft: Broadcast) -> None:
    """Whom is it for? The menu, as a new message."""
    _show(visit, confined(visit.tx, draft, officer_at(visit)), TOP, anew=True)


def confined(tx: Tx, draft: Broadcast, officer: Officer) -> Broadcast:
    """The draft, kept within the officer's own areas. Raises OutOfDate."""
    audience = audience_of(draft)
    try:
        inside = audience.within(officer.areas)
    except Invalid:
        inside = audience.without("place", negated=False).within(officer.areas)
    return draft if inside == audience else _keep(tx, draft, inside)


def typed(visit: Visit, draft: Broadcast, words: str) -> bool:
    """What an admin wrote at this step; True when it is done with."""
    desk = _desk(visit, draft) or Desk(_STEP, draft.id, picked=TOP)
    meant = words_of.read(visit, draft, desk.picked, words)
    try:
        said, over = _do(visit, draft, desk, meant)
    except OutOfDate:
        said, over = _changed_elsewhere(visit), False
    if said:
        visit.reply(said)
    return over


def back(visit: Visit, draft: Broadcast) -> bool:
    """KEMBALI: one page up in the menu; False on its first page."""
    desk = _desk(visit, draft)
    if desk is None or desk.picked == TOP:
        return False
    _show(visit, draft, menu.parent(desk.picked), anew=True)
    return True


def tap(visit: Visit, draft: Broadcast, parts: list[str]) -> tuple[str, bool]:
    """A choice of the menu: the words of the acknowledgement, and True when the step is done with."""
    desk = _desk(visit, draft)
    if desk is None:
        return visit.say("This menu is closed. Please open it again: /siaran"), False
    try:
        return _press(visit, draft, desk, [parts[0], *parts[2:]], anew=not visit.limits.edits)
    except OutOfDate:
        return _changed_elsewhere(visit), False


def _do(visit: Visit, draft: Broadcast, desk: Desk, meant: words_of.Meant) -> tuple[str, bool]:
    """What the typed words ask for."""
    match meant:
        case words_of.Pressed(parts):
            return _press(visit, draft, desk, list(parts), anew=True)
        case words_of.Said(audience):
            return _change(visit, draft, desk, audience, TOP, anew=True), False
        case words_of.Doubtful(view, lead):
            _show(visit, draft, view, anew=True, lead=lead)
            return "", False
        case words_of.Save(name):
            return _save(visit, draft, desk, name), False
        case words_of.Drop(name):
            return _drop(visit, name), False
    return meant.sentence, False


# What a choice does


def _press(visit: Visit, draft: Broadcast, desk: Desk, parts: list[str], *, anew: bool) -> tuple[str, bool]:
    """`parts` are the words of the choice without the draft. `anew`: it was typed, so the answer comes below."""
    said: str | None = None
    match parts:
        case ["done"]:
            _leave(visit, desk)
            return "", True
        case ["all"]:
            said = _change(visit, draft, desk, Audience(), TOP, anew=anew)
        case ["show", *rest]:
            said = _turn(visit, draft, desk, menu.read_view(rest), anew=anew)
        case ["on" | "off" as sign, "is" | "not" as side, kind, value] if kind in KINDS:
            changing = with_value if sign == "on" else without_value
            with suppress(Invalid):
                audience = changing(audience_of(draft), kind, value, negated=side == "not")
                said = _change(visit, draft, desk, audience, desk.picked, anew=anew)
        case ["take", number]:
            said = _take(visit, draft, desk, number, anew=anew)
        case ["replace", number]:
            said = _replace(visit, draft, number)
        case ["mean", *rest]:
            said = _mean(visit, draft, desk, rest, anew=anew)
    return (visit.say("This choice is out of date.") if said is None else said), False


def _turn(visit: Visit, draft: Broadcast, desk: Desk, view: View | None, *, anew: bool) -> str | None:
    """Another page; None where there is no such page."""
    if view is None:
        return None
    if anew or view != desk.picked:
        _show(visit, draft, view, anew=anew)
    return ""


def _mean(visit: Visit, draft: Broadcast, desk: Desk, parts: list[str], *, anew: bool) -> str | None:
    """One of the things that a doubtful name may be; None where that is not asked now."""
    given = numbers(parts, 2)
    found = chosen(desk.picked, *given) if given else None
    if found is None:
        return None
    audience, view = found
    if not view:
        return _change(visit, draft, desk, audience, TOP, anew=anew)
    _show(visit, draft, view, anew=anew)
    return ""


def _take(visit: Visit, draft: Broadcast, desk: Desk, number: str, *, anew: bool) -> str:
    """A saved list becomes the audience."""
    saved = _saved(visit, number)
    if saved is None:
        return visit.say("This list was removed.")
    if saved.audience is None:
        return visit.say("This list cannot be read any more. Please make it anew.")
    return _change(visit, draft, desk, saved.audience, TOP, anew=anew)


def _save(visit: Visit, draft: Broadcast, desk: Desk, name: str) -> str:
    """Keep the audience under a name; where it is taken, ask."""
    say, tx, admin = visit.say, visit.tx, officer_at(visit)
    audience = audience_of(draft)
    if desk.picked == NAME:
        _show(visit, draft, TOP, anew=True)
    try:
        saved = tx.audiences.save(name, audience, by=admin.id)
    except Invalid as invalid:
        return say("Please choose a name of at most {n} letters.", n=invalid.facts["longest"])
    if saved is not None:
        return say("Saved as **{name}**.", name=saved.name)
    taken = tx.audiences.named(name)
    if taken is None or not _may_change(taken, admin):
        return say("A colleague uses this name already. Please choose another one.")
    if taken.audience == audience:
        return say("Saved as **{name}**.", name=taken.name)
    option = Choice(say("Replace it"), data("ba", "replace", draft.id, taken.id))
    visit.reply(say("There is a list called **{name}** already.", name=taken.name), (option,))
    return ""


def _replace(visit: Visit, draft: Broadcast, number: str) -> str:
    """The saved name stands for this audience from now on."""
    say, admin = visit.say, officer_at(visit)
    saved = _saved(visit, number)
    if saved is None:
        return say("This list was removed.")
    if not _may_change(saved, admin):
        return say("Only a colleague may change this list.")
    visit.tx.audiences.replace(saved.id, audience_of(draft), by=admin.id)
    return say("The list has been replaced.")


def _drop(visit: Visit, name: str) -> str:
    say, saved = visit.say, visit.tx.audiences.named(name)
    if saved is None:
        return say("There is no list with this name.")
    if not _may_change(saved, officer_at(visit)):
        return say("Only a colleague may change this list.")
    visit.tx.audiences.drop(saved.id)
    return say("The list **{name}** was removed.", name=saved.name)


def _saved(visit: Visit, number: str) -> SavedAudience | None:
    given = numbers([number], 1)
    return visit.tx.audiences.get(given[0]) if given else None


def _may_change(saved: SavedAudience, admin: Officer) -> bool:
    """Lists are everybody's, but who looks after a part of the city changes their own only."""
    return saved.created_by == admin.id or not admin.areas


# Keeping and showing


def _change(visit: Visit, draft: Broadcast, desk: Desk, audience: Audience, view: View, *, anew: bool) -> str:
    """Keep another audience, as far as it is the admin's, and show it; a sentence where that is not all of it."""
    say, areas, before = visit.say, officer_at(visit).areas, audience_of(draft)
    try:
        inside = audience.within(areas)
    except Invalid:
        return say("That lies outside your area. Nothing was changed.")
    after = draft if inside == before else _keep(visit.tx, draft, inside)
    if anew or after is not draft or view != desk.picked:
        _show(visit, after, view, anew=anew)
    wanted = audience.values("place")
    if areas and (wanted or inside == before) and inside.values("place") != wanted:
        return say("Your own area only: the rest is left out.")
    return ""


def _keep(tx: Tx, draft: Broadcast, audience: Audience) -> Broadcast:
    """Raises OutOfDate when somebody else was first."""
    return tx.broadcasts.save(draft, replace(draft, audience=audience.to_bytes().decode()))


def _show(visit: Visit, draft: Broadcast, view: View, *, anew: bool, lead: str = "") -> None:
    """Turn the menu to a page: in its place after a tap, below after typed words and where nothing can be changed."""
    desk = _desk(visit, draft)
    old = desk.prompt if desk is not None else None
    text, choices = menu.text(visit, draft, view), menu.choices(visit, draft, view)
    if lead:
        text = f"{lead}\n\n{text}"
    if old is None or anew:
        if old is not None:
            visit.send(Edit(old))
        prompt = visit.reply(text, choices)
    else:
        prompt = old
        visit.send(Edit(old, text, choices))
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(_STEP, draft.id, picked=view, prompt=prompt))


def _leave(visit: Visit, desk: Desk) -> None:
    """The menu shows no choices any more, and its old ones do nothing."""
    if desk.prompt is not None:
        visit.send(Edit(desk.prompt))
    visit.tx.queue.close_desk(officer_at(visit).id)


def _desk(visit: Visit, draft: Broadcast) -> Desk | None:
    """The open menu of this draft; its page is what was picked."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    is_open = desk is not None and desk.step == _STEP and desk.subject == draft.id and desk.picked
    return desk if is_open and draft.state is State.DRAFT else None


def _changed_elsewhere(visit: Visit) -> str:
    return visit.say("This draft was changed elsewhere just now. Please open it again: /siaran")
