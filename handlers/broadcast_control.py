"""What an admin presses or types about a broadcast whose list of people is made: the doors to the other modules.

/jeda, /lanjut and /hentikan stand alone where one broadcast is meant; with several it is asked which. Without the
slash, and by the number of a choice, everything can be typed too. Not for: composing (handlers/broadcast_compose.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from conversation.messages import Choice
from conversation.words import meanings, normal
from domain.broadcast import LIVE, Broadcast, State
from domain.officer import Role
from handlers import broadcast_approval as approval
from handlers import (
    broadcast_ask,
    broadcast_bar,
    broadcast_card,
    broadcast_report,
    broadcast_steering,
    broadcast_told,
    broadcast_when,
)
from handlers.taps import data, number
from handlers.visit import Command, Press, Visit
from storage.queue import Desk

_Step = Callable[[Visit, Broadcast], str]
_MANY = 8

STEERING = ("jeda", "lanjut", "hentikan", "setujui", "tolak")
"""What is a word about a broadcast wherever there is one that it fits."""

# While the author decides about it, and nobody else.
_PREPARED: dict[str, _Step] = {
    "now": broadcast_when.now,
    "at": broadcast_when.ask,
    "first": broadcast_when.first,
    "drop": broadcast_card.drop,
}
_STEERED: dict[str, _Step] = {
    "pause": broadcast_steering.pause,
    "resume": broadcast_steering.resume,
    "stop": broadcast_steering.ask_stop,
    "stopped": broadcast_steering.stop,
    "ok": approval.approve,
    "refuse": approval.ask_why,
    "refused": approval.refuse,
}
_WORDS: dict[str, str] = {
    "jeda": "pause",
    "lanjut": "resume",
    "lanjutkan": "resume",
    "hentikan": "stop",
    "setujui": "ok",
    "setuju": "ok",
    "tolak": "refuse",
}
_CARD_WORDS: dict[str, str] = {
    "kirim": "now",
    "kirim sekarang": "now",
    "jadwal": "at",
    "jadwalkan": "at",
    "pratinjau": "view",
    "lihat": "view",
    "buang": "drop",
    "batal": "drop",
}
_STEERING = re.compile(rf"({'|'.join(_WORDS)})(?: siaran)?(?: (\d{{1,9}}))?(?: (.+))?", re.DOTALL)


def show(visit: Visit, broadcast: Broadcast) -> None:
    """Where a broadcast stands, with what can be done now: for the list of broadcasts."""
    tx, office = visit.tx, visit.office
    if broadcast.state is State.PREPARED and broadcast_ask.is_mine(visit, broadcast):
        broadcast_card.show(tx, broadcast, office, broadcast_told.people(broadcast, office))
    elif broadcast.state in (State.DONE, State.STOPPED) and broadcast.started_at is not None:
        mine = broadcast_ask.is_mine(visit, broadcast)
        options = broadcast_report.choices(broadcast, office, again=mine)
        visit.reply(broadcast_report.text(tx, broadcast, office), options)
    elif broadcast_ask.is_mine(visit, broadcast) and broadcast.state not in (State.DRAFT, State.PREPARING):
        broadcast_bar.show(tx, broadcast, office, anew=True)
    else:
        options = broadcast_bar.choices(broadcast, office) if broadcast.state in LIVE else ()
        visit.reply(broadcast_bar.bar_text(tx, broadcast, office), options)


def press(visit: Visit, parts: list[str]) -> str:
    """A choice: the word, perhaps a detail, the broadcast, perhaps the version it was offered for."""
    word, rest = (parts[0] if parts else ""), parts[1:]
    if word == "sample":
        return visit.say("This is only a preview.")
    detail = rest.pop(0) if word in ("yes", "again") and rest else ""
    given = [number(part) for part in rest]
    found = visit.tx.broadcasts.get(given[0], lock=True) if given and given[0] is not None else None
    if found is None:
        return visit.say("This choice is out of date.")
    if word in _STEERED:
        return _STEERED[word](visit, found)
    if word == "again":
        return broadcast_steering.ask_again(visit, found, detail)
    if word == "yes" and len(given) == 2:
        return _ordered(visit, found, detail, given[1])
    if word == "view":
        return broadcast_card.view(visit, found)
    if word == "no":
        return _not_now(visit, found)
    return _about_prepared(visit, found, _PREPARED.get(word))


def _about_prepared(visit: Visit, found: Broadcast, step: _Step | None) -> str:
    if step is None:
        return visit.say("This choice is out of date.")
    if found.state is not State.PREPARED:
        return broadcast_ask.as_it_stands(visit, found)
    if not broadcast_ask.is_mine(visit, found):
        return broadcast_ask.not_mine(visit, found)
    return step(visit, found)


def _ordered(visit: Visit, found: Broadcast, detail: str, version: int | None) -> str:
    """ "Yes" to what was said, as long as nothing has changed since."""
    again = "" if detail == "all" else detail
    if found.state not in ((State.DONE,) if again else (State.PREPARED,)):
        return broadcast_ask.as_it_stands(visit, found)
    if found.version != version:
        return visit.say("This choice is out of date.")
    if not broadcast_ask.is_mine(visit, found):
        return broadcast_ask.not_mine(visit, found)
    return approval.order(visit, found, again)


def _not_now(visit: Visit, found: Broadcast) -> str:
    broadcast_ask.over(visit)
    if found.state is State.PREPARED and broadcast_ask.is_mine(visit, found):
        # A plan that was not wanted leaves nothing behind.
        show(visit, visit.tx.broadcasts.save(found, replace(found, start_at=None, first_batch=None)))
        return ""
    return visit.say("Nothing was changed.")


def text(visit: Visit, words: str) -> bool:
    """What an admin types: the answer to what was asked, or a word about a broadcast. False for anything else."""
    if visit.officer is None or not visit.officer.is_admin:
        return False
    desk = broadcast_ask.is_open(visit)
    if desk is not None and _answered(visit, desk, words):
        return True
    if visit.tx.people.progress(visit.person.id) is not None:
        # In the middle of a form these words are answers to it.
        return False
    found = _STEERING.fullmatch(normal(words))
    if found is None or (found[3] and _WORDS[found[1]] != "refuse"):
        return False
    word, named = _WORDS[found[1]], found[2]
    if named is None and (found[3] or not _candidates(visit, word)):
        return False
    if found[3]:
        return _refused_because(visit, int(named), " ".join(words.split()[2:]))
    _which(visit, word, named or "")
    return True


def _answered(visit: Visit, desk: Desk, words: str) -> bool:
    """The answer to the open question, in words or by number; False where it is none."""
    found = visit.tx.broadcasts.get(desk.subject, lock=True) if desk.subject is not None else None
    said, plain = meanings(words), normal(words)
    if desk.step == broadcast_ask.WHICH:
        return _which_typed(visit, desk, plain)
    if found is None:
        return False
    if desk.step == broadcast_ask.CARD:
        return _card_typed(visit, desk, found, plain)
    if said & {"cancel", "back"} or (said & {"no", "zero"} and desk.step in (broadcast_ask.SURE, broadcast_ask.WHEN)):
        return _say(visit, _not_now(visit, found))
    if desk.step == broadcast_ask.COUNT:
        again = desk.picked[-1].split(":")[2]
        if found.version != desk.version:
            broadcast_ask.over(visit)
            return _say(visit, broadcast_ask.as_it_stands(visit, found))
        return approval.number_typed(visit, found, "" if again == "all" else again, words)
    if desk.step == broadcast_ask.REASON and _steers(plain):
        # Who thinks better of it writes SETUJUI: that is no reason to be told.
        broadcast_ask.over(visit)
        return False
    if desk.step == broadcast_ask.REASON:
        skipped = "skip" in said or plain == "1"
        return _say(visit, approval.refuse(visit, found, "" if skipped else words))
    if desk.step == broadcast_ask.WHEN:
        return found.state is State.PREPARED and broadcast_when.typed(visit, found, words)
    if found.state is State.PREPARED and (first := broadcast_when.first_typed(plain)) is not None:
        return _say(visit, broadcast_when.first(visit, found, first))
    if "yes" in said or "done" in said:
        return _say(visit, press(visit, desk.picked[0].split(":")[1:]))
    return _picked(visit, desk, plain)


def _steers(plain: str) -> bool:
    """Whether these are words about a broadcast, with nothing after them."""
    found = _STEERING.fullmatch(plain)
    return found is not None and not found[3]


def _card_typed(visit: Visit, desk: Desk, found: Broadcast, plain: str) -> bool:
    if found.state is not State.PREPARED:
        return False
    first = broadcast_when.first_typed(plain)
    if first is not None:
        return _say(visit, broadcast_when.first(visit, found, first))
    if plain in _CARD_WORDS:
        return _say(visit, press(visit, [_CARD_WORDS[plain], data(found.id)]))
    return _picked(visit, desk, plain)


def _picked(visit: Visit, desk: Desk, plain: str) -> bool:
    """A choice by its place; one of another module is pressed, not typed."""
    if not plain.isascii() or not plain.isdecimal() or not 1 <= int(plain[:3]) <= len(desk.picked):
        return False
    head, *parts = desk.picked[int(plain[:3]) - 1].split(":")
    return head == "b" and _say(visit, press(visit, parts))


def _say(visit: Visit, said: str) -> bool:
    if said:
        visit.reply(said)
    return True


def is_wanted(visit: Visit, word: str) -> bool:
    """Whether one of these words is about a broadcast now: it answers what was asked about one, or fits one."""
    if visit.officer is None or not visit.officer.is_admin:
        return False
    return broadcast_ask.is_open(visit) is not None or bool(_candidates(visit, _WORDS[word]))


def _candidates(visit: Visit, word: str) -> list[Broadcast]:
    """What the word can be about now."""
    found = visit.tx.broadcasts.open()
    if word == "pause":
        return [each for each in found if each.state in (State.SCHEDULED, State.RUNNING)]
    if word == "resume":
        return [each for each in found if each.state is State.PAUSED]
    if word == "stop":
        return [each for each in found if each.state in LIVE or _may_withdraw(visit, each)]
    return [each for each in found if each.state is State.AWAITING and not approval.may_decide(visit, each)]


def _may_withdraw(visit: Visit, broadcast: Broadcast) -> bool:
    return broadcast.state is not State.DRAFT and broadcast_steering.may_stop(visit, broadcast)


def _which(visit: Visit, word: str, named: str) -> None:
    """The one broadcast meant, or the question which of several."""
    say = visit.say
    if named:
        one = visit.tx.broadcasts.numbered(int(named))
        _say(visit, _run(visit, word, one) if one else say("There is no broadcast {number}.", number=named))
        return
    found = _candidates(visit, word)
    if len(found) == 1:
        _say(visit, _run(visit, word, found[0]))
    elif not found:
        visit.reply(say("There is no broadcast for which that is possible now."))
    else:
        heads = "\n".join(broadcast_bar.head(each, visit.office) for each in found[:_MANY])
        options = [
            Choice(say("Broadcast number {number}", number=each.number), data("b", word, each.id), number=each.number)
            for each in found[:_MANY]
        ]
        question = say("Which broadcast? Reply with its number.")
        broadcast_ask.ask(visit, broadcast_ask.WHICH, None, f"{heads}\n{question}", options)


def _run(visit: Visit, word: str, broadcast: Broadcast) -> str:
    return press(visit, [word, data(broadcast.id)])


def _which_typed(visit: Visit, desk: Desk, plain: str) -> bool:
    """The number of a broadcast that was offered."""
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 9:
        return False
    one = visit.tx.broadcasts.numbered(int(plain))
    meant = next((each for each in desk.picked if one and each.split(":")[2] == data(one.id)), None)
    if meant is None:
        return False
    broadcast_ask.over(visit)
    return _say(visit, press(visit, meant.split(":")[1:]))


def _refused_because(visit: Visit, named: int, reason: str) -> bool:
    """ "Tolak 12 tanggalnya salah"."""
    one = visit.tx.broadcasts.numbered(named)
    locked = visit.tx.broadcasts.get(one.id, lock=True) if one else None
    return locked is not None and _say(visit, approval.refuse(visit, locked, reason))


def _names_broadcast(rest: str) -> bool:
    return rest.lower().removeprefix("siaran ").isdecimal()


def _command(word: str) -> Callable[[Visit, str], None]:
    def run(visit: Visit, words: str) -> None:
        named = words.strip().removeprefix("siaran ").split(" ")[0]
        _which(visit, word, named if named.isascii() and named.isdecimal() and len(named) < 10 else "")

    return run


COMMANDS: dict[str, Command] = {
    "jeda": Command(Role.ADMIN, _command("pause"), _names_broadcast),
    "lanjut": Command(Role.ADMIN, _command("resume"), _names_broadcast),
    "hentikan": Command(Role.ADMIN, _command("stop"), _names_broadcast),
}
TAPS: dict[str, Press] = {"b": Press(Role.ADMIN, press)}
