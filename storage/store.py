"""The store: runs a handler as one transaction and gives it what it may ask, in the words of the domain.

Not for: which database (bot/app.py picks an engine) or SQL (storage/statements/).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Concatenate, ParamSpec, Self, TypeVar

from conversation.fold import Fold
from storage.audiences import Audiences
from storage.audit import Audit
from storage.broadcasts import Broadcasts
from storage.engine import Connection, Engine, raise_floor
from storage.enquiries import Enquiries
from storage.events import Events
from storage.files import MediaFolder
from storage.inbox import Inbox
from storage.joins import Joins
from storage.keyfile import Keys
from storage.late_texts import LateTexts
from storage.offers import Offers
from storage.openings import Openings
from storage.outbox import Outbox
from storage.papers import Papers
from storage.peeks import Peeks
from storage.people import People
from storage.queue import Queue
from storage.recipients import Recipients
from storage.registrations import Registrations
from storage.reports import Reports
from storage.search import Search
from storage.sights import Sights
from storage.staff import Staff, new_code
from storage.statements import meta as sql
from storage.vault import Vault

P = ParamSpec("P")
T = TypeVar("T")
_NO_FOLDS: Mapping[str, Fold] = MappingProxyType({})


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _nothing() -> None:
    """Nobody waits for news."""


class Tx:
    """One transaction at one moment. `now` is aware, UTC; `at` the same in epoch milliseconds.

    `forgotten` collects the names of files whose rows are gone: they are removed after the commit.
    """

    def __init__(
        self, connection: Connection, vault: Vault, now: datetime, folds: Mapping[str, Fold] = _NO_FOLDS
    ) -> None:
        self.now = now
        self.at = int(now.timestamp() * 1000)
        self.forgotten: list[str] = []
        self._db = connection
        self._vault = vault
        self.inbox = Inbox(connection, vault, self.at)
        self.offers = Offers(connection, vault, self.at, folds)
        self.outbox = Outbox(connection, vault, self.at, self.offers)
        self.people = People(connection, vault, self.outbox, self.at)
        self.audit = Audit(connection, vault, self.at)
        self.registrations = Registrations(connection, vault, self.audit, self.at)
        self.staff = Staff(connection, vault, self.at)

    # What most workers' messages have no need of is made when it is asked for.

    @cached_property
    def queue(self) -> Queue:
        return Queue(self._db, self._vault, self.at)

    @cached_property
    def joins(self) -> Joins:
        return Joins(self._db, self._vault, self.people.aliases, new_code, self.at)

    @cached_property
    def enquiries(self) -> Enquiries:
        return Enquiries(self._db, self._vault, self.at)

    @cached_property
    def sights(self) -> Sights:
        return Sights(self._db, self.audit, self.at)

    @cached_property
    def peeks(self) -> Peeks:
        return Peeks(self._db, self._vault, self.at)

    @cached_property
    def search(self) -> Search:
        return Search(self._db, self._vault)

    @cached_property
    def broadcasts(self) -> Broadcasts:
        return Broadcasts(self._db, self._vault, self.audit, self.at)

    @cached_property
    def recipients(self) -> Recipients:
        return Recipients(self._db, self._vault, self.at)

    @cached_property
    def openings(self) -> Openings:
        return Openings(self._db, self.at, self.daily)

    @cached_property
    def events(self) -> Events:
        return Events(self._db, self._vault, self.at)

    @cached_property
    def papers(self) -> Papers:
        return Papers(self._db, self.at)

    @cached_property
    def late_texts(self) -> LateTexts:
        return LateTexts(self._db, self.at)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self._db)

    @cached_property
    def audiences(self) -> Audiences:
        return Audiences(self._db, self.at)

    def media_names(self) -> set[str]:
        """The names of all files in the media folder that a row names; what lies beside these is left over."""
        return self.registrations.photo_names() | self.broadcasts.media_names()

    def meta(self, key: str) -> str | None:
        """A fact about this database, such as its key's check value."""
        row = self._db.one(sql.GET, key=key)
        return None if row is None else row["value"]

    def set_meta(self, key: str, value: str) -> None:
        self._db.run(sql.PUT, key=key, value=value)

    def daily(self, channel: str) -> int | None:
        """How many people a network lets us write to first within a day, as last asked; None for no limit known."""
        said = self.meta(f"daily:{channel}")
        return int(said) if said else None

    def set_daily(self, channel: str, people: int | None) -> None:
        self.set_meta(f"daily:{channel}", "" if people is None else str(people))

    def highest_id(self) -> int:
        row = self._db.one(sql.HIGHEST_ID)
        return 0 if row is None else row["id"] or 0


@dataclass
class Store:
    """One database with its keys and its folder of pictures.

    `clock` gives the time, aware, UTC; `stirred` is called after each commit that left something to send or fetch.
    `folds` holds, by channel, how people answer by number where they do.
    """

    engine: Engine
    vault: Vault
    media: MediaFolder
    clock: Callable[[], datetime] = field(default=_utc_now)
    stirred: Callable[[], None] = field(default=_nothing)
    folds: Mapping[str, Fold] = field(default_factory=dict)

    @classmethod
    def with_keys(cls, engine: Engine, keys: Keys, media: Path) -> Self:
        """A store, not yet open, that seals with the keys of a key file; `media` is the folder of pictures."""
        vault = Vault(keys)
        return cls(engine, vault, MediaFolder(media, vault))

    async def open(self) -> None:
        """Connect; ids go on above the highest one stored, even if the clock was set back. Raises StoreError."""
        await self.engine.open()
        raise_floor(await self.read(lambda tx: tx.highest_id()))

    async def close(self) -> None:
        await self.engine.close()

    async def transact(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the unit whole in the database's thread and commit; then remove the files it gave up.

        The unit may run twice, so it touches nothing but its `tx`. Raises StoreError, or what the unit raised.
        """

        def run(connection: Connection) -> tuple[T, Tx]:
            tx = Tx(connection, self.vault, self.clock(), self.folds)
            return unit(tx, *args, **kwargs), tx

        result, tx = await self.engine.transact(run)
        for name in tx.forgotten:
            self.media.remove(name)
        if tx.outbox.written or tx.inbox.written:
            self.stirred()
        return result

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading unit beside the writers: for long reports."""
        return await self.engine.read(
            lambda connection: unit(Tx(connection, self.vault, self.clock(), self.folds), *args, **kwargs)
        )


def fresh_name() -> str:
    """A name for a picture file: random, so that it says nothing."""
    return secrets.token_hex(16)
