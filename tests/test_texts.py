"""The Indonesian texts for workers, measured by the house's writing rules: short, plain, kind, one thing at a time.

Readers are fishers and farmers with a small phone; many finished primary school only. Officers' texts are held to the
plain words alone. Not for: whether the catalogs are complete (test_catalogs.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_file

from bot.texts import Voice
from channels.whatsapp_text import ROW
from conversation import doubts
from conversation.forms import FORMS
from conversation.progress import Doubt
from conversation.questions import Prompt, View
from conversation.refusals import SENTENCES
from conversation.registration_form import CHANGES
from domain.rules import Rules
from storage.areas import load_places

ROOT = Path(__file__).parent.parent
KEYWORDS: dict[str, Any] = {"N_": None, "say": None}
STAFF = (
    "admin audience_names audience_reading audience_words broadcast_reasons broadcast_report card checks"
    " decisions due_queue enquiries event_change event_papers events hold labels late_texts menu notices paper_orders"
    " peek queue reasons receipts search sensitive staff staff_areas suspension taps unreached verification"
)
OFFICERS = tuple(ROOT / "handlers" / f"{name}.py" for name in STAFF.split())
WORKERS = (
    *sorted((ROOT / "conversation").glob("*.py")),
    *(path for path in sorted((ROOT / "handlers").glob("*.py")) if path not in OFFICERS),
    ROOT / "bot" / "service.py",
)

WORDS_IN_A_SENTENCE = 12
SENTENCES_IN_A_NOTICE = 8
SENTENCES_IN_A_QUESTION = 3
LETTERS = 300

LONG = {
    "Responsible for the data": "INFO: all that the law wants said, at once",
    "You can type:": "BANTUAN: a list, one word a line",
}
"""Texts that may be longer than a notice, by how their English begins, and why."""
NO_QUESTION = {"consent/consent", "registration/summary"}
"""Asked in one message with all that belongs to it: the consent by law, the summary because it is the whole form."""
COMMANDS = re.compile(
    r"BATAL|BENAR|DAFTAR|DATA|SAYA|HAPUS|INFO|KEBERATAN|KEMBALI|LAKI-LAKI|LANJUT|LEWATI|MULAI|NANTI|PEREMPUAN|PETUGAS"
    r"|SALAH|SAMA|SETUJU|STATUS|STOP|SUDAH|TIDAK|ADA|PUNYA|UBAH|YA|BANTUAN|UNDANGAN|PENGUMUMAN|HADIR|LIHAT|BISA|SETUJUI|TOLAK"
    r"|PAKAI|JUGA|TANPA|FILE|SAMBUNG|PUTUS|BATALKAN|SAMBUNGAN"
)
SHORT_FORMS = re.compile(r"KTP|NIK|KK|HP|BPJS|RT|RW|PIN|OTP|TNI|PKK|KB|KOTAKU|RT/RW|MB")
"""What stands in capitals because everybody writes it so."""
BANNED = re.compile(
    r"\b(?:kamu|kau|anda|wajib|input\w*|submit\w*|invalid|verifikasi\w*|validasi\w*|verifikator|klik|error|server|online"
    r"|user|upload\w*|download\w*|formulir|chat|aplikasi|bpu|assalam\w*|syalom|ose|beta|seng)\b",
    re.IGNORECASE,
)
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


@cache
def say() -> Voice:
    return Voice("Asia/Jayapura")


@cache
def view() -> View:
    places = load_places("81.71")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return View(
        say=say(),
        rules=Rules(),
        places=places,
        now=now,
        today=now.date(),
        city=places.area.name,
        office="Disnaker Kota Ambon",
        contact="0812-3450-0000",
        answers={"nik": "8171015503859901", "birth_date": "1985-03-15", "gender": "P", "village": "81.71.01.2001"},
    )


def texts(paths: tuple[Path, ...]) -> list[tuple[str, str]]:
    """(English, Indonesian) of every text in these modules."""
    found: dict[str, str] = {}
    for path in paths:
        for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
            text = message if isinstance(message, str) else message[0]
            found[text] = say()(text)
    return sorted(found.items())


def prompts() -> Iterator[tuple[str, Prompt]]:
    """Every question as it is put, and every doubt."""
    for form in FORMS.values():
        for question in form.questions:
            yield f"{form.name}/{question.key}", question.put(view())
    shown = {
        "confirm": '{"name": "Yopi"}',
        "nik_unusual": '{"digits": "8171019913859901", "code": "nik_bad_date"}',
        "village": '{"codes": ["81.71.01.2001"], "at": 0}',
        "which": "change",
        "under_age": '{"birth_date": "2010-03-15"}',
    }
    options = (("1985-03-15", "15 Maret 1985"), ("1985-03-16", "16 Maret 1985"))
    for kind in doubts._PUT:
        yield f"doubt/{kind}", doubts.put_doubt(Doubt(kind, shown.get(kind, ""), options), view())


def sentences(text: str) -> list[str]:
    """The sentences; lines of a list and what follows "Contoh:" are none."""
    spoken = re.sub(r"\n(?=\d+\. |\*\*[A-Z ]+\*\*).*", "", text)
    spoken = re.sub(r"\bContoh: .*", "", spoken)
    return [part.strip() for part in re.split(r"[.?!](?=\s|$)|\n", spoken) if re.search(r"\w", part)]


def words(sentence: str) -> int:
    """How many words; a blank to be filled is one, and items after a colon are a list."""
    plain = re.sub(r"[*✅⚠️📷]", "", re.sub(r"\{\w+\}", "x", sentence))
    head, _, rest = plain.partition(": ")
    counted = head if rest.count(",") >= 3 else plain
    return len(re.findall(r"[\w/'’-]+", counted))


SAID_TO_WORKERS = texts(WORKERS)
SAID = texts(WORKERS + OFFICERS)
ASKED = list(prompts())


def test_the_measure_knows_a_long_sentence_and_a_short_one() -> None:
    long = "Nomor KTP yang Bapak atau Ibu kirim kepada kami tadi pagi itu ternyata kurang satu angka."
    assert [words(each) for each in sentences(long)] == [16]
    assert [words(each) for each in sentences("Ketik **{n}** angka. Buka 08.00-16.00.\nContoh: 1 2 3 4")] == [3, 4]
    assert words("Yaitu: nama, nomor KTP (NIK), alamat, nomor HP, foto KTP, keluarga, pekerjaan") == 1


def test_a_sentence_has_at_most_twelve_words() -> None:
    spoken = [each for _, text in SAID_TO_WORKERS for each in sentences(text)]
    assert len(spoken) > 200
    assert [each for each in spoken if words(each) > WORDS_IN_A_SENTENCE] == []


def test_a_message_is_short() -> None:
    held = [text for english, text in SAID_TO_WORKERS if not english.startswith(tuple(LONG))]
    assert [text for text in held if len(text) > LETTERS] == []
    assert [text for text in held if len(sentences(text)) > SENTENCES_IN_A_NOTICE] == []


def test_only_command_words_stand_in_capitals() -> None:
    shown = [re.sub(r"\bContoh: .*", "", text) for _, text in SAID_TO_WORKERS]
    loud = {word for text in shown for word in re.findall(r"\b[A-Z][A-Z/-]+\b", text)}
    assert {word for word in loud if not COMMANDS.fullmatch(word) and not SHORT_FORMS.fullmatch(word)} == set()


def test_no_text_uses_a_word_that_workers_do_not() -> None:
    assert [text for _, text in SAID if BANNED.search(text)] == []


def test_a_chat_has_one_name() -> None:
    pages = [*(ROOT / "channels" / "webchat_page").iterdir(), ROOT / "locales" / "id" / "LC_MESSAGES" / "messages.po"]
    shown = {page.name: page.read_text(encoding="utf-8") for page in pages if page.suffix in (".html", ".js", ".po")}
    assert [name for name, text in shown.items() if "obrolan" in text.lower()] == []


def test_a_sign_stands_alone_and_a_code_is_only_named_to_warn() -> None:
    assert [text for _, text in SAID if len(EMOJI.findall(text)) > 1] == []
    assert [text for _, text in SAID if re.search(r"\bOTP\b", text) and "Jangan beri" not in text] == []


@pytest.mark.parametrize(("name", "prompt"), ASKED, ids=[name for name, _ in ASKED])
def test_a_question_asks_one_thing_in_few_words_and_says_how_to_answer(name: str, prompt: Prompt) -> None:
    text = prompt.text
    named = re.compile(r"\b(?:balas|reply)\b", re.IGNORECASE)
    if name not in NO_QUESTION:
        # A sentence that names the answers stands for the example.
        asking = [each for each in sentences(text) if not named.search(each)]
        assert len(asking) <= SENTENCES_IN_A_QUESTION
        assert len(text) <= LETTERS
    assert len(prompt.options) <= 7
    assert "Contoh:" in text or named.search(text) or prompt.listed or "kirim" in text


def test_what_can_be_changed_fits_whole_into_a_row_of_every_network() -> None:
    assert [label for _, label, _ in CHANGES if len(say()(label)) > ROW] == []


def test_no_example_number_could_be_somebodys() -> None:
    """Serials 99xx are practically never issued, and the phones are of the invented range."""
    for _, text in SAID:
        assert all(nik[12:14] == "99" for nik in re.findall(r"\b\d{16}\b", text))
        assert all(phone.startswith("0812-3450-") for phone in re.findall(r"\b08\d{2}-\d{4}-\d+\b", text))


@pytest.mark.parametrize("code", [code for code in SENTENCES if code.startswith(("nik_", "phone_", "name_", "date_"))])
def test_a_refusal_says_what_to_do(code: str) -> None:
    text = say()(SENTENCES[code])
    assert re.search(r"\b(?:mohon|coba|silakan|tulis|balas)\b", text, re.IGNORECASE)
    assert not re.search(r"\bBapak/Ibu salah\b", text)


def test_good_news_says_that_nobody_is_protected_yet() -> None:
    good_news = [text for english, text in SAID_TO_WORKERS if english.startswith("✅")]
    assert len(good_news) >= 3
    assert [text for text in good_news if "belum terlindungi" not in text] == []


def test_people_are_never_called_by_a_first_name_we_do_not_know() -> None:
    here = replace(view(), answers={})
    assert "Pak " not in FORMS["registration"]["name"].put(here).text
