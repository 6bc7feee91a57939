"""Web chat: the local demo, and the smallest whole example of a channel.

The page in `webchat_page/` plays the network: it owns history, ids and files. What people do comes in through
the same door as every webhook; what we send goes out over one event stream and counts as sent once the page
confirms it. Not for: the HTTP doors themselves and who may come through them (bot/web.py).
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from channels.base import FetchFailed, File, Limits, Permanent, SendFailed, Stopped, Temporary, Unclear, bytes_of
from channels.webchat_wire import UPDATE, Confirmation, event_of, incoming
from conversation.messages import Attachment, Edit, Incoming, Message, Outgoing, Receipt
from domain.address import Address

PAGE_FOLDER = Path(__file__).parent / "webchat_page"

HEARTBEAT = 15.0  # seconds; an idle stream says something, so that a page that is gone is noticed
RETRY_AFTER = 2.0  # seconds; a page that was closed is usually opened again soon
MOST_UNCLEAR = 1000


@dataclass
class _Waiting:
    """Something the page was told and has not answered.

    `limit` is the size of a file asked for, in bytes; `document` is what it comes to take before it confirms.
    """

    frame: bytes = field(repr=False)
    answer: asyncio.Future[Confirmation | bytes | None]
    limit: int = 0
    document: bytes | None = field(default=None, repr=False)


class WebChat:
    """The channel of the demo page. One page is served at a time: the newest."""

    name = "webchat"
    bot = "demo"
    # The page is on this machine: only what it writes into the browser's memory takes time.
    limits = Limits(menus=True, shares_phone=True, per_second=300.0, chat_per_second=50.0, chat_burst=100.0)

    def __init__(self, *, patience: float = 5.0, file_patience: float = 30.0) -> None:
        """Wait `patience` seconds for a confirmation and `file_patience` seconds for a file."""
        self.patience = patience
        self.file_patience = file_patience
        self._line: asyncio.Queue[bytes | None] | None = None
        self._closed = False
        self._waiting: dict[str, _Waiting] = {}
        # An Outgoing whose confirmation never came keeps its id, so that the page can drop the repeat.
        self._unclear: dict[tuple[str, Outgoing, str | None], str] = {}

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Incoming | Receipt]:
        """One update of the page; anything else gives an empty list. The door has checked who is asking."""
        try:
            update = UPDATE.validate_json(body)
        except ValidationError:
            return []
        return [incoming(update, Address(self.name, self.bot, update.phone))]

    async def send(
        self,
        to: str,
        out: Outgoing,
        *,
        ref: str | None = None,
        file: File | None = None,
        late: bool = False,
        mark: str = "",
    ) -> str | None:
        """Show `out` on the phone `to`; gives the page's id of a Message. Raises SendFailed."""
        data = await bytes_of(file)
        event = event_of(out, ref, data, self.limits)
        if event is None:
            return None
        this = (to, out, ref)
        event_id = self._unclear.pop(this, None) or uuid.uuid4().hex
        document = data if isinstance(out, Message) and out.document else None
        patience = self.patience if document is None else max(self.patience, self.file_patience)
        try:
            answer = await self._ask(event_id, {**event, "to": to}, patience, document=document)
        except TimeoutError:
            if len(self._unclear) >= MOST_UNCLEAR:
                self._unclear.pop(next(iter(self._unclear)))
            self._unclear[this] = event_id
            # The page was told. Whether it lives, and what it made of it, nobody knows.
            raise Unclear("no_page", RETRY_AFTER) from None
        if not isinstance(answer, Confirmation):
            raise Temporary("no_page", RETRY_AFTER)
        if answer.error == "no_message" and isinstance(out, Edit) and out.only_takes_away:
            return None
        if answer.error:
            raise _failure(answer.error)
        return answer.message_id or None

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """Ask the page for a file; raises FetchFailed, which is final when the page no longer has it."""
        if attachment.size > limit:
            raise FetchFailed("too_large", final=True)
        event = {"type": "fetch", "ref": attachment.ref}
        try:
            answer = await self._ask(uuid.uuid4().hex, event, self.file_patience, limit=limit)
        except TimeoutError:
            raise FetchFailed("no_page", final=False, retry_after=RETRY_AFTER) from None
        except Temporary as problem:
            raise FetchFailed(problem.code, final=False, retry_after=problem.retry_after) from None
        if isinstance(answer, bytes):
            return answer
        if answer is None:
            raise FetchFailed("too_large", final=True)
        raise FetchFailed(answer.error or "gone", final=True)

    async def show_typing(self, to: str, read_id: str = "") -> None:
        """Show the dots on the phone `to`, if a page is open."""
        if self._line is not None:
            self._line.put_nowait(_frame({"type": "typing", "to": to}))

    async def start(self) -> None:
        """Let pages in."""
        self._closed = False

    async def close(self) -> None:
        """Let no page in and hang up on the one that is there."""
        self.hang_up()

    # What the doors call.

    async def events(self) -> AsyncGenerator[bytes, None]:
        """The stream for one page, as server-sent events; ends when a newer page comes or the channel closes.

        What an earlier stream was told and did not confirm is said again; the page drops what it knows.
        """
        if self._closed:
            return
        self._drop_page({"type": "replaced"})
        line: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._line = line
        for waiting in self._waiting.values():
            line.put_nowait(waiting.frame)
        try:
            yield b"retry: 1000\n\n"
            while True:
                try:
                    frame = await asyncio.wait_for(line.get(), HEARTBEAT)
                except TimeoutError:
                    frame = b":\n\n"
                if frame is None:
                    return
                yield frame
        finally:
            if self._line is line:
                self._line = None

    def confirm(self, body: bytes) -> bool:
        """The page's answer to an event; False when it is no such answer. A late one is ignored."""
        try:
            said = Confirmation.model_validate_json(body)
        except ValidationError:
            return False
        self._answer(said.id, said)
        return True

    def expects(self, event_id: str) -> int | None:
        """How many bytes the file asked for under this id may have; None when none was asked for."""
        waiting = self._waiting.get(event_id)
        return waiting.limit if waiting is not None and waiting.limit else None

    def deliver(self, event_id: str, data: bytes | None) -> None:
        """The file asked for, or None when it is larger than allowed."""
        self._answer(event_id, data)

    def document(self, event_id: str) -> bytes | None:
        """The document of the message with this id; None when no page is asked to show one."""
        waiting = self._waiting.get(event_id)
        return None if waiting is None else waiting.document

    def hang_up(self) -> None:
        """End the stream at once and take no new one until `start`."""
        self._closed = True
        self._drop_page(None)

    async def _ask(
        self,
        event_id: str,
        event: dict[str, Any],
        patience: float,
        *,
        limit: int = 0,
        document: bytes | None = None,
    ) -> Confirmation | bytes | None:
        """Tell the page and wait. Raises Temporary when no page is open, TimeoutError without an answer."""
        if self._line is None:
            raise Temporary("no_page", RETRY_AFTER)
        frame = _frame({**event, "id": event_id})
        waiting = _Waiting(frame, asyncio.get_running_loop().create_future(), limit, document)
        self._waiting[event_id] = waiting
        self._line.put_nowait(frame)
        try:
            return await asyncio.wait_for(waiting.answer, patience)
        finally:
            del self._waiting[event_id]

    def _answer(self, event_id: str, answer: Confirmation | bytes | None) -> None:
        waiting = self._waiting.get(event_id)
        if waiting is not None and not waiting.answer.done():
            waiting.answer.set_result(answer)

    def _drop_page(self, last_words: dict[str, Any] | None) -> None:
        if self._line is None:
            return
        if last_words is not None:
            self._line.put_nowait(_frame(last_words))
        self._line.put_nowait(None)
        self._line = None


def _failure(error: str) -> SendFailed:
    return Stopped(error) if error in {"blocked", "no_phone"} else Permanent(error)


def _frame(event: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"
