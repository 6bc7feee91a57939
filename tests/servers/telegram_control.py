"""The server as a process of its own, and the small control door a bench uses: people, stats, seen, wait.

POST /_control/people {"first_id": 5000, "count": 100}   people who have started the bot
GET  /_control/stats                                     calls by method and code, violations, 429s
GET  /_control/seen?chat_id=5000                         all that this person saw
GET  /_control/wait?chat_id=5000&after=3&seconds=20      what came after the first three, once there is any
"""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvloop
from aiohttp import web

from tests.servers.telegram_things import Chat, Json, Seen


async def control(server: Any, request: web.BaseRequest, asked: str) -> web.Response:
    """Answer one control request for this server."""
    if asked == "people":
        body = orjson.loads(await request.read())
        server.world.crowds.append(range(body["first_id"], body["first_id"] + body["count"]))
        return _json({"count": body["count"]})
    if asked == "stats":
        return _json(stats(server))
    query = {name: values[0] for name, values in parse_qs(request.query_string).items()}
    chat = server.chat(int(query.get("chat_id", "0")))
    if chat is None or asked not in ("seen", "wait"):
        return web.Response(status=404)
    after = int(query.get("after", "0"))
    if asked == "wait":
        await _wait(chat, after, float(query.get("seconds", "20")))
    return _json({"seen": [as_json(each) for each in chat.ledger[after:]], "next": len(chat.ledger)})


async def _wait(chat: Chat, after: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while len(chat.ledger) <= after and (left := deadline - time.monotonic()) > 0:
        await chat.bell.heard(left)


def stats(server: Any) -> Json:
    """Figures for a bench."""
    violations = Counter(f"{each.severity}:{each.rule}" for each in server.world.violations)
    return {
        "calls": dict(server.world.counts),
        "codes": {str(code): count for code, count in server.world.codes.items()},
        "violations": dict(violations),
        "too_many_requests": server.doors.pace.too_many,
        "sent_during_retry_after": server.doors.pace.early,
        "undelivered": server.updates.undelivered(),
        "webhook": dict(server.updates.counts),
        "messages": sum(len(chat.messages) for chat in server.world.chats.values()),
    }


def as_json(seen: Seen) -> Json:
    return {
        "kind": seen.kind,
        "at": seen.at,
        "message_id": seen.message_id,
        "text": seen.text,
        "buttons": [[{"text": button.text, "data": button.data} for button in row] for row in seen.rows],
    }


def _json(body: Json) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


def main(make: Any) -> int:
    """Run a server until it is told to stop; prints its address on one line once it listens."""
    parser = argparse.ArgumentParser(description="A strict Telegram Bot API server on loopback, for benches.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", required=True)
    parser.add_argument("--latency-ms", type=float, default=0.0, help="wait so long before each answer")
    parser.add_argument("--rate-limits", action="store_true", help="answer 429 as Telegram would")
    parser.add_argument("--speed", type=float, default=1.0, help="all limits of pace times this")
    parser.add_argument("--keep-calls", action="store_true", help="remember every call, not only counts")
    args = parser.parse_args()
    server = make(
        token=args.token,
        port=args.port,
        latency=args.latency_ms / 1000,
        rate_limits=args.rate_limits,
        overall_per_second=30.0 * args.speed,
        chat_per_second=args.speed,
        keep_calls=args.keep_calls,
    )
    gc.set_threshold(100_000, 50, 100)  # everything is kept on purpose; looking for garbage in it costs a third
    uvloop.run(_serve(server))
    return 0


async def _serve(server: Any) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with server:
        sys.stdout.write(f"{server.base}\n")
        sys.stdout.flush()
        await stop.wait()
