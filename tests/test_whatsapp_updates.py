"""What Meta tells us is understood: a recorded payload of every kind, batches, and the webhook's door.

The payloads lie in payloads/whatsapp/; all people in them are invented.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.texts import Voice
from channels.base import Refused, Verifies
from channels.whatsapp import WhatsApp, WhatsAppWords
from channels.whatsapp_read import known_as, read_body
from conversation.messages import Attachment, Incoming, Kind, Receipt, Told
from domain.address import Address

PAYLOADS = Path(__file__).parent / "payloads" / "whatsapp"
SECRET = "rahasia-aplikasi-uji"
VERIFY = "kata-verifikasi-uji"
US = "111000111000111"

SARI = Address("whatsapp", US, "ID.9900000000000001", "6281234500001")
SARI_BY_NUMBER = Address("whatsapp", US, "6281234500001", "6281234500001")
BUDI = Address("whatsapp", US, "ID.9900000000000002")
MOVED = Address("whatsapp", US, "ID.9900000000000011", "6281234500011")

Meaning = dict[str, Any]


def did(kind: Kind, number: int = 41, *, by: Address = SARI, name: str = "Sari", **about: Any) -> Meaning:
    """What somebody did with the message of this number."""
    own = {"message_id": known_as(wamid(number)), "read_id": wamid(number)}
    return {"number": number, "address": by, "kind": kind, "first_name": name, **own, **about}


def said(text: str, number: int = 41, **about: Any) -> Meaning:
    return did(Kind.TEXT, number, text=text, **about)


def sent(what: str, text: str = "", **about: Any) -> Meaning:
    ref = about.pop("ref", "700000000000041")
    return did(Kind.FILE, text=text, attachment=Attachment(what, ref, **about))


def tapped(data: str) -> Meaning:
    return did(Kind.TAP, tap=data, tap_id=wamid(41), message_id=known_as("wamid.kami0007"))


def moved(to: Address, *, by: Address) -> Meaning:
    return did(Kind.MOVED, by=by, name="", moved=to, message_id="", read_id="")


def wamid(number: int) -> str:
    return f"wamid.uji{number:04d}"


def receipt(told: Told, number: int = 7, *, mark: str = "m-1", code: str = "") -> Receipt:
    return Receipt(known_as(f"wamid.kami{number:04d}"), told, mark, code)


# What each recorded payload says.
MEANINGS: dict[str, list[Meaning | Receipt]] = {
    "text": [said("Saya mau daftar, Pak 🙏")],
    "text_by_number_alone": [said("halo", by=SARI_BY_NUMBER)],
    "text_by_scoped_id_alone": [said("halo", by=BUDI, name="Budi")],
    "text_with_the_scoped_id_among_the_contacts_only": [said("halo")],
    "text_with_a_parent_id": [said("halo")],
    "forwarded_text": [said("Besok kumpul di dermaga")],
    "quoting_text": [said("Betul yang ini")],
    "text_with_unknown_fields": [said("Latuhalat")],
    "text_with_null_byte": [said("Sari")],
    "text_without_name": [said("halo", name="")],
    "text_from_an_advertisement": [said("Daftar")],
    "text_without_text": [],
    "tap_on_a_button": [tapped("f:1:consent:0")],
    "tap_on_a_row": [tapped("f:2:village:7")],
    "tap_on_a_quick_reply": [tapped("ev:yes:3f")],
    "quick_reply_without_data": [said("Hadir")],
    "form_of_meta": [did(Kind.OTHER)],
    "photo": [sent("photo", "KTP saya", mime="image/jpeg")],
    "photo_that_meta_lost": [sent("photo", ref="", mime="image/jpeg")],
    "image_document": [sent("image", mime="image/heic", file_name="KTP.heic")],
    "picture_named_so_only": [sent("image", mime="application/octet-stream", file_name="IMG_0001.JPG")],
    "pdf": [sent("document", "ini ktp saya", mime="application/pdf", file_name="ktp.pdf")],
    "voice": [sent("voice", mime="audio/ogg")],
    "audio": [sent("audio", mime="audio/mpeg")],
    "video": [sent("video", "di laut", mime="video/mp4")],
    "sticker": [sent("sticker", mime="image/webp")],
    "location": [sent("location", ref="")],
    "own_number": [did(Kind.PHONE, phone="+62 812-3450-0001", own=True)],
    "own_number_among_others": [did(Kind.PHONE, phone="+62 812-3450-0001", own=True)],
    "number_of_somebody_else": [did(Kind.PHONE, phone="+62 812-3450-0002")],
    "number_without_account": [did(Kind.PHONE, phone="0812-3450-0003")],
    "number_whose_owner_is_unknown": [did(Kind.PHONE, by=BUDI, name="Budi", phone="+62 812-3450-0002")],
    "card_without_number": [did(Kind.PHONE)],
    "reaction": [],
    "reaction_taken_back": [],
    "edited_text": [did(Kind.EDIT, text="Sari Contoh Dua", message_id=known_as("wamid.uji0040"))],
    "edited_caption": [did(Kind.EDIT, text="KTP baru", message_id=known_as("wamid.uji0040"))],
    "deleted": [did(Kind.EDIT, message_id=known_as("wamid.uji0040"))],
    "poll": [did(Kind.OTHER)],
    "seen_once": [did(Kind.OTHER)],
    "order": [did(Kind.OTHER)],
    "kind_of_the_future": [did(Kind.OTHER)],
    "our_own_echo": [],
    "echo_of_the_app": [],
    "message_in_a_group": [],
    "message_without_sender": [],
    "another_number": [],
    "template_reviewed": [],
    "trouble_with_our_number": [],
    "changed_number": [moved(MOVED, by=SARI)],
    "changed_number_before_scoped_ids": [
        moved(Address("whatsapp", US, "6281234500011", "6281234500011"), by=SARI_BY_NUMBER)
    ],
    "changed_scoped_id": [moved(Address("whatsapp", US, "ID.9900000000000012"), by=BUDI)],
    "identity_key_changed": [],
    "sent": [receipt(Told.SENT)],
    "sent_without_a_mark": [receipt(Told.SENT, mark="")],
    "delivered": [receipt(Told.DELIVERED)],
    "read": [receipt(Told.READ)],
    "failed_undeliverable": [receipt(Told.GONE, code="undeliverable")],
    "failed_outside_the_window": [receipt(Told.SHUT, code="window_shut")],
    "failed_too_many_to_one": [receipt(Told.LATER, code="too_many_to_one")],
    "failed_marketing_limit": [receipt(Told.FAILED, code="marketing_limit")],
    "failed_unknown_code": [receipt(Told.FAILED, code="refused")],
    "failed_without_a_code": [receipt(Told.FAILED, code="refused")],
    "status_of_the_future": [],
    "batch_of_messages": [said("satu"), said("dua", 42, by=BUDI, name="Budi"), said("tiga", 43)],
    "batch_of_changes_and_entries": [said("satu"), said("dua", 42, by=BUDI, name="Budi"), said("tiga", 43)],
    "batch_with_statuses_and_other_numbers": [
        said("satu"),
        receipt(Told.SENT, mark=""),
        receipt(Told.DELIVERED, mark=""),
        receipt(Told.SENT, 8, mark=""),
        said("dua", 42, by=BUDI, name="Budi"),
        receipt(Told.READ, 8, mark=""),
    ],
    "batch_with_broken_ones": [said("satu"), said("tiga", 43), receipt(Told.SENT, mark="")],
}


@pytest.fixture
def whatsapp() -> WhatsApp:
    return channel()


def channel(**settings: str) -> WhatsApp:
    about = {"app_secret": SECRET, "verify_token": VERIFY, **settings}
    words = WhatsAppWords(pick="Pilih", say=Voice("Asia/Jayapura"))
    return WhatsApp(token="token-uji", phone_number_id=US, business_account_id="222000222000222", words=words, **about)


def recorded(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def without_keys(found: list[Incoming | Receipt]) -> list[Incoming | Receipt]:
    return [each if isinstance(each, Receipt) else Incoming(**{**vars(each), "key": ""}) for each in found]


def meant(meaning: Meaning | Receipt) -> Incoming | Receipt:
    if isinstance(meaning, Receipt):
        return meaning
    about = {name: value for name, value in meaning.items() if name != "number"}
    return Incoming(key="", **about)


# What it says


@pytest.mark.parametrize("name", MEANINGS)
def test_a_recorded_payload_is_understood(whatsapp: WhatsApp, name: str) -> None:
    body = recorded(name)
    found = list(whatsapp.read(body, signed(body)))
    assert without_keys(found) == [meant(each) for each in MEANINGS[name]]
    assert all(each.key.startswith(f"whatsapp:{US}:") for each in found if isinstance(each, Incoming))


def test_every_recorded_payload_has_a_meaning() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == MEANINGS.keys()


def test_the_same_message_has_the_same_key_and_the_key_does_not_tell_her_number(whatsapp: WhatsApp) -> None:
    first, again, other = (
        read_body(json.loads(recorded(name)), bot=US)[0] for name in ("text", "text", "batch_of_messages")
    )
    assert isinstance(first, Incoming)
    assert isinstance(again, Incoming)
    assert isinstance(other, Incoming)
    assert first.key == again.key == other.key
    assert "wamid" not in first.key


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_nothing_of_a_batch_is_lost_however_it_is_repeated_and_shuffled(whatsapp: WhatsApp, count: int) -> None:
    shuffled = random.Random(count)
    messages = [_text(number) for number in range(count)] + [_text(shuffled.randrange(count)) for _ in range(3)]
    shuffled.shuffle(messages)
    entries: list[Any] = [{"id": "222000222000222", "changes": []} for _ in range(3)]
    for message in messages:
        value = {"metadata": {"phone_number_id": US}, "messages": [message]}
        shuffled.choice(entries)["changes"].append({"field": "messages", "value": value})
    body = json.dumps({"entry": entries}).encode()
    found = [each for each in whatsapp.read(body, signed(body)) if isinstance(each, Incoming)]
    assert len(found) == count + 3
    assert {each.text for each in found} == {f"kabar {number}" for number in range(count)}
    assert len({each.key for each in found}) == count


def test_what_one_body_tells_is_read_in_the_order_it_was_sent_and_within_a_second_as_it_stands(
    whatsapp: WhatsApp,
) -> None:
    sent = [(4, "1795300002"), (1, "1795300000"), (2, "1795300000"), (5, "1795300002"), (3, "1795300001")]
    values: list[dict[str, Any]] = [{"messages": [{**_text(number), "timestamp": at}]} for number, at in sent]
    values.insert(2, {"statuses": [{"id": wamid(9), "status": "sent", "timestamp": "1795300009"}]})
    changes = [{"field": "messages", "value": {"metadata": {"phone_number_id": US}, **value}} for value in values]
    body = json.dumps({"entry": [{"changes": changes[:3]}, {"changes": changes[3:]}]}).encode()
    found = whatsapp.read(body, signed(body))
    assert [each.text for each in found if isinstance(each, Incoming)] == [f"kabar {number}" for number in range(1, 6)]


@pytest.mark.parametrize("at", [None, "", "kemarin", -1, "9" * 400, [], "\u0661"])
def test_a_message_with_no_readable_time_stays_behind_the_one_before_it(whatsapp: WhatsApp, at: object) -> None:
    messages = [{**_text(1), "timestamp": "1795300000"}, {**_text(2), "timestamp": at}]
    messages.append({**_text(3), "timestamp": "1795300001"})
    value = {"metadata": {"phone_number_id": US}, "messages": messages}
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
    found = [each.text for each in whatsapp.read(body, signed(body)) if isinstance(each, Incoming)]
    assert found == ["kabar 1", "kabar 2", "kabar 3"]


def _text(number: int) -> dict[str, Any]:
    about = {"from": f"62812345{number:05d}", "id": wamid(number), "type": "text"}
    return {**about, "text": {"body": f"kabar {number}"}}


def test_what_cannot_be_read_is_logged_by_its_sort_alone(caplog: pytest.LogCaptureFixture, whatsapp: WhatsApp) -> None:
    body = recorded("batch_with_broken_ones")
    whatsapp.read(body, signed(body))
    assert "A message of WhatsApp could not be read and is skipped: TypeError" in caplog.text
    assert "A status of WhatsApp could not be read and is skipped: KeyError" in caplog.text
    assert "kata" not in caplog.text


def test_a_trouble_with_our_number_is_logged_by_its_word(caplog: pytest.LogCaptureFixture, whatsapp: WhatsApp) -> None:
    caplog.set_level(logging.WARNING)
    body = recorded("trouble_with_our_number")
    assert whatsapp.read(body, signed(body)) == []
    assert "too_many_messages" in caplog.text


def test_half_a_letter_is_left_out_and_the_text_is_kept(whatsapp: WhatsApp) -> None:
    assert _read_text(whatsapp, "Sa\ud800ri 🙏") == "Sari 🙏"


def test_a_text_longer_than_any_phone_sends_is_cut(whatsapp: WhatsApp) -> None:
    assert len(_read_text(whatsapp, "a" * 60_000)) == 5_000


def _read_text(whatsapp: WhatsApp, text: str) -> str:
    raw = json.loads(recorded("text"))
    raw["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = text
    body = json.dumps(raw).encode()
    (incoming,) = whatsapp.read(body, signed(body))
    assert isinstance(incoming, Incoming)
    return incoming.text


# The door


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha256=é-\udc80"},
        signed(b"{}"),
        signed(recorded("text"), "rahasia-lain"),
        {"X-Hub-Signature": "sha1=" + hmac.new(SECRET.encode(), recorded("text"), "sha1").hexdigest()},
    ],
)
def test_joko_cannot_post_without_the_signature_of_these_very_bytes(
    whatsapp: WhatsApp, headers: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refused:
        whatsapp.read(recorded("text"), headers)
    assert refused.value.code == "signature"


def test_joko_cannot_sign_with_a_secret_that_was_never_set() -> None:
    with pytest.raises(Refused):
        channel(app_secret="").read(b"{}", signed(b"{}", ""))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"17", b'{"entry": 5}', b"\xff\xfe", b"[" * 100_000])
def test_a_malformed_body_says_nothing(whatsapp: WhatsApp, body: bytes) -> None:
    assert whatsapp.read(body, signed(body)) == []


def _asked(**about: str) -> dict[str, str]:
    asked = {"mode": "subscribe", "verify_token": VERIFY, "challenge": "1158201444", **about}
    return {f"hub.{name}": value for name, value in asked.items()}


def test_meta_is_answered_when_it_asks_whether_we_are_meant(whatsapp: WhatsApp) -> None:
    assert isinstance(whatsapp, Verifies)
    assert whatsapp.verify(_asked()) == "1158201444"


@pytest.mark.parametrize(
    "query",
    [
        {},
        _asked(verify_token="kata-lain"),
        _asked(verify_token=""),
        _asked(verify_token="é\udc80"),
        _asked(mode="unsubscribe"),
        _asked(challenge=""),
        _asked(challenge="<script>alert(1)</script>"),
        _asked(challenge="1" * 65),
    ],
)
def test_joko_is_not_answered(whatsapp: WhatsApp, query: dict[str, str]) -> None:
    with pytest.raises(Refused):
        whatsapp.verify(query)


def test_nobody_is_answered_where_no_word_is_set() -> None:
    with pytest.raises(Refused):
        channel(verify_token="").verify(_asked(verify_token=""))


# Whatever comes

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(sorted(MEANINGS)), place=st.integers(0, 60), value=json_values)
def test_no_damaged_webhook_breaks_the_door(name: str, place: int, value: object) -> None:
    raw = json.loads(recorded(name))
    spots = _spots(raw)
    damage = spots[place % len(spots)]
    damage(value)
    for each in read_body(raw, bot=US):
        for text in vars(each).values():
            if isinstance(text, str):
                assert "\x00" not in text
                text.encode("utf-8")


def _spots(value: object) -> list[Callable[[object], None]]:
    """A way to damage every place in a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[Callable[[object], None]] = []
    for key, inner in list(pairs):
        found += [lambda new, key=key: value.__setitem__(key, new), *_spots(inner)]  # type: ignore[union-attr]
    return found
