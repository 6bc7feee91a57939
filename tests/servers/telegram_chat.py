"""What a person and a group have in common for a test: a chat, and waiting for what the bot shows there.

Only listening; people act in telegram_people.py.
"""

import re
import time
from typing import TYPE_CHECKING

from tests.servers.telegram_things import Bell, Chat, Message, Seen

if TYPE_CHECKING:
    from tests.servers.telegram import TelegramServer


class Chatting:
    """What a person and a group have in common: a chat in which the bot is heard."""

    def __init__(self, server: "TelegramServer", chat: Chat) -> None:
        self.server = server
        self.chat = chat
        self.cursor = 0
        server.world.chats[chat.chat_id] = chat

    @property
    def id(self) -> int:
        return self.chat.chat_id

    @property
    def bell(self) -> Bell:
        """Rings at everything new here."""
        return self.chat.bell

    @property
    def ledger(self) -> list[Seen]:
        """Everything the bot ever showed here: messages, edits and deletions, in order."""
        return self.chat.ledger

    def listens(self) -> None:
        """From now on: what was heard before no longer counts."""
        self.cursor = len(self.chat.ledger)

    def heard(self) -> list[Seen]:
        """Messages and edits since the last action."""
        return [seen for seen in self.chat.ledger[self.cursor :] if seen.kind != "deletion"]

    async def hears(self, wanted: "str | re.Pattern[str]", *, within: float = 10.0) -> Seen:
        """The first message or edit since the last action that contains the text or matches the pattern."""
        deadline = time.monotonic() + within
        while True:
            for seen in self.heard():
                if wanted in seen.text if isinstance(wanted, str) else wanted.search(seen.text):
                    return seen
            left = deadline - time.monotonic()
            if left <= 0:
                told = "\n---\n".join(seen.text for seen in self.heard()) or "(nothing)"
                raise AssertionError(f"{self} did not hear {wanted!r} within {within} s, but:\n{told}")
            await self.chat.bell.heard(left)

    async def hears_nothing(self, *, within: float = 0.3) -> None:
        """No message and no edit since the last action, nor for so many seconds from now."""
        deadline = time.monotonic() + within
        while not self.heard() and (left := deadline - time.monotonic()) > 0:
            await self.chat.bell.heard(left)
        assert not self.heard(), f"{self} heard: {self.heard()[0].text}"

    async def sees_gone(self, message_id: int, *, within: float = 10.0) -> None:
        """Wait until a message (the bot's or the person's own) is deleted."""
        deadline = time.monotonic() + within
        while message_id in self.chat.messages:
            left = deadline - time.monotonic()
            assert left > 0, f"message {message_id} is still there"
            await self.chat.bell.heard(left)

    def sees(self) -> list[Message]:
        """The bot's messages as they stand now, oldest first; deleted ones are gone."""
        return [message for message in self.chat.messages.values() if message.by_bot]

    def wrote(self) -> list[Message]:
        """The people's messages that are still there."""
        return [message for message in self.chat.messages.values() if not message.by_bot]


class Group(Chatting):
    """A group somebody added the bot to."""

    def __str__(self) -> str:
        return self.chat.title

    @property
    def bot_inside(self) -> bool:
        return self.chat.bot_inside
