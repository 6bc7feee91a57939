"""Photos and documents on their way to Meta: brought there first, then named by their id in the message.

A file for many goes up once. Not for: how the text under it looks (whatsapp_text.py), or files that people send us
(whatsapp_fetch.py). https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Any, Final

from channels.base import File, Permanent, Temporary, Unclear, bytes_of
from channels.whatsapp_errors import failure
from channels.whatsapp_request import Graph, GraphRefused, GraphUnreached
from conversation.messages import Message

# Names of files that went to many lately, with their ids: a handful of broadcasts at once, at most.
_MOST: Final = 64
# Meta keeps an upload for thirty days; what is used for longer than a broadcast may as well go up again.
_KEPT_SECONDS: Final = 6 * 3600.0
_NAME: Final = 240

# Said of an id that Meta does not know (any more); the message was refused for it, so nothing went out.
_PERHAPS_UNKNOWN: Final = (100, 131008, 131009, 131053)

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
DOCUMENTS: Final = {
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".csv": "text/plain",
    ".txt": "text/plain",
}
# What would end the name early in the head of a form, or make a path of it.
_NOT_IN_A_NAME: Final = re.compile(r'[\x00-\x1f\x7f"\\/]+')

Json = dict[str, Any]
Sends = Callable[[Json], Awaitable[str]]
"""Sends the message with this part of it that names the file; gives the message's id."""


class Uploads:
    """Brings files and remembers those for many. What it knows is forgotten at a restart."""

    def __init__(self, graph: Graph, number: str) -> None:
        self._graph = graph
        self._path = f"{number}/media"
        self._ids: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._going_up = asyncio.Lock()

    async def send(self, out: Message, file: File | None, sends: Sends) -> str:
        """Send the message with its file. Raises GraphRefused, GraphUnreached, Permanent for no fit file, and Temporary
        where it could not be brought.
        """
        if not out.shared:
            return await sends(_named(out, await self._bring(out, file)))
        known = self._known(out.file)
        if known is not None:
            try:
                return await sends(_named(out, known))
            except GraphRefused as refused:
                if refused.code not in _PERHAPS_UNKNOWN:
                    raise
                if self._known(out.file) == known:
                    del self._ids[out.file]
        return await sends(_named(out, await self._brought_once(out, file)))

    async def _brought_once(self, out: Message, file: File | None) -> str:
        async with self._going_up:
            # Whoever had to wait for the first one goes by its id.
            known = self._known(out.file)
            if known is None:
                known = await self._bring(out, file)
                self._ids[out.file] = (known, time.monotonic() + _KEPT_SECONDS)
                while len(self._ids) > _MOST:
                    self._ids.popitem(last=False)
            return known

    def _known(self, name: str) -> str | None:
        found = self._ids.get(name)
        return found[0] if found is not None and found[1] > time.monotonic() else None

    async def _bring(self, out: Message, file: File | None) -> str:
        mime = "" if out.photo else mime_of(out.document_name)
        content = await bytes_of(file)
        if content is None:
            raise Permanent("file_missing")
        if out.photo:
            mime = "image/png" if content.startswith(_PNG) else "image/jpeg"
        name = "photo.jpg" if out.photo else shown_name(out.document_name)
        try:
            answer = await self._graph.upload(self._path, content=content, name=name, mime=mime)
        except (GraphRefused, GraphUnreached) as problem:
            failed = failure(problem)
            if isinstance(failed, Unclear):
                # Whatever became of the file, the message that was to name it has not been sent.
                raise Temporary(failed.code, failed.retry_after) from None
            raise
        return str(answer.get("id", ""))


def sort_of(out: Message) -> str:
    """What Meta calls the file of this message."""
    return "image" if out.photo else "document"


def mime_of(name: str) -> str:
    """The sort of a document, by its name. Raises Permanent for one that WhatsApp does not carry."""
    mime = DOCUMENTS.get(PurePath(shown_name(name)).suffix.lower())
    if mime is None:
        raise Permanent("file_kind_not_carried")
    return mime


def shown_name(name: str) -> str:
    """A file's name as it can stand in a form and on a phone, with its ending."""
    safe = _NOT_IN_A_NAME.sub("_", name).strip() or "file"
    return safe if len(safe) <= _NAME else safe[-_NAME:]


def _named(out: Message, media: str) -> Json:
    return {"id": media} if out.photo else {"id": media, "filename": shown_name(out.document_name)}
