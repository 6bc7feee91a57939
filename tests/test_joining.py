"""A worker goes on at another network: proved on both sides, told to the chat from before, and undone within a day.

Sari's old phone is at the network "test", her new one at "radio"; Joko has a phone at each.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conversation.late import late
from conversation.messages import Incoming, Kind, Message
from domain.officer import Role
from domain.registration import Registration, Status
from domain.rules import Rules
from domain.topic import ALL_TOPICS
from handlers import joining
from handlers.router import handle
from storage.engine import Row
from storage.statement import Statement
from storage.store import Tx
from tests.office_desk import BUDI, OfficeDesk, Someone, at_once, database, engine_for

BORN = "04-03-1985"
NEITHER = "Datanya belum cocok, atau kodenya sudah habis waktunya."
ADDRESSES = Statement("SELECT * FROM addresses ORDER BY id")


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        links = {
            "test": lambda code="": f"https://old.test/?start={code}",
            "radio": lambda code="": f"https://new.test/?start={code}",
        }
        desk.office = replace(desk.office, links=links)
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
def sari(desk: OfficeDesk) -> Someone:
    return desk.someone("Sari")


@pytest.fixture
def new(desk: OfficeDesk) -> Someone:
    """Sari's other phone."""
    return desk.someone("Sari-baru", channel="radio", number="6281234500001")


@pytest.fixture
def joko(desk: OfficeDesk) -> Someone:
    return desk.someone("Joko", channel="radio")


@pytest.fixture
async def case(desk: OfficeDesk, sari: Someone) -> Registration:
    return await desk.registers(sari)


async def code_of(who: Someone) -> str:
    found = re.search(r"\*\*SAMBUNG ([A-Z2-9]{10})\*\*", await who.says("SAMBUNG"))
    assert found, who.last
    return found[1]


async def proves(who: Someone, code: str, receipt: str, born: str = BORN) -> str:
    """What is heard after both answers."""
    await who.says(f"SAMBUNG {code}")
    await who.says(receipt)
    return await who.says(born)


async def joins(old: Someone, new: Someone, case: Registration, *, how: str = "1") -> str:
    assert "Sudah cocok" in await proves(new, await code_of(old), str(case.receipt))
    return await new.says(how)


async def rows(desk: OfficeDesk, table: str) -> list[Row]:
    return await desk.store.engine.read(lambda db: db.all(Statement(f"SELECT * FROM {table} ORDER BY 1")))  # noqa: S608


async def a_day_passes(desk: OfficeDesk) -> None:
    await desk.passes(hours=24, minutes=1)
    await desk.store.transact(joining.settle, desk.office)
    await desk.deliver()


async def tells(desk: OfficeDesk, case: Registration, text: str) -> None:
    """Something is written to whoever the registration is of."""

    def unit(tx: Tx) -> None:
        person = tx.people.get(case.address_id)
        assert person is not None
        tx.outbox.put(person, Message(text, late=late("news_for_you")))

    await desk.store.transact(unit)
    await desk.deliver()


# It works


async def test_the_code_names_the_ways_to_the_other_networks(desk: OfficeDesk, sari: Someone, case: object) -> None:
    code = await code_of(sari)
    assert f"https://new.test/?start={code}" in sari.last
    assert "old.test" not in sari.last
    commands, _, office = (await sari.says("BANTUAN")).partition("\n\n")
    assert "SAMBUNG" in commands
    assert office.startswith("Kantor: ")


async def test_sari_goes_on_in_the_new_chat_and_hears_news_there(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    heard = await joins(sari, new, case)
    assert "Sudah tersambung" in heard
    assert str(case.receipt) in heard
    assert "dipakai juga dari percakapan lain" in sari.last
    assert "6281234500001" not in sari.screen
    await tells(desk, case, "Kabar baik")
    assert new.last == "Kabar baik"
    assert "Kabar baik" not in sari.screen
    assert str(case.receipt) in await sari.says("STATUS")
    await tells(desk, case, "Kabar kedua")
    assert sari.last == "Kabar kedua"


async def test_a_link_brings_the_code_along(desk: OfficeDesk, sari: Someone, new: Someone, case: Registration) -> None:
    assert "nomor daftar" in await new.says(f"/start {await code_of(sari)}")
    await new.says(str(case.receipt).lower().replace("-", " "))
    assert "Sudah cocok" in await new.says("4 Maret 1985")


async def test_a_form_goes_on_at_the_same_question_with_all_its_answers(
    desk: OfficeDesk, sari: Someone, new: Someone
) -> None:
    for said in ("DAFTAR", "SETUJU", "8171014403859901", "SARNI TUHUMURY"):
        await sari.says(said)
    code = await code_of(sari)
    assert "tanggal lahir" in await new.says(f"SAMBUNG {code}")
    assert "Sudah cocok" in await new.says(BORN)
    heard = await new.says("1")
    assert "lahir" in heard
    await new.says("Ambon")
    assert "SARNI TUHUMURY" in (await new.says("DATA SAYA")).upper()
    assert len(await rows(desk, "registrations")) == 1


async def test_a_draft_without_a_birth_date_needs_the_code_alone(desk: OfficeDesk, sari: Someone, new: Someone) -> None:
    for said in ("DAFTAR", "SETUJU"):
        await sari.says(said)
    assert "Sudah cocok" in await new.says(f"SAMBUNG {await code_of(sari)}")
    assert "nomor KTP" in await new.says("2")


async def test_the_number_of_the_new_account_leads_to_her_too(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await joins(sari, new, case)
    by_number = desk.someone("6281234500001", channel="radio", number="6281234500001")
    assert str(case.receipt) in await by_number.says("STATUS")


async def test_an_officer_sees_in_the_history_that_another_chat_is_connected(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    dewi = desk.someone("Dewi")
    await dewi.joins(Role.OFFICER)
    await joins(sari, new, case)
    await sari.says("BATALKAN SAMBUNGAN")
    history = await dewi.says(f"/riwayat {case.receipt}")
    assert "Pekerja lanjut juga di percakapan lain" in history
    assert "Pekerja membatalkan sambungan" in history


async def test_who_was_at_the_new_chat_is_told_of_nothing_as_somebody_else(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await desk.store.transact(_wants_news, new)
    await desk.store.transact(_wants_news, sari)
    await joins(sari, new, case)
    told = [row for row in await rows(desk, "addresses") if row["notices"] is not None]
    assert [row["id"] for row in told] == [case.address_id], "a broadcast would reach her twice"


def _wants_news(tx: Tx, who: Someone) -> None:
    person, _ = tx.people.arrive(who.address)
    tx.people.keep(person)
    tx.people.set_notices(person.id, ALL_TOPICS)


async def test_what_waited_for_a_word_is_the_answer_in_the_other_chat_too(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await joins(sari, new, case, how="2")

    def unit(tx: Tx) -> None:
        person = tx.people.get(case.address_id)
        assert person is not None
        row = tx.outbox.put(person, Message("Kabar", late=late("news_for_you")))
        tx.outbox.shut(row, person.id, "knocked")

    await desk.store.transact(unit)
    assert await sari.says("LIHAT") == "Kabar"
    assert "AMB-" in await sari.says("LIHAT")


# It tells nothing


@pytest.mark.parametrize(
    ("receipt", "born"), [("AMB-0000-0000", BORN), ("{receipt}", "05-03-1985"), ("12345678", "01-01-1970")]
)
async def test_whatever_was_wrong_the_same_is_said(
    desk: OfficeDesk, sari: Someone, joko: Someone, case: Registration, receipt: str, born: str
) -> None:
    heard = await proves(joko, await code_of(sari), receipt.format(receipt=case.receipt), born)
    assert heard.startswith(NEITHER)
    for secret in (str(case.receipt), "SARNI", "Tuhumury", "8171"):
        assert secret not in joko.screen


async def test_a_code_that_is_none_is_asked_about_as_any_other(joko: Someone, case: Registration) -> None:
    assert "nomor daftar" in await joko.says("SAMBUNG ABCDEFGHJK")
    await joko.says(str(case.receipt))
    assert (await joko.says(BORN)).startswith(NEITHER)
    assert "Belum ada pendaftaran" in await joko.says("STATUS")


async def test_a_code_is_over_after_a_quarter_of_an_hour(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    code = await code_of(sari)
    await desk.passes(minutes=16)
    assert (await proves(new, code, str(case.receipt))).startswith(NEITHER)


async def test_a_newer_code_closes_the_older_one(sari: Someone, new: Someone, case: Registration) -> None:
    code, newer = await code_of(sari), await code_of(sari)
    assert (await proves(new, code, str(case.receipt))).startswith(NEITHER)
    assert "Sudah cocok" in await proves(new, newer, str(case.receipt))


async def test_after_three_tries_the_code_is_closed(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    code = await code_of(sari)
    for _ in range(3):
        assert (await proves(new, code, str(case.receipt), "01-01-1970")).startswith(NEITHER)
    assert (await proves(new, code, str(case.receipt))).startswith(NEITHER)


async def test_five_tries_a_day_are_all_from_one_address(
    desk: OfficeDesk, sari: Someone, joko: Someone, case: Registration
) -> None:
    for n in range(4):
        assert (await proves(joko, f"ABCDEFGHJ{'KLMN'[n]}", str(case.receipt))).startswith(NEITHER)
    code = await code_of(sari)
    assert "sudah banyak dicoba" in await proves(joko, code, str(case.receipt), "01-01-1970")
    assert "sudah banyak dicoba" in await proves(joko, code, str(case.receipt))
    other = desk.someone("Sari-lain", channel="radio")
    assert (await proves(other, code, str(case.receipt))).startswith(NEITHER), "the code is closed as well"
    await desk.passes(hours=25)
    assert "Sudah cocok" in await proves(joko, await code_of(sari), str(case.receipt))


async def test_a_code_works_once(
    desk: OfficeDesk, sari: Someone, new: Someone, joko: Someone, case: Registration
) -> None:
    code = await code_of(sari)
    await proves(new, code, str(case.receipt))
    await new.says("1")
    assert (await proves(joko, code, str(case.receipt))).startswith(NEITHER)
    assert str(case.receipt) not in await joko.says("STATUS")


async def test_the_answers_may_be_stopped(sari: Someone, new: Someone, case: Registration) -> None:
    code = await code_of(sari)
    await new.says(f"SAMBUNG {code}")
    assert "Tidak ada yang disambung" in await new.says("BATAL")
    await proves(new, code, str(case.receipt))
    assert "Tidak ada yang disambung" in await new.says("BATAL")
    assert "Sudah cocok" in await proves(new, code, str(case.receipt))


# Who may not


async def test_officers_connect_no_chats_at_either_end(
    desk: OfficeDesk, sari: Someone, case: Registration, joko: Someone
) -> None:
    dewi = desk.someone("Dewi", channel="radio")
    await dewi.joins(Role.OFFICER)
    assert "undangan baru" in await dewi.says(f"SAMBUNG {await code_of(sari)}")
    assert "undangan baru" in await dewi.says("SAMBUNG")


async def test_who_has_nothing_here_takes_nothing_along(joko: Someone) -> None:
    assert "Belum ada pendaftaran" in await joko.says("SAMBUNG")


async def test_a_chat_with_a_registration_of_its_own_stays_what_it_is(
    desk: OfficeDesk, sari: Someone, case: Registration
) -> None:
    budi = desk.someone("Budi", channel="radio")
    own = await desk.registers(budi, BUDI)
    code = await code_of(sari)
    assert "sudah ada pendaftaran sendiri" in await budi.says(f"SAMBUNG {code}")
    await desk.withdraws(own)
    assert "Sudah cocok" in await proves(budi, code, str(case.receipt))


async def test_the_code_sent_in_its_own_chat_is_pointed_to_the_other(sari: Someone, case: Registration) -> None:
    assert "percakapan yang lain" in await sari.says(f"SAMBUNG {await code_of(sari)}")


# Undone


async def test_undone_everything_is_as_before(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await desk.store.transact(_wants_news, new)
    moving = {"last_in_at", "window_at", "messages", "joins", "join_window_at", "sealed", "created_at"}
    before = {row["id"]: row for row in await rows(desk, "addresses")}
    aliases = [(row["address_digest"], row["account_digest"]) for row in await rows(desk, "aliases")]
    await joins(sari, new, case, how="2")
    assert "Sambungan sudah dibatalkan" in await sari.says("BATALKAN SAMBUNGAN")
    assert "Sambungan sudah dibatalkan dari percakapan lama" in new.last
    after = {row["id"]: row for row in await rows(desk, "addresses")}
    assert set(before) == set(after)
    for row_id, row in before.items():
        assert {key: value for key, value in row.items() if key not in moving} == {
            key: value for key, value in after[row_id].items() if key not in moving
        }
        assert (row["sealed"] is None) == (after[row_id]["sealed"] is None)
    kept = [(row["address_digest"], row["account_digest"]) for row in await rows(desk, "aliases")]
    assert set(aliases) <= set(kept)
    assert str(case.receipt) not in await new.says("STATUS")
    assert str(case.receipt) in await sari.says("STATUS")
    await tells(desk, case, "Kabar baik")
    assert sari.last == "Kabar baik"


async def test_the_choice_under_the_news_undoes_it(
    desk: OfficeDesk, sari: Someone, joko: Someone, case: Registration
) -> None:
    await joins(sari, joko, case)
    await tells(desk, case, "Untuk Sari saja")
    await sari.taps("Batalkan sambungan")
    assert "Sambungan sudah dibatalkan" in sari.last
    await tells(desk, case, "Rahasia")
    assert "Rahasia" not in joko.screen
    assert str(case.receipt) not in await joko.says("DATA SAYA")


async def test_what_still_waits_for_the_new_chat_comes_to_the_old_one_again(
    desk: OfficeDesk, sari: Someone, joko: Someone, case: Registration
) -> None:
    await joins(sari, joko, case)

    def unit(tx: Tx) -> None:
        person = tx.people.get(case.address_id)
        assert person is not None
        tx.outbox.put(person, Message("Rahasia", late=late("news_for_you")))

    await desk.store.transact(unit)
    await sari.says("BATALKAN SAMBUNGAN")
    assert "Rahasia" in sari.screen
    assert "Rahasia" not in joko.screen


async def test_only_the_chat_from_before_undoes_it_and_only_for_a_day(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await joins(sari, new, case)
    assert "Tidak ada sambungan yang bisa dibatalkan" in await new.says("BATALKAN SAMBUNGAN")
    await a_day_passes(desk)
    assert "Tidak ada sambungan yang bisa dibatalkan" in await sari.says("BATALKAN SAMBUNGAN")
    assert str(case.receipt) in await new.says("STATUS")


async def test_who_came_cannot_shut_out_who_was_there_before(
    desk: OfficeDesk, sari: Someone, joko: Someone, case: Registration
) -> None:
    await joins(sari, joko, case)
    assert "setelah satu hari" in await joko.says("PUTUS")
    third = desk.someone("Joko-lain", channel="radio")
    await joins(joko, third, case)
    assert "Sambungan sudah dibatalkan" in await sari.says("BATALKAN SAMBUNGAN")
    for each in (joko, third):
        assert str(case.receipt) not in await each.says("STATUS")
    assert str(case.receipt) in await sari.says("STATUS")


@pytest.fixture
async def renamed(desk: OfficeDesk, joko: Someone, request: pytest.FixtureRequest) -> tuple[Someone, Registration]:
    """Sari's chat from before, known by the number alone when Joko joins, and found otherwise soon after."""
    old = desk.someone("6281234500009", number="6281234500009")
    case = await desk.registers(old)
    await joins(old, joko, case, how=request.param[0])
    if request.param[1] == "lasting id":
        return desk.someone("sari-lasting", number="6281234500009"), case
    moved = desk.someone("6281234500010", number="6281234500010")
    await old._does(Incoming("moved:1", old.address, Kind.MOVED, moved=moved.address))
    return moved, case


@pytest.mark.parametrize("renamed", [("1", "lasting id"), ("1", "new number")], indirect=True)
async def test_the_chat_from_before_undoes_it_by_its_new_address_too(
    renamed: tuple[Someone, Registration], joko: Someone
) -> None:
    old, case = renamed
    assert "Sambungan sudah dibatalkan" in await old.says("BATALKAN SAMBUNGAN")
    assert str(case.receipt) in await old.says("STATUS")
    assert str(case.receipt) not in await joko.says("STATUS")


@pytest.mark.parametrize("renamed", [("2", "lasting id"), ("2", "new number")], indirect=True)
async def test_the_chat_from_before_is_taken_off_by_its_new_address_too(
    desk: OfficeDesk, renamed: tuple[Someone, Registration], joko: Someone
) -> None:
    old, case = renamed
    assert str(case.receipt) in await old.says("STATUS")
    await a_day_passes(desk)
    assert str(case.receipt) not in await old.says("STATUS")
    assert str(case.receipt) in await joko.says("STATUS")


async def test_what_is_undone_at_the_last_moment_is_not_settled(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await new.says("DAFTAR")
    await new.says("SETUJU")
    await new.says("BATAL")
    await new.says("YA")
    before = await rows(desk, "consents")
    await joins(sari, new, case, how="2")
    await desk.passes(hours=24)
    found = await desk.store.transact(lambda tx: tx.joins.lapsed(limit=1))
    desk.now -= timedelta(milliseconds=1)
    assert "Sambungan sudah dibatalkan" in await sari.says("BATALKAN SAMBUNGAN")
    desk.now += timedelta(milliseconds=1)
    assert [await desk.store.transact(lambda tx, row=row: tx.joins.settle(row)) for row in found] == [False]
    assert await rows(desk, "consents") == before
    assert [row["state"] for row in await rows(desk, "joins")] == ["undone"]
    assert str(case.receipt) in await sari.says("STATUS")


# Later


async def test_only_the_new_chat_is_left_after_a_day(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    assert "berakhir setelah satu hari" in await joins(sari, new, case, how="2")
    assert str(case.receipt) in await sari.says("STATUS")
    await a_day_passes(desk)
    assert str(case.receipt) not in await sari.says("STATUS")
    assert str(case.receipt) in await new.says("STATUS")
    await tells(desk, case, "Kabar baik")
    assert new.last == "Kabar baik"


async def test_the_other_chat_is_taken_off_by_a_word(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    assert "Tidak ada percakapan lain" in await sari.says("PUTUS")
    await joins(sari, new, case)
    await a_day_passes(desk)
    assert "sudah dilepas" in await new.says("PUTUS")
    assert str(case.receipt) not in await sari.says("STATUS")
    assert str(case.receipt) in await new.says("STATUS")


async def test_the_first_chat_takes_the_second_off(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await joins(sari, new, case)
    await a_day_passes(desk)
    assert "sudah dilepas" in await sari.says("PUTUS")
    assert str(case.receipt) not in await new.says("STATUS")
    assert str(case.receipt) in await sari.says("STATUS")


async def test_who_erases_everything_leaves_no_address_behind(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await joins(sari, new, case)
    await new.says("HAPUS")
    await new.says("HAPUS DATA SAYA")
    assert await rows(desk, "aliases") == []
    assert await rows(desk, "joins") == []
    assert [row["sealed"] for row in await rows(desk, "addresses") if row["sealed"]] == []
    assert (await desk.status(case)) is Status.ERASED
    for each in (sari, new):
        assert str(case.receipt) not in await each.says("STATUS")


async def test_a_repeated_message_connects_nothing_twice(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    assert "Sudah cocok" in await proves(new, await code_of(sari), str(case.receipt))
    last = Incoming("radio:same", new.address, Kind.TEXT, "1")
    for _ in range(3):
        await new._does(last)
    assert sum("dipakai juga" in text for text in sari.chat.ever) == 1
    assert [row["state"] for row in await rows(desk, "joins")] == ["used"]


async def test_of_two_chats_that_come_with_one_code_at_once_one_is_let_in(
    desk: OfficeDesk, sari: Someone, new: Someone, joko: Someone, case: Registration
) -> None:
    code = await code_of(sari)
    for each in (new, joko):
        assert "Sudah cocok" in await proves(each, code, str(case.receipt))
    await at_once(new.says("1"), joko.says("1"))
    assert sorted(sum("Sudah tersambung" in text for text in each.chat.ever) for each in (new, joko)) == [0, 1]
    assert sum("dipakai juga" in text for text in sari.chat.ever) == 1
    assert [row["state"] for row in await rows(desk, "joins")] == ["used"]


async def test_a_new_code_asked_for_while_the_older_one_is_used_stops_nobody(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    assert "Sudah cocok" in await proves(new, await code_of(sari), str(case.receipt))
    await at_once(new.says("1"), sari.says("SAMBUNG"))
    # Once both are one person, an answer comes to the chat used last, whichever that was.
    heard = [*new.chat.ever, *sari.chat.ever]
    came = any("Sudah tersambung" in text for text in heard)
    assert came != any("Kodenya sudah habis" in text for text in heard), heard
    assert [row["state"] for row in await rows(desk, "joins")] == (["used", "open"] if came else ["closed", "open"])
    assert len({code for text in heard for code in re.findall(r"SAMBUNG ([A-Z2-9]{10})", text)}) == 2


async def test_a_crash_before_the_last_answer_is_kept_loses_nothing(
    desk: OfficeDesk, sari: Someone, new: Someone, case: Registration
) -> None:
    await proves(new, await code_of(sari), str(case.receipt))

    def dies(tx: Tx, incoming: Incoming) -> None:
        handle(tx, incoming, desk.office)
        raise RuntimeError("killed")

    last = Incoming("radio:again", new.address, Kind.TEXT, "1")
    with pytest.raises(RuntimeError):
        await desk.store.transact(dies, last)
    assert str(case.receipt) in await sari.says("STATUS")
    assert "Sudah tersambung" in await new._does(last)
