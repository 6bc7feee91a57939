"""Villages, districts and areas by Kemendagri code, and the search by which a person's village is found.

It knows names and codes only; where they come from is `storage.areas`. A doubtful name is never decided
here: it is offered back. Source: Kepmendagri 300.2.2-2430/2025; domain guide sections 2.6 and 6.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

Kind = Literal["desa", "kelurahan", "negeri"]

# How many villages a doubtful name is answered with; a list on a small phone holds no more.
OFFERED: Final = 6

_ALIKE_FROM: Final = 70.0
_DISTRICT_FROM: Final = 85.0
_TEXT_LIMIT: Final = 150
_SHORTEST_BEGINNING: Final = 3

_WIB, _WITA, _WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
# By the first digit or the first two of a code: Sumatra, Java and western Kalimantan; the middle; the east.
_ZONES: Final = {"1": _WIB, "2": _WIB, "3": _WIB, "61": _WIB, "62": _WIB, "8": _WIT, "9": _WIT}
_ZONE_LABELS: Final = {_WIB: "WIB", _WITA: "WITA", _WIT: "WIT"}

_KINDS: Final[Mapping[str, Kind]] = {
    "DESA": "desa",
    "DS": "desa",
    "KELURAHAN": "kelurahan",
    "KEL": "kelurahan",
    "NEGERI": "negeri",
    "NEG": "negeri",
}
_LEAD_IN = re.compile(
    r"^(?:(?:SAYA|SY|BETA|BT|KITA|ANA|KATONG|TORANG|ADA|TINGGAL|TINGGA|DI|DARI|ALAMAT|RUMAH DI|ASAL|ORANG"
    r"|SEKARANG|SKARANG|PUNG|PE|NAMA|SU|SO)\s+)+"
)
_PARTS = re.compile(r"[,;\n]|\bkec(?:amatan)?\b\.?", re.IGNORECASE)
_TWICE = re.compile(r"\b([A-Z]{2,})2\b")


@dataclass(frozen=True)
class Village:
    """A desa, kelurahan or negeri; `aliases` are spellings that people type."""

    code: str
    name: str
    kind: Kind
    district_code: str
    district_name: str
    aliases: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Kind and name, as people say it: Kelurahan Nusaniwe."""
        return f"{self.kind.capitalize()} {self.name}"


@dataclass(frozen=True)
class District:
    """A kecamatan, code like 81.71.01."""

    code: str
    name: str


@dataclass(frozen=True)
class Area:
    """The city or regency served, code like 81.71; `zone` is its IANA time zone."""

    code: str
    name: str
    province_code: str
    province_name: str
    zone: str

    @property
    def zone_label(self) -> str:
        """WIB, WITA or WIT."""
        return _ZONE_LABELS[self.zone]


@dataclass(frozen=True)
class Match:
    """What a typed place may be.

    "exact": one village, sure. "ask": `villages` to choose from, at most six. "district": a kecamatan was
    named, `villages` are all of its own. "none": nothing alike.
    """

    kind: Literal["exact", "ask", "district", "none"]
    villages: tuple[Village, ...] = ()
    district: District | None = None


NO_MATCH: Final = Match("none")


class Places:
    """The villages of one area, ready to be searched, and the country's region codes."""

    def __init__(
        self,
        area: Area,
        districts: Iterable[District],
        villages: Iterable[Village],
        *,
        known: Callable[[str], bool],
    ) -> None:
        self.area = area
        self.districts = tuple(districts)
        self.villages = tuple(villages)
        self._known = known
        self._by_code = {village.code: village for village in self.villages}
        self._by_key: dict[str, list[Village]] = {}
        for village in self.villages:
            for key in _keys_of(village):
                self._by_key.setdefault(key, []).append(village)
        self._keys = tuple(self._by_key)
        self._names = frozenset(_key(_words(village.name)) for village in self.villages)
        self._spaced = tuple((f" {_words(village.name)}", village) for village in self.villages)
        self._districts_by_key = {_key(_words(district.name)): district for district in self.districts}
        self._area_keys = {_key(_words(area.name)), _key(_words(area.name.partition(" ")[2]))}

    def village(self, code: str) -> Village | None:
        """The village with that code, if it lies in this area."""
        return self._by_code.get(code)

    def villages_of(self, district: District) -> tuple[Village, ...]:
        """All villages of a district, by name."""
        own = (village for village in self.villages if village.district_code == district.code)
        return tuple(sorted(own, key=lambda village: village.name))

    def knows(self, code: str) -> bool:
        """Whether a province, regency or district code exists or once existed anywhere in the country."""
        return self._known(code)

    def find(self, text: str) -> Match:
        """Find the village meant by a typed place such as "beta tinggal di Latuhalat" or "kel. Batu Meja".

        Exact only for a name that is written as known, stands once, and has no neighbour one letter away.
        """
        if len(text) > _TEXT_LIMIT:
            return NO_MATCH
        place, *behind = (_words(part) for part in _PARTS.split(text))
        within = next((d for part in behind if (d := self._districts_by_key.get(_key(part)))), None)
        bare = _LEAD_IN.sub("", place + " ").strip()
        if not bare:
            return self._as_district(behind[0]) if behind else NO_MATCH
        kind, name = _split_kind(bare)
        # "Negeri Lama" is a name, not a kind: the whole is tried before its parts.
        for typed, typed_kind in ((_words(text), None), (place, None), (bare, None), (name, kind)):
            found = self._as_written(_key(typed), typed_kind, within)
            if found:
                return found
        return self._nearly(name, within)

    def _as_written(self, key: str, kind: Kind | None, within: District | None) -> Match | None:
        """A match for a name written exactly; a kind or a district beside it tells twins apart."""
        named = self._by_key.get(key, [])
        district = self._districts_by_key.get(key)
        if not named:
            return self._all_of(district) if district else None
        # An alias of another village is no neighbour of an official name: Laha is not Latta, called Lata.
        others = tuple(self._names) if key in self._names else self._keys
        beside = process.extract(key, others, scorer=Levenshtein.distance, score_cutoff=1, limit=None)
        offered = _unique([*named, *(village for other, _, _ in beside for village in self._by_key[other])])
        sure = _narrowed(offered, kind, within)
        shares_a_district_name = district is not None and kind is None and within is None
        if len(sure) == 1 and sure[0] in named and not shares_a_district_name:
            return Match("exact", tuple(sure))
        return Match("ask", tuple(offered[:OFFERED]), district)

    def _nearly(self, name: str, within: District | None) -> Match:
        """A match for a name that nobody wrote down like this: always a question, or nothing."""
        key = _key(name)
        if not key or key in self._area_keys:
            return NO_MATCH
        among_words = _narrowed(self._named_among(name.split()), None, within)
        if among_words:
            return Match("ask", tuple(among_words[:OFFERED]))
        alike, best = self._alike(name)
        district, score = self._district_alike(key)
        if district is not None and score > best:
            return self._all_of(district)
        if alike:
            return Match("ask", tuple(_narrowed(alike, None, within)[:OFFERED]))
        return self._all_of(within) if within else NO_MATCH

    def _named_among(self, words: Sequence[str]) -> list[Village]:
        """Villages whose whole name stands among others ("Latuhalat dekat gereja"), the longest first."""
        spans = combinations(range(len(words) + 1), 2)
        runs = sorted(("".join(words[start:end]) for start, end in spans), key=len, reverse=True)
        return _unique([village for run in runs for village in self._by_key.get(run, ())])

    def _alike(self, name: str) -> tuple[list[Village], float]:
        """Villages with a word that begins like the text or spelled nearly so; best score, 0 to 100."""
        key = _key(name)
        close = process.extract(key, self._keys, scorer=fuzz.ratio, score_cutoff=_ALIKE_FROM, limit=2 * OFFERED)
        begun: list[Village] = []
        if len(key) >= _SHORTEST_BEGINNING:
            begun = [village for other in self._keys if other.startswith(key) for village in self._by_key[other]]
            begun += [village for spaced, village in self._spaced if f" {name}" in spaced]
        best = 100.0 if begun else max((score for _, score, _ in close), default=0.0)
        return _unique([*begun, *(village for other, _, _ in close for village in self._by_key[other])]), best

    def _district_alike(self, key: str) -> tuple[District | None, float]:
        names = tuple(self._districts_by_key)
        found = process.extractOne(key, names, scorer=fuzz.ratio, score_cutoff=_DISTRICT_FROM)
        return (self._districts_by_key[found[0]], found[1]) if found else (None, 0.0)

    def _as_district(self, name: str) -> Match:
        district = self._districts_by_key.get(_key(name)) or self._district_alike(_key(name))[0]
        return self._all_of(district) if district else NO_MATCH

    def _all_of(self, district: District) -> Match:
        return Match("district", self.villages_of(district), district)


def zone_of(province_code: str) -> str:
    """The IANA time zone in force in a province (Keppres 41/1987)."""
    return _ZONES.get(province_code[:1]) or _ZONES.get(province_code[:2], _WITA)


def labels(villages: Sequence[Village]) -> tuple[str, ...]:
    """What to call each of these beside the others: twins of one kind carry their district's name."""
    plain = [village.label for village in villages]
    return tuple(
        f"{label} ({village.district_name})" if plain.count(label) > 1 else label
        for label, village in zip(plain, villages, strict=True)
    )


def _words(text: str) -> str:
    """Upper-case words without accents and signs; "Dufa2" is written out."""
    plain = unicodedata.normalize("NFKD", text).upper()
    plain = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’‘`´ʼ")
    return _TWICE.sub(r"\1\1", " ".join(re.sub(r"[\W_]", " ", plain).split()))


def _key(words: str) -> str:
    """Words without their spaces: people write Batumeja and Batu Meja."""
    return words.replace(" ", "")


def _keys_of(village: Village) -> set[str]:
    spellings = [village.name, *re.split(r"[/(]", village.name), *village.aliases]
    return {_key(_words(spelling)) for spelling in spellings} - {""}


def _split_kind(words: str) -> tuple[Kind | None, str]:
    first, _, rest = words.partition(" ")
    kind = _KINDS.get(first)
    return (kind, rest) if kind and rest else (None, words)


def _narrowed(villages: list[Village], kind: Kind | None, within: District | None) -> list[Village]:
    """Those of that kind and district; a word that fits none of them is taken for a slip and ignored.

    Negeri and desa count as one kind: the regulation does not tell them apart, and neither do people.
    """
    of_kind = [v for v in villages if kind is None or (v.kind == "kelurahan") is (kind == "kelurahan")]
    villages = of_kind or villages
    return [v for v in villages if within is None or v.district_code == within.code] or villages


def _unique(villages: Iterable[Village]) -> list[Village]:
    return list(dict.fromkeys(villages))
