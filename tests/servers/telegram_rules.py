"""What Telegram refuses in texts, keyboards, photos, command menus and webhook addresses, in its own words.

Pure checks: no chats, no clock, no network. Sentences follow the published Bot API server; a code in
capitals is what Telegram's inner servers answer, passed on unchanged. Limits of keyboards are partly guessed.
"""

import functools
import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from PIL import Image, UnidentifiedImageError

from tests.servers.telegram_html import BadMarkup, Entity, parse_html, trim

TEXT_LIMIT, CAPTION_LIMIT, RAW_LIMIT = 4096, 1024, 1 << 15
PHOTO_BYTES, UPLOAD_BYTES, DOWNLOAD_BYTES = 10 << 20, 50 << 20, 20 << 20
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
    }
    | {"choose_sticker", "find_location", "record_video_note", "upload_video_note"}
)


class Refused(Exception):  # noqa: N818  a no is an answer here
    """Telegram says no.

    `rule` is a short name for the list of violations; `severity` says whether a correct bot could ever
    cause it: "error" never, "warn" only by repeating what it could not know was done, "" is no fault.
    """

    def __init__(
        self,
        code: int,
        sentence: str,
        *,
        rule: str = "",
        severity: str = "error",
        retry_after: int | None = None,
    ) -> None:
        prefix = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}.get(code)
        super().__init__(f"{prefix}: {sentence}" if prefix else sentence)
        self.code = code
        self.rule = rule or re.sub(r"\W+", "_", sentence.split(":")[0].strip().lower())[:40]
        self.severity = severity
        self.retry_after = retry_after


def bad(sentence: str, rule: str = "", severity: str = "error") -> Refused:
    """A 400 with this sentence."""
    return Refused(400, sentence, rule=rule, severity=severity)


@dataclass(frozen=True, slots=True)
class Button:
    """A button: `data` is what a tap sends, `url` what it opens, `asks` is "contact" or "location"."""

    text: str
    data: str | None = None
    url: str | None = None
    asks: str | None = None


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Markup:
    """A reply markup: `kind` is "inline", "keyboard", "remove" or "force_reply"."""

    kind: str
    rows: Rows = ()
    one_time: bool = False


def loads(text: Any, sentence: str) -> Any:
    """A JSON argument, which a JSON body may also hold already read. Raises Refused with the sentence."""
    if not isinstance(text, str):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad(sentence, "bad_json") from None


def read_text(
    source: str, parse_mode: str, entities: Any, *, limit: int, editing: bool = False
) -> tuple[str, list[Entity]]:
    """Text (limit 4096) or caption (limit 1024) after parsing, trimmed, with its entities. Raises Refused."""
    if len(source.encode()) > RAW_LIMIT:
        raise bad("text is too long", "text_too_long")
    found: list[Entity] = []
    if parse_mode:
        if parse_mode.lower() != "html":  # Markdown is Telegram's too, but our bot has no use for it
            raise bad("unsupported parse_mode")
        try:
            source, found = parse_html(source)
        except BadMarkup as problem:
            raise bad(f"can't parse entities: {problem}", "bad_entities") from None
    elif entities:
        found = [each for each in loads(entities, "can't parse entities JSON object") if each.get("length", 0) > 0]
    text, found = trim(source.replace("\r", ""), found)
    if limit == TEXT_LIMIT and not text:
        raise bad("text must be non-empty", "empty_text")
    if len(text) > limit:
        if editing:
            raise bad("MESSAGE_TOO_LONG", "text_too_long")
        raise bad("message is too long" if limit == TEXT_LIMIT else "message caption is too long", "text_too_long")
    return text, found


def read_markup(value: Any, *, private: bool, only_inline: bool = False) -> Markup | None:
    """The reply markup of a call, or None. Raises Refused."""
    if value in (None, ""):
        return None
    markup = _read_markup(value, private) if isinstance(value, str) else _markup(value, private)
    if only_inline and markup is not None and markup.kind != "inline":
        raise bad("inline keyboard expected", "bad_markup")
    return markup


@functools.lru_cache(maxsize=4096)  # a bot shows the same few keyboards all day
def _read_markup(text: str, private: bool) -> Markup | None:
    return _markup(loads(text, "can't parse reply keyboard markup JSON object"), private)


def _markup(value: Any, private: bool) -> Markup | None:
    if not isinstance(value, dict):
        raise bad("object expected as reply markup", "bad_markup")
    if value.get("keyboard"):
        rows = _rows(value["keyboard"], 'field "keyboard" must be an Array of Arrays', lambda b: _key(b, private))
        return Markup("keyboard", rows, bool(value.get("one_time_keyboard"))) if rows else None
    if value.get("inline_keyboard"):
        shape = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        rows = _rows(value["inline_keyboard"], shape, _inline_button)
        if any(len(row) > 8 for row in rows) or sum(map(len, rows)) > 100:
            raise bad("reply markup is too long", "bad_markup")
        return Markup("inline", rows) if rows else None
    if value.get("remove_keyboard"):
        return Markup("remove")
    return Markup("force_reply") if value.get("force_reply") else None


def _rows(value: Any, sentence: str, read: Any) -> Rows:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad(sentence, "bad_markup")
    return tuple(tuple(read(button) for button in row) for row in value if row)


def _key(button: Any, private: bool) -> Button:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad("can't parse keyboard button: KeyboardButton must be a String or an Object", "bad_markup")
    text = _label(button, "keyboard button")
    if not text.strip():
        raise bad("keyboard button text must be non-empty", "empty_button")
    asks = next((each for each in ("contact", "location") if button.get(f"request_{each}")), None)
    if asks and not private:
        what = "phone number" if asks == "contact" else "location"
        raise bad(f"{what} can be requested in private chats only", "bad_markup")
    return Button(text, asks=asks)


def _inline_button(button: Any) -> Button:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object", "bad_markup")
    text = _label(button, "inline keyboard button")
    data, url = button.get("callback_data"), button.get("url")
    if not (data or url or button.get("copy_text") or button.get("web_app")):
        what = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        raise bad(what, "bad_markup")
    if not text.strip():
        raise bad("inline keyboard button text must be non-empty", "empty_button")
    if data is not None and (not isinstance(data, str) or len(data.encode()) > 64):
        raise bad("BUTTON_DATA_INVALID", "callback_data")
    if url and (not isinstance(url, str) or not re.match(r"(https?|tg)://\S+$|[\w-]+\.\w", url)):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL", "bad_markup")
    return Button(text, data=data, url=url)


def _label(button: dict[str, Any], what: str) -> str:
    if "text" not in button:
        raise bad(f"can't parse {what}: Can't find field \"text\"", "bad_markup")
    if not isinstance(button["text"], str):
        raise bad(f'can\'t parse {what}: Field "text" must be of type String', "bad_markup")
    return button["text"]


def photo_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a photo Telegram would take. Raises Refused."""
    if len(content) > PHOTO_BYTES:
        size = f"file of size {len(content)} bytes is too big for a photo"
        raise bad(f"{size}; the maximum size is {PHOTO_BYTES} bytes", "photo_too_big")
    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        raise bad("IMAGE_PROCESS_FAILED", "bad_photo") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS", "bad_photo")
    return width, height


def read_commands(value: Any) -> list[dict[str, str]]:
    """The commands of a menu, without their slash. Raises Refused."""
    items = loads(value or "[]", "can't parse commands JSON object")
    if not isinstance(items, list):
        raise bad("expected an Array of BotCommand", "bad_command")
    if len(items) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH", "bad_command")
    return [_command(item) for item in items]


def _command(item: Any) -> dict[str, str]:
    if not isinstance(item, dict):
        raise bad("can't parse BotCommand: expected an Object", "bad_command")
    for field in ("command", "description"):
        if not isinstance(item.get(field), str):
            raise bad(f"can't parse BotCommand: Can't find field \"{field}\"", "bad_command")
    command, description = item["command"].strip().removeprefix("/"), item["description"].strip()
    if not command:
        raise bad("command must be non-empty", "bad_command")
    if len(command) > 32:
        raise bad("command length must not exceed 32", "bad_command")
    if not description:
        raise bad("command description must be non-empty", "bad_command")
    if len(description) > 256:
        raise bad("command description length must not exceed 256", "bad_command")
    if not re.fullmatch(r"[a-z0-9_]+", command):
        raise bad("BOT_COMMAND_INVALID", "bad_command")
    return {"command": command, "description": description}


def check_language(code: str) -> str:
    """A two-letter language code or the empty text. Raises Refused."""
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified", "bad_language")
    return code


def check_webhook(url: str, secret: str) -> None:
    """An https address, or http on loopback (which the public service refuses, a local server takes)."""
    parts = urlsplit(url)
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook", "bad_webhook")
    if len(secret) > 256:
        raise bad("secret token is too long", "bad_webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters", "bad_webhook")
