"""One broadcast over Telegram and WhatsApp, from an admin's word to what people see on their phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.whatsapp_templates import template_name
from conversation.late import LATE_TEXTS, late_message
from domain.address import Address
from domain.broadcast import State
from domain.person import Person as Somebody
from domain.topic import ALL_TOPICS, Topic
from handlers import broadcast_report
from storage.store import Tx
from tests.approved import approve_late_texts
from tests.broadcasts import crowd_of, frozen, heard, now, sent, waits
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.events import attendances, invited, planned
from tests.pictures import ktp_photo
from tests.servers.telegram import TelegramServer
from tests.servers.whatsapp import PHONE_NUMBER_ID, WhatsAppServer
from tests.servers.whatsapp_people import Person

TEXT = "Besok kantor tutup.\nSenin buka lagi."
LATE = (
    "Kabar dari Disnaker Kota Ambon untuk Bapak/Ibu: Besok kantor tutup. Senin buka lagi."
    "\n\nTidak mau terima kabar lagi? Balas STOP."
)


FREE = "Besok kantor tutup.\nSenin buka lagi.\n\nTidak mau terima kabar lagi? Balas STOP."


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


async def on_whatsapp(office: LiveOffice, count: int, *, first: int = 1) -> list[Person]:
    """So many people who write there just now, and want notices."""
    assert office.whatsapp is not None
    people = [office.whatsapp.person(f"Warga {number}") for number in range(first, first + count)]
    for person in people:
        await person.says("halo")
    await office.settles()

    def unit(tx: Tx) -> None:
        for one in people:
            person = arrived(tx, one)
            tx.people.keep(person)
            tx.people.set_notices(person.id, ALL_TOPICS)

    await office.store.transact(unit)
    for person in people:
        person.listens()
    return people


def arrived(tx: Tx, one: Person) -> Somebody:
    return tx.people.arrive(Address("whatsapp", PHONE_NUMBER_ID, one.user_id))[0]


async def surveyed(office: LiveOffice, **states: str) -> None:
    """What WhatsApp last said of our late texts: all are approved but these."""
    found = dict.fromkeys(LATE_TEXTS, "approved") | states
    await office.store.transact(lambda tx: tx.late_texts.keep("whatsapp", found))


def texts(person: Person) -> list[tuple[str, str]]:
    """(kind, text) of what a person has heard since."""
    return [(message.kind, message.text) for message in person.heard()]


@ON_BOTH
async def test_people_of_both_networks_get_it_once_each_late_or_as_it_is(office: LiveOffice, rahmat: Villager) -> None:
    silent = await on_whatsapp(office, 3)
    await office.later(days=1)
    crowd = await crowd_of(office, 3)
    awake = await on_whatsapp(office, 2, first=10)
    done = await sent(office, await frozen(office, TEXT))
    assert done.state is State.DONE
    assert [texts(person) for person in silent] == [[("template", LATE)]] * 3
    assert [[kind for kind, _ in texts(person)] for person in awake] == [["text"]] * 2
    assert [[text for _, text in texts(person)] for person in awake] == [[FREE]] * 2
    assert [heard(office, chat_id) for chat_id in crowd] == [[FREE]] * 3
    networks = {share.channel: (share.people, share.shut, share.late) for share in done.counts.networks}
    assert networks == {"telegram": (3, 0, 0), "whatsapp": (5, 3, 3)}


async def test_the_report_says_how_many_were_delivered_and_what_it_has_cost(
    office: LiveOffice, network: WhatsAppServer, rahmat: Villager
) -> None:
    await on_whatsapp(office, 3)
    await office.later(days=1)
    await crowd_of(office, 2)
    broadcast = await frozen(office, TEXT)
    done = await sent(office, broadcast)
    async with asyncio.timeout(10):
        while done.counts.delivered < 3:
            await network.world.bell.heard(0.05)
            await office.settles()
            done = await now(office, broadcast.id)
    report = await office.read(lambda tx: broadcast_report.text(tx, done, office.office))
    assert report.splitlines()[2:] == [
        "Terkirim: 5 dari 5",
        "Sampai: 3",
        "Tidak dikirimi: 1",
        "- belum pernah menjawab mau pengumuman atau tidak: 1",
        "Biayanya kira-kira Rp1.761.",
    ]


async def test_what_no_network_has_approved_is_told_before_the_start_and_goes_out_once_it_is_there(
    office: LiveOffice, network: WhatsAppServer, rahmat: Villager
) -> None:
    [sari] = await on_whatsapp(office, 1)
    [chat_id] = await crowd_of(office, 1)
    await surveyed(office, announcement="rejected")
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    await rahmat.hears("WhatsApp belum menyetujui teks announcement.")
    await rahmat.says("kirim")
    await rahmat.hears("Minta operator: python -m bot templates.")
    assert (await waits(office, broadcast)).state is State.PREPARED
    assert (texts(sari), heard(office, chat_id)) == ([], [])
    await surveyed(office)
    await rahmat.taps("Kirim sekarang")
    plan = await rahmat.hears("Selesai kira-kira")
    assert "Per jaringan: Telegram 1, WhatsApp 1." in plan.text
    await rahmat.taps("Ya, kirim")
    assert (await waits(office, broadcast)).counts.sent == 2


async def test_a_text_that_is_taken_away_meanwhile_pauses_a_planned_one_and_fails_nobody(
    office: LiveOffice, network: WhatsAppServer, rahmat: Villager
) -> None:
    [sari] = await on_whatsapp(office, 1)
    broadcast = await frozen(office, TEXT)
    await rahmat.says("jadwalkan")
    await rahmat.says("besok 10.00")
    await rahmat.hears("Biayanya paling banyak kira-kira Rp587: 1 pesan WhatsApp, harga per 1 Oktober 2026.")
    await rahmat.says("ya")
    await rahmat.hears("menunggu waktunya")
    await surveyed(office, announcement="paused")
    await office.later(days=1, hours=2)
    await rahmat.hears("Teks yang diperlukan belum disetujui: WhatsApp announcement.")
    # The table says yes again, the network says no: found out by the first message.
    network.review(template_name(LATE_TEXTS["announcement"]), "PAUSED")
    await surveyed(office)
    await rahmat.taps("Lanjutkan")
    paused = await waits(office, broadcast)
    assert (paused.state, paused.code, paused.counts.left) == (State.PAUSED, "late_text", 1)
    network.review(template_name(LATE_TEXTS["announcement"]), "APPROVED")
    await rahmat.taps("Lanjutkan")
    done = await waits(office, broadcast)
    assert (done.state, texts(sari)) == (State.DONE, [("template", LATE)])


@ON_BOTH
async def test_the_limit_of_a_day_is_kept_and_the_rest_goes_on_by_itself(
    office: LiveOffice, network: WhatsAppServer, rahmat: Villager
) -> None:
    silent = await on_whatsapp(office, 5)
    await office.later(days=1)
    [awake] = await on_whatsapp(office, 1, first=10)
    network.settings.daily_conversations = 3
    await office.store.transact(lambda tx: tx.set_daily("whatsapp", 3))
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    await rahmat.hears("WhatsApp menerima 2 orang baru sehari. Jadi perlu 3 hari.")
    await rahmat.taps("Ya, kirim")
    running = await waits(office, broadcast)
    assert (running.state, running.counts.sent, running.counts.failed) == (State.RUNNING, 3, 0)
    assert [len(texts(person)) for person in (*silent, awake)] == [1, 1, 0, 0, 0, 1]
    await office.later(hours=1)
    await rahmat.hears("WhatsApp tidak menerima orang baru lagi hari ini. Dilanjutkan sendiri 25 November 2026, 09.00")
    await office.later(hours=24)
    assert [len(texts(person)) for person in silent] == [0, 0, 1, 1, 0]
    await office.later(hours=25)
    assert [len(texts(person)) for person in silent] == [0, 0, 0, 0, 1]
    done = await now(office, broadcast.id)
    assert (done.state, done.counts.sent, done.failures) == (State.DONE, 6, 0)
    # The bar is written anew every few seconds at most, and no time has passed since the last one.
    await office.later(seconds=10)
    seen = [message.text for message in rahmat.sees()]
    assert any("Biayanya kira-kira Rp2.935." in each for each in seen), seen[-3:]


async def test_a_late_text_about_a_case_counts_among_those_we_wrote_to_first(
    office: LiveOffice, rahmat: Villager
) -> None:
    [sari] = await on_whatsapp(office, 1)
    number = (await office.store.transact(arrived, sari)).id
    await office.later(days=1)
    await office.store.transact(lambda tx: tx.set_daily("whatsapp", 20))
    reminder = late_message("registration_reminder", office.office.say)

    def remind(tx: Tx) -> None:
        person = tx.people.get(number)
        assert person is not None
        tx.outbox.put(person, reminder)

    for _ in range(2):
        await office.store.transact(remind)
        await office.settles()
    assert [kind for kind, _ in texts(sari)] == ["template"] * 2
    assert await office.read(lambda tx: tx.openings.left_today("whatsapp")) == 18, "of 19, and she counts once"
    await sari.says("halo")
    await office.settles()


async def test_an_invitation_is_answered_by_the_ready_answers_of_a_late_text_and_stop_counts_for_it(
    office: LiveOffice, rahmat: Villager
) -> None:
    sari, budi = await on_whatsapp(office, 2)
    await office.later(days=1)
    event = await planned(office)
    invitation = await invited(office, event)
    [(kind, text)] = texts(sari)
    assert kind == "template"
    assert "Undangan sosialisasi." in text
    await sari.taps("Hadir")
    await sari.hears("Terima kasih")
    assert attendances(office) == [(None, "comes", False)]
    await budi.says("STOP")
    await office.settles()
    notices = await office.store.transact(lambda tx: arrived(tx, budi).notices)
    assert notices == Topic(0)
    assert await office.read(lambda tx: tx.recipients.opted_out(invitation.id)) == 1


async def test_a_photo_goes_above_the_late_text(office: LiveOffice, rahmat: Villager) -> None:
    [sari] = await on_whatsapp(office, 1)
    await office.later(days=1)
    office.store.media.write(ktp_photo(), name="f" * 32)
    await sent(office, await frozen(office, TEXT, photo="f" * 32))
    [shown] = sari.heard()
    assert (shown.kind, shown.text) == ("template", LATE)
    assert shown.picture


@ON_BOTH
async def test_a_person_of_both_networks_gets_it_once_where_they_wrote_last(
    office: LiveOffice, rahmat: Villager
) -> None:
    [sari] = await on_whatsapp(office, 1)
    old = office.villager("Sari")
    there = Address("telegram", str(office.service.channels["telegram"].bot), str(old.id))

    def joins(tx: Tx) -> None:
        aliases = tx.people.aliases
        aliases.add(arrived(tx, sari).id, aliases.digest(there), there, by_number=False)

    await office.store.transact(joins)
    await old.starts()
    await office.settles()
    for person in (sari, old):
        person.listens()
    broadcast = await frozen(office, TEXT)
    assert [(share.channel, share.people) for share in broadcast.counts.networks] == [("telegram", 1)]
    await sari.says("halo")
    await office.settles()
    sari.listens()
    done = await sent(office, broadcast)
    assert (done.state, done.counts.sent) == (State.DONE, 1)
    assert [text for _, text in texts(sari)] == [FREE]
    assert old.heard() == []
