"""What the Bot API tells us, translated: one update in, at most one Incoming out.

Read straight from the JSON: building the library's objects takes longer than everything else on an update's way
in. Not for: the doors it comes through (telegram.py) or what is answered. An update that says nothing to us
gives None; whoever asked confirms it all the same, or Telegram would repeat it for a day.
"""

from __future__ import annotations

import logging
import re
from typing import Any, Final

from telegram.constants import ChatMemberStatus, ChatType

from conversation.messages import Attachment, Incoming, Kind
from domain.address import Address

log = logging.getLogger(__name__)

NAME: Final = "telegram"

# All we ask the network for. Polls, reactions, payments and the like would only be thrown away.
UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")

# Longer than Telegram's own 4,096; only a forged update could be longer.
_TEXT = 5_000

# Longer than any phone gives a file; its end says of what sort it is.
_FILE_NAME = 255

# Media by the field that names it, which is all we want of it. An animation carries a document too, a venue a
# location.
_MEDIA: Final = ("animation", "voice", "video", "video_note", "audio", "sticker", "location")

# What a person sends that we can only answer kindly. Anything else is a notice of the network itself (a
# pinned message, a new chat picture) and needs no answer.
_OTHER: Final = ("poll", "dice", "game", "story", "checklist", "paid_media")

_GONE: Final = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)

Json = dict[str, Any]

_COMMAND = re.compile(r"(/[A-Za-z0-9_]{1,32})@([A-Za-z0-9_]{1,32})(?=\s|$)")
_PICTURE_NAME = re.compile(r"\.(jpe?g|png|webp|heic|heif|bmp|gif)$", re.IGNORECASE)


def read_update(raw: Any, *, bot: str, username: str) -> Incoming | None:
    """What one update says, or None. Never raises: what cannot be read now cannot be read later either."""
    try:
        return _translate(raw, bot, username)
    except Exception as problem:
        # Whatever the shape happens to break. Its sort is logged, never the content.
        log.warning("An update of Telegram could not be read and is skipped: %s", type(problem).__name__)
        return None


def clean(text: str | None) -> str:
    """Text that every database takes: no null bytes, no lone surrogates, of bounded length."""
    if not text:
        return ""
    return text[:_TEXT].replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _translate(raw: Json, bot: str, username: str) -> Incoming | None:
    key = f"{NAME}:{bot}:{int(raw['update_id'])}"
    if "message" in raw:
        return _message(raw["message"], key, bot, username)
    if "callback_query" in raw:
        return _tap(raw["callback_query"], key, bot)
    if "edited_message" in raw:
        return _edit(raw["edited_message"], key, bot, username)
    if "my_chat_member" in raw:
        return _membership(raw["my_chat_member"], key, bot)
    if "channel_post" in raw:
        return Incoming(key, _address(raw["channel_post"], bot), Kind.GROUP)
    # Sorts of update that we did not ask for.
    return None


def _address(message: Json, bot: str) -> Address:
    return Address(NAME, bot, str(int(message["chat"]["id"])))


def _is_private(message: Json) -> bool:
    return bool(message["chat"]["type"] == ChatType.PRIVATE)


def _message(message: Json, key: str, bot: str, username: str) -> Incoming | None:
    address = _address(message, bot)
    kind, attachment = _content(message)
    if kind is None:
        # A notice of the network, such as a pinned message. In a group also our own coming and going: that is
        # told by my_chat_member, and what answers "you left" would never end.
        return None
    if not _is_private(message):
        return Incoming(key, address, Kind.GROUP)
    person = message.get("from") or {}
    if person.get("is_bot"):
        # Two programs that answer each other would never stop.
        return None
    contact = message.get("contact") if kind is Kind.PHONE else None
    return Incoming(
        key,
        address,
        kind,
        text=_text(message.get("text") or message.get("caption"), username),
        message_id=str(int(message["message_id"])),
        attachment=attachment,
        phone=clean(contact["phone_number"]) if contact else "",
        # A person may share anybody's card; only the one that names the sender counts as the sender's number.
        own=bool(contact and person and contact.get("user_id") == person["id"]),
        language=clean(person.get("language_code")),
        first_name=clean(person.get("first_name")),
    )


def _content(message: Json) -> tuple[Kind | None, Attachment | None]:
    if "text" in message:
        return Kind.TEXT, None
    album = clean(message.get("media_group_id"))
    if message.get("photo"):
        largest = max(message["photo"], key=lambda size: size["width"] * size["height"])
        size = int(largest.get("file_size") or 0)
        return Kind.FILE, Attachment("photo", clean(largest["file_id"]), size, "image/jpeg", album)
    if "contact" in message:
        return Kind.PHONE, None
    for field in _MEDIA:
        if field in message:
            # Without a ref: only pictures and documents are ever fetched.
            return Kind.FILE, Attachment(field, album=album)
    if "document" in message:
        return Kind.FILE, _document(message["document"], album)
    if any(field in message for field in _OTHER):
        return Kind.OTHER, None
    return None, None


def _document(document: Json, album: str) -> Attachment:
    mime, name = clean(document.get("mime_type")), clean(document.get("file_name"))
    # Some apps send a picture as plain bytes; its name still tells.
    what = "image" if mime.startswith("image/") or _PICTURE_NAME.search(name) else "document"
    size = int(document.get("file_size") or 0)
    return Attachment(what, clean(document["file_id"]), size, mime, album, name[-_FILE_NAME:])


def _text(text: str | None, username: str) -> str:
    cleaned = clean(text)
    command = _COMMAND.match(cleaned)
    if command and (not username or command[2].lower() == username.lower()):
        return command[1] + cleaned[command.end() :]
    return cleaned


def _tap(query: Json, key: str, bot: str) -> Incoming | None:
    # A message too old for Telegram comes as an inaccessible one: its chat and its id are there all the same.
    message = query.get("message")
    if message is None:
        # Under an inline message; we send none, so it is no choice of ours.
        return None
    address = _address(message, bot)
    if not _is_private(message):
        return Incoming(key, address, Kind.GROUP, tap_id=clean(query["id"]))
    person = query["from"]
    return Incoming(
        key,
        address,
        Kind.TAP,
        message_id=str(int(message["message_id"])),
        tap=clean(query.get("data")),
        tap_id=clean(query["id"]),
        language=clean(person.get("language_code")),
        first_name=clean(person.get("first_name")),
    )


def _edit(message: Json, key: str, bot: str, username: str) -> Incoming | None:
    # A live location sends an edit every few seconds. An edit in a group changes nothing for us either.
    if not ("text" in message or message.get("photo")) or not _is_private(message):
        return None
    person = message.get("from") or {}
    return Incoming(
        key,
        _address(message, bot),
        Kind.EDIT,
        # A photo put in the place of another, or its caption, is no text; but whoever edits it hears about it.
        text=_text(message.get("text"), username),
        message_id=str(int(message["message_id"])),
        language=clean(person.get("language_code")),
        first_name=clean(person.get("first_name")),
    )


def _membership(change: Json, key: str, bot: str) -> Incoming | None:
    address = _address(change, bot)
    gone = change["new_chat_member"]["status"] in _GONE
    if _is_private(change):
        return Incoming(key, address, Kind.BLOCKED if gone else Kind.RETURNED)
    # Nothing can be said, and nothing must be, where we are no longer.
    return None if gone else Incoming(key, address, Kind.GROUP)
