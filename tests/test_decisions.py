"""Decisions: three taps, a minute to take them back, and the worker told exactly once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.officer import Role
from domain.registration import Status
from domain.rules import Rules
from tests.office_desk import BUDI, SARI, OfficeDesk, Someone, at_once, database, engine_for


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


@pytest.fixture
def sari(desk: OfficeDesk) -> Someone:
    return desk.someone("Sari")


@pytest.fixture
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    return dewi


async def test_the_straight_decision_is_three_taps_and_sari_hears_it(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.taps("Ambil")
    await dewi.taps("Lihat KTP")
    heard = await dewi.taps("Setujui")
    assert "Pekerja dikabari dalam 1 menit" in heard
    assert sari.chat.ever == []
    await desk.passes(seconds=59)
    assert await desk.status(case) is Status.IN_REVIEW
    await desk.passes(seconds=1)
    assert await desk.status(case) is Status.VERIFIED
    assert len(sari.chat.ever) == 1
    assert "belum terlindungi" in sari.last
    assert "Pekerja sudah dikabari" in dewi.last
    assert "Urungkan" not in dewi.choices()


async def test_the_next_case_is_one_tap_away(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    await desk.registers(sari)
    second = await desk.registers(sari, {**SARI, "nik": "8171014403859903"})
    await dewi.taps("Ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    assert str(second.receipt) in await dewi.taps("Ambil berikutnya")


async def test_nothing_is_approved_before_the_ktp_of_this_version_was_seen(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    assert "Lihat KTP dulu" in await dewi.taps("Setujui")
    await dewi.taps("Lihat KTP")
    await desk.changes(case, street="RT 003/RW 004")
    assert "mengubah jawaban" in dewi.last
    assert "Lihat KTP dulu" in await dewi.taps("Setujui")
    await dewi.taps("Lihat KTP")
    assert "Pekerja dikabari" in await dewi.taps("Setujui")


async def test_a_colleague_who_has_not_seen_the_ktp_cannot_approve_on_her_view(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins()
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.says("/lepas")
    await rahmat.says("/ambil")
    assert "Lihat KTP dulu" in await rahmat.taps("Setujui")


async def test_the_ktp_is_shown_protected_with_the_full_nik_and_logged(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    assert SARI["nik"] not in dewi.screen
    await dewi.taps("Lihat KTP")
    shown = dewi.chat.shown[-1]
    assert SARI["nik"] in shown.text
    assert shown.photo
    assert shown.protected
    views = await desk.store.transact(lambda tx: tx.sights.of(case.id, limit=9))
    assert [row["kind"] for row in views] == ["ktp", "card"]
    actions = [row["action"] for row in await desk.store.transact(lambda tx: tx.audit.of(case.id))]
    assert actions.count("viewed_ktp") == 1


async def test_photo_and_nik_go_when_the_decision_is_pressed(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    assert SARI["nik"] not in dewi.screen
    assert not any(shown.photo for shown in dewi.chat.shown)


async def test_photo_and_nik_go_after_twelve_hours_whatever_happens(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Perbaiki")
    for _ in range(48):
        await desk.passes(minutes=14.9)
        await dewi.taps("3. ")
    assert SARI["nik"] in dewi.screen
    await desk.passes(minutes=5)
    assert await desk.store.transact(lambda tx: tx.queue.held_by(tx.staff.all()[0].id))
    assert SARI["nik"] not in dewi.screen


async def test_a_decision_is_taken_back_within_the_minute(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    await desk.passes(seconds=30)
    assert "diurungkan" in await dewi.taps("Urungkan")
    await desk.passes(seconds=60)
    held = await desk.case(case)
    assert (held.status, held.officer_id) == (Status.IN_REVIEW, await dewi.officer_id())
    assert sari.chat.ever == []
    await dewi.taps("Setujui")
    await desk.passes(seconds=60)
    assert await desk.status(case) is Status.VERIFIED


async def test_taking_back_too_late_says_that_the_worker_was_told(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    undo = dewi.data_of("Urungkan")
    await desk.passes(seconds=61)
    assert "Urungkan" not in dewi.choices()
    assert "Terlambat" in await dewi.sends_tap(undo)


async def test_a_window_of_nothing_runs_through_the_same_code(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    desk.office = type(desk.office)(**{**vars(desk.office), "rules": Rules(undo_window=0)})
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    assert "Urungkan" not in dewi.choices()
    assert await desk.status(case) is Status.IN_REVIEW
    await desk.due()
    assert await desk.status(case) is Status.VERIFIED


async def test_while_a_decision_waits_nobody_holds_the_case_and_nobody_can_take_it(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins()
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    card = dewi.data_of("Setujui")
    await dewi.taps("Setujui")
    waiting = await desk.case(case)
    assert (waiting.status, waiting.officer_id, waiting.leased_until) == (Status.IN_REVIEW, None, None)
    assert "tidak ada yang menunggu" in await rahmat.says("/ambil")
    assert "Petugas Dewi sudah memutuskan" in await rahmat.says(f"/ambil {case.receipt}")
    assert "Bapak/Ibu sudah memutuskan" in await dewi.sends_tap(card)


async def test_two_presses_at_the_same_moment_make_one_decision(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    press = dewi.data_of("Setujui")
    await at_once(dewi.sends_tap(press), dewi.sends_tap(press))
    await desk.passes(seconds=61)
    assert await desk.status(case) is Status.VERIFIED
    assert len(sari.chat.ever) == 1


async def test_a_stale_press_says_who_decided_and_when(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins()
    await desk.registers(sari)
    await dewi.says("/ambil")
    press = dewi.data_of("Tolak")
    await dewi.says("/lepas")
    await rahmat.says("/ambil")
    await rahmat.taps("Lihat KTP")
    await rahmat.taps("Setujui")
    await desk.passes(minutes=2)
    assert "Petugas Rahmat sudah memutuskan" in await dewi.sends_tap(press)
    assert "10.02" in await dewi.sends_tap(press)


async def test_several_reasons_and_a_note_ask_sari_again(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Perbaiki")
    assert "paling sedikit satu" in await dewi.taps("Selesai")
    await dewi.taps("Nama tidak sama")
    await dewi.taps("Alamat kurang jelas")
    await dewi.taps("Foto KTP buram")
    await dewi.taps("Foto KTP buram")
    assert [label for label in dewi.choices() if label.startswith("✓")] == [
        "✓ 4. Nama tidak sama dengan KTP",
        "✓ 8. Alamat kurang jelas",
    ]
    assert "Tulis catatan" in await dewi.taps("Selesai")
    assert "Perbaiki" in await dewi.says("Nama sesuai KTP ya, Bu.")
    await desk.passes(seconds=60)
    assert await desk.status(case) is Status.NEEDS_CORRECTION
    assert "Nama sesuai KTP ya, Bu." in "\n".join(sari.chat.ever)
    changes = await desk.store.transact(lambda tx: tx.registrations.changes(case.id))
    assert changes[-1]["reason"] == "name_mismatch,address_unclear"
    progress = await desk.store.transact(lambda tx: tx.people.progress(case.address_id))
    assert progress is not None
    assert progress.form == "correction"


async def test_what_sari_corrects_comes_back_first_under_the_same_number(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.says(f"/perbaiki {case.receipt}")
    await dewi.taps("Nama tidak sama")
    await dewi.taps("Selesai")
    await dewi.taps("Tanpa catatan")
    await desk.registers(desk.someone("Budi"), BUDI)
    await desk.passes(minutes=2)
    await sari.says("SARNI TUHUMURI")
    back = await desk.case(case)
    assert (back.status, back.priority, back.receipt) == (Status.SUBMITTED, 0, case.receipt)
    card = await dewi.says("/ambil")
    assert str(case.receipt) in card
    assert "Nama: SARNI TUHUMURI" in card
    assert "Lihat KTP dulu" in await dewi.taps("Setujui")


async def test_reasons_can_be_typed_as_numbers(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Perbaiki")
    assert "dari 1 sampai 11" in await dewi.says("1, 12")
    assert "Tulis catatan" in await dewi.says("4 dan 8")
    await dewi.says("LEWATI")
    await desk.passes(seconds=60)
    changes = await desk.store.transact(lambda tx: tx.registrations.changes(case.id))
    assert changes[-1]["reason"] == "name_mismatch,address_unclear"


async def test_what_is_no_reason_is_answered_with_how_to_choose_one(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Tolak")
    assert "dari 1 sampai 12" in await dewi.says("datanya palsu")
    assert "Belum ada pendaftaran" in await dewi.says("STATUS")
    assert "Alasan: **Tidak bekerja**" in await dewi.says("7")
    assert await desk.status(case) is Status.IN_REVIEW


async def test_a_question_asked_again_leaves_no_choices_on_the_first(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Perbaiki")
    await dewi.taps("Tolak")
    await dewi.taps("Tolak")
    assert dewi.choices().count("Batal") == 1
    assert not any("Foto KTP buram" in label for label in dewi.choices())


async def test_a_rejection_has_one_reason_and_its_note_reaches_sari(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    assert "Mengapa" in await dewi.says(f"/tolak {case.receipt}")
    await dewi.taps("Pegawai negeri")
    await dewi.taps("Tanpa catatan")
    await desk.passes(seconds=60)
    assert await desk.status(case) is Status.REJECTED
    assert "KEBERATAN" in sari.last


async def test_a_note_with_a_nik_is_refused_and_taken_back(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.says(f"/tolak {case.receipt}")
    await dewi.taps("Terdaftar dua kali")
    assert "tanpa NIK" in await dewi.says("sama dengan 8171 0144 0385 9901")
    await dewi.says("LEWATI")
    assert any(gone.startswith("own-") for gone in dewi.chat.taken_back)


async def test_stopping_in_the_middle_decides_nothing(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Tolak")
    await dewi.taps("Usia terlalu tua")
    assert "Belum ada keputusan" in await dewi.says("BATAL")
    await desk.passes(seconds=120)
    assert await desk.status(case) is Status.IN_REVIEW
    assert sari.chat.ever == []


async def test_a_note_written_after_the_lease_is_no_note(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Tolak")
    await dewi.taps("Usia terlalu tua")
    await desk.passes(minutes=20)
    await dewi.says("terlambat")
    await desk.passes(minutes=2)
    assert await desk.status(case) is Status.SUBMITTED


async def test_a_reason_tapped_after_the_lease_counts_while_nobody_else_took_the_case(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Tolak")
    await desk.passes(minutes=16)
    await dewi.taps("Usia terlalu tua")
    await dewi.taps("Tanpa catatan")
    await desk.passes(minutes=2)
    assert await desk.status(case) is Status.REJECTED


async def test_a_reason_tapped_after_a_colleague_took_the_case_says_so_and_the_list_closes(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Tolak")
    await desk.passes(minutes=16)
    nita = desk.someone("Nita")
    await nita.joins()
    await nita.says("/ambil")
    assert "Petugas Nita" in await dewi.taps("Usia terlalu tua")
    assert not any("Usia" in label for label in dewi.choices())


async def test_a_case_given_back_takes_its_open_question_along(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Perbaiki")
    await dewi.says("/lepas")
    assert not any("Foto KTP" in label for label in dewi.choices())


async def test_without_a_photo_a_note_says_why_it_is_approved(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari, photo=False)
    await dewi.says("/ambil")
    assert "Lihat NIK dulu" in await dewi.taps("Setujui")
    await dewi.taps("Lihat NIK")
    assert "belum ada foto KTP" in await dewi.taps("Setujui")
    assert "perlu catatan" in await dewi.says("LEWATI")
    await dewi.says("KTP dilihat di kantor")
    await desk.passes(seconds=60)
    assert await desk.status(case) is Status.VERIFIED
    assert "KTP dilihat di kantor" not in "\n".join(sari.chat.ever)
    notes = await desk.store.transact(lambda tx: tx.registrations.notes(case.id))
    assert [text for _, text, _ in notes] == ["KTP dilihat di kantor"]


async def test_a_change_by_the_worker_voids_the_decision_and_keeps_the_place(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    changed = await desk.changes(case, phone="+6281234500077")
    assert (changed.status, changed.queued_at, changed.priority) == (Status.SUBMITTED, case.queued_at, case.priority)
    assert "tidak berlaku lagi" in dewi.last
    assert "Urungkan" not in dewi.choices()
    await desk.passes(minutes=2)
    assert await desk.status(case) is Status.SUBMITTED
    assert sari.chat.ever == []


async def test_a_change_leaves_the_case_with_its_holder(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    old = dewi.data_of("Setujui")
    changed = await desk.changes(case, phone="+6281234500077")
    assert (changed.status, changed.officer_id) == (Status.IN_REVIEW, await dewi.officer_id())
    assert "Ini kartu yang baru" in dewi.last
    assert "mengubah jawaban" in await dewi.sends_tap(old)


async def test_a_withdrawal_voids_the_decision(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    await desk.withdraws(case)
    assert "membatalkan" in dewi.last
    await desk.passes(minutes=2)
    assert await desk.status(case) is Status.CANCELLED


async def test_a_suspension_voids_the_decision_and_returns_leases_at_once(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    decided = await desk.registers(sari)
    held = await desk.registers(sari, {**SARI, "nik": "8171014403859903"})
    await dewi.taps("Ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    await dewi.taps("Ambil berikutnya")
    await dewi.taps("Lihat KTP")
    press = dewi.data_of("Setujui")
    await rahmat.says("/petugas")
    await rahmat.taps("Dewi")
    await rahmat.taps("Bekukan")
    for case in (decided, held):
        back = await desk.case(case)
        assert (back.status, back.queued_at, back.priority) == (Status.SUBMITTED, case.queued_at, case.priority)
    assert "8171014403859903" not in dewi.screen
    assert dewi.chat.menu == ()
    assert "Pekerja" not in await dewi.sends_tap(press)
    await desk.passes(minutes=2)
    assert await desk.status(decided) is Status.SUBMITTED
    assert sari.chat.ever == []
    await desk.passes(minutes=20)
    assert "Ada 2 pendaftaran" in rahmat.screen


async def test_a_crash_between_press_and_telling_loses_and_doubles_nothing(
    desk: OfficeDesk, url: str, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    await desk.crashes(engine_for(url))
    await desk.passes(minutes=3)
    await desk.crashes(engine_for(url))
    await desk.passes(minutes=3)
    assert await desk.status(case) is Status.VERIFIED
    assert len(sari.chat.ever) == 1


async def test_settling_and_taking_back_at_the_same_moment_never_do_both(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    await dewi.taps("Lihat KTP")
    await dewi.taps("Setujui")
    undo = dewi.data_of("Urungkan")
    desk.now = desk.now.replace(minute=desk.now.minute + 1)
    said, _ = await at_once(dewi.sends_tap(undo), desk.due())
    await desk.deliver()
    status = await desk.status(case)
    if status is Status.VERIFIED:
        assert "Terlambat" in said
        assert len(sari.chat.ever) == 1
    else:
        assert status is Status.IN_REVIEW
        assert sari.chat.ever == []
