"""Answering by number where nothing can be pressed: what a number picks, and whose free answer it never takes.

The store is real, on both databases where rows are concerned. Not for: how a network shows choices (test_channels.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conversation.fold import Fold, folded, folds_of, numbered, typed_number
from conversation.messages import Choice, Edit, Message
from domain.address import Address
from domain.broadcast import Broadcast, Content, Counts, State
from domain.broadcast import Kind as Sent
from domain.limits import Limits
from domain.officer import Role
from domain.registration import Actor, Status
from domain.rules import Rules
from domain.topic import ALL_TOPICS
from handlers import broadcast_bar, due, due_broadcasts
from storage.store import Tx
from tests.office_desk import BARE, BUDI, OfficeDesk, Someone, database, engine_for

SARI = Address("test", "lindung", "sari")
FOLD = Fold(most=3, hint="Balas dengan nomornya.")
FRUIT = tuple(Choice(name, f"x:{name}") for name in ("pala", "cengkih", "kenari", "langsat"))


@pytest.fixture(params=["sqlite", "postgres"])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        async for desk in _opened(url, tmp_path):
            yield desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database("sqlite", tmp_path) as url:
        async for desk in _opened(url, tmp_path):
            yield desk


async def _opened(url: str, folder: Path) -> AsyncIterator[OfficeDesk]:
    desk = OfficeDesk(engine_for(url), folder / "media", Rules(messages_per_minute=10_000, approval_above=0))
    desk.moves_to(BARE)
    await desk.store.open()
    yield desk
    await desk.store.close()


async def dewi_of(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    return dewi


# What is written out


def test_more_choices_than_fit_stand_in_the_text_with_their_numbers() -> None:
    out = folded(Message("Pilih satu.", FRUIT, stacked=True), FOLD)
    assert out.text == "Pilih satu.\n1. pala\n2. cengkih\n3. kenari\n4. langsat\n\nBalas dengan nomornya."
    assert out.choices == ()


def test_as_many_as_fit_are_left_alone() -> None:
    message = Message("Pilih satu.", FRUIT[:3])
    assert folded(message, FOLD) is message


def test_what_is_numbered_in_the_text_already_is_not_said_twice() -> None:
    text = "Pilih satu.\n1. pala\n2. cengkih\n3. kenari\n4. langsat"
    assert folded(Message(text, FRUIT), FOLD).text == f"{text}\n\nBalas dengan nomornya."


def test_a_label_with_a_number_of_its_own_keeps_it() -> None:
    choices = (*(Choice(f"{n}. Alasan", f"r:{n}") for n in (1, 2, 3)), Choice("Selesai", "r:done"))
    ticked = (Choice("✓ 1. Alasan", "r:1"), *choices[1:])
    assert [choice.data for choice in numbered(ticked).values()] == ["r:1", "r:2", "r:3", "r:done"]
    assert folded(Message("Mengapa?", ticked), FOLD).text.split("\n")[1:5] == [
        "✓ 1. Alasan",
        "2. Alasan",
        "3. Alasan",
        "4. Selesai",
    ]


def test_a_choice_with_a_number_of_its_own_leaves_its_place_to_nobody_else() -> None:
    choices = (Choice("Siaran 3", "b:3", number=3), Choice("Siaran 2", "b:2", number=2), Choice("Baru", "b:new"))
    assert {number: choice.data for number, choice in numbered(choices).items()} == {3: "b:3", 2: "b:2", 4: "b:new"}


@pytest.mark.parametrize("text", ["2", " 2 ", "2.", "2)", "no 2", "No. 2", "nomor 2", "pilih 2", "2️⃣", "angka 2!"])
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert typed_number(text) == 2


@pytest.mark.parametrize("text", ["", "0", "02", "123", "2 orang", "1, 2", "1 2", "RT 2", "dua", "2x", "-2", "2/3"])
def test_whatever_is_more_than_a_number_is_none(text: str) -> None:
    assert typed_number(text) is None


def test_networks_that_show_every_choice_fold_none() -> None:
    assert list(folds_of({"telegram": Limits(choices=100), "plain": BARE}, lambda text, **_: text)) == ["plain"]  # type: ignore[arg-type]


# What is kept


async def _put(desk: OfficeDesk, *outs: Message | Edit, aside: bool = False) -> int:
    def unit(tx: Tx) -> int:
        person = tx.people.arrive(SARI)[0]
        return [tx.outbox.put(person, out, aside=aside) for out in outs][-1]

    return await desk.store.transact(unit)


async def _picks(desk: OfficeDesk) -> dict[int, str]:
    def unit(tx: Tx) -> dict[int, str]:
        offer = tx.offers.of(tx.people.arrive(SARI)[0].id)
        return dict(offer.picks) if offer is not None else {}

    return await desk.store.transact(unit)


async def test_the_newest_choices_count_until_something_else_is_said(both: OfficeDesk) -> None:
    await _put(both, Message("Pilih.", FRUIT))
    assert (await _picks(both))[4] == "x:langsat"
    first = await _put(both, Message("Pilih lagi.", FRUIT[:2]))
    assert await _picks(both) == {1: "x:pala", 2: "x:cengkih"}
    await _put(both, Edit(first + 1), Message("Sebentar.", ()), aside=True)
    assert len(await _picks(both)) == 2
    await _put(both, Edit(first))
    assert await _picks(both) == {}
    await _put(both, Message("Pilih.", FRUIT), Message("Terima kasih."))
    assert await _picks(both) == {}


async def test_choices_that_a_network_can_change_later_change_the_offer(both: OfficeDesk) -> None:
    both.moves_to(replace(BARE, edits=True))
    first = await _put(both, Message("Pilih.", FRUIT))
    await _put(both, Edit(first, choices=FRUIT[2:]))
    assert await _picks(both) == {1: "x:kenari", 2: "x:langsat"}
    both.moves_to(BARE)
    await _put(both, Edit(first, choices=FRUIT[:1]))
    assert await _picks(both) == {1: "x:kenari", 2: "x:langsat"}


async def test_a_long_list_is_cut_at_line_ends_and_answered_by_number(both: OfficeDesk) -> None:
    sari = both.someone("Sari")
    many = tuple(Choice(f"Desa {n} " + "x" * 50, f"x:{n}") for n in range(1, 100))
    with both.speaking(sari):
        await _put(both, Message("Desa mana?", many))
        await both.deliver()
    pages = sari.chat.ever
    assert len(pages) == 2
    assert all(len(page) <= 3500 for page in pages)
    assert "\n".join(pages).count("Desa ") == 100
    assert pages[-1].endswith("Balas dengan nomornya. Contoh: 2")
    assert (await _picks(both))[99] == "x:99"


async def test_nothing_is_kept_where_people_press(both: OfficeDesk) -> None:
    both.moves_to(Limits())
    sari = both.someone("Sari")
    with both.speaking(sari):
        await _put(both, Message("Pilih.", FRUIT * 10))
        await both.deliver()
    assert sari.chat.ever == ["Pilih."]
    assert len(sari.chat.shown[-1].choices) == 40
    assert await _picks(both) == {}


async def test_what_is_said_at_another_network_ends_the_offer_at_this_one(both: OfficeDesk) -> None:
    await _put(both, Message("Pilih.", FRUIT))

    def elsewhere(tx: Tx) -> None:
        person = tx.people.arrive(SARI)[0]
        tx.outbox.put(replace(person, address=Address("pressing", "lindung", "sari-2")), Message("Pilih.", FRUIT))

    await both.store.transact(elsewhere)
    assert await _picks(both) == {}


async def test_of_who_never_agreed_nothing_offered_is_kept_once_the_talk_is_over(both: OfficeDesk) -> None:
    sari, joko = both.someone("Sari"), both.someone("Joko")
    await both.registers(sari)
    await sari.says("apa lagi")
    await joko.says("halo")

    async def offered() -> list[bool]:
        return await both.store.transact(
            lambda tx: [tx.offers.of(tx.people.arrive(one.address)[0].id) is not None for one in (sari, joko)]
        )

    def is_over(tx: Tx) -> None:
        tx.people.end_progress(tx.people.arrive(joko.address)[0].id)

    await both.passes(minutes=2)
    await both.store.transact(due.forget, both.office)
    assert await offered() == [True, True]
    await both.store.transact(is_over)
    await both.store.transact(due.forget, both.office)
    assert await offered() == [True, False]


# A worker


async def test_a_fisher_agrees_and_answers_what_was_asked_back_by_number(both: OfficeDesk) -> None:
    sari = both.someone("Sari")
    await sari.says("halo")
    assert "Silakan ketik **nomor KTP" in await sari.says("1")
    await sari.says("8171014403859901")
    assert "Kami tulis **Tara**" in await sari.says("Tara")
    assert "lahir" in await sari.says("1")


async def test_refusing_by_number_is_refusing(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await sari.says("halo")
    assert "Data tidak kami simpan" in await sari.says("2")


async def test_a_number_stays_an_answer_where_numbers_or_any_words_are_asked_for(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await sari.says("halo")
    await sari.says("SETUJU")
    assert "ada 1 angka" in await sari.says("1")
    await sari.says("8171014403859901")

    def notice(tx: Tx) -> None:
        tx.outbox.put(tx.people.arrive(SARI)[0], Message("Undangan sosialisasi.", FRUIT), lane=1)

    await desk.store.transact(notice)
    assert "Nama hanya berisi huruf" in await sari.says("1")


async def test_a_numbered_question_is_answered_in_any_spelling_of_the_number(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    for said in ("halo", "SETUJU", "8171014403859901", "SARNI TUHUMURY", "Ambon", "Latuhalat", "TIDAK ADA"):
        await sari.says(said)
    assert "1. Nelayan" in sari.last
    assert "**Di mana** Bapak/Ibu bekerja" in await sari.says("no. 1")


async def test_a_number_picks_nothing_once_something_else_was_said(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await desk.registers(sari)
    await sari.says("apa lagi")
    assert len(sari.chat.shown[-1].choices) == 3
    assert "AMB-" in await sari.says("1")
    assert "AMB-" not in await sari.says("1")


async def test_a_number_outside_what_was_offered_gets_the_usual_answer(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await desk.registers(sari)
    first = await sari.says("apa lagi")
    assert await sari.says("9") == first


async def test_an_old_choice_of_a_form_that_is_over_is_told_kindly(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await sari.says("halo")

    def over(tx: Tx) -> None:
        tx.people.end_progress(tx.people.arrive(sari.address)[0].id)

    await desk.store.transact(over)
    assert "Sudah dijawab" in await sari.says("1")


async def test_a_number_is_not_about_what_could_not_be_shown_yet(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await desk.registers(sari)

    def waits(tx: Tx) -> None:
        person = tx.people.arrive(sari.address)[0]
        tx.outbox.put(person, Message("Mau lihat status?", (Choice("Ya", "w:status"),)))
        tx.people.mark_unreachable(person.id, True)
        tx.outbox.hold(person.id, "blocked")

    await desk.store.transact(waits)
    heard = await sari.says("1")
    assert "Mau lihat status?" in heard
    assert "AMB-" not in heard


async def test_where_people_press_a_number_is_a_text_like_any_other(desk: OfficeDesk) -> None:
    desk.moves_to(Limits())
    sari = desk.someone("Sari")
    await sari.says("halo")
    assert "nomor KTP" not in (await sari.says("1")).split("Bolehkah")[0]
    assert "Silakan ketik **nomor KTP" not in sari.last


async def test_joko_picks_nothing_by_numbers_that_was_not_offered_to_him(desk: OfficeDesk) -> None:
    sari, joko, dewi = desk.someone("Sari"), desk.someone("Joko"), await dewi_of(desk)
    case = await desk.registers(sari)
    await dewi.says("AMBIL")
    for said in ("halo", "2", "1", "2", "3"):
        assert str(case.receipt) not in await joko.says(said)


# An officer


async def test_an_officer_works_through_a_case_by_numbers(both: OfficeDesk) -> None:
    sari, dewi = both.someone("Sari"), await dewi_of(both)
    case = await both.registers(sari)
    await dewi.says("MENU")
    assert f"Kasus **{case.receipt}**" in await dewi.says("2")
    assert [choice.label for choice in dewi.chat.shown[-1].choices][2] == "Perbaiki"
    heard = await dewi.says("3")
    assert "12. Selesai\n13. Batal" in heard
    assert "Tulis catatan" in await dewi.says("1")
    assert "Pekerja dikabari" in await dewi.says("1")
    await both.passes(minutes=2)
    assert await both.status(case) is Status.NEEDS_CORRECTION


async def test_several_reasons_are_typed_at_once_and_the_last_line_stops(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), await dewi_of(desk)
    case = await desk.registers(sari)
    await dewi.says("AMBIL")
    await dewi.says(f"PERBAIKI {case.receipt}")
    assert "Pilih paling sedikit satu" in await dewi.says("12")
    assert "Belum ada keputusan" in await dewi.says("13")
    await dewi.says(f"perbaiki {case.receipt}")
    heard = await dewi.says("1, 4")
    assert "buram" in heard
    assert "Nama tidak sama" in heard


async def test_a_word_in_passing_leaves_the_choices_open(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), await dewi_of(desk)
    await desk.registers(sari)
    await dewi.says("AMBIL")
    assert "Lihat KTP dulu" in await dewi.says("2")
    assert "Apa yang perlu diperbaiki" in await dewi.says("3")


async def test_a_note_is_not_taken_for_a_choice_of_a_notice_that_came_between(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), await dewi_of(desk)
    case = await desk.registers(sari)
    await dewi.says("AMBIL")
    await dewi.says(f"TOLAK {case.receipt}")
    await dewi.says("3")

    def notice(tx: Tx) -> None:
        tx.outbox.put(tx.people.arrive(dewi.address)[0], Message("Ada 2 pendaftaran.", FRUIT), lane=1)

    await desk.store.transact(notice)
    assert "Pekerja dikabari" in await dewi.says("2")
    notes = await desk.store.transact(lambda tx: tx.queue.pending(case.id))
    assert notes is not None
    assert notes.note == "2"


async def test_an_answer_to_a_worker_may_be_a_number(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), await dewi_of(desk)
    await desk.registers(sari)

    def asks(tx: Tx) -> int:
        return tx.enquiries.ask(tx.people.arrive(sari.address)[0], area=None, text="Berapa hari lagi?")

    await desk.store.transact(asks)
    await dewi.says("PERTANYAAN")
    assert "Tulis jawaban" in await dewi.says("1")
    await dewi.says("3")
    assert "Jawaban dari Disnaker Kota Ambon:\n3" in sari.screen


async def test_somebody_who_was_faster_is_named_in_an_answer_where_a_tap_shows_no_words(desk: OfficeDesk) -> None:
    sari, dewi, rahmat = desk.someone("Sari"), await dewi_of(desk), desk.someone("Rahmat")
    await rahmat.joins()
    await desk.registers(sari)
    await dewi.says("AMBIL")
    old = dewi.data_of("Tolak")
    before = len(rahmat.chat.ever)
    await rahmat.sends_tap(old)
    assert "Petugas Dewi sedang memeriksa" in rahmat.chat.ever[before]
    desk.moves_to(replace(BARE, toasts=True))
    before = len(rahmat.chat.ever)
    assert "Petugas Dewi sedang memeriksa" in await rahmat.sends_tap(old)
    assert rahmat.chat.ever[before:] == []


# An admin


async def _prepared(desk: OfficeDesk, rahmat: Someone) -> Broadcast:
    """A broadcast to Sari alone, whose card Rahmat sees."""
    sari = desk.someone("Sari")
    await desk.registers(sari)
    owner = await rahmat.officer_id()

    def unit(tx: Tx) -> int:
        tx.people.set_notices(tx.people.arrive(sari.address)[0].id, ALL_TOPICS)
        draft = tx.broadcasts.draft(owner, kind=Sent.ANNOUNCEMENT, content=Content("Besok kantor tutup."))
        tx.broadcasts.begin_scan(draft.id)
        return tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=owner).id

    number = await desk.store.transact(unit)
    while await desk.store.transact(due_broadcasts.advance, desk.office):
        pass
    await desk.deliver()
    found = await desk.store.transact(lambda tx: tx.broadcasts.get(number))
    assert found is not None
    return found


async def test_the_number_of_people_typed_to_confirm_a_broadcast_stays_a_number(desk: OfficeDesk) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    broadcast = await _prepared(desk, rahmat)
    assert broadcast.counts.total == 1
    assert "ketik jumlah" in (await rahmat.says("1")).lower()
    assert [choice.label for choice in rahmat.chat.shown[-1].choices] == ["Jangan dulu"]
    await rahmat.says("1")
    found = await desk.store.transact(lambda tx: tx.broadcasts.get(broadcast.id))
    assert found is not None
    assert found.state is State.SCHEDULED


async def test_an_admin_opens_a_broadcast_by_its_number_and_not_by_its_place(desk: OfficeDesk) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    for _ in range(2):
        await _prepared(desk, rahmat)
    await rahmat.says("MENU")
    assert "1." in await rahmat.says("4")
    assert "Siaran 1" in await rahmat.says("1")


async def test_areas_are_chosen_by_number_and_shown_anew(both: OfficeDesk) -> None:
    rahmat = both.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    await rahmat.says("UNDANG petugas")
    assert "Dipilih: Kec. Nusaniwe." in await rahmat.says("2")
    assert "Dipilih: Kec. Nusaniwe, Kec. Sirimau." in await rahmat.says("3")
    assert "Undangan untuk petugas, Kec. Nusaniwe, Kec. Sirimau" in await rahmat.says("7")


# What cannot be changed or taken back


async def _bars(desk: OfficeDesk, limits: Limits) -> list[str]:
    """What an admin is shown while a broadcast to 40 people goes out, one by one, every six seconds."""
    desk.moves_to(limits)
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    broadcast = await _prepared(desk, rahmat)

    def begins(tx: Tx) -> Broadcast:
        found = tx.broadcasts.get(broadcast.id, lock=True)
        assert found is not None
        ready = tx.broadcasts.move(found, State.SCHEDULED, by=Actor.ADMIN)
        running = tx.broadcasts.move(ready, State.RUNNING, by=Actor.SYSTEM)
        tx.broadcasts.count(running.id, {"lined": 1})
        broadcast_bar.show(tx, running, desk.office, anew=True)
        return running

    await desk.store.transact(begins)
    await desk.deliver()
    before = len(rahmat.chat.ever)

    def goes_on(tx: Tx, over: int) -> None:
        found = tx.broadcasts.get(broadcast.id, lock=True)
        assert found is not None
        found = replace(found, counts=Counts(total=40, sent=over, lined=40))
        if broadcast_bar.is_due(tx, found, desk.office):
            broadcast_bar.show(tx, found, desk.office)

    for over in range(1, 40):
        desk.now += timedelta(seconds=6)
        await desk.store.transact(goes_on, over)
        await desk.deliver()
    return [text.split("▓")[-1].split("░")[-1].split("%")[0].strip() for text in rahmat.chat.ever[before:]]


async def test_a_bar_that_cannot_be_written_again_comes_anew_at_each_quarter_only(desk: OfficeDesk) -> None:
    assert await _bars(desk, BARE) == ["25", "50", "75"]


async def test_a_bar_that_can_be_written_again_stays_one_message(desk: OfficeDesk) -> None:
    assert await _bars(desk, Limits()) == []


async def test_an_officer_is_asked_to_delete_a_nik_that_cannot_be_taken_back(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), await dewi_of(desk)
    await desk.registers(sari, BUDI)
    heard = await dewi.says(f"CARI {BUDI['nik']}")
    assert heard.count("hapus sendiri untuk semua orang") == 1
    assert "BUDI PATTIASINA" in heard
    await desk.passes(hours=1)
    assert dewi.chat.taken_back == []
