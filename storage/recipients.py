"""Whom a broadcast goes to: frozen before the first message, lined up in slices, claimed, and how each ended.

Not for: what is sent (storage/broadcasts.py) or the sending (bot/broadcast_lane.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

import orjson

from domain.address import Address
from domain.audience import Audience
from domain.broadcast import Kind, Outcome, Share
from domain.topic import Topic
from storage.audience import match_sql
from storage.engine import Connection, Row, new_id
from storage.statement import Statement
from storage.statements import recipients as sql
from storage.vault import Unreadable, Vault

REPLY_DAYS = 7
"""Who writes so soon after a broadcast came to them is said to have replied."""
_DAY = 86_400_000
_LONGEST_UNDER_WAY = 14 * _DAY
"""What comes to somebody now was begun no longer ago (ms): so few broadcasts are looked at."""
ESTIMATED = 10_000
"""Addresses looked at for an estimate: an admin waits for it after every press."""
_LAST = 2**63 - 1
NETWORK_OFF: Final = "network_off"
"""The code of who is at a network that is not configured."""


@dataclass(frozen=True)
class Turn:
    """A row of the outbox whose turn has come. `notices`, `unreachable` and `last_in_at` (when they wrote last, epoch
    ms) are as they stand at this moment. `is_new`: the network counts them among the people we write to first. `late`:
    it was claimed as one that only a late text reaches.
    """

    id: int
    broadcast_id: int
    person_id: int
    tries: int
    notices: Topic | None = None
    unreachable: bool = False
    registration_id: int | None = None
    shared: bool = False
    village: str | None = None
    last_in_at: int = 0
    channel: str = ""
    is_new: bool = False
    late: bool = False
    address: Address | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Standing:
    """What became of one recipient, when that was written down (epoch ms), and at which network."""

    outcome: Outcome
    at: int
    channel: str


@dataclass(frozen=True)
class Estimate:
    """How many an audience would be sent to now, and who not by reason; `more`: not everybody was looked at."""

    total: int
    left_out: Counter[str]
    more: bool


@lru_cache(maxsize=64)
def _fitting(text: str, match: str, networks: int) -> Statement:
    named = ", ".join(f":network_{at}" for at in range(networks))
    off = f"WHEN a.channel NOT IN ({named}) THEN '{NETWORK_OFF}'" if networks else ""
    return Statement(text.format(match=match, off=off))


def _named(networks: Collection[str]) -> dict[str, str]:
    return {f"network_{at}": name for at, name in enumerate(networks)}


class Recipients:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at

    def page_end(self, *, after: int, scan_to: int, limit: int) -> int | None:
        """The last address of the next page; None when there is none."""
        row = self._db.one(sql.PAGE_END, after=after, scan_to=scan_to, limit=limit)
        return None if row is None else row["id"]

    def freeze(
        self,
        broadcast_id: int,
        *,
        after: int,
        upto: int,
        audience: Audience,
        frozen_at: int,
        today: date,
        topic: Topic,
        needs_village: bool,
        rested_since: int,
        open_since: Mapping[str, int],
        networks: Collection[str] = (),
    ) -> tuple[list[Share], Counter[str]]:
        """Write those of a page whom the audience means; how many are sent to by network, and who not by reason.

        `frozen_at` (epoch ms) and `today` are those of the beginning, the same for every page. `open_since`: for each
        channel that shuts, when (epoch ms) somebody must have written last to be open to free text.
        `networks` are those that are sent to; without any, all are.
        """
        text, values = match_sql(audience, at=frozen_at, today=today)
        rows = self._db.all(
            _fitting(sql.FREEZE, text, len(networks)),
            broadcast_id=broadcast_id,
            after=after,
            upto=upto,
            topic=int(topic),
            needs_village=int(needs_village),
            rested_since=rested_since,
            at=self._at,
            **_named(networks),
            **values,
        )
        page = {"broadcast_id": broadcast_id, "after": after, "upto": upto}
        shares = []
        for channel, people in sorted(Counter(row["channel"] for row in rows if not row["code"]).items()):
            since = open_since.get(channel)
            shut = None if since is None else self._db.one(sql.SHUT, channel=channel, since=since, **page)
            shares.append(Share(channel, people, shut["n"] if shut else 0))
        return shares, Counter(row["code"] for row in rows if row["code"])

    def estimate(
        self,
        *,
        audience: Audience,
        topic: Topic,
        needs_village: bool,
        rested_since: int,
        at: int,
        today: date,
        networks: Collection[str] = (),
    ) -> Estimate:
        """What `freeze` would write if it were done now, from the first ESTIMATED addresses only.

        `at` (epoch ms) and `today` are what `freeze` is given as `frozen_at` and `today`.
        """
        text, values = match_sql(audience, at=at, today=today)
        upto = self.page_end(after=0, scan_to=_LAST, limit=ESTIMATED) or 0
        rows = self._db.all(
            _fitting(sql.ESTIMATE, text, len(networks)),
            after=0,
            upto=upto,
            topic=int(topic),
            needs_village=int(needs_village),
            rested_since=rested_since,
            **_named(networks),
            **values,
        )
        counted = Counter({row["code"]: row["n"] for row in rows})
        total = counted.pop("", 0)
        return Estimate(total, counted, self._db.one(sql.ANY_BEHIND, after=upto) is not None)

    def channels_waiting(self, broadcast_id: int) -> list[str]:
        """The channels on which somebody waits for their turn."""
        return [row["channel"] for row in self._db.all(sql.CHANNELS_WAITING, broadcast_id=broadcast_id)]

    def lined(self, broadcast_id: int, channel: str) -> int:
        """How many rows of it wait in the outbox."""
        row = self._db.one(sql.LINED, broadcast_id=broadcast_id, channel=channel)
        return 0 if row is None else row["n"]

    def line_up(self, broadcast_id: int, channel: str, *, limit: int) -> int:
        """Move the next people into the outbox; how many."""
        rows = self._db.all(sql.WAITING, broadcast_id=broadcast_id, channel=channel, limit=limit)
        return self._line_up(broadcast_id, channel, rows)

    def line_up_open(
        self, broadcast_id: int, channel: str, *, open_since: int, after: int, page: int, limit: int
    ) -> tuple[int | None, int]:
        """The same for those on a page of recipients who wrote after a time: where it ends, and how many they were."""
        upto = self._page_end(broadcast_id, after, page)
        if upto is None:
            return None, 0
        places = {"broadcast_id": broadcast_id, "channel": channel, "after": after, "upto": upto, "limit": limit}
        return upto, self._line_up(
            broadcast_id, channel, self._db.all(sql.OPEN_WAITING, open_since=open_since, **places)
        )

    def skip_waiting(self, broadcast_id: int, channel: str, *, code: str, limit: int) -> int:
        """The next people there are not sent to; how many."""
        rows = self._db.all(sql.WAITING, broadcast_id=broadcast_id, channel=channel, limit=limit)
        self.mark([(broadcast_id, row["address_id"], Outcome.SKIPPED, code) for row in rows])
        return len(rows)

    def _line_up(self, broadcast_id: int, channel: str, rows: Sequence[Row]) -> int:
        places = {"broadcast_id": broadcast_id, "channel": channel, "at": self._at}
        self._db.many(sql.LINE_UP, [{"id": new_id(), "address_id": row["address_id"], **places} for row in rows])
        self.mark([(broadcast_id, row["address_id"], Outcome.LINED, "") for row in rows])
        return len(rows)

    def waiting(self, broadcast_id: int) -> bool:
        """Whether somebody's turn has not come."""
        return self._db.one(sql.ANY_WAITING, broadcast_id=broadcast_id) is not None

    def in_hand(self, broadcast_id: int) -> bool:
        """Whether rows of it are in the outbox or with the network."""
        return self._db.one(sql.IN_HAND, broadcast_id=broadcast_id) is not None

    def turns(self, channel: str, *, limit: int, open_since: int = -1, room: int | None = None) -> list[Turn]:
        """Whose turn it is now, in order; with a `room`, no more than so many who are new (`Turn.is_new`)."""
        room = limit if room is None else room
        rows = self._db.all(sql.CLAIMABLE, now=self._at, limit=limit, room=room, **self._new(channel, open_since))
        turns = []
        for row in rows:
            room -= row["is_new"]
            if room >= 0 or not row["is_new"]:
                turns.append(self._turn(row, channel))
        return turns

    def hold_new(self, channel: str, *, open_since: int, until: int) -> None:
        """Nobody new has a turn before then."""
        self._db.run(sql.HOLD_NEW, now=self._at, until=until, **self._new(channel, open_since))

    def _new(self, channel: str, open_since: int) -> dict[str, int | str]:
        return {"channel": channel, "open_since": open_since, "day_ago": self._at - _DAY}

    def claim(self, channel: str, rows: Sequence[int]) -> set[int]:
        """These are handed to the network next: from now on a lost answer makes them unclear. Those that are in line
        there no more, for their person has gone on elsewhere meanwhile, are not among them.
        """
        return {row for row in rows if self._db.run(sql.CLAIM, id=row, channel=channel)}

    def pass_on(self, row_id: int, channel: str) -> None:
        """It goes out at another network, where its person is now."""
        self._db.run(sql.PASS_ON, id=row_id, channel=channel)

    def claimed(self, channel: str) -> list[Turn]:
        """What is with the network; at a start: what a dead program had in hand."""
        rows = self._db.all(sql.CLAIMED, channel=channel)
        return [Turn(row["id"], row["broadcast_id"], row["address_id"], row["tries"]) for row in rows]

    def anything_due(self, channel: str) -> bool:
        """Whether somebody's turn has come."""
        row = self._db.one(sql.NEXT_LINED, channel=channel)
        return row is not None and row["at"] is not None and row["at"] <= self._at

    def sent(self, rows: Sequence[tuple[int, str | None]]) -> None:
        """(row, network's id) pairs that went out."""
        self._db.many(sql.SENT, [{"id": row, "sent_id": sent, "at": self._at} for row, sent in rows])

    def back_in_line(self, row_id: int, *, until: int, tried: bool = True) -> None:
        """It certainly did not go out: once more later. `tried`: the network was asked."""
        self._db.run(sql.BACK_IN_LINE, id=row_id, next_at=until, tried=int(tried))

    def out_of_line(self, rows: Sequence[int]) -> None:
        self._db.many(sql.OUT_OF_LINE, [{"id": row} for row in rows])

    def take_back(self, broadcast_id: int, *, limit: int) -> int:
        """Rows of a stopped broadcast leave the outbox; its people wait, as if never lined up. How many."""
        rows = self._db.all(sql.STILL_LINED, broadcast_id=broadcast_id, limit=limit)
        self.out_of_line([row["id"] for row in rows])
        self.mark([(broadcast_id, row["address_id"], Outcome.WAITING, "") for row in rows])
        return len(rows)

    def channels_in_hand(self) -> list[str]:
        """The channels at which something is lined up or with the network."""
        return [row["channel"] for row in self._db.all(sql.CHANNELS_IN_HAND)]

    def lined_at(self, channel: str, *, limit: int) -> list[Row]:
        """Rows (id, broadcast_id, address_id) of whoever is lined up there, whatever the broadcast does."""
        return self._db.all(sql.LINED_THERE, channel=channel, limit=limit)

    def mark(self, ended: Sequence[tuple[int, int, Outcome, str]]) -> None:
        """(broadcast, address, outcome, code) of each."""
        rows = [
            {"broadcast_id": broadcast, "address_id": address, "outcome": outcome, "code": code, "at": self._at}
            for broadcast, address, outcome, code in ended
        ]
        self._db.many(sql.MARK, rows)

    def standing(self, broadcast_id: int, person_id: int) -> Standing | None:
        """What became of one recipient so far; None for nobody's."""
        row = self._db.one(sql.STANDING, broadcast_id=broadcast_id, address_id=person_id)
        return None if row is None else Standing(Outcome(row["outcome"]), row["at"], row["channel"])

    def handed(self, broadcast_id: int, person_id: int) -> list[Row]:
        """Rows (id, state, next_at, sent_at, sent_id) of the outbox for one recipient, the last first."""
        return self._db.all(sql.HANDED, broadcast_id=broadcast_id, address_id=person_id)

    def correct(self, broadcast_id: int, person_id: int, outcome: Outcome, code: str) -> None:
        """What became of a message that was sent before."""
        self._db.run(sql.CORRECT, broadcast_id=broadcast_id, address_id=person_id, outcome=outcome, code=code)

    def out_of_hand(self, row_id: int) -> None:
        """The network has it no more, and it is written down already what became of it."""
        self._db.run(sql.OUT_OF_HAND, id=row_id)

    def again(self, broadcast_id: int, outcome: Outcome, *, after: int, limit: int) -> tuple[int | None, int]:
        """Let people of one outcome wait once more, on a page of recipients: where it ends, and how many they were."""
        upto = self._page_end(broadcast_id, after, limit)
        if upto is None:
            return None, 0
        page = {"broadcast_id": broadcast_id, "after": after, "upto": upto}
        return upto, self._db.run(sql.AGAIN, outcome=outcome, at=self._at, **page)

    def at_networks(self, broadcast_id: int, outcome: Outcome) -> list[tuple[str, int]]:
        """How many people of one outcome are at which channel."""
        rows = self._db.all(sql.AT_NETWORKS, broadcast_id=broadcast_id, outcome=outcome)
        return [(row["channel"], row["n"]) for row in rows]

    def by_outcome(self, broadcast_id: int) -> list[Row]:
        """Rows (outcome, code, n)."""
        return self._db.all(sql.BY_OUTCOME, broadcast_id=broadcast_id)

    def faults(self, broadcast_id: int) -> list[Row]:
        """Rows (outcome, code, n) of those who failed, were skipped or are unclear."""
        return self._db.all(sql.FAULTS, broadcast_id=broadcast_id)

    def tally(self, broadcast_id: int, *, after: int, limit: int) -> tuple[int | None, list[Row]]:
        """What became of a page of recipients: where it ends, None for no page, and rows of counts.

        Each row is (village, outcome, code, n, opted_out, replied).
        """
        upto = self._page_end(broadcast_id, after, limit)
        page = {"broadcast_id": broadcast_id, "after": after, "upto": upto}
        return upto, self._db.all(sql.TALLY, within=REPLY_DAYS * _DAY, **page) if upto is not None else []

    def unreached(self, broadcast_id: int, *, after: int, limit: int) -> tuple[int | None, list[Row]]:
        """To whom it did not come, and who may be visited, on a page of recipients; and where that ends.

        Each row is (address_id, registration_id, village, outcome, code, shared).
        """
        upto = self._page_end(broadcast_id, after, limit)
        page = {"broadcast_id": broadcast_id, "after": after, "upto": upto}
        return upto, self._db.all(sql.UNREACHED, **page) if upto is not None else []

    def opted_out(self, broadcast_id: int) -> int:
        """How many stopped notices because of it."""
        return self._n(sql.OPTED_OUT, broadcast_id)

    def latest_of(self, person_id: int, *, since: int) -> Row | None:
        """(broadcast_id, at, kind, event_id) of what came to this person last, if it came after `since`."""
        begun = since - _LONGEST_UNDER_WAY
        return self._db.one(sql.LATEST_OF, address_id=person_id, since=since, begun=begun)

    def note_opt_out(self, person_id: int, lost: Topic, *, since: int) -> None:
        """This person has stopped these topics: it counts for what came last, where that was about one of them."""
        latest = self.latest_of(person_id, since=since)
        if latest is not None and Kind(latest["kind"]).topic & lost:
            self._db.run(sql.MARK_OPTED_OUT, broadcast_id=latest["broadcast_id"], address_id=person_id)

    def drop(self, broadcast_id: int, *, limit: int) -> int:
        """Forget a slice of its recipients; how many."""
        return self._db.run(sql.DROP_SLICE, broadcast_id=broadcast_id, limit=limit)

    def _page_end(self, broadcast_id: int, after: int, limit: int) -> int | None:
        row = self._db.one(sql.RECIPIENTS_PAGE_END, broadcast_id=broadcast_id, after=after, limit=limit)
        return None if row is None else row["id"]

    def _n(self, statement: Statement, broadcast_id: int) -> int:
        row = self._db.one(statement, broadcast_id=broadcast_id)
        return 0 if row is None else row["n"]

    def _turn(self, row: Row, channel: str) -> Turn:
        address = None
        if row["sealed"] is not None:
            with suppress(Unreadable, ValueError):
                place = orjson.loads(self._vault.open(row["sealed"], row=f"addresses:{row['address_id']}"))
                address = Address(*place)
        notices = row["notices"]
        return Turn(
            id=row["id"],
            broadcast_id=row["broadcast_id"],
            person_id=row["address_id"],
            tries=row["tries"],
            notices=None if notices is None else Topic(notices),
            unreachable=row["unreachable_at"] is not None,
            registration_id=row["registration_id"],
            shared=bool(row["shared"]),
            village=row["village"],
            last_in_at=row["last_in_at"],
            channel=channel,
            is_new=bool(row["is_new"]),
            address=address,
        )
