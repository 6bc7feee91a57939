"""The Bot API methods our bot uses, each as strict as Telegram: check, change the world, answer.

A method takes the world and the call's parameters and returns the JSON result or raises Refused. Methods that
a bot of ours never calls are missing on purpose: calling one is a 404 and a violation.
"""

from typing import Any

from tests.servers.telegram_params import Params
from tests.servers.telegram_rules import (
    ACTIONS,
    CAPTION_LIMIT,
    DOWNLOAD_BYTES,
    NOT_MODIFIED,
    QUERY_TOO_OLD,
    TEXT_LIMIT,
    UPLOAD_BYTES,
    Markup,
    Refused,
    bad,
    loads,
    photo_size,
    read_markup,
    read_text,
)
from tests.servers.telegram_things import Chat, Json, Message, StoredFile
from tests.servers.telegram_world import World


def writable(world: World, params: Params) -> Chat:
    """The chat of the call, if the bot may write there. Raises Refused."""
    chat = known(world, params)
    if chat.person is None:
        if not chat.bot_inside:
            raise Refused(403, "bot is not a member of the group chat")
        return chat
    if chat.deactivated or chat.blocked:
        # the first refusal is how a bot learns of it; writing on is sloppy
        severity, chat.refused = ("warn" if chat.refused else ""), True
        what = "user is deactivated" if chat.deactivated else "bot was blocked by the user"
        raise Refused(403, what, rule="sent_to_the_unreachable", severity=severity)
    if not chat.started:
        raise Refused(403, "bot can't initiate conversation with a user")
    return chat


def known(world: World, params: Params) -> Chat:
    """The chat of the call, if Telegram knows it. Raises Refused."""
    if not params.text("chat_id"):
        raise bad("chat_id is empty")
    chat = world.chat(params.integer("chat_id"))
    if chat is None:
        raise bad("chat not found")
    return chat


def get_me(world: World, params: Params) -> Json:
    more = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return {**world.bot, **more, "can_connect_to_business": False, "has_main_web_app": False}


def get_chat(world: World, params: Params) -> Json:
    chat = known(world, params)
    kinds = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    gifts = dict.fromkeys(kinds, False)
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return {**chat.as_json(), **more}


# Sending


def send_message(world: World, params: Params) -> Json:
    if not params.text("text"):
        raise bad("message text is empty", "empty_text")
    text, entities = read_text(params.text("text"), params.text("parse_mode"), params.raw("entities"), limit=TEXT_LIMIT)
    return _send(world, params, Message(0, 0, True, world.bot, text, entities))


def send_photo(world: World, params: Params) -> Json:
    return _send_file(world, params, "Photo", "photo")


def send_document(world: World, params: Params) -> Json:
    return _send_file(world, params, "Document", "document")


def _send_file(world: World, params: Params, kind: str, field: str) -> Json:
    caption, entities = _caption(params)
    stored = _file(world, params, kind, params.raw(field), field)
    return _send(world, params, Message(0, 0, True, world.bot, caption, entities, file=stored))


def _send(world: World, params: Params, message: Message) -> Json:
    markup = read_markup(params.raw("reply_markup"), private=params.integer("chat_id") > 0)
    chat = writable(world, params)
    params.pace(chat.chat_id)
    message.message_id, message.date = world.next_message_id(), world.now()
    message.protected = params.flag("protect_content")
    _mark(chat, message, markup)
    chat.messages[message.message_id] = message
    world.show(chat, "message", message)
    return world.as_json(chat, message)


def _mark(chat: Chat, message: Message, markup: Markup | None) -> None:
    if markup is None:
        return
    if markup.kind == "inline":
        message.rows = markup.rows
        return
    message.other_markup = True
    if markup.kind == "keyboard":
        chat.keyboard = (markup.rows, message.message_id, markup.one_time)
    elif markup.kind == "remove":
        chat.keyboard = None


def _caption(params: Params, *, editing: bool = False) -> tuple[str, list[Json]]:
    source, mode = params.text("caption"), params.text("parse_mode")
    return read_text(source, mode, params.raw("caption_entities"), limit=CAPTION_LIMIT, editing=editing)


def _file(world: World, params: Params, kind: str, value: Any, field: str) -> StoredFile:
    """An uploaded file, or an earlier one by its file_id."""
    name = str(value).removeprefix("attach://") if str(value).startswith("attach://") else field
    upload = params.files.get(name)
    if upload is None:
        if not value:
            raise bad(f"there is no {field} in the request", "no_file")
        if "://" in str(value):
            raise bad("failed to get HTTP URL content")
        stored = world.files.get(str(value))
        if stored is None:
            raise bad("wrong file identifier/HTTP URL specified", "wrong_file")
        if stored.kind != kind:
            raise bad(f"can't use file of type {stored.kind} as {kind}", "wrong_file")
        return stored
    if not upload.content:
        raise bad("file must be non-empty", "empty_file")
    if len(upload.content) > UPLOAD_BYTES:
        raise Refused(413, "Request Entity Too Large", rule="file_too_big")
    size = photo_size(upload.content) if kind == "Photo" else (0, 0)
    return world.keep_file(kind, upload.content, upload.name, upload.mime, size)


# Editing and deleting


def edit_message_text(world: World, params: Params) -> Json:
    if not params.text("text"):
        raise bad("message text is empty", "empty_text")
    source, mode = params.text("text"), params.text("parse_mode")
    text, entities = read_text(source, mode, params.raw("entities"), limit=TEXT_LIMIT, editing=True)
    chat, message = _editable(world, params)
    if message.file is not None:
        raise bad("there is no text in the message to edit", "edit_wrong_kind")
    return _edit(world, params, chat, message, text, entities, None)


def edit_message_caption(world: World, params: Params) -> Json:
    caption, entities = _caption(params, editing=True)
    chat, message = _editable(world, params)
    if message.file is None:
        raise bad("there is no caption in the message to edit", "edit_wrong_kind")
    return _edit(world, params, chat, message, caption, entities, message.file)


def edit_message_reply_markup(world: World, params: Params) -> Json:
    chat, message = _editable(world, params)
    return _edit(world, params, chat, message, message.text, message.entities, message.file)


def edit_message_media(world: World, params: Params) -> Json:
    media = loads(params.raw("media") or "", "can't parse input media JSON object")
    if not isinstance(media, dict):
        raise bad("can't parse InputMedia: expected an Object", "bad_media")
    kind = {"photo": "Photo", "document": "Document"}.get(media.get("type", ""))
    if kind is None:
        raise bad(f'can\'t parse InputMedia: type "{media.get("type")}" is unsupported', "bad_media")
    if not media.get("media"):
        raise bad("can't parse InputMedia: media not found", "bad_media")
    caption, entities = _caption(Params(media), editing=True)
    chat, message = _editable(world, params)
    stored = _file(world, params, kind, media["media"], media["type"])
    return _edit(world, params, chat, message, caption, entities, stored)


def _editable(world: World, params: Params) -> tuple[Chat, Message]:
    chat = known(world, params)
    if chat.deactivated:
        raise Refused(403, "user is deactivated", severity="")
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad("message to edit not found", severity="warn")
    if not message.by_bot or message.other_markup:
        raise bad("message can't be edited")
    return chat, message


def _edit(
    world: World,
    params: Params,
    chat: Chat,
    message: Message,
    text: str,
    entities: list[Json],
    stored: StoredFile | None,
) -> Json:
    markup = read_markup(params.raw("reply_markup"), private=chat.chat_id > 0, only_inline=True)
    rows = markup.rows if markup else ()
    if (text, entities, stored, rows) == (message.text, message.entities, message.file, message.rows):
        raise bad(NOT_MODIFIED, "not_modified", "warn")
    params.pace(chat.chat_id)
    message.text, message.entities, message.file, message.rows = text, entities, stored, rows
    message.edit_date = world.now()
    world.show(chat, "edit", message)
    return world.as_json(chat, message)


def delete_message(world: World, params: Params) -> bool:
    if not params.text("message_id"):
        raise bad("message identifier is not specified")
    chat = known(world, params)
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad("message to delete not found", severity="warn")
    if world.now() - message.date > world.settings.delete_hours * 3600:
        raise bad("message can't be deleted for everyone", severity="warn")
    if chat.person is None and not message.by_bot:
        raise bad("message can't be deleted")
    del chat.messages[message.message_id]
    if chat.keyboard is not None and chat.keyboard[1] == message.message_id:
        chat.keyboard = None
    world.show(chat, "deletion", message)
    return True


# Small things


def answer_callback_query(world: World, params: Params) -> bool:
    tap = world.taps.get(params.text("callback_query_id"))
    if len(params.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG", "text_too_long")
    if tap is None or tap.answered or world.now() - tap.at > world.settings.callback_seconds:
        raise bad(QUERY_TOO_OLD, "query_too_old", "error" if tap is None else "warn")
    tap.answered, tap.text, tap.alert = True, params.text("text"), params.flag("show_alert")
    return True


def send_chat_action(world: World, params: Params) -> bool:
    if params.text("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    writable(world, params)
    return True


def leave_chat(world: World, params: Params) -> bool:
    chat = known(world, params)
    if chat.person is not None:
        raise bad("chat member status can't be changed in private chats")
    if not chat.bot_inside:
        raise Refused(403, "bot is not a member of the group chat", severity="warn")
    chat.bot_inside = False
    chat.bell.ring()
    return True


def get_file(world: World, params: Params) -> Json:
    stored = world.files.get(params.text("file_id"))
    if stored is None:
        raise bad("invalid file_id" if params.text("file_id") else "file_id not specified")
    if len(stored.content) > DOWNLOAD_BYTES:
        raise bad("file is too big", severity="warn")
    ids = {"file_id": params.text("file_id"), "file_unique_id": stored.unique_id}
    return {**ids, "file_size": len(stored.content), "file_path": stored.path}
