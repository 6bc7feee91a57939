"""Reads whom an admin means: "nelayan di Latuhalat dan Nusaniwe yang belum selesai daftar kecuali 55-64 tahun".

Nothing is passed over: a word that is not understood, a doubtful name, or a mixture that conditions cannot say is
given back, because a guess would reach the wrong people. Not for: the words (handlers/audience_lexicon.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from conversation.say import Say
from domain.audience import Audience, Condition
from domain.region import Match
from handlers import audience_places as spots
from handlers.audience_lexicon import lexicon, short
from handlers.audience_numbers import from_number
from handlers.audience_strange import Doubt, doubted_place, nearest_work
from handlers.audience_tokens import Token, Tokens
from handlers.office import Office

__all__ = ["Doubt", "Unclear", "explain", "read"]

_TEXT_LIMIT = 1000


class Unclear(Exception):  # noqa: N818 (reads as a sentence: except Unclear)
    """`unknown`: words not understood. `tangled`: understood, but conditions cannot say it. `audience`: all the rest.

    `doubts`: words with the conditions they may mean; one of them is added to the audience, or none.
    """

    def __init__(
        self, audience: Audience, unknown: tuple[str, ...], doubts: tuple[Doubt, ...], tangled: tuple[str, ...]
    ) -> None:
        super().__init__("unclear")
        self.audience = audience
        self.unknown = unknown
        self.doubts = doubts
        self.tangled = tangled


@dataclass(frozen=True)
class _Part:
    """Something said. `behind`: what stands between it and the part before: nothing, ",", "and" or "or"."""

    kind: str
    meant: Condition | Doubt
    negated: bool
    words: str = field(repr=False)
    behind: str
    excepted: bool
    denied: bool


def read(text: str, office: Office) -> Audience:
    """The audience that a text means. Raises Unclear."""
    reader = _Reader(text[:_TEXT_LIMIT], office)
    reader.run()
    tangled = _tangled(reader.parts)
    audience = Audience()
    doubts: list[Doubt] = []
    for part in reader.parts:
        if isinstance(part.meant, Doubt):
            doubts.append(part.meant.turned() if part.negated else part.meant)
        elif part not in tangled:
            audience = audience.add(replace(part.meant, negated=part.negated))
    unknown = reader.unknown + ([text[_TEXT_LIMIT:].strip()] if len(text) > _TEXT_LIMIT else [])
    if not (reader.parts or reader.everybody or unknown):
        unknown = [text.strip()]
    if unknown or doubts or tangled:
        raise Unclear(audience, tuple(unknown), tuple(doubts), tuple(part.words for part in tangled))
    return audience


def explain(unclear: Unclear, say: Say) -> str:
    """What is unclear, and what the doubtful names may be."""
    lines = []
    if unclear.unknown:
        lines.append(say("I do not understand: **{words}**.", words=", ".join(unclear.unknown)))
    for doubt in unclear.doubts:
        listed = ", ".join(label for _, label in doubt.choices)
        lines.append(say("**{words}** may be: {choices}.", words=doubt.words, choices=listed))
    if unclear.tangled:
        words = ", ".join(unclear.tangled)
        lines.append(say("**{words}** cannot be joined to the rest like this. Please say it more simply.", words=words))
    return "\n".join(lines)


def _tangled(parts: list[_Part]) -> list[_Part]:
    """Parts that would be read as something else than what was said: "fishers in Passo and farmers in Soya"."""
    found = []
    closed: set[str] = set()
    once: set[bool] = {part.negated for part in parts[:1] if part.kind == "seen"}
    for before, part in pairwise(parts):
        if part.kind != before.kind and not before.negated:
            closed.add(before.kind)
        opened_again = not part.negated and part.kind in closed
        twice = part.kind == "seen" and part.negated in once
        if opened_again or twice or _unsayable(before, part):
            found.append(part)
        if part.kind == "seen":
            once.add(part.negated)
    return found


def _unsayable(before: _Part, part: _Part) -> bool:
    same = part.kind == before.kind
    if part.excepted and before.excepted:
        # "Except fishers in Passo" leaves out fewer than "except fishers, and those in Passo".
        return not (part.negated and before.negated) if same else not part.behind
    if part.behind == "or" and (not same or part.denied or part.negated != before.negated):
        return True
    # "Fishers and workers in trade" are all of them, not those who are both.
    return {part.kind, before.kind} == {"occupation", "sector"} and bool(part.behind) and not part.excepted


class _Reader:
    """Goes through a text once, from left to right."""

    def __init__(self, text: str, office: Office) -> None:
        self._tokens = Tokens(text)
        self._office = office
        self._lexicon = lexicon(office)
        self._names = {tuple(short(word) for word in words) for words in spots.names(office.places)}
        self._districts = {spots.plain_words(district.name) for district in office.places.districts}
        self._at = 0
        self.parts: list[_Part] = []
        self.unknown: list[str] = []
        self.everybody = False
        self._expects = ""
        self._behind = ""
        self._excepted = False
        self._not = ""
        self._denied = ""
        self._in_district = False
        self._strange_end = -1

    def run(self) -> None:
        """Fills `parts`, `unknown` and `everybody`."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.number is not None:
                self._number(token)
            elif token.word == ",":
                self._behind = self._behind or ","
                self._at += 1
            elif not (self._known() or self._marker()):
                self._strange()
        if self._not:
            self.unknown.append(self._not)

    def _number(self, token: Token) -> None:
        assert token.number is not None
        self._at += 1
        meant = from_number(token.number)
        if token.number["code"]:
            self._place(token.text)
        elif meant is None:
            self.unknown.append(token.text)
        else:
            self._add(meant, token.text)

    def _known(self) -> bool:
        """A place or a phrase of the lexicon here, the longer of the two; behind "di" rather the place."""
        start, tokens = self._at, self._tokens
        end, meant = tokens.longest(start, self._lexicon.fields) if self._expects == "field" else (0, None)
        if meant is None:
            end, meant = tokens.longest(start, self._lexicon.meant)
        marker, _ = tokens.longest(start, self._lexicon.roles)
        place = self._place_end(start)
        goes_on = bool(self._behind) and bool(self.parts) and self.parts[-1].kind == "place"
        if place >= max(marker, 1) and (place > end or self._expects == "place" or goes_on):
            self._at = place
            self._place(tokens.typed(start, place))
        elif meant is not None and end >= marker:
            self._at = end
            self._add(meant, tokens.typed(start, end))
        else:
            return False
        return True

    def _marker(self) -> bool:
        """A word that says how the parts hang together."""
        start = self._at
        end, role = self._tokens.longest(start, self._lexicon.roles)
        if role is None or role == "kind" or (role == "not" and self._not):
            return False
        self._at = end
        if role in ("and", "or"):
            self._behind = role
        elif role == "but":
            self._behind, self._denied = "and", ""
        elif role == "except":
            self._excepted, self._denied, self._behind = True, "", "and"
        elif role == "not":
            self._not = self._tokens.typed(start, end)
        elif role == "all":
            self.everybody = True
        self._expects = role if role in ("place", "field") else "" if role == "filler" else self._expects
        return True

    def _place_end(self, start: int) -> int:
        """Where a place with a known name ends that begins here, its kecamatan with it; 0 for none."""
        tokens = self._tokens
        is_kind = self._lexicon.roles.get((tokens.word(start),)) == "kind"
        end = tokens.longest_in(start, self._names)
        if not end and is_kind:
            end = tokens.longest_in(start + 1, self._names)
        if end and tokens.word(end) == "kecamatan":
            end = tokens.longest_in(end + 1, self._districts) or end
        return end

    def _place(self, typed: str) -> None:
        """A place, sure or doubtful."""
        places, words = self._office.places, spots.plain_words(typed)
        found = spots.read_place(typed, places)
        # "Kec. Sirimau dan Nusaniwe" are two kecamatan.
        if self._in_district and self._behind and words in self._districts:
            found = spots.read_place(f"Kec. {typed}", places)
        if spots.is_area(typed, places):
            whole = Condition("place", tuple(district.code for district in places.districts))
            alone = isinstance(found, Match) and found.kind == "none"
            self._add(whole if alone else doubted_place(typed, found, places, whole), typed)
        elif isinstance(found, str):
            self._add(Condition("place", (found,)), typed)
        elif found.kind == "none":
            self.unknown.append(typed)
        else:
            self._add(doubted_place(typed, found, places), typed)
        self._in_district = short(words[0]) == "kecamatan" or (self._in_district and words in self._districts)

    def _add(self, meant: Condition | Doubt, words: str) -> None:
        kind = meant.kind
        if self._not:
            self._denied = kind
        elif kind != self._denied or not self._behind or kind == "status":
            self._denied = ""
        own = isinstance(meant, Condition) and meant.negated
        negated = self._excepted ^ bool(self._denied) ^ own
        self.parts.append(_Part(kind, meant, negated, words, self._behind, self._excepted, bool(self._not)))
        self._not = self._behind = ""
        self._expects = "field" if kind == "sector" else ""

    def _strange(self) -> None:
        """Words that are not known as written: spelled nearly like a work or a place, or not understood."""
        start = self._at
        near_place = self._expects == "place" or self._lexicon.roles.get((self._tokens.word(start),)) == "kind"
        for end in self._strange_ends(start):
            typed = self._tokens.typed(start, end)
            work = None if near_place else nearest_work(typed, self._office.say)
            found = spots.read_place(typed, self._office.places)
            sure = isinstance(found, str)
            alike = isinstance(found, Match) and found.kind != "none" and (near_place or spots.resembles(typed, found))
            if work is not None or sure or alike:
                self._at = end
                if work is not None:
                    self._add(work, typed)
                else:
                    self._place(typed)
                return
        self._at = start + 1
        typed = self._tokens.typed(start, start + 1)
        if self._strange_end == start:
            typed = f"{self.unknown.pop()} {typed}"
        self.unknown.append(typed)
        self._strange_end = self._at

    def _strange_ends(self, start: int) -> list[int]:
        """Where a strange name may end: before the next word that is known, the farthest first."""
        last = start + 1
        while last in self._tokens.ends(start) and not self._is_known(last):
            last += 1
        return [end for end in self._tokens.ends(start) if end <= last]

    def _is_known(self, start: int) -> bool:
        known = (self._lexicon.meant, self._lexicon.roles)
        return any(self._tokens.longest(start, among)[0] for among in known) or bool(self._place_end(start))
