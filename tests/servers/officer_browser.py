"""A browser without a screen, as an officer's phone has one: it keeps cookies and presses the one button of a page.

Not for: how the page looks; that is tested in a real browser.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Self

import aiohttp

_FIELD = re.compile(r'name="k" value="([0-9a-f]{64})"')


class OfficerBrowser:
    """One browser with cookies of its own."""

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        await self.http.close()

    async def opens(self, link: str) -> str:
        """Open a link; what its button would send along."""
        async with self.http.get(link) as answer:
            assert answer.status == 200
            found = _FIELD.search(await answer.text())
        assert found is not None
        return found[1]

    async def presses(self, link: str, proof: str, **headers: str) -> tuple[int, str]:
        """Press a button that sends this along; status and page."""
        async with self.http.post(link, data={"k": proof}, headers=headers) as answer:
            return answer.status, await answer.text()

    async def looks(self, link: str) -> tuple[int, str]:
        """Open and press, as people do."""
        return await self.presses(link, await self.opens(link))

    def cookies(self) -> list[str]:
        return [cookie.value for cookie in self.http.cookie_jar]
