"""Admin Rahmat composes broadcasts by talking: events, texts, files, audiences, the look, and every way to slip."""

from __future__ import annotations

import pytest

from domain.broadcast import Broadcast, Kind, State
from domain.officer import Role
from tests.broadcasts import admin_id, crowd_of, heard, outcomes
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.pictures import ktp_photo


async def the_draft(office: LiveOffice) -> Broadcast:
    return (await office.read(lambda tx: tx.broadcasts.recent(limit=1)))[0]


async def begins(rahmat: Villager, label: str = "Buat pengumuman") -> None:
    await rahmat.says("/siaran")
    await rahmat.taps(label)


async def to_the_audience(rahmat: Villager, text: str = "Selamat pagi {sapaan}. Besok kantor tutup.") -> None:
    await begins(rahmat)
    await rahmat.says(text)
    await rahmat.hears("foto atau dokumen")
    await rahmat.says("LEWATI")
    await rahmat.hears("Penerima siaran")


@ON_BOTH
async def test_an_invitation_from_the_first_question_to_the_list_of_people(
    office: LiveOffice, rahmat: Villager
) -> None:
    await crowd_of(office, 4)
    await crowd_of(office, 3, village="81.71.03.2001", skip=50)
    await begins(rahmat, "Undang ke acara")
    for said, heard_then in (
        ("25-11-2026 10.00", "desa"),
        ("Latuhalat", "tempat"),
        ("Balai Desa Latuhalat", "dibawa"),
        ("KTP", "Pakai"),
    ):
        await rahmat.says(said)
        await rahmat.hears(heard_then)
    await rahmat.taps("Pakai teks ini")
    await rahmat.hears("foto atau dokumen")
    await rahmat.taps("Tanpa file")
    await rahmat.hears("Penerima siaran")
    await rahmat.says("nelayan di Latuhalat dan Passo")
    await rahmat.hears("nelayan di")
    await rahmat.says("LANJUT")
    await rahmat.hears("Balas HADIR atau TIDAK BISA")
    await rahmat.hears("Di atas terlihat")
    await rahmat.taps("Buat daftar penerima")
    await rahmat.hears("Daftar penerima sedang dibuat")
    await office.broadcasts_go_on()
    draft = await the_draft(office)
    assert (draft.kind, draft.state, draft.counts.total) == (Kind.INVITATION, State.PREPARED, 7)
    event = await office.read(lambda tx: tx.events.get(draft.event_id or 0))
    assert event is not None
    assert (event.village, event.place, event.bring) == ("81.71.01.2001", "Balai Desa Latuhalat", "KTP")
    assert "Rabu, 25 November 2026, 10.00 WIT" in draft.content.text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("kapan-kapan", "25-11-2026"),
        ("25-11-2020 10.00", "sudah lewat"),
        ("25-11-2026", "jam"),
        ("25-11-2026 02.00", "malam"),
        ("25-11-2026 10.00 WIB", "WIT"),
    ],
)
async def test_a_time_that_cannot_be_is_asked_for_again(
    office: LiveOffice, rahmat: Villager, said: str, told: str
) -> None:
    await begins(rahmat, "Undang ke acara")
    await rahmat.says(said)
    await rahmat.hears(told)
    assert (await the_draft(office)).content.event == ()


async def test_a_doubtful_village_is_offered_and_another_one_is_asked_again(
    office: LiveOffice, rahmat: Villager
) -> None:
    await begins(rahmat, "Undang ke acara")
    await rahmat.says("besok jam 10 pagi")
    await rahmat.says("Atlantis")
    await rahmat.hears("Atlantis")
    await rahmat.says("Nusaniwe")
    await rahmat.taps("Kelurahan Nusaniwe, Nusaniwe")
    await rahmat.hears("tempat")
    assert (await the_draft(office)).content.event[1].startswith("81.71.01")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Halo {nama}", "{nama} tidak dikenal"),
        ("Halo {sapaan", "kurung"),
        ("a" * 4097, "Paling banyak 3.500"),
    ],
)
async def test_a_text_that_cannot_be_sent_is_not_taken(
    office: LiveOffice, rahmat: Villager, said: str, told: str
) -> None:
    await begins(rahmat)
    await rahmat.says(said)
    await rahmat.hears(told)
    assert not (await the_draft(office)).content.text


async def test_a_text_that_is_hard_to_read_is_doubted_and_may_be_taken(office: LiveOffice, rahmat: Villager) -> None:
    await begins(rahmat)
    await rahmat.says("PENTING!!! " + "kata " * 20 + "😀😀")
    await rahmat.hears("emoji")
    await rahmat.taps("Pakai juga")
    await rahmat.hears("foto atau dokumen")
    await rahmat.says("KEMBALI")
    await rahmat.hears("Teksnya sekarang")
    await rahmat.says("Besok kantor tutup.")
    await office.settles()
    assert (await the_draft(office)).content.text == "Besok kantor tutup."


async def test_a_photo_goes_with_it_and_another_takes_its_place(office: LiveOffice, rahmat: Villager) -> None:
    [chat_id] = await crowd_of(office, 1)
    await begins(rahmat)
    await rahmat.says("Besok kantor tutup.")
    await rahmat.sends_photo(ktp_photo())
    await office.settles()
    await rahmat.hears("Penerima siaran")
    first = (await the_draft(office)).content.photo
    await rahmat.says("LANJUT")
    await rahmat.taps("Ubah file")
    await rahmat.hears("satu foto")
    await rahmat.sends_photo(ktp_photo())
    await office.settles()
    await rahmat.hears("Di atas terlihat")
    second = (await the_draft(office)).content.photo
    assert first
    assert first != second
    assert sorted(office.store.media.names()) == [second]
    await rahmat.taps("Kirim ke saya")
    await office.settles()
    assert len(office.server.calls("sendPhoto")) == 3
    assert not heard(office, chat_id)


async def test_a_document_goes_with_it_and_a_voice_does_not(office: LiveOffice, rahmat: Villager) -> None:
    await begins(rahmat)
    await rahmat.says("Besok kantor tutup.")
    await rahmat.voice()
    await rahmat.hears("tidak bisa ikut")
    await rahmat.hears("LEWATI")
    await rahmat.says("ini suratnya")
    await rahmat.hears("Yang masuk tulisan")
    await rahmat.sends_document(b"%PDF-1.4 surat", "Surat edaran.pdf", mime="application/pdf")
    await office.settles()
    await rahmat.hears("Penerima siaran")
    assert (await the_draft(office)).content.document_name == "Surat edaran.pdf"


async def test_the_audience_is_chosen_by_buttons_and_by_words(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 5)
    await crowd_of(office, 2, village="81.71.03.2001", skip=50)
    await to_the_audience(rahmat)
    await rahmat.hears("7 orang")
    await rahmat.taps("Pekerjaan")
    await rahmat.taps("Petani")
    await rahmat.hears("0 orang")
    await rahmat.taps("✓ Petani")
    await rahmat.taps("Kembali")
    await rahmat.taps("Kecuali ...")
    await rahmat.hears("Siapa yang tidak dikirimi")
    await rahmat.taps("Umur")
    await rahmat.taps("35-44 tahun")
    await rahmat.hears("0 orang")
    await rahmat.says("negeri latuhalat")
    await rahmat.hears("5 orang")
    await rahmat.says("tambah petani")
    await rahmat.hears("0 orang")
    await rahmat.says("orang bulan di mars")
    await rahmat.hears("bulan")
    await rahmat.says("semua")
    await rahmat.hears("7 orang")


async def test_an_audience_is_kept_under_a_name_and_used_again(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 2)
    await to_the_audience(rahmat)
    await rahmat.says("negeri latuhalat")
    await rahmat.hears("2 orang")
    await rahmat.says("simpan")
    await rahmat.hears("nama")
    await rahmat.says("simpan Nelayan barat")
    await rahmat.hears("Nelayan barat")
    await rahmat.says("simpan nelayan barat")
    await rahmat.hears("Tersimpan")
    await rahmat.says("BATAL")
    await rahmat.hears("Tidak ada yang dikirim")
    await to_the_audience(rahmat)
    await rahmat.says("nelayan barat")
    await rahmat.hears("semua orang di Latuhalat")


async def test_a_draft_is_gone_on_with_after_days_and_a_restart(office: LiveOffice, rahmat: Villager) -> None:
    await begins(rahmat)
    await rahmat.says("Besok kantor tutup.")
    await rahmat.hears("foto atau dokumen")
    await office.restarts()
    await office.later(days=2)
    await rahmat.says("lewati")
    await rahmat.says("/siaran")
    await rahmat.hears("sedang ditulis")
    await rahmat.taps("Siaran 1")
    await rahmat.hears("Di atas terlihat")


async def test_old_choices_and_those_of_a_colleague_do_nothing(
    office: LiveOffice, rahmat: Villager, joko: Villager
) -> None:
    await to_the_audience(rahmat)
    await rahmat.says("LANJUT")
    await rahmat.hears("Di atas terlihat")
    draft = await the_draft(office)
    old = next(seen for seen in reversed(rahmat.ledger) if seen.button("Buat daftar penerima"))
    sari = await office.joins("Sari", Role.ADMIN)
    await sari.says("/siaran")
    await sari.taps("Siaran 1")
    await office.settles()
    assert "Rekan" in (sari.tap.text if sari.tap else "")
    await rahmat.taps("Buang")
    await office.settles()
    assert (await the_draft(office)).state is State.STOPPED
    await rahmat.taps(data=old.button("Buat daftar penerima").data, message_id=old.message_id)
    await office.settles()
    assert (await office.read(lambda tx: tx.broadcasts.get(draft.id))).state is State.STOPPED  # type: ignore[union-attr]
    await joko.says("/siaran")
    await office.settles()
    assert not any("Siaran" in seen.text for seen in joko.ledger)


async def test_a_draft_written_whole_is_sent_as_it_was_shown(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 3)
    await to_the_audience(rahmat)
    await rahmat.says("LANJUT")
    await rahmat.hears("Selamat pagi Ibu Sarni.")
    await rahmat.says("LANJUT")
    await office.broadcasts_go_on()
    assert (await the_draft(office)).owner_id == await admin_id(office)
    assert (await outcomes(office, await the_draft(office)))["waiting"] == 3
    assert not any(heard(office, chat_id) for chat_id in crowd)
