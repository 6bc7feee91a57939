"""A bare bot for the tests of the Telegram stand-in: it posts JSON and returns the answer as it came.

Not for tests of our bot, which speaks through its own channel.
"""

from typing import Any

import aiohttp

from tests.servers.telegram import TelegramServer


class Caller:
    """Calls methods of the Bot API."""

    def __init__(self, server: TelegramServer, session: aiohttp.ClientSession) -> None:
        self.server, self.session = server, session

    async def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        url = f"{self.server.base}/bot{self.server.token}/{method}"
        async with self.session.post(url, json=params) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == (200 if body["ok"] else body["error_code"])
            return body

    async def fails(self, method: str, **params: Any) -> str:
        body = await self(method, **params)
        assert not body["ok"], body
        return f"{body['error_code']} {body['description']}"
