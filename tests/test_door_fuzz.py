"""Whatever comes through the webhook's door: it is answered, nothing crashes, nobody gets what is not theirs.

The door, the service and the loops are the real ones; what people see comes over the Bot API.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.web import MOST_BYTES
from domain.officer import Role
from handlers.router import COMMANDS, TAPS
from storage.schema_broadcasts import metadata
from tests import shapes
from tests.databases import database
from tests.door import Door
from tests.pictures import ktp_photo
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import Person
from tests.talks import Talk, Told, invented_nik

_numbers = itertools.count(1)

NASTY = [
    *("", " ", "\n\n", ".", "?", "0", "-1", "1" * 400, "{nik}", "{}", "%s", "**", "****", "</b><b>", "<i>", "&amp;"),
    *("\u202e1095830551017118", "\u200b", "\u0000", "a\u0000b", "\ufeffSETUJU", "e\u0301" * 200, "z" + "\u0310" * 400),
    *(
        "\ud800",
        "\ud83d",
        "SARI\udfff",
        "😀" * 900,
        "🇮🇩" * 300,
        "👩‍👩‍👧‍👦" * 100,
        "٨١٧١٠١٥٥٠٣٨٥٩٩٠١",
        "８１７１０１５５０３８５９９０１",
    ),
    *("' OR 1=1 --", "Robert'); DROP TABLE answers;--", "../../etc/passwd", "/", "//", "/start@", "/balas", "@lindung"),
    *("\r\n.\r\n", "\t" * 50, "أنا صياد", "ꦱꦶꦠꦶ", "NULL", "None", "nan", "inf", "1e309", "9" * 5000, "kata " * 1000),
]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    with database("sqlite", tmp_path) as url:
        async with TelegramServer() as server, Door(server, tmp_path, url) as door:
            yield door


def who(person: Person) -> dict[str, Any]:
    return {"chat": person.chat.as_json(), "person": person.person}


# Everything Telegram may send


@pytest.mark.parametrize("seed", range(4))
async def test_every_kind_of_update_is_taken_and_breaks_nothing(door: Door, seed: int) -> None:
    chance = random.Random(seed)
    sari = Talk(door.server.person("Sari"), Told(invented_nik(seed)))
    await sari.registers(until=sari.told.street)
    joko = door.server.person("Joko", started=True)
    group = {"id": -100_123_456, "type": "supergroup", "title": "Kelompok Nelayan"}
    door.server.world.chats[group["id"]] = await _group(door, sari.person)
    for kind in shapes.kinds():
        for person in (sari.person, joko):
            for chat in (person.chat.as_json(), group):
                made = shapes.update(kind, chance, chat=chat, person=person.person)
                assert await door.post(made) == 200, made
    await door.settles()
    assert await door.store.read(lambda tx: tx.inbox.failed(limit=5)) == []


async def _group(door: Door, person: Person) -> Any:
    return (await person.adds_bot_to_group()).chat


async def test_a_message_with_any_field_there_is_gets_an_answer_or_says_nothing(door: Door) -> None:
    chance = random.Random(7)
    sari = Talk(door.server.person("Sari"), Told(invented_nik(1)))
    await sari.registers(until=sari.told.street)
    for field in shapes.message_fields():
        made = shapes.message(field, chance, **who(sari.person))
        assert await door.post(made) == 200, made
    await door.settles()
    assert await door.store.read(lambda tx: tx.inbox.failed(limit=5)) == []
    # The form still stands where it stood, or a little further on: it can be gone on with.
    await sari.person.says("STATUS")
    await sari.person.hears("elum", within=20.0)


MALFORMED = [
    *(b"", b"{", b"null", b"true", b"[]", b"[1]", b'"x"', b"1", b"\xff\xfe", b"\x00" * 100, b"[" * 200_000),
    *(b'{"update_id": 1' + b"0" * 400 + b"}", b'{"update_id": "x", "message": {}}', b'{"update_id": null}'),
    *(b'{"update_id": 1e400}', b'{"update_id": NaN}', b'{"update_id": [], "message": 5}', b'{"message": {}}'),
    b'{"update_id": 7, "message": {"message_id": 1, "date": 1, "chat": {"id": "x", "type": "private"}, "text": 5}}',
    b'{"update_id": 8, "message": {"message_id": 1, "date": 1, "chat": {"id": 9, "type": []}, "text": {"a": 1}}}',
    b'{"update_id": 9, "message": {"message_id": 1, "date": 1e99, "chat": {"id": 9, "type": "private"}}}',
    b'{"update_id": 10, "callback_query": {"id": 5, "from": {"id": 5}, "data": {"x": 1}, "chat_instance": null}}',
]


async def test_no_bytes_at_all_break_the_door(door: Door) -> None:
    for body in MALFORMED:
        assert await door.knock(body) == 200, body[:80]
    assert await door.knock(b"[" * (MOST_BYTES + 1)) == 413
    await Talk(door.server.person("Sari"), Told(invented_nik(1))).registers(until=invented_nik(1))
    assert await door.store.read(lambda tx: tx.inbox.failed(limit=5)) == []


async def test_a_megabyte_of_text_is_cut_and_answered(door: Door) -> None:
    sari = Talk(door.server.person("Sari"), Told(invented_nik(1)))
    await sari.registers(until=sari.told.name)
    text = "a" * (MOST_BYTES - 2000)
    assert await door.post(_text(sari.person, text)) == 200
    await door.settles()
    sari.person.listens()
    await sari.person.says("STATUS")
    await sari.person.hears("elum")
    await door.is_unharmed()


def _text(person: Person, text: str) -> dict[str, Any]:
    about = {"message_id": next(_numbers), "date": 1_790_000_000, "chat": person.chat.as_json(), "from": person.person}
    return {"message": {**about, "text": text}}


# Everything people may write


@pytest.mark.slow
async def test_no_text_is_met_with_silence_wherever_it_comes(door: Door) -> None:
    """Before consent, at each question of the form, and after the receipt."""
    for at in range(15):
        talk = Talk(door.server.person(f"Warga {at}", started=True), Told(invented_nik(at)))
        await talk.registers(until=talk.told.steps()[at][0] if at < 14 else "")
        for text in NASTY if at in (0, 4, 14) else NASTY[at % 3 :: 3]:
            await _is_answered(door, talk.person, text)
    await door.is_unharmed()


async def _is_answered(door: Door, person: Person, text: str) -> None:
    """By a message; but a text of nothing, which the network itself never delivers, may fall silent."""
    before = len(person.ledger)
    assert await door.post(_text(person, text)) == 200
    await door.settles()
    new = person.ledger[before:]
    assert [seen for seen in new if seen.kind == "message"] or not text.strip(" \n\t\x00"), (
        f"{text!r} was met with silence"
    )


WORDS = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=40),
    st.text(st.characters(categories=("L", "N", "P")), max_size=30),
    st.sampled_from(["SETUJU", "TIDAK", "YA", "BENAR", "UBAH", "KEMBALI", "BATAL", "SALAH", "NANTI", "STOP", "MULAI"]),
    st.sampled_from(
        ["DAFTAR", "STATUS", "BANTUAN", "PETUGAS", "INFO", "DATA SAYA", "HAPUS", "HAPUS DATA SAYA", "LEWATI"]
    ),
    st.sampled_from(["1", "2", "7", "11", "SUDAH SAMA", "/start", "/status", "terima kasih", "sudah", "KEBERATAN"]),
    st.from_regex(r"[0-9 .-]{1,20}", fullmatch=True),
)


@pytest.mark.slow
async def test_no_talk_at_all_breaks_the_form(door: Door) -> None:
    """The straight road with anything in between; whatever becomes of it, each message is answered."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 13), WORDS), max_size=8), st.integers(0, 13))
    def talk(asides: list[tuple[int, str]], length: int) -> None:
        asyncio.run_coroutine_threadsafe(_talk(door, asides, length), loop).result(60)

    await asyncio.to_thread(talk)
    await door.is_unharmed()


async def _talk(door: Door, asides: list[tuple[int, str]], length: int) -> None:
    number = next(_numbers)
    person = door.server.person(f"Warga {number}", started=True)
    for at, (said, _) in enumerate(Told(invented_nik(number)).steps()[:length]):
        for _, aside in [each for each in asides if each[0] == at]:
            assert await door.post(_text(person, aside)) == 200
        if said == "(photo)":
            await person.sends_photo(ktp_photo())
        else:
            await person.says(said)
        await door.settles()
    assert await door.store.read(lambda tx: tx.inbox.failed(limit=1)) == []


# Joko, who must see nothing


SECRET_TABLES = [
    table.name for table in metadata.sorted_tables if table.name not in ("seen", "addresses", "outbox", "inbox")
]


async def every_tap_is_answered(door: Door) -> None:
    """No spinner is left turning; on a busy machine an answer may come after Telegram's fifteen seconds."""
    for _ in range(300):
        if len(door.server.calls("answerCallbackQuery")) >= len(door.server.world.taps):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{door.server.unanswered()} taps were never answered")


@pytest.mark.slow
async def test_joko_gets_nothing_by_any_forged_choice_or_command(door: Door) -> None:
    dewi, rahmat = await door.joins("Dewi", Role.OFFICER), await door.joins("Rahmat", Role.ADMIN)
    sari = Talk(door.server.person("Sari"), Told(invented_nik(1)))
    receipt = await sari.registers()
    await dewi.says("/ambil")
    await dewi.hears(receipt)
    await rahmat.says("/petugas")
    await rahmat.hears("Dewi")
    await door.settles()
    real = {
        button.data for one in (dewi, rahmat, sari.person) for seen in one.ledger for row in seen.rows for button in row
    }
    (case,) = (await door.everything("registrations"))["registrations"]
    numbers = (
        "",
        "0",
        "-1",
        "x",
        str(case["id"]),
        f"{case['id']}:1",
        f"{case['id']}:1:1",
        str(2**63),
        "9" * 50,
        "%",
        "é",
    )
    words = (
        "ktp",
        "ok",
        "fix",
        "no",
        "back",
        "undo",
        "next",
        "list",
        "show",
        "who",
        "hold",
        "out",
        "area",
        "yes",
        "in",
        "all",
    )
    forged = {
        f"{head}:{word}:{number}"[:64] for head in (*TAPS, "f", "w", "zz") for word in words for number in numbers
    }
    forged |= {*TAPS, *(f"{head}:" for head in TAPS), ":", "::::", "", *(data for data in real if data)}
    before = await door.everything(*SECRET_TABLES)

    joko = door.server.person("Joko", started=True)
    for data in sorted(forged):
        await joko.taps(data=data)
    for command in (*COMMANDS, "lihat", "admin"):
        for rest in ("", f" {receipt}", f" {sari.told.nik}", " 1 halo"):
            await joko.says(f"/{command}{rest}")
    await door.settles(within=60.0)
    for said in {seen.text for seen in joko.ledger}:
        assert receipt not in said
        assert "SARI" not in said
        assert sari.told.nik not in said
    after = await door.everything(*SECRET_TABLES)
    after["progress"] = [row for row in after["progress"] if row["form"] != "consent"]
    assert after == before
    assert await door.store.read(lambda tx: tx.inbox.failed(limit=5)) == []
    await every_tap_is_answered(door)


@pytest.mark.slow
async def test_an_officer_may_tap_any_nonsense_too(door: Door) -> None:
    dewi = await door.joins("Dewi", Role.ADMIN)
    sari = Talk(door.server.person("Sari"), Told(invented_nik(1)))
    await sari.registers()
    (case,) = (await door.everything("registrations"))["registrations"]
    for head in (*TAPS, "f", "w", "zz"):
        for rest in (
            "",
            ":",
            ":x",
            ":ktp",
            ":ok:1",
            ":no:x:y",
            f":show:{case['id']}",
            f":pick:{2**63}",
            ":undo:0:0",
            ":é",
        ):
            await dewi.taps(data=f"{head}{rest}")
    for command in COMMANDS:
        for rest in ("", " ", " x", " AMB-0000-0000", f" {'9' * 300}", " 1", " 99999999999999999999 halo", " \u202e"):
            await dewi.says(f"/{command}{rest}")
    await door.settles(within=60.0)
    assert await door.store.read(lambda tx: tx.inbox.failed(limit=5)) == []
    await every_tap_is_answered(door)
