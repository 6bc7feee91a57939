"""Which person an address leads to: by a lasting id, by a phone number that comes, goes and passes on, by an alias.

A row of `addresses` is the person. An account is a lasting id at a network, or a number where nothing else is known;
a number that came with a lasting id only leads to that account. Two people are never made one here: in doubt the
lasting id wins, and somebody new is there. Not for: joining by a code (storage/joins.py).
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass

import orjson

from conversation.messages import Message
from domain.address import Address
from storage.engine import Connection, Row, new_id
from storage.outbox import Outbox
from storage.statements import identity as sql
from storage.statements import people
from storage.vault import DIGEST_BYTES, Unreadable, Vault
from storage.wire import pack_outgoing, unpack_outgoing


@dataclass(frozen=True)
class _Way:
    """What an address leads to. `account`: the lasting id whose number it is; `alone`: known by the number only."""

    person_id: int
    alias_id: int | None
    account: bytes | None
    alone: bool


class Identity:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, outbox: Outbox, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._outbox = outbox
        self._at = at

    def arrive(self, address: Address, *, uses: bool) -> Row:
        """The row of whoever is at the address, locked; made when there is none. `uses`: answers go there from now on.

        A number that came along leads to the same row afterwards, if it may.
        """
        place, number = self.digest(address), self._number_digest(address)
        while True:
            fresh = new_id()
            row = self._db.one(
                people.ARRIVE,
                id=fresh,
                channel=address.channel,
                address_digest=place,
                number_digest=number,
                by_number=int(_is_number(address)),
                at=self._at,
            )
            assert row is not None
            account = None
            if row["id"] == fresh or row["address_digest"] != place:
                # While the row was waited for, an alias may have been given to somebody, or taken away.
                way = self._leads_to(place)
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
            self._move(row["id"], address)
            return {**row, "unreachable_at": None}
        return row

    def is_in_use(self, person_id: int, address: Address) -> bool:
        """Whether the person's answers go to this address, or to the account whose number it is."""
        place, row, way = self.digest(address), self._row(person_id), self._leads_to(self.digest(address))
        return (row["in_use"] or row["address_digest"]) in (place, way.account if way else None)

    def follow(self, old: Address, new: Address) -> bool:
        """The account at `old` is found at `new` from now on; False when somebody else with data of theirs is there."""
        before, after = self.digest(old), self.digest(new)
        way = self._leads_to(before)
        if way is None:
            return True
        person_id, number = way.person_id, self._number_digest(new)
        used = self.is_in_use(person_id, old)
        there = self._leads_to(after)
        if there is not None and there.person_id != person_id and there.account is None:
            if not self._give_up_bare(there):
                return False
        elif there is not None and there.account is not None:
            self._db.run(sql.DROP_ALIAS, address_digest=after)
        if way.account is not None and _is_number(new):
            # The network calls by its number what has a lasting id: that stays.
            self._put_number(person_id, after, way.account, new)
        else:
            self._rename(person_id, way.account or before, after, new)
        if number is not None:
            self._learn(person_id, new, after, number)
        if used:
            self._move(person_id, new, same_chat=True)
        return True

    def keep(self, person_id: int, address: Address) -> None:
        """Keep the address itself, sealed, and its number."""
        place, number = self.digest(address), self._number_digest(address)
        sealed = self._vault.seal(_packed(address), row=f"addresses:{person_id}")
        self._db.run(people.KEEP_ADDRESS, id=person_id, channel=address.channel, sealed=sealed, used_digest=place)
        for alias in self._aliases(person_id):
            if alias["address_digest"] in (place, number):
                self._seal_alias(alias["id"], address)

    def forget(self, person_id: int) -> None:
        """Only the keyed hash of the address in use stays."""
        row = self._row(person_id)
        place, alone = row["in_use"] or row["address_digest"], row["by_number"]
        for alias in self._aliases(person_id):
            if alias["address_digest"] == place != row["address_digest"]:
                place = alias["account_digest"] or place
                alone = int(alias["account_digest"] is None and alias["by_number"])
        self._db.run(sql.DROP_ALIASES, address_id=person_id)
        self._db.run(people.FORGET_ADDRESS, id=person_id, address_digest=place, by_number=alone)

    def has_one_account(self, person_id: int, address: Address) -> bool:
        """Whether the person is found by this account and no other."""
        return self.accounts(person_id) == {self.digest(address)}

    def accounts(self, person_id: int) -> set[bytes]:
        """The accounts that lead to the person, without their numbers."""
        own = self._row(person_id)["address_digest"]
        return {own, *(each["address_digest"] for each in self._aliases(person_id) if each["account_digest"] is None)}

    def account_in_use(self, person_id: int) -> bytes:
        """The account last used, also where its number was written from."""
        row = self._row(person_id)
        used: bytes = row["in_use"] or row["address_digest"]
        for alias in self._aliases(person_id):
            if alias["address_digest"] == used and alias["account_digest"] is not None:
                used = alias["account_digest"]
        return used

    def take_in(self, person_id: int, joined_id: int, address: Address) -> int:
        """The one account of `joined_id` leads to this person from now on, and is in use; the alias it does so by."""
        row = self._row(joined_id)
        place, number = row["address_digest"], self._number_digest(address)
        self._db.run(sql.SET_OWN, id=joined_id, address_digest=secrets.token_bytes(DIGEST_BYTES), by_number=0)
        self._db.run(sql.DROP_ALIAS, address_digest=place)
        self._db.run(sql.GIVE_NUMBERS, account_digest=place, address_id=person_id)
        alias_id = self.add_alias(person_id, place, address, by_number=bool(row["by_number"]))
        for alias in self._aliases(person_id):
            if alias["address_digest"] == number:
                self._seal_alias(alias["id"], address)
        self._move(person_id, address)
        return alias_id

    def give_back(self, person_id: int, joined_id: int, alias_id: int) -> bool:
        """Undo `take_in`; False when that account leads to the person no longer."""
        for alias in self._aliases(person_id):
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
        if account not in self.accounts(person_id) or len(self.accounts(person_id)) == 1:
            return False
        row = self._row(person_id)
        own, used = row["address_digest"], row["in_use"] or row["address_digest"]
        self._db.run(sql.DROP_ALL_NUMBERS, account_digest=account, address_id=person_id)
        self._db.run(sql.DROP_ALIAS, address_digest=account)
        left = [alias for alias in self._aliases(person_id) if alias["account_digest"] is None]
        left.sort(key=lambda alias: alias["address_digest"] != used)
        if own == account:
            own = left[0]["address_digest"]
            self._db.run(sql.SET_OWN, id=person_id, address_digest=own, by_number=left[0]["by_number"])
        if used != account:
            self._db.run(sql.SET_IN_USE, id=person_id, used_digest=None if own == used else used)
            return True
        kept = next((alias for alias in left if alias["address_digest"] == own), left[0])
        with suppress(Unreadable, ValueError):
            self._move(person_id, self._opened(kept))
        return True

    def _opened(self, alias: Row) -> Address:
        """Raises Unreadable."""
        return Address(*orjson.loads(self._vault.open(alias["sealed"] or b"", row=f"aliases:{alias['id']}")))

    def digest(self, address: Address) -> bytes:
        return address_digest(self._vault, address.channel, address.bot, address.id)

    def _number_digest(self, address: Address) -> bytes | None:
        """Of a number that came with a lasting id."""
        if not address.number or _is_number(address):
            return None
        return address_digest(self._vault, address.channel, address.bot, address.number)

    def _leads_to(self, digest: bytes) -> _Way | None:
        row = self._db.one(sql.LEADS_TO, address_digest=digest)
        if row is None:
            return None
        account = row["account_digest"]
        return _Way(row["address_id"], row["alias_id"], account, bool(row["by_number"]) and account is None)

    def _learn(self, person_id: int, address: Address, account: bytes, number: bytes) -> bool:
        """What the number that came with a lasting id means; True when the account is to be looked up again."""
        way = self._leads_to(number)
        if way is not None and way.person_id != person_id:
            self._row(way.person_id)
            if self._leads_to(number) != way:
                return True  # it led elsewhere as soon as nobody else could change it
            if way.alone:
                return self._meet(person_id, way, address, account, number)
        if way is not None and way.alone and way.alias_id is None:
            self._adopt(way.person_id, address, account, number)
        else:
            self._put_number(person_id, number, account, address)
        return False

    def _meet(self, person_id: int, way: _Way, address: Address, account: bytes, number: bytes) -> bool:
        """Somebody else is known by the number alone. The same human being, or somebody who has it now?"""
        if self._is_bare(person_id):
            self._give_up(person_id)
            self._adopt(way.person_id, address, account, number)
            return True
        if self._give_up_bare(way):
            self._put_number(person_id, number, account, address)
        else:
            # Both stay, and what the lasting id was called before is its number no longer.
            self._db.run(sql.DROP_NUMBERS, account_digest=account, address_digest=number)
        return False

    def _adopt(self, person_id: int, address: Address, account: bytes, number: bytes) -> None:
        """Who was known by the number alone has a lasting id now."""
        self._rename(person_id, number, account, address)
        self._put_number(person_id, number, account, address)

    def _put_number(self, person_id: int, number: bytes, account: bytes, address: Address) -> None:
        """The number leads to this account, and no other number does."""
        self._db.run(sql.DROP_NUMBERS, account_digest=account, address_digest=number)
        self._db.run(sql.DROP_ALIAS, address_digest=number)
        self.add_alias(person_id, number, address, account=account, by_number=True)

    def add_alias(
        self, person_id: int, digest: bytes, address: Address, *, account: bytes | None = None, by_number: bool
    ) -> int:
        """One more address that leads to the person; sealed where the person is known."""
        alias_id = new_id()
        known = self._row(person_id)["sealed"] is not None
        self._db.run(
            sql.ADD_ALIAS,
            id=alias_id,
            address_digest=digest,
            address_id=person_id,
            account_digest=account,
            by_number=int(by_number),
            sealed=self._vault.seal(_packed(address, whole=True), row=f"aliases:{alias_id}") if known else None,
            at=self._at,
        )
        return alias_id

    def _rename(self, person_id: int, old: bytes, new: bytes, address: Address) -> None:
        """The account found by `old` is found by `new`; its numbers go."""
        row, alone = self._row(person_id), int(_is_number(address))
        aliases = {alias["address_digest"]: alias for alias in self._aliases(person_id)}
        used = row["in_use"] or row["address_digest"]
        if (alias := aliases.get(old)) is not None and old != new:
            if new in aliases:
                self._db.run(sql.DROP_ALIAS, address_digest=old)
            else:
                self._db.run(sql.SET_ALIAS, id=alias["id"], address_digest=new, by_number=alone)
                if row["sealed"] is not None:
                    self._seal_alias(alias["id"], address)
        if row["address_digest"] == old:
            self._db.run(sql.SET_OWN, id=person_id, address_digest=new, by_number=alone)
        self._db.run(sql.DROP_ALL_NUMBERS, account_digest=old, address_id=person_id)
        if used in (old, new):
            self._move(person_id, address, same_chat=True)

    def _move(self, person_id: int, address: Address, *, same_chat: bool = False) -> None:
        """Answers and notices go to this address of the person from now on, and so does what waits already."""
        row, place, sealed = self._row(person_id), self.digest(address), None
        if row["sealed"] is not None:
            with suppress(Unreadable, ValueError):
                left = Address(*orjson.loads(self._vault.open(row["sealed"], row=f"addresses:{person_id}")))
                self._keep_alias(row, self.digest(left), left)
            self._keep_alias(row, place, address)
            sealed = self._vault.seal(_packed(address), row=f"addresses:{person_id}")
        used = None if row["address_digest"] == place else place
        self._db.run(sql.SET_USED, id=person_id, channel=address.channel, used_digest=used, sealed=sealed)
        if row["channel"] == address.channel and not same_chat:
            self._db.run(sql.FORGET_SENT_IDS, address_id=person_id)
        if row["channel"] != address.channel:
            self._db.run(sql.LINE_UP_THERE, address_id=person_id, channel=address.channel)
            self._db.run(sql.EXPECT_THERE, address_id=person_id, channel=address.channel)
        self._readdress(person_id, address)

    def _readdress(self, person_id: int, address: Address) -> None:
        """Plain messages that wait go to this address. Edits and deletions stay where their message is."""
        self._outbox.written += 1
        for row in self._db.all(sql.UNSENT, address_id=person_id):
            name, to, out = f"outbox:{row['id']}", "", None
            with suppress(Unreadable, ValueError):
                to, out = unpack_outgoing(self._vault.open(row["sealed"], row=name))
            if isinstance(out, Message) and (row["channel"], to) != (address.channel, address.id):
                sealed = self._vault.seal(pack_outgoing(address.id, out), row=name)
                self._db.run(sql.READDRESS, id=row["id"], channel=address.channel, sealed=sealed, at=self._at)
            elif row["channel"] == address.channel:
                self._db.run(sql.RELEASE, id=row["id"], at=self._at)

    def _keep_alias(self, row: Row, digest: bytes, address: Address) -> None:
        """An address that leads to the person is kept, whether it is in use or not."""
        for alias in self._aliases(row["id"]):
            if alias["address_digest"] == digest:
                self._seal_alias(alias["id"], address)
                return
        if digest == row["address_digest"]:
            self.add_alias(row["id"], digest, address, by_number=bool(row["by_number"]))

    def _seal_alias(self, alias_id: int, address: Address) -> None:
        self._db.run(
            sql.SEAL_ALIAS,
            id=alias_id,
            sealed=self._vault.seal(_packed(address, whole=True), row=f"aliases:{alias_id}"),
        )

    def _row(self, person_id: int) -> Row:
        """The person's row, locked."""
        row = self._db.one(sql.PERSON, id=person_id)
        assert row is not None
        return row

    def _aliases(self, person_id: int) -> list[Row]:
        return self._db.all(sql.ALIASES, address_id=person_id)

    def _is_bare(self, person_id: int) -> bool:
        return self._db.one(sql.IS_BARE, id=person_id) is not None

    def _give_up_bare(self, way: _Way) -> bool:
        """Take an address from whoever has nothing else; False when there is more."""
        self._row(way.person_id)
        if way.alias_id is not None or not self._is_bare(way.person_id):
            return False
        self._give_up(way.person_id)
        return True

    def _give_up(self, person_id: int) -> None:
        """Nothing leads to this row any more."""
        self._db.run(sql.DROP_ALIASES, address_id=person_id)
        if not self._db.run(sql.DROP_BARE, id=person_id):
            self._db.run(sql.SET_OWN, id=person_id, address_digest=secrets.token_bytes(DIGEST_BYTES), by_number=0)


def address_digest(vault: Vault, channel: str, bot: str, number: str) -> bytes:
    """The keyed hash by which an address is found."""
    return vault.digest("address", f"{channel}\0{bot}\0{number}")


def _is_number(address: Address) -> bool:
    """Whether the network knows the account by its number alone."""
    return bool(address.number) and address.number == address.id


def _packed(address: Address, *, whole: bool = False) -> bytes:
    """`whole`: with the number, by which an alias may be found."""
    place = [address.channel, address.bot, address.id]
    return orjson.dumps([*place, address.number] if whole else place)
