"""People with Telegram on their phones, for tests: they say, tap, send, block, and hear what the bot shows.

They act directly on the server's world (tests and server share one event loop); the bot hears of it through
its updates. Words a test waits for count from the person's last action onwards.
"""

import io
import itertools
import re
import time
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.servers.telegram_chat import Chatting, Group
from tests.servers.telegram_rules import Button
from tests.servers.telegram_things import Chat, Json, Message, StoredFile, Tap, plain

if TYPE_CHECKING:
    from tests.servers.telegram import TelegramServer

_ids = itertools.count(700_001)
_groups = itertools.count(1)


class Person(Chatting):
    """One person and their private chat with the bot.

    `about` may set person_id, last_name, username, language_code, phone, started (has the bot been started).
    """

    def __init__(self, server: "TelegramServer", name: str, **about: Any) -> None:
        number = about.pop("person_id", None) or next(_ids)
        self.name = name
        self.phone = about.pop("phone", f"+62812345{number % 100000:05d}")
        started = about.pop("started", False)
        person = {"id": number, "is_bot": False, "first_name": name, "language_code": "id", **about}
        super().__init__(server, Chat(number, person, started=started))
        self.person: Json = person
        self.tap: Tap | None = None

    def __str__(self) -> str:
        return self.name

    # Saying

    async def starts(self, payload: str = "") -> int:
        """Press Start, from a deep link with this payload; unblocks the bot first, as the app does."""
        if self.chat.blocked:
            await self.unblocks()
        return await self.says(f"/start {payload}".strip())

    async def says(self, text: str, **extra: Any) -> int:
        """Send a text; returns its message id."""
        command = re.match(r"/\w+", text)
        if command:
            mark = {"type": "bot_command", "offset": 0, "length": command.end()}
            return self._send(text, {"entities": [mark], **extra})
        return self._send(text, extra)

    async def edits(self, text: str, *, message_id: int | None = None) -> int:
        """Edit the last own message (or an earlier one)."""
        own = [each for each in self.wrote() if message_id in (None, each.message_id)]
        assert own, f"{self} has no message to edit"
        message = own[-1]
        self.listens()
        message.text, message.edit_date = text, self.server.world.now()
        self.server.updates.add("edited_message", self.server.world.as_json(self.chat, message))
        return message.message_id

    async def shares_contact(self, *, own: bool = True, phone: str = "", other: "Person | None" = None) -> int:
        """Send the own phone number, or with own=False somebody else's card."""
        card = {"phone_number": phone or self.phone, "first_name": self.name, "user_id": self.id}
        if not own:
            whose = {"user_id": other.id} if other else {}
            number = phone or (other.phone if other else "+6281234509999")
            card = {"phone_number": number, "first_name": other.name if other else "Joko", **whose}
        return self._send("", {"contact": card})

    # Files

    async def sends_photo(self, content: bytes | None = None, *, caption: str = "", as_document: bool = False) -> int:
        """Send a photo, compressed or as a file; without bytes a small grey one."""
        content = content if content is not None else grey_photo()
        if as_document:
            return await self.sends_document(content, "ktp.jpg", mime="image/jpeg", caption=caption)
        return self._send(caption, {}, self._photo(content))

    async def sends_album(self, contents: list[bytes], *, caption: str = "") -> list[int]:
        """Send several photos at once: one update each, with the same group id."""
        group = str(self.server.world.next_number() + 13_000_000_000)
        return [
            self._send("" if place else caption, {"media_group_id": group}, self._photo(content))
            for place, content in enumerate(contents)
        ]

    async def sends_document(
        self, content: bytes, name: str, *, mime: str = "application/octet-stream", caption: str = ""
    ) -> int:
        """Send a file as it is."""
        return self._send(caption, {}, self.server.world.keep_file("Document", content, name, mime))

    async def voice(self, content: bytes = b"OggS") -> int:
        """Send a voice note of three seconds."""
        stored = self.server.world.keep_file("VoiceNote", content, "voice.ogg", "audio/ogg")
        ids = {"file_id": stored.file_id, "file_unique_id": stored.unique_id}
        return self._send("", {"voice": {**ids, "duration": 3, "mime_type": "audio/ogg"}})

    async def sticker(self) -> int:
        """Send a sticker."""
        stored = self.server.world.keep_file("Sticker", b"RIFF", "sticker.webp", "image/webp")
        ids = {"file_id": stored.file_id, "file_unique_id": stored.unique_id, "emoji": "👍"}
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._send("", {"sticker": {**ids, **shape}})

    # Buttons

    async def taps(
        self, label: str = "", *, data: str | None = None, message_id: int | None = None, within: float = 10.0
    ) -> None:
        """Press the newest visible button of this label (inline, else on the reply keyboard), waiting for it.

        With `data` the press is forged or old: any data, under any message, there or not.
        """
        if data is not None:
            self._tap(data, message_id if message_id is not None else self._newest_id())
            return
        deadline = time.monotonic() + within
        while True:
            for message in reversed(self.sees()):
                button = _find(message, label)
                if button is not None and message_id in (None, message.message_id):
                    assert button.data is not None, f"{label!r} is a link to {button.url}"
                    self._tap(button.data, message.message_id)
                    return
            if key := self._key(label):
                await self._press_key(key)
                return
            left = deadline - time.monotonic()
            if left <= 0:
                there = [message.buttons for message in self.sees() if message.rows]
                raise AssertionError(f"{self} finds no button {label!r} among {there} and {self.keyboard()}")
            await self.chat.bell.heard(left)

    async def toast(self, *, within: float = 10.0) -> str:
        """What the bot answered to the last tap: the words shown, empty when the spinner just stopped."""
        assert self.tap is not None, f"{self} has tapped nothing"
        deadline = time.monotonic() + within
        while not self.tap.answered:
            left = deadline - time.monotonic()
            assert left > 0, f"the tap of {self} was never answered"
            await self.server.world.bell.heard(left)
        return self.tap.text

    def keyboard(self) -> list[list[str]]:
        """The labels of the reply keyboard, empty when there is none."""
        return [[key.text for key in row] for row in self.chat.keyboard[0]] if self.chat.keyboard else []

    def commands(self) -> list[str]:
        """The commands of the menu this person sees, by Telegram's order of scopes."""
        known, language = self.server.world.commands, self.person["language_code"]
        for scope in (f"chat:{self.id}", "all_private_chats", "default"):
            for code in (language, ""):
                if found := known.get((scope, code)):
                    return [each["command"] for each in found]
        return []

    # Coming and going

    async def blocks(self) -> None:
        """Block the bot."""
        await self._membership("member", "kicked", blocked=True)

    async def unblocks(self) -> None:
        """Unblock the bot."""
        await self._membership("kicked", "member", blocked=False)

    def deletes_account(self) -> None:
        """Be gone: the bot hears nothing of it until it writes."""
        self.chat.deactivated = True

    async def adds_bot_to_group(self, title: str = "Kelompok Nelayan") -> Group:
        """Put the bot into a group of ours; returns the group."""
        chat = Chat(-(4_000_000 + next(_groups)), title=title, started=True)
        group = Group(self.server, chat)
        self.server.updates.add("my_chat_member", self.server.world.membership(chat, self.person, "left", "member"))
        bot = self.server.world.bot
        self._send("", {"new_chat_members": [bot]}, chat=chat)
        return group

    # Inside

    def _send(self, text: str, extra: Json, stored: StoredFile | None = None, chat: Chat | None = None) -> int:
        assert not self.chat.blocked, f"{self} has blocked the bot and cannot write"
        chat = chat or self.chat
        self.listens()
        if chat is self.chat:
            chat.started, chat.refused = True, False
        world = self.server.world
        marks = extra.pop("entities", [])
        number = world.next_message_id()
        message = Message(number, world.now(), False, self.person, text, marks, file=stored, extra=extra)
        chat.messages[number] = message
        self.server.updates.add("message", world.as_json(chat, message))
        return number

    def _photo(self, content: bytes) -> StoredFile:
        with Image.open(io.BytesIO(content)) as image:
            size = image.size
        return self.server.world.keep_file("Photo", content, "photo.jpg", "image/jpeg", size)

    def _tap(self, data: str, message_id: int) -> None:
        world = self.server.world
        self.listens()
        message = self.chat.messages.get(message_id)
        about: Json = {"message_id": message_id, "chat": self.chat.as_json(), "date": 0}
        tap = Tap(str(4_000_000_000_000 + world.next_number()), self.id, world.now())
        world.taps[tap.tap_id] = self.tap = tap
        body = {
            "id": tap.tap_id,
            "from": self.person,
            "message": world.as_json(self.chat, message) if message else about,
            "chat_instance": str(self.id * 7919),
            "data": data,
        }
        self.server.updates.add("callback_query", body)

    def _newest_id(self) -> int:
        return self.sees()[-1].message_id if self.sees() else 1

    def _key(self, label: str) -> Button | None:
        rows = self.chat.keyboard[0] if self.chat.keyboard else ()
        return next((key for row in rows for key in row if plain(key.text) == plain(label)), None)

    async def _press_key(self, key: Button) -> None:
        if self.chat.keyboard and self.chat.keyboard[2]:
            self.chat.keyboard = None
        if key.asks == "contact":
            await self.shares_contact()
        else:
            await self.says(key.text)

    async def _membership(self, old: str, new: str, *, blocked: bool) -> None:
        self.listens()
        self.chat.blocked, self.chat.refused = blocked, False
        self.server.updates.add("my_chat_member", self.server.world.membership(self.chat, self.person, old, new))


def _find(message: Message, label: str) -> Button | None:
    wanted = plain(label)
    buttons = [button for row in message.rows for button in row]
    exact = next((button for button in buttons if button.text == label), None)
    return exact or next((button for button in buttons if plain(button.text) == wanted), None)


def grey_photo(width: int = 640, height: int = 480) -> bytes:
    """A small grey JPEG, for tests that need any photo at all."""
    file = io.BytesIO()
    Image.new("L", (width, height), 128).save(file, "JPEG")
    return file.getvalue()
