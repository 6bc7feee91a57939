"""The staff: joining by a code, inviting, suspending, changing areas; and Joko, who reaches none of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.address import Address
from domain.officer import Role
from domain.registration import Status
from domain.rules import Rules
from handlers.router import COMMANDS, TAPS
from handlers.taps import data
from storage.store import Tx
from tests.office_desk import NUSANIWE, SARI, SIRIMAU, OfficeDesk, Someone, at_once, database, engine_for


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules(messages_per_minute=10_000))
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
async def rahmat(desk: OfficeDesk) -> Someone:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    return rahmat


async def areas_of(desk: OfficeDesk, who: Someone) -> tuple[str, ...]:
    officer_id = await who.officer_id()
    officer = await desk.store.transact(lambda tx: tx.staff.get(officer_id))
    assert officer is not None
    return officer.areas


def code_in(text: str) -> str:
    found = re.search(r"GABUNG ([A-Z2-9]{10})", text)
    assert found is not None
    return found[1]


async def test_an_admin_invites_an_officer_for_a_kecamatan(desk: OfficeDesk, rahmat: Someone) -> None:
    dewi = desk.someone("Dewi")
    await rahmat.says("/undang")
    await rahmat.taps("Petugas")
    await rahmat.taps("Kec. Nusaniwe")
    heard = await rahmat.taps("Selesai")
    assert "Undangan untuk petugas, Kec. Nusaniwe" in heard
    assert f"https://example.test/lindung?start={code_in(heard)}" in heard
    assert "petugas** untuk Kec. Nusaniwe" in await dewi.says(f"gabung {code_in(heard).lower()}")
    assert await areas_of(desk, dewi) == (NUSANIWE,)
    assert "ambil" in dewi.chat.menu
    assert "undang" not in dewi.chat.menu
    assert "/setujui" in await dewi.says("/bantuan")


async def test_villages_are_typed_and_doubtful_names_asked_back(desk: OfficeDesk, rahmat: Someone) -> None:
    await rahmat.says("/undang petugas")
    heard = await rahmat.says("Nusaniwe")
    assert "bisa beberapa tempat" in heard
    assert "Kec. Nusaniwe: 81.71.01" in heard
    assert "Dipilih: " in await rahmat.says("Latuhalat, Kec. Sirimau")
    heard = await rahmat.taps("Selesai")
    dewi = desk.someone("Dewi")
    await dewi.says(f"/start {code_in(heard)}")
    assert await areas_of(desk, dewi) == ("81.71.01.2001", SIRIMAU)
    assert "Undangan untuk admin, Kota Ambon" in await _invites_admin(rahmat)
    assert "Tidak ada tempat" in await rahmat.says("/undang petugas Jakarta Pusat")


async def _invites_admin(rahmat: Someone) -> str:
    await rahmat.says("/undang admin")
    return await rahmat.taps("Seluruh Kota Ambon")


async def test_a_code_works_once_and_not_after_its_end(desk: OfficeDesk, rahmat: Someone) -> None:
    dewi, joko = desk.someone("Dewi"), desk.someone("Joko")
    first, second = code_in(await _invites_admin(rahmat)), code_in(await _invites_admin(rahmat))
    await dewi.says(f"/start {first}")
    assert "tidak berlaku" in await joko.says(f"/start {first}")
    await desk.passes(hours=73)
    assert "tidak berlaku" in await joko.says(f"GABUNG {second}")
    assert joko.chat.menu == ()


async def test_two_who_use_one_code_at_once_make_one_officer(desk: OfficeDesk, rahmat: Someone) -> None:
    dewi, joko = desk.someone("Dewi"), desk.someone("Joko")
    code = code_in(await _invites_admin(rahmat))
    await at_once(dewi.says(f"/start {code}"), joko.says(f"/start {code}"))
    await desk.deliver()
    assert len(await desk.store.transact(lambda tx: tx.staff.all())) == 2


async def test_an_admin_does_not_become_an_officer_by_a_stray_code(desk: OfficeDesk, rahmat: Someone) -> None:
    await rahmat.says("/undang petugas")
    code = code_in(await rahmat.taps("Seluruh Kota Ambon"))
    assert "sudah admin" in await rahmat.says(f"/start {code}")
    await desk.someone("Dewi").says(f"/start {code}")
    assert [one.role for one in await desk.store.transact(lambda tx: tx.staff.all())] == [Role.ADMIN, Role.OFFICER]


async def test_the_staff_is_listed_suspended_and_reinstated(desk: OfficeDesk, rahmat: Someone) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, NUSANIWE)
    assert "2. Dewi: petugas, Kec. Nusaniwe" in await rahmat.says("/petugas")
    await rahmat.taps("Dewi")
    assert "dibekukan" in await rahmat.taps("Bekukan")
    assert dewi.chat.menu == ()
    assert "antrean" not in (await dewi.says("/antrean")).lower()
    assert "dibekukan" in await rahmat.says("/petugas")
    await rahmat.taps("Dewi")
    assert "aktif lagi" in await rahmat.taps("Aktifkan lagi")
    assert "ambil" in dewi.chat.menu
    assert "Antrean" in await dewi.says("/antrean")


async def test_a_choice_pressed_again_suspends_nobody_twice_and_brings_no_removed_officer_back(
    desk: OfficeDesk, rahmat: Someone
) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    await rahmat.says("/petugas")
    who = rahmat.data_of("Dewi")
    await rahmat.taps("Dewi")
    suspend = rahmat.data_of("Bekukan")
    await rahmat.taps("Bekukan")
    told = len(dewi.chat.ever)
    assert "sudah dibekukan sebelumnya" in await rahmat.sends_tap(suspend)
    await rahmat.sends_tap(who)
    again = rahmat.data_of("Aktifkan lagi")
    assert "dikeluarkan" in await rahmat.taps("Keluarkan")
    for choice in (who, again, suspend):
        assert await rahmat.sends_tap(choice) == "Pilihan ini sudah tidak berlaku."
    assert len(dewi.chat.ever) == told
    assert "Antrean" not in await dewi.says("/antrean")


async def test_an_officer_who_greets_or_mistypes_is_shown_the_commands_and_no_form(
    desk: OfficeDesk, rahmat: Someone
) -> None:
    for greeting in ("/start", "halo", "p"):
        assert "/petugas" in await rahmat.says(greeting)
    for slip in ("/antri", "satu dua", "0"):
        assert await rahmat.says(slip) == "Maaf, ini belum kami mengerti. Semua perintah: /bantuan"
    assert "SETUJU" in await rahmat.says("DAFTAR")


async def test_an_officer_who_is_a_worker_too_is_greeted_as_an_officer(desk: OfficeDesk) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    await desk.registers(dewi)
    assert "/ambil" in await dewi.says("/start")
    assert "Belum terlindungi" in await dewi.says("STATUS")
    assert "orang lain" in await dewi.says("DAFTAR")


async def test_a_staff_of_hundreds_is_listed_in_pieces_that_a_network_takes(desk: OfficeDesk, rahmat: Someone) -> None:
    def join(tx: Tx) -> None:
        for number in range(100):
            person, _ = tx.people.arrive(Address("test", "lindung", f"officer-{number}"))
            tx.staff.enrol(person, role=Role.OFFICER, areas=(), name=f"Petugas {number}")

    await desk.store.transact(join)
    await rahmat.says("/petugas")
    assert [len(shown.choices) for shown in rahmat.chat.shown[-3:]] == [40, 40, 21]
    assert "101. Petugas 99" in rahmat.last


async def test_an_area_is_changed(desk: OfficeDesk, rahmat: Someone) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, NUSANIWE)
    await rahmat.says("/petugas")
    await rahmat.taps("Dewi")
    await rahmat.taps("Ganti wilayah")
    await rahmat.taps("Kec. Sirimau")
    await rahmat.taps("Selesai")
    assert await areas_of(desk, dewi) == (SIRIMAU,)
    assert "Wilayah Bapak/Ibu sekarang: Kec. Sirimau" in dewi.last


async def test_who_is_given_another_area_hears_what_waits_there(desk: OfficeDesk, rahmat: Someone) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, SIRIMAU)
    await desk.registers(sari)
    await rahmat.says("/petugas")
    await rahmat.taps("Dewi")
    await rahmat.taps("Ganti wilayah")
    await rahmat.taps("Kec. Nusaniwe")
    await rahmat.taps("Selesai")
    assert "pendaftaran baru di Kec. Nusaniwe" in dewi.last
    assert "Kasus" in await dewi.taps("Ambil berikutnya")


async def test_the_last_admin_can_be_neither_suspended_nor_removed(desk: OfficeDesk, rahmat: Someone) -> None:
    await rahmat.says("/petugas")
    await rahmat.taps("1. Rahmat")
    assert "admin terakhir" in await rahmat.taps("Bekukan")
    assert "admin terakhir" in await rahmat.taps("Keluarkan")
    assert "Petugas dan admin" in await rahmat.says("/petugas")


async def test_two_admins_cannot_remove_each_other_at_the_same_moment(desk: OfficeDesk, rahmat: Someone) -> None:
    tini = desk.someone("Tini")
    await tini.joins(Role.ADMIN)
    rahmat_out = data("s", "out", await rahmat.officer_id())
    tini_out = data("s", "out", await tini.officer_id())
    await at_once(rahmat.sends_tap(tini_out), tini.sends_tap(rahmat_out))
    await desk.deliver()
    everybody = await desk.store.transact(lambda tx: tx.staff.all())
    assert len([one for one in everybody if one.active and one.role is Role.ADMIN]) == 1


async def test_an_officer_reaches_no_command_or_choice_of_an_admin(desk: OfficeDesk, rahmat: Someone) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    officer_id = await dewi.officer_id()
    for word in ("undang", "petugas", "ringkas", "gangguan"):
        heard = await dewi.says(f"/{word}")
        assert "Siapa yang diundang" not in heard
        assert "Rahmat" not in heard
        assert "Hari ini" not in heard
        assert "gangguan" not in heard
    for tap in (data("s", "out", await rahmat.officer_id()), data("s", "who", officer_id), "g:in:1", "o:list"):
        await dewi.sends_tap(tap)
    assert "Rahmat" not in dewi.screen
    assert (await desk.store.transact(lambda tx: tx.staff.all()))[0].active


async def test_joko_reaches_nothing_however_he_forges(desk: OfficeDesk, rahmat: Someone) -> None:
    sari, dewi, joko = desk.someone("Sari"), desk.someone("Dewi"), desk.someone("Joko")
    await dewi.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    seen = [choice.data for shown in dewi.chat.shown for choice in shown.choices]
    assert {"c:ktp", "c:ok", "c:fix", "c:no", "c:back"} <= {":".join(tap.split(":")[:2]) for tap in seen}
    forged = [data("c", "undo", case.id, 1), data("s", "out", await rahmat.officer_id()), "o:list", "e:list", "q:next"]
    forged += [f"{prefix}:next" for prefix in TAPS] + ["g:out:1", data("h", case.id), "r:stop:1:1", "c", "s:", ":::"]
    for tap in (*seen, *forged):
        await joko.sends_tap(tap)
    for word in COMMANDS:
        await joko.says(f"/{word}")
        await joko.says(f"/{word} {case.receipt}")
    assert SARI["nik"] not in "\n".join(joko.chat.ever)
    assert "SARNI" not in "\n".join(joko.chat.ever)
    assert str(case.receipt) not in "\n".join(joko.chat.ever)
    held = await desk.case(case)
    assert (held.status, held.officer_id) == (Status.IN_REVIEW, await dewi.officer_id())
    assert all(one.active for one in await desk.store.transact(lambda tx: tx.staff.all()))


async def test_nonsense_from_an_admin_is_out_of_date_and_changes_nothing(desk: OfficeDesk, rahmat: Someone) -> None:
    case = await desk.registers(desk.someone("Sari"))
    nonsense = ("", ":", ":x", ":ok:zz", ":ok:-1:1", f":ktp:{'9' * 40}:1", ":pick:99:1:1", ":who:0", ":yes:1", ":undo")
    for prefix in TAPS:
        for rest in nonsense:
            assert "tidak berlaku" in await rahmat.sends_tap(prefix + rest)
    for word in COMMANDS:
        await rahmat.says(f"/{word} ???")
    assert await desk.status(case) is Status.SUBMITTED
    assert all(one.active for one in await desk.store.transact(lambda tx: tx.staff.all()))
