"""The outbox reaches people in order, at their network's pace, and nobody's trouble is anybody else's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from bot.pace import Pace
from channels.base import Limits
from conversation.messages import Choice, Deletion, Edit, Message, Outgoing
from domain.address import Address
from domain.person import Person as Known
from storage.store import Tx
from tests.chat import LiveOffice, Villager
from tests.program import TOKEN

BOT = TOKEN.partition(":")[0]


def known(tx: Tx, person: Villager) -> Known:
    found, _ = tx.people.arrive(Address("telegram", BOT, str(person.id)))
    return found


async def put(office: LiveOffice, person: Villager, *outs: Outgoing) -> list[int]:
    """Write these to a person's outbox in one transaction; their ids."""
    reader = await office.store.transact(known, person)
    office.clock.moves()

    def write(tx: Tx) -> list[int]:
        return [tx.outbox.put(reader, out) for out in outs]

    return await office.store.transact(write)


def somebody(office: LiveOffice, name: str) -> Villager:
    return office.villager(name, started=True)


def texts(person: Villager) -> list[str]:
    return [seen.text for seen in person.ledger if seen.kind == "message"]


async def until(office: LiveOffice, true: Callable[[], object]) -> None:
    async with asyncio.timeout(20.0):
        while not true():
            await office.server.world.bell.heard(0.1)


async def states(office: LiveOffice) -> dict[str, int]:
    return await office.read(lambda tx: tx.outbox.counts())


# Order


async def test_everybody_hears_everything_in_order_whatever_fails_on_the_way(office: LiveOffice) -> None:
    people = [somebody(office, f"Warga {n}") for n in range(8)]
    chance = random.Random(8)
    for kind in ("500", "reset", "garbage", "502"):
        for person in people:
            office.server.fault("sendMessage", kind, skip=chance.randrange(12), chat_id=person.id)

    def write(tx: Tx, number: int) -> None:
        for person in chance.sample(people, len(people)):
            tx.outbox.put(known(tx, person), Message(f"Kabar {number}"))

    for number in range(15):
        await office.store.transact(write, number)
    for _ in range(12):
        await office.later(seconds=20)
    for person in people:
        assert texts(person) == [f"Kabar {number}" for number in range(15)]
    assert await states(office) == {}


async def test_an_edit_and_a_deletion_find_the_message_they_are_about(office: LiveOffice) -> None:
    sari = somebody(office, "Sari")
    first, second = await put(office, sari, Message("Satu?", (Choice("Ya", "w:help"),)), Message("Dua"))
    await put(office, sari, Edit(of=first), Deletion(of=second), Message("Tiga"))
    await office.settles()
    assert [(seen.kind, seen.text) for seen in sari.ledger] == [
        *(("message", "Satu?"), ("message", "Dua"), ("edit", "Satu?")),
        *(("deletion", ""), ("message", "Tiga")),
    ]
    assert not sari.ledger[2].buttons


async def test_what_is_about_a_message_that_never_went_out_is_passed_over(office: LiveOffice) -> None:
    sari = somebody(office, "Sari")
    office.server.fault("sendMessage", "400", description="Bad Request: message is wrong")
    (refused,) = await put(office, sari, Message("Satu?", (Choice("Ya", "w:help"),)))
    await until(office, lambda: office.server.calls("sendMessage"))
    await put(office, sari, Edit(of=refused), Deletion(of=refused), Deletion(of=12345), Message("Dua"))
    await sari.hears("Dua")
    await office.settles()
    assert texts(sari) == ["Dua"]
    assert await states(office) == {"dead": 1}
    assert not [call for call in office.server.calls() if call.method.startswith(("edit", "delete"))]


async def test_a_long_text_comes_as_several_messages_and_the_last_one_carries_the_choices(office: LiveOffice) -> None:
    sari = somebody(office, "Sari")
    lines = [f"Baris {number} dari laporan yang panjang sekali" for number in range(300)]
    await put(office, sari, Message("\n".join(lines), (Choice("Ya", "w:help"),)))
    await office.settles()
    await until(office, lambda: sari.ledger and sari.ledger[-1].buttons)
    assert "\n".join(texts(sari)).splitlines() == lines
    assert [bool(seen.buttons) for seen in sari.ledger] == [False] * (len(sari.ledger) - 1) + [True]


# Pace


async def test_nobody_gets_more_than_the_network_allows(office: LiveOffice) -> None:
    """A short burst, then a message a second; others meanwhile get theirs. The server counts."""
    settings = office.server.settings
    settings.rate_limits, settings.chat_burst = True, 9.0
    sari, budi = somebody(office, "Sari"), somebody(office, "Budi")
    office._deliveries[0]._pace = Pace(Limits())
    await put(office, sari, *(Message(f"Kabar {number}") for number in range(12)))
    await until(office, lambda: len(texts(sari)) == 8)
    await put(office, budi, Message("Selamat pagi"))
    await budi.hears("Selamat pagi")
    assert len(texts(sari)) < 12
    await until(office, lambda: len(texts(sari)) == 12)
    assert not office.server.violations()


async def test_one_slow_person_holds_up_nobody_else(office: LiveOffice) -> None:
    sari = somebody(office, "Sari")
    others = [somebody(office, f"Warga {n}") for n in range(100)]
    hanging = office.server.fault("sendMessage", "hang", times=None, chat_id=sari.id)
    await put(office, sari, Message("Kabar 1"), Message("Kabar 2"))
    await hanging.met.wait()
    for person in others:
        await put(office, person, Message("Kabar"))
    for person in others:
        await person.hears("Kabar")
    assert texts(sari) == []
    office.server.clear_faults()
    await until(office, lambda: len(office.server.calls("sendMessage", sari.id)) >= 1)
    await office.later(minutes=1)
    assert texts(sari) == ["Kabar 1", "Kabar 2"]


async def test_two_people_told_to_wait_at_once_mean_that_everybody_must(office: LiveOffice) -> None:
    """The server calls every message an error that comes before the end of a retry_after."""
    sari, budi, joko = (somebody(office, name) for name in ("Sari", "Budi", "Joko"))
    for person in (sari, budi):
        office.server.fault("sendMessage", "429", retry_after=1, chat_id=person.id)
        await put(office, person, Message("Kabar"))
    # Not only answered by Telegram, but heard by us.
    await until(office, lambda: office.rows("SELECT count(*) FROM outbox WHERE tries > 0") == [(2,)])
    await put(office, joko, Message("Kabar"))
    await joko.hears("Kabar")
    refused = [call for call in office.server.calls("sendMessage") if call.code == 429]
    sent = [call for call in office.server.calls("sendMessage", joko.id) if call.code == 200]
    assert sent[0].at >= refused[-1].at + 1.0
    await office.later(seconds=5)
    assert (texts(sari), texts(budi)) == (["Kabar"], ["Kabar"])
    # The second refusal is what tells us; that it came during the first one's wait is this test's own doing.
    told = {sari.id, budi.id}
    violations = office.server.world.violations
    violations[:] = [each for each in violations if each.chat_id not in told]


# Trying again


async def test_a_message_is_tried_less_and_less_often_and_given_up_after_a_day(
    office: LiveOffice, rahmat: Villager
) -> None:
    sari = somebody(office, "Sari")
    office.server.fault("sendMessage", "502", times=None, chat_id=sari.id)
    await put(office, sari, Message("Kabar 1"))
    tried = []
    for _ in range(60):
        await office.later(minutes=1)
        tried.append(len(office.server.calls("sendMessage", sari.id)))
    first, last = tried[9] - tried[0], tried[59] - tried[49]
    assert first > last > 0
    await put(office, sari, Message("Kabar 2"))
    await office.later(hours=22)
    assert await states(office) == {"waiting": 2}
    office.server.clear_faults()
    office.server.fault("sendMessage", "502", chat_id=sari.id)
    await office.later(hours=3)
    assert texts(sari) == ["Kabar 2"]
    assert await states(office) == {"dead": 1}
    await rahmat.says("/gangguan")
    await rahmat.hears("too_late")
    await rahmat.taps("Coba lagi 1")
    await sari.hears("Kabar 1")


async def test_a_picture_that_is_gone_is_a_dead_letter_and_the_next_message_goes_out(office: LiveOffice) -> None:
    sari = somebody(office, "Sari")
    await put(office, sari, Message("Foto", photo="0" * 32), Message("Kabar"))
    await sari.hears("Kabar")
    assert texts(sari) == ["Kabar"]
    assert [row["code"] for row in await office.read(lambda tx: tx.outbox.dead_letters(limit=9))] == ["file_missing"]


async def test_what_cannot_be_deleted_any_more_is_emptied(office: LiveOffice) -> None:
    sari = somebody(office, "Sari")
    (shown,) = await put(office, sari, Message("NIK: 8171015503859901", (Choice("Ya", "w:help"),), protected=True))
    await sari.hears("NIK")
    office.server.skip(hours=49)
    await put(office, sari, Deletion(of=shown), Message("Kabar"))
    await sari.hears("Kabar")
    (message,) = [each for each in sari.sees() if each.text != "Kabar"]
    assert "8171" not in message.text
    assert not message.rows
    await office.settles()
    assert await states(office) == {}


@pytest.mark.parametrize("way", ["blocked", "deleted"])
async def test_a_person_who_is_gone_is_asked_once_and_the_rest_is_held(office: LiveOffice, way: str) -> None:
    sari = somebody(office, "Sari")
    if way == "blocked":
        sari.chat.blocked = True
    else:
        sari.deletes_account()
    await put(office, sari, *(Message(f"Kabar {number}") for number in range(5)))
    await until(office, lambda: office.server.world.codes[403])
    await office.later(hours=3)
    await put(office, sari, Message("Kabar 5"))
    await office.later(hours=3)
    assert await states(office) == {"held": 6}
    assert len(office.server.calls("sendMessage")) == 1


def test_a_full_bucket_lets_a_burst_through_and_each_person_has_their_own() -> None:
    pace = Pace(Limits(chat_burst=2.0))
    assert [pace.answer(1) > 0 for _ in range(4)] == [False, False, True, True]
    assert pace.answer(2) == 0
