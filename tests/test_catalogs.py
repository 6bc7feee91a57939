"""The catalogs are whole: nothing missing, unsure or unused, and every placeholder and emphasis where it was."""

import io
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.texts import LOCALES

ROOT = LOCALES.parent
CODE = ("bot", "channels", "handlers", "conversation", "domain", "storage")
LANGUAGES = sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))
WHOLE = ("id",)
"""Languages that must be complete at every commit; others may fall back to Indonesian."""
KEYWORDS = {"N_": None, "say": None, "say.text": None, "say.several": (1, 2)}


@pytest.fixture(scope="module")
def said() -> set[object]:
    """Every sentence that the code says."""
    found: set[object] = set()
    for folder in CODE:
        for _, _, message, _, _ in extract_from_dir(str(ROOT / folder), [("**.py", "python")], keywords=KEYWORDS):
            found.add(tuple(message) if isinstance(message, list | tuple) else message)
    return found


def catalog(language: str) -> Catalog:
    text = (LOCALES / language / "LC_MESSAGES" / "messages.po").read_bytes()
    return read_po(io.BytesIO(text), locale=language)


def entries(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_indonesian_is_there() -> None:
    assert set(WHOLE) <= set(LANGUAGES)


def test_the_template_holds_what_the_code_says(said: set[object]) -> None:
    with (LOCALES / "messages.pot").open("rb") as source:
        template = {message.id for message in read_po(source) if message.id}
    assert template == said


@pytest.mark.parametrize("language", WHOLE)
def test_nothing_is_missing_and_nothing_is_unused(language: str, said: set[object]) -> None:
    assert {message.id for message in entries(language)} == said
    assert [message.id for message in entries(language) if not all(strings(message))] == []
    assert not catalog(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_unsure(language: str) -> None:
    assert [message.id for message in entries(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_is_kept(language: str) -> None:
    wrong = [
        (one, text)
        for message in entries(language)
        for text in strings(message)
        for one in ids(message)[-1:]
        if text and fields(one) != fields(text)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_emphasis_is_closed(language: str) -> None:
    odd = [text for message in entries(language) for text in strings(message) if text.count("**") % 2]
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_babel_itself_finds_no_fault(language: str) -> None:
    book = catalog(language)
    assert [list(message.check(book)) for message in entries(language) if list(message.check(book))] == []


def test_indonesian_has_one_form_for_every_number() -> None:
    assert catalog("id").num_plurals == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_twice(language: str) -> None:
    text = (LOCALES / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    counted = Counter(block for block in text.split("\n\n") if block.startswith("msgid"))
    assert [block for block, n in counted.items() if n > 1] == []


def test_the_catalogs_are_read_as_text_and_never_compiled_beside_it() -> None:
    assert list(Path(LOCALES).rglob("*.mo")) == []
