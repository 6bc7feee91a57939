"""What admins do with events, and what goes out by itself: the numbers, the reminder, a change, a cancellation."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from domain.broadcast import Kind, State
from domain.event import Answer, Event
from domain.topic import Topic
from handlers import due_events, event_papers
from storage.store import Tx
from tests.broadcasts import admin_id, crowd_of, heard, now, somebody
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.events import clock_at, invited, planned, wants_notices

# The reminder


async def broadcasts_of(office: LiveOffice, event: Event, kind: Kind) -> list[State]:
    found = await office.read(lambda tx: tx.broadcasts.of_event(event.id))
    return [each.state for each in found if each.kind is kind]


async def answers(office: LiveOffice, event: Event, chats: dict[int, Answer]) -> None:
    def unit(tx: Tx) -> None:
        for chat_id, answer in chats.items():
            tx.events.answer(event.id, somebody(tx, chat_id).id, answer, village=None)

    await office.store.transact(unit)


@ON_BOTH
@pytest.mark.given(quiet_hours="20:00-07:00")
async def test_who_comes_is_reminded_once_in_the_afternoon_before(office: LiveOffice, rahmat: Villager) -> None:
    comes, declines, silent, stopped = await crowd_of(office, 4)
    event = await planned(office)
    await invited(office, event)
    await answers(office, event, {comes: Answer.COMES, declines: Answer.DECLINES, stopped: Answer.COMES})
    await office.store.transact(lambda tx: tx.people.set_notices(somebody(tx, stopped).id, Topic.ANNOUNCEMENTS))
    await clock_at(office, event, time(15, 50), days=-1)
    assert await broadcasts_of(office, event, Kind.REMINDER) == []
    await clock_at(office, event, time(16, 1), days=-1)
    [_, reminder] = heard(office, comes)
    assert reminder.startswith("Ibu Warga, acaranya besok.")
    assert "Hari: Rabu, 25 November 2026, 10.00 WIT" in reminder
    assert [len(heard(office, chat_id)) for chat_id in (declines, silent, stopped)] == [1, 1, 1]
    await clock_at(office, event, time(9), days=0)
    assert len(heard(office, comes)) == 2
    assert await broadcasts_of(office, event, Kind.REMINDER) == [State.DONE]


async def test_an_event_to_which_nobody_comes_reminds_nobody(office: LiveOffice, rahmat: Villager) -> None:
    [chat_id] = await crowd_of(office, 1)
    event = await planned(office)
    await invited(office, event)
    await clock_at(office, event, time(17), days=-1)
    await answers(office, event, {chat_id: Answer.COMES})
    await office.later(minutes=5)
    # Whoever has just said yes has not forgotten it.
    assert await broadcasts_of(office, event, Kind.REMINDER) == []


@pytest.mark.given(quiet_hours="20:00-07:00")
async def test_what_was_planned_late_reminds_on_the_day_and_not_after_it_began(
    office: LiveOffice, rahmat: Villager
) -> None:
    [chat_id] = await crowd_of(office, 1)
    evening, early = await planned(office, days=0, at=time(19)), await planned(office, days=1, at=time(6))
    await invited(office, evening)
    await answers(office, evening, {chat_id: Answer.COMES})
    await clock_at(office, evening, time(12, 30))
    assert heard(office, chat_id)[-1].startswith("Ibu Warga, acaranya hari ini.")
    await clock_at(office, evening, time(19, 30))
    await answers(office, early, {chat_id: Answer.COMES})
    await clock_at(office, early, time(8))
    assert await broadcasts_of(office, early, Kind.REMINDER) == [], "it was quiet until it had begun"


async def test_the_reminder_of_an_admin_who_is_gone_is_sent_by_another(office: LiveOffice, rahmat: Villager) -> None:
    [chat_id] = await crowd_of(office, 1)
    event = await planned(office)
    await invited(office, event)
    await answers(office, event, {chat_id: Answer.COMES})
    await office.store.transact(lambda tx: tx.staff.set_state(event.created_by, "suspended"))
    await clock_at(office, event, time(16, 1), days=-1)
    assert await broadcasts_of(office, event, Kind.REMINDER) == [], "there is nobody who would answer for it"
    await office.store.transact(lambda tx: tx.staff.set_state(event.created_by, "active"))
    await office.later(minutes=2)
    assert await broadcasts_of(office, event, Kind.REMINDER) == [State.DONE]


# /acara


@ON_BOTH
async def test_acara_shows_answers_presence_and_registrations_by_village(
    office: LiveOffice, rahmat: Villager, sari: Villager, joko: Villager, budi: Villager
) -> None:
    await wants_notices(office, sari)
    event = await planned(office, days=0, at=time(11))
    await invited(office, event)
    await sari.says("HADIR")
    await sari.says(event.word)
    await joko.starts(f"e_{event.word}")
    await joko.hears("SETUJU")
    await budi.starts(f"e_{event.word}")
    for said in ("SETUJU", "8171011503809902", "BUDI PATTIASINA"):
        await budi.says(said)
    await office.settles()
    await rahmat.says("/acara")
    await rahmat.hears("1. Senin, 23 November 2026, 11.00 WIT, Balai Negeri, Negeri Latuhalat: 1 hadir")
    await rahmat.taps("1. Balai Negeri")
    shown = (await rahmat.hears(event.word)).text
    assert "Negeri Latuhalat: 1 hadir, 0 tidak bisa, 1 datang, 0 mendaftar (0 terkirim)" in shown
    assert "desa belum diketahui: 0 hadir, 0 tidak bisa, 1 datang, 1 mendaftar (0 terkirim)" in shown
    assert "Semua: 1 hadir, 0 tidak bisa, 2 datang, 1 mendaftar (0 terkirim)" in shown
    assert "Datang tanpa memberi izin: 1" in shown


async def test_poster_and_list_are_asked_for_by_choice_or_by_word(office: LiveOffice, rahmat: Villager) -> None:
    event = await planned(office)
    await rahmat.says(f"/acara {event.word}")
    await rahmat.taps("Poster")
    await rahmat.says(f"/acara {event.word} daftar")
    await rahmat.hears("Sebentar lagi datang")
    await rahmat.says(f"/acara {event.word} daftar")
    await rahmat.hears("Sedang dibuat.")
    wanted = office.rows("SELECT kind, subject_id FROM papers ORDER BY id")
    assert wanted == [("poster", event.id), ("event", event.id)]


async def test_the_poster_says_where_to_send_its_word(office: LiveOffice, rahmat: Villager) -> None:
    paper = event_papers.poster(await planned(office), office.office)
    assert paper.date_line == "Rabu, 25 November 2026, 10.00 WIT"
    assert paper.link == office.office.links["telegram"](f"e_{paper.word}")
    assert paper.word_hint == f"Atau kirim kata ini ke {paper.link.removeprefix('https://').partition('?')[0]}"
    alone = event_papers.poster(await planned(office), replace(office.office, links={}))
    assert (alone.link, alone.word_hint) == ("", "Atau kirim kata ini ke Disnaker Kota Ambon")


async def test_only_admins_see_events(office: LiveOffice, rahmat: Villager, dewi: Villager, sari: Villager) -> None:
    await planned(office)
    for person in (dewi, sari):
        await person.says("/acara")
        await office.settles()
        assert "Balai Negeri" not in person.last_heard


async def test_a_cancelled_event_is_told_to_all_who_were_invited_and_did_not_decline(
    office: LiveOffice, rahmat: Villager
) -> None:
    comes, declines, silent = await crowd_of(office, 3)
    event = await planned(office)
    await invited(office, event)
    # They joined too late to be invited.
    [later] = await crowd_of(office, 1, skip=50)
    await answers(office, event, {comes: Answer.COMES, declines: Answer.DECLINES})
    await rahmat.says(f"/acara {event.word} batal")
    await rahmat.hears("Ada 1 orang yang hadir")
    await rahmat.taps("Ya, batalkan")
    await rahmat.hears("Semua yang diundang diberi tahu")
    await rahmat.taps("Ya, batalkan")
    await office.broadcasts_go_on()
    assert await broadcasts_of(office, event, Kind.CANCELLATION) == [State.DONE]
    assert [len(heard(office, chat_id)) for chat_id in (comes, declines, silent, later)] == [2, 1, 2, 0]
    assert "Rabu, 25 November 2026 di Balai Negeri, Negeri Latuhalat tidak jadi" in heard(office, silent)[-1]
    await clock_at(office, event, time(17), days=-1)
    assert await broadcasts_of(office, event, Kind.REMINDER) == []


async def test_what_is_still_on_its_way_stops_with_the_event(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 3)
    event = await planned(office)
    await office.later(hours=1)
    invitation = await invited(office, event)
    owner = await admin_id(office)

    def a_second_one(tx: Tx) -> int:
        return tx.broadcasts.draft(owner, kind=Kind.INVITATION, event_id=event.id).id

    second = await office.store.transact(a_second_one)
    await rahmat.says(f"/acara {event.word} batalkan")
    await rahmat.taps("Ya, batalkan")
    await rahmat.hears("dibatalkan")
    assert (await now(office, invitation.id)).state is State.DONE
    ended = await now(office, second)
    assert (ended.state, ended.code) == (State.STOPPED, "event_cancelled")


async def test_a_moved_event_is_told_after_the_admin_has_seen_the_words(office: LiveOffice, rahmat: Villager) -> None:
    comes, declines = await crowd_of(office, 2)
    event = await planned(office)
    await invited(office, event)
    await answers(office, event, {comes: Answer.COMES, declines: Answer.DECLINES})
    await rahmat.says(f"/acara {event.word}")
    await rahmat.taps("Ubah waktu atau tempat")
    await rahmat.hears("tanggal dan jam yang baru")
    await rahmat.says("besok")
    await rahmat.hears("Jamnya belum ada")
    await rahmat.says("Kamis 26 November jam 3 sore")
    await rahmat.hears("tempat yang baru")
    await rahmat.says("Gereja Imanuel, Passo")
    shown = await rahmat.hears("Kirim ini")
    assert "Bapak/Ibu, acaranya berubah." in shown.text
    assert "Tempat: Gereja Imanuel, Negeri Passo" in shown.text
    await rahmat.taps("Ya, kirim")
    await rahmat.hears("diberi tahu")
    await office.broadcasts_go_on()
    assert "Hari: Kamis, 26 November 2026, 15.00 WIT" in heard(office, comes)[-1]
    assert "Balas HADIR atau TIDAK BISA" in heard(office, comes)[-1]
    assert len(heard(office, declines)) == 1
    await clock_at(office, event, time(16, 1), days=0)
    assert await broadcasts_of(office, event, Kind.REMINDER) == [State.DONE], "the day before its new day"


async def test_a_change_may_be_kept_from_people_or_not_made_at_all(office: LiveOffice, rahmat: Villager) -> None:
    [chat_id] = await crowd_of(office, 1)
    event = await planned(office)
    await invited(office, event)
    await rahmat.says(f"/acara {event.word} ubah")
    await rahmat.says("TETAP")
    await rahmat.says("TETAP")
    await rahmat.hears("Tidak ada yang diubah")
    await rahmat.says(f"/acara {event.word} ubah")
    await rahmat.says("BATAL")
    await rahmat.hears("Tidak ada yang diubah")
    await rahmat.says(f"/acara {event.word} ubah")
    await rahmat.says("TETAP")
    await rahmat.says("Pasar Mardika")
    await rahmat.hears("Kirim ini")
    await rahmat.taps("Tidak, jangan kirim")
    await rahmat.hears("Tidak ada yang diberi tahu")
    await office.broadcasts_go_on()
    assert len(heard(office, chat_id)) == 1
    changed = await office.read(lambda tx: tx.events.get(event.id))
    assert changed is not None
    assert (changed.place, changed.starts_at) == ("Pasar Mardika", event.starts_at)


async def test_a_reminder_under_way_to_an_event_that_moves_ends(office: LiveOffice, rahmat: Villager) -> None:
    [chat_id] = await crowd_of(office, 1)
    event = await planned(office, days=1)
    await invited(office, event)
    await answers(office, event, {chat_id: Answer.COMES})

    async def at_four() -> None:
        office.clock.moves(timedelta(hours=7, minutes=5))
        await office.store.transact(_reminded, office)

    await at_four()
    await rahmat.says(f"/acara {event.word} ubah")
    await rahmat.says("25-11-2026 10.00")
    await rahmat.says("TETAP")
    await rahmat.hears("Acara sudah diubah")
    assert await broadcasts_of(office, event, Kind.REMINDER) == [State.STOPPED]
    await office.broadcasts_go_on()
    assert len(heard(office, chat_id)) == 1


def _reminded(tx: Tx, office: LiveOffice) -> None:
    assert due_events.remind(tx, office.office)


@pytest.mark.given(quiet_hours="20:00-07:00")
async def test_who_cancels_at_night_is_told_that_nobody_hears_it_in_time(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 1)
    event = await planned(office, days=1, at=time(6, 30))
    await invited(office, event)
    await clock_at(office, event, time(21), days=-1)
    await rahmat.says(f"/acara {event.word} batal")
    await rahmat.taps("Ya, batalkan")
    await rahmat.hears("mohon telepon")


async def test_what_has_begun_is_not_changed_any_more(office: LiveOffice, rahmat: Villager) -> None:
    event = await planned(office, days=0, at=time(10))
    await rahmat.says(f"/acara {event.word} ubah")
    await rahmat.hears("tanggal dan jam yang baru")
    await clock_at(office, event, time(10, 5))
    await rahmat.says(f"/acara {event.word} batal")
    await rahmat.hears("sudah mulai")
    await rahmat.says("/acara AAA22" if event.word != "AAA22" else "/acara AAA23")
    await rahmat.hears("Tidak ada acara dengan kata ini")


async def test_nobody_hangs_the_poster_of_a_cancelled_event(office: LiveOffice, rahmat: Villager) -> None:
    event = await planned(office)
    await rahmat.says(f"/acara {event.word} batal")
    await rahmat.taps("Ya, batalkan")
    await rahmat.says(f"/acara {event.word} poster")
    await rahmat.hears("sudah dibatalkan")
    assert office.rows("SELECT kind FROM papers") == []
