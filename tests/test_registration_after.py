"""A worker's life with a registration: coming back, STATUS, corrections, changes, the same NIK, rights over the data.

The road to the receipt is in test_registration_chat.py, the words in tests/conversations/.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.registration import Status
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.pictures import ktp_photo


async def corrected(office: LiveOffice, dewi: Villager, receipt: str, *reasons: str) -> None:
    """Dewi asks the worker to correct a case, and her undo window passes."""
    await dewi.says(f"/ambil {receipt}")
    await dewi.taps("Lihat KTP")
    await dewi.says(f"/perbaiki {receipt}")
    for reason in reasons:
        await dewi.taps(reason)
    await dewi.taps("Selesai")
    await dewi.taps("Tanpa catatan")
    await dewi.hears("Pekerja dikabari")
    await office.later(minutes=2)


async def approved(office: LiveOffice, dewi: Villager, receipt: str) -> None:
    await dewi.says(f"/ambil {receipt}")
    await dewi.taps("Lihat KTP")
    await dewi.says(f"/setujui {receipt}")
    await dewi.hears("Pekerja dikabari")
    await office.later(minutes=2)


# Leaving and coming back


async def test_only_the_open_question_is_asked_again_after_a_week_and_a_restart(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("desa")
    await office.restarts()
    await office.later(days=8)
    await sari.says("halo")
    await office.settles()
    [again] = sari.heard()
    assert "Selamat datang lagi" in again.text
    assert "desa, negeri, atau kelurahan" in again.text


async def test_words_after_a_long_silence_are_asked_back_before_they_become_a_name(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("nama")
    await office.later(hours=2)
    await sari.says("Pak, apa kabar")
    await sari.hears("Kami tulis Pak, apa kabar, ya?")
    await sari.says("bukan")
    await sari.says("SARNI TUHUMURY")
    await sari.hears("lahir")


async def test_reminders_come_after_one_and_seven_days_by_day_and_once_each(office: LiveOffice, sari: Villager) -> None:
    await office.later(hours=12)  # nine in the evening
    await sari.registers("desa")
    heard: list[float] = []
    for hour in range(1, 24 * 12):
        await office.later(hours=1)
        if any("belum selesai" in seen.text for seen in sari.heard()):
            heard.append(hour)
    first, second = (office.clock.now - timedelta(hours=24 * 12 - 1 - hour) for hour in heard)
    zone = office.office.zone
    assert first.astimezone(zone).hour in (9, 10)
    assert second.astimezone(zone).hour in (9, 10)
    assert (second - first) / timedelta(days=1) == pytest.approx(6, abs=0.2)


async def test_who_stops_in_the_middle_to_erase_and_thinks_better_of_it_goes_on(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("desa")
    await sari.says("HAPUS")
    await sari.hears("Yakin?")
    await sari.says("TIDAK")
    await sari.hears("desa, negeri, atau kelurahan")
    await sari.says("Latuhalat")
    await sari.hears("RT/RW")


async def test_a_forgotten_draft_is_erased_after_thirty_days_and_its_owner_told(
    office: LiveOffice, sari: Villager, tmp_path: Path
) -> None:
    await sari.registers("keluarga")
    assert list((tmp_path / "media").iterdir())
    await office.later(days=32)
    await sari.hears("Jawabannya sudah kami hapus")
    assert office.rows("SELECT count(*) FROM answers") == [(0,)]
    assert list((tmp_path / "media").iterdir()) == []


# STATUS


async def test_status_tells_the_place_in_the_queue_and_an_honest_waiting_time(
    office: LiveOffice, sari: Villager, budi: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await budi.registers(without_photo=True)
    await budi.says("STATUS")
    seen = await budi.hears("1 orang di depan")
    assert "paling lama 3 hari kerja" in seen.text
    assert "Belum terlindungi" in seen.text
    for number in range(5):
        worker = office.villager(f"Warga{number}")
        worker_road = ("/start", "SETUJU", f"817101{10 + number}0180990{number}", "Warga", "Ambon", "Passo", "-", "2")
        for text in (*worker_road, "kebun", "-"):
            await worker.says(text)
        await worker.sends_photo(ktp_photo())
        for text in ("-", "BENAR", "TIDAK"):
            await worker.says(text)
        await office.settles()
        await office.later(hours=1, minutes=58)
        await approved(office, dewi, worker.receipts[0])
    await budi.says("STATUS")
    await budi.hears("biasanya dalam 2 jam")


# Corrections


async def test_only_what_was_flagged_is_asked_again_under_the_same_number_and_goes_first(
    office: LiveOffice, sari: Villager, budi: Villager, dewi: Villager
) -> None:
    await sari.registers()
    [receipt] = sari.receipts
    await corrected(office, dewi, receipt, "1. Foto KTP buram", "4. Nama tidak sama dengan KTP")
    await budi.registers()
    await sari.hears("ada yang perlu diperbaiki")
    await sari.sends_photo(ktp_photo())
    await sari.hears("nama lengkap")
    await sari.says("SARNI A TUHUMURY")
    await sari.hears("sudah kami terima")
    assert sari.receipts == [receipt]
    case = await office.case(receipt)
    assert (case.status, case.version) == (Status.SUBMITTED, 2)
    await dewi.says("/ambil")
    await dewi.hears(receipt)


async def test_a_picture_the_officer_asks_for_cannot_be_put_off(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await corrected(office, dewi, sari.receipts[0], "1. Foto KTP buram")
    await sari.says("NANTI")
    await sari.hears("Tidak perlu buru-buru")
    for _ in range(4):
        await sari.says("tidak ada")
    await office.settles()
    assert (await office.case(sari.receipts[0])).status is Status.NEEDS_CORRECTION


async def test_while_a_correction_waits_somebody_else_of_the_family_can_register(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await corrected(office, dewi, sari.receipts[0], "6. NIK tidak ditemukan di Dukcapil")
    await sari.hears("Dukcapil")
    for text in ("DAFTAR", "2", "SETUJU", "8171011503809902", "MARKUS", "Ambon", "Latuhalat", "-", "1", "laut", "-"):
        await sari.says(text)
    for text in ("NANTI", "-", "BENAR"):
        await sari.says(text)
    await sari.hears("Nomor daftar")
    # The correction is open again by itself.
    await sari.hears("balas SUDAH")
    await sari.says("SUDAH")
    await sari.hears("Perbaikan untuk nomor")


# Changes after the receipt


@ON_BOTH
async def test_a_change_makes_a_new_version_and_keeps_number_and_place(
    office: LiveOffice, sari: Villager, budi: Villager
) -> None:
    await sari.registers()
    await budi.registers()
    before = await office.case(sari.receipts[0])
    for text in ("UBAH", "2", "SARNI A TUHUMURY"):
        await sari.says(text)
    await sari.hears("sudah diubah")
    after = await office.case(sari.receipts[0])
    assert after.version == before.version + 1
    assert (after.receipt, after.queued_at, after.priority) == (before.receipt, before.queued_at, before.priority)
    assert (await office.answers(sari.receipts[0]))["name"] == "SARNI A TUHUMURY"


async def test_a_photo_that_comes_later_goes_to_the_case_that_lacks_it(
    office: LiveOffice, budi: Villager, sari: Villager
) -> None:
    await budi.registers(without_photo=True)
    await sari.registers()
    assert (await office.case(budi.receipts[0])).priority == 2
    await budi.sends_photo(ktp_photo())
    await budi.hears("Foto KTP untuk nomor")
    case = await office.case(budi.receipts[0])
    assert (case.has_photo, case.priority) == (True, 1)
    await budi.sends_photo(ktp_photo())
    await budi.hears("belum perlu foto")


async def test_an_officer_with_the_case_in_hand_sees_the_change_and_keeps_it(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await dewi.says("/ambil")
    await dewi.hears("SARNI TUHUMURY")
    for text in ("UBAH", "2", "SARNI A TUHUMURY"):
        await sari.says(text)
    await dewi.hears("SARNI A TUHUMURY")
    case = await office.case(sari.receipts[0])
    assert case.status is Status.IN_REVIEW
    assert case.officer_id is not None


async def test_after_the_check_a_change_is_a_note_for_the_office(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await approved(office, dewi, sari.receipts[0])
    await sari.says("UBAH")
    await sari.hears("Data sudah diperiksa")
    await sari.says("nomor HP saya ganti")
    await sari.hears("Catatan sudah disimpan")
    case = await office.case(sari.receipts[0])
    [(_, note, _)] = await office.read(lambda tx: tx.registrations.notes(case.id))
    assert note == "nomor HP saya ganti"
    assert (await office.answers(sari.receipts[0]))["phone"] == "+6281234500001"


async def test_batal_after_the_receipt_is_asked_once_and_clears_the_answers(
    office: LiveOffice, sari: Villager, tmp_path: Path
) -> None:
    await sari.registers()
    await sari.says("BATAL")
    await sari.hears("dibatalkan")
    await sari.says("YA")
    await sari.hears("sudah dibatalkan")
    await office.settles()
    assert (await office.case(sari.receipts[0])).status is Status.CANCELLED
    assert office.rows("SELECT count(*) FROM answers") == [(0,)]
    assert list((tmp_path / "media").iterdir()) == []


# The same NIK


@ON_BOTH
async def test_nobody_learns_from_another_phone_that_a_nik_is_known(
    office: LiveOffice, sari: Villager, joko: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await joko.registers(NIK="8171015503859901")
    words = " ".join(seen.text for seen in joko.ledger)
    assert sari.receipts[0] not in words
    assert "sudah mendaftar" not in words
    first, second = await office.case(sari.receipts[0]), await office.case(joko.receipts[0])
    assert second.duplicate_of == first.id
    assert first.duplicate_of is None
    for person in (sari, joko):
        await person.says("STATUS")
        seen = await person.hears("Menunggu diperiksa")
        assert person.receipts == [person.receipts[0]]
        assert "sama" not in seen.text
    await dewi.says(f"/ambil {joko.receipts[0]}")
    await dewi.hears(f"NIK yang sama ada di {sari.receipts[0]}")


async def test_a_draft_reserves_no_nik(office: LiveOffice, sari: Villager, joko: Villager) -> None:
    await sari.registers("ringkasan")
    await joko.registers(NIK="8171015503859901")
    assert (await office.case(joko.receipts[0])).duplicate_of is None
    await sari.says("BENAR")
    await sari.hears("Nomor daftar")
    assert (await office.case(sari.receipts[0])).duplicate_of is not None


async def test_who_registers_the_same_nik_again_from_the_same_phone_is_shown_the_way(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers()
    for text in ("DAFTAR", "1", "SETUJU", "8171015503859901"):
        await sari.says(text)
    await sari.hears("sudah mendaftar dengan nomor ini")
    assert office.rows("SELECT count(*) FROM registrations WHERE status = 'submitted'") == [(1,)]


# Rights over the data


@ON_BOTH
async def test_erasing_leaves_a_tombstone_and_nothing_else(
    office: LiveOffice, sari: Villager, dewi: Villager, tmp_path: Path
) -> None:
    await sari.registers()
    await sari.says("PETUGAS")
    await sari.says("Kapan selesai?")
    await sari.hears("Pertanyaan Bapak/Ibu")
    await sari.says("HAPUS")
    await sari.hears("Yakin?")
    await sari.says("HAPUS DATA SAYA")
    told = await sari.hears("Nomor bukti: ")
    await office.settles()
    for table in ("answers", "media", "notes", "enquiries", "progress", "consents", "name_words"):
        assert office.rows(f"SELECT count(*) FROM {table}") == [(0,)], table  # noqa: S608
    [(number, reason)] = office.rows("SELECT number, reason FROM tombstones")
    assert number in told.text
    assert reason == "by_worker"
    assert list((tmp_path / "media").iterdir()) == []
    await dewi.says("/ambil")
    await dewi.hears("tidak ada yang menunggu")


async def test_what_is_stored_is_shown_without_the_numbers(office: LiveOffice, sari: Villager) -> None:
    await sari.registers()
    await sari.says("DATA SAYA")
    seen = await sari.hears("data Bapak/Ibu yang kami simpan")
    assert "SARNI TUHUMURY" in seen.text
    assert "8171015503859901" not in seen.text
    assert "3450" not in seen.text


@pytest.mark.parametrize(("answer", "kept"), [("YA", 3), ("TIDAK", 0), ("STOP", 0)])
async def test_the_answer_about_notices_is_kept_like_a_consent(
    office: LiveOffice, sari: Villager, answer: str, kept: int
) -> None:
    await sari.registers("pengumuman")
    await sari.says(answer)
    await office.settles()
    assert office.rows("SELECT answer FROM consents WHERE kind = 'notices'") == [(kept,)]
    await sari.says("DAFTAR")
    await sari.hears("orang lain")


# Unreachable


async def test_news_for_somebody_who_blocked_us_waits_and_goes_out_first_when_they_return(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await sari.blocks()
    await approved(office, dewi, sari.receipts[0])
    assert not [seen for seen in sari.ledger if "Kabar baik" in seen.text]
    await sari.unblocks()
    await sari.hears("Kabar baik")
    await sari.says("STATUS")
    await sari.hears("Data sudah benar")
