"""What an admin who composes a broadcast writes about whom it is for: a choice, a saved list, or a description.

Numbers stand for the choices of the page that is open. Not for: doing it (handlers/broadcast_audience.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conversation.words import normal, number
from domain.audience import Audience
from domain.broadcast import Broadcast
from handlers import audience_reading
from handlers import broadcast_audience_menu as menu
from handlers.audience_changes import joined, tidy
from handlers.audience_reading import explain
from handlers.broadcast_doubts import view_of
from handlers.taps import data
from handlers.visit import Visit

_DONE = frozenset({"lanjut", "lanjutkan", "selesai", "sudah"})
_SAVE = ("simpan daftar sebagai", "simpan sebagai", "simpan daftar", "simpan")
_DROP = ("hapus daftar",)
_ADD = ("tambahkan", "tambah", "dan juga")
_EXCEPT = ("kecuali",)


@dataclass(frozen=True)
class Pressed:
    """The same as a choice; `parts` are the words of its tap without the draft."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """The audience that was described."""

    audience: Audience


@dataclass(frozen=True)
class Doubtful:
    """Names that may mean several things: the page that asks, and what is doubtful."""

    view: menu.View
    lead: str = field(repr=False)


@dataclass(frozen=True)
class Save:
    name: str = field(repr=False)


@dataclass(frozen=True)
class Drop:
    name: str = field(repr=False)


@dataclass(frozen=True)
class Unclear:
    """What to answer."""

    sentence: str = field(repr=False)


Meant = Pressed | Said | Doubtful | Save | Drop | Unclear


def read(visit: Visit, draft: Broadcast, view: menu.View, words: str) -> Meant:
    """What is meant. `view`: the page that is open."""
    word = normal(words)
    if word in _DONE:
        return Pressed(("done",))
    picked = _picked(visit, draft, view, word)
    if picked is not None:
        return picked
    name = _behind(words, _SAVE)
    if name is not None:
        return _save(visit, name) if name else Pressed(("show", *menu.NAME))
    if view == menu.NAME:
        return _save(visit, words)
    name = _behind(words, _DROP)
    if name:
        return Drop(name)
    saved = visit.tx.audiences.named(words)
    if saved is not None:
        return Pressed(("take", data(saved.id)))
    return _described(visit, draft, words)


def _picked(visit: Visit, draft: Broadcast, view: menu.View, word: str) -> Meant | None:
    """A choice of the open page by its number, or one of the first page by its label."""
    if word == "0":
        return Pressed(("show", *menu.parent(view)))
    n = number(word)
    if n is not None:
        found = menu.choices(visit, draft, view)
        if n > len(found):
            return Unclear(visit.say("There is no choice {n} here.", n=n))
        _, action, _, *rest = found[n - 1].data.split(":")
        return Pressed((action, *rest))
    for label, parts in menu.ACTIONS.items():
        if word == normal(visit.say(label)):
            return Pressed(parts)
    for kind, label in menu.KINDS.items():
        if word == normal(visit.say(label)):
            return Pressed(("show", "kind", "is", kind, "0"))
    return None


def _save(visit: Visit, name: str) -> Meant:
    """A name that could be taken for a command later is none."""
    labels = {normal(visit.say(label)) for label in (*menu.ACTIONS, *menu.KINDS.values())}
    word = normal(name)
    begins = _behind(name, (*_SAVE, *_DROP, *_ADD, *_EXCEPT)) is not None
    if number(word) is not None or word in labels | _DONE or begins:
        return Unclear(visit.say("This name would be taken for a command. Please choose another one."))
    return Save(name)


def _described(visit: Visit, draft: Broadcast, words: str) -> Meant:
    """A whole description, or one in addition to what is chosen already."""
    added = _behind(words, _ADD)
    in_addition = added is not None or _behind(words, _EXCEPT) is not None
    before = menu.audience_of(draft) if in_addition else Audience()
    try:
        return Said(_with(before, audience_reading.read(added or words, visit.office)))
    except audience_reading.Unclear as unclear:
        explained = explain(unclear, visit.say)
        if unclear.doubts and not (unclear.unknown or unclear.tangled):
            return Doubtful(view_of(_with(before, unclear.audience), unclear.doubts), explained)
        hint = visit.say(
            "Nothing was changed. Please write it again.\nExample: fishers in Latuhalat who have not finished"
            " registering"
        )
        return Unclear(f"{explained}\n\n{hint}")


def _with(before: Audience, meant: Audience) -> Audience:
    return joined(before, meant) if before.conditions else tidy(meant)


def _behind(words: str, beginnings: tuple[str, ...]) -> str | None:
    """What stands behind one of the beginnings; None where the words begin otherwise."""
    lowered = words.lower()
    for beginning in beginnings:
        if lowered == beginning or lowered.startswith(f"{beginning} "):
            return words[len(beginning) :].strip(" :\n")
    return None
