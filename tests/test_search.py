"""Searching and history: own area only, a few times an hour, every hit logged, no NIK in sight."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.messages import Incoming, Kind
from domain.officer import Role
from domain.registration import Status
from domain.rules import Rules
from handlers.router import handle
from tests.office_desk import BUDI, NUSANIWE, SARI, SIRIMAU, OfficeDesk, Someone, database, engine_for


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules(searches_per_hour=8))
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


async def test_a_case_is_found_by_number_nik_and_whole_words_of_the_name(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await desk.registers(sari, BUDI)
    for words in (case.receipt, str(case.receipt)[4:].replace("-", " "), SARI["nik"], "sarni", "Tuhumury Sarni"):
        heard = await dewi.says(f"/cari {words}")
        assert f"**{case.receipt}**: SARNI TUHUMURY" in heard, words
        assert "BUDI" not in heard
        assert SARI["nik"] not in heard
    assert "Tidak ditemukan" in await dewi.says("/cari Sarn")
    assert "Tidak ditemukan" in await dewi.says("/cari Sarni Pattiasina")
    views = await desk.store.transact(lambda tx: tx.sights.of(case.id, limit=99))
    assert [row["kind"] for row in views] == ["search"] * 5


async def test_nothing_outside_ones_area_is_found(desk: OfficeDesk, sari: Someone) -> None:
    tini = desk.someone("Tini")
    await tini.joins(Role.OFFICER, SIRIMAU)
    case = await desk.registers(sari)
    for words in (case.receipt, SARI["nik"], "Sarni"):
        assert "Tidak ditemukan" in await tini.says(f"/cari {words}")
    assert "di luar wilayah" in await tini.says(f"/riwayat {case.receipt}")
    assert await desk.store.transact(lambda tx: tx.sights.of(case.id, limit=9)) == []


async def test_the_officers_own_message_with_a_nik_is_taken_back(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    await desk.registers(sari)
    await dewi.says(f"/cari {SARI['nik']}")
    assert dewi.chat.taken_back == []
    await desk.passes(minutes=16)
    assert len(dewi.chat.taken_back) == 1
    assert dewi.chat.taken_back[0].startswith("own-")


async def test_a_nik_given_to_another_command_is_taken_back_too(desk: OfficeDesk, dewi: Someone) -> None:
    assert "bukan nomor daftar" in await dewi.says(f"/riwayat {SARI['nik']}")
    await desk.passes(minutes=16)
    assert len(dewi.chat.taken_back) == 1


async def test_a_nik_written_or_edited_beside_any_command_is_taken_back_once(desk: OfficeDesk, dewi: Someone) -> None:
    assert "/bantuan" in await dewi.says(SARI["nik"])
    await dewi.says(f"/cari {SARI['nik']}")
    edited = Incoming(desk.key(), dewi.address, Kind.EDIT, f"/cari {BUDI['nik']}")
    assert "pesan baru" in await dewi._does(edited)
    again = Incoming(desk.key(), dewi.address, Kind.EDIT, f"/cari {BUDI['nik']}", message_id="own-twice")
    with desk.speaking(dewi):
        for key in ("a", "b"):
            await desk.store.transact(handle, replace(again, key=key), desk.office)
        await desk.deliver()
    await desk.passes(minutes=16)
    assert len(dewi.chat.taken_back) == 4


async def test_a_slip_in_a_number_is_said(desk: OfficeDesk, dewi: Someone) -> None:
    assert "bukan NIK" in await dewi.says("/cari 817101440385990")
    assert "salah ketik" in await dewi.says("/cari AMB-1234-5670")
    assert "Cari apa" in await dewi.says("/cari")


async def test_searches_have_an_end_within_the_hour(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    await desk.registers(sari)
    for _ in range(8):
        assert "SARNI" in await dewi.says("/cari sarni")
    assert "8 kali mencari" in await dewi.says("/cari sarni")
    await desk.passes(hours=1)
    assert "SARNI" in await dewi.says("/cari sarni")


async def test_history_tells_who_saw_who_changed_old_and_new(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await desk.changes(case, street="RT 003/RW 004", nik="8171014403859905")
    await dewi.says("/lepas")
    heard = await dewi.says(f"/riwayat {case.receipt}")
    assert "Dewi melihat KTP dan NIK" in heard
    assert "RT 001/RW 002 → RT 003/RW 004" in heard
    assert "**** **** **** **01 → **** **** **** **05" in heard
    assert "Dewi: Sedang diperiksa" in heard
    assert "pekerja: Menunggu diperiksa" in heard
    assert "8171014403859905" not in heard
    views = await desk.store.transact(lambda tx: tx.sights.of(case.id, limit=1))
    assert views[0]["kind"] == "history"


async def test_a_hit_that_waits_can_be_taken_with_one_tap(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/cari sarni")
    assert "Umur: 41 tahun" in await dewi.taps(f"Ambil {case.receipt}")
    assert await desk.status(case) is Status.IN_REVIEW
