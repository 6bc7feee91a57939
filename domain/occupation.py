"""Occupations of the programme, and how people name theirs in Indonesian, Ambonese and Ternate Malay.

What nobody listed stays free text under LNY, for the officer to map. BPJS has codes of its own, which are
not these. Source: domain guide section 9; the words themselves stand in `domain.occupation_table`.
"""

import re
import unicodedata
from typing import Final

from rapidfuzz import fuzz, process

from domain.occupation_table import OCCUPATIONS, Occupation

__all__ = ["COMMON", "OCCUPATIONS", "OTHER", "Occupation", "find_occupation", "occupation"]

OTHER: Final = "LNY"

_TEXT_LIMIT: Final = 200
_ALIKE_FROM: Final = 88.0
_SHORTEST_ALIKE: Final = 5

_BY_CODE: Final = {occupation.code: occupation for occupation in OCCUPATIONS}

# The six commonest, in the order in which they are offered by number.
COMMON: Final = tuple(_BY_CODE[code] for code in ("NEL", "TAN", "PDG", "OJK", "BGN", "BMT"))

# Words that alone say too little: the person chooses.
_AMBIGUOUS: Final = {
    "buruh": ("BGN", "BMT", "BTN", "ABK"),
    "kuli": ("BGN", "BMT"),
    "tukang": ("BGN", "OJK", "TKJ"),
    "kapal": ("ABK", "NEL", "MTR"),
    "ikan": ("NEL", "PGI", "PIK"),
    "ikang": ("NEL", "PGI", "PIK"),
}
_NEGATED = re.compile(r"\b(?:bukan|bukang|tidak|tdk|seng|sing|tara|tra|nggak|gak|belum|balong|mantan|dulu)\b")


def occupation(code: str) -> Occupation | None:
    """The occupation with that code."""
    return _BY_CODE.get(code)


def find_occupation(text: str) -> tuple[Occupation, ...]:
    """The occupations a text may mean: one when certain, several to choose from, none when nobody listed it.

    "beta bakobong" is a farmer, "buruh" may be four things, "guru honorer" stays free text.
    """
    words = _words(text)
    if len(text) > _TEXT_LIMIT or not words:
        return ()
    whole = _BY_CODE.get(words.upper()) or _BY_PHRASE.get(words)
    if whole:
        return (whole,)
    if _NEGATED.search(words):
        return ()
    found = _named_in(words.split()) or _spelled_nearly(words)
    return found or tuple(_BY_CODE[code] for code in _AMBIGUOUS.get(words.split()[-1], ()))


def _named_in(words: list[str]) -> tuple[Occupation, ...]:
    """Occupations named among the words; a longer phrase takes its words from the shorter ones inside."""
    found: dict[str, Occupation] = {}
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + _LONGEST_PHRASE), start, -1):
            named = _BY_PHRASE.get(" ".join(words[start:end]))
            if named and named.code != OTHER:
                found[named.code] = named
                start = end
                break
        else:
            start += 1
    return tuple(found.values())


def _spelled_nearly(words: str) -> tuple[Occupation, ...]:
    """Occupations for a slip of the fingers in a word or in the whole answer: "nelayann", "tukang ojekk"."""
    found: dict[str, Occupation] = {}
    for typed in (words, *words.split()):
        if len(typed) >= _SHORTEST_ALIKE:
            near = process.extractOne(typed, _LONG_PHRASES, scorer=fuzz.ratio, score_cutoff=_ALIKE_FROM)
            if near:
                named = _BY_PHRASE[near[0]]
                found[named.code] = named
    return tuple(found.values())


def _words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).lower()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]", " ", plain).split())


_BY_PHRASE: Final = {phrase: one for one in OCCUPATIONS for phrase in one.synonyms}
_LONG_PHRASES: Final = tuple(phrase for phrase in _BY_PHRASE if len(phrase) >= _SHORTEST_ALIKE)
_LONGEST_PHRASE: Final = max(len(phrase.split()) for phrase in _BY_PHRASE)
