"""What is to be sent: rows written with the change they tell of, sent after its commit, in order per person.

Lane 0 holds answers and case messages, lane 1 notices to the office, lane 2 broadcasts, and FOR_THE_NETWORK what is no
message to anybody: it stands in nobody's order and is not held.
Not for: sending (bot/delivery.py) or the pace.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from conversation.fold import folded
from conversation.late import LATE_TEXTS
from conversation.messages import Deletion, Edit, Late, Message, Outgoing
from domain.address import Address
from domain.person import Person
from storage.engine import Connection, Row, new_id
from storage.offers import Offers
from storage.statements import outbox as sql
from storage.vault import Unreadable, Vault
from storage.wire import pack_outgoing, unpack_outgoing

# What every network takes as one text; longer ones are cut at line ends.
_LONGEST = 3500

FOR_THE_NETWORK = 3
NEEDS_TEMPLATE, KNOCKED = "needs_template", "knocked"
"""Why a row is shut: it has no late text, or none the network takes; its late text only says that there is news."""


@dataclass(frozen=True)
class Waiting:
    """A row whose turn has come. `ref` is the network's id of the message it changes or takes back.

    `out` is None where what was kept does not open any more. `last_in_at` is when its person wrote last, epoch ms;
    `late`: the network has told since that it takes no free text. `shut_as`: what it changes or takes back is shut
    itself, with this code.
    """

    id: int
    person_id: int
    to: str
    out: Outgoing | None
    tries: int
    created_at: int
    ref: str | None = None
    lost_ref: bool = False
    lane: int = 0
    last_in_at: int = 0
    late: bool = False
    shut_as: str = ""

    @property
    def line(self) -> int:
        """In whose order it stands: its person's, or nobody's but its own."""
        return self.id if self.lane == FOR_THE_NETWORK else self.person_id

    def __repr__(self) -> str:
        return f"Waiting(id={self.id})"


@dataclass(frozen=True)
class Told:
    """A row that a receipt is about. `told_at`: of what waits, when a failure of it was told last (epoch ms)."""

    id: int
    person_id: int
    channel: str
    to: str = field(repr=False)
    state: str
    tries: int
    late: bool
    created_at: int
    told_at: int
    sent_id: str | None

    def is_about(self, sent_id: str, handed_at: int) -> bool:
        """Whether what the network calls so, handed over then, is the last try, as far as this was written down."""
        if self.state == "accepted":
            return self.sent_id == sent_id
        return self.state in ("waiting", "held") and self.sent_id != sent_id and self.told_at <= handed_at


class Outbox:
    """Bound to one transaction at one moment (`at`, epoch ms). `let_out`: how much held or shut has been let out."""

    def __init__(self, connection: Connection, vault: Vault, at: int, offers: Offers) -> None:
        self._db = connection
        self._vault = vault
        self._at = at
        self._offers = offers
        self.written = 0
        self.let_out = 0
        self._first = 0

    def put(
        self, person: Person, out: Outgoing, *, lane: int = 0, registration_id: int | None = None, aside: bool = False
    ) -> int:
        """Queue one Outgoing for a person; its id, which edits and deletions name later.

        A text too long for one message becomes several; the id is that of the last, which carries the choices.
        `aside`: a word in passing, which leaves the choices of the message before it open to be typed.
        """
        shown, fold = out, self._offers.fold_of(person)
        if isinstance(shown, Message) and fold is not None:
            shown = folded(shown, fold)
        if isinstance(shown, Message) and len(shown.text) > _LONGEST:
            *parts, last = _pages(shown.text)
            for part in parts:
                self._put(person, Message(part, protected=shown.protected), lane, registration_id)
            shown = replace(shown, text=last)
        row_id = self._put(person, shown, lane, registration_id)
        self._offers.follow(person, out, row_id, aside=aside)
        return row_id

    def _put(self, person: Person, out: Outgoing, lane: int, registration_id: int | None) -> int:
        row_id = new_id()
        self._first = self._first or row_id
        of_id = out.of if isinstance(out, Edit | Deletion) else None
        self._db.run(
            sql.PUT,
            id=row_id,
            address_id=person.id,
            channel=person.address.channel,
            lane=lane,
            state="held" if person.unreachable and lane != FOR_THE_NETWORK else "waiting",
            of_id=of_id,
            registration_id=registration_id,
            sealed=self._seal(row_id, person.address.id, out),
            next_at=self._at,
            at=self._at,
        )
        self.written += 1
        return row_id

    def due(self, channel: str, *, limit: int, besides: Collection[int] = ()) -> list[Waiting]:
        """The first row of each person whose time has come, at most `limit`; of lines in `besides` nothing is read."""
        rows = self._db.all(sql.DUE, channel=channel, now=self._at, limit=limit)
        return [self._waiting(row) for row in rows if _line(row) not in besides]

    def after(self, waiting: Waiting, channel: str) -> Waiting | None:
        """What comes next for the same person at this channel, if its time has come."""
        row = self._db.one(sql.AFTER, address_id=waiting.person_id, channel=channel, id=waiting.id)
        if row is None or row["next_at"] > self._at:
            return None
        return self._waiting(row)

    def next_at(self, channel: str) -> int | None:
        row = self._db.one(sql.NEXT, channel=channel)
        return None if row is None else row["at"]

    # How the sending ended. `channel`: where it was; a row that goes to another network meanwhile stays as it is.

    def sent(self, rows: list[tuple[int, str | None]], *, channel: str | None = None) -> None:
        """Mark (id, network's id) pairs as sent; their texts are forgotten."""
        self._db.many(
            sql.SENT, [{"id": row, "sent_id": sent, "channel": channel, "at": self._at} for row, sent in rows]
        )

    def accepted(self, rows: list[tuple[int, str]], *, channel: str | None = None) -> None:
        """Mark (id, network's id) pairs as taken by a network that tells later what became of them."""
        self._db.many(
            sql.ACCEPTED, [{"id": row, "sent_id": sent, "channel": channel, "at": self._at} for row, sent in rows]
        )

    def postpone(self, row_id: int, *, until: int, code: str, tried: bool = True, channel: str | None = None) -> None:
        """Once more later; `tried`: the network was asked."""
        self._db.run(sql.POSTPONE, id=row_id, next_at=until, code=code, tried=int(tried), channel=channel)

    def dead(self, row_id: int, code: str, *, channel: str | None = None) -> None:
        self._db.run(sql.DEAD, id=row_id, code=code, channel=channel)

    def shut(
        self, row_id: int, person_id: int, code: str, *, knock_id: str | None = None, channel: str | None = None
    ) -> None:
        """It comes too late for free text: it waits until the person writes, and nothing waits behind it.

        `knock_id` is the network's id of the late text that said there is something.
        """
        self._db.run(sql.SET_HELD, address_id=person_id, held=1)
        self._db.run(sql.SHUT, id=row_id, code=code, sent_id=knock_id, channel=channel)

    def readdress(self, row_id: int, out: Message, address: Address) -> None:
        """A plain message goes to this address from now on."""
        self.written += 1
        sealed = self._seal(row_id, address.id, out)
        self._db.run(sql.READDRESS, id=row_id, channel=address.channel, sealed=sealed, at=self._at)

    def send_on(self, row_id: int, address: Address) -> bool:
        """What came to nobody goes to this address; False where it is no plain message that is still kept."""
        row = self._db.one(sql.KEPT, id=row_id)
        to, out = self._opened(row_id, row["sealed"]) if row is not None else ("", None)
        if row is None or not isinstance(out, Message):
            return False
        if (row["channel"], to) != (address.channel, address.id):
            self.readdress(row_id, out, address)
        return True

    def has_knocked(self, person_id: int, name: str) -> bool:
        """Whether the late text of this name has told the person already that there is something."""
        for row in self._db.all(sql.KNOCKED, address_id=person_id):
            with suppress(Unreadable, ValueError):
                _, out = unpack_outgoing(self._vault.open(row["sealed"], row=f"outbox:{row['id']}"))
                if isinstance(out, Message) and out.late is not None and name in _knocks(out.late):
                    return True
        return False

    def replace(self, waiting: Waiting, out: Edit) -> None:
        """Send something else in a row's place: a blank where a deletion is refused."""
        self._db.run(
            sql.REPLACE,
            id=waiting.id,
            of_id=out.of,
            sealed=self._seal(waiting.id, waiting.to, out),
            at=self._at,
        )

    # What receipts tell

    def got_there(self, rows: Sequence[tuple[int, str]]) -> None:
        """(id, network's id) pairs that people have: whatever was heard before, they are done."""
        self._db.many(sql.GOT_THERE, [{"id": row, "sent_id": sent, "at": self._at} for row, sent in rows])

    def taken(self, rows: Sequence[tuple[int, str, int]]) -> None:
        """(id, network's id, when it was handed over) of what is on its way: not sent again, and not done with."""
        values = [{"id": row, "sent_id": sent, "handed_at": handed, "at": self._at} for row, sent, handed in rows]
        self._db.many(sql.TAKEN, values)

    def refused(self, row_id: int, code: str, *, sent_id: str) -> None:
        """What was taken failed after all, for ever."""
        self._db.run(sql.REFUSED, id=row_id, code=code, sent_id=sent_id, at=self._at)

    def told_of(self, row_id: int) -> Told | None:
        """The row a receipt is about, locked; its person must be locked before."""
        row = self._db.one(sql.TOLD_OF, id=row_id)
        if row is None:
            return None
        return Told(
            row["id"],
            row["address_id"],
            row["channel"],
            self._opened(row["id"], row["sealed"])[0],
            row["state"],
            row["tries"],
            bool(row["late"]),
            row["created_at"],
            row["sent_at"] or 0,
            row["sent_id"],
        )

    def whose(self, row_id: int) -> int | None:
        """The person a row is for; None for none, and for a broadcast's."""
        row = self._db.one(sql.WHOSE, id=row_id)
        return None if row is None else row["address_id"]

    def once_more(self, row_id: int, *, until: int, code: str, sent_id: str, late: bool = False) -> None:
        """What was taken failed after all and is tried again; by its late text where `late`."""
        self.written += 1
        self._db.run(sql.ONCE_MORE, id=row_id, next_at=until, code=code, sent_id=sent_id, late=int(late), at=self._at)

    def shut_after_all(self, row_id: int, person_id: int, code: str) -> None:
        """What was taken failed, and waits until the person writes."""
        self._db.run(sql.SET_HELD, address_id=person_id, held=1)
        self._db.run(sql.SHUT_AFTER_ALL, id=row_id, code=code, at=self._at)

    def knock_failed(self, row_id: int, code: str, *, sent_id: str, handed_at: int) -> None:
        """The late text of a shut row did not come to its person."""
        self._db.run(sql.KNOCK_FAILED, id=row_id, code=code, sent_id=sent_id, handed_at=handed_at, at=self._at)

    def count_as_sent(self, *, before: int) -> int:
        """What was taken before that time and never told of; how many."""
        return self._db.run(sql.COUNT_AS_SENT, before=before)

    def note_held(self, person_id: int) -> None:
        """What waits for this person changes once they write."""
        self._db.run(sql.SET_HELD, address_id=person_id, held=1)

    def hold(self, person_id: int, code: str) -> None:
        """The person cannot be reached: what waits is held."""
        self._db.run(sql.SET_HELD, address_id=person_id, held=1)
        self._db.run(sql.HOLD_ADDRESS, address_id=person_id, code=code)

    def release(self, person_id: int) -> bool:
        """The person is back: what was held or shut goes out first, for its ids are the older ones. Whether there was
        any: what was shut may have gone out already, by a late text that was let in.
        """
        self.written += 1
        self._db.run(sql.SET_HELD, address_id=person_id, held=0)
        self.let_out += self._db.run(sql.RELEASE_HELD, address_id=person_id, at=self._at)
        self.let_out += self._db.run(sql.RELEASE_SHUT, address_id=person_id, at=self._at)
        return self.let_out > 0

    def waits_for(self, person_id: int) -> int:
        row = self._db.one(sql.WAITING_OF, address_id=person_id)
        return 0 if row is None else row["n"]

    def held_of(self, registration_id: int) -> int:
        """How many texts about this registration cannot be delivered now."""
        row = self._db.one(sql.HELD_OF_REGISTRATION, registration_id=registration_id)
        return 0 if row is None else row["n"]

    def let_in(self, channel: str) -> None:
        """A network takes more late texts now: what was shut for want of one is tried again."""
        self.written += 1
        self._db.run(sql.LET_IN, channel=channel, code=NEEDS_TEMPLATE, at=self._at)

    def until_they_write(self) -> list[Row]:
        """Rows (code, n) of what waits until its person writes."""
        return self._db.all(sql.UNTIL_THEY_WRITE)

    def dead_letters(self, *, limit: int) -> list[Row]:
        """Rows (id, code, created_at), without content."""
        return self._db.all(sql.DEAD_LETTERS, limit=limit)

    def try_again(self, row_id: int) -> bool:
        self.written += 1
        return self._db.run(sql.TRY_AGAIN, id=row_id, at=self._at) == 1

    def drop_registration(self, registration_id: int) -> None:
        self._db.run(sql.DROP_REGISTRATION, registration_id=registration_id)

    def drop(self, person_id: int) -> None:
        """Forget what was written for this person before this transaction and is not delivered."""
        self._db.run(sql.DROP_ADDRESS, address_id=person_id, before=self._first or new_id())

    def forget_sent(self, *, before: int, strangers_before: int) -> None:
        """Forget what was sent before the given times; of strangers sooner, once their talk is over."""
        self._db.run(sql.FORGET_SENT, before=before)
        self._db.run(sql.FORGET_STRANGERS, before=strangers_before)

    def forget_undelivered(self, *, before: int) -> None:
        """Forget what was never delivered to strangers: they blocked us, or it was refused."""
        self._db.run(sql.FORGET_UNDELIVERED, before=before)

    def counts(self) -> dict[str, int]:
        return {row["state"]: row["n"] for row in self._db.all(sql.COUNT_STATES) if row["n"]}

    def _seal(self, row_id: int, to: str, out: Outgoing) -> bytes:
        return self._vault.seal(pack_outgoing(to, out), row=f"outbox:{row_id}")

    def _opened(self, row_id: int, sealed: bytes | None) -> tuple[str, Outgoing | None]:
        """To whom and what; None where it is forgotten or does not open any more."""
        with suppress(Unreadable, ValueError):
            return unpack_outgoing(self._vault.open(sealed or b"", row=f"outbox:{row_id}"))
        return "", None

    def _waiting(self, row: Row) -> Waiting:
        to, out = self._opened(row["id"], row["sealed"])
        shut_as = row["of_code"] if row["of_state"] == "shut" else ""
        return Waiting(
            id=row["id"],
            person_id=row["address_id"],
            to=to,
            out=out,
            tries=row["tries"],
            created_at=row["created_at"],
            ref=row["ref"],
            lost_ref=row["of_id"] is not None and row["ref"] is None and not shut_as,
            lane=row["lane"],
            last_in_at=row["last_in_at"],
            late=bool(row["late"]),
            shut_as=shut_as,
        )


def _line(row: Row) -> int:
    line: int = row["id"] if row["lane"] == FOR_THE_NETWORK else row["address_id"]
    return line


def _pages(text: str) -> list[str]:
    """The text in pieces of at most `_LONGEST` characters, cut at line ends where there are any."""
    pages = [""]
    for line in text.split("\n"):
        while len(line) > _LONGEST:
            pages += [line[:_LONGEST], ""]
            line = line[_LONGEST:]
        if len(pages[-1]) + len(line) + 1 > _LONGEST:
            pages.append(line)
        else:
            pages[-1] = f"{pages[-1]}\n{line}" if pages[-1] else line
    return [page for page in pages if page.strip()]


def _knocks(late: Late) -> tuple[str, ...]:
    """The names by which a late text may have knocked: its own, or that of the one in its place."""
    text = LATE_TEXTS.get(late.name)
    return (late.name,) if text is None or not text.whole else (late.name, text.instead)
