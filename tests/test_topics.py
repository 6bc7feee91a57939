"""Stopping notices, all or one topic, and taking them up again: what is stored, and that nothing else is disturbed.

What is said, word for word: tests/conversations/stop-satu-atau-semua.txt. The words that mean STOP: test_words.py.
"""

from __future__ import annotations

import pytest

from domain.topic import ALL_TOPICS, Topic
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.test_registration_after import approved, corrected

STOPPED = "sudah kami hentikan"


def wanted(office: LiveOffice) -> list[int | None]:
    """The topics that workers want."""
    found = office.rows("SELECT notices FROM addresses WHERE id IN (SELECT address_id FROM registrations)")
    return [row[0] for row in found]


async def welcomes_notices(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("pengumuman")
    await sari.says("YA")
    await office.settles()


@ON_BOTH
async def test_stop_stops_everything_at_once_and_every_change_is_kept_like_a_consent(
    office: LiveOffice, sari: Villager
) -> None:
    await welcomes_notices(office, sari)
    assert wanted(office) == [ALL_TOPICS]
    await sari.says("STOP")
    await sari.hears(STOPPED)
    assert wanted(office) == [0]
    await sari.taps("Undangan acara")
    await office.settles()
    assert wanted(office) == [Topic.EVENTS]
    await sari.says("MULAI")
    await sari.says("STOP UNDANGAN")
    await sari.says("STOP")
    await sari.says("STOP")
    await office.settles()
    kept = office.rows("SELECT answer FROM consents WHERE kind = 'notices' ORDER BY id")
    assert [row[0] for row in kept] == [3, 0, 2, 3, 1, 0], "a second STOP changes nothing"


async def test_of_a_stranger_who_says_stop_nothing_is_kept(office: LiveOffice, sari: Villager) -> None:
    await sari.says("STOP")
    await sari.hears("tidak mengirim undangan")
    await sari.says("/start")
    await sari.hears("SETUJU")
    await sari.says("STOP UNDANGAN")
    await sari.hears("tidak mengirim undangan")
    assert office.rows("SELECT sealed, notices FROM addresses") == [(None, None)]
    assert office.rows("SELECT count(*) FROM consents") == [(0,)]
    assert office.rows("SELECT form FROM progress") == [("consent",)]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("DAFTAR", "orang lain"),
        ("HAPUS", "Yakin?"),
        ("UBAH", "Apa yang mau diubah"),
        ("PETUGAS", "0812-3450-0000"),
        ("apa kabar", "belum mengerti"),
    ],
)
async def test_whoever_goes_on_with_something_else_has_left_the_offer_behind(
    office: LiveOffice, sari: Villager, said: str, heard: str
) -> None:
    await welcomes_notices(office, sari)
    await sari.says("STOP")
    offer = await sari.hears("tetap terima yang satu")
    await sari.says(said)
    await sari.hears(heard)
    await office.settles()
    assert office.rows("SELECT count(*) FROM progress WHERE form = 'topics'") == [(0,)]
    assert not sari.chat.messages[offer.message_id].rows
    assert wanted(office) == [0]


async def test_news_about_the_own_registration_comes_after_stop(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await welcomes_notices(office, sari)
    await sari.says("STOP")
    await sari.hears(STOPPED)
    await approved(office, dewi, sari.receipts[0])
    await sari.hears("Kabar baik")


async def test_a_correction_takes_the_place_of_the_offer_and_stop_needs_no_question_hours_after_it(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await welcomes_notices(office, sari)
    await sari.says("STOP")
    await sari.hears("tetap terima yang satu")
    await corrected(office, dewi, sari.receipts[0], "4. Nama tidak sama dengan KTP")
    await sari.hears("diperbaiki")
    await sari.says("MULAI")
    await sari.hears("kami kirim lagi")
    await office.later(hours=3)
    await sari.says("STOP")
    told = await sari.hears(STOPPED)
    assert "nama lengkap" in told.text, "the open question still stands"
    assert wanted(office) == [0]
    assert office.rows("SELECT form FROM progress") == [("correction",)]


async def test_stop_among_other_words_is_an_answer(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("tempat kerja")
    await sari.says("pangkalan ojek dekat rambu stop")
    await sari.hears("nomor HP")
    await sari.says("PETUGAS")
    await sari.hears("Tulis pertanyaannya")
    await sari.says("Kenapa bantuan stop bulan ini?")
    await sari.hears("Pertanyaan Bapak/Ibu")
    assert wanted(office) == [None]
