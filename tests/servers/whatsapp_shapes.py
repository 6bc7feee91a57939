"""What may be inside a message we send, each type as strict as Meta: a checked body becomes the Message it shows.

Types that our channel never sends are missing on purpose: they are refused as unsupported, and that is a violation.
"""

from collections.abc import Callable
from typing import Any

from tests.servers.whatsapp_rules import Refused, invalid, items, label, missing, record, web_address, words
from tests.servers.whatsapp_things import Button, Json, Media, Message
from tests.servers.whatsapp_world import World

TEXT, BODY, LIST_BODY, CAPTION, SMALL = 4096, 1024, 4096, 1024, 60
BUTTONS, BUTTON, BUTTON_ID = 3, 20, 256
ROWS, ROW, ROW_TEXT, ROW_ID = 10, 24, 72, 200
_TYPES = {
    "audio": {"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg", "audio/opus"},
    "image": {"image/jpeg", "image/png"},
    "sticker": {"image/webp"},
    "video": {"video/mp4", "video/3gp", "video/3gpp"},
    "document": {
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/plain",
    },
}
_SIZES = {"audio": 16 << 20, "image": 5 << 20, "sticker": 500 << 10, "video": 16 << 20, "document": 100 << 20}


def upload_is_fine(mime: str, content: bytes) -> None:
    """What may be uploaded. Raises Refused."""
    kind = next((kind for kind, types in _TYPES.items() if mime in types), None)
    if kind is None:
        known = ", ".join(sorted(mime for types in _TYPES.values() for mime in types))
        sentence = f"(#100) Param file must be a file with one of the following types: {known}."
        raise Refused(100, message=f"{sentence} Received file of type '{mime}'.", rule="media_type")
    if not content:
        raise Refused(131053, "The file is empty.", rule="media_size")
    if len(content) > _SIZES[kind]:
        raise Refused(131053, f"A file of this type may have at most {_SIZES[kind]} bytes.", rule="media_size")


def is_what_it_says(media: Media) -> bool:
    """Whether a picture is one; WhatsApp looks into it only when it is sent."""
    starts = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
    return media.content.startswith(starts.get(media.mime, b""))


def read_text(world: World, value: Any) -> Message:
    text = record(value, "text", ("body", "preview_url"))
    if not isinstance(text.get("preview_url", False), bool):
        raise Refused(100, "Param text['preview_url'] must be a boolean.", rule="not_a_boolean")
    return Message("text", words(text.get("body"), "text['body']", TEXT))


def read_media(world: World, value: Any, kind: str, where: str, *, caption: bool = True) -> Message:
    """An image or a document by the id of an upload."""
    allowed = ["id", *(["caption"] if caption else []), *(["filename"] if kind == "document" else [])]
    about = record(value, where, (*allowed, "link"))
    if "link" in about:
        raise invalid(f"This server knows no {where}.link: our files are never public.", "link")
    media = world.media.get(str(about.get("id") or ""))
    if not about.get("id"):
        raise missing(f"{where}.id")
    if media is None:
        sentence = f"(#100) Param {where}['id'] is not a valid whatsapp business account media attachment ID"
        raise Refused(100, message=sentence, rule="no_media")
    if media.mime not in _TYPES[kind] and kind != "document":
        raise Refused(131053, f"A file of type {media.mime} cannot be sent as {kind}.", rule="media_kind")
    text = about.get("caption")
    words_below = "" if text is None or text == "" else words(text, f"{where}['caption']", CAPTION)
    message = Message(kind, words_below)
    if kind == "image":
        message.picture = media.content
    else:
        name = about.get("filename")
        name = media.name if name is None else words(name, f"{where}['filename']", 240)
        message.document = (name, media.content)
    return message


def read_image(world: World, value: Any) -> Message:
    return read_media(world, value, "image", "image")


def read_document(world: World, value: Any) -> Message:
    return read_media(world, value, "document", "document")


def read_reaction(world: World, value: Any) -> Message:
    reaction = record(value, "reaction", ("message_id", "emoji"))
    if reaction.get("message_id") not in world.owners:
        raise invalid("Param reaction['message_id'] is not a message of this number.", "reaction")
    emoji = reaction.get("emoji", "")
    if not isinstance(emoji, str) or len(emoji) > 16:
        raise invalid("Param reaction['emoji'] is not a valid emoji.", "reaction")
    return Message("reaction", emoji, reply_to=reaction["message_id"])


def read_interactive(world: World, value: Any) -> Message:
    about = record(value, "interactive", ("type", "header", "body", "footer", "action"))
    kind = about.get("type")
    if kind not in _ACTIONS:
        raise invalid(f"Param interactive['type'] must be one of {', '.join(_ACTIONS)}.", "interactive_type")
    most = LIST_BODY if kind == "list" else BODY
    body = record(about.get("body"), "interactive['body']", ("text",))
    message = Message(kind, words(body.get("text"), "interactive['body']['text']", most))
    if "footer" in about:
        footer = record(about["footer"], "interactive['footer']", ("text",))
        message.footer = words(footer.get("text"), "interactive['footer']['text']", SMALL)
    if "header" in about:
        _header(world, about["header"], message)
    _ACTIONS[kind](about.get("action"), message)
    return message


def _header(world: World, value: Any, message: Message) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in ("text", "image", "document"):
        raise invalid("Param interactive['header']['type'] must be one of text, image, document.", "header")
    header = record(value, "interactive['header']", ("type", kind))
    if kind == "text":
        message.header = words(header.get("text"), "interactive['header']['text']", SMALL)
        return
    if message.kind == "list":
        raise invalid("Header type of a list message must be text.", "header")
    shown = read_media(world, header.get(kind), kind, f"interactive['header']['{kind}']", caption=False)
    message.picture, message.document = shown.picture, shown.document


def _reply_buttons(value: Any, message: Message) -> None:
    action = record(value, "interactive['action']", ("buttons",))
    buttons = items(action.get("buttons"), "interactive['action']['buttons']")
    if not 1 <= len(buttons) <= BUTTONS:
        raise invalid(f"Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {BUTTONS}", "button_count")
    found = []
    for each in buttons:
        button = record(each, "interactive['action']['buttons'][]", ("type", "reply"))
        if button.get("type") != "reply":
            raise invalid("Button type must be reply.", "button_type")
        reply = record(button.get("reply"), "interactive['action']['buttons'][]['reply']", ("id", "title"))
        title = label(reply.get("title"), "Button title", BUTTON, "button_title")
        found.append(Button(title, "button_reply", label(reply.get("id"), "Button id", BUTTON_ID, "button_id")))
    _all_differ([button.id for button in found], "button id")
    _all_differ([button.text for button in found], "button title")
    message.buttons = tuple(found)


def _list(value: Any, message: Message) -> None:
    action = record(value, "interactive['action']", ("button", "sections"))
    message.opener = label(action.get("button"), "Button label", BUTTON, "list_button")
    sections = items(action.get("sections"), "interactive['action']['sections']")
    if not 1 <= len(sections) <= 10:
        raise invalid("Invalid sections count. Min allowed sections: 1, Max allowed sections: 10", "section_count")
    found: list[Button] = []
    for each in sections:
        section = record(each, "interactive['action']['sections'][]", ("title", "rows"))
        title = section.get("title")
        if title is not None or len(sections) > 1:
            label(title, "Section title", ROW, "section_title")
        rows = items(section.get("rows"), "interactive['action']['sections'][]['rows']")
        if not rows:
            raise invalid("A section needs at least one row.", "row_count")
        found += [_row(row) for row in rows]
    if len(found) > ROWS:
        raise invalid(f"Total row count exceed max allowed count: {ROWS}", "row_count")
    _all_differ([row.id for row in found], "row id")
    message.buttons = tuple(found)


def _row(value: Any) -> Button:
    row = record(value, "interactive['action']['sections'][]['rows'][]", ("id", "title", "description"))
    title = label(row.get("title"), "Row title", ROW, "row_title")
    description = row.get("description") or ""
    if description:
        label(description, "Row description", ROW_TEXT, "row_description")
    return Button(title, "list_reply", label(row.get("id"), "Row id", ROW_ID, "row_id"), description=description)


def _link(value: Any, message: Message) -> None:
    action = record(value, "interactive['action']", ("name", "parameters"))
    if action.get("name") != "cta_url":
        raise invalid("Param interactive['action']['name'] must be cta_url.", "action_name")
    where = "interactive['action']['parameters']"
    parameters = record(action.get("parameters"), where, ("display_text", "url"))
    title = label(parameters.get("display_text"), "display_text", BUTTON, "display_text")
    message.buttons = (Button(title, "url", url=web_address(parameters.get("url"), f"{where}['url']")),)


def _all_differ(values: list[str], what: str) -> None:
    if len(set(values)) < len(values):
        raise invalid(f"Duplicated {what}.", "duplicate")


_ACTIONS: dict[str, Callable[[Any, Message], None]] = {"button": _reply_buttons, "list": _list, "cta_url": _link}
SHAPES: dict[str, Callable[[World, Any], Message]] = {
    "text": read_text,
    "image": read_image,
    "document": read_document,
    "interactive": read_interactive,
    "reaction": read_reaction,
}


def parameters_of(component: Json, name: str) -> list[Json]:
    """The parameters of one component of a template message."""
    return [each if isinstance(each, dict) else {} for each in items(component.get("parameters", []), name)]
