"""Workers who go back with KEMBALI or UBAH and forward again: nothing given is lost, nothing is asked twice.

Not for: edited messages (test_edited.py) or what follows after the receipt (test_registration_after.py).
"""

from __future__ import annotations

from tests.chat import LiveOffice, Villager
from tests.pictures import ktp_photo


async def test_one_new_answer_after_going_back_leads_straight_forward_again(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("ringkasan")
    for _ in range(4):
        await sari.says("KEMBALI")
    await sari.hears("Tempat kerja: laut Latuhalat")
    await sari.says("laut Amahusu")
    await sari.hears("Tempat kerja: laut Amahusu")
    await sari.hears("Sudah benar semua?")


async def test_what_is_there_already_stays_with_lanjut_and_with_nanti(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("keluarga")
    await sari.says("KEMBALI")
    await sari.hears("Tetap sama? Balas LANJUT.")
    await sari.says("NANTI")
    await sari.hears("keluarga")
    await sari.says("Yohana, ibu")
    await sari.says("KEMBALI")
    await sari.hears("Keluarga: Yohana, ibu")
    await sari.taps("Lewati")
    await sari.hears("Keluarga: Yohana, ibu\nFoto KTP: sudah ada")


async def test_three_slips_never_wipe_out_an_answer_given_before(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("foto")
    await sari.says("KEMBALI")
    for slip in ("6", "yang tadi", "sudah saya tulis"):
        await sari.says(slip)
    await sari.hears("Jawaban yang tadi tetap dipakai")
    await sari.hears("Nomor HP: 0812-3450-0001")
    await sari.hears("foto KTP")


async def test_kembali_after_picking_from_the_menu_leads_back_to_the_menu(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("ringkasan")
    for word in ("UBAH", "2"):
        await sari.says(word)
    await sari.hears("nama lengkap")
    await sari.says("KEMBALI")
    await sari.hears("Apa yang mau diubah?")
    await sari.says("KEMBALI")
    await sari.hears("Sudah benar semua?")


async def test_the_photo_picked_from_the_menu_at_the_photo_is_asked_for_once(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("foto")
    for word in ("UBAH", "7", "NANTI"):
        await sari.says(word)
    await sari.hears("keluarga")


async def test_the_phone_question_is_left_with_one_message_and_no_untrue_word(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("nomor HP")
    assert sari.keyboard()
    await sari.says("KEMBALI")
    await sari.hears("Di mana")
    await office.settles()
    assert len(sari.heard()) == 1
    assert "Nomor HP" not in sari.last_heard
    assert not sari.keyboard()
    await sari.says("LANJUT")
    await sari.hears("Berapa nomor HP")
    await sari.says("0812-3450-0001")
    await sari.hears("Nomor HP: 0812-3450-0001\n\n📷")
    await office.settles()
    assert len(sari.heard()) == 1
    assert not sari.keyboard()


async def test_ready_answers_of_a_list_that_was_left_are_not_taken_for_those_of_the_question(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("pekerjaan")
    await sari.says("tukang ikan")
    asked = await sari.hears("Mana yang paling cocok?")
    old = asked.button("Pengolah atau penjual ikan")
    assert old is not None
    await sari.says("12 13")
    await sari.hears("belum mengerti jawaban itu")
    await sari.taps(data=old.data, message_id=asked.message_id)
    assert await sari.toast() == "Sudah dijawab."
    await sari.says("penjual ikan")
    await sari.says("pasar Mardika")
    await sari.says("DATA SAYA")
    await sari.hears("Pengolah atau penjual ikan")


async def test_a_slip_in_the_birth_date_near_the_end_costs_nothing(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("ringkasan")
    for word in ("UBAH", "1", "8171015503109901"):
        await sari.says(word)
    await sari.hears("umurnya belum 18 tahun")
    await sari.says("TIDAK")
    await sari.hears("nomor KTP (NIK)")
    await sari.says("8171015503859901")
    await sari.hears("Sudah benar semua?")


async def test_a_stated_gender_outlives_a_number_typed_again(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("ringkasan")
    for word in ("UBAH", "3", "3", "laki-laki", "UBAH", "1", "8171015503859911"):
        await sari.says(word)
    await sari.hears("Lahir: Ambon, 15 Maret 1985, laki-laki")


async def test_a_correction_goes_on_where_it_was_left_and_kembali_stays_inside_it(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await dewi.says("/ambil")
    flagged = ("1. Foto KTP buram", "4. Nama tidak sama dengan KTP", "10. HP tidak bisa dihubungi")
    for label in ("Lihat KTP", "Perbaiki", *flagged, "Selesai"):
        await dewi.taps(label)
    await dewi.says("LEWATI")
    await office.later(minutes=2)
    await sari.says("KEMBALI")
    await sari.hears("pertanyaan pertama")
    await sari.sends_photo(ktp_photo())
    await sari.hears("nama lengkap")
    for word in ("HAPUS", "TIDAK"):
        await sari.says(word)
    seen = await sari.hears("nama lengkap")
    assert "Foto KTP kurang jelas" not in seen.text
    assert "Nama yang ditulis belum sama" in seen.text
    await sari.says("SARNI TUHUMENA")
    await sari.hears("nomor HP")
    await sari.says("KEMBALI")
    await sari.hears("nama lengkap")
    await sari.says("SARNI TUHUMURY")
    await sari.says("0812-3450-0007")
    await sari.hears("Perbaikan untuk nomor")
    answers = await office.answers(sari.receipts[0])
    assert (answers["name"], answers["phone"]) == ("SARNI TUHUMURY", "+6281234500007")
