"""The addresses of people as they are kept: what leads to whom, sealed where the person is known, and which is in use.

Not for: what a new address means (storage/identity.py) or joining two (storage/accounts.py).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import orjson

from conversation.messages import Message
from domain.address import Address
from storage.engine import Connection, Row, new_id
from storage.outbox import Outbox
from storage.statements import identity as sql
from storage.statements import people
from storage.vault import Unreadable, Vault
from storage.wire import unpack_outgoing


@dataclass(frozen=True)
class Way:
    """What an address leads to. `account`: the lasting id whose number it is; `alone`: known by the number only."""

    person_id: int
    alias_id: int | None
    account: bytes | None
    alone: bool


class Aliases:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, outbox: Outbox, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._outbox = outbox
        self._at = at

    def digest(self, address: Address) -> bytes:
        return address_digest(self._vault, address.channel, address.bot, address.id)

    def number_digest(self, address: Address) -> bytes | None:
        """Of a number that came with a lasting id."""
        if not address.number or is_number(address):
            return None
        return address_digest(self._vault, address.channel, address.bot, address.number)

    def leads_to(self, digest: bytes) -> Way | None:
        row = self._db.one(sql.LEADS_TO, address_digest=digest)
        if row is None:
            return None
        account = row["account_digest"]
        return Way(row["address_id"], row["alias_id"], account, bool(row["by_number"]) and account is None)

    def row(self, person_id: int) -> Row:
        """The person's row, locked."""
        row = self._db.one(sql.PERSON, id=person_id)
        assert row is not None
        return row

    def of(self, person_id: int) -> list[Row]:
        return self._db.all(sql.ALIASES, address_id=person_id)

    def add(
        self, person_id: int, digest: bytes, address: Address, *, account: bytes | None = None, by_number: bool
    ) -> int:
        """One more address that leads to the person; sealed where the person is known."""
        alias_id = new_id()
        known = self.row(person_id)["sealed"] is not None
        self._db.run(
            sql.ADD_ALIAS,
            id=alias_id,
            address_digest=digest,
            address_id=person_id,
            account_digest=account,
            by_number=int(by_number),
            sealed=self._vault.seal(packed(address, whole=True), row=f"aliases:{alias_id}") if known else None,
            at=self._at,
        )
        return alias_id

    def put_number(self, person_id: int, number: bytes, account: bytes, address: Address) -> None:
        """The number leads to this account, and no other number does."""
        self._db.run(sql.DROP_NUMBERS, account_digest=account, address_digest=number)
        self._db.run(sql.DROP_ALIAS, address_digest=number)
        self.add(person_id, number, address, account=account, by_number=True)

    def keep(self, row: Row, digest: bytes, address: Address) -> None:
        """An address that leads to the person is kept, whether it is in use or not."""
        for alias in self.of(row["id"]):
            if alias["address_digest"] == digest:
                self.seal(alias["id"], address)
                return
        if digest == row["address_digest"]:
            self.add(row["id"], digest, address, by_number=bool(row["by_number"]))

    def seal(self, alias_id: int, address: Address) -> None:
        self._db.run(
            sql.SEAL_ALIAS,
            id=alias_id,
            sealed=self._vault.seal(packed(address, whole=True), row=f"aliases:{alias_id}"),
        )

    def opened(self, alias: Row) -> Address:
        """Raises Unreadable."""
        return Address(*orjson.loads(self._vault.open(alias["sealed"] or b"", row=f"aliases:{alias['id']}")))

    def keep_in_use(self, person_id: int, address: Address) -> None:
        """Keep the address itself, sealed, and its number."""
        place, number = self.digest(address), self.number_digest(address)
        sealed = self._vault.seal(packed(address), row=f"addresses:{person_id}")
        self._db.run(people.KEEP_ADDRESS, id=person_id, channel=address.channel, sealed=sealed, used_digest=place)
        for alias in self.of(person_id):
            if alias["address_digest"] in (place, number):
                self.seal(alias["id"], address)

    def move(self, person_id: int, address: Address, *, same_chat: bool = False) -> None:
        """Answers and notices go to this address of the person from now on, and so does what waits already."""
        row, place, sealed = self.row(person_id), self.digest(address), None
        if row["sealed"] is not None:
            with suppress(Unreadable, ValueError):
                left = Address(*orjson.loads(self._vault.open(row["sealed"], row=f"addresses:{person_id}")))
                self.keep(row, self.digest(left), left)
            self.keep(row, place, address)
            sealed = self._vault.seal(packed(address), row=f"addresses:{person_id}")
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
            self._outbox.let_out += row["state"] != "waiting"
            name, to, out = f"outbox:{row['id']}", "", None
            with suppress(Unreadable, ValueError):
                to, out = unpack_outgoing(self._vault.open(row["sealed"], row=name))
            if isinstance(out, Message) and (row["channel"], to) != (address.channel, address.id):
                self._outbox.readdress(row["id"], out, address)
            elif row["channel"] == address.channel:
                self._db.run(sql.RELEASE, id=row["id"], at=self._at)


def address_digest(vault: Vault, channel: str, bot: str, number: str) -> bytes:
    """The keyed hash by which an address is found."""
    return vault.digest("address", f"{channel}\0{bot}\0{number}")


def is_number(address: Address) -> bool:
    """Whether the network knows the account by its number alone."""
    return bool(address.number) and address.number == address.id


def packed(address: Address, *, whole: bool = False) -> bytes:
    """`whole`: with the number, by which an alias may be found."""
    place = [address.channel, address.bot, address.id]
    return orjson.dumps([*place, address.number] if whole else place)
