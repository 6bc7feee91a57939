"""The queue: whose turn it is, who holds what and for how long, and what officers are told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.officer import Role
from domain.registration import Status
from domain.rules import Rules
from storage.statement import Statement
from storage.statements import queue as sql
from tests.office_desk import BUDI, NUSANIWE, SARI, SIRIMAU, OfficeDesk, at_once, database, engine_for


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as address:
        yield address


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
    await desk.store.open()
    yield desk
    await desk.store.close()


async def test_corrections_come_first_then_the_oldest_with_a_photo_then_those_without(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    cases = []
    for serial, photo, changes in ((1, False, {}), (2, True, {}), (3, True, {}), (4, True, {"priority": 0})):
        answers = {**SARI, "nik": f"817101440385990{serial}"}
        cases.append(await desk.registers(sari, answers, photo=photo, **changes))
        await desk.passes(minutes=1)
    await dewi.joins(Role.OFFICER, NUSANIWE)
    order = [cases[3], cases[1], cases[2], cases[0]]
    for case in order:
        assert str(case.receipt) in await dewi.says("/ambil")
    assert "tidak ada yang menunggu" in await dewi.says("/ambil")


async def test_an_officer_gets_cases_of_her_own_area_only(desk: OfficeDesk) -> None:
    sari, dewi, rahmat = desk.someone("Sari"), desk.someone("Dewi"), desk.someone("Rahmat")
    await dewi.joins(Role.OFFICER, SIRIMAU)
    await rahmat.joins(Role.OFFICER)
    here = await desk.registers(sari)
    outside = await desk.registers(sari, {**BUDI, "village": "outside", "outside_village": "Tulehu"})
    assert "tidak ada yang menunggu" in await dewi.says("/ambil")
    assert "di luar wilayah" in await dewi.says(f"/ambil {here.receipt}")
    assert str(here.receipt) in await rahmat.says("/ambil")
    assert str(outside.receipt) in await rahmat.says("/ambil")


async def test_a_village_officer_gets_the_cases_of_that_village(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, "81.71.01.2001")
    await desk.registers(sari, {**BUDI, "village": "81.71.01.1002"})
    assert "tidak ada yang menunggu" in await dewi.says("/ambil")
    case = await desk.registers(sari)
    assert str(case.receipt) in await dewi.says("/ambil")


async def test_nobody_takes_or_decides_a_case_from_their_own_chat(desk: OfficeDesk) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    case = await desk.registers(dewi)
    assert "tidak ada yang menunggu" in await dewi.says("/ambil")
    assert "HP Bapak/Ibu sendiri" in await dewi.says(f"/ambil {case.receipt}")
    assert "HP Bapak/Ibu sendiri" in await dewi.says(f"/setujui {case.receipt}")
    assert await desk.status(case) is Status.SUBMITTED


async def test_two_officers_who_take_at_once_get_different_cases(desk: OfficeDesk) -> None:
    sari, dewi, rahmat = desk.someone("Sari"), desk.someone("Dewi"), desk.someone("Rahmat")
    await dewi.joins()
    await rahmat.joins()
    first, second = await desk.registers(sari), await desk.registers(sari, BUDI)
    heard = await at_once(dewi.says("/ambil"), rahmat.says("/ambil"))
    await desk.deliver()
    shown = [dewi.screen, rahmat.screen]
    for case in (first, second):
        assert sum(f"Kasus **{case.receipt}**" in screen for screen in shown) == 1, heard


async def test_a_lease_that_runs_out_returns_the_case_to_its_old_place(desk: OfficeDesk) -> None:
    sari, dewi, rahmat = desk.someone("Sari"), desk.someone("Dewi"), desk.someone("Rahmat")
    await dewi.joins()
    await rahmat.joins()
    first = await desk.registers(sari)
    await desk.passes(minutes=1)
    await desk.registers(sari, BUDI)
    await dewi.says("/ambil")
    await desk.passes(minutes=14)
    assert await desk.status(first) is Status.IN_REVIEW
    await desk.passes(minutes=2)
    back = await desk.case(first)
    assert (back.status, back.officer_id, back.queued_at) == (Status.SUBMITTED, None, first.queued_at)
    assert "kembali ke antrean" in dewi.last
    assert str(first.receipt) in await rahmat.says("/ambil")


async def test_any_action_renews_the_lease(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    for _ in range(3):
        await desk.passes(minutes=14)
        await dewi.taps("Lihat KTP")
    assert await desk.status(case) is Status.IN_REVIEW


async def test_who_asks_for_more_where_nothing_waits_is_shown_what_they_hold(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    case = await desk.registers(sari)
    await dewi.joins()
    await dewi.says("/ambil")
    assert "Kasus Bapak/Ibu" in await dewi.says("/ambil")
    assert f"Kasus **{case.receipt}**" in await dewi.taps(str(case.receipt))


async def test_an_impatient_thumb_takes_one_case(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await desk.registers(sari)
    await desk.registers(sari, BUDI)
    await dewi.joins()
    await dewi.says("/antrean")
    assert "Kasus" in await dewi.taps("Ambil berikutnya")
    assert "baru saja mengambil" in await dewi.taps("Ambil berikutnya")
    await desk.passes(seconds=10)
    assert "Kasus" in await dewi.taps("Ambil berikutnya")


async def test_a_press_after_the_lease_counts_while_nobody_else_took_the_case(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await desk.passes(minutes=16)
    assert "Pekerja dikabari" in await dewi.taps("Setujui")
    await desk.passes(minutes=2)
    assert await desk.status(case) is Status.VERIFIED


async def test_a_press_after_the_lease_says_who_took_the_case_and_when(desk: OfficeDesk) -> None:
    sari, dewi, rahmat = desk.someone("Sari"), desk.someone("Dewi"), desk.someone("Rahmat")
    await dewi.joins()
    await rahmat.joins()
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    card = dewi.data_of("Tolak")
    await desk.passes(minutes=16)
    await rahmat.says("/ambil")
    assert "Petugas Rahmat sedang memeriksa" in await dewi.sends_tap(card)
    assert "10.16" in await dewi.sends_tap(card)


async def test_a_press_after_the_lease_does_not_count_for_a_changed_case(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    old = dewi.data_of("Tolak")
    await desk.passes(minutes=16)
    await desk.changes(case, street="RT 003/RW 004")
    assert "mengubah jawaban" in await dewi.sends_tap(old)
    assert await desk.status(case) is Status.SUBMITTED


async def test_a_case_never_taken_cannot_be_pressed_into_ones_hands(desk: OfficeDesk) -> None:
    sari, dewi, rahmat = desk.someone("Sari"), desk.someone("Dewi"), desk.someone("Rahmat")
    await dewi.joins()
    await rahmat.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    press = dewi.data_of("Setujui")
    assert "sedang memeriksa" in await rahmat.sends_tap(press)
    await dewi.says("/lepas")
    assert "ada di antrean" in await rahmat.sends_tap(press)
    assert await desk.status(case) is Status.SUBMITTED


async def test_giving_back_ends_the_hold_and_what_was_shown(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    assert SARI["nik"] in dewi.screen
    assert "kembali ke antrean" in await dewi.says(f"/lepas {case.receipt}")
    assert SARI["nik"] not in dewi.screen
    assert "Lihat KTP" not in dewi.choices()
    assert "Tidak ada kasus" in await dewi.says("/lepas")


async def test_the_queue_is_shown_with_counts_age_and_own_cases(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, NUSANIWE)
    assert "Tidak ada yang menunggu" in await dewi.says("/antrean")
    mine = await desk.registers(sari)
    await dewi.says("/ambil")
    await desk.registers(sari, BUDI)
    await desk.passes(hours=0.1)
    heard = await dewi.says("/antrean")
    assert "Kec. Nusaniwe: 1 menunggu, paling lama 6 menit" in heard
    assert f"{mine.receipt}: pada Bapak/Ibu sampai" in heard


async def test_a_new_case_is_told_at_once_to_an_empty_desk_and_gathered_otherwise(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, NUSANIWE)
    await desk.registers(sari)
    assert "Ada 1 pendaftaran baru di Kec. Nusaniwe" in dewi.last
    told = len(dewi.chat.ever)
    for serial in range(2, 6):
        await desk.passes(minutes=1)
        await desk.registers(sari, {**BUDI, "nik": f"817101150380991{serial}"})
    assert len(dewi.chat.ever) == told
    await desk.passes(minutes=15)
    assert len(dewi.chat.ever) == told + 1
    assert "Ada 5 pendaftaran" in dewi.last
    await desk.passes(hours=2)
    assert len(dewi.chat.ever) == told + 1


async def test_a_notice_carries_neither_name_nor_nik(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins()
    await desk.registers(sari)
    assert "SARNI" not in dewi.screen
    assert SARI["nik"] not in dewi.screen


async def test_an_unstaffed_area_falls_to_the_whole_area_then_to_the_admins(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    rahmat, everywhere = desk.someone("Rahmat"), desk.someone("Tini")
    await rahmat.joins(Role.ADMIN)
    await desk.registers(sari)
    assert "Ada 1 pendaftaran" in rahmat.last
    await everywhere.joins()
    await dewi.joins(Role.OFFICER, SIRIMAU)
    before = len(rahmat.chat.ever)
    await desk.registers(sari, BUDI)
    await desk.passes(minutes=16)
    assert "Ada 2 pendaftaran" in everywhere.last
    assert len(rahmat.chat.ever) == before
    assert "pendaftaran menunggu" not in dewi.screen


async def test_cases_that_arrive_at_the_same_moment_make_one_notice(desk: OfficeDesk) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins(Role.OFFICER, NUSANIWE)
    before = len(dewi.chat.ever)
    workers = [desk.someone(f"Worker{n}") for n in range(4)]
    answers = [{**BUDI, "nik": f"817101150380992{n}"} for n in range(4)]
    await at_once(*(desk.registers(who, what) for who, what in zip(workers, answers, strict=True)))
    await desk.deliver()
    assert len(dewi.chat.ever) == before + 1


async def test_a_withdrawn_case_leaves_its_holder_with_a_word(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await desk.withdraws(case)
    assert "membatalkan" in dewi.last
    assert SARI["nik"] not in dewi.screen
    assert await desk.status(case) is Status.CANCELLED


@pytest.mark.parametrize(
    ("statement", "index", "values"),
    [
        (sql.NEXT, "ix_registrations_queue", {"own": 1}),
        (sql.NEXT_IN_DISTRICT, "ix_registrations_queue_district", {"own": 1, "code": NUSANIWE}),
        (sql.NEXT_IN_VILLAGE, "ix_registrations_queue_area", {"own": 1, "code": "81.71.01.2001"}),
        (sql.LAPSED, "ix_registrations_lease", {"now": 1, "limit": 5}),
        (sql.HELD_BY, "ix_registrations_officer", {"officer_id": 1}),
    ],
)
async def test_the_next_case_is_found_by_its_own_index(
    tmp_path: Path, statement: Statement, index: str, values: dict[str, object]
) -> None:
    with database("sqlite", tmp_path) as url:
        engine = engine_for(url)
        await engine.open()
        explain = Statement(f"EXPLAIN QUERY PLAN {statement.text}")
        plan = await engine.read(lambda tx: tx.all(explain, **values))
        await engine.close()
    words = " ".join(row["detail"] for row in plan)
    assert f"INDEX {index} " in words + " "
    if statement is not sql.HELD_BY:
        assert "TEMP B-TREE" not in words
