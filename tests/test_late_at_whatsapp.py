"""What comes days later on WhatsApp, from an officer's word to what a worker's phone shows, over real HTTP.

Not for: broadcasts (tests/test_broadcast_two_networks.py) or the outbox row by row (tests/test_outbox.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.whatsapp_templates import category, components_of, template_name
from conversation.late import LATE_TEXTS
from tests.chat import ROADS, LiveOffice, Villager
from tests.pictures import ktp_photo
from tests.servers.telegram import TelegramServer
from tests.servers.whatsapp import WhatsAppServer
from tests.servers.whatsapp_people import Person


@pytest.fixture
async def network() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server
        assert server.violations() == []


@pytest.fixture
async def office(
    telegram_server: TelegramServer, network: WhatsAppServer, database_url: str, tmp_path: Path
) -> AsyncIterator[LiveOffice]:
    """The whole program at both networks; WhatsApp has approved all our late texts."""
    async with LiveOffice(telegram_server, database_url, tmp_path, whatsapp=network) as office:
        for text in LATE_TEXTS.values():
            parts = components_of(text, office.office.say, handle="4::contoh")
            network.world.add_template(template_name(text), "id", category(text), parts, status="APPROVED")
        await judged(office)
        yield office


async def judged(office: LiveOffice, **states: str) -> None:
    """What WhatsApp last said of our late texts: all are approved but these."""
    found = dict.fromkeys(LATE_TEXTS, "approved") | states
    await office.store.transact(lambda tx: tx.late_texts.keep("whatsapp", found))


@pytest.fixture
async def sari(office: LiveOffice, network: WhatsAppServer) -> Person:
    """Ibu Sari, who has registered on WhatsApp and been silent for two days."""
    sari = network.person("Sari", phone="+6281234500001")
    nik, name, village, work, workplace, phone = ROADS["Sari"]
    await says(office, sari, "halo", "SETUJU", nik, name, "Ambon", village, "TIDAK ADA", work, workplace, phone)
    await sari.sends_photo(ktp_photo())
    await office.settles()
    await says(office, sari, "LEWATI", "BENAR", "TIDAK")
    await office.later(days=2)
    return sari


async def says(office: LiveOffice, person: Person, *words: str) -> list[tuple[str, str]]:
    """Say these one after the other; (kind, text) of what the last one was answered with."""
    for word in words:
        office.clock.moves()
        person.listens()
        await person.says(word)
        await office.settles()
    return heard(person)


def heard(person: Person) -> list[tuple[str, str]]:
    return [(message.kind, message.text) for message in person.heard()]


async def decides(office: LiveOffice, dewi: Villager, *taps: str) -> None:
    """Officer Dewi looks at the KTP and decides; the worker is told when the time to take it back is over."""
    await dewi.says("/ambil")
    for label in ("Lihat KTP", *taps):
        await dewi.taps(label)
    await office.later(minutes=2)


async def test_an_approval_two_days_later_is_told_whole(office: LiveOffice, sari: Person, dewi: Villager) -> None:
    await decides(office, dewi, "Setujui")
    [(kind, text)] = heard(sari)
    assert kind == "template"
    assert text.startswith("✅ Kabar baik, Ibu Sarni. Data nomor AMB-")
    assert "belum terlindungi" in text
    # It is told once: there is nothing more to read.
    assert "AMB-" in (await says(office, sari, "STATUS"))[0][1]


async def test_a_correction_knocks_and_its_question_comes_with_lihat(
    office: LiveOffice, sari: Person, dewi: Villager
) -> None:
    await decides(office, dewi, "Perbaiki", "8. Alamat kurang jelas", "Selesai", "Tanpa catatan")
    [(kind, text)] = heard(sari)
    assert kind == "template"
    assert text.startswith("Ada yang perlu diperbaiki, Ibu Sarni. Nomor AMB-")
    assert text.endswith("Alamatnya belum jelas. Mohon tulis lagi. Untuk memperbaikinya, balas LIHAT.")
    [(kind, question)] = await says(office, sari, "Lihat")
    assert kind == "text"
    assert "desa, negeri, atau kelurahan" in question
    await says(office, sari, "Latuhalat", "RT 004/RW 001")
    assert await office.read(lambda tx: tx.queue.next_id((), own=0)) is not None


async def test_a_reminder_says_lanjut_and_lanjut_puts_the_question_again(
    office: LiveOffice, network: WhatsAppServer
) -> None:
    budi = network.person("Budi", phone="+6281234500002")
    await says(office, budi, "halo", "SETUJU", ROADS["Budi"][0])
    await office.later(days=7)
    reminders = [text for kind, text in heard(budi) if kind == "template"]
    assert set(reminders) == {
        "Pendaftaran belum selesai. Kita lanjut, ya? Ini gratis. Balas LANJUT. Untuk berhenti: BATAL."
    }
    [(_, again)] = await says(office, budi, "LANJUT")
    assert "Selamat datang lagi" in again
    assert "nama lengkap" in again


async def test_what_whatsapp_has_paused_knocks_instead_and_is_read_whole(
    office: LiveOffice, network: WhatsAppServer, sari: Person, dewi: Villager
) -> None:
    network.review("lindung_decision_approved", "PAUSED")
    await judged(office, decision_approved="paused")
    await decides(office, dewi, "Setujui")
    assert heard(sari) == [
        ("template", "Ada kabar untuk Bapak/Ibu tentang pendaftaran. Untuk membacanya, balas LIHAT.")
    ]
    [(kind, text)] = await says(office, sari, "ya")
    assert kind == "text"
    assert "Kabar baik, Ibu Sarni" in text


async def test_where_nothing_is_let_in_it_waits_until_she_writes(
    office: LiveOffice, sari: Person, dewi: Villager
) -> None:
    await judged(office, decision_approved="missing", news_for_you="rejected")
    await decides(office, dewi, "Setujui")
    assert heard(sari) == []
    told = await says(office, sari, "STATUS")
    assert "Kabar baik, Ibu Sarni" in told[0][1]
    assert len(told) == 2
