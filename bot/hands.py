"""Hands one row to its channel: as free text, or by its late text where that comes too late.

What has no late text, or one that only knocks, is shut until its person writes. Not for: whose turn it is, or what
follows when the network says no (bot/delivery.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from channels.base import Channel, File, NeedsTemplate
from conversation.late import LATE_TEXTS
from conversation.messages import Late, Message, Outgoing
from domain.mark import OfRow
from storage.outbox import KNOCKED, NEEDS_TEMPLATE, Waiting
from storage.store import Store, Tx

Written = Callable[[Tx], None]
"""How a row ended, to be written down."""


class Hands:
    """Those of one channel. `opened` are the people to whom a late text went: the network counts them."""

    def __init__(self, store: Store, channel: Channel) -> None:
        self._store = store
        self._channel = channel
        self.opened: set[int] = set()

    async def over(self, row: Waiting, out: Outgoing, at: int) -> str | Written | None:
        """Free text where the network takes it, else the late text; also where only the network knew it was late."""
        late = row.late or self._channel.limits.is_late(row.last_in_at, at)
        if not isinstance(out, Message):
            return await self._send(row, out, at, late=late)
        if not late:
            try:
                return await self._send(row, out, at)
            except NeedsTemplate:
                if out.late is None:
                    raise
        if out.late is None:
            return self.shut(row, NEEDS_TEMPLATE)
        return await self._late(row, out, out.late, at)

    async def _late(self, row: Waiting, out: Message, late: Late, at: int) -> str | Written | None:
        """The late text, which says it all; or that there is something, once until the person writes."""

        def look(tx: Tx) -> tuple[Late | None, bool]:
            way = tx.late_texts.way(self._channel.name, late)
            knocks = [each.name for each in (late, way) if each is not None and not _is_whole(each)]
            return way, any(tx.outbox.has_knocked(row.person_id, name) for name in knocks)

        way, has_knocked = await self._store.read(look)
        if has_knocked or way is None:
            return self.shut(row, KNOCKED if has_knocked else NEEDS_TEMPLATE)
        sent_id = await self._send(row, replace(out, late=way), at, late=True, knock=not _is_whole(way))
        return sent_id if _is_whole(way) else self.shut(row, KNOCKED, knock_id=sent_id)

    async def _send(
        self, row: Waiting, out: Outgoing, at: int, *, late: bool = False, knock: bool = False
    ) -> str | None:
        mark = str(OfRow(row.id, at, knock=knock))
        sent_id = await self._channel.send(row.to, out, ref=row.ref, file=self._file(out), late=late, mark=mark)
        if late and isinstance(out, Message):
            self.opened.add(row.person_id)
        return sent_id

    def shut(self, row: Waiting, code: str, *, knock_id: str | None = None) -> Written:
        """It waits until its person writes; `knock_id` is the network's id of what has told them that it does."""

        channel = self._channel.name

        def write(tx: Tx) -> None:
            tx.people.lock(row.person_id)
            if tx.people.last_in_at(row.person_id) > row.last_in_at:
                # They wrote this moment: it may go as it is.
                tx.outbox.postpone(row.id, until=tx.at, code=code, tried=False, channel=channel)
                return
            tx.outbox.shut(row.id, row.person_id, code, knock_id=knock_id, channel=channel)

        return write

    def _file(self, out: object) -> File | None:
        """How to read what goes with it: only when the channel wants it, which may know the file already."""
        if isinstance(out, Message) and out.file:
            return partial(asyncio.to_thread, self._store.media.read, out.file)
        return None


def _is_whole(late: Late) -> bool:
    text = LATE_TEXTS.get(late.name)
    return text is None or text.whole
