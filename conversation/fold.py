"""Ready answers and their numbers, for networks that show few of them or whose people may see none.

Not for: which choice a typed number picks (handlers/picks.py) or how a network shows a choice (channels/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from conversation.messages import Choice, Message
from conversation.say import N_, Say
from conversation.words import normal
from domain.limits import Limits

# A reason carries its number in its label, so that it can be typed where choices are shown as well.
_OWN = re.compile(r"(?:✓ )?([1-9][0-9]?)\. ")
_TYPED = re.compile(r"(?:(?:no|nomor|nomer|angka|pilih|pilihan) ?)?([1-9][0-9]?) ?\)?")
_HINT = N_("Reply with its number. Example: 2")


@dataclass(frozen=True)
class Fold:
    """How people of one network answer by number.

    More than `most` choices are written out in the text, with `hint` under them. `edits`: the choices of a message
    may be changed later.
    """

    most: int
    hint: str
    edits: bool = False


def folds_of(limits: Mapping[str, Limits], say: Say) -> dict[str, Fold]:
    """The fold of each network, by its name, on which people answer by number; the others show every choice."""
    return {name: Fold(each.choices, say(_HINT), each.edits) for name, each in limits.items() if each.numbers}


def numbered(choices: tuple[Choice, ...]) -> dict[int, Choice]:
    """The choices by the number that picks each: its own, or that with which its label begins, else its place."""
    own = [choice.number or (int(found[1]) if (found := _OWN.match(choice.label)) else 0) for choice in choices]
    free = (number for number in range(max(len(choices), *own) + 1, 1000))
    numbers = [mine or (place if place not in own else next(free)) for place, mine in enumerate(own, 1)]
    return dict(zip(numbers, choices, strict=True))


def folded(message: Message, fold: Fold) -> Message:
    """The message as this network can show it: where it has too many choices, they stand in its text.

    Lines that stand there already, as in a numbered question, are not said twice.
    """
    if len(message.choices) <= fold.most:
        return message
    there = message.text.split("\n")
    lines = [
        choice.label if _OWN.match(choice.label) else f"{number}. {choice.label}"
        for number, choice in numbered(message.choices).items()
    ]
    new = [line for line in lines if not any(old.startswith(line) for old in there)]
    return replace(message, text="\n".join([message.text, *new, "", fold.hint]), choices=(), stacked=False)


def typed_number(text: str) -> int | None:
    """The number that a whole text is, of one or two digits: "2", "no 2", "2.", "2)"."""
    found = _TYPED.fullmatch(normal(text))
    return int(found[1]) if found else None
