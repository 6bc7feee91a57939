"""What is particular to WhatsApp, over real HTTP: starting, its marks and lists, late texts, its two sorts of address.

What every channel promises is in test_channels.py, what happens on bad days in test_whatsapp_faults.py, what webhooks
mean in test_whatsapp_updates.py, files in test_whatsapp_files.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from channels.base import MarksRead, NeedsTemplate, Permanent, ShowsTyping, Stopped, Surveys
from channels.whatsapp import WhatsApp
from channels.whatsapp_text import marked, plain
from conversation.late import LATE_TEXTS
from conversation.messages import Choice, Incoming, Late, Message, Receipt, Told
from tests.servers.whatsapp import VERIFY_TOKEN, Person, WhatsAppServer
from tests.whatsapp_account import channel_to, door_of, heard

YES_NO = (Choice("Setuju", "c:1:yes"), Choice("Tidak", "c:1:no"))
VILLAGE = "Kelurahan Batu Merah di Kecamatan Sirimau"


@pytest.fixture
async def server() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server
        assert server.violations("error") == []


@pytest.fixture
async def whatsapp(server: WhatsAppServer) -> AsyncIterator[WhatsApp]:
    whatsapp = channel_to(server.base)
    await whatsapp.start()
    yield whatsapp
    await whatsapp.close()


@pytest.fixture
async def sari(server: WhatsAppServer) -> Person:
    sari = server.person("Sari", phone="+6281234500001")
    await sari.says("halo")
    return sari


# Starting


async def test_the_channel_knows_its_own_number_and_its_powers(whatsapp: WhatsApp) -> None:
    assert whatsapp.link() == "https://wa.me/628113450000"
    assert whatsapp.link("uji_42") == "https://wa.me/628113450000?text=/start%20uji_42"
    assert isinstance(whatsapp, ShowsTyping)
    assert isinstance(whatsapp, MarksRead)
    assert isinstance(whatsapp, Surveys)


async def test_notices_are_brought_to_our_address_after_meta_has_asked_there(server: WhatsAppServer) -> None:
    async with door_of(channel_to(server.base)) as (address, _):
        whatsapp = channel_to(server.base, callback_url=address)
        await whatsapp.start()
        await whatsapp.ask_for_calls()
        await whatsapp.ask_for_calls()
        await whatsapp.close()
    assert server.webhooks.url == address
    call, _ = server.calls("subscribed_apps")
    assert call.params == {"override_callback_uri": address, "verify_token": VERIFY_TOKEN}


async def test_an_address_that_does_not_answer_meta_is_not_taken(server: WhatsAppServer) -> None:
    async with door_of(channel_to(server.base, verify_token="kata-lain")) as (address, _):
        whatsapp = channel_to(server.base, callback_url=address)
        await whatsapp.start()
        with pytest.raises(Permanent, match="webhook_not_verified"):
            await whatsapp.ask_for_calls()
        await whatsapp.close()
    assert server.webhooks.url == ""
    server.violations.clear()


# Hearing


async def test_who_hides_her_number_is_answered_by_her_scoped_id(server: WhatsAppServer, whatsapp: WhatsApp) -> None:
    joko = server.person("Joko", username_only=True)
    async with heard(server, whatsapp) as found:
        await joko.says("halo")
    (incoming,) = found
    assert isinstance(incoming, Incoming)
    assert (incoming.address.id, incoming.address.number) == (joko.user_id, "")
    await whatsapp.send(incoming.address.id, Message("Halo"))
    await joko.hears("Halo")
    assert server.calls("messages")[-1].params["recipient"] == joko.user_id


async def test_who_has_no_scoped_id_yet_is_answered_by_her_number(server: WhatsAppServer, whatsapp: WhatsApp) -> None:
    budi = server.person("Budi", phone_only=True)
    async with heard(server, whatsapp) as found:
        await budi.says("halo")
    (incoming,) = found
    assert isinstance(incoming, Incoming)
    assert incoming.address.id == incoming.address.number == budi.wa_id
    await whatsapp.send(incoming.address.id, Message("Halo"))
    await budi.hears("Halo")
    assert server.calls("messages")[-1].params["to"] == budi.wa_id


async def test_a_new_number_tells_the_old_address_and_the_new_one(server: WhatsAppServer, whatsapp: WhatsApp) -> None:
    sari, joko = server.person("Sari"), server.person("Joko", username_only=True)
    before = [(sari.user_id, sari.wa_id), (joko.user_id, "")]
    async with heard(server, whatsapp) as found:
        await sari.changes_number("+6281234500011")
        await joko.changes_number("+6281234500012")
    moves = [each for each in found if isinstance(each, Incoming)]
    assert [(each.address.id, each.address.number) for each in moves] == before
    assert [(each.moved.id, each.moved.number) for each in moves if each.moved] == [
        (sari.user_id, "6281234500011"),
        (joko.user_id, ""),
    ]


@pytest.mark.parametrize("spread", ["messages", "changes", "entries"])
async def test_a_batch_of_several_people_is_read_whole(server: WhatsAppServer, whatsapp: WhatsApp, spread: str) -> None:
    people = [server.person(name) for name in ("Sari", "Budi", "Joko")]
    async with heard(server, whatsapp) as found:
        server.batch(5, spread=spread)
        for person in (*people, *people[:2]):
            await person.says(f"ini {person.name}")
        await server.settles()
    told = [(each.text, each.address.id) for each in found if isinstance(each, Incoming)]
    assert told == [(f"ini {person.name}", person.user_id) for person in (*people, *people[:2])]


async def test_a_forged_notice_is_not_read(server: WhatsAppServer, whatsapp: WhatsApp) -> None:
    sari = server.person("Sari")
    async with heard(server, whatsapp) as found:
        server.forge()
        await sari.says("palsu")
        await sari.says("asli")
    assert [each.text for each in found if isinstance(each, Incoming)] == ["asli"]


async def test_what_became_of_a_message_is_told_with_our_mark(
    server: WhatsAppServer, whatsapp: WhatsApp, sari: Person
) -> None:
    async with heard(server, whatsapp) as found:
        sent = await whatsapp.send(sari.wa_id, Message("Halo"), mark="m-7")
        nobody = await whatsapp.send("6281234509999", Message("Halo"), mark="m-8")
        server.skip(hours=25)
        shut = await whatsapp.send(sari.wa_id, Message("Masih di sana?"))
        while len(told := [each for each in found if isinstance(each, Receipt)]) < 4:
            await server.world.bell.heard(5)
    assert sent is not None
    assert nobody is not None
    assert shut is not None
    assert set(told) == {
        Receipt(sent, Told.SENT, "m-7"),
        Receipt(sent, Told.DELIVERED, "m-7"),
        Receipt(nobody, Told.GONE, "m-8", "undeliverable"),
        Receipt(shut, Told.SHUT, "", "window_shut"),
    }


# Marks


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Nomor: **AMB-4829**.", "Nomor: *AMB-4829*."),
        ("**/ambil** atau **kata /ambil**", "*AMBIL* atau *kata AMBIL*"),
        ("Tulis /balas 12 Bisa. (/bantuan) /siaran.", "Tulis *BALAS* 12 Bisa. (*BANTUAN*) *SIARAN*."),
        ("RT/RW, 1/2/2026, laki-laki/perempuan", "RT/RW, 1/2/2026, laki-laki/perempuan"),
        ("https://contoh.id/ambil/_a_ /var/lib", "https://contoh.id/ambil/_a_ /var/lib"),
        ("NIK **** **** **** **01", "NIK **** **** **** **01"),
        ("*Sari* _x_ ~y~ `z`", "∗Sari∗ ˍxˍ ∼y∼ ˋzˋ"),
        ("foto_ktp_1 5 * 3 * 2 a~b", "foto_ktp_1 5 * 3 * 2 a~b"),
        ("2**3**4", "234"),
        ("Sa\udc80ri", "Sari"),
    ],
)
def test_only_our_own_marks_mark(written: str, seen: str) -> None:
    assert marked(written) == seen


def test_a_label_has_no_marks_at_all() -> None:
    assert plain("**Ya** *Sari*") == "Ya ∗Sari∗"


async def test_addresses_in_a_text_show_no_preview(server: WhatsAppServer, whatsapp: WhatsApp, sari: Person) -> None:
    await whatsapp.send(sari.wa_id, Message("https://contoh.id/lihat"))
    (call,) = server.calls("messages")
    assert call.params["text"] == {"body": "https://contoh.id/lihat", "preview_url": False}


# Ready answers


async def test_three_short_answers_are_buttons(whatsapp: WhatsApp, sari: Person) -> None:
    await whatsapp.send(sari.wa_id, Message("Setuju?", YES_NO))
    (message,) = sari.sees()
    assert (message.kind, message.labels) == ("button", ["Setuju", "Tidak"])


@pytest.mark.parametrize(
    "out",
    [
        Message("Setuju?", (*YES_NO, Choice("Nanti", "c:2"), Choice("Batal", "c:3"))),
        Message("Setuju?", YES_NO, stacked=True),
        Message("Setuju?" * 200, YES_NO),
        Message("Setuju?", (Choice("Kami setuju sekali ya", "c:1"),)),
        Message("Setuju?", (Choice("Ya", "c:1"), Choice("Ya", "c:2"))),
    ],
    ids=["many", "stacked", "long text", "long label", "twice"],
)
async def test_what_has_no_room_on_buttons_is_a_list(whatsapp: WhatsApp, sari: Person, out: Message) -> None:
    await whatsapp.send(sari.wa_id, out)
    (message,) = sari.sees()
    assert (message.kind, message.opener, message.text) == ("list", "Pilih", out.text)
    assert len(set(message.labels)) == len(out.choices)
    assert [button.id for button in message.buttons] == [choice.data for choice in out.choices]


async def test_a_long_label_is_cut_at_a_word_and_stands_whole_below(whatsapp: WhatsApp, sari: Person) -> None:
    names = [VILLAGE, VILLAGE, "Latuhalat", f"{VILLAGE} yang lama sekali namanya dan tidak muat di sini"]
    choices = tuple(Choice(name, f"v:{place}") for place, name in enumerate(names))
    await whatsapp.send(sari.wa_id, Message("Desa mana?", choices))
    (message,) = sari.sees()
    assert [(button.text, button.description) for button in message.buttons] == [
        ("Kelurahan Batu Merah di…", VILLAGE),
        ("Kelurahan Batu… (2)", VILLAGE),
        ("Latuhalat", ""),
        ("Kelurahan Batu… (3)", f"{VILLAGE} yang lama sekali namanya dan…"),
    ]


async def test_more_than_a_list_holds_is_written_out_with_numbers(whatsapp: WhatsApp, sari: Person) -> None:
    choices = tuple(Choice(f"Desa {place}", f"v:{place}") for place in range(1, 12))
    await whatsapp.send(sari.wa_id, Message("Desa mana?", choices))
    (message,) = sari.sees()
    assert message.kind == "text"
    assert message.text.splitlines() == ["Desa mana?", *(f"{place}. Desa {place}" for place in range(1, 12))]


async def test_a_text_too_long_even_for_a_list_is_refused(whatsapp: WhatsApp, sari: Person) -> None:
    with pytest.raises(Permanent, match="too_long"):
        await whatsapp.send(sari.wa_id, Message("x" * 4090, tuple(Choice("Ya", f"c:{n}") for n in range(12))))
    assert sari.sees() == []


async def test_nobody_is_at_an_address_that_is_none(whatsapp: WhatsApp) -> None:
    for nowhere in ("", "777", "08123450001", "worker-1", "ID.", "ID.1/../2"):
        with pytest.raises(Stopped):
            await whatsapp.send(nowhere, Message("Halo"))


# Late


NEWS = LATE_TEXTS["news_for_you"]


async def test_what_comes_too_late_for_free_text_goes_as_its_template(
    server: WhatsAppServer, whatsapp: WhatsApp, sari: Person
) -> None:
    server.add_template("lindung_news_for_you", "Ada kabar. Untuk membacanya, balas *LIHAT*.")
    server.skip(hours=30)
    out = Message("Kabar panjang", late=NEWS.late())
    assert await whatsapp.send(sari.wa_id, out, late=True, mark="m-1")
    (message,) = sari.sees()
    assert (message.template, message.language, message.mark) == ("lindung_news_for_you", "id", "m-1")


@pytest.mark.parametrize("out", [Message("Halo"), Message("Halo", late=Late("never_heard_of"))])
async def test_what_has_no_late_text_needs_one(whatsapp: WhatsApp, sari: Person, out: Message) -> None:
    with pytest.raises(NeedsTemplate, match="no_late_text"):
        await whatsapp.send(sari.wa_id, out, late=True)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("", "template_missing"),
        ("PENDING", "template_missing"),
        ("REJECTED", "template_missing"),
        ("PAUSED", "template_paused"),
        ("DISABLED", "template_disabled"),
    ],
)
async def test_a_template_that_meta_does_not_let_go_is_asked_for(
    server: WhatsAppServer, whatsapp: WhatsApp, sari: Person, status: str, code: str
) -> None:
    if status:
        server.add_template("lindung_news_for_you", "Ada kabar.", status=status)
    with pytest.raises(NeedsTemplate, match=code):
        await whatsapp.send(sari.wa_id, Message("Kabar", late=NEWS.late()), late=True)
    server.violations.clear()


# Being seen


async def test_her_message_is_marked_as_read(server: WhatsAppServer, whatsapp: WhatsApp, sari: Person) -> None:
    (own,) = sari.wrote()
    await whatsapp.mark_read(sari.wa_id, own.id)
    assert own.status == "read"
    await whatsapp.show_typing(sari.wa_id)
    assert len(server.calls("read")) == 1
