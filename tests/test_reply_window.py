"""Over WhatsApp and real HTTP: what comes too late for free text, what becomes of what was taken, who holds up whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from channels.whatsapp_templates import template_name
from conversation.late import LATE_TEXTS, late_message
from conversation.messages import Edit, Message, Outgoing
from domain.address import Address
from domain.broadcast import State
from domain.person import Person as Somebody
from domain.topic import ALL_TOPICS
from handlers import late_texts
from storage.store import Tx
from tests.approved import approve_late_texts
from tests.broadcasts import frozen, now, sent
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.pictures import ktp_photo
from tests.servers.telegram import TelegramServer
from tests.servers.whatsapp import PHONE_NUMBER_ID, WhatsAppServer
from tests.servers.whatsapp_bodies import sign
from tests.servers.whatsapp_people import Person

KNOCK = LATE_TEXTS["news_for_you"].late()
NEWS = "Ada kabar untuk Bapak/Ibu"


@pytest.fixture
async def network() -> AsyncIterator[WhatsAppServer]:
    """WhatsApp, which has approved all our late texts."""
    async with WhatsAppServer() as server:
        approve_late_texts(server)
        yield server
        assert server.violations("error") == []


@pytest.fixture
async def office(
    telegram_server: TelegramServer, network: WhatsAppServer, database_url: str, tmp_path: Path
) -> AsyncIterator[LiveOffice]:
    """The whole program at both networks."""
    async with LiveOffice(telegram_server, database_url, tmp_path, whatsapp=network) as office:
        yield office


async def somebody(office: LiveOffice, name: str) -> Person:
    """Who has written just now and agreed to be written to."""
    assert office.whatsapp is not None
    person = office.whatsapp.person(name)
    await person.says("halo")
    await office.settles()

    def unit(tx: Tx) -> None:
        known = arrived(tx, person)
        tx.people.keep(known)
        tx.people.set_notices(known.id, ALL_TOPICS)

    await office.store.transact(unit)
    await told_of_all(office)
    person.listens()
    return person


@pytest.fixture
async def wa_sari(office: LiveOffice) -> Person:
    return await somebody(office, "Sari")


def arrived(tx: Tx, one: Person) -> Somebody:
    return tx.people.arrive(Address("whatsapp", PHONE_NUMBER_ID, one.user_id))[0]


async def put(office: LiveOffice, person: Person, *outs: Outgoing | str) -> list[int]:
    """Write these into the outbox, as handlers do for somebody who has said nothing just now."""

    def unit(tx: Tx) -> list[int]:
        row = office.rows("SELECT id FROM addresses WHERE channel = 'whatsapp' ORDER BY id")
        known = [tx.people.get(each) for (each,) in row]
        (to,) = [each for each in known if each is not None and each.address.id == person.user_id]
        return [tx.outbox.put(to, Message(out) if isinstance(out, str) else out) for out in outs]

    return await office.store.transact(unit)


async def surveyed(office: LiveOffice, **states: str) -> None:
    """What WhatsApp says of our late texts: all are approved but these."""
    found = dict.fromkeys(LATE_TEXTS, "approved") | states
    await office.store.transact(late_texts.surveyed, office.office, "whatsapp", found, None)


def texts(person: Person) -> list[str]:
    return [message.text for message in person.heard()]


async def states(office: LiveOffice) -> dict[str, int]:
    return await office.read(lambda tx: tx.outbox.counts())


async def until(true: Callable[[], object], *, within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        # The database rings no bell.
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def told_of_all(office: LiveOffice) -> None:
    """Wait until WhatsApp has told what became of everything."""
    await office.settles()
    await until(lambda: not office.rows("SELECT id FROM outbox WHERE state = 'accepted'"))
    await office.settles()


# Too late for free text


@ON_BOTH
async def test_what_says_it_all_goes_by_its_late_text_and_counts_as_sent(office: LiveOffice, wa_sari: Person) -> None:
    say = office.office.say
    await office.later(days=2)
    await put(office, wa_sari, late_message("registration_reminder", say))
    await wa_sari.hears(say(LATE_TEXTS["registration_reminder"].text).replace("**", "")[:40])
    await told_of_all(office)
    assert [message.kind for message in wa_sari.heard()] == ["template"]
    assert await states(office) == {}


@ON_BOTH
async def test_news_knocks_once_and_follows_when_she_writes(office: LiveOffice, wa_sari: Person) -> None:
    await office.later(days=2)
    await put(office, wa_sari, Message("Kabar 1", late=KNOCK), Message("Kabar 2", late=KNOCK), "Kabar 3")
    await wa_sari.hears(NEWS)
    await office.settles()
    await office.later(days=3)
    await put(office, wa_sari, Message("Kabar 4", late=KNOCK))
    await office.settles()
    assert texts(wa_sari) == []
    assert await states(office) == {"shut": 4}
    await wa_sari.says("LIHAT")
    await wa_sari.hears("Kabar 4")
    await told_of_all(office)
    assert texts(wa_sari)[:4] == ["Kabar 1", "Kabar 2", "Kabar 3", "Kabar 4"]
    assert await states(office) == {}
    # Another silence, another knock.
    await office.later(days=2)
    await put(office, wa_sari, Message("Kabar 5", late=KNOCK))
    await wa_sari.hears(NEWS)


async def test_a_knock_whose_answer_was_lost_is_not_made_twice(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    await office.later(days=2)
    network.fault("messages", "lost")
    await put(office, wa_sari, Message("Kabar 1", late=KNOCK))
    await until(lambda: office.rows("SELECT code FROM outbox WHERE state = 'shut'") == [("knocked",)])
    await office.later(minutes=1)
    assert len(network.calls("messages", wa_sari.user_id)) == len(wa_sari.ledger)
    await wa_sari.says("LIHAT")
    await wa_sari.hears("Kabar 1")


async def test_what_was_shut_holds_up_nothing_that_has_a_late_text(office: LiveOffice, wa_sari: Person) -> None:
    await office.later(days=2)
    (first,) = await put(office, wa_sari, "Kabar 1")
    await put(office, wa_sari, Edit(of=first), late_message("registration_reminder", office.office.say))
    await until(lambda: wa_sari.heard())
    await told_of_all(office)
    assert await states(office) == {"shut": 2}
    await wa_sari.says("STATUS")
    await wa_sari.hears("Kabar 1")
    await told_of_all(office)
    assert await states(office) == {}


@ON_BOTH
async def test_only_whatsapp_knew_that_it_was_late(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    """It takes the message and tells afterwards, or refuses at once; the clocks differ."""
    for kind in ("async", "sync"):
        wa_sari.listens()
        network.settings.window_error = kind
        network.skip(hours=25)
        await put(office, wa_sari, Message("Kabar", late=KNOCK), "Tanpa pengganti")
        await wa_sari.hears(NEWS)
        await told_of_all(office)
        await until(lambda: office.rows("SELECT count(*) FROM outbox WHERE state = 'shut'") == [(2,)])
        assert texts(wa_sari) == [wa_sari.heard()[0].text]
        await wa_sari.says("LIHAT")
        await wa_sari.hears("Tanpa pengganti")
        await told_of_all(office)
        assert texts(wa_sari)[:2] == ["Kabar", "Tanpa pengganti"]
        assert await states(office) == {}


async def test_a_late_text_that_is_not_approved_is_shown_to_the_office_and_the_message_comes_later(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person, rahmat: Villager
) -> None:
    network.review(template_name(LATE_TEXTS["news_for_you"]), "REJECTED")
    await surveyed(office, news_for_you="rejected")
    await office.later(days=2)
    await put(office, wa_sari, Message("Kabar", late=KNOCK), "Tanpa pengganti")
    await until(lambda: office.rows("SELECT code FROM outbox WHERE state = 'shut'") == [("needs_template",)] * 2)
    await rahmat.says("/gangguan")
    await rahmat.hears("tidak ada teks untuk itu yang diizinkan jaringan: 2")
    await rahmat.says("/ringkas")
    await rahmat.hears("Pesan yang menunggu orangnya menulis")
    network.review(template_name(LATE_TEXTS["news_for_you"]), "APPROVED")
    await surveyed(office)
    await wa_sari.hears(NEWS)
    await wa_sari.says("halo")
    await wa_sari.hears("Tanpa pengganti")
    assert texts(wa_sari)[:2] == ["Kabar", "Tanpa pengganti"]


# What became of what was taken


@ON_BOTH
@pytest.mark.parametrize("kind", ["lost", "late"])
async def test_a_lost_answer_is_settled_by_the_receipt_and_nobody_hears_anything_twice(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person, kind: str
) -> None:
    network.fault("messages", kind, times=3)
    await put(office, wa_sari, "Kabar 1", "Kabar 2", "Kabar 3", "Kabar 4")
    await wa_sari.hears("Kabar 4")
    await told_of_all(office)
    assert texts(wa_sari) == ["Kabar 1", "Kabar 2", "Kabar 3", "Kabar 4"]
    assert await states(office) == {}


async def test_what_was_taken_is_kept_until_it_is_told_of_and_then_forgotten(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    network.settings.statuses = False
    await put(office, wa_sari, "Kabar 1")
    await wa_sari.hears("Kabar 1")
    await office.settles()
    assert await states(office) == {"accepted": 1}
    await office.later(days=1, hours=1)
    assert await states(office) == {}
    assert office.rows("SELECT count(*) FROM outbox WHERE state = 'sent' AND sealed IS NOT NULL") == [(0,)]


@ON_BOTH
async def test_who_cannot_be_reached_hears_everything_in_order_when_they_write(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    """Told after it was taken."""
    network.fault("messages", "failed", code=131026)
    await put(office, wa_sari, "Kabar 1")
    await until(lambda: office.rows("SELECT code FROM outbox WHERE state = 'held'") == [("undeliverable",)])
    await put(office, wa_sari, "Kabar 2")
    await office.settles()
    assert texts(wa_sari) == []
    await wa_sari.says("STATUS")
    await wa_sari.hears("Kabar 2")
    await told_of_all(office)
    assert texts(wa_sari)[:2] == ["Kabar 1", "Kabar 2"]


async def test_what_failed_for_a_while_is_tried_again_and_what_failed_for_ever_is_told_the_office(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person, rahmat: Villager
) -> None:
    network.fault("messages", "failed", code=131000)
    await put(office, wa_sari, "Kabar 1")
    await until(lambda: office.rows("SELECT tries FROM outbox WHERE state = 'waiting'") == [(1,)])
    await office.later(seconds=10)
    assert texts(wa_sari) == ["Kabar 1"]
    network.fault("messages", "failed", code=131051)
    await put(office, wa_sari, "Kabar 2", "Kabar 3")
    await wa_sari.hears("Kabar 3")
    await told_of_all(office)
    await rahmat.says("/gangguan")
    await rahmat.hears("kind_not_supported")
    await rahmat.taps("Coba lagi 1")
    await wa_sari.hears("Kabar 2")


async def test_receipts_in_any_order_and_many_times_settle_everything(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    network.hold()
    await put(office, wa_sari, *(f"Kabar {number}" for number in range(12)))
    await wa_sari.hears("Kabar 11")
    await until(lambda: len(office.rows("SELECT id FROM outbox WHERE state = 'accepted'")) == 12)
    network.release("reversed")
    network.redeliver(last=20)
    await told_of_all(office)
    assert await states(office) == {}
    assert texts(wa_sari) == [f"Kabar {number}" for number in range(12)]


async def test_while_the_database_is_away_nothing_is_confirmed(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    network.settings.statuses = False
    await put(office, wa_sari, "Kabar 1")
    await wa_sari.hears("Kabar 1")
    await office.settles()
    (message,) = wa_sari.heard()
    about = {"id": message.id, "status": "read", "timestamp": "1", "biz_opaque_callback_data": message.mark}
    value = {"metadata": {"phone_number_id": PHONE_NUMBER_ID}, "statuses": [about] * 3}
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
    headers = {"X-Hub-Signature-256": sign(body)}
    service = office.service
    await office.store.engine.close()
    assert await service.receive("whatsapp", body, headers) == 503
    await office.restarts()
    answers = await asyncio.gather(*(office.service.receive("whatsapp", body, headers) for _ in range(20)))
    assert set(answers) == {200}
    assert await states(office) == {}


async def test_what_she_wrote_is_shown_as_read(office: LiveOffice, network: WhatsAppServer, wa_sari: Person) -> None:
    await wa_sari.says("STATUS")
    await until(lambda: wa_sari.wrote()[-1].status == "read")
    before = len(network.calls("read"))
    network.redeliver(last=5)
    await office.settles()
    await wa_sari.says("BANTUAN")
    await until(lambda: wa_sari.wrote()[-1].status == "read")
    assert len(network.calls("read")) == before + 1, "what was seen before is not shown as read again"


# Pace


async def test_one_who_must_wait_holds_up_nobody_else(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    budi = await somebody(office, "Budi")
    network.fault("messages", 131056, times=None, to=wa_sari.user_id)
    await put(office, wa_sari, "Kabar 1")
    await until(lambda: len(network.calls("messages", wa_sari.user_id)) >= 1)
    joko = await somebody(office, "Joko")
    network.fault("messages", 131056, to=budi.user_id)
    await put(office, budi, "Kabar 1")
    await until(lambda: len(office.rows("SELECT id FROM outbox WHERE code = 'too_many_to_one'")) == 2)
    # Two at once: each for themselves.
    await put(office, joko, "Kabar 1")
    await joko.hears("Kabar 1", within=1.0)
    network.clear_faults()
    await office.later(seconds=10)
    assert (texts(wa_sari), texts(budi)) == (["Kabar 1"], ["Kabar 1"])


async def test_too_many_altogether_hold_up_everybody_at_once(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    budi = await somebody(office, "Budi")
    network.fault("messages", 130429)
    await put(office, wa_sari, "Kabar 1")
    await until(lambda: office.rows("SELECT id FROM outbox WHERE code = 'too_many_messages'"))
    asked = asyncio.get_running_loop().time()
    await put(office, budi, "Kabar 1")
    await budi.hears("Kabar 1")
    assert asyncio.get_running_loop().time() - asked > 1.0


async def test_a_chat_that_is_full_waits_in_line_and_not_in_hand(office: LiveOffice, wa_sari: Person) -> None:
    """Forty at once, then one in six seconds."""
    await put(office, wa_sari, *(f"Kabar {number}" for number in range(50)))
    await until(lambda: office.rows("SELECT id FROM outbox WHERE state = 'waiting' AND next_at > created_at"))
    heard = len(texts(wa_sari))
    assert 35 <= heard <= 41
    assert office.rows("SELECT max(tries) FROM outbox") == [(0,)]


# Broadcasts


@ON_BOTH
async def test_a_broadcast_whose_answers_are_lost_comes_once_and_is_not_unclear(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person, rahmat: Villager
) -> None:
    everybody = [wa_sari, await somebody(office, "Budi"), await somebody(office, "Joko")]
    network.fault("messages", "lost")
    network.fault("messages", "late")
    broadcast = await sent(office, await frozen(office, "Besok kantor tutup."))
    await until(lambda: office.rows("SELECT delivered FROM broadcasts") == [(3,)])
    done = await now(office, broadcast.id)
    assert done.state is State.DONE
    assert (done.counts.sent, done.counts.delivered, done.counts.unclear) == (3, 3, 0)
    assert [len(texts(person)) for person in everybody] == [1, 1, 1]
    await rahmat.says("/siaran 1")
    await rahmat.hears("Sampai: 3")


@ON_BOTH
async def test_who_did_not_get_it_after_all_is_told_with_the_reason(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person, rahmat: Villager
) -> None:
    budi, joko = await somebody(office, "Budi"), await somebody(office, "Joko")
    network.fault("messages", "failed", code=131026, to=budi.user_id)
    network.fault("messages", "failed", code=131049, to=joko.user_id)
    broadcast = await sent(office, await frozen(office, "Besok kantor tutup."))
    await until(lambda: office.rows("SELECT blocked, failed, delivered FROM broadcasts") == [(1, 1, 1)])
    done = await now(office, broadcast.id)
    assert (done.counts.sent, done.counts.total, done.counts.left) == (1, 3, 0)
    assert texts(wa_sari)
    rows = await office.read(lambda tx: {row["code"] for row in tx.recipients.by_outcome(broadcast.id)})
    assert {"undeliverable", "marketing_limit"} < rows


@pytest.mark.parametrize("code", [131049, 132015])
async def test_a_broadcast_that_fails_one_after_the_other_is_paused_by_what_is_told_later(
    office: LiveOffice, network: WhatsAppServer, rahmat: Villager, code: int
) -> None:
    crowd = [await somebody(office, f"Warga {number}") for number in range(40)]
    for person in crowd:
        network.fault("messages", "failed", code=code, to=person.user_id)
    await sent(office, await frozen(office, "Besok kantor tutup."))
    await until(lambda: office.rows("SELECT state, code FROM broadcasts") == [("paused", "failures")])
    await rahmat.hears("Terlalu banyak yang gagal")


@pytest.mark.parametrize(
    ("kind", "code", "why"),
    [
        (None, 131048, "jaringan menahan kami"),
        ("failed", 131048, "jaringan menahan kami"),
        (None, 190, "jaringan menolak kunci kami"),
        (None, 131042, "akun kami di jaringan belum dibayar"),
    ],
)
async def test_a_broadcast_pauses_at_once_where_the_network_lets_us_send_nothing(
    office: LiveOffice, network: WhatsAppServer, rahmat: Villager, kind: str | None, code: int, why: str
) -> None:
    crowd = [await somebody(office, f"Warga {number}") for number in range(15)]
    for person in crowd:
        if kind is None:
            network.fault("messages", code, to=person.user_id, times=None)
        else:
            network.fault("messages", kind, code=code, to=person.user_id)
    broadcast = await sent(office, await frozen(office, "Besok kantor tutup."))
    await until(lambda: office.rows("SELECT state, code FROM broadcasts") == [("paused", "barred")])
    await rahmat.hears(why)
    counts = (await now(office, broadcast.id)).counts
    assert counts.failed < 10 if kind else counts.failed == 0
    assert counts.sent == 0 or kind


async def test_a_decision_waits_where_the_network_holds_us_back(
    office: LiveOffice, network: WhatsAppServer, wa_sari: Person
) -> None:
    """It is tried again, and after a day it waits until she writes."""
    network.fault("messages", 131048, times=None)
    await put(office, wa_sari, Message("Kabar 1", late=KNOCK))
    await until(lambda: office.rows("SELECT state, code FROM outbox WHERE code <> ''") == [("waiting", "spam_limit")])
    await office.later(hours=25)
    await until(lambda: office.rows("SELECT state, code FROM outbox WHERE code <> ''") == [("shut", "spam_limit")])
    network.clear_faults()
    await wa_sari.says("STATUS")
    await wa_sari.hears("Kabar 1")


# Files


async def test_the_network_deletes_its_copy_of_what_came(office: LiveOffice, network: WhatsAppServer) -> None:
    """Of what nobody wanted, before consent too, and of what is stored here."""
    sari = network.person("Sari")
    await sari.sends_photo(ktp_photo())
    await sari.sends_sticker()
    await sari.sends_voice()
    await until(lambda: not network.media)
    await told_of_all(office)
    assert await states(office) == {}
