"""The ready answers each person was offered last, where the network's people may pick one by its number.

Not for: what a number means besides (handlers/picks.py) or the message itself (storage/outbox.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import orjson

from conversation.fold import Fold, numbered
from conversation.messages import Choice, Deletion, Edit, Message, Outgoing
from domain.person import Person
from storage.engine import Connection
from storage.statements import offers as sql
from storage.vault import Unreadable, Vault


@dataclass(frozen=True)
class Offer:
    """The choices' data by number. `folded`: people read the numbers in the text and see nothing to press."""

    outbox_id: int
    picks: Mapping[int, str] = field(repr=False)
    folded: bool
    at: int


class Offers:
    """Bound to one transaction at one moment (`at`, epoch ms). `folds` holds the networks concerned, by name."""

    def __init__(self, connection: Connection, vault: Vault, at: int, folds: Mapping[str, Fold]) -> None:
        self._db = connection
        self._vault = vault
        self._at = at
        self._folds = folds

    def fold_of(self, person: Person) -> Fold | None:
        """How this person's network folds choices; None where nobody answers by number."""
        return self._folds.get(person.address.channel)

    def follow(self, person: Person, out: Outgoing, outbox_id: int, *, aside: bool = False) -> None:
        """Keep up with what was put for a person: the newest choices count, and none once anything else was said.

        `aside`: a word in passing, after which what was offered before is still open.
        """
        if not self._folds:
            return
        fold = self.fold_of(person)
        if isinstance(out, Message):
            if fold is not None and out.choices:
                self._put(person.id, out.choices, outbox_id, folded=len(out.choices) > fold.most)
            elif not aside:
                self._db.run(sql.END, address_id=person.id)
        elif fold is None:
            return
        elif isinstance(out, Edit) and out.choices and fold.edits:
            offer = self.of(person.id)
            if offer is not None and offer.outbox_id == out.of:
                self._put(person.id, out.choices, out.of, folded=False)
        elif (isinstance(out, Edit) and not out.choices) or (isinstance(out, Deletion) and out.of is not None):
            self._db.run(sql.END_OF, address_id=person.id, outbox_id=out.of)

    def of(self, person_id: int) -> Offer | None:
        """What may be picked by number now; nothing where what was kept does not open any more."""
        row = self._db.one(sql.GET, address_id=person_id)
        if row is None:
            return None
        with suppress(Unreadable, ValueError):
            folded, picks = orjson.loads(self._vault.open(row["sealed"], row=f"offers:{person_id}"))
            return Offer(row["outbox_id"], dict(picks), folded, row["at"])
        return None

    def forget_strangers(self, *, before: int) -> None:
        """Forget what strangers were offered before the given time, once their talk is over."""
        self._db.run(sql.FORGET_STRANGERS, before=before)

    def _put(self, person_id: int, choices: tuple[Choice, ...], outbox_id: int, *, folded: bool) -> None:
        picks = [(number, choice.data) for number, choice in numbered(choices).items()]
        sealed = self._vault.seal(orjson.dumps([folded, picks]), row=f"offers:{person_id}")
        self._db.run(sql.PUT, address_id=person_id, outbox_id=outbox_id, sealed=sealed, at=self._at)
