"""Officer Dewi and admin Rahmat at work on WhatsApp: by words and numbers, with no menu and nothing to take back.

Sari is on Telegram, so what they decide crosses from one network to the other. Not for: the page of photo and NIK
itself (test_peek_page.py, test_page_door.py) or what numbers and words mean (test_numbers.py, test_spoken.py).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.address import Address
from domain.broadcast import State
from domain.officer import Role
from domain.registration import Status
from domain.topic import ALL_TOPICS
from handlers.peek import Sight, open_once
from storage.store import Tx
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.events import attendances, invited, planned
from tests.servers.telegram import TelegramServer
from tests.servers.whatsapp import PHONE_NUMBER_ID, WhatsAppServer
from tests.servers.whatsapp_people import Person

LINK = re.compile(r"/lihat/(\S+)")
CODE = re.compile(r"GABUNG ([A-Z2-9]{10})")


@pytest.fixture
async def network() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server
        assert server.violations("error") == []


@pytest.fixture
async def office(
    telegram_server: TelegramServer, network: WhatsAppServer, database_url: str, tmp_path: Path
) -> AsyncIterator[LiveOffice]:
    """The whole program at both networks. To more than one person nobody sends what a colleague could look at first."""
    async with LiveOffice(telegram_server, database_url, tmp_path, whatsapp=network, approval_above=1) as office:
        yield office


async def joins(office: LiveOffice, name: str, role: Role) -> Person:
    assert office.whatsapp is not None
    person = office.whatsapp.person(name)
    await person.says(f"GABUNG {await office.invites(role)}")
    await person.hears("Selamat bergabung")
    await office.settles()
    return person


async def says(office: LiveOffice, person: Person, text: str, hears: str) -> str:
    """What is heard in answer, as one text; it must hold these words."""
    await person.says(text)
    await person.hears(hears)
    await office.settles()
    return "\n".join(message.text for message in person.heard())


@pytest.fixture
async def dewi(office: LiveOffice) -> Person:
    return await joins(office, "Dewi", Role.OFFICER)


@pytest.fixture
async def rahmat(office: LiveOffice) -> Person:
    return await joins(office, "Rahmat", Role.ADMIN)


async def looks(office: LiveOffice, person: Person, answer: str) -> None:
    """Open the link that came, as the page does at its one opening."""
    found = LINK.search(answer)
    assert found is not None, answer
    assert isinstance(await office.store.transact(open_once, found[1], office.office), Sight)


@ON_BOTH
async def test_dewi_checks_and_approves_a_case_by_words_and_numbers(
    office: LiveOffice, sari: Villager, dewi: Person
) -> None:
    await sari.registers()
    [receipt] = sari.receipts
    assert "1 menunggu" in await says(office, dewi, "antrean", "menunggu")
    assert receipt in await says(office, dewi, "1", "Kasus")
    labels = dewi.sees()[-1].labels
    assert labels[:2] == ["Lihat KTP", "Setujui"]
    await says(office, dewi, "2", "Lihat KTP dulu")
    await looks(office, dewi, await says(office, dewi, "1", "/lihat/"))
    await says(office, dewi, f"SETUJUI {receipt}", "Pekerja dikabari")
    await office.later(minutes=2)
    assert (await office.case(receipt)).status is Status.VERIFIED
    await sari.hears("Kabar baik")
    await dewi.hears_nothing()


async def test_dewi_takes_a_decision_back_by_its_number(office: LiveOffice, sari: Villager, dewi: Person) -> None:
    await sari.registers()
    [receipt] = sari.receipts
    await says(office, dewi, "AMBIL", "Kasus")
    asked = await says(office, dewi, f"tolak {receipt}", "Mengapa")
    assert "\n1. " in asked
    assert "\n13. " in asked
    assert dewi.sees()[-1].labels == []
    await says(office, dewi, "3", "Tulis catatan")
    await says(office, dewi, "1", "Pekerja dikabari")
    await says(office, dewi, "1", "diurungkan")
    assert (await office.case(receipt)).status is Status.IN_REVIEW
    await office.later(minutes=5)
    assert "belum bisa diterima" not in "\n".join(seen.text for seen in sari.ledger)


async def test_a_worker_is_asked_to_correct_two_things_at_once(
    office: LiveOffice, sari: Villager, dewi: Person
) -> None:
    await sari.registers()
    [receipt] = sari.receipts
    await says(office, dewi, "Ambil.", "Kasus")
    await says(office, dewi, "3", "Apa yang perlu diperbaiki")
    await says(office, dewi, "1, 4", "Tulis catatan")
    await says(office, dewi, "Mohon foto di tempat terang.", "Pekerja dikabari")
    await office.later(minutes=2)
    assert (await office.case(receipt)).status is Status.NEEDS_CORRECTION
    await sari.hears("Mohon foto di tempat terang.")


async def test_a_colleague_on_telegram_and_one_on_whatsapp_never_hold_the_same_case(
    office: LiveOffice, sari: Villager, dewi: Person
) -> None:
    await sari.registers()
    [receipt] = sari.receipts
    tini = await office.joins("Tini", Role.OFFICER)
    await tini.says(f"ambil {receipt}")
    await tini.hears("Kasus")
    await says(office, dewi, f"AMBIL {receipt}", "Petugas Tini sedang memeriksa")
    await dewi.taps(data="c:ok:1:1")
    await dewi.hears("sudah tidak ada")


async def test_joko_writes_what_officers_write_and_gets_what_workers_get(
    office: LiveOffice, sari: Villager, dewi: Person, network: WhatsAppServer
) -> None:
    await sari.registers()
    joko = network.person("Joko")
    await joko.says("halo")
    await office.settles()
    for said in ("AMBIL", f"SETUJUI {sari.receipts[0]}", "CARI Sarni", "MENU", "RINGKAS", "1", "2"):
        await joko.says(said)
        await office.settles()
    told = "\n".join(message.text for message in joko.ledger)
    assert "SARNI" not in told
    assert sari.receipts[0] not in told
    assert "*SETUJUI*" not in told
    assert (await office.case(sari.receipts[0])).status is Status.SUBMITTED


async def test_help_names_words_and_no_slashes(office: LiveOffice, rahmat: Person) -> None:
    heard = await says(office, rahmat, "bantuan", "SETUJUI")
    assert "/setujui" not in heard
    assert "*AMBIL*: Ambil kasus berikutnya" in rahmat.heard()[-1].raw
    assert len(rahmat.sees()[-1].labels) == 10


@ON_BOTH
async def test_rahmat_invites_looks_at_the_day_and_sends_a_broadcast(
    office: LiveOffice, sari: Villager, budi: Villager, rahmat: Person, network: WhatsAppServer
) -> None:
    for worker in (sari, budi):
        await worker.registers("pengumuman")
        await worker.says("YA")
    await office.settles()

    await says(office, rahmat, "UNDANG", "Siapa yang diundang")
    await says(office, rahmat, "1", "Wilayah mana")
    invitation = await says(office, rahmat, "1", "Undangan untuk petugas")
    code = CODE.search(invitation)
    assert code is not None
    tini = network.person("Tini")
    await tini.says(f"gabung {code[1]}")
    await tini.hears("Selamat bergabung")
    assert "Hari ini" in await says(office, rahmat, "RINGKAS", "Hari ini")

    await says(office, rahmat, "SIARAN", "siaran")
    await says(office, rahmat, "pengumuman", "teks")
    await says(office, rahmat, "Ambil kartu di kantor besok.", "LEWATI")
    await says(office, rahmat, "lewati", "Penerima")
    await says(office, rahmat, "semua", "orang")
    await says(office, rahmat, "selesai", "LANJUT")
    await rahmat.says("1")
    await office.broadcasts_go_on()
    await rahmat.hears("Dikirim ke 2 orang")
    await says(office, rahmat, "1", "ketik jumlah")
    await rahmat.says("2")
    await office.broadcasts_go_on()
    await sari.hears("Ambil kartu di kantor besok.")
    [broadcast] = await office.read(lambda tx: tx.broadcasts.recent(limit=5))
    assert broadcast.state is State.DONE
    assert broadcast.counts.sent == 2


async def test_a_worker_answers_an_invitation_by_number(
    office: LiveOffice, rahmat: Person, network: WhatsAppServer
) -> None:
    budi = network.person("Budi")
    await budi.says("halo")
    await office.settles()

    def wants_notices(tx: Tx) -> None:
        person = tx.people.arrive(Address("whatsapp", PHONE_NUMBER_ID, budi.user_id))[0]
        tx.people.keep(person)
        tx.people.set_notices(person.id, ALL_TOPICS)
        tx.people.end_progress(person.id)

    await office.store.transact(wants_notices)
    await office.later(minutes=1)
    await invited(office, await planned(office))
    await budi.hears("Balas HADIR atau TIDAK BISA")
    await budi.says("2")
    await budi.hears("Kami catat: tidak bisa")
    assert [answer for _, answer, _ in attendances(office)] == ["declines"]


async def test_rahmat_sees_an_invitation_as_it_will_be_before_anybody_gets_it(
    office: LiveOffice, rahmat: Person
) -> None:
    await says(office, rahmat, "SIARAN undangan", "Kapan")
    await says(office, rahmat, "besok jam 10 pagi", "desa")
    await says(office, rahmat, "Latuhalat", "tempat")
    await says(office, rahmat, "Balai Desa", "dibawa")
    await says(office, rahmat, "KTP", "Pakai, atau tulis")
    await says(office, rahmat, "1", "foto atau dokumen")
    await says(office, rahmat, "LEWATI", "Penerima")
    seen = await says(office, rahmat, "LANJUT", "Di atas terlihat")
    assert "Tempat: Balai Desa, Negeri Latuhalat" in seen
    look, late = [each for each in rahmat.sees() if "Hadir" in each.labels]
    assert look.labels == late.labels == ["Hadir", "Tidak bisa"]
    await rahmat.taps("Hadir", message_id=look.id)
    await rahmat.hears("hanya contoh")


async def test_lanjut_keeps_the_place_of_an_event_that_is_moved(office: LiveOffice, rahmat: Person) -> None:
    event = await planned(office)
    await says(office, rahmat, f"ACARA {event.word} ubah", "tanggal dan jam yang baru")
    await says(office, rahmat, "lusa jam 11 pagi", "tempat yang baru")
    changed = await says(office, rahmat, "LANJUT", "Acara sudah diubah")
    assert "11.00" in changed
    assert event.place in changed


async def test_rahmat_is_asked_to_delete_a_list_that_cannot_be_taken_back(office: LiveOffice, rahmat: Person) -> None:
    event = await planned(office)
    await says(office, rahmat, f"ACARA {event.word} daftar", "Sebentar lagi")
    await office.papers_come()
    letter = await rahmat.hears("Daftar acara")
    assert "Mohon hapus sendiri" in letter.text
    assert "hilang sesudah" not in letter.text


async def test_a_file_that_one_network_does_not_carry_goes_with_no_broadcast(
    office: LiveOffice, rahmat: Person
) -> None:
    await says(office, rahmat, "SIARAN pengumuman", "teks")
    await says(office, rahmat, "Ambil kartu di kantor besok.", "foto atau dokumen")
    await rahmat.sends_document(b"PK\x03\x04 arsip", "arsip.zip", mime="application/zip")
    await office.settles()
    await rahmat.hears("misalnya pdf")
    await rahmat.sends_document(b"%PDF-1.4 surat", "Surat.PDF", mime="application/pdf")
    await office.settles()
    await rahmat.hears("Penerima")
    [draft] = await office.read(lambda tx: tx.broadcasts.open())
    assert draft.content.document_name == "Surat.PDF"
