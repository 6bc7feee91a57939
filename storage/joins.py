"""Going on at another address: the code, what it leads to, who was there before, and undoing it within a day.

Not for: what has to be proved (handlers/joining.py) or how several accounts are one person's (storage/accounts.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from domain.address import Address
from domain.person import Person
from domain.topic import Topic
from storage.accounts import Accounts
from storage.aliases import Aliases
from storage.engine import Connection, Row, new_id
from storage.statements import joins as sql
from storage.vault import Unreadable, Vault

CODE_MINUTES = 15
UNDO_HOURS = 24
_DAY = 86_400_000


@dataclass(frozen=True)
class Join:
    """A code. `open`: it may still be used; `person_id` is who goes on elsewhere with it."""

    id: int
    person_id: int
    open: bool
    tries: int


class Joins:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(
        self, connection: Connection, vault: Vault, aliases: Aliases, new_code: Callable[[], str], at: int
    ) -> None:
        self._db = connection
        self._vault = vault
        self._aliases = aliases
        self._accounts = Accounts(connection, aliases)
        self._new_code = new_code
        self._at = at

    def offer(self, person_id: int) -> str:
        """A new code by which the person goes on at another address, once; an older one is closed."""
        code = self._new_code()
        self._db.run(sql.CLOSE_OPEN, address_id=person_id)
        self._db.run(
            sql.ADD,
            id=new_id(),
            address_id=person_id,
            code_digest=self._digest(code),
            at=self._at,
            expires_at=self._end(),
        )
        return code

    def find(self, code: str) -> Join | None:
        """The code in any state, kept from others until the transaction ends."""
        row = self._db.one(sql.BY_CODE, code_digest=self._digest(code))
        if row is None:
            return None
        is_open = row["state"] == "open" and row["expires_at"] > self._at
        return Join(row["id"], row["address_id"], is_open, row["tries"])

    def count_try(self, join: Join) -> int:
        """One more try with this code; how many."""
        self._db.run(sql.TRY, id=join.id)
        return join.tries + 1

    def count_today(self, person_id: int) -> int:
        """One more try from this address; how many within a day."""
        row = self._db.one(sql.TRIES_OF_DAY, id=person_id)
        since, n = self._at, 1
        if row is not None and self._at - row["since"] < _DAY:
            since, n = row["since"], row["n"] + 1
        self._db.run(sql.SET_TRIES_OF_DAY, id=person_id, since=since, n=n)
        return n

    def close(self, join: Join) -> None:
        self._db.run(sql.CLOSE, id=join.id, state="closed")

    def prolong(self, join: Join) -> None:
        """What had to be proved is proved: one answer is left, and there is time for it."""
        self._db.run(sql.EXTEND, id=join.id, expires_at=self._end())

    def may_come(self, joined: Person) -> bool:
        """Whether the person at the new address is found by that one account and no other."""
        return self._accounts.has_one_account(joined.id, joined.address)

    def complete(self, join: Join, person: Person, joined: Person, *, only: bool) -> None:
        """The account of `joined` leads to `person` from now on; who was there is set aside. `only`: and no other does,
        once it cannot be undone any more.
        """
        numbers = [row["number"] for row in self._db.all(sql.OPEN_ENQUIRIES, address_id=joined.id)]
        for number in numbers:
            self._db.run(sql.GIVE_ENQUIRY, number=number, address_id=person.id)
        notices = self._db.one(sql.NOTICES, id=joined.id)
        old, new = person.address, joined.address
        kept = {
            "old": [old.channel, old.bot, old.id],
            "new": [new.channel, new.bot, new.id, new.number],
            "known": joined.known,
            "notices": notices["notices"] if notices else None,
            "enquiries": numbers,
            "only": only,
        }
        alias_id = self._accounts.take_in(person.id, joined.id, new)
        kept["old_alias"] = self._accounts.alias_of(person.id, old)
        self._db.run(sql.END_PROGRESS, address_id=joined.id)
        self._db.run(sql.SET_ASIDE, id=joined.id)
        self._db.run(
            sql.USE,
            id=join.id,
            joined_id=joined.id,
            alias_id=alias_id,
            sealed=self._vault.seal(orjson.dumps(kept), row=f"joins:{join.id}"),
            at=self._at,
            undo_until=self._at + UNDO_HOURS * 3_600_000,
        )

    def is_recent(self, person_id: int) -> bool:
        """Whether an address came to this person that may still be undone."""
        return any(row["undo_until"] > self._at for row in self._db.all(sql.USED, address_id=person_id))

    def undo(self, person: Person) -> list[Person] | None:
        """Undo what came to the person at this address, and what came after it; who is at those addresses again.

        None when nothing came, or this is not where the person was before.
        """
        rows = [row for row in self._db.all(sql.USED, address_id=person.id) if row["undo_until"] > self._at]
        here = [row for row in rows if self._left_from(row, person)]
        if not here:
            return None
        back = [self._undo(row) for row in rows if row["id"] >= here[-1]["id"]]
        return [each for each in back if each is not None]

    def lapsed(self, *, limit: int) -> list[Row]:
        """Rows (id, address_id) of what cannot be undone any more."""
        return self._db.all(sql.LAPSED, now=self._at, limit=limit)

    def settle(self, row: Row) -> bool:
        """Nothing is undone any more; whether the address before was taken off.

        The person is locked: since the row was found it may have been undone after all, and then nothing is settled.
        """
        if self._db.one(sql.STILL_USED, id=row["id"]) is None:
            return False
        kept = self._opened(row)
        self._db.run(sql.GIVE_CONSENTS, address_id=row["address_id"], joined_id=row["joined_id"])
        self._db.run(sql.CLOSE, id=row["id"], state="closed")
        if kept is None or not kept["only"]:
            return False
        account = self._account_before(row["address_id"], kept)
        return account is not None and self._accounts.leave(row["address_id"], account)

    def leave_others(self, person: Person) -> bool:
        """Only the account in use leads to the person from now on; False when there is no other."""
        used = self._accounts.account_in_use(person.id)
        others = self._accounts.of(person.id) - {used}
        left = [self._accounts.leave(person.id, account) for account in others]
        return any(left)

    def forget_old(self, *, before: int) -> None:
        self._db.run(sql.FORGET_OLD, before=before)

    def _undo(self, row: Row) -> Person | None:
        kept, joined_id = self._opened(row), row["joined_id"]
        self._db.run(sql.CLOSE, id=row["id"], state="undone")
        if kept is None or not self._accounts.give_back(row["address_id"], joined_id, row["alias_id"]):
            return None
        address = Address(*kept["new"])
        joined = Person(joined_id, address, known=False)
        self._db.run(sql.RESTORE, id=joined_id, sealed=None, notices=kept["notices"], channel=address.channel)
        if kept["known"]:
            self._aliases.keep_in_use(joined_id, address)
            notices = kept["notices"]
            joined = replace(joined, known=True, notices=None if notices is None else Topic(notices))
        for number in kept["enquiries"]:
            self._db.run(sql.GIVE_ENQUIRY, number=number, address_id=joined_id)
        return joined

    def _left_from(self, row: Row, person: Person) -> bool:
        kept = self._opened(row)
        account = self._account_before(person.id, kept) if kept is not None else None
        return account is not None and account == self._accounts.at(person.id, person.address)

    def _account_before(self, person_id: int, kept: dict[str, Any]) -> bytes | None:
        """The account that was left, by whatever its address is now: numbers change, and get lasting ids."""
        account = self._accounts.by_alias(person_id, kept.get("old_alias"))
        return account or self._accounts.at(person_id, Address(*kept["old"]))

    def _opened(self, row: Row) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] = orjson.loads(self._vault.open(row["sealed"] or b"", row=f"joins:{row['id']}"))
        except (Unreadable, ValueError):
            return None
        return kept

    def _digest(self, code: str) -> bytes:
        return self._vault.digest("join", code.strip().upper())

    def _end(self) -> int:
        return self._at + CODE_MINUTES * 60_000
