"""WhatsApp, through Meta's Cloud API: webhooks come in, calls of the Graph API go out.

Not for: what webhooks mean (whatsapp_read.py), how a message looks (whatsapp_text.py, whatsapp_templates.py), what
refusals mean (whatsapp_errors.py). Nothing is retried, stored or decided here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from channels.base import File, Limits, Permanent, Refused, Stopped, Survey
from channels.http import load_json
from channels.whatsapp_desk import TemplateDesk, daily_limit
from channels.whatsapp_errors import failure
from channels.whatsapp_fetch import delete_file, fetch_file
from channels.whatsapp_files import DOCUMENTS, Uploads, sort_of
from channels.whatsapp_read import NAME, digits, known_as, read_body
from channels.whatsapp_request import Graph, GraphRefused, GraphUnreached
from channels.whatsapp_templates import late_content, late_text, with_head
from channels.whatsapp_text import CAPTION, ROW, ROWS, TEXT, content, content_with_file
from conversation.messages import Attachment, Deletion, Incoming, Message, Outgoing, Receipt
from conversation.say import Say

_SIGNATURE: Final = "X-Hub-Signature-256"
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER: Final = re.compile(r"[1-9]\d{6,14}")
_USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")

Json = dict[str, Any]


@dataclass(frozen=True)
class WhatsAppWords:
    """What the network shows besides what the conversation says: `pick` opens a list. `say` words the late texts."""

    pick: str
    say: Say


class WhatsApp:
    """The WhatsApp channel: Verifies, WantsCalls, Fetches, ShowsTyping, MarksRead, Surveys.

    `bot` is the id of our number at Meta.
    """

    name = NAME
    limits = Limits(
        text=TEXT,
        photo_text=CAPTION,
        documents=frozenset(DOCUMENTS),
        label=ROW,
        choices=ROWS,
        numbers=True,
        edits=False,
        deletes=False,
        protects=False,
        toasts=False,
        keeps_files=True,
        receipts=True,
        reply_hours=24.0,
        per_second=80.0,
        chat_per_second=1 / 6,
        chat_burst=40.0,
    )

    def __init__(
        self,
        *,
        token: str,
        phone_number_id: str,
        business_account_id: str,
        app_secret: str,
        verify_token: str,
        words: WhatsAppWords,
        api_url: str = "https://graph.facebook.com",
        api_version: str = "v23.0",
        callback_url: str | None = None,
        per_second: float = 80.0,
        answer_seconds: float = 15.0,
    ) -> None:
        self.bot = phone_number_id
        self.limits = replace(type(self).limits, per_second=per_second)
        self._number = ""
        self._account = business_account_id
        self._secret = app_secret.encode()
        self._verify_token = verify_token
        self._callback_url = callback_url
        self._words = words
        self._graph = Graph(token=token, api_url=api_url, api_version=api_version, answer_seconds=answer_seconds)
        self._uploads = Uploads(self._graph, phone_number_id)
        self._messages = f"{phone_number_id}/messages"

    async def start(self) -> None:
        """Prove the token and learn our number, which `link` needs."""
        self._graph.open()
        with _told():
            number = await self._graph.get(self.bot, {"fields": "display_phone_number"})
            self._number = digits(number.get("display_phone_number"))

    async def ask_for_calls(self) -> None:
        """Have notices brought to our address, where it is set; Meta asks at that door before it says yes."""
        if not self._callback_url:
            return
        about = {"override_callback_uri": self._callback_url, "verify_token": self._verify_token}
        with _told():
            await self._graph.post(f"{self._account}/subscribed_apps", about)

    async def close(self) -> None:
        """Close the connections. Meta keeps what arrives while we are away, and brings it again for days."""
        await self._graph.close()

    def link(self, code: str = "") -> str:
        """The address that opens a chat with us; `code` comes as "/start code" once the person presses send."""
        return f"https://wa.me/{self._number}" + (f"?text={quote(f'/start {code}')}" if code else "")

    def verify(self, query: Mapping[str, str]) -> str:
        """Meta's question whether this address is meant. Raises Refused."""
        given = query.get("hub.verify_token", "").encode("utf-8", "replace")
        wanted = self._verify_token.encode()
        if not wanted or not hmac.compare_digest(given, wanted) or query.get("hub.mode") != "subscribe":
            raise Refused("verify_token")
        challenge = query.get("hub.challenge", "")
        if not _CHALLENGE.fullmatch(challenge):
            raise Refused("challenge")
        return challenge

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Incoming | Receipt]:
        """Everything one webhook says. Raises Refused("signature"), also where no secret is set at all."""
        given = headers.get(_SIGNATURE) or headers.get(_SIGNATURE.lower()) or ""
        ours = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not self._secret or not hmac.compare_digest(given.encode("utf-8", "replace"), ours.encode()):
            raise Refused("signature")
        try:
            told = load_json(body)
        except ValueError:
            # Refusing it would only bring the same bytes again, for a week.
            return []
        return read_body(told, bot=self.bot)

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
        """Send a Message, or have Meta delete its copy of a file; all else it cannot do. Raises SendFailed."""
        with _told():
            match out:
                case Message() if late:
                    return await self._send_late(to, out, file, mark)
                case Message():
                    return await self._send(to, out, file, mark)
                case Deletion() if out.file:
                    await delete_file(out.file, graph=self._graph)
        return None

    async def mark_read(self, to: str, read_id: str) -> None:
        """Show that the person's message was read; nobody misses it when it fails."""
        await self._mark(read_id)

    async def show_typing(self, to: str, read_id: str = "") -> None:
        """Show "typing" for a while; it marks the person's message as read too. Nobody misses it when it fails."""
        await self._mark(read_id, typing_indicator={"type": "text"})

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """A file's bytes, at most `limit`. Raises FetchFailed."""
        return await fetch_file(attachment, limit, graph=self._graph)

    async def survey(self) -> Survey:
        """The states of our late texts, and how many people we may write to first in a day. Raises SendFailed."""
        desk = TemplateDesk(self._graph, self._account, self._words.say)
        return Survey(await desk.states(), await daily_limit(self._graph, self.bot))

    async def _send(self, to: str, out: Message, file: File | None, mark: str) -> str:
        whom = _envelope(to, mark)
        if not out.file:
            return await self._post({**whom, **content(out, pick=self._words.pick)})
        # Once before the file is brought anywhere: what has no room is refused without it.
        content_with_file(out, {}, sort=sort_of(out))

        async def sends(named: Json) -> str:
            return await self._post({**whom, **content_with_file(out, named, sort=sort_of(out))})

        return await self._uploads.send(out, file, sends)

    async def _send_late(self, to: str, out: Message, file: File | None, mark: str) -> str:
        about = {**_envelope(to, mark), **late_content(out)}
        if not late_text(out).head:
            return await self._post(about)
        if not out.file:
            raise Permanent("file_missing")

        async def sends(named: Json) -> str:
            return await self._post(with_head(about, named, sort=sort_of(out)))

        return await self._uploads.send(out, file, sends)

    async def _post(self, about: Json) -> str:
        answer = await self._graph.post(self._messages, about)
        try:
            return known_as(str(answer["messages"][0]["id"]))
        except (LookupError, TypeError):
            raise GraphUnreached("garbled_answer", left=True) from None

    async def _mark(self, read_id: str, **more: object) -> None:
        if not read_id:
            return
        about = {"messaging_product": "whatsapp", "status": "read", "message_id": read_id, **more}
        with suppress(GraphRefused, GraphUnreached):
            await self._graph.post(self._messages, about)


@contextmanager
def _told() -> Iterator[None]:
    """Meta's refusals become ours, without their cause."""
    try:
        yield
    except (GraphRefused, GraphUnreached) as problem:
        raise failure(problem) from None


def _envelope(to: str, mark: str) -> Json:
    """Whom a message is for: a phone number, or the id that Meta scopes to our business. Raises Stopped."""
    about: Json = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if _NUMBER.fullmatch(to):
        about["to"] = to
    elif _USER_ID.fullmatch(to):
        about["recipient"] = to
    else:
        raise Stopped("no_such_address")
    return {**about, "biz_opaque_callback_data": mark} if mark else about
