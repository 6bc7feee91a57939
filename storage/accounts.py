"""Several accounts of one person: one more that leads there, who was at it before set aside, and taking one off.

Not for: codes and proofs (storage/joins.py) or what an address means by itself (storage/identity.py).
"""

from __future__ import annotations

import secrets
from contextlib import suppress

from domain.address import Address
from storage.aliases import Aliases
from storage.engine import Connection
from storage.statements import identity as sql
from storage.vault import DIGEST_BYTES, Unreadable


class Accounts:
    """Bound to one transaction, as its `aliases` are."""

    def __init__(self, connection: Connection, aliases: Aliases) -> None:
        self._db = connection
        self._aliases = aliases

    def has_one_account(self, person_id: int, address: Address) -> bool:
        """Whether the person is found by this account and no other."""
        return self.of(person_id) == {self._aliases.digest(address)}

    def of(self, person_id: int) -> set[bytes]:
        """The accounts that lead to the person, without their numbers."""
        own = self._aliases.row(person_id)["address_digest"]
        return {
            own,
            *(each["address_digest"] for each in self._aliases.of(person_id) if each["account_digest"] is None),
        }

    def account_in_use(self, person_id: int) -> bytes:
        """The account last used, also where its number was written from."""
        row = self._aliases.row(person_id)
        used: bytes = row["in_use"] or row["address_digest"]
        for alias in self._aliases.of(person_id):
            if alias["address_digest"] == used and alias["account_digest"] is not None:
                used = alias["account_digest"]
        return used

    def at(self, person_id: int, address: Address) -> bytes | None:
        """The account of this person that the address leads to, be it by a number; None where it leads elsewhere."""
        place = self._aliases.digest(address)
        way = self._aliases.leads_to(place)
        return (way.account or place) if way is not None and way.person_id == person_id else None

    def alias_of(self, person_id: int, address: Address) -> int | None:
        """The alias by which the address leads to the person; it stays while the address of its account changes."""
        place = self._aliases.digest(address)
        return next((each["id"] for each in self._aliases.of(person_id) if each["address_digest"] == place), None)

    def by_alias(self, person_id: int, alias_id: int | None) -> bytes | None:
        """The account that an alias of this person stands for now."""
        found = (each for each in self._aliases.of(person_id) if each["id"] == alias_id)
        return next((each["account_digest"] or each["address_digest"] for each in found), None)

    def take_in(self, person_id: int, joined_id: int, address: Address) -> int:
        """The one account of `joined_id` leads to this person from now on, and is in use; the alias it does so by."""
        row = self._aliases.row(joined_id)
        place, number = row["address_digest"], self._aliases.number_digest(address)
        self._db.run(sql.SET_OWN, id=joined_id, address_digest=secrets.token_bytes(DIGEST_BYTES), by_number=0)
        self._db.run(sql.DROP_ALIAS, address_digest=place)
        self._db.run(sql.GIVE_NUMBERS, account_digest=place, address_id=person_id)
        alias_id = self._aliases.add(person_id, place, address, by_number=bool(row["by_number"]))
        for alias in self._aliases.of(person_id):
            if alias["address_digest"] == number:
                self._aliases.seal(alias["id"], address)
        self._aliases.move(person_id, address)
        return alias_id

    def give_back(self, person_id: int, joined_id: int, alias_id: int) -> bool:
        """Undo `take_in`; False when that account leads to the person no longer."""
        for alias in self._aliases.of(person_id):
            if alias["id"] == alias_id:
                place = alias["account_digest"] or alias["address_digest"]
                alone = int(alias["account_digest"] is None and alias["by_number"])
                self._db.run(sql.GIVE_NUMBERS, account_digest=place, address_id=joined_id)
                self.leave(person_id, place)
                self._db.run(sql.SET_OWN, id=joined_id, address_digest=place, by_number=alone)
                return True
        return False

    def leave(self, person_id: int, account: bytes) -> bool:
        """The account and its numbers lead to the person no longer; False when it is the only one, or none of them."""
        if account not in self.of(person_id) or len(self.of(person_id)) == 1:
            return False
        row = self._aliases.row(person_id)
        own, used = row["address_digest"], row["in_use"] or row["address_digest"]
        self._db.run(sql.DROP_ALL_NUMBERS, account_digest=account, address_id=person_id)
        self._db.run(sql.DROP_ALIAS, address_digest=account)
        left = [alias for alias in self._aliases.of(person_id) if alias["account_digest"] is None]
        left.sort(key=lambda alias: alias["address_digest"] != used)
        if own == account:
            own = left[0]["address_digest"]
            self._db.run(sql.SET_OWN, id=person_id, address_digest=own, by_number=left[0]["by_number"])
        if used != account:
            self._db.run(sql.SET_IN_USE, id=person_id, used_digest=None if own == used else used)
            return True
        kept = next((alias for alias in left if alias["address_digest"] == own), left[0])
        with suppress(Unreadable, ValueError):
            self._aliases.move(person_id, self._aliases.opened(kept))
        return True
