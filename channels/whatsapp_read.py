"""What Meta tells us, translated: one webhook in, an Incoming for each thing a person did, a Receipt for each status.

Meta puts several entries, changes, people and messages into one body. Each is read on its own: what cannot be read now
cannot be read later either, and must hold nobody else up. Not for: the door it comes through (whatsapp.py) or what is
answered. https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any, Final

from channels.whatsapp_errors import told
from conversation.messages import Attachment, Incoming, Kind, Receipt, Told
from domain.address import Address

log = logging.getLogger(__name__)

NAME: Final = "whatsapp"

# Longer than what people can send; only a forged body could be longer.
_TEXT: Final = 5_000
_FILE_NAME: Final = 255
_MARK: Final = 512
_DATA: Final = re.compile(r"[a-z]{1,8}(:[^\s:]*)+")
_SECOND: Final = re.compile(r"[0-9]{1,12}")
_NOT_A_DIGIT: Final = re.compile(r"\D")
_PICTURE_NAME: Final = re.compile(r"\.(jpe?g|png|webp|heic|heif|bmp|gif)$", re.IGNORECASE)

_MOVES: Final = ("user_changed_number", "user_changed_user_id", "customer_changed_number")
_STATUSES: Final = {
    "sent": Told.SENT,
    "delivered": Told.DELIVERED,
    "read": Told.READ,
    "played": Told.READ,
}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who did it, as far as Meta tells: the address, and the first word of the name shown there."""

    address: Address
    first_name: str = field(repr=False)


def read_body(body: object, *, bot: str) -> list[Incoming | Receipt]:
    """Everything one webhook says about our number `bot`; of what people did, the earlier first. Never raises."""
    found = [each for value in _values(body, bot) for each in _read_value(value, bot)]
    did = iter(sorted((each for each in found if isinstance(each[1], Incoming)), key=itemgetter(0)))
    return [next(did)[1] if isinstance(each, Incoming) else each for _, each in found]


def clean(text: object, most: int = _TEXT) -> str:
    """Text that every database takes: no null bytes, no lone surrogates, of bounded length; empty for anything else."""
    if not isinstance(text, str) or not text:
        return ""
    text = text[:most].replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")


def known_as(message_id: str) -> str:
    """How we name a message to others: Meta's id of it holds the person's number, and is stored nowhere."""
    return hashlib.blake2b(message_id.encode(), digest_size=16).hexdigest() if message_id else ""


def digits(number: object) -> str:
    """The digits of a phone number."""
    return _NOT_A_DIGIT.sub("", number) if isinstance(number, str) else ""


def _values(body: object, bot: str) -> Iterator[Json]:
    """The changes that are messages or statuses of our number; all others are somebody else's."""
    for entry in _records(body, "entry"):
        for change in _records(entry, "changes"):
            value = change.get("value")
            if change.get("field") != "messages" or not isinstance(value, dict):
                continue
            metadata = value.get("metadata")
            if isinstance(metadata, dict) and str(metadata.get("phone_number_id")) == bot:
                yield value


def _records(body: object, name: str) -> list[Json]:
    found = body.get(name) if isinstance(body, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _read_value(value: Json, bot: str) -> Iterator[tuple[int, Incoming | Receipt]]:
    """What one change says, each with its second; several messages of one person may stand there in any order."""
    people = _People(value, bot)
    second = 0
    for message in _records(value, "messages"):
        second = _second(message) or second
        yield from ((second, each) for each in _guarded("message", partial(_message, message, people)))
    for status in _records(value, "statuses"):
        yield from ((second, each) for each in _guarded("status", partial(_receipt, status)))
    for error in _records(value, "errors"):
        log.warning("Meta tells of a trouble with our number: %s", told(_code(error))[1])


def _second(message: Json) -> int:
    """When WhatsApp had it, in seconds since 1970; 0 where that cannot be read."""
    told = str(message.get("timestamp"))
    return int(told) if _SECOND.fullmatch(told) else 0


def _guarded(sort: str, read: Callable[[], Incoming | Receipt | None]) -> Iterator[Incoming | Receipt]:
    try:
        found = read()
    except Exception as problem:
        # Whatever the shape happens to break. Its sort is logged, never the content.
        log.warning("A %s of WhatsApp could not be read and is skipped: %s", sort, type(problem).__name__)
        return
    if found is not None:
        yield found


class _People:
    """Who is who in one change: its contacts, by number and by the id that Meta scopes to our business."""

    def __init__(self, value: Json, bot: str) -> None:
        self._bot = bot
        self._ours = digits(value["metadata"].get("display_phone_number"))
        contacts = _records(value, "contacts")
        self._found = {
            clean(each.get(name)): each for each in contacts for name in ("wa_id", "user_id") if each.get(name)
        }
        # Some countries write a number in two ways, so `from` and `wa_id` may differ.
        alone = len(contacts) == 1 == len(_records(value, "messages"))
        self._only: Json = contacts[0] if alone else {}

    def sender(self, message: Json) -> _Sender | None:
        """Whose message it is; None for our own and for nobody's."""
        number, user_id = digits(message.get("from")), clean(message.get("from_user_id"))
        if number and number == self._ours:
            return None
        contact = self._found.get(user_id) or self._found.get(number) or self._only
        number = number or digits(contact.get("wa_id"))
        user_id = user_id or clean(contact.get("user_id"))
        if not number and not user_id:
            return None
        profile = contact.get("profile")
        name = clean(profile.get("name")) if isinstance(profile, dict) else ""
        return _Sender(self.address(user_id, number), name.split()[0] if name.split() else "")

    def address(self, user_id: str, number: str) -> Address:
        """A chat, by the scoped id where there is one."""
        return Address(NAME, self._bot, user_id or number, number)

    def key(self, message: Json) -> str:
        """What Meta repeats when it brings a message again."""
        return f"{NAME}:{self._bot}:{known_as(_id(message))}"


def _message(message: Json, people: _People) -> Incoming | None:
    kind = message["type"]
    if kind == "system":
        return _moved(message, people)
    if kind == "reaction" or message.get("group_id"):
        # A thumb needs no answer, and a group is nobody's chat.
        return None
    sender = people.sender(message)
    if sender is None:
        return None
    reader = _READERS.get(kind, _other)
    about = {"message_id": known_as(_id(message)), "read_id": _id(message), "first_name": sender.first_name}
    return Incoming(people.key(message), sender.address, **{**about, **reader(message, sender)})


def _text(message: Json, sender: _Sender) -> Json:
    return {"kind": Kind.TEXT, "text": clean(message["text"]["body"])}


def _interactive(message: Json, sender: _Sender) -> Json:
    about = message["interactive"]
    reply = about.get(about["type"])
    if about["type"] not in ("button_reply", "list_reply") or not isinstance(reply, dict):
        return {"kind": Kind.OTHER}
    return _tap(message, clean(reply["id"]))


def _button(message: Json, sender: _Sender) -> Json:
    """A quick reply of a template: its data where we gave some along, else its words."""
    payload = clean(message["button"].get("payload"))
    if _DATA.fullmatch(payload):
        return _tap(message, payload)
    return {"kind": Kind.TEXT, "text": clean(message["button"].get("text")) or payload}


def _tap(message: Json, data: str) -> Json:
    context = message.get("context")
    under = known_as(clean(context.get("id"))) if isinstance(context, dict) else ""
    return {"kind": Kind.TAP, "tap": data, "tap_id": _id(message), "message_id": under}


def _file(message: Json, sender: _Sender) -> Json:
    sort = message["type"]
    media = message[sort]
    mime = clean(media.get("mime_type")).partition(";")[0].strip()
    name = clean(media.get("filename"))[-_FILE_NAME:]
    what = _sort(sort, mime, name, voice=media.get("voice") is True)
    attachment = Attachment(what, digits(media.get("id")), mime=mime, file_name=name)
    return {"kind": Kind.FILE, "text": clean(media.get("caption")), "attachment": attachment}


def _sort(sort: str, mime: str, name: str, *, voice: bool) -> str:
    if sort == "document":
        # Some phones send a picture as plain bytes; its name still tells.
        return "image" if mime.startswith("image/") or _PICTURE_NAME.search(name) else "document"
    return "photo" if sort == "image" else "voice" if voice else sort


def _location(message: Json, sender: _Sender) -> Json:
    return {"kind": Kind.FILE, "attachment": Attachment("location")}


def _contacts(message: Json, sender: _Sender) -> Json:
    """Somebody's number; the sender's own only where Meta names the same account on the card."""
    cards = [phone for card in _records(message, "contacts") for phone in _records(card, "phones")]
    own = [phone for phone in cards if sender.address.number and digits(phone.get("wa_id")) == sender.address.number]
    phone = (own or cards or [{}])[0]
    return {"kind": Kind.PHONE, "phone": clean(phone.get("phone") or phone.get("wa_id")), "own": bool(own)}


def _edit(message: Json, sender: _Sender) -> Json:
    edited = message["edit"]["message"]
    part = edited.get(edited["type"])
    text = clean(part.get("body") or part.get("caption")) if isinstance(part, dict) else ""
    return {"kind": Kind.EDIT, "text": text, "message_id": known_as(clean(message["edit"]["original_message_id"]))}


def _revoke(message: Json, sender: _Sender) -> Json:
    return {"kind": Kind.EDIT, "message_id": known_as(clean(message["revoke"]["original_message_id"]))}


def _other(message: Json, sender: _Sender) -> Json:
    return {"kind": Kind.OTHER}


_READERS: Final[Mapping[str, Callable[[Json, _Sender], Json]]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _button,
    "image": _file,
    "document": _file,
    "audio": _file,
    "voice": _file,
    "video": _file,
    "sticker": _file,
    "location": _location,
    "contacts": _contacts,
    "edit": _edit,
    "revoke": _revoke,
}


def _moved(message: Json, people: _People) -> Incoming | None:
    """A new number, or a new scoped id alone where the number is not told. Comes without contacts."""
    system = message["system"]
    if system.get("type") not in _MOVES:
        return None
    new_id = clean(system.get("user_id"))
    number = digits(system.get("wa_id")) or digits(system.get("new_wa_id"))
    old_number, old_id = digits(message.get("from")), clean(system.get("previous_user_id"))
    if not old_id and clean(message.get("from_user_id")) != new_id:
        old_id = clean(message.get("from_user_id"))
    if not (new_id or number) or not (old_id or old_number):
        return None
    moved = people.address(new_id, number)
    return Incoming(people.key(message), people.address(old_id, old_number), Kind.MOVED, moved=moved)


def _receipt(status: Json) -> Receipt | None:
    sent_id, mark = known_as(_id(status)), clean(status.get("biz_opaque_callback_data"), _MARK)
    if status["status"] == "failed":
        errors = _records(status, "errors")
        what, code = told(_code(errors[0]) if errors else 0)
        return Receipt(sent_id, what, mark, code)
    found = _STATUSES.get(status["status"])
    return Receipt(sent_id, found, mark) if found is not None else None


def _id(told_of: Json) -> str:
    """Meta's id of a message. Raises ValueError where there is none: it could not be told from the next one."""
    if not (found := clean(told_of["id"])):
        raise ValueError("no id")
    return found


def _code(error: Json) -> int:
    code = error.get("code")
    return code if isinstance(code, int) else 0
