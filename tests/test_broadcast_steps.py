"""Admin Rahmat changes his mind while composing: he goes back, keeps, changes one thing, presses twice, comes late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.broadcast import Broadcast, Kind, State
from handlers.taps import data
from storage.store import Tx
from tests.broadcasts import crowd_of, heard, now, sent
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.pictures import ktp_photo

WHEN, LATER = "25-11-2026 10.00", "26-11-2026 09.00"
LOOK = "Di atas terlihat"


async def the_draft(office: LiveOffice) -> Broadcast:
    return (await office.read(lambda tx: tx.broadcasts.recent(limit=1)))[0]


async def says(office: LiveOffice, rahmat: Villager, *words: str) -> None:
    """One after the other, each heard out."""
    for word in words:
        await rahmat.says(word)
        await office.settles()


async def announces(office: LiveOffice, rahmat: Villager, text: str = "Besok kantor tutup.") -> None:
    """As far as the look, without a button."""
    await says(office, rahmat, "/siaran pengumuman", text, "LEWATI", "LANJUT")
    await rahmat.hears(LOOK)


async def invites(office: LiveOffice, rahmat: Villager, *words: str) -> None:
    """As far as the look, without a button; `words` are the text, or none of his own."""
    await says(office, rahmat, "/siaran undangan", WHEN, "Latuhalat", "Balai Desa", "KTP", *(words or ("pakai",)))
    await says(office, rahmat, "LEWATI", "LANJUT")
    await rahmat.hears(LOOK)


async def old_choice(rahmat: Villager, label: str) -> None:
    """Press what is not shown any more."""
    seen = next(seen for seen in reversed(rahmat.ledger) if seen.button(label))
    button = seen.button(label)
    assert button is not None
    await rahmat.taps(data=button.data, message_id=seen.message_id)


async def test_the_list_is_answered_by_words_and_numbers(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran")
    await rahmat.hears("Belum ada siaran")
    await says(office, rahmat, "buat pengumuman")
    await rahmat.hears("tulis teksnya")
    await says(office, rahmat, "KEMBALI")
    await rahmat.hears("1. pengumuman, sedang ditulis")
    await says(office, rahmat, "1")
    await rahmat.hears("tulis teksnya")
    await says(office, rahmat, "Besok kantor tutup.", "/siaran 7")
    await rahmat.hears("Tidak ada siaran 7")
    await says(office, rahmat, "/siaran")
    await rahmat.hears("1. pengumuman")
    # The list was only looked at: the file is still what is asked.
    await says(office, rahmat, "LEWATI")
    await rahmat.hears("Penerima siaran")


async def test_who_asks_twice_for_a_new_one_gets_one_draft(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran pengumuman", "/siaran pengumuman")
    await rahmat.hears("tulis teksnya")
    assert len(await office.read(lambda tx: tx.broadcasts.recent(limit=9))) == 1


async def test_one_thing_is_changed_and_the_rest_stays(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran pengumuman", "Besok kantor tutup.")
    await rahmat.sends_photo(ktp_photo())
    await office.settles()
    await says(office, rahmat, "LANJUT")
    photo = (await the_draft(office)).content.photo
    await says(office, rahmat, "ubah teks")
    await rahmat.hears("Besok kantor tutup.")
    await says(office, rahmat, "Lusa kantor tutup.")
    await rahmat.hears(LOOK)
    await says(office, rahmat, "KEMBALI", "KEMBALI")
    await rahmat.hears("satu foto")
    await says(office, rahmat, "LANJUT", "LANJUT")
    await rahmat.hears(LOOK)
    kept = (await the_draft(office)).content
    assert (kept.text, kept.photo) == ("Lusa kantor tutup.", photo)
    await says(office, rahmat, "ubah file", "TANPA FILE")
    await rahmat.hears(LOOK)
    assert not (await the_draft(office)).content.photo
    assert not list(office.store.media.names())


async def test_a_file_sent_while_looking_goes_with_it_and_one_sent_too_early_does_not(
    office: LiveOffice, rahmat: Villager
) -> None:
    await says(office, rahmat, "/siaran pengumuman")
    await rahmat.sends_photo(ktp_photo())
    await office.settles()
    await rahmat.hears("Filenya ditanyakan nanti")
    await says(office, rahmat, "Besok kantor tutup.", "LEWATI", "LANJUT")
    await rahmat.sends_photo(ktp_photo())
    await office.settles()
    await rahmat.hears(LOOK)
    assert (await the_draft(office)).content.photo


async def test_with_a_file_less_text_fits(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran pengumuman", "Besok kantor tutup. " * 60, "pakai juga")
    await rahmat.sends_photo(ktp_photo())
    await office.settles()
    await rahmat.hears("Dengan file")
    assert not list(office.store.media.names())
    await says(office, rahmat, "KEMBALI", "Besok kantor tutup.")
    await rahmat.sends_photo(ktp_photo())
    await office.settles()
    await rahmat.hears("Penerima siaran")
    await says(office, rahmat, "LANJUT", "ubah teks", "Besok kantor tutup. " * 60)
    await rahmat.hears("Paling banyak 1.000")
    assert (await the_draft(office)).content.text == "Besok kantor tutup."


async def test_a_number_answers_the_form_and_not_the_list_above_it(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran pengumuman", "BATAL", "DAFTAR", "/siaran", "1")
    assert not any("Siaran 1" in seen.text for seen in rahmat.heard())


async def test_an_officer_who_is_no_admin_composes_nothing(office: LiveOffice, dewi: Villager) -> None:
    await says(office, dewi, "/siaran pengumuman")
    await dewi.taps(data=data("bc", "new", str(Kind.ANNOUNCEMENT)))
    await office.settles()
    assert await office.read(lambda tx: tx.broadcasts.recent(limit=1)) == []


async def test_a_word_of_command_is_not_taken_as_the_text(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran pengumuman", "LANJUT", "lewati")
    await rahmat.hears("tulis teksnya")
    assert not (await the_draft(office)).content.text


async def test_a_doubtful_text_is_taken_by_words(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran pengumuman", "PENTING. Besok kantor tutup.")
    await rahmat.hears("PAKAI JUGA")
    await says(office, rahmat, "pakai juga")
    await rahmat.hears("foto atau dokumen")
    assert (await the_draft(office)).content.text == "PENTING. Besok kantor tutup."


async def test_own_words_follow_the_event_when_it_is_moved(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 1)
    await invites(office, rahmat, "Mari datang, {sapaan}.")
    await says(office, rahmat, "ubah acara")
    await rahmat.hears("Sekarang: Rabu, 25 November 2026, 10.00 WIT")
    await says(office, rahmat, LATER, "LANJUT", "Gedung Serbaguna", "LANJUT")
    await rahmat.hears(LOOK)
    text = (await the_draft(office)).content.text
    assert text.startswith("Mari datang, {sapaan}.")
    assert "Kamis, 26 November 2026, 09.00 WIT" in text
    assert "Gedung Serbaguna" in text
    assert "Rabu" not in text
    await says(office, rahmat, "ubah teks")
    await rahmat.taps("Pakai teks siap")
    await rahmat.hears(LOOK)
    assert (await the_draft(office)).content.text.startswith("Undangan")


async def test_a_doubtful_village_is_chosen_by_its_number(office: LiveOffice, rahmat: Villager) -> None:
    await says(office, rahmat, "/siaran undangan", "besok jam 10 pagi", "Nusaniwe")
    await rahmat.hears("1. ")
    await says(office, rahmat, "99")
    await rahmat.hears("99")
    await says(office, rahmat, "1")
    await rahmat.hears("tempat")
    assert (await the_draft(office)).content.event[1].startswith("81.71.01")
    await says(office, rahmat, "KEMBALI", "luar desa")
    assert (await the_draft(office)).content.event[1] == ""


async def test_an_event_that_passed_while_the_draft_lay_is_asked_for_again(
    office: LiveOffice, rahmat: Villager
) -> None:
    await crowd_of(office, 1)
    await invites(office, rahmat)
    await office.later(days=3)
    await old_choice(rahmat, "Buat daftar penerima")
    await rahmat.hears("Waktu itu sudah lewat")
    await says(office, rahmat, "28-11-2026 10.00", "LANJUT", "LANJUT", "LANJUT")
    await rahmat.hears(LOOK)
    await says(office, rahmat, "LANJUT")
    await office.broadcasts_go_on()
    draft = await the_draft(office)
    assert draft.state is State.PREPARED
    assert "28 November 2026" in draft.content.text


async def test_only_what_was_looked_at_is_made(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 1)
    await announces(office, rahmat)
    early = next(seen for seen in reversed(rahmat.ledger) if seen.button("Buat daftar penerima"))
    await says(office, rahmat, "ubah teks", "Lusa kantor tutup.")
    button = early.button("Buat daftar penerima")
    assert button is not None
    await rahmat.taps(data=button.data, message_id=early.message_id)
    await office.settles()
    await rahmat.hears(LOOK)
    assert (await the_draft(office)).state is State.DRAFT


async def test_nobody_to_send_to_is_said_before_the_list_is_made(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 2, notices=None)
    await announces(office, rahmat)
    await says(office, rahmat, "LANJUT")
    await rahmat.hears("Tidak ada yang akan menerimanya")
    await rahmat.hears("Penerima siaran")
    assert (await the_draft(office)).state is State.DRAFT


async def test_a_test_goes_to_the_admin_alone_and_its_choices_do_nothing(office: LiveOffice, rahmat: Villager) -> None:
    [chat_id] = await crowd_of(office, 1)
    await invites(office, rahmat)
    await says(office, rahmat, "kirim ke saya")
    await rahmat.taps("Hadir")
    await office.settles()
    assert "hanya contoh" in (rahmat.tap.text if rahmat.tap else "")
    assert not heard(office, chat_id)
    assert office.rows("SELECT COUNT(*) FROM attendances") == [(0,)]
    assert office.rows("SELECT COUNT(*) FROM recipients") == [(0,)]


@ON_BOTH
async def test_a_change_after_the_list_is_a_new_draft_made_once(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 2)
    await invites(office, rahmat)
    await says(office, rahmat, "LANJUT")
    await office.broadcasts_go_on()
    first = await the_draft(office)
    assert first.state is State.PREPARED
    await rahmat.taps("Ubah")
    await rahmat.hears(LOOK)
    await old_choice(rahmat, "Ubah")
    await office.settles()
    second, old = await office.read(lambda tx: tx.broadcasts.recent(limit=9))
    assert (old.id, old.state, old.code) == (first.id, State.STOPPED, "copied")
    assert (second.state, second.kind, second.content) == (State.DRAFT, Kind.INVITATION, first.content)
    await says(office, rahmat, "ubah acara", LATER, "LANJUT", "LANJUT", "LANJUT", "LANJUT")
    await office.broadcasts_go_on()
    second = await now(office, second.id)
    # Nobody was invited yet: it is still the same event.
    assert (second.state, second.event_id) == (State.PREPARED, first.event_id)
    [start] = office.rows("SELECT starts_at FROM events")[0]
    assert str(start) == second.content.event[0]


async def test_another_day_is_another_event_once_people_were_invited(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 2)
    await invites(office, rahmat)
    await says(office, rahmat, "LANJUT")
    await office.broadcasts_go_on()
    first = await sent(office, await the_draft(office))
    assert first.state is State.DONE
    await says(office, rahmat, "/siaran 1")
    await office.settles()
    await rahmat.taps(data=data("bc", "copy", first.id))
    await rahmat.hears(LOOK)
    await says(office, rahmat, "ubah acara", LATER, "LANJUT", "LANJUT", "LANJUT")
    await office.later(days=1)
    await old_choice(rahmat, "Buat daftar penerima")
    await office.settles()
    await office.broadcasts_go_on()
    events = office.rows("SELECT id FROM events")
    assert len(events) == 2


async def test_an_invitation_to_an_event_that_was_moved_is_looked_at_again(
    office: LiveOffice, rahmat: Villager
) -> None:
    await crowd_of(office, 2)
    await invites(office, rahmat)
    await says(office, rahmat, "LANJUT")
    await office.broadcasts_go_on()
    first = await sent(office, await the_draft(office))
    await rahmat.taps(data=data("bc", "copy", first.id))
    await rahmat.hears(LOOK)

    def moves(tx: Tx) -> None:
        event = tx.events.get(first.event_id or 0)
        assert event is not None
        tx.events.change(replace(event, place="Gedung Serbaguna"))

    await office.store.transact(moves)
    await says(office, rahmat, "LANJUT")
    await rahmat.hears("Acaranya sudah diubah")
    await rahmat.hears(LOOK)
    assert "Gedung Serbaguna" in (await the_draft(office)).content.text


@pytest.mark.parametrize("words", ["BATAL", "buang"])
async def test_what_is_thrown_away_keeps_nothing(office: LiveOffice, rahmat: Villager, words: str) -> None:
    await announces(office, rahmat)
    await says(office, rahmat, words, words)
    ended = await the_draft(office)
    assert (ended.state, ended.content.text) == (State.STOPPED, "")
