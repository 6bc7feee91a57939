"""Photos and documents on their way to Telegram: a file for many goes up once, and then by Telegram's own id of it.

Not for: how the text under it looks (telegram_text.py), or files that people send us (telegram_fetch.py).
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from typing import Any, Final

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from channels.base import File, Permanent, bytes_of
from channels.telegram_errors import says
from channels.telegram_request import SENT_FILE
from channels.telegram_text import to_html
from conversation.messages import Message

# Names of files that went to many lately, with their ids: a handful of broadcasts at once, at most.
_MOST: Final = 64

# Said of an id that Telegram does not know (any more), in the words of its server and of what stands behind it.
_UNKNOWN: Final = ("file identifier", "file_id", "file_reference", "file of type", "media_empty", "_invalid")

# What would end the name early in the head of a form, or make a path of it.
_NOT_IN_A_NAME: Final = re.compile(r'[\x00-\x1f\x7f"\\/]+')


class Uploads:
    """Sends what carries a file. What it knows is forgotten at a restart, when the next one goes up whole again."""

    def __init__(self, api: Bot) -> None:
        self._api = api
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._going_up = asyncio.Lock()

    async def send(self, chat: int, out: Message, file: File | None, keyboard: object) -> None:
        """Send the message with its file; raises TelegramError, and Permanent where there is no file."""
        if not out.shared:
            await self._put(chat, out, await _whole(file), keyboard)
            return
        for last in (False, True):
            known = self._ids.get(out.file)
            if known is None:
                async with self._going_up:
                    # Whoever had to wait for the first one goes by its id.
                    known = self._ids.get(out.file)
                    if known is None:
                        await self._put(chat, out, await _whole(file), keyboard)
                        self._remember(out.file)
                        return
            try:
                await self._put(chat, out, known, keyboard)
            except TelegramError as problem:
                if last or not says(problem, *_UNKNOWN):
                    raise
                if self._ids.get(out.file) == known:
                    del self._ids[out.file]
            else:
                return

    def _remember(self, name: str) -> None:
        if file_id := SENT_FILE.get():
            self._ids[name] = file_id
            while len(self._ids) > _MOST:
                self._ids.popitem(last=False)

    async def _put(self, chat: int, out: Message, what: bytes | str, keyboard: object) -> None:
        about: dict[str, Any] = {
            "caption": to_html(out.text) or None,
            "parse_mode": ParseMode.HTML,
            "protect_content": out.protected or None,
            "api_kwargs": {"reply_markup": keyboard},
        }
        if out.photo:
            await self._api.send_photo(chat, what, filename="photo.jpg", **about)
            return
        # As it is: otherwise Telegram makes a film or a song of what looks like one.
        name = shown_name(out.document_name)
        await self._api.send_document(chat, what, filename=name, disable_content_type_detection=True, **about)


def shown_name(name: str) -> str:
    """A file's name as Telegram can take it: it reads the head of a form as it stands, without any escapes."""
    return _NOT_IN_A_NAME.sub("_", name).strip() or "file"


async def _whole(file: File | None) -> bytes:
    data = await bytes_of(file)
    if data is None:
        raise Permanent("file_missing")
    return data
