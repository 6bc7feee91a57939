"""An officer on WhatsApp, where photo and NIK are looked at on a page: what they say, tap and press.

They go on until they have seen it, however often the program dies under them; `asked` counts the links they asked for
by receipt, `seen` the pages they got. Not for: how the page looks.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from dataclasses import dataclass, field

import aiohttp

from tests.servers.officer_browser import OfficerBrowser
from tests.servers.whatsapp_people import Person
from tests.talks import RECEIPT

_LINK = re.compile(r"https?://\S+/lihat/\S+")


@dataclass
class OfficerOnWhatsApp:
    """One officer with a phone and its browser. `writes`: decides by a word and not by a ready answer."""

    person: Person
    browser: OfficerBrowser
    writes: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    async def decides_one(self, *, within: float, desk: asyncio.Lock | None = None) -> str:
        """Take the next case (under the lock `desk`), look at its page, approve; its receipt, or empty."""
        async with desk or contextlib.nullcontext():
            await self.person.says("AMBIL")
            card = await self.person.hears(re.compile(r"Kasus AMB-|ada yang menunggu"), within=within)
        found = RECEIPT.search(card.text)
        if found is None:
            return ""
        receipt = found[0]
        async with asyncio.timeout(within):
            while True:
                self.asked[receipt] += 1
                await self.person.taps("Lihat KTP", message_id=card.id, within=within)
                below = await self.person.hears(_LINK, within=within)
                link = _LINK.search(below.text)
                assert link is not None
                if await self._looks(link[0], receipt):
                    break
        if self.writes:
            await self.person.says(f"SETUJUI {receipt}")
        else:
            await self.person.taps("Setujui", message_id=below.id, within=within)
        await self.person.hears(re.compile(f"{receipt}.*(?i:setuju)"), within=within)
        return receipt

    async def _looks(self, link: str, receipt: str) -> bool:
        """Open the page and press its button; False when the link is used up and nothing was seen."""
        while True:
            try:
                status, page = await self.browser.looks(link)
            except (aiohttp.ClientError, OSError, AssertionError):
                # Nobody there, or gone before the answer came; the link may be used up, which the next press tells.
                await asyncio.sleep(0.05)
                continue
            if status == 200:
                assert receipt in page
                self.seen[receipt] += 1
            return status == 200
