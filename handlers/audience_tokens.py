"""What an admin typed, cut into words, separators and numbers, and the longest known phrase at a place in it.

Not for: what the words mean (handlers/audience_lexicon.py) or how they hang together (handlers/audience_reading.py).
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from handlers.audience_lexicon import Words, short
from handlers.audience_numbers import NUMBERS
from handlers.audience_places import plain_words

T = TypeVar("T")

_SEPARATOR = re.compile(r"[,;&+]")
_WORD = re.compile(r"[\w'’‘`´ʼ]+")
_LONGEST = 7


@dataclass(frozen=True)
class Token:
    """A word as typed and in full; a separator is the word ","; ages, days and codes carry `number`."""

    text: str = field(repr=False)
    word: str = field(repr=False)
    number: re.Match[str] | None = field(default=None, repr=False)


class Tokens:
    """A text, cut up."""

    def __init__(self, text: str) -> None:
        self._all: list[Token] = []
        at = 0
        while at < len(text):
            number = NUMBERS.match(text, at)
            word = number or _WORD.match(text, at)
            if number is not None:
                self._all.append(Token(number[0], "", number))
            elif word is not None:
                self._put_word(word[0])
            elif _SEPARATOR.match(text, at):
                self._all.append(Token(text[at], ","))
            at = word.end() if word else at + 1

    def _put_word(self, typed: str) -> None:
        plain = "".join(plain_words(typed))
        if plain:
            self._all.append(Token(typed, short(plain)))

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: int) -> Token:
        return self._all[index]

    def word(self, index: int) -> str:
        """The word there; empty for a number and behind the end."""
        return self._all[index].word if index < len(self._all) else ""

    def words(self, start: int, end: int) -> Words:
        return tuple(token.word for token in self._all[start:end])

    def typed(self, start: int, end: int) -> str:
        return " ".join(token.text for token in self._all[start:end])

    def ends(self, start: int) -> range:
        """Where a phrase that begins there may end, the farthest first; it goes over no separator and no number."""
        last = start
        while last < start + _LONGEST and self.word(last) not in ("", ","):
            last += 1
        return range(last, start, -1)

    def longest(self, start: int, among: Mapping[Words, T]) -> tuple[int, T | None]:
        """Where the longest known phrase that begins there ends, and what it is; 0 and None without one."""
        for end in self.ends(start):
            found = among.get(self.words(start, end))
            if found is not None:
                return end, found
        return 0, None

    def longest_in(self, start: int, among: Container[Words]) -> int:
        """Where the longest of these phrases ends that begins there; 0 without one."""
        return next((end for end in self.ends(start) if self.words(start, end) in among), 0)
