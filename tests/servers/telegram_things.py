"""The things in the pretended Telegram's world: settings, chats, messages, files, taps, calls, violations.

Plain records and how the Bot API writes them; telegram_world.py keeps them together.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.servers.telegram_html import Entity
from tests.servers.telegram_rules import Button, Rows

Json = dict[str, Any]


@dataclass
class Settings:
    """The thresholds of the server; for pace, which Telegram does not publish, the usual figures."""

    rate_limits: bool = False
    overall_per_second: float = 30.0
    overall_burst: float = 30.0
    chat_per_second: float = 1.0
    chat_burst: float = 5.0
    group_per_second: float = 20 / 60
    group_burst: float = 20.0
    count_edits: bool = False
    latency: float = 0.0  # seconds before each answer
    callback_seconds: float = 15.0  # how long a tap may be answered
    delete_hours: float = 48.0
    poll_cap: float = 50.0  # seconds, the longest getUpdates
    webhook_retry: float = 0.05  # seconds before the second delivery; doubles each time
    webhook_retry_cap: float = 1.0
    webhook_timeout: float = 30.0
    keep_calls: bool = True  # a bench keeps only counts


class Bell:
    """Wakes everyone who waits for something new."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        if self._waiting:
            for future in self._waiting:
                if not future.done():
                    future.set_result(None)
            self._waiting.clear()

    async def heard(self, seconds: float) -> None:
        """Returns at the next ring, or after so many seconds."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait({future}, timeout=max(0.0, seconds))
        finally:
            self._waiting.discard(future)


@dataclass(slots=True)
class StoredFile:
    """An uploaded file; `kind` is Photo, Document, VoiceNote or Sticker, as Telegram names them."""

    file_id: str
    unique_id: str
    kind: str
    content: bytes
    name: str
    mime: str
    width: int = 0
    height: int = 0
    path: str = ""

    def as_photo(self) -> list[Json]:
        """The sizes of a photo, smallest first; all share the bytes, the last has the true size."""
        base = {"file_size": len(self.content), "file_unique_id": self.unique_id}
        sizes = [side for side in (90, 320) if side < max(self.width, self.height)]
        small = [
            {
                **base,
                "file_id": f"{self.file_id}-{side}",
                "file_unique_id": f"{self.unique_id}{side}",
                "width": max(1, self.width * side // max(self.width, self.height)),
                "height": max(1, self.height * side // max(self.width, self.height)),
            }
            for side in sizes
        ]
        return [*small, {**base, "file_id": self.file_id, "width": self.width, "height": self.height}]

    def as_document(self) -> Json:
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_name": self.name,
            "mime_type": self.mime,
            "file_size": len(self.content),
        }


@dataclass(slots=True)
class Message:
    """A message as it stands now; `by_bot` tells whose it is, `extra` holds what only people send."""

    message_id: int
    date: float
    by_bot: bool
    sender: Json
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    rows: Rows = ()
    other_markup: bool = False  # a reply keyboard, its removal or a forced reply: never editable afterwards
    file: StoredFile | None = None
    protected: bool = False
    edit_date: float | None = None
    extra: Json = field(default_factory=dict)

    @property
    def buttons(self) -> list[str]:
        """The labels of the inline buttons, in reading order."""
        return [button.text for row in self.rows for button in row]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a chat saw the bot do: `kind` is "message", "edit" or "deletion"; `at` is monotonic seconds."""

    kind: str
    at: float
    message_id: int
    text: str = ""
    rows: Rows = ()
    file: StoredFile | None = None
    protected: bool = False
    entities: tuple[Entity, ...] = ()

    @property
    def buttons(self) -> list[str]:
        return [button.text for row in self.rows for button in row]

    def button(self, label: str) -> Button | None:
        wanted = plain(label)
        return next((each for row in self.rows for each in row if plain(each.text) == wanted), None)


def plain(label: str) -> str:
    """A label without its emoji and signs, for finding a button by its words."""
    return "".join(sign for sign in label if sign.isalnum() or sign == " ").strip().casefold() or label


@dataclass(slots=True)
class Chat:
    """A private chat (its id is the person's) or a group, with everything seen in it."""

    chat_id: int
    person: Json | None = None  # None for a group
    title: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    refused: bool = False  # told the bot once that it cannot write here
    bot_inside: bool = True
    messages: dict[int, Message] = field(default_factory=dict)
    ledger: list[Seen] = field(default_factory=list)
    keyboard: tuple[Rows, int, bool] | None = None  # rows, the message that brought it, one-time
    bell: Bell = field(default_factory=Bell)

    def as_json(self) -> Json:
        if self.person is None:
            return {"id": self.chat_id, "type": "group", "title": self.title}
        names = {key: value for key, value in self.person.items() if key.endswith("name")}
        return {"id": self.chat_id, "type": "private", **names}


@dataclass(slots=True)
class Tap:
    """A press of an inline button and the bot's answer to it, if any."""

    tap_id: str
    chat_id: int
    at: float
    answered: bool = False
    text: str = ""
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API; `code` is the status it was answered with, 0 for none."""

    method: str
    params: Json
    at: float
    chat_id: int | None
    code: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something a correct bot does not do ("error") or hardly ever does ("warn")."""

    severity: str
    rule: str
    method: str
    chat_id: int | None
    detail: str
