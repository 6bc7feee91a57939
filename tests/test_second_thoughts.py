"""Workers who think again after the receipt: a date that would make them a child, everything erased, a late album.

What is said while a form is open stands in test_going_back.py, the rest of the life of a receipt in
test_registration_after.py.
"""

from __future__ import annotations

from domain.registration import Status
from tests.chat import LiveOffice, Villager
from tests.pictures import ktp_photo


async def test_a_birth_date_of_a_child_is_asked_back_and_then_left_as_it_was(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers()
    for word in ("UBAH", "1", "8171015503109901"):
        await sari.says(word)
    await sari.hears("umurnya belum 18 tahun")
    await sari.says("YA")
    await sari.hears("usia 18 tahun ke atas. Jawaban yang tadi tidak kami ubah.")
    assert (await office.answers(sari.receipts[0]))["nik"] == "8171015503859901"
    assert (await office.case(sari.receipts[0])).status is Status.SUBMITTED


async def test_a_child_in_a_correction_is_told_the_rule_and_nothing_is_cancelled(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await dewi.says("/ambil")
    for label in ("Lihat KTP", "Perbaiki", "5. NIK tidak sama dengan KTP", "Selesai"):
        await dewi.taps(label)
    await dewi.says("LEWATI")
    await office.later(minutes=2)
    await sari.says("8171015503109901")
    await sari.hears("umurnya belum")
    await sari.says("YA")
    await sari.hears("usia 18 tahun ke atas")
    await sari.hears("Silakan ketik nomor KTP (NIK)")
    assert (await office.case(sari.receipts[0])).status is Status.NEEDS_CORRECTION


async def test_who_cannot_send_a_better_photo_now_leaves_the_change(office: LiveOffice, sari: Villager) -> None:
    await sari.registers()
    for word in ("UBAH", "7"):
        await sari.says(word)
    seen = await sari.hears("kirim foto KTP")
    assert "NANTI" not in seen.text
    await sari.says("nanti")
    await sari.hears("tidak ada lagi yang diubah")


async def test_an_album_that_brings_the_missing_photo_is_answered_once(office: LiveOffice, sari: Villager) -> None:
    await sari.registers(without_photo=True)
    await sari.sends_album([ktp_photo()] * 3)
    await sari.hears("Foto KTP untuk nomor")
    await office.settles()
    assert len(sari.heard()) == 1


async def test_batal_at_the_question_whether_to_cancel_is_neither_yes_nor_no(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers()
    for word in ("BATAL", "BATAL"):
        await sari.says(word)
    await sari.hears("Mohon balas YA atau TIDAK")
    await sari.says("tidak jadi")
    await sari.hears("tetap seperti semula")


async def test_who_registered_others_too_erases_one_or_all_of_them(office: LiveOffice, sari: Villager) -> None:
    await sari.registers()
    for word in ("DAFTAR", "2", "SETUJU", "8171011503809902", "MARKUS TUHUMURY"):
        await sari.says(word)
    await sari.says("HAPUS")
    seen = await sari.hears("mau dihapus?")
    assert seen.buttons == ["Belum selesai Markus", f"{sari.receipts[0]} Sarni", "Semuanya"]
    await sari.says("1")
    await sari.hears("Hanya pendaftaran ini: Belum selesai Markus.")
    await sari.says("TIDAK")
    await sari.hears("lahir")
    for word in ("hapus data saya", "hapus data saya"):
        await sari.says(word)
    await sari.hears(f"Semua pendaftaran di percakapan ini: Belum selesai Markus, {sari.receipts[0]} Sarni.")
    await sari.says("HAPUS DATA SAYA")
    await sari.hears("sudah kami hapus")
    await sari.says("DATA SAYA")
    await sari.hears("Tidak ada data Bapak/Ibu")
    assert office.rows("SELECT count(*) FROM answers") == [(0,)]


async def test_erasing_one_of_two_leaves_the_other_and_says_so(office: LiveOffice, sari: Villager) -> None:
    await sari.registers()
    for word in ("DAFTAR", "2", "SETUJU", "8171011503809902", "MARKUS TUHUMURY", "HAPUS", "1", "HAPUS"):
        await sari.says(word)
    await sari.hears("Pendaftaran lain tetap ada")
    await office.settles()
    assert (await office.case(sari.receipts[0])).status is Status.SUBMITTED


async def test_each_reminder_comes_once_even_to_who_answers_and_leaves_again(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("nama")
    reminded = 0
    for answer in ("SARNI TUHUMURY", "Ambon", "Latuhalat", "TIDAK ADA"):
        await office.later(days=9)
        reminded += sum("belum selesai" in seen.text for seen in sari.heard())
        await sari.says(answer)
        await sari.says("YA")
    assert reminded == 2


async def test_who_was_here_lately_does_not_lose_an_old_draft(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("nama")
    await office.later(days=29)
    await sari.says("SARNI TUHUMURY")
    await sari.says("YA")
    await sari.hears("Di mana Bapak/Ibu lahir")
    await office.later(days=3)
    await sari.says("halo")
    await sari.hears("Di mana Bapak/Ibu lahir")


async def test_ubah_and_hapus_work_at_once_after_the_receipt(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("pengumuman")
    await sari.says("UBAH")
    await sari.hears("Apa yang mau diubah?")
    await sari.says("KEMBALI")
    await sari.says("DAFTAR")
    await sari.hears("orang lain?")
    await sari.says("HAPUS")
    await sari.hears("Yakin?")


async def test_a_photo_that_follows_the_receipt_at_once_is_taken(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("pengumuman", without_photo=True)
    await sari.hears("undangan")
    await sari.sends_photo(ktp_photo())
    await sari.hears("Foto KTP untuk nomor")
    await sari.hears("undangan")
    assert (await office.case(sari.receipts[0])).has_photo


async def test_a_number_alone_is_no_relative(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("keluarga")
    await sari.says("0812-3450-0099")
    await sari.hears("Mohon tulis nama dan hubungannya")
    await sari.says("Yohana, ibu, 0812-3450-0099")
    await sari.hears("Keluarga: Yohana, ibu, 0812-3450-0099")


async def test_a_number_where_the_work_was_to_be_written_is_asked_for_again(office: LiveOffice, sari: Villager) -> None:
    """After "Lainnya" the work is written in words; anything else is no answer, and breaks nothing."""
    await sari.registers("pekerjaan")
    await sari.says("lainnya")
    await sari.hears("Contoh: penjahit jaring")
    for slip in ("7", "...", "🙂"):
        await sari.says(slip)
        await office.settles()
        assert "pekerjaan" in sari.last_heard.lower()
    await sari.says("penjahit jaring")
    await sari.hears("Di mana")
    assert await office.read(lambda tx: tx.inbox.failed(limit=1)) == []
