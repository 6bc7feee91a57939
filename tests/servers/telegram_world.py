"""What the pretended Telegram knows: chats and their messages, files, taps, menus, the log of calls.

Holds and shows; it checks nothing (telegram_methods.py does) and speaks no HTTP (telegram_doors.py does).
"""

import itertools
import secrets
import time
from collections import Counter

from tests.servers.telegram_things import (
    Bell,
    Call,
    Chat,
    Json,
    Message,
    Seen,
    Settings,
    StoredFile,
    Tap,
    Violation,
)


class World:
    """Everything the server remembers, for one bot."""

    def __init__(self, token: str, settings: Settings) -> None:
        self.settings = settings
        self.token = token
        number = token.split(":")[0]
        self.bot: Json = {
            "id": int(number) if number.isdigit() else 990001,
            "is_bot": True,
            "first_name": "Lindung",
            "username": "lindung_uji_bot",
        }
        self.chats: dict[int, Chat] = {}
        self.crowds: list[range] = []
        self.files: dict[str, StoredFile] = {}
        self.paths: dict[str, StoredFile] = {}
        self.taps: dict[str, Tap] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.calls: list[Call] = []
        self.counts: Counter[str] = Counter()
        self.codes: Counter[int] = Counter()
        self.violations: list[Violation] = []
        self.bell = Bell()
        self._skipped = 0.0
        self._message_ids = itertools.count(101)
        self._numbers = itertools.count(1)

    def now(self) -> float:
        """Telegram's clock, seconds since 1970."""
        return time.time() + self._skipped

    def skip(self, *, hours: float = 0, seconds: float = 0) -> None:
        """Put Telegram's clock forward; messages and taps grow older by so much."""
        self._skipped += hours * 3600 + seconds

    def chat(self, chat_id: int) -> Chat | None:
        """The chat of this id; people of a crowd get theirs when first asked for."""
        chat = self.chats.get(chat_id)
        if chat is None and any(chat_id in crowd for crowd in self.crowds):
            person = {"id": chat_id, "is_bot": False, "first_name": f"Warga {chat_id}", "language_code": "id"}
            chat = self.chats[chat_id] = Chat(chat_id, person, started=True)
        return chat

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def next_number(self) -> int:
        return next(self._numbers)

    def keep_file(self, kind: str, content: bytes, name: str, mime: str, size: tuple[int, int] = (0, 0)) -> StoredFile:
        """Store bytes as an uploaded file with ids and a download path of its own."""
        number = self.next_number()
        prefix = {"Photo": "AgACAgU", "Document": "BQACAgU"}.get(kind, "AwACAgU")
        file_id = f"{prefix}{number:06d}{secrets.token_urlsafe(24)}"
        folder = {"Photo": "photos", "Document": "documents", "VoiceNote": "voice"}.get(kind, "stickers")
        path = f"{folder}/file_{number}.{name.rsplit('.', 1)[-1] if '.' in name else 'bin'}"
        stored = StoredFile(file_id, f"AQAD{number:06d}", kind, content, name, mime, *size, path)
        self.files[file_id] = self.paths[path] = stored
        for side in (90, 320) if kind == "Photo" else ():
            self.files[f"{file_id}-{side}"] = stored
        return stored

    def show(self, chat: Chat, kind: str, message: Message) -> None:
        """Write into the chat's ledger what it now sees, and wake whoever listens."""
        at, number = time.monotonic(), message.message_id
        if kind == "deletion":
            seen = Seen(kind, at, number)
        else:
            look = (message.text, message.rows, message.file, message.protected, tuple(message.entities))
            seen = Seen(kind, at, number, *look)
        chat.ledger.append(seen)
        chat.bell.ring()

    def blame(self, severity: str, rule: str, method: str, chat_id: int | None, detail: str) -> None:
        self.violations.append(Violation(severity, rule, method, chat_id, detail))

    def as_json(self, chat: Chat, message: Message) -> Json:
        """The Message object of the Bot API."""
        body: Json = {
            "message_id": message.message_id,
            "from": message.sender,
            "chat": chat.as_json(),
            "date": int(message.date),
            **message.extra,
        }
        if message.edit_date is not None:
            body["edit_date"] = int(message.edit_date)
        if message.protected:
            body["has_protected_content"] = True
        words, marks = ("caption", "caption_entities") if message.file else ("text", "entities")
        if message.text:
            body[words] = message.text
        if message.entities:
            body[marks] = message.entities
        if message.file is not None:
            kind = message.file.kind
            body["photo" if kind == "Photo" else "document"] = (
                message.file.as_photo() if kind == "Photo" else message.file.as_document()
            )
        if message.rows:
            body["reply_markup"] = {
                "inline_keyboard": [
                    [
                        {"text": b.text, "callback_data": b.data} if b.data else {"text": b.text, "url": b.url}
                        for b in row
                    ]
                    for row in message.rows
                ]
            }
        return body

    def membership(self, chat: Chat, by: Json, old: str, new: str) -> Json:
        """A my_chat_member update: somebody changed what the bot is in a chat."""
        before, after = (
            {"user": self.bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}
            for status in (old, new)
        )
        parts = {"old_chat_member": before, "new_chat_member": after}
        return {"chat": chat.as_json(), "from": by, "date": int(self.now()), **parts}
