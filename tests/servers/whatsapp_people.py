"""People with WhatsApp on their phones, for tests: they say, tap, send, block, and hear what we show.

They act directly on the server's world (tests and server share one event loop); our door hears of it through notices,
and each action waits for its 200. Words a test waits for count from the person's last action onwards.
"""

import base64
import hashlib
import io
import itertools
import time
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.servers.telegram_things import plain
from tests.servers.whatsapp_chat import Chatting
from tests.servers.whatsapp_things import Account, Button, Json, Message
from tests.servers.whatsapp_world import digits

if TYPE_CHECKING:
    from tests.servers.whatsapp import WhatsAppServer

_phones = itertools.count(1001)
_EDIT_SECONDS, _DELETE_SECONDS = 15 * 60, 2 * 86_400


class Person(Chatting):
    """One person and their chat with our number.

    `username_only` hides the phone in notices, `phone_only` the business-scoped user id; see `shows`.
    """

    def __init__(
        self,
        server: "WhatsAppServer",
        name: str,
        *,
        phone: str = "",
        username: str = "",
        username_only: bool = False,
        phone_only: bool = False,
    ) -> None:
        self.name = name
        number = digits(phone) or f"628123450{next(_phones):04d}"
        username = username or (f"{plain(name).replace(' ', '.')}.uji" if username_only else "")
        super().__init__(server, Account(name, number, _user_id(number), username))
        self.account.shows_phone, self.account.shows_user_id = not username_only, not phone_only
        server.people[name] = self

    def __str__(self) -> str:
        return self.name

    @property
    def phone(self) -> str:
        return f"+{self.account.phone}"

    @property
    def wa_id(self) -> str:
        return self.account.phone

    @property
    def user_id(self) -> str:
        """The business-scoped user id."""
        return self.account.user_id

    def shows(self, *, phone: bool = True, user_id: bool = True) -> None:
        """From now on notices tell these of the two ids."""
        self.account.shows_phone, self.account.shows_user_id = phone, user_id

    # Saying

    async def says(self, text: str, *, reply_to: str = "", forwarded: bool = False) -> str:
        """Send a text; returns its message id."""
        context: Json = {"forwarded": True} if forwarded else {}
        return await self._send("text", {"text": {"body": text}}, text, reply_to, context)

    async def taps(
        self, label: str = "", *, data: str | None = None, message_id: str = "", within: float = 10.0
    ) -> str:
        """Tap the newest button, list row or quick reply of this label, waiting for it; returns the message id.

        With `data` the tap is forged or old: any data, under any message, there or not.
        """
        if data is not None:
            under = message_id or (self.sees()[-1].id if self.sees() else "wamid.tidak-ada")
            return await self._tap(Button(label or "x", "button_reply", data), under)
        deadline = time.monotonic() + within
        while True:
            for message in reversed(self.sees()):
                button = _find(message, label)
                if button is not None and message_id in ("", message.id):
                    assert button.kind != "url", f"{label!r} is a link to {button.url}"
                    return await self._tap(button, message.id)
            left = deadline - time.monotonic()
            assert left > 0, f"{self} finds no {label!r} among {[each.labels for each in self.sees() if each.buttons]}"
            await self.account.bell.heard(left)

    async def reacts(self, emoji: str = "👍", *, message_id: str = "") -> str:
        """React to our last message (or another one); an empty emoji takes the reaction back."""
        target = message_id or self.sees()[-1].id
        if target in self.account.messages:
            self.account.messages[target].reactions[self.name] = emoji
        about = {"message_id": target, **({"emoji": emoji} if emoji else {})}
        return await self._tell("reaction", {"reaction": about})

    async def edits(self, text: str, *, message_id: str = "") -> str:
        """Edit the last own message (or another one), within a quarter of an hour; returns the id of the notice."""
        message = self._own(message_id, _EDIT_SECONDS)
        message.raw = text
        kind = message.kind
        part: Json = {"body": text} if kind == "text" else {"caption": text}
        edit = {"original_message_id": message.id, "message": {"type": kind, kind: part}}
        return await self._tell(*self._or_unsupported("edit", {"edit": edit}))

    async def deletes(self, *, message_id: str = "") -> str:
        """Delete the last own message (or another one) for everyone, within two days."""
        message = self._own(message_id, _DELETE_SECONDS)
        del self.account.messages[message.id]
        return await self._tell(*self._or_unsupported("revoke", {"revoke": {"original_message_id": message.id}}))

    # Files and things

    async def sends_photo(self, content: bytes | None = None, *, caption: str = "", as_document: bool = False) -> str:
        """Send a photo, compressed or as a file; without bytes a small grey one."""
        content = grey_photo() if content is None else content
        mime = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        if as_document:
            return await self.sends_document(content, "ktp.jpg", mime=mime, caption=caption)
        return await self._send_file("image", content, mime, caption=caption)

    async def sends_document(
        self, content: bytes, name: str, *, mime: str = "application/octet-stream", caption: str = ""
    ) -> str:
        """Send a file as it is."""
        return await self._send_file("document", content, mime, caption=caption, filename=name)

    async def sends_voice(self, content: bytes = b"OggS") -> str:
        """Send a voice note."""
        return await self._send_file("audio", content, "audio/ogg; codecs=opus", voice=True)

    async def sends_video(self, content: bytes = b"\x00\x00\x00\x18ftyp", *, caption: str = "") -> str:
        """Send a video."""
        return await self._send_file("video", content, "video/mp4", caption=caption)

    async def sends_sticker(self) -> str:
        """Send a sticker."""
        return await self._send_file("sticker", b"RIFF", "image/webp", animated=False)

    async def sends_location(self, latitude: float = -3.6954, longitude: float = 128.1814, *, name: str = "") -> str:
        """Send a place."""
        place: Json = {"latitude": latitude, "longitude": longitude, **({"name": name} if name else {})}
        return await self._send("location", {"location": place}, name)

    async def shares_contact(self, *, own: bool = True, phone: str = "", other: "Person | None" = None) -> str:
        """Send the own contact card, or with own=False somebody else's."""
        name = self.name if own else (other.name if other else "Joko")
        number = phone or (self.phone if own else (other.phone if other else "+6281234509999"))
        card = {
            "name": {"first_name": name, "formatted_name": name},
            "phones": [{"phone": number, "wa_id": digits(number), "type": "CELL"}],
        }
        return await self._send("contacts", {"contacts": [card]}, name)

    async def sends_unsupported(self, kind: str = "poll_creation") -> str:
        """Send what the API does not know: a poll, something shown once."""
        return await self._send("unsupported", _unsupported(kind), "")

    # Coming, going and looking

    async def blocks(self) -> None:
        """Block our number; nobody is told."""
        self.listens()
        self.account.blocked = True

    async def unblocks(self) -> None:
        """Unblock our number; nobody is told."""
        self.listens()
        self.account.blocked = False

    def deletes_account(self) -> None:
        """Be gone from WhatsApp."""
        self.account.gone = True

    async def changes_number(self, phone: str) -> str:
        """Move to another number, with a new business-scoped user id; whoever hides the number tells only of that."""
        account = self.account
        before, old_id = account.phone, account.user_id
        new, new_id = digits(phone), _user_id(digits(phone))
        about: Json = {"type": "user_changed_user_id", "body": f"User {self.name} changed their user ID"}
        if account.shows_phone:
            body = f"User {self.name} changed from {before} to {new}"
            about = {"type": "user_changed_number", "body": body, "wa_id": new}
        if account.shows_user_id and self.server.settings.user_ids:
            about |= {"user_id": new_id, "previous_user_id": old_id}
        told = await self._tell("system", {"system": about}, contact=False)
        del self.server.world.accounts[before]
        account.phone, account.user_id = new, new_id
        self.server.world.accounts[new] = account
        return told

    async def reads(self) -> None:
        """Open the chat: everything delivered is read."""
        for message in self.sees():
            if message.status != "read":
                await self._taken(self.server.notices.status(self.account, message, "read"))

    # Inside

    async def _send(self, kind: str, content: Json, text: str, reply_to: str = "", context: Json | None = None) -> str:
        """A message of the person's: it opens the window."""
        account, world = self.account, self.server.world
        assert not account.blocked, f"{self} has blocked us and cannot write"
        account.wrote_at = world.now()
        about = {**(context or {}), **({"from": world.number, "id": reply_to} if reply_to else {})}
        message = Message(kind, text, id=world.message_id(account), at=world.now(), by_us=False, reply_to=reply_to)
        account.messages[message.id] = message
        world.owners[message.id] = account
        return await self._tell(kind, {**({"context": about} if about else {}), **content}, message_id=message.id)

    async def _send_file(self, kind: str, content: bytes, mime: str, *, caption: str = "", **more: Any) -> str:
        media = self.server.world.keep(content, mime, more.get("filename", ""), uploaded=False)
        sha256 = base64.b64encode(hashlib.sha256(content).digest()).decode()
        about = {"mime_type": mime, "sha256": sha256, "id": media.id, **({"caption": caption} if caption else {})}
        return await self._send(kind, {kind: {**about, **more}}, caption)

    async def _tap(self, button: Button, message_id: str) -> str:
        if button.kind == "quick_reply":
            content: Json = {"button": {"payload": button.id, "text": button.text}}
            return await self._send("button", content, button.text, message_id)
        reply = {"id": button.id, "title": button.text}
        if button.description:
            reply["description"] = button.description
        content = {"interactive": {"type": button.kind, button.kind: reply}}
        return await self._send("interactive", content, button.text, message_id)

    async def _tell(self, kind: str, content: Json, *, message_id: str = "", contact: bool = True) -> str:
        self.listens()
        message_id = message_id or self.server.world.message_id(self.account)
        await self._taken(self.server.notices.message(self.account, message_id, kind, content, contact=contact))
        return message_id

    async def _taken(self, notice: Any) -> None:
        await self.server.webhooks.taken(notice)

    def _own(self, message_id: str, seconds: float) -> Message:
        own = [each for each in self.wrote() if message_id in ("", each.id)]
        assert own, f"{self} has no such message"
        assert self.server.world.now() - own[-1].at <= seconds, f"{self} is too late to change that message"
        return own[-1]

    def _or_unsupported(self, kind: str, content: Json) -> tuple[str, Json]:
        if self.server.settings.edits == "told":
            return kind, content
        return "unsupported", _unsupported(kind)


def _unsupported(kind: str) -> Json:
    title = "Message type unknown"
    details = {"details": "Message type is currently not supported."}
    error = {"code": 131051, "title": title, "message": title, "error_data": details}
    return {"errors": [error], "unsupported": {"type": kind}}


def _user_id(phone: str) -> str:
    return f"ID.{10**16 + int(hashlib.sha256(phone.encode()).hexdigest()[:13], 16)}"


def _find(message: Message, label: str) -> Button | None:
    wanted = plain(label)
    exact = next((button for button in message.buttons if button.text == label), None)
    return exact or next((button for button in message.buttons if plain(button.text) == wanted), None)


def grey_photo(width: int = 640, height: int = 480) -> bytes:
    """A small grey JPEG, for tests that need any photo at all."""
    file = io.BytesIO()
    Image.new("L", (width, height), 128).save(file, "JPEG")
    return file.getvalue()
