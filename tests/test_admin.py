"""The admin: objections, the day in numbers, and what failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation.late import late
from conversation.messages import Incoming, Kind, Message
from domain.officer import Role
from domain.registration import Registration, Status
from domain.rules import Rules
from handlers import queue
from storage.store import Tx
from tests.office_desk import BUDI, NUSANIWE, SARI, OfficeDesk, Someone, database, engine_for


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
def sari(desk: OfficeDesk) -> Someone:
    return desk.someone("Sari")


@pytest.fixture
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, NUSANIWE)
    return dewi


@pytest.fixture
async def rahmat(desk: OfficeDesk) -> Someone:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    return rahmat


async def rejected(desk: OfficeDesk, sari: Someone, dewi: Someone) -> Registration:
    """Sari's case, rejected by Dewi, and Sari objects."""
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Tolak")
    await dewi.taps("Terdaftar dua kali")
    await dewi.taps("Tanpa catatan")
    await desk.passes(seconds=61)

    def objects(tx: Tx) -> None:
        found = tx.registrations.get(case.id)
        assert found is not None
        assert tx.registrations.object(case.id)
        queue.objected(tx, found, desk.office)

    await desk.store.transact(objects)
    await desk.deliver()
    return await desk.case(case)


async def test_a_granted_objection_goes_first_in_the_queue(
    desk: OfficeDesk, sari: Someone, dewi: Someone, rahmat: Someone
) -> None:
    case = await rejected(desk, sari, dewi)
    assert f"keberatan** atas keputusan {case.receipt}" in rahmat.last
    heard = await rahmat.taps("Keberatan")
    assert "Ditolak karena: Terdaftar dua kali" in heard
    await rahmat.taps("Periksa lagi")
    back = await desk.case(case)
    assert (back.status, back.priority) == (Status.SUBMITTED, 0)
    assert "diterima" in sari.last
    assert "pernah menyatakan keberatan" in await dewi.says("/ambil")


async def test_a_refused_objection_leaves_the_decision(
    desk: OfficeDesk, sari: Someone, dewi: Someone, rahmat: Someone
) -> None:
    case = await rejected(desk, sari, dewi)
    await rahmat.says("/keberatan")
    again = rahmat.data_of("Tetap ditolak")
    before = len(sari.chat.ever)
    await rahmat.taps("Tetap ditolak")
    assert await desk.status(case) is Status.REJECTED
    assert "sudah dijawab" in await rahmat.sends_tap(again)
    assert len(sari.chat.ever) == before + 1
    assert "Tidak ada keberatan" in await rahmat.says("/keberatan")


async def test_who_objected_is_told_how_it_stands_and_waits_for_no_second_answer(
    desk: OfficeDesk, sari: Someone, dewi: Someone, rahmat: Someone
) -> None:
    await rejected(desk, sari, dewi)
    for word in ("STATUS", "KEBERATAN"):
        assert "Keberatan sudah kami terima." in await sari.says(word)
    await rahmat.says("/keberatan")
    await rahmat.taps("Tetap ditolak")
    for word in ("STATUS", "KEBERATAN"):
        heard = await sari.says(word)
        assert "Keberatan sudah kami jawab." in heard
        assert desk.office.contact in heard


async def test_an_objection_is_answered_by_another_than_who_decided(
    desk: OfficeDesk, sari: Someone, rahmat: Someone
) -> None:
    tini = desk.someone("Tini")
    await tini.joins(Role.ADMIN)
    case = await rejected(desk, sari, rahmat)
    await rahmat.says("/keberatan")
    assert "Admin lain" in await rahmat.taps("Periksa lagi")
    assert await desk.status(case) is Status.REJECTED
    await tini.says("/keberatan")
    await tini.taps("Periksa lagi")
    assert await desk.status(case) is Status.SUBMITTED


async def test_the_only_admin_may_look_at_it_once_more(desk: OfficeDesk, sari: Someone, rahmat: Someone) -> None:
    case = await rejected(desk, sari, rahmat)
    await rahmat.says("/keberatan")
    await rahmat.taps("Periksa lagi")
    assert await desk.status(case) is Status.SUBMITTED


async def test_a_granted_objection_stands_beside_a_newer_registration_of_the_same_nik(
    desk: OfficeDesk, sari: Someone, dewi: Someone, rahmat: Someone
) -> None:
    case = await rejected(desk, sari, dewi)
    newer = await desk.registers(desk.someone("Joko"))
    assert newer.duplicate_of is None
    await rahmat.says("/keberatan")
    await rahmat.taps("Periksa lagi")
    back = await desk.case(case)
    assert (back.status, back.duplicate_of) == (Status.SUBMITTED, newer.id)


async def test_the_day_in_numbers(desk: OfficeDesk, sari: Someone, dewi: Someone, rahmat: Someone) -> None:
    await desk.registers(sari)
    await desk.registers(sari, BUDI)
    await desk.registers(sari, {**SARI, "nik": "8171014403859903"})
    await desk.passes(minutes=9)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    await desk.passes(minutes=1)
    await dewi.says("/ambil")
    heard = await rahmat.says("/ringkas")
    assert "Pendaftaran masuk: 3" in heard
    assert "Menunggu: 1, sedang diperiksa: 1" in heard
    assert "Diputuskan: 1 (Data sudah benar 1)" in heard
    assert "10 menit" in heard
    assert "Kec. Sirimau" in heard
    assert "Kec. Nusaniwe" not in heard


async def test_no_area_lacks_an_officer_where_one_covers_everything_and_can_be_reached(
    desk: OfficeDesk, dewi: Someone, rahmat: Someone
) -> None:
    lacking = "Wilayah tanpa petugas**\n"
    assert f"{lacking}Kec. Sirimau" in await rahmat.says("/ringkas")
    nita = desk.someone("Nita")
    await nita.joins()
    assert f"{lacking}tidak ada" in await rahmat.says("/ringkas")
    for gone, left in ((nita, "Kec. Sirimau"), (dewi, "Kec. Nusaniwe")):
        await gone._does(Incoming(desk.key(), gone.address, Kind.BLOCKED))
        assert f"{lacking}{left}" in await rahmat.says("/ringkas")


async def test_a_long_list_of_objections_says_that_there_are_more(
    desk: OfficeDesk, sari: Someone, dewi: Someone, rahmat: Someone
) -> None:
    for _ in range(6):
        await rejected(desk, sari, dewi)
    assert "Masih ada keberatan lain" in await rahmat.says("/keberatan")
    await rahmat.taps("Tetap ditolak")
    assert "Masih ada" not in await rahmat.says("/keberatan")


async def test_the_day_begins_at_local_midnight(desk: OfficeDesk, sari: Someone, rahmat: Someone) -> None:
    await desk.registers(sari)
    await desk.passes(hours=13.9)
    assert "Pendaftaran masuk: 1" in await rahmat.says("/ringkas")
    await desk.passes(hours=0.2)
    assert "Pendaftaran masuk: 0" in await rahmat.says("/ringkas")


async def test_people_stop_at_questions_and_the_summary_counts_them(desk: OfficeDesk, rahmat: Someone) -> None:
    budi = desk.someone("Budi")
    await budi.says("DAFTAR")
    await budi.says("SETUJU")
    assert "(NIK)" in budi.last
    assert "KTP (NIK): 1" in await rahmat.says("/ringkas")


async def test_what_failed_is_listed_without_content_and_tried_again(
    desk: OfficeDesk, sari: Someone, rahmat: Someone
) -> None:
    case = await desk.registers(sari)

    def fails(tx: Tx) -> tuple[int, int]:
        person = tx.people.get(case.address_id)
        assert person is not None
        failed = Incoming("test:failed", sari.address, Kind.TEXT, "rahasia masuk")
        row = tx.inbox.park(person.id, failed, state="failed", code="KeyError")
        out = tx.outbox.put(person, Message("rahasia keluar", late=late("news_for_you")))
        tx.outbox.dead(out, "chat_not_found")
        return row, out

    inbox_id, _ = await desk.store.transact(fails)
    heard = await rahmat.says("/gangguan")
    assert "KeyError" in heard
    assert "chat_not_found" in heard
    assert "rahasia" not in heard
    first, second = rahmat.data_of("Coba lagi 1"), rahmat.data_of("Coba lagi 2")
    assert "dicoba lagi" in await rahmat.sends_tap(first)
    assert "sudah dicoba lagi" in await rahmat.sends_tap(first)
    parked = await desk.store.transact(lambda tx: tx.inbox.get(inbox_id))
    assert parked is not None
    assert parked.state == "behind"
    await rahmat.sends_tap(second)
    await desk.deliver()
    assert sari.last == "rahasia keluar"
    assert "Tidak ada gangguan" in await rahmat.says("/gangguan")
