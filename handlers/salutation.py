"""How a person is addressed: Pak Markus, Ibu Sarni, or Bapak/Ibu as long as we do not know.

Not for: names in full; the summary and the card write those.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.name import search_words
from handlers.office import Office


def salutation(answers: Mapping[str, str], office: Office, *, for_other: bool = False) -> str:
    """The first name after Pak or Ibu, only where name and gender are known and the phone is their own."""
    first = first_name(answers)
    title = {"L": "Pak", "P": "Ibu"}.get(answers.get("gender", ""))
    if for_other or not first or title is None:
        return "Bapak/Ibu"
    return f"{title} {first}"


def first_name(answers: Mapping[str, str]) -> str:
    """The first word of the name that is no title, written as names are."""
    known = search_words(answers.get("name", ""))
    for word in answers.get("name", "").split():
        if search_words(word) & known:
            return word.strip(".,").capitalize()
    return ""
