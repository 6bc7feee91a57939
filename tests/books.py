"""What is left after a deadly day, compared: what people said with what is stored, what they saw with the outbox.

Every message that anybody saw belongs to a row of the outbox. A row was shown once; once more only where a kill lies in
between. Not for: the day itself (tests/deadly_day.py).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from domain.address import Address
from domain.registration import Status
from storage.engine import Connection, Row
from storage.statement import Statement
from storage.store import Store
from storage.vault import Vault
from tests.talks import Talk


@dataclass(frozen=True)
class Shown:
    """One message as a person saw it: of which row of the outbox, by which id of the network, when."""

    row: int
    ref: str
    text: str
    at: float


class Books:
    """Everything that stands in the database, row by row."""

    def __init__(self, vault: Vault, db: Connection) -> None:
        self._digest = vault.digest

        def rows(table: str) -> list[Row]:
            return db.all(Statement(f"SELECT * FROM {table}"))  # noqa: S608 (the names below)

        self.addresses = {bytes(row["address_digest"]): row["id"] for row in rows("addresses")}
        self.registrations = rows("registrations")
        self.changes = rows("status_changes")
        self.outbox = sorted(rows("outbox"), key=lambda row: row["id"])
        self.audit, self.media, self.seen = rows("audit"), rows("media"), rows("seen")
        self.inbox, self.pending, self.progress = rows("inbox"), rows("pending_decisions"), rows("progress")
        self.sensitive, self.desks = rows("sensitive"), rows("desks")

    @classmethod
    async def of(cls, store: Store) -> Self:
        return await store.engine.read(lambda db: cls(store.vault, db))

    def person(self, place: Address) -> int:
        """The row of the person at this address."""
        return int(self.addresses[self._digest("address", f"{place.channel}\0{place.bot}\0{place.id}")])

    def sent(self, place: Address) -> dict[int, str]:
        """The messages written for this person: row and the network's id, in the order they were written."""
        mine = [row for row in self.outbox if row["address_id"] == self.person(place) and row["lane"] < 3]
        assert {row["state"] for row in mine} == {"sent"}
        return {row["id"]: row["sent_id"] for row in mine if row["sent_id"] is not None}


# What is stored


async def all_is_stored(store: Store, books: Books, talk: Talk, place: Address) -> None:
    """One registration with every answer as it was given, one decision, one way through the states."""
    (case,) = [row for row in books.registrations if row["address_id"] == books.person(place)]
    assert (case["status"], case["receipt"], case["version"]) == (Status.VERIFIED, talk.receipt, 1)
    assert case["duplicate_of"] is None
    answers = await store.read(lambda tx: tx.registrations.answers(case["id"]))
    same = ("nik", "name", "birth_place", "street", "workplace", "heir")
    assert {key: answers[key] for key in same} == {key: getattr(talk.told, key) for key in same}
    assert (answers["village"], answers["occupation"]) == ("81.71.01.2001", "NEL")
    assert answers["phone"].endswith("81234500001")
    moves = [row["to_status"] for row in books.changes if row["registration_id"] == case["id"]]
    assert moves == [Status.SUBMITTED, Status.IN_REVIEW, Status.VERIFIED]
    lines = Counter(row["action"] for row in books.audit if row["registration_id"] == case["id"])
    assert (lines["consented"], lines["decided_approve"]) == (1, 1)
    assert [row["question"] for row in books.media if row["registration_id"] == case["id"]] == ["photo"]


def nothing_is_left_over(books: Books, *, updates: int) -> None:
    """No decision waits, nothing waits to be fetched or sent, and each update was seen."""
    for left_over in (books.pending, books.inbox, books.progress, books.sensitive, books.desks):
        assert not left_over
    assert {row["state"] for row in books.outbox} == {"sent"}
    assert len(books.seen) == updates


# What people saw


def every_message_is_accounted_for(
    who: object, sent: dict[int, str], shown: Sequence[Shown], begun: list[float]
) -> None:
    """What the outbox says was sent was shown, in order; what was shown again was in flight at a kill.

    `begun` are the moments at which the program was started.
    """
    copies: dict[int, list[Shown]] = {}
    for each in shown:
        copies.setdefault(each.row, []).append(each)
    assert [each.row for each in shown] == sorted(each.row for each in shown), f"{who} got messages out of order"
    assert list(copies) == list(sent), f"{who} did not see what was sent"
    for row, ref in sent.items():
        lives = [bisect_right(begun, each.at) for each in copies[row]]
        text = copies[row][0].text
        assert {each.text for each in copies[row]} == {text}
        assert ref in {each.ref for each in copies[row]}, f"{who} saw {text!r}, of which nobody knows"
        assert lives == sorted(set(lives)), f"{who} saw {text!r} twice, and no kill lies in between"


def once_each(shown: Sequence[Shown]) -> list[str]:
    """The texts, without what was repeated after a kill."""
    return list({each.row: each.text for each in shown}.values())


def reads_like_a_calm_talk(talk: Talk, texts: list[str], calm: list[str]) -> None:
    """Each message once and in the same order."""
    assert [plain(text) for text in texts] == [plain(text) for text in calm]
    assert len([text for text in texts if talk.receipt in text]) == 2, "the receipt and the word that it was verified"


def plain(text: str) -> str:
    """Without what differs from talk to talk: numbers, the hour's greeting, the waiting time."""
    text = re.sub(r"Selamat (pagi|siang|sore|malam)", "Salam", text)
    text = re.sub(r"(Petugas akan memeriksa)[^.]*", r"\1", text)
    return re.sub(r"\d+", "#", text)
