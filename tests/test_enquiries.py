"""Questions for the office: told to the officers of the area, answered once, in the office's name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.officer import Role
from domain.rules import Rules
from handlers import queue
from storage.store import Tx
from tests.office_desk import LATUHALAT, NUSANIWE, SIRIMAU, OfficeDesk, Someone, at_once, database, engine_for


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, NUSANIWE)
    return dewi


async def asks(desk: OfficeDesk, who: Someone, text: str, area: str | None = LATUHALAT) -> int:
    def unit(tx: Tx) -> int:
        person, _ = tx.people.arrive(who.address)
        tx.people.keep(person)
        number = tx.enquiries.ask(person, area=area, text=text)
        queue.asked(tx, number, desk.office)
        return number

    number = await desk.store.transact(unit)
    await desk.deliver()
    return number


async def test_a_question_is_told_listed_and_answered_in_the_offices_name(desk: OfficeDesk, dewi: Someone) -> None:
    sari = desk.someone("Sari")
    number = await asks(desk, sari, "Apakah suami saya boleh ikut?")
    assert "1 pertanyaan pekerja menunggu jawaban" in dewi.last
    assert "suami" not in dewi.last
    assert "Apakah suami saya boleh ikut?" in await dewi.says("/pertanyaan")
    assert "sudah dikirim" in await dewi.says(f"/balas {number} Boleh, silakan DAFTAR.")
    assert sari.last == "Jawaban dari Disnaker Kota Ambon:\nBoleh, silakan DAFTAR."
    assert "Tidak ada pertanyaan terbuka" in await dewi.says("/pertanyaan")


async def test_one_tap_and_the_next_words_are_the_answer(desk: OfficeDesk, dewi: Someone) -> None:
    sari = desk.someone("Sari")
    number = await asks(desk, sari, "Kapan kantor buka?")
    await dewi.taps("Pertanyaan")
    await dewi.taps(f"Jawab {number}")
    await dewi.says("Senin sampai Jumat.")
    assert "Senin sampai Jumat." in sari.last
    await dewi.says("Ini bukan jawaban.")
    assert "Ini bukan jawaban." not in sari.screen


async def test_further_questions_are_gathered(desk: OfficeDesk, dewi: Someone) -> None:
    for n in range(3):
        await asks(desk, desk.someone(f"Worker{n}"), "Bagaimana?")
    assert "1 pertanyaan" in dewi.last
    await desk.passes(minutes=16)
    assert "3 pertanyaan" in dewi.last


async def test_two_officers_who_answer_send_one_answer(desk: OfficeDesk, dewi: Someone) -> None:
    sari, rahmat = desk.someone("Sari"), desk.someone("Rahmat")
    await rahmat.joins()
    number = await asks(desk, sari, "Kapan?")
    said = await at_once(dewi.says(f"/balas {number} Senin."), rahmat.says(f"/balas {number} Selasa."))
    await desk.deliver()
    assert len(sari.chat.ever) == 1
    everything = "\n".join((*said, dewi.screen, rahmat.screen))
    assert everything.count("sudah menjawab pertanyaan") >= 1


async def test_a_question_from_elsewhere_is_not_shown_or_answered(desk: OfficeDesk, dewi: Someone) -> None:
    tini, sari = desk.someone("Tini"), desk.someone("Sari")
    await tini.joins(Role.OFFICER, SIRIMAU)
    number = await asks(desk, sari, "Kapan?")
    assert "Kapan?" not in await tini.says("/pertanyaan")
    assert "Tidak ada pertanyaan" in await tini.says(f"/balas {number} Besok.")
    assert sari.chat.ever == []


async def test_a_question_of_unknown_area_goes_to_the_whole_area(desk: OfficeDesk, dewi: Someone) -> None:
    rahmat, sari = desk.someone("Rahmat"), desk.someone("Sari")
    await rahmat.joins()
    before = len(dewi.chat.ever)
    await asks(desk, sari, "Kapan?", area=None)
    assert "1 pertanyaan" in rahmat.last
    assert len(dewi.chat.ever) == before


async def test_an_answered_question_is_forgotten(desk: OfficeDesk, dewi: Someone) -> None:
    sari = desk.someone("Sari")
    number = await asks(desk, sari, "Rahasia?")
    await dewi.says(f"/balas {number} Baik.")
    kept = await desk.store.transact(lambda tx: tx.enquiries.get(number))
    assert kept is not None
    assert (kept.text, kept.open) == ("", False)


async def test_an_answer_with_a_nik_is_not_sent(desk: OfficeDesk, dewi: Someone) -> None:
    sari = desk.someone("Sari")
    number = await asks(desk, sari, "Nomor saya?")
    assert "tanpa NIK" in await dewi.says(f"/balas {number} 8171014403859901")
    assert sari.chat.ever == []
