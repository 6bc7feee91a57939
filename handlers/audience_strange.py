"""Words of an admin that are spelled only nearly like a work or a place: what they may mean.

Not for: words that are known as they stand (handlers/audience_lexicon.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from conversation.say import Say
from domain.audience import Condition
from domain.occupation import Occupation, find_occupation
from domain.region import Match, Places
from handlers.audience_names import name
from handlers.audience_places import choices, place_label, plain_words

_ALIKE_FROM = 80.0


@dataclass(frozen=True)
class Doubt:
    """Words that may mean several things, or one that is not quite so called: conditions with their labels."""

    kind: str
    words: str = field(repr=False)
    choices: tuple[tuple[Condition, str], ...]

    def turned(self) -> Doubt:
        """The same with "is not"."""
        return replace(self, choices=tuple((replace(one, negated=True), label) for one, label in self.choices))


def nearest_work(typed: str, say: Say) -> Condition | Doubt | None:
    """The occupation that is meant by all of the words, a doubt between several, or None."""
    found = tuple(one for one in find_occupation(typed) if _covers(one, typed) or " " not in typed)
    if not found:
        return None
    if len(found) == 1:
        return Condition("occupation", (found[0].code,))
    listed = ((Condition("occupation", (one.code,)), name("occupation", one.code, say)) for one in found)
    return Doubt("occupation", typed, tuple(listed))


def doubted_place(typed: str, found: str | Match, places: Places, whole: Condition | None = None) -> Doubt:
    """What a place may be; `whole` is the whole area, where that goes by the same name."""
    maybe = [(found, place_label(found, places))] if isinstance(found, str) else choices(found)
    listed = [(Condition("place", (code,)), label) for code, label in maybe]
    if whole is not None:
        listed.insert(0, (whole, places.area.name))
    return Doubt("place", typed, tuple(listed))


def _covers(work: Occupation, typed: str) -> bool:
    """Whether one of its names is spelled nearly like all of the words, not like some of them."""
    words = " ".join(plain_words(typed))
    return any(fuzz.ratio(words, phrase) >= _ALIKE_FROM for phrase in work.synonyms)
