"""What the WhatsApp stand-in tells us, and how: every kind of notice, signed, repeated, in heaps and out of order.

What it takes from us is in test_whatsapp_server.py, templates in test_whatsapp_server_templates.py.
"""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.whatsapp import BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID, VERIFY_TOKEN, WhatsAppServer
from tests.servers.whatsapp_caller import HEADERS, Caller, Listener, listening
from tests.servers.whatsapp_people import Person, grey_photo

APPS = f"{BUSINESS_ACCOUNT_ID}/subscribed_apps"
YES_NO = {
    "type": "button",
    "body": {"text": "Setuju?"},
    "action": {
        "buttons": [
            {"type": "reply", "reply": {"id": "c:1:yes", "title": "Setuju ✅"}},
            {"type": "reply", "reply": {"id": "c:1:no", "title": "Tidak"}},
        ]
    },
}


@pytest.fixture
async def server() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer(patience=2.0) as server:
        yield server


@pytest.fixture
async def call(server: WhatsAppServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(server, session)


@pytest.fixture
async def door(server: WhatsAppServer) -> AsyncIterator[Listener]:
    async with listening() as door:
        server.webhook(door.url)
        yield door


@pytest.fixture
def sari(server: WhatsAppServer, door: Listener) -> Person:
    return Person(server, "Sari", phone="+6281234500001")


def only(door: Listener, **about: Any) -> dict[str, Any]:
    """The one message that came, without what every message has."""
    (message,) = door.messages
    rest = {key: value for key, value in message.items() if key not in ("from", "from_user_id", "id", "timestamp")}
    assert rest == about
    return dict(message)


# What is told


async def test_a_text_comes_with_who_wrote_it_and_to_which_number(sari: Person, door: Listener) -> None:
    written = await sari.says("halo / 🙏")
    message = only(door, type="text", text={"body": "halo / 🙏"})
    assert (message["from"], message["from_user_id"], message["id"]) == (sari.wa_id, sari.user_id, written)
    (value,) = door.values
    assert value["messaging_product"] == "whatsapp"
    assert value["metadata"] == {"display_phone_number": "628113450000", "phone_number_id": PHONE_NUMBER_ID}
    assert value["contacts"] == [{"profile": {"name": "Sari"}, "wa_id": sari.wa_id, "user_id": sari.user_id}]
    assert door.bodies[0]["entry"][0]["id"] == BUSINESS_ACCOUNT_ID
    assert b"halo \\/ \\ud83d\\ude4f" in door.raw[0]


async def test_a_tap_names_the_button_and_the_message_it_stood_under(
    sari: Person, call: Caller, door: Listener
) -> None:
    await sari.says("halo")
    sent = await call.sends(sari, "interactive", YES_NO)
    door.bodies.clear()
    await sari.taps("setuju")
    reply = {"type": "button_reply", "button_reply": {"id": "c:1:yes", "title": "Setuju ✅"}}
    only(door, type="interactive", interactive=reply, context={"from": "628113450000", "id": sent})
    door.bodies.clear()
    await sari.taps(data="c:0:old", message_id="wamid.lama")
    assert door.messages[0]["interactive"]["button_reply"]["id"] == "c:0:old"
    with pytest.raises(AssertionError, match="finds no"):
        await sari.taps("Mungkin", within=0.01)


async def test_a_row_of_a_list_and_a_quick_reply_are_told_in_their_own_ways(
    sari: Person, call: Caller, door: Listener
) -> None:
    await sari.says("halo")
    row = {"id": "v:1", "title": "Latuhalat", "description": "Nusaniwe"}
    action = {"button": "Pilih", "sections": [{"rows": [row]}]}
    await call.sends(sari, "interactive", {"type": "list", "body": {"text": "Desa?"}, "action": action})
    sari.server.add_template("kabar", "Ada kabar untuk Anda.", buttons=("Lihat",))
    await call.sends(sari, "template", {"name": "kabar", "language": {"code": "id"}})
    await sari.taps("Latuhalat")
    await sari.taps("Lihat")
    tapped, quick = door.messages[-2:]
    assert tapped["interactive"] == {"type": "list_reply", "list_reply": row}
    assert (quick["type"], quick["button"]) == ("button", {"payload": "Lihat", "text": "Lihat"})


async def test_a_photo_is_an_id_by_which_it_is_fetched(sari: Person, call: Caller, door: Listener) -> None:
    photo = grey_photo()
    await sari.sends_photo(photo, caption="KTP saya")
    image = door.messages[0]["image"]
    assert (image["mime_type"], image["caption"]) == ("image/jpeg", "KTP saya")
    assert image["sha256"] == base64.b64encode(hashlib.sha256(photo).digest()).decode()
    about = await call.gets(image["id"])
    async with call.session.get(about["url"], headers=HEADERS) as answer:
        assert await answer.read() == photo


async def test_every_other_thing_a_person_sends_has_its_shape(sari: Person, door: Listener) -> None:
    await sari.sends_document(b"%PDF-1.7", "surat.pdf", mime="application/pdf")
    await sari.sends_photo(as_document=True)
    await sari.sends_voice()
    await sari.sends_video(caption="Perahu")
    await sari.sends_sticker()
    await sari.sends_location(name="Latuhalat")
    await sari.shares_contact()
    await sari.shares_contact(own=False)
    await sari.sends_unsupported()
    paper, scan, voice, video, sticker, place, own, other, unknown = door.messages
    assert (paper["document"]["filename"], scan["document"]["mime_type"]) == ("surat.pdf", "image/jpeg")
    assert (voice["type"], voice["audio"]["voice"]) == ("audio", True)
    assert (video["video"]["caption"], sticker["sticker"]["animated"]) == ("Perahu", False)
    assert place["location"] == {"latitude": -3.6954, "longitude": 128.1814, "name": "Latuhalat"}
    assert [each["contacts"][0]["phones"][0]["wa_id"] for each in (own, other)] == [sari.wa_id, "6281234509999"]
    assert (unknown["type"], unknown["errors"][0]["code"]) == ("unsupported", 131051)
    assert len(sari.wrote()) == 9


async def test_reactions_edits_and_deletions_name_the_message_they_are_about(
    sari: Person, call: Caller, door: Listener
) -> None:
    first = await sari.says("SARNI")
    sent = await call.sends(sari)
    await sari.reacts("👍")
    await sari.reacts("", message_id=sent)
    await sari.edits("SARNI T")
    await sari.deletes(message_id=first)
    reacted, taken_back, edited, deleted = door.messages[1:]
    assert reacted["reaction"] == {"message_id": sent, "emoji": "👍"}
    assert taken_back["reaction"] == {"message_id": sent}
    change = {"original_message_id": first, "message": {"type": "text", "text": {"body": "SARNI T"}}}
    assert (edited["type"], edited["edit"]) == ("edit", change)
    assert (deleted["type"], deleted["revoke"]) == ("revoke", {"original_message_id": first})
    assert edited["id"] != first
    assert sari.wrote() == []


async def test_an_edit_comes_in_time_or_not_at_all_and_unreadable_where_meta_says_so(
    sari: Person, door: Listener
) -> None:
    await sari.says("SARNI")
    sari.server.settings.edits = "unsupported"
    await sari.edits("SARNI T")
    assert door.messages[-1]["unsupported"] == {"type": "edit"}
    sari.server.skip(hours=1)
    with pytest.raises(AssertionError, match="too late"):
        await sari.edits("SARNI TU")


async def test_a_new_number_is_told_without_a_contact_and_brings_a_new_user_id(
    sari: Person, call: Caller, door: Listener
) -> None:
    await sari.says("halo")
    before = sari.user_id
    await sari.changes_number("+6281234500007")
    (value,) = door.values[1:]
    system = value["messages"][0]["system"]
    assert "contacts" not in value
    assert value["messages"][0]["from"] == "6281234500001"
    assert (system["type"], system["wa_id"]) == ("user_changed_number", "6281234500007")
    assert (system["previous_user_id"], system["user_id"]) == (before, sari.user_id)
    await call.sends("6281234500007")
    await sari.hears("Halo")
    sari.shows(phone=False)
    await sari.changes_number("+6281234500008")
    hidden = door.messages[-1]
    assert hidden["system"]["type"] == "user_changed_user_id"
    assert "from" not in hidden
    assert "6281234500008" not in str(hidden)


async def test_a_person_may_show_one_id_and_later_the_other(server: WhatsAppServer, door: Listener) -> None:
    budi = Person(server, "Budi", username_only=True)
    joko = Person(server, "Joko", phone_only=True)
    await budi.says("halo")
    await joko.says("halo")
    first, second = door.values
    assert first["contacts"] == [{"profile": {"name": "Budi", "username": "budi.uji"}, "user_id": budi.user_id}]
    assert "from" not in first["messages"][0]
    assert second["contacts"] == [{"profile": {"name": "Joko"}, "wa_id": joko.wa_id}]
    assert "from_user_id" not in second["messages"][0]
    budi.shows()
    await budi.says("ini nomor saya")
    assert door.messages[-1]["from"] == budi.wa_id


# Statuses


async def test_sent_delivered_and_read_tell_whose_and_which_message(sari: Person, call: Caller, door: Listener) -> None:
    await sari.says("halo")
    sent = await call.sends(sari, biz_opaque_callback_data="out-17")
    await door.waits_for("statuses", 2)
    await sari.reads()
    statuses = door.statuses
    assert [each["status"] for each in statuses] == ["sent", "delivered", "read"]
    for each in statuses:
        assert (each["id"], each["biz_opaque_callback_data"]) == (sent, "out-17")
        assert (each["recipient_id"], each["recipient_user_id"]) == (sari.wa_id, sari.user_id)
        assert each["pricing"]["category"] == "service"
    await sari.reads()
    assert len(door.statuses) == 3


async def test_a_hidden_number_is_not_in_statuses_and_failures_come_even_without_statuses(
    server: WhatsAppServer, call: Caller, door: Listener
) -> None:
    budi = Person(server, "Budi", username_only=True)
    await budi.says("halo")
    await call.sends("", recipient=budi.user_id)
    await door.waits_for("statuses", 2)
    assert all("recipient_id" not in each and each["recipient_user_id"] == budi.user_id for each in door.statuses)
    server.settings.statuses = False
    await call.sends("", recipient=budi.user_id)
    server.skip(hours=25)
    await call.sends("", recipient=budi.user_id)
    await door.waits_for("statuses", 3)
    assert [each["status"] for each in door.statuses[2:]] == ["failed"]


# How it comes


async def test_what_is_not_answered_200_comes_again_until_it_is(sari: Person, door: Listener) -> None:
    door.answers = [500, 404, 302]
    await sari.says("halo")
    assert [each["text"]["body"] for each in door.messages] == ["halo"]
    assert sari.server.webhooks.counts["retried"] == 3
    sari.server.fault("webhook", "lost")
    sari.server.fault("webhook", "duplicate")
    await sari.says("lagi")
    await door.waits_for("messages", 4)
    assert [each["text"]["body"] for each in door.messages] == ["halo", "lagi", "lagi", "lagi"]
    await sari.server.settles()


async def test_a_person_does_not_wait_for_ever_for_a_closed_door(sari: Person, door: Listener) -> None:
    sari.server.settings.patience = 0.05
    door.answers = [500] * 100
    with pytest.raises(AssertionError, match="did not take"):
        await sari.says("halo")
    sari.server.settings.patience = 0
    await sari.says("halo?")
    assert sari.server.webhooks.undelivered() == 2


@pytest.mark.parametrize(
    ("spread", "entries", "changes", "messages"), [("messages", 1, 1, 3), ("changes", 1, 3, 1), ("entries", 3, 1, 1)]
)
async def test_several_messages_come_in_one_body(
    sari: Person, door: Listener, spread: str, entries: int, changes: int, messages: int
) -> None:
    budi = Person(sari.server, "Budi")
    sari.server.batch(3, spread=spread)
    await sari.says("satu")
    await budi.says("dua")
    assert door.bodies == []
    await sari.says("tiga")
    (body,) = door.bodies
    assert [each["text"]["body"] for each in door.messages] == ["satu", "dua", "tiga"]
    assert len(body["entry"]) == entries
    assert {len(entry["changes"]) for entry in body["entry"]} == {changes}
    assert {len(value["messages"]) for value in door.values} == {messages}
    if spread == "messages":
        assert [each["profile"]["name"] for each in door.values[0]["contacts"]] == ["Sari", "Budi"]


async def test_several_statuses_come_in_one_body(sari: Person, call: Caller, door: Listener) -> None:
    await sari.says("halo")
    sari.server.batch(2, of="statuses")
    await call.sends(sari)
    await door.waits_for("statuses", 2)
    assert [each["status"] for each in door.values[-1]["statuses"]] == ["sent", "delivered"]


async def test_notices_come_again_and_in_the_wrong_order(sari: Person, door: Listener) -> None:
    sari.server.reorder(3)
    for text in ("satu", "dua", "tiga"):
        await sari.says(text)
    await door.waits_for("messages", 3)
    sari.server.redeliver(2)
    await door.waits_for("messages", 5)
    assert [each["text"]["body"] for each in door.messages[:3]] == ["tiga", "dua", "satu"]
    assert sorted(each["text"]["body"] for each in door.messages[3:]) == ["dua", "tiga"]
    sari.server.hold()
    await sari.says("empat")
    await sari.says("lima")
    await asyncio.sleep(0.02)
    assert len(door.messages) == 5
    sari.server.release("kept")
    await door.waits_for("messages", 7)
    assert [each["text"]["body"] for each in door.messages[5:]] == ["empat", "lima"]


async def test_a_forged_body_comes_once_and_must_be_refused(sari: Person, door: Listener) -> None:
    sari.server.forge()
    await sari.says("palsu")
    assert (door.refused, door.messages) == (1, [])
    await sari.says("asli")
    assert [each["text"]["body"] for each in door.messages] == ["asli"]
    assert sari.server.violations == []


async def test_what_happens_before_there_is_a_door_waits_for_it(server: WhatsAppServer) -> None:
    sari = Person(server, "Sari")
    await sari.says("satu")
    await sari.says("dua")
    async with listening() as door:
        server.webhook(door.url)
        await door.waits_for("messages", 2)
        assert [each["text"]["body"] for each in door.messages] == ["satu", "dua"]


# Which door


async def test_an_address_is_believed_once_it_has_answered_the_challenge(server: WhatsAppServer, call: Caller) -> None:
    assert await call.gets(APPS) == {"data": []}
    async with listening() as door:
        asked = {"override_callback_uri": door.url, "verify_token": VERIFY_TOKEN}
        for wrong in ({"verify_token": "salah"}, {"override_callback_uri": "http://127.0.0.1:9/a"}):
            assert (await call.fails(APPS, asked | wrong)).startswith("400 2200 (#2200) Callback verification failed")
        for wrong in ({"verify_token": ""}, {"override_callback_uri": "pintu"}, {"secret": "x"}):
            assert (await call.fails(APPS, asked | wrong)).startswith("400")
        assert server.webhooks.url == ""
        assert await call.posts(APPS, asked) == {"success": True}
        assert (await call.gets(APPS))["data"][0]["override_callback_uri"] == door.url
        await Person(server, "Sari").says("halo")
        assert len(door.messages) == 1
        assert await call("DELETE", APPS) == (200, {"success": True})
        assert await call.gets(APPS) == {"data": []}
    assert await call.posts(APPS, {}) == {"success": True}
