"""The Telegram stand-in delivers, breaks and slows down as Telegram does: polling, webhook, faults, pace.

Refusals and people are in test_telegram_server.py.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.servers.telegram import TelegramServer
from tests.servers.telegram_caller import Caller
from tests.servers.telegram_things import Bell


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def call(server: TelegramServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(server, session)


@pytest.fixture
def sari(server: TelegramServer) -> Any:
    return server.person("Sari", started=True)


async def test_updates_stay_until_their_offset_is_confirmed(call: Caller, sari: Any) -> None:
    for text in ("satu", "dua", "tiga"):
        await sari.says(text)
    first = (await call("getUpdates", limit=2))["result"]
    assert [update["message"]["text"] for update in first] == ["satu", "dua"]
    assert (await call("getUpdates", limit=2))["result"] == first
    rest = (await call("getUpdates", offset=first[-1]["update_id"] + 1))["result"]
    assert [update["message"]["text"] for update in rest] == ["tiga"]
    assert (await call("getUpdates", offset=-1))["result"] == rest


async def test_a_long_poll_wakes_up_for_a_message(call: Caller, sari: Any) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=20))
    await call.server.updates.polled.heard(5)
    assert not poll.done()
    await sari.says("halo")
    assert (await poll)["result"][0]["message"]["text"] == "halo"


async def test_two_pollers_and_a_poller_beside_a_webhook_are_refused(call: Caller, server: TelegramServer) -> None:
    first = asyncio.create_task(call.fails("getUpdates", timeout=20))
    await server.updates.polled.heard(5)
    await call("getUpdates", timeout=0)
    assert (await first).startswith("409 Conflict: terminated by other getUpdates request")
    await call("setWebhook", url="https://lindung.example/tg", secret_token="r")
    assert (await call.fails("getUpdates")).startswith("409 Conflict: can't use getUpdates method while webhook is")
    assert {each.rule for each in server.violations("error")} == {"two_pollers", "poll_with_webhook"}


async def test_a_poller_that_was_killed_is_no_second_poller(call: Caller, server: TelegramServer) -> None:
    async with aiohttp.ClientSession() as killed:
        poll = asyncio.create_task(Caller(server, killed)("getUpdates", timeout=20))
        await server.updates.polled.heard(5)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
    await asyncio.sleep(0.05)
    assert (await call("getUpdates"))["ok"]
    await asyncio.sleep(0.05)
    assert server.violations() == []


async def test_only_updates_asked_for_arrive(call: Caller, sari: Any) -> None:
    await call("getUpdates", allowed_updates=["message"])
    await sari.says("halo")
    await sari.edits("halo!")
    await sari.blocks()
    assert [list(update)[1] for update in (await call("getUpdates"))["result"]] == ["message"]
    call.server.push({"poll_answer": {"poll_id": "1"}})
    assert len((await call("getUpdates"))["result"]) == 2


async def test_webhook_addresses_are_checked(call: Caller) -> None:
    for url, secret in [
        ("http://lindung.example/", ""),
        ("bukan", ""),
        ("https://a.id/", "é"),
        ("https://a.id/", "x" * 257),
    ]:
        assert (await call.fails("setWebhook", url=url, secret_token=secret)).startswith("400 Bad Request: ")


class Product:
    """A webhook of a bot that answers as it is told and remembers what it got."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[int] = []
        self.body: dict[str, Any] | None = None
        self.bell = Bell()

    async def take(self, request: web.BaseRequest) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.got.append(await request.json())
        self.bell.ring()
        return web.json_response(self.body, status=self.answers.pop(0) if self.answers else 200)

    async def until(self, count: int) -> list[Any]:
        async with asyncio.timeout(5):
            while len(self.got) < count:
                await self.bell.heard(5)
        return [update["message"]["text"] for update in self.got if "message" in update]


@pytest.fixture
async def product(call: Caller) -> AsyncIterator[Product]:
    product = Product()
    door = web.Server(product.take)
    listening = await asyncio.get_running_loop().create_server(door, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/tg"
    await call("setWebhook", url=url, secret_token="rahasia")
    yield product
    await call("deleteWebhook")
    listening.close()
    await door.shutdown(0.1)


async def test_a_webhook_gets_updates_in_order_with_the_secret(product: Product, sari: Any) -> None:
    product.answers = [500, 503]
    for text in ("satu", "dua", "tiga"):
        await sari.says(text)
    assert await product.until(5) == ["satu", "satu", "satu", "dua", "tiga"]
    assert set(product.secrets) == {"rahasia"}
    assert sari.server.updates.counts["retried"] == 2


async def test_a_webhook_may_answer_with_a_method(product: Product, server: TelegramServer, sari: Any) -> None:
    product.body = {"method": "sendMessage", "chat_id": sari.id, "text": "Halo juga"}
    await sari.says("halo")
    await sari.hears("Halo juga")


async def test_updates_come_again_twice_or_reordered(product: Product, server: TelegramServer, sari: Any) -> None:
    server.fault("webhook", "lost")
    await sari.says("satu")
    assert await product.until(2) == ["satu", "satu"]
    server.fault("webhook", "duplicate")
    await sari.says("dua")
    assert (await product.until(4))[2:] == ["dua", "dua"]
    server.redeliver(last=2)
    assert (await product.until(6))[4:] == ["satu", "dua"]
    server.reorder(2)
    await sari.says("tiga")
    await sari.says("empat")
    assert (await product.until(8))[6:] == ["empat", "tiga"]


async def test_what_a_webhook_did_not_take_can_be_polled(call: Caller, product: Product, sari: Any) -> None:
    product.answers = [500] * 99
    await sari.says("satu")
    await product.until(1)
    assert (await call("getWebhookInfo"))["result"]["pending_update_count"] == 1
    await call("deleteWebhook")
    assert [update["message"]["text"] for update in (await call("getUpdates"))["result"]] == ["satu"]
    await call("deleteWebhook", drop_pending_updates=True)
    assert (await call("getUpdates"))["result"] == []
    assert call.server.updates.counts["dropped"] == 1


async def test_redelivered_updates_reach_a_poller_once(call: Caller, server: TelegramServer, sari: Any) -> None:
    await sari.says("satu")
    first = (await call("getUpdates"))["result"]
    after = first[0]["update_id"] + 1
    assert (await call("getUpdates", offset=after))["result"] == []
    server.redeliver()
    assert (await call("getUpdates", offset=after))["result"] == first
    assert (await call("getUpdates", offset=after))["result"] == []


# Faults and pace


async def test_planned_faults_are_met(call: Caller, server: TelegramServer, sari: Any) -> None:
    budi = server.person("Budi", started=True)
    send = {"chat_id": sari.id, "text": "hai"}
    server.fault("send*", 502, skip=1, times=2)
    server.fault("sendMessage", 429, chat_id=budi.id, retry_after=7)
    assert (await call("sendMessage", **send))["ok"]
    for _ in range(2):
        assert await call.fails("sendMessage", **send) == "502 Bad Gateway"
    assert (await call("sendMessage", **send))["ok"]
    too_many = await call("sendMessage", chat_id=budi.id, text="hai")
    assert too_many["parameters"] == {"retry_after": 7}
    assert too_many["description"] == "Too Many Requests: retry after 7"
    assert server.violations() == []
    await call("sendMessage", chat_id=budi.id, text="hai")
    assert [each.rule for each in server.violations("error")] == ["sent_during_retry_after"]
    assert len(sari.ledger) == 2


async def test_connections_break_before_or_after_the_work(call: Caller, server: TelegramServer, sari: Any) -> None:
    send = {"chat_id": sari.id, "text": "hai"}
    for kind, done in (("reset", 0), ("lost", 1), ("hang", 1)):
        server.fault("sendMessage", kind, seconds=0.05)
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await call("sendMessage", **send)
        assert len(sari.ledger) == done
    server.fault("sendMessage", "garbage")
    with pytest.raises(aiohttp.ContentTypeError):
        await call("sendMessage", **send)
    assert len(sari.ledger) == 1
    server.fault("sendMessage", "slow", seconds=0.05)
    assert (await call("sendMessage", **send))["ok"]
    assert [seen.text for seen in sari.ledger] == ["hai", "hai"]
    assert server.violations() == []


async def test_a_fault_lasts_until_it_is_cleared(call: Caller, server: TelegramServer, sari: Any) -> None:
    server.fault("*", 500, times=None)
    for method in ("getMe", "getUpdates", "getMe"):
        assert await call.fails(method) == "500 Internal Server Error"
    server.clear_faults()
    fault = server.fault("getMe", "hang")
    hanging = asyncio.create_task(call("getMe"))
    await fault.met.wait()
    server.clear_faults()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_a_chat_that_gets_too_many_messages_makes_the_bot_wait() -> None:
    slow = {"chat_burst": 2, "chat_per_second": 0.01}
    async with TelegramServer(rate_limits=True, **slow) as server, aiohttp.ClientSession() as session:
        call, sari = Caller(server, session), server.person("Sari", started=True)
        budi = server.person("Budi", started=True)
        sends = [await call("sendMessage", chat_id=sari.id, text="x") for _ in range(3)]
        assert [each["ok"] for each in sends] == [True, True, False]
        assert sends[2]["description"] == "Too Many Requests: retry after 100"
        assert (await call("sendMessage", chat_id=budi.id, text="x"))["ok"]
        assert server.violations("error") == []
        server.settings.chat_per_second = 1e9  # a full bucket, however soon the next send comes
        assert (await call("sendMessage", chat_id=sari.id, text="x"))["ok"]
        assert [each.rule for each in server.violations("error")] == ["sent_during_retry_after"]
        assert server.doors.pace.too_many == 1


async def test_all_chats_together_have_a_limit() -> None:
    slow = {"overall_burst": 30, "overall_per_second": 0.01}
    async with TelegramServer(rate_limits=True, **slow) as server, aiohttp.ClientSession() as session:
        call = Caller(server, session)
        server.world.crowds.append(range(1000, 1100))
        answers = await asyncio.gather(*(call("sendMessage", chat_id=1000 + i, text="x") for i in range(60)))
        assert sum(answer["ok"] for answer in answers) == 30
        assert {answer["error_code"] for answer in answers if not answer["ok"]} == {429}
