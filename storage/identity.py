"""Which person an address leads to: by a lasting id, by a phone number that comes, goes and passes on, by an alias.

A row of `addresses` is the person. An account is a lasting id at a network, or a number where nothing else is known;
a number that came with a lasting id only leads to that account. Two people are never made one here: in doubt the
lasting id wins, and somebody new is there. Not for: joining by a code (storage/joins.py), or how addresses are kept
(storage/aliases.py).
"""

from __future__ import annotations

import secrets

from domain.address import Address
from storage.aliases import Aliases, Way, is_number
from storage.engine import Connection, Row, new_id
from storage.statements import identity as sql
from storage.statements import people
from storage.vault import DIGEST_BYTES, Vault


class Identity:
    """Bound to one transaction at one moment (`at`, epoch ms), as its `aliases` are."""

    def __init__(self, connection: Connection, vault: Vault, aliases: Aliases, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._aliases = aliases
        self._at = at

    def arrive(self, address: Address, *, uses: bool) -> Row:
        """The row of whoever is at the address, locked; made when there is none. `uses`: answers go there from now on.

        A number that came along leads to the same row afterwards, if it may.
        """
        place, number = self._aliases.digest(address), self._aliases.number_digest(address)
        while True:
            fresh = new_id()
            row = self._db.one(
                people.ARRIVE,
                id=fresh,
                channel=address.channel,
                address_digest=place,
                number_digest=number,
                by_number=int(is_number(address)),
                at=self._at,
            )
            assert row is not None
            account = None
            if row["id"] == fresh or row["address_digest"] != place:
                # While the row was waited for, an alias may have been given to somebody, or taken away.
                way = self._aliases.leads_to(place)
                if way is None or way.person_id != row["id"]:
                    if row["id"] == fresh:
                        self._db.run(sql.DROP_BARE, id=fresh)
                    continue
                account = way.account
            if number is None or (row["number_of"] == row["id"] and row["number_account"] == place):
                break
            if not self._learn(row["id"], address, place, number):
                break
        if uses and (row["in_use"] or row["address_digest"]) not in (place, account):
            self._aliases.move(row["id"], address)
            return {**row, "unreachable_at": None}
        return row

    def is_in_use(self, person_id: int, address: Address) -> bool:
        """Whether the person's answers go to this address, or to the account whose number it is."""
        place, row, way = (
            self._aliases.digest(address),
            self._aliases.row(person_id),
            self._aliases.leads_to(self._aliases.digest(address)),
        )
        return (row["in_use"] or row["address_digest"]) in (place, way.account if way else None)

    def follow(self, old: Address, new: Address) -> bool:
        """The account at `old` is found at `new` from now on; False when somebody else with data of theirs is there."""
        before, after = self._aliases.digest(old), self._aliases.digest(new)
        way = self._aliases.leads_to(before)
        if way is None:
            return True
        person_id, number = way.person_id, self._aliases.number_digest(new)
        used = self.is_in_use(person_id, old)
        there = self._aliases.leads_to(after)
        if there is not None and there.person_id != person_id and there.account is None:
            if not self._give_up_bare(there):
                return False
        elif there is not None and there.account is not None:
            self._db.run(sql.DROP_ALIAS, address_digest=after)
        if way.account is not None and is_number(new):
            # The network calls by its number what has a lasting id: that stays.
            self._aliases.put_number(person_id, after, way.account, new)
        else:
            self._rename(person_id, way.account or before, after, new)
        if number is not None:
            self._learn(person_id, new, after, number)
        if used:
            self._aliases.move(person_id, new, same_chat=True)
        return True

    def forget(self, person_id: int) -> None:
        """Only the keyed hash of the address in use stays."""
        row = self._aliases.row(person_id)
        place, alone = row["in_use"] or row["address_digest"], row["by_number"]
        for alias in self._aliases.of(person_id):
            if alias["address_digest"] == place != row["address_digest"]:
                place = alias["account_digest"] or place
                alone = int(alias["account_digest"] is None and alias["by_number"])
        self._db.run(sql.DROP_ALIASES, address_id=person_id)
        self._db.run(people.FORGET_ADDRESS, id=person_id, address_digest=place, by_number=alone)

    def _learn(self, person_id: int, address: Address, account: bytes, number: bytes) -> bool:
        """What the number that came with a lasting id means; True when the account is to be looked up again."""
        way = self._aliases.leads_to(number)
        if way is not None and way.person_id != person_id:
            self._aliases.row(way.person_id)
            if self._aliases.leads_to(number) != way:
                return True  # it led elsewhere as soon as nobody else could change it
            if way.alone:
                return self._meet(person_id, way, address, account, number)
        if way is not None and way.alone and way.alias_id is None:
            self._adopt(way.person_id, address, account, number)
        else:
            self._aliases.put_number(person_id, number, account, address)
        return False

    def _meet(self, person_id: int, way: Way, address: Address, account: bytes, number: bytes) -> bool:
        """Somebody else is known by the number alone. The same human being, or somebody who has it now?"""
        if self._is_bare(person_id):
            self._give_up(person_id)
            self._adopt(way.person_id, address, account, number)
            return True
        if self._give_up_bare(way):
            self._aliases.put_number(person_id, number, account, address)
        else:
            # Both stay, and what the lasting id was called before is its number no longer.
            self._db.run(sql.DROP_NUMBERS, account_digest=account, address_digest=number)
        return False

    def _adopt(self, person_id: int, address: Address, account: bytes, number: bytes) -> None:
        """Who was known by the number alone has a lasting id now."""
        self._rename(person_id, number, account, address)
        self._aliases.put_number(person_id, number, account, address)

    def _rename(self, person_id: int, old: bytes, new: bytes, address: Address) -> None:
        """The account found by `old` is found by `new`; its numbers go."""
        row, alone = self._aliases.row(person_id), int(is_number(address))
        aliases = {alias["address_digest"]: alias for alias in self._aliases.of(person_id)}
        used = row["in_use"] or row["address_digest"]
        if (alias := aliases.get(old)) is not None and old != new:
            if new in aliases:
                self._db.run(sql.DROP_ALIAS, address_digest=old)
            else:
                self._db.run(sql.SET_ALIAS, id=alias["id"], address_digest=new, by_number=alone)
                if row["sealed"] is not None:
                    self._aliases.seal(alias["id"], address)
        if row["address_digest"] == old:
            self._db.run(sql.SET_OWN, id=person_id, address_digest=new, by_number=alone)
        self._db.run(sql.DROP_ALL_NUMBERS, account_digest=old, address_id=person_id)
        if used in (old, new):
            self._aliases.move(person_id, address, same_chat=True)

    def _is_bare(self, person_id: int) -> bool:
        return self._db.one(sql.IS_BARE, id=person_id) is not None

    def _give_up_bare(self, way: Way) -> bool:
        """Take an address from whoever has nothing else; False when there is more."""
        self._aliases.row(way.person_id)
        if way.alias_id is not None or not self._is_bare(way.person_id):
            return False
        self._give_up(way.person_id)
        return True

    def _give_up(self, person_id: int) -> None:
        """Nothing leads to this row any more."""
        self._db.run(sql.DROP_ALIASES, address_id=person_id)
        if not self._db.run(sql.DROP_BARE, id=person_id):
            self._db.run(sql.SET_OWN, id=person_id, address_digest=secrets.token_bytes(DIGEST_BYTES), by_number=0)
