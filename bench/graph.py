"""A Graph API as light as the other end of bench/network.py, which also tells what became of each message.

Three notifications follow every message it takes: sent, delivered, read. Not for: strictness; the tests' own server
(tests/servers/) has that.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import orjson

from bench.bots import ACCOUNT_ID, NUMBER_ID, Bot
from bench.network import BotApi
from bot.texts import Voice
from channels.whatsapp_templates import components_of, template_name
from conversation.late import LATE_TEXTS

TOLD = ("sent", "delivered", "read")
_NUMBER = {
    "id": NUMBER_ID,
    "verified_name": "Lindung",
    "display_phone_number": "+62 812-3450-0000",
    "quality_rating": "GREEN",
    "status": "CONNECTED",
    "whatsapp_business_manager_messaging_limit": "TIER_100K",
    "throughput": {"level": "STANDARD"},
}


class Graph(BotApi):
    """`tells`: whether it notifies of what became of messages; `crowd` are chats that nobody waits for."""

    def __init__(self, *, latency: float = 0.0, tells: bool = True, crowd: range = range(0)) -> None:
        super().__init__(latency=latency)
        self._tells = tells
        self._crowd = crowd
        self._news: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._posts: list[asyncio.Task[None]] = []
        self.received: Counter[int] = Counter()
        self.by_template = 0
        self.told = 0
        self.refused = 0
        self.waits: list[float] = []
        self.late: list[float] = []

    def call(self, method: str, body: bytes, form: bool) -> bytes:
        self.calls[method] += 1
        if method == "messages":
            return self._message(orjson.loads(body))
        if method == NUMBER_ID:
            return orjson.dumps(_NUMBER)
        if method == "message_templates":
            return orjson.dumps({"data": _templates()})
        return orjson.dumps({"success": True})

    def _message(self, given: dict[str, Any]) -> bytes:
        if "status" in given:
            return orjson.dumps({"success": True})
        wamid = f"wamid.{next(self._ids)}"
        to = given.get("recipient") or given["to"]
        chat = int(to.removeprefix("ID."))
        kind = given["type"]
        self.by_template += kind == "template"
        text = given[kind].get("body") or ""
        text = text if isinstance(text, str) else text.get("text", "")
        if chat in self._crowd:
            self.received[chat] += 1
        else:
            self._arrived(chat, text)
        if self._tells:
            mark = given.get("biz_opaque_callback_data", "")
            for state in TOLD:
                self._news.put_nowait((time.monotonic(), _status(wamid, chat, state, mark)))
        return orjson.dumps({"messages": [{"id": wamid}], "contacts": [{"input": to}]})

    def posts_to(self, bot: Bot, *, lines: int = 16) -> None:
        """From now on its notifications are posted to this bot, on so many connections."""
        self._posts = [asyncio.create_task(self._post(bot)) for _ in range(lines)]

    async def rests(self) -> None:
        """Wait until everything is told, then tell nothing more."""
        await self._news.join()
        for task in self._posts:
            task.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)

    async def _post(self, bot: Bot) -> None:
        door = bot.door()
        try:
            while True:
                since, body = await self._news.get()
                began = time.monotonic()
                status = await door.post(body)
                ended = time.monotonic()
                self.refused += status != 200
                self.told += 1
                self.waits.append((ended - began) * 1000)
                self.late.append((ended - since) * 1000)
                self._news.task_done()
        finally:
            door.close()


def message_body(chat: int, number: int, text: str) -> bytes:
    """A notification of one message; `number` makes its id."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "6281234500000", "phone_number_id": NUMBER_ID},
        "contacts": [{"profile": {"name": "Warga"}, "wa_id": str(chat), "user_id": f"ID.{chat}"}],
        "messages": [
            {
                "from": str(chat),
                "from_user_id": f"ID.{chat}",
                "id": f"wamid.in{number}",
                "timestamp": str(int(time.time())),
                "type": "text",
                "text": {"body": text},
            }
        ],
    }
    return _notification(value)


def _status(wamid: str, chat: int, state: str, mark: str) -> bytes:
    told = {
        "id": wamid,
        "status": state,
        "timestamp": str(int(time.time())),
        "recipient_id": str(chat),
        "biz_opaque_callback_data": mark,
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "6281234500000", "phone_number_id": NUMBER_ID},
        "statuses": [told],
    }
    return _notification(value)


def _notification(value: dict[str, Any]) -> bytes:
    change = {"field": "messages", "value": value}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT_ID, "changes": [change]}]})


def _templates() -> list[dict[str, Any]]:
    """Ours, as approved."""
    say = Voice("Asia/Jayapura")
    return [
        {
            "id": str(number),
            "name": template_name(text),
            "language": "id",
            "status": "APPROVED",
            "components": components_of(text, say),
        }
        for number, text in enumerate(LATE_TEXTS.values(), start=1)
    ]
