"""Workers off the straight road: late taps, albums where none is wanted, a leader with a whole group on one phone.

The road itself is in test_registration_chat.py, life after the receipt in test_registration_after.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.registration import Status
from domain.rules import Rules
from tests.chat import LiveOffice, Villager
from tests.office_desk import SARI, OfficeDesk, database, engine_for
from tests.pictures import ktp_photo
from tests.servers.telegram_people import grey_photo


async def test_an_album_nobody_asked_for_is_answered_once(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("nama")
    await sari.sends_album([grey_photo(), grey_photo(), grey_photo()])
    await sari.hears("belum perlu")
    await office.settles()
    assert len(sari.heard()) == 1
    await sari.says("SARNI TUHUMURY")
    await sari.hears("lahir")


async def test_pictures_chosen_at_once_are_an_album_where_none_is_named(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("foto")
    for _ in range(5):
        await sari.sends_photo(ktp_photo())
    await sari.hears("Satu foto sudah cukup")
    await office.settles()
    assert [seen.text.count("Satu foto") for seen in sari.heard()].count(1) == 1
    await sari.says("Yohana, istri")
    await sari.hears("Keluarga: Yohana")


async def test_a_good_photo_right_after_poor_ones_were_given_up_is_no_album(sari: Villager) -> None:
    await sari.registers("foto")
    for _ in range(2):
        await sari.sends_photo(ktp_photo(blurred=True))
    await sari.hears("sulit dibaca")
    await sari.says("NANTI")
    await sari.hears("keluarga")
    await sari.sends_photo(ktp_photo())
    await sari.hears("keluarga")
    await sari.says("Yohana, istri")
    await sari.hears("Foto KTP: sudah ada")


@pytest.mark.parametrize("at", ["keluarga", "ringkasan"])
async def test_a_photo_that_was_left_out_is_taken_when_it_comes(office: LiveOffice, sari: Villager, at: str) -> None:
    await sari.registers("foto")
    await sari.says("NANTI")
    await sari.hears("keluarga")
    if at == "ringkasan":
        await sari.says("Yohana, istri")
        await sari.hears("Foto KTP: belum ada")
    await sari.sends_photo(ktp_photo())
    if at == "keluarga":
        await sari.hears("keluarga")
        await sari.says("Yohana, istri")
    await sari.hears("Foto KTP: sudah ada")
    await sari.says("BENAR")
    await sari.hears("Data sudah kami terima")


async def test_a_photo_sent_at_the_menu_of_changes_leads_back_to_the_summary(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("foto")
    for word in ("NANTI", "LEWATI", "UBAH"):
        await sari.says(word)
    await sari.hears("Apa yang mau diubah?")
    await sari.sends_photo(ktp_photo())
    await sari.hears("Foto KTP: sudah ada")


async def test_a_voice_with_no_question_open_is_told_how_to_ask(sari: Villager) -> None:
    await sari.registers()
    await sari.voice()
    await sari.hears("tidak bisa kami dengar")


@pytest.mark.parametrize(
    ("at", "doubtful", "number", "list_"),
    [("desa", "nusaniwe", "9", "Negeri Nusaniwe"), ("pekerjaan", "buruh", "7", "Bukan semuanya")],
)
async def test_a_number_that_the_list_shown_last_does_not_have_answers_nothing(
    sari: Villager, at: str, doubtful: str, number: str, list_: str
) -> None:
    await sari.registers(at)
    await sari.says(doubtful)
    await sari.hears(list_)
    await sari.says(number)
    await sari.hears("Mohon balas dengan salah satu angka")
    await sari.says("1")
    await sari.hears("RT/RW" if at == "desa" else "Di mana")


async def test_who_sends_an_album_is_reminded_like_everybody(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("foto")
    await sari.sends_album([ktp_photo(), ktp_photo()])
    await sari.hears("Satu foto sudah cukup")
    await office.later(days=2)
    await sari.hears("belum selesai")


async def test_a_tap_on_an_old_question_never_answers_a_new_one_of_the_same_kind(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers()
    await sari.says("HAPUS")
    asked = await sari.hears("Yakin?")
    old = asked.button("Hapus data saya")
    assert old is not None
    assert old.data is not None
    await sari.says("TIDAK")
    await sari.hears("tidak ada yang dihapus")
    await sari.says("BATAL")
    await sari.hears("mau dibatalkan?")
    await sari.taps(data=old.data, message_id=asked.message_id)
    assert await sari.toast() == "Sudah dijawab."
    assert (await office.case(sari.receipts[0])).status is Status.SUBMITTED


async def test_a_leader_names_one_of_a_whole_group_by_the_receipt_number(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        leader = desk.someone("Wa Ija")
        group = [await desk.registers(leader, {**SARI, "nik": f"817101440385991{n}"}) for n in range(9)]
        first = group[0]
        assert first.receipt is not None
        heard = await leader.says("BATAL")
        assert str(group[-1].receipt) in heard
        assert first.receipt not in heard
        assert "7. Yang lain (tulis nomor daftarnya)" in heard
        assert "Pendaftaran mana" in await leader.taps("Yang lain")
        assert "salah satu angka" in await leader.says("AMB-0000-0000")
        assert f"nomor **{first.receipt}**" in await leader.says(first.receipt.lower().replace("-", " "))
        assert "sudah dibatalkan" in await leader.says("ya")
        assert await desk.status(first) is Status.CANCELLED
        assert [await desk.status(each) for each in group[1:]] == [Status.SUBMITTED] * 8
        await desk.store.close()


async def test_what_was_stopped_is_called_so_where_it_can_be_erased(office: LiveOffice, sari: Villager) -> None:
    await sari.registers()
    for word in ("DAFTAR", "2", "SETUJU", "BATAL", "YA", "HAPUS"):
        await sari.says(word)
    seen = await sari.hears("mau dihapus?")
    assert seen.buttons == ["Dibatalkan", f"{sari.receipts[0]} Sarni", "Semuanya"]
