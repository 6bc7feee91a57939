"""Who a draft is for: a menu of conditions that is changed in place, or one typed sentence; with the count at once.

Not for: what a condition means (domain/audience.py), its words (audience_words.py, audience_reading.py), or the list
of people, which is made later (due_broadcasts.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.messages import Choice, Edit
from conversation.say import N_
from conversation.words import normal
from domain.audience import Audience, Condition
from domain.broadcast import Broadcast
from domain.errors import Invalid
from handlers.audience_reading import Unclear, explain, read
from handlers.audience_words import labels, sentence
from handlers.broadcast_text import needs_village
from handlers.broadcast_told import left_out_lines
from handlers.hold import officer_at
from handlers.taps import data, number
from handlers.visit import Visit
from storage.queue import Desk
from storage.registrations import OutOfDate

_PAGE = 20
_LABEL = 60

KINDS: tuple[tuple[str, str], ...] = (
    ("place", N_("Place")),
    ("occupation", N_("Work")),
    ("sector", N_("Sector")),
    ("status", N_("State of the registration")),
    ("age", N_("Age")),
    ("channel", N_("Network")),
    ("seen", N_("Wrote lately")),
)
_SIGNS = {"p": False, "n": True}


def ask(visit: Visit, draft: Broadcast) -> int:
    """The menu, as a new message; its outbox id."""
    text, options = _menu(visit, draft)
    return visit.reply(text, options, stacked=True)


def typed(visit: Visit, draft: Broadcast, words: str) -> bool:
    """A sentence is the whole audience; "tambah" and "kecuali" change it. True: the admin has chosen."""
    say, plain = visit.say, normal(words)
    first, _, rest = plain.partition(" ")
    if plain in ("lanjut", "selesai", "sudah"):
        return True
    if first == "simpan":
        _save_as(visit, draft, words.strip()[len("simpan") :].strip())
        return False
    saved = visit.tx.audiences.named(words)
    if saved is not None and saved.audience is not None:
        _change(visit, draft, saved.audience, anew=True)
        return False
    try:
        meant = read(rest if first == "tambah" else words, visit.office)
    except Unclear as unclear:
        visit.reply(
            explain(unclear, say)
            + "\n"
            + say("Please write it again. Example: nelayan di Latuhalat, kecuali 55-64 tahun"),
            _doubt_choices(draft, unclear),
            stacked=True,
        )
        return False
    audience = Audience.from_bytes(draft.audience.encode())
    if first in ("tambah", "kecuali"):
        for condition in meant.conditions:
            audience = audience.add(condition)
        meant = audience
    _change(visit, draft, meant, anew=True)
    return False


def tap(visit: Visit, draft: Broadcast, parts: list[str]) -> tuple[str, bool]:
    """A choice in the menu: what to acknowledge it with, and whether the admin has chosen."""
    word, rest = parts[0], parts[2:]
    audience = Audience.from_bytes(draft.audience.encode())
    say = visit.say
    if word == "done":
        return "", True
    if word == "all":
        _change(visit, draft, Audience())
    elif word == "menu":
        _show(visit, draft, *_menu(visit, draft))
    elif word == "saved":
        _show(visit, draft, *_saved(visit, draft))
    elif word == "take" and len(rest) == 1:
        saved = visit.tx.audiences.get(number(rest[0]) or 0)
        if saved is None or saved.audience is None:
            return say("This choice is out of date."), False
        _change(visit, draft, saved.audience)
    elif word == "except":
        _show(visit, draft, *_kinds(visit, draft))
    elif word == "kind" and len(rest) == 3 and rest[1] in _SIGNS:
        _show(visit, draft, *_values(visit, draft, rest[0], _SIGNS[rest[1]], number(rest[2]) or 0))
    elif word in ("set", "add") and len(rest) == 3 and rest[1] in _SIGNS:
        try:
            if word == "add":
                audience = audience.add(Condition(rest[0], (rest[2],), _SIGNS[rest[1]]))
                _change(visit, draft, audience, anew=True)
                return "", False
            audience = audience.toggle(rest[0], rest[2], negated=_SIGNS[rest[1]])
        except Invalid:
            return say("This choice is out of date."), False
        kept = _keep(visit, draft, audience)
        if kept is not None:
            page = _page_of(visit, rest[0], rest[2])
            _show(visit, kept, *_values(visit, kept, rest[0], _SIGNS[rest[1]], page))
    else:
        return say("This choice is out of date."), False
    return "", False


# Showing


def _menu(visit: Visit, draft: Broadcast) -> tuple[str, tuple[Choice, ...]]:
    say = visit.say
    options = [Choice(say(label), data("ba", "kind", draft.id, kind, "p", 0)) for kind, label in KINDS]
    options += [
        Choice(say("Except ..."), data("ba", "except", draft.id)),
        Choice(say("Everybody"), data("ba", "all", draft.id)),
    ]
    if visit.tx.audiences.all():
        options.append(Choice(say("Saved audiences"), data("ba", "saved", draft.id)))
    options.append(Choice(say("Go on"), data("ba", "done", draft.id)))
    hint = say(
        "Choose, or write it in words. Example: nelayan di Latuhalat yang belum selesai daftar. SIMPAN with a name"
        " keeps it. To go on, reply LANJUT."
    )
    return f"{_head(visit, draft)}\n\n{hint}", tuple(options)


def _head(visit: Visit, draft: Broadcast) -> str:
    """The audience as a sentence, how many they are, and who is left out."""
    say, office = visit.say, visit.office
    audience = Audience.from_bytes(draft.audience.encode())
    total, left_out, whole = visit.tx.recipients.estimate(
        audience,
        topic=draft.kind.topic,
        needs_village=needs_village(draft.content.text),
        rest=office.rules.broadcast_rest_hours,
        today=office.today(visit.tx.now),
    )
    count = say("**{n}** people get it.", n=say.number(total))
    if not whole:
        count = say("At least **{n}** people get it; the exact number comes later.", n=say.number(total))
    lines = [say("For: **{who}**", who=sentence(audience, office, say)), count]
    return "\n".join([*lines, *left_out_lines(left_out, office)])


def _kinds(visit: Visit, draft: Broadcast) -> tuple[str, tuple[Choice, ...]]:
    """The same kinds, to leave people out."""
    say = visit.say
    options = [Choice(say(label), data("ba", "kind", draft.id, kind, "n", 0)) for kind, label in KINDS]
    options.append(Choice(say("Back"), data("ba", "menu", draft.id)))
    return f"{_head(visit, draft)}\n\n" + say("Whom shall it leave out?"), tuple(options)


def _values(visit: Visit, draft: Broadcast, kind: str, negated: bool, page: int) -> tuple[str, tuple[Choice, ...]]:
    """The values of a kind, with a tick before those that are chosen."""
    say, sign = visit.say, "n" if negated else "p"
    chosen = Audience.from_bytes(draft.audience.encode()).values(kind, negated=negated)
    found = _labels(visit, kind)
    shown = found[page * _PAGE : (page + 1) * _PAGE]
    options = [
        Choice(f"{'✓ ' if value in chosen else ''}{label}"[:_LABEL], data("ba", "set", draft.id, kind, sign, value))
        for value, label in shown
    ]
    if page:
        options.append(Choice(say("Earlier ones"), data("ba", "kind", draft.id, kind, sign, page - 1)))
    if (page + 1) * _PAGE < len(found):
        options.append(Choice(say("More"), data("ba", "kind", draft.id, kind, sign, page + 1)))
    options.append(Choice(say("Back"), data("ba", "menu", draft.id)))
    return _head(visit, draft), tuple(options)


def _labels(visit: Visit, kind: str) -> list[tuple[str, str]]:
    return labels(kind, visit.office, visit.say)


def _page_of(visit: Visit, kind: str, value: str) -> int:
    values = [each for each, _ in _labels(visit, kind)]
    return values.index(value) // _PAGE if value in values else 0


def _saved(visit: Visit, draft: Broadcast) -> tuple[str, tuple[Choice, ...]]:
    options = [
        Choice(saved.name, data("ba", "take", draft.id, saved.id))
        for saved in visit.tx.audiences.all()
        if saved.audience is not None
    ]
    options.append(Choice(visit.say("Back"), data("ba", "menu", draft.id)))
    return visit.say("Which saved audience?"), tuple(options)


def _doubt_choices(draft: Broadcast, unclear: Unclear) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            label[:_LABEL],
            data("ba", "add", draft.id, one.kind, "n" if one.negated else "p", one.values[0]),
        )
        for doubt in unclear.doubts
        for one, label in doubt.choices
        if len(one.values) == 1
    )


def _show(visit: Visit, draft: Broadcast, text: str, options: tuple[Choice, ...]) -> None:
    """In place of the menu that stands there; anew where none does."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is not None and desk.subject == draft.id and desk.step == "bc_who" and desk.prompt is not None:
        visit.send(Edit(desk.prompt, text, options, stacked=True))
        return
    prompt = visit.reply(text, options, stacked=True)
    visit.tx.queue.open_desk(officer_at(visit).id, Desk("bc_who", draft.id, prompt=prompt))


# Keeping


def _change(visit: Visit, draft: Broadcast, audience: Audience, *, anew: bool = False) -> None:
    """Keep another audience, and show the menu: in a new message where the admin has typed below the old one."""
    kept = _keep(visit, draft, audience)
    if kept is None:
        return
    if anew:
        prompt = ask(visit, kept)
        visit.tx.queue.open_desk(officer_at(visit).id, Desk("bc_who", kept.id, prompt=prompt))
    else:
        _show(visit, kept, *_menu(visit, kept))


def _keep(visit: Visit, draft: Broadcast, audience: Audience) -> Broadcast | None:
    if audience.to_bytes().decode() == draft.audience:
        return draft
    try:
        return visit.tx.broadcasts.save(draft, replace(draft, audience=audience.to_bytes().decode()))
    except OutOfDate:
        visit.reply(visit.say("This draft was changed elsewhere just now. Please open it again: /siaran"))
        return None


def _save_as(visit: Visit, draft: Broadcast, name: str) -> None:
    """SIMPAN with a name."""
    audience = Audience.from_bytes(draft.audience.encode())
    try:
        saved = visit.tx.audiences.save(name, audience, by=officer_at(visit).id)
    except Invalid:
        visit.reply(visit.say("Please add a name of at most 40 letters. Example: SIMPAN nelayan Latuhalat"))
        return
    if saved is None:
        visit.reply(visit.say("There is an audience called {name} already. Please choose another name.", name=name))
    else:
        visit.reply(visit.say("Kept as {name}.", name=saved.name))
