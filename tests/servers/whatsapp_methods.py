"""What our number may be asked to do: send, mark as read, tell about itself; and files up and down.

A method takes the world and what was sent and gives the JSON answer or raises Refused; HTTP is whatsapp_doors.py.
Account and templates are in whatsapp_account.py.
"""

import hmac
import re
from dataclasses import dataclass

from tests.servers.whatsapp_faults import Pace
from tests.servers.whatsapp_notices import Failure
from tests.servers.whatsapp_rules import NUMBER, USER_ID, Refused, invalid, record, required
from tests.servers.whatsapp_shapes import SHAPES, is_what_it_says, upload_is_fine
from tests.servers.whatsapp_templates import read_template
from tests.servers.whatsapp_things import Account, Json, Media, Message
from tests.servers.whatsapp_world import APP_SECRET, World, digits

READERS = {**SHAPES, "template": read_template}
_COMMON = ("messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data")
_READ = ("messaging_product", "status", "message_id", "typing_indicator")
_TOO_LATE = (
    "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
)
_TOO_MANY_NEW = (
    "Message failed to send because there are restrictions on how many messages can be sent from this phone number."
)


@dataclass(slots=True)
class Sent:
    """A message that was accepted, whose it is, and whether it will fail."""

    answer: Json
    account: Account | None
    message: Message
    failure: Failure | None


def send(world: World, pace: Pace, body: Json) -> Sent:
    """POST /messages. Raises Refused."""
    _product(body)
    to, user_id = _recipient(world, body)
    kind = body.get("type", "text")
    if kind not in READERS:
        raise Refused(131051, f"Message type {kind!r} is not currently supported.", rule="type")
    record(body, "message", (*_COMMON, kind))
    mark = body.get("biz_opaque_callback_data", "")
    if not isinstance(mark, str) or len(mark) > 512:
        raise Refused(100, "Param biz_opaque_callback_data must be a string of at most 512 characters.", rule="mark")
    message = READERS[kind](world, body.get(kind))
    message.mark, message.to = mark, to or user_id
    if "context" in body:
        message.reply_to = str(record(body["context"], "context", ("message_id",)).get("message_id", ""))
        if message.reply_to not in world.owners:
            world.blame("warn", "unknown_context", "messages", message.to, message.reply_to)
    pace.check(message.to)
    account = world.find(to, user_id)
    failure = _failure(world, account, message, body)
    message.id, message.at = world.message_id(account), world.now()
    world.accepted[message.id] = message
    if account is not None:
        world.owners[message.id] = account
        if failure is None:
            _arrive(world, account, message)
    return Sent(_accepted(body, to, user_id, message), account, message, failure)


def _arrive(world: World, account: Account, message: Message) -> None:
    if account.blocked:
        return
    if message.kind == "reaction":
        target = account.messages.get(message.reply_to)
        if target is not None:
            target.reactions["us"] = message.raw
        account.bell.ring()
    else:
        world.show(account, message)


def _accepted(body: Json, to: str, user_id: str, message: Message) -> Json:
    contact = {"input": str(body["to"]), "wa_id": to} if to else {"input": user_id, "user_id": user_id}
    sent = {"id": message.id, **({"message_status": "accepted"} if message.kind == "template" else {})}
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}


def _product(body: Json) -> None:
    if "messaging_product" not in body:
        raise required("messaging_product")
    if body["messaging_product"] != "whatsapp":
        sentence = "(#100) Param messaging_product must be one of {WHATSAPP}"
        raise Refused(100, message=sentence, rule="messaging_product")


def _recipient(world: World, body: Json) -> tuple[str, str]:
    """The digits of the phone, or else the business-scoped user id; a phone goes first when both are given."""
    if body.get("recipient_type", "individual") != "individual":
        raise Refused(100, "Param recipient_type must be one of {individual}", rule="recipient_type")
    to, user_id = body.get("to"), body.get("recipient")
    if not to and not user_id:
        raise required("to")
    if to:
        if not isinstance(to, str) or not re.fullmatch(r"\+?[\d ()-]+", to) or not NUMBER.fullmatch(digits(to)):
            raise invalid("Recipient phone number is not valid.", "number")
        if digits(to) == world.number:
            raise Refused(131021, "Sender and recipient phone number is the same.")
        return digits(to), ""
    if not isinstance(user_id, str) or not USER_ID.fullmatch(user_id):
        raise invalid("Param recipient is not a valid business-scoped user ID.", "user_id")
    return "", user_id


def _failure(world: World, account: Account | None, message: Message, body: Json) -> Failure | None:
    """Why the message will not arrive, if so; some of it Meta tells only afterwards. Raises Refused."""
    settings = world.settings
    if account is None:
        if message.to in world.unreachable:
            world.blame("warn", "sent_to_the_unreachable", "messages", message.to, "")
        world.unreachable.add(message.to)
        if settings.unknown_number == "sync":
            raise Refused(131026, "Message Undeliverable.", severity="")
        return (131026, "Message Undeliverable.")
    is_open = world.window_is_open(account)
    if message.kind != "template" and not is_open:
        world.blame("warn", "outside_window", "messages", message.to, f"{message.kind} {settings.window_error}")
        if settings.window_error == "sync":
            raise Refused(131047, _TOO_LATE, severity="")
        return (131047, _TOO_LATE)
    if message.kind == "template" and not is_open and not _may_begin(world, account):
        return (131048, _TOO_MANY_NEW)
    for media in _files(world, message):
        if not is_what_it_says(media):
            world.blame("error", "broken_file", "messages", message.to, media.mime)
            return (131053, f"Media file could not be processed: it is no {media.mime}.")
    return None


def _files(world: World, message: Message) -> list[Media]:
    shown = [content for content in (message.picture, message.document[1]) if content]
    return [media for media in world.media.values() if any(media.content is content for content in shown)]


def _may_begin(world: World, account: Account) -> bool:
    """Whether we may write to one more person first today; counts it."""
    most, now = world.settings.daily_conversations, world.now()
    world.conversations = {phone: at for phone, at in world.conversations.items() if now - at < 86_400}
    if most is not None and account.phone not in world.conversations and len(world.conversations) >= most:
        return False
    world.conversations.setdefault(account.phone, now)
    return True


def mark_read(world: World, body: Json) -> Json:
    """POST /messages with a status: the person sees that we have read, and that we are typing."""
    _product(body)
    record(body, "message", _READ)
    if body["status"] != "read":
        raise Refused(100, "Param status must be one of {read}", rule="read_status")
    account = world.owners.get(str(body.get("message_id")))
    message = account.messages.get(str(body["message_id"])) if account is not None else None
    if account is None or body["message_id"] in world.accepted:
        raise invalid("Message ID is not valid.", "read_unknown")
    if "typing_indicator" in body:
        typing = record(body["typing_indicator"], "typing_indicator", ("type",))
        if typing.get("type") != "text":
            raise Refused(100, "Param typing_indicator['type'] must be one of {text}", rule="typing")
        account.typing += 1
    if message is not None:
        message.status = "read"
    account.bell.ring()
    return {"success": True}


def about_number(world: World, fields: str) -> Json:
    """GET /{phone number}."""
    known = world.phone_number
    usual = "verified_name code_verification_status display_phone_number quality_rating platform_type throughput"
    wanted = re.sub(r"\{[^}]*\}|\.[a-z_()0-9]+", "", fields).split(",") if fields else usual.split()
    for name in wanted:
        if name not in known:
            sentence = f"(#100) Tried accessing nonexisting field ({name}) on node type (WhatsAppBusinessPhoneNumber)"
            raise Refused(100, message=sentence, rule="unknown_field")
    return {**{name: known[name] for name in wanted}, "id": known["id"]}


# Files


def upload(world: World, fields: dict[str, str], file: tuple[str, str, bytes] | None) -> Json:
    """POST /media: `file` is its name, type and bytes."""
    _product(dict(fields))
    if file is None:
        raise required("file")
    for name in fields.keys() - {"messaging_product", "type"}:
        raise Refused(100, f'Unexpected key "{name}".', rule="unexpected_key")
    name, kind, content = file
    mime = (fields.get("type") or kind).split(";")[0].strip().lower()
    upload_is_fine(mime, content)
    return {"id": world.keep(content, mime, name, uploaded=True).id}


def about_media(world: World, media: Media, base: str) -> Json:
    """GET /{media}: where it can be had, for five minutes."""
    until = int(world.now() + world.settings.media_seconds)
    return {
        "url": f"{base}/whatsapp_business/attachments/?mid={media.id}&ext={until}&hash={_seal(media.id, until)}",
        "mime_type": media.mime,
        "sha256": media.sha256,
        "file_size": len(media.content),
        "id": media.id,
        "messaging_product": "whatsapp",
    }


def download(world: World, query: dict[str, str]) -> Media:
    """The file at such an address."""
    until = query.get("ext", "")
    media = world.media.get(query.get("mid", ""))
    good = media is not None and until.isdecimal() and query.get("hash") == _seal(media.id, int(until))
    if media is None or not good or world.now() > int(until):
        raise Refused(0, "no such file, or its address is too old", status=404, rule="media_address", severity="warn")
    return media


def delete_media(world: World, media_id: str) -> Json:
    del world.media[media_id]
    return {"success": True}


def _seal(media_id: str, until: int) -> str:
    return hmac.new(APP_SECRET.encode(), f"{media_id}:{until}".encode(), "sha256").hexdigest()[:32]
