"""What Telegram tells us is understood: a recorded payload of every kind, and the webhook's door.

The payloads lie in payloads/telegram/; all people in them are invented.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Refused
from channels.telegram import Telegram
from channels.telegram_read import read_update
from conversation.messages import Attachment, Incoming, Kind
from domain.address import Address

PAYLOADS = Path(__file__).parent / "payloads" / "telegram"
SECRET = "rahasia-uji"
DOOR = {"X-Telegram-Bot-Api-Secret-Token": SECRET}

SARI = {"message_id": "41", "language": "id", "first_name": "Sari"}
TAP = {"language": "id", "first_name": "Sari"}
GROUP = "-4000001"
SUPERGROUP = "-1001700000001"
CHANNEL = "-1001700000002"


def sent(what: str, **about: object) -> dict[str, object]:
    return {"kind": Kind.FILE, **SARI, "attachment": Attachment(what, **about)}


def said(text: str, **about: object) -> dict[str, object]:
    return {"kind": Kind.TEXT, **SARI, "text": text, **about}


def in_group(address: str, **about: object) -> dict[str, object]:
    return {"kind": Kind.GROUP, "address": address, **about}


PHOTO = {"ref": "AgACbesar", "size": 148211, "mime": "image/jpeg"}
BYTES = {"ref": "BQACpolos", "size": 310544, "mime": "application/octet-stream"}
PAPER = {"ref": "BQACpdf", "size": 88123, "mime": "application/pdf"}

# What each recorded payload says; None for one that asks for no answer.
MEANINGS: dict[str, dict[str, object] | None] = {
    "text": said("Saya mau daftar, Pak 🙏"),
    "deep_link": said("/start uji_KODE-42"),
    "command_with_our_name": said("/status sekarang"),
    "command_with_another_name": said("/status@bot_lain"),
    "reply_with_quote": said("Betul yang ini", message_id="44"),
    "forwarded_text": said("Besok kumpul di dermaga"),
    "text_with_unknown_fields": said("Latuhalat"),
    "text_with_null_byte": said("Sari"),
    "photo": {**sent("photo", **PHOTO), "text": "KTP saya"},
    "photo_of_an_album": sent("photo", **PHOTO, album="13900000000000001"),
    "image_document": sent("image", ref="BQACktp", size=2310544, mime="image/heic", file_name="KTP.heic"),
    "picture_named_so_only": sent("image", **BYTES, file_name="IMG_0001.JPG"),
    "pdf": {**sent("document", **PAPER, file_name="ktp.pdf"), "text": "ini ktp saya"},
    "voice": sent("voice"),
    "video": sent("video"),
    "video_note": sent("video_note"),
    "audio": sent("audio"),
    "sticker": sent("sticker"),
    "animation": sent("animation"),
    "location": sent("location"),
    "venue": sent("location"),
    "own_number": {"kind": Kind.PHONE, **SARI, "phone": "+6281234500001", "own": True},
    "number_of_somebody_else": {"kind": Kind.PHONE, **SARI, "phone": "6281234500002"},
    "number_without_account": {"kind": Kind.PHONE, **SARI, "phone": "0812-3450-0003"},
    "poll": {"kind": Kind.OTHER, **SARI},
    "dice": {"kind": Kind.OTHER, **SARI},
    "story": {"kind": Kind.OTHER, **SARI},
    "edited_text": {"kind": Kind.EDIT, **SARI, "text": "Sari Contoh Dua"},
    "edited_caption": {"kind": Kind.EDIT, **SARI, "message_id": "41"},
    "live_location_moves": None,
    "tap": {"kind": Kind.TAP, **TAP, "message_id": "42", "tap": "c:1:ya", "tap_id": "3006000000000000001"},
    "tap_on_an_old_message": {
        "kind": Kind.TAP,
        **TAP,
        "message_id": "7",
        "tap": "c:1:no",
        "tap_id": "3006000000000000002",
    },
    "tap_without_data": {"kind": Kind.TAP, **TAP, "message_id": "7", "tap_id": "3006000000000000003"},
    "tap_inline": None,
    "tap_in_a_group": in_group(GROUP, tap_id="3006000000000000005"),
    "blocked": {"kind": Kind.BLOCKED},
    "returned": {"kind": Kind.RETURNED},
    "added_to_a_group": in_group(GROUP),
    "removed_from_a_group": None,
    "thrown_out_of_a_group": None,
    "made_administrator_of_a_channel": in_group(CHANNEL),
    "message_in_a_group": in_group(SUPERGROUP),
    "photo_in_a_group": in_group(GROUP),
    "group_says_we_joined": None,
    "group_says_we_left": None,
    "group_became_supergroup": None,
    "edit_in_a_group": None,
    "channel_post": in_group(CHANNEL),
    "pinned_message": None,
    "auto_delete_set": None,
    "from_another_bot": None,
    "inline_query": None,
    "poll_answer": None,
    "reaction": None,
    "update_of_an_unknown_sort": None,
    "message_without_chat": None,
}


@pytest.fixture
def telegram() -> Telegram:
    return Telegram(
        token="990001:token-uji",
        api_url="http://127.0.0.1:9",
        webhook_url="http://127.0.0.1:9/telegram",
        webhook_secret=SECRET,
    )


@pytest.mark.parametrize("name", MEANINGS)
def test_a_recorded_payload_is_understood(name: str) -> None:
    raw = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    meaning = MEANINGS[name]
    expected = None
    if meaning is not None:
        about = dict(meaning)
        address = Address("telegram", "990001", str(about.pop("address", "700001")))
        expected = Incoming(key=f"telegram:990001:{raw['update_id']}", address=address, **about)
    assert read_update(raw, bot="990001", username="lindung_uji_bot") == expected


def test_every_recorded_payload_has_a_meaning() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == MEANINGS.keys()


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": "rahasia-lain"}])
def test_joko_cannot_post_updates_without_the_secret(telegram: Telegram, headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        telegram.read((PAYLOADS / "text.json").read_bytes(), headers)
    assert refused.value.code == "wrong_secret"


def test_joko_cannot_guess_a_secret_that_was_never_set() -> None:
    polling = Telegram(token="990001:token-uji", api_url="http://127.0.0.1:9")
    for given_secret in ("", "None"):
        with pytest.raises(Refused):
            polling.read(b"{}", {"X-Telegram-Bot-Api-Secret-Token": given_secret})


def test_a_secret_with_strange_signs_is_refused_and_not_a_fault(telegram: Telegram) -> None:
    with pytest.raises(Refused):
        telegram.read(b"{}", {"X-Telegram-Bot-Api-Secret-Token": "rahasia-é-\udc80"})


@pytest.mark.parametrize(
    "body",
    [
        b'{"update_id": 1, "message": 5}',
        b'{"update_id": 1, "callback_query": {"id": "1"}}',
        b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}',
    ],
)
def test_a_malformed_body_says_nothing(telegram: Telegram, body: bytes) -> None:
    assert telegram.read(body, DOOR) == []


def test_half_a_letter_is_left_out_and_the_text_is_kept(telegram: Telegram) -> None:
    raw = json.loads((PAYLOADS / "text.json").read_text(encoding="utf-8"))
    raw["message"]["text"] = "Sa\ud800ri 🙏"
    (incoming,) = telegram.read(json.dumps(raw).encode(), DOOR)
    assert isinstance(incoming, Incoming)
    assert incoming.text == "Sari 🙏"


def test_a_text_longer_than_any_phone_sends_is_cut(telegram: Telegram) -> None:
    raw = json.loads((PAYLOADS / "text.json").read_text(encoding="utf-8"))
    raw["message"]["text"] = "a" * 60_000
    (incoming,) = telegram.read(json.dumps(raw).encode(), DOOR)
    assert isinstance(incoming, Incoming)
    assert len(incoming.text) == 5_000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(MEANINGS)), place=st.integers(0, 40), value=json_values)
def test_no_damaged_update_breaks_the_door(name: str, place: int, value: object) -> None:
    raw = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    spots = list(_spots(raw))
    holder, key = spots[place % len(spots)]
    holder[key] = value
    incoming = read_update(raw, bot="990001", username="lindung_uji_bot")
    if incoming is not None:
        assert "\x00" not in incoming.text
        incoming.text.encode("utf-8")


def _spots(value: object) -> list[tuple[object, object]]:
    """Every place in a JSON value that can be damaged."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[object, object]] = []
    for key, inner in pairs:
        found += [(value, key), *_spots(inner)]
    return found
