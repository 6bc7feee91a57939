"""Names of people as on their card: reading, careful comparison, and the words by which they are found.

A stored name is never changed: titles and short forms count for comparison only. One word is a whole name.
Source: domain guide section 6, Names.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from domain.errors import Invalid

# Longer names are a rule for new documents only (Permendagri 73/2022): noted, never refused.
LONG_NAME: Final = 60
SIMILAR_FROM: Final = 85.0

_APOSTROPHES: Final = str.maketrans(dict.fromkeys("‘’‛ʼʻʹ´`′＇", "'"))
_PHRASE = re.compile(
    r"^(?:perkenalkan\b[\s,]*)?"
    r"(?:(?:saya|sy|beta|bt|ana|kita)\s+(?:punya|pung|pu|pe)\s+nama"
    r"|nama\s*(?:lengkap\b\s*)?(?:saya|sy|beta|kita|ku)\b|nama(?:\s+lengkap)?\b|(?:saya|sy|beta|kita)\s+bernama)"
    r"(?:\s+(?:adalah|itu|tu|ini|yaitu|e)\b)?[\s:=,.-]*",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"[\s,]+(?:pak|bu|kak|min|bos|ya|jua)[\s.!]*$")
_TITLE_WORDS = (
    "H HJ HI HAJI HAJJAH DR DRS DRA DRG DRH IR PROF BAPAK BPK IBU PAK BU KH UST USTAD USTADZ PDT PENDETA"
    " PASTOR TN NY NN SDR SDRI TUAN NYONYA NONA"
)
_TITLES: Final = frozenset(_TITLE_WORDS.split())
_DEGREE_WORDS = (
    "SPD SPDI SPDK SPDSD SH SHI SE SEI SY ST STH STP STR STRKEB STRKES SSOS SSTP SKM SIP SIKOM SAG SP SPI"
    " SPT SKOM SSI SKEP SKEB SPSI SHUT SAP SAB SM SS SSN SKED SFARM SAK AMA AMD AMDK AMK AMKEB AMDKEB"
    " AMDKEP AMDPD MSI MPD MPDI MH MM MT MKES MSC MAP MKOM MTH MA MAG MBA MSOS MIP MP PHD NERS NS LC APT"
)
_DEGREES: Final = frozenset(_DEGREE_WORDS.split())
_MUHAMMAD_FORMS = "M MUH MOH MOHD MUHD MHD MOCH MUCH MUHAMAD MOHAMMAD MOHAMAD"
_SHORT_FORMS: Final = dict.fromkeys(_MUHAMMAD_FORMS.split(), "MUHAMMAD") | {"ABD": "ABDUL", "ABDL": "ABDUL"}


@dataclass(frozen=True, repr=False)
class PersonName:
    """A name as typed, and notes for the conversation: name_very_short, name_long, phrase_stripped."""

    text: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "PersonName(****)"


def parse_name(text: str) -> PersonName:
    """Read a name, also out of "beta pung nama Yopi"; case and spelling stay as typed.

    Raises Invalid: name_has_digits, name_bad_characters(category, as Unicode names it), name_empty.
    """
    plain = unicodedata.normalize("NFC", text).translate(_APOSTROPHES)
    plain = "".join("-" if unicodedata.category(c) == "Pd" else c for c in plain if unicodedata.category(c) != "Cf")
    bare, stripped = strip_phrases(" ".join(plain.split()))
    _check_characters(bare)
    letters = sum(character.isalpha() for character in bare)
    if not letters:
        raise Invalid("name_empty")
    notes = [
        ("phrase_stripped", stripped),
        ("name_very_short", letters == 1),
        ("name_long", len(bare) > LONG_NAME),
    ]
    return PersonName(bare, tuple(note for note, holds in notes if holds))


def strip_phrases(text: str) -> tuple[str, bool]:
    """Take "nama saya", "beta pung nama", "kita pe nama" off the front; says whether anything was taken."""
    bare = _PHRASE.sub("", text, count=1)
    if bare == text:
        return text, False
    return _ADDRESSED.sub("", bare).strip(), True


def compare_names(a: str, b: str) -> Literal["equal", "similar", "different"]:
    """Compare two names without case, titles and punctuation; "similar" is for an officer to look at.

    Equal: the same words in the same order. Similar: other order, a part of the other, short forms of
    Muhammad and Abdul, or a slip or two of the fingers.
    """
    left, right = _core_words(a), _core_words(b)
    if not left or not right:
        return "different"
    if left == right:
        return "equal"
    left, right = (tuple(_SHORT_FORMS.get(word, word) for word in words) for words in (left, right))
    if set(left) <= set(right) or set(right) <= set(left) or "".join(left) == "".join(right):
        return "similar"
    one, other = " ".join(left), " ".join(right)
    close = fuzz.token_sort_ratio(one, other) >= SIMILAR_FROM
    one_slip = min(len(one), len(other)) > 3 and Levenshtein.distance(one, other) <= 1
    return "similar" if close or one_slip else "different"


def search_words(name: str) -> frozenset[str]:
    """The words by which a name is found again: upper case, without titles, accents and punctuation."""
    return frozenset(_core_words(name))


def _check_characters(plain: str) -> None:
    if any(character.isdigit() for character in plain):
        raise Invalid("name_has_digits")
    for character in plain:
        category = unicodedata.category(character)
        if category[0] not in "LM" and character not in " '.,-/":
            raise Invalid("name_bad_characters", category=category)


def _core_words(name: str) -> tuple[str, ...]:
    """Upper-case words without accents, apostrophes and titles; titles stay where nothing else would."""
    plain = unicodedata.normalize("NFKD", name.translate(_APOSTROPHES)).upper()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    body, _, behind = plain.partition(",")
    words = _split(body)
    if any(_bare(word) not in _DEGREES for word in behind.replace(",", " ").split()):
        words += _split(behind)
    kept = words
    while kept and kept[0] in _TITLES:
        kept = kept[1:]
    return tuple(kept or words)


def _split(part: str) -> list[str]:
    """Words of a part; a degree such as S.Pd. at its end falls away, "M.Nur" becomes two words."""
    tokens = part.split()
    while len(tokens) > 1 and "." in tokens[-1].rstrip(".") and _bare(tokens[-1]) in _DEGREES:
        tokens.pop()
    spaced = re.sub(r"[^\w']|_", " ", " ".join(tokens)).replace("'", "")
    return spaced.split()


def _bare(token: str) -> str:
    return re.sub(r"[\W_]", "", token)
