"""Bad days between us and Telegram: the real program meets errors, silence, repeats and strangers, and loses nothing.

What goes wrong inside (a full disk, a bug, a photo that never comes) is in test_faults_inside.py.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.pictures import ktp_photo
from tests.program import SECRET, Program, by_polling, by_webhook
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import Person
from tests.servers.telegram_things import Json
from tests.talks import Talk, Told, invented_nik

pytestmark = pytest.mark.slow

WITHIN = 30.0


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server
        assert not server.violations("error")


@pytest.fixture
async def program(server: TelegramServer, tmp_path: Path) -> AsyncIterator[Program]:
    """Running, by polling."""
    async with Program(tmp_path, **by_polling(server.base)) as program:
        yield program


def talk(server: TelegramServer, name: str, number: int) -> Talk:
    return Talk(server.person(name), Told(invented_nik(number)))


async def goes_on(talk: Talk, *, steps: int = 1) -> None:
    """The worker says the next things and hears what comes after each."""
    for said, expected in talk.told.steps()[talk.done : talk.done + steps]:
        await talk.person.says(said)
        await talk.person.hears(expected, within=WITHIN)
        talk.done += 1


def shown(person: Person) -> list[str]:
    return [seen.text for seen in person.ledger if seen.kind == "message"]


def repeated(person: Person) -> list[str]:
    return [text for text, n in Counter(shown(person)).items() if n > 1]


@pytest.mark.parametrize("kind", ["500", "502", "garbage", "reset", "hang"])
async def test_a_message_that_fails_is_sent_again_and_others_do_not_wait(
    server: TelegramServer, program: Program, kind: str
) -> None:
    sari, budi = talk(server, "Sari", 1), talk(server, "Budi", 2)
    await goes_on(sari)
    fault = server.fault("sendMessage", kind, times=None, chat_id=sari.person.id)
    await sari.person.says("SETUJU")
    await fault.met.wait()
    await goes_on(budi, steps=5)
    server.clear_faults()
    await sari.person.hears("16 angka", within=WITHIN)
    sari.done += 1
    await goes_on(sari, steps=3)
    assert not repeated(sari.person)


async def test_a_message_whose_answer_was_lost_may_come_twice_and_no_other_does(
    server: TelegramServer, program: Program
) -> None:
    sari = talk(server, "Sari", 1)
    await goes_on(sari)
    server.fault("sendMessage", "lost", chat_id=sari.person.id)
    await goes_on(sari, steps=3)
    (twice,) = repeated(sari.person)
    assert "16 angka" in twice


async def test_telegram_asks_to_wait_and_only_that_person_waits(server: TelegramServer, program: Program) -> None:
    sari, budi = talk(server, "Sari", 1), talk(server, "Budi", 2)
    await goes_on(sari)
    fault = server.fault("sendMessage", 429, retry_after=2, chat_id=sari.person.id)
    await sari.person.says("SETUJU")
    await fault.met.wait()
    await goes_on(budi, steps=3)
    assert "16 angka" not in shown(sari.person)[-1], "the others had to wait with her"
    # The server calls every message before the end of retry_after an error.
    await sari.person.hears("16 angka", within=WITHIN)


@pytest.mark.parametrize("kind", ["500", "502", "429", "garbage", "reset"])
async def test_asking_for_news_goes_on_after_a_failure(server: TelegramServer, program: Program, kind: str) -> None:
    sari = talk(server, "Sari", 1)
    await goes_on(sari)
    fault = server.fault("getUpdates", kind, times=2)
    await goes_on(sari, steps=2)
    await fault.met.wait()
    await goes_on(sari, steps=1)
    assert not repeated(sari.person)


@pytest.mark.parametrize(
    ("method", "kind"),
    [("getFile", "500"), ("getFile", "garbage"), ("file_download", "reset"), ("file_download", "garbage")],
)
async def test_a_photo_that_comes_late_is_taken_once(
    server: TelegramServer, program: Program, method: str, kind: str
) -> None:
    sari, budi = talk(server, "Sari", 1), talk(server, "Budi", 2)
    await goes_on(sari, steps=10)
    server.fault(method, kind, times=1)
    await sari.person.sends_photo(ktp_photo())
    await sari.person.says("Yohana, anak")
    await goes_on(budi, steps=2)
    await sari.person.hears("Mohon diperiksa", within=WITHIN)
    assert len([text for text in shown(sari.person) if "hubungannya" in text]) == 1
    assert not repeated(sari.person)


async def test_a_person_who_blocks_us_hears_everything_first_when_they_return(
    server: TelegramServer, program: Program
) -> None:
    sari = talk(server, "Sari", 1)
    await goes_on(sari, steps=3)
    # Nobody has told the bot: it learns it from the refusal.
    sari.person.chat.blocked = True
    server.updates.add("message", _text(server, sari.person, "SARI TUHUMURY"))
    await refused(server, 403)
    await sari.person.unblocks()
    await sari.person.hears("lahir", within=WITHIN)
    await sari.person.says("Ambon")
    await sari.person.hears("desa, negeri", within=WITHIN)
    assert not repeated(sari.person)
    assert not server.violations(rule="sent_to_the_unreachable")


async def refused(server: TelegramServer, code: int) -> None:
    """Wait until a call was answered with this code."""
    async with asyncio.timeout(WITHIN):
        while not server.world.codes[code]:
            await server.world.bell.heard(0.5)


def _text(server: TelegramServer, person: Person, text: str) -> Json:
    """A message that the person wrote just before they blocked the bot."""
    about = {"message_id": server.world.next_message_id(), "date": int(server.world.now())}
    return {**about, "chat": person.chat.as_json(), "from": person.person, "text": text}


async def test_a_message_that_telegram_refuses_is_set_aside_and_the_next_one_goes_out(
    server: TelegramServer, program: Program
) -> None:
    sari, rahmat = talk(server, "Sari", 1), server.person("Rahmat")
    await rahmat.starts(await program.invites(admin=True))
    await rahmat.hears("Selamat bergabung")
    await goes_on(sari)
    server.fault("sendMessage", 400, description="Bad Request: can't parse entities", chat_id=sari.person.id)
    await sari.person.says("SETUJU")
    await program.logs("message_refused")
    await sari.person.says(sari.told.nik)
    await sari.person.hears("nama lengkap", within=WITHIN)
    await rahmat.says("/gangguan")
    listed = await rahmat.hears("belum terkirim")
    assert "parse" in listed.text
    assert sari.told.nik not in listed.text
    await rahmat.taps("Coba lagi 1")
    await sari.person.hears("16 angka", within=WITHIN)


# Starting and stopping


async def test_a_stop_finishes_what_is_in_hand_and_loses_nothing(server: TelegramServer, tmp_path: Path) -> None:
    """From the command line, as an operator starts it, and while Telegram has stopped answering for one person."""
    program = Program(tmp_path, quick=False, **by_polling(server.base))
    async with program:
        talks = [talk(server, f"Pekerja {n}", n) for n in range(6)]
        for each in talks:
            await goes_on(each, steps=2)
        server.fault("sendMessage", "hang", times=None, chat_id=talks[0].person.id)
        for each in talks:
            await each.person.says(each.told.nik)
        assert await program.stops(within=12.0) == 0
        server.clear_faults()
        await program.starts()
        for each in talks:
            await each.person.hears("nama lengkap", within=WITHIN)
            each.done += 1
            await goes_on(each)
            assert not [text for text in repeated(each.person) if each is not talks[0]]


async def test_a_second_program_on_the_same_database_is_refused_and_told_who_holds_it(
    server: TelegramServer, program: Program
) -> None:
    second = Program(program.folder, **program.settings)
    second.log = program.folder / "second.jsonl"
    await second.begins()
    assert await second.ended() == 2
    said = second.log.read_text()
    assert f"process {program.pid}" in said
    assert "already running" in said
    await goes_on(talk(server, "Sari", 1), steps=2)


async def test_a_left_over_webhook_is_removed_and_what_waited_is_answered(
    server: TelegramServer, tmp_path: Path
) -> None:
    server.updates.set_webhook("http://127.0.0.1:8443/gone", "some-old-secret", 40, drop=False)
    sari = talk(server, "Sari", 1)
    await sari.person.says("/start")
    async with Program(tmp_path, **by_polling(server.base)):
        await sari.person.hears("SETUJU", within=WITHIN)
        sari.done += 1
        await goes_on(sari)
    assert server.updates.counts["dropped"] == 0


async def test_a_stranger_at_the_webhook_is_turned_away(server: TelegramServer, tmp_path: Path) -> None:
    async with Program(tmp_path, **by_webhook(server.base)) as program:
        sari = talk(server, "Sari", 1)
        await goes_on(sari)
        forged = {"update_id": 1, "message": _text(server, sari.person, "SETUJU")}
        door, header = f"{program.web}/telegram", "X-Telegram-Bot-Api-Secret-Token"
        async with aiohttp.ClientSession() as session:
            for headers in ({}, {header: ""}, {header: SECRET[:-1]}, {header: SECRET + "1"}, {header: "é" * 24}):
                async with session.post(door, json=forged, headers=headers) as answer:
                    assert answer.status == 401
            async with session.post(door, json=forged, headers={header: SECRET}) as answer:
                assert answer.status == 200
        await sari.person.hears("16 angka", within=WITHIN)
        # The first is told at once; the others are counted until the minute is over.
        assert [line["count"] for line in program.logged("door_refused")] == [1]


async def test_a_program_told_to_stop_while_it_starts_ends_too(server: TelegramServer, tmp_path: Path) -> None:
    server.fault("getMe", "hang", times=None)
    async with Program(tmp_path, **by_polling(server.base)) as program:
        assert await program.stops(within=12.0) == 0
    server.clear_faults()


async def test_telegram_away_at_the_start_is_waited_for(server: TelegramServer, tmp_path: Path) -> None:
    fault = server.fault("getMe", "502", times=1)
    server.fault("getMe", "garbage", times=1)
    async with Program(tmp_path, **by_polling(server.base)) as program:
        await fault.met.wait()
        await goes_on(talk(server, "Sari", 1), steps=2)
        assert [line["code"] for line in program.logged("channel_not_ready")] == ["http_502", "garbled_answer"]


# What Telegram does with updates


@pytest.mark.parametrize("way", [by_polling, by_webhook], ids=["polling", "webhook"])
async def test_repeats_change_nothing_twice(server: TelegramServer, tmp_path: Path, way: type) -> None:
    async with Program(tmp_path, **way(server.base)) as program:
        sari = talk(server, "Sari", 1)
        for _ in range(5):
            server.fault("webhook", "duplicate")
            await goes_on(sari)
            server.redeliver(last=3)
        await goes_on(sari, steps=3)
        await sari.person.says("STATUS")
        await sari.person.hears("bekerja", within=WITHIN)
        assert not repeated(sari.person)
        await program.stops()


async def test_updates_in_the_wrong_order_are_each_heard_once(server: TelegramServer, program: Program) -> None:
    sari, budi, joko = (talk(server, name, number) for number, name in enumerate(("Sari", "Budi", "Joko")))
    for each in (sari, budi, joko):
        await goes_on(each)
    server.reorder(3)
    for each in (sari, budi, joko):
        await each.person.says("SETUJU")
    for each in (sari, budi, joko):
        await each.person.hears("16 angka", within=WITHIN)
        each.done += 1
        await goes_on(each)
        assert not repeated(each.person)


async def test_update_ids_that_begin_again_lower_are_news_all_the_same(tmp_path: Path) -> None:
    """After a quiet week Telegram's numbers begin anywhere, also below those that were seen."""
    async with TelegramServer(poll_cap=0.2) as server, Program(tmp_path, **by_polling(server.base)):
        sari = talk(server, "Sari", 1)
        await goes_on(sari, steps=2)
        for _ in range(2):
            await server.updates.polled.heard(10.0)
        server.updates.next_id = 4711
        await goes_on(sari, steps=3)
        assert not repeated(sari.person)


async def test_a_kill_signal_of_the_terminal_ends_it_in_order(server: TelegramServer, program: Program) -> None:
    await goes_on(talk(server, "Sari", 1))
    assert await program._ends(signal.SIGINT, within=12.0) == 0
    assert "handler_failed" not in program.log.read_text()
