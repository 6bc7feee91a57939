"""A place that an admin types for an audience: a village, a kecamatan, the whole area, or a choice of them.

Unlike a worker's village, an official name with its kind is sure even where another differs by one letter: the admin
sees it again in the sentence. Not for: finding the place within a longer text (handlers/audience_reading.py).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

from domain.region import Match, Places

_CODE = re.compile(r"[0-9]{2}(?:\.[0-9]{2}){2}(?:\.[0-9]{4})?")
_LETTERS = re.compile(r"[\W_]")
_SIGNS = str.maketrans("", "", "'’‘`´ʼ")
_ALIKE_FROM = 80.0


def plain_words(text: str) -> tuple[str, ...]:
    """Lower-case words without accents and signs."""
    flat = unicodedata.normalize("NFKD", text).lower().translate(_SIGNS)
    return tuple(_LETTERS.sub(" ", "".join(c for c in flat if not unicodedata.combining(c))).split())


def read_place(text: str, places: Places) -> str | Match:
    """The code of the village or kecamatan that is meant, or what it may be."""
    if _CODE.fullmatch(text):
        known = places.village(text) or any(district.code == text for district in places.districts)
        return text if known else Match("none")
    words = plain_words(text)
    labelled = _labelled(places).get(words, [])
    if len(labelled) == 1:
        return labelled[0]
    found = places.find(text)
    if found.kind == "exact":
        return found.villages[0].code
    if found.kind == "district" and found.district is not None:
        return found.district.code
    return found


@lru_cache(maxsize=8)
def _labelled(places: Places) -> dict[tuple[str, ...], list[str]]:
    """The codes that go by each official name with its kind."""
    found: dict[tuple[str, ...], list[str]] = {}
    for village in places.villages:
        found.setdefault(plain_words(village.label), []).append(village.code)
    return found


def is_area(text: str, places: Places) -> bool:
    """Whether the text names the whole area served: Kota Ambon, or Ambon."""
    name = places.area.name
    return plain_words(text) in {plain_words(name), plain_words(name.partition(" ")[2])} - {()}


@lru_cache(maxsize=8)
def names(places: Places) -> frozenset[tuple[str, ...]]:
    """Every name that villages, districts and the area go by, as words."""
    spellings = {places.area.name, places.area.name.partition(" ")[2]}
    spellings |= {district.name for district in places.districts}
    for village in places.villages:
        spellings |= {village.name, *re.split(r"[/(]", village.name), *village.aliases}
    return frozenset(plain_words(each) for each in spellings) - {()}


def place_label(code: str, places: Places) -> str:
    """A village with its kind, a kecamatan as such; the code for neither."""
    village = places.village(code)
    if village is not None:
        return village.label
    return next((f"Kec. {district.name}" for district in places.districts if district.code == code), code)


def choices(found: Match) -> list[tuple[str, str]]:
    """(code, label) of what a doubtful name may be."""
    listed = [(found.district.code, f"Kec. {found.district.name}")] if found.district else []
    if found.kind == "district":
        return listed
    twins = [village.label for village in found.villages]
    for village in found.villages:
        alone = twins.count(village.label) == 1
        listed.append((village.code, village.label if alone else f"{village.label} Kec. {village.district_name}"))
    return listed


def resembles(text: str, found: Match) -> bool:
    """Whether what was found is spelled so nearly alike that a place must have been meant."""
    key = "".join(plain_words(text))
    named = [village.name for village in found.villages] + ([found.district.name] if found.district else [])
    return any(fuzz.ratio(key, "".join(plain_words(each))) >= _ALIKE_FROM for each in named)
