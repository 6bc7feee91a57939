"""Messages people edit after they sent them: an edit changes the answer that message gave, and nothing else.

The recorded conversation is conversations/pesan-diedit.txt. Not for: how Telegram tells of an edit
(test_telegram_updates.py).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conversation.messages import Incoming, Kind
from domain.rules import Rules
from handlers.router import handle
from tests.chat import LiveOffice, Villager
from tests.databases import database
from tests.office_desk import OfficeDesk, engine_for
from tests.pictures import ktp_photo


async def test_an_edit_changes_the_answer_it_gave_also_while_another_question_is_open_again(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("desa", tempat_lahir="")
    place = await sari.says("Ambon")
    for answer in ("Latuhalat", "TIDAK ADA", "1", "laut Latuhalat", "0812-3450-0001", "NANTI", "LEWATI"):
        await sari.says(answer)
    for answer in ("UBAH", "2"):
        await sari.says(answer)
    await sari.hears("nama lengkap")
    await sari.edits("Masohi", message_id=place)
    await sari.hears("sudah diganti")
    await sari.hears("nama lengkap")
    await sari.says("SARNI TUHUMENA")
    await sari.hears("Nama: SARNI TUHUMENA")
    await sari.hears("Lahir: Masohi")


async def test_an_edit_never_changes_a_later_answer_to_the_same_question(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("nama")
    early = await sari.says("SARNI TUHUMURY")
    await sari.says("KEMBALI")
    await sari.hears("Nama: SARNI TUHUMURY")
    await sari.says("SARNI TUHUMENA")
    await sari.edits("SARNI LATUHERU", message_id=early)
    await sari.hears("tidak mengubah jawaban lagi")
    await sari.says("DATA SAYA")
    await sari.hears("SARNI TUHUMENA")


async def test_a_corrected_answer_is_not_changed_by_an_edit_of_the_one_before(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers("nama")
    early = await sari.says("SARNI TUHUMURI")
    for answer in ("Ambon", "Latuhalat", "TIDAK ADA", "1", "laut Latuhalat", "0812-3450-0001"):
        await sari.says(answer)
    await sari.sends_photo(ktp_photo())
    for answer in ("LEWATI", "BENAR", "TIDAK"):
        await sari.says(answer)
    await office.settles()
    await dewi.says("/ambil")
    for label in ("Lihat KTP", "Perbaiki", "4. Nama tidak sama dengan KTP", "8. Alamat kurang jelas", "Selesai"):
        await dewi.taps(label)
    await dewi.says("LEWATI")
    await office.later(minutes=2)
    await sari.hears("nama lengkap")
    await sari.says("SARNI TUHUMURY")
    await sari.hears("desa, negeri")
    await sari.edits("SARNI LATUHERU", message_id=early)
    await sari.hears("tidak mengubah jawaban lagi")
    assert (await office.answers(sari.receipts[0]))["name"] == "SARNI TUHUMURY"


async def test_what_was_asked_back_may_be_edited_instead(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("desa")
    await sari.says("Nusanive")
    asked = await sari.hears("Yang mana tempat tinggal")
    old = asked.button("Negeri Nusaniwe")
    await sari.edits("Latuhalat")
    await sari.hears("Negeri Latuhalat")
    assert old is not None
    await sari.taps(data=old.data, message_id=asked.message_id)
    assert await sari.toast() == "Sudah dijawab."


async def test_an_edited_yes_does_not_open_its_question_again(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("nama")
    await sari.says("Tara")
    await sari.hears("Kami tulis Tara, ya?")
    await sari.says("YA")
    await sari.hears("lahir")
    await sari.edits("Ya")
    await sari.hears("belum bisa kami pakai")
    await sari.says("Ambon")
    await sari.hears("desa, negeri")
    await sari.says("DATA SAYA")
    await sari.hears("Nama: Tara")


async def test_an_edited_number_of_a_list_that_is_gone_changes_nothing(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("desa")
    await sari.says("Nusaniwe")
    await sari.says("2")
    await sari.hears("RT/RW")
    await sari.edits("1")
    await sari.hears("belum bisa kami pakai")
    await sari.says("DATA SAYA")
    await sari.hears("Negeri Nusaniwe")


async def test_what_was_not_understood_belongs_to_its_own_question_only(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("tempat lahir")
    slip = await sari.says("12345")
    await sari.hears("belum terbaca")
    await sari.says("KEMBALI")
    await sari.hears("nama lengkap")
    await sari.edits("Ambon", message_id=slip)
    await sari.hears("tidak mengubah jawaban lagi")
    await sari.says("LANJUT")
    await sari.hears("Di mana Bapak/Ibu lahir")


async def test_the_permission_may_be_edited_into_a_yes(office: LiveOffice, sari: Villager) -> None:
    await sari.says("DAFTAR")
    await sari.says("stuju pak tapi apa ini")
    await sari.hears("SETUJU atau TIDAK")
    await sari.edits("SETUJU")
    await sari.hears("nomor KTP (NIK)")


async def test_who_writes_under_a_photo_afterwards_hears_that_it_changes_nothing(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("keluarga")
    photo = next(each for each in sari.wrote() if each.file)
    sari.listens()
    photo.text, photo.edit_date = "KTP saya", office.server.world.now()
    office.server.updates.add("edited_message", office.server.world.as_json(sari.chat, photo))
    await sari.hears("tidak mengubah jawaban lagi")


async def test_whoever_deletes_what_was_not_understood_is_asked_again_and_has_made_no_slip(tmp_path: Path) -> None:
    """Some networks tell of a deletion: to us that is an edit which leaves nothing."""
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        sari = desk.someone("Sari")
        for word in ("halo", "SETUJU"):
            await sari.says(word)
        wrong = Incoming(desk.key(), sari.address, Kind.TEXT, "81710143", message_id="m1")
        deleted = Incoming(desk.key(), sari.address, Kind.EDIT, message_id="m1")
        with desk.speaking(sari):
            for incoming in (wrong, deleted, replace(deleted, key=desk.key())):
                await desk.store.transact(handle, incoming, desk.office)
            await desk.deliver()
        assert "ada 8 angka" in sari.chat.ever[-3]
        assert all("nomor KTP (NIK)" in heard for heard in sari.chat.ever[-2:])
        await desk.store.close()
