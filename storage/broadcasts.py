"""Broadcasts: what is sent to whom and how far it has come, without the recipients.

Not for: who may do what (domain/broadcast.py and the handlers) or the people it goes to (storage/recipients.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

import orjson

from domain.broadcast import Broadcast, Content, Counts, Kind, Share, State
from domain.registration import Actor
from storage.audit import Audit
from storage.engine import Connection, Row, new_id
from storage.registrations import OutOfDate
from storage.statements import broadcasts as sql
from storage.vault import Vault

_COUNTED = ("lined", "sent", "delivered", "failed", "blocked", "unclear", "skipped")


class Broadcasts:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, audit: Audit, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._audit = audit
        self._at = at

    def draft(
        self,
        owner_id: int,
        *,
        kind: Kind,
        content: Content | None = None,
        audience: str = "[]",
        event_id: int | None = None,
    ) -> Broadcast:
        """A new one, with the next number."""
        content = content or Content()
        row_id = new_id()
        number = self._db.one(sql.NEXT_NUMBER)
        assert number is not None
        self._db.run(
            sql.ADD,
            id=row_id,
            number=int(number["value"]),
            kind=kind,
            owner_id=owner_id,
            sealed=self._seal(row_id, content),
            photo=content.photo,
            document=content.document,
            audience=audience,
            event_id=event_id,
            at=self._at,
        )
        found = self.get(row_id)
        assert found is not None
        return found

    def get(self, broadcast_id: int, *, lock: bool = False) -> Broadcast | None:
        row = self._db.one(sql.LOCK if lock else sql.GET, id=broadcast_id)
        return None if row is None else self._broadcast(row)

    def hold(self, broadcast_ids: Iterable[int]) -> None:
        """Keep these from others until the transaction ends."""
        for broadcast_id in sorted(set(broadcast_ids)):
            self._db.one(sql.HOLD, id=broadcast_id)

    def numbered(self, number: int) -> Broadcast | None:
        """By the number that admins call it."""
        row = self._db.one(sql.BY_NUMBER, number=number)
        return None if row is None else self._broadcast(row)

    def recent(self, *, limit: int) -> list[Broadcast]:
        """Those that are open first, then the newest."""
        return [self._broadcast(row) for row in self._db.all(sql.RECENT, limit=limit)]

    def open(self) -> list[Broadcast]:
        """All that are not over."""
        return [self._broadcast(row) for row in self._db.all(sql.OPEN)]

    def in_state(self, state: State, *, limit: int = 50) -> list[Broadcast]:
        """Those in one state that is not an end, the oldest first."""
        return [self._broadcast(row) for row in self._db.all(sql.IN_STATE, state=state, limit=limit)]

    def of_event(self, event_id: int) -> list[Broadcast]:
        return [self._broadcast(row) for row in self._db.all(sql.OF_EVENT, event_id=event_id)]

    def of_owner(self, owner_id: int) -> list[Broadcast]:
        """Open ones that this admin answers for."""
        return [self._broadcast(row) for row in self._db.all(sql.OF_OWNER, owner_id=owner_id)]

    def save(self, before: Broadcast, after: Broadcast) -> Broadcast:
        """Keep what changed. Raises OutOfDate when a colleague was first."""
        changed = self._db.run(
            sql.SAVE,
            id=before.id,
            version=before.version,
            state=after.state,
            owner_id=after.owner_id,
            sealed=self._seal(before.id, after.content),
            photo=after.content.photo,
            document=after.content.document,
            audience=after.audience,
            event_id=after.event_id,
            approved_by=after.approved_by,
            start_at=after.start_at,
            first_batch=after.first_batch,
            code=after.code,
            moved_by=after.moved_by,
            again=after.again,
            failures=after.failures,
            prepared_at=after.prepared_at,
            started_at=after.started_at,
            ended_at=after.ended_at,
        )
        if not changed:
            raise OutOfDate
        return replace(after, version=before.version + 1)

    def move(
        self, broadcast: Broadcast, to: State, *, by: Actor, actor_id: int | None = None, code: str = ""
    ) -> Broadcast:
        """Move on, with its line in the audit. Raises NotAllowed, OutOfDate."""
        moved = replace(broadcast.move(to, by=by, code=code), moved_by=actor_id)
        if to is State.RUNNING and moved.started_at is None:
            moved = replace(moved, started_at=self._at)
        if to is State.PREPARED:
            moved = replace(moved, prepared_at=self._at)
        if to in (State.DONE, State.STOPPED):
            moved = replace(moved, ended_at=self._at)
        elif broadcast.state is State.DONE:
            moved = replace(moved, ended_at=None)
        moved = self.save(broadcast, moved)
        detail = f"{broadcast.number} {to}" + (f" {code}" if code else "")
        self._audit.record("broadcast_moved", actor=by, actor_id=actor_id, detail=detail)
        return moved

    def show_bar(self, broadcast: Broadcast, bar: int | None, *, mark: int) -> None:
        """Remember the message that shows how it goes, when it was written, and how far it had come."""
        self._db.run(sql.SHOW_BAR, id=broadcast.id, bar=bar, at=self._at, over=broadcast.counts.over, mark=mark)

    def count(self, broadcast_id: int, changes: Mapping[str, int], *, failures: int = 0, reset: bool = False) -> None:
        """Add to the counts; `failures` in a row go on, or begin anew after a `reset`."""
        values = {name: changes.get(name, 0) for name in _COUNTED}
        self._db.run(sql.COUNT, id=broadcast_id, failures=failures, reset=int(reset), **values)

    def media_names(self) -> set[str]:
        """Every file that a broadcast names."""
        return {row["name"] for row in self._db.all(sql.MEDIA)}

    def begin_scan(self, broadcast_id: int) -> None:
        """The freezing goes over all addresses there are now."""
        self._db.run(sql.BEGIN_SCAN, id=broadcast_id)

    def rewind(self, broadcast_id: int) -> None:
        """Go over the recipients from the first."""
        self._db.run(sql.REWIND, id=broadcast_id)

    def scan(self, broadcast_id: int) -> tuple[int, int]:
        """How far the going over addresses has come, and where the freezing ends: ids of addresses."""
        row = self._db.one(sql.SCAN, id=broadcast_id)
        assert row is not None
        return row["scanned"], row["scan_to"]

    def scanned(
        self,
        broadcast: Broadcast,
        *,
        upto: int,
        shares: Iterable[Share] = (),
        left_out: Mapping[str, int] | None = None,
    ) -> None:
        """So far now, with some more people at their networks and some left out."""
        more = list(shares)
        reasons = Counter(dict(broadcast.counts.left_out)) + Counter(left_out or {})
        self._db.run(
            sql.SCANNED,
            id=broadcast.id,
            upto=upto,
            total=sum(share.people for share in more),
            left_out=orjson.dumps(reasons).decode(),
            networks=_packed(_added(broadcast.counts.networks, more)),
        )

    def count_late(self, broadcast_id: int, channel: str, late: int) -> None:
        """So many more got a late text."""
        row = self._db.one(sql.NETWORKS, id=broadcast_id)
        if row is not None:
            networks = _packed(_added(_shares(row["networks"]), [Share(channel, late=late)]))
            self._db.run(sql.SAVE_NETWORKS, id=broadcast_id, networks=networks)

    def oldest_over(self, *, before: int) -> Row | None:
        """(id, photo, document) of one that is over and began before the time."""
        return self._db.one(sql.EARLIER_THAN, before=before)

    def drop(self, broadcast_id: int) -> None:
        """Forget it; its recipients are gone already."""
        self._db.run(sql.DROP, id=broadcast_id)

    def _seal(self, row_id: int, content: Content) -> bytes:
        return self._vault.seal(orjson.dumps(asdict(content)), row=f"broadcasts:{row_id}")

    def _broadcast(self, row: Row) -> Broadcast:
        kept = orjson.loads(self._vault.open(row["sealed"], row=f"broadcasts:{row['id']}"))
        content = Content(**{**kept, "event": tuple(kept["event"])})
        left_out = tuple(sorted(orjson.loads(row["left_out"]).items()))
        return Broadcast(
            id=row["id"],
            number=row["number"],
            kind=Kind(row["kind"]),
            state=State(row["state"]),
            version=row["version"],
            created_by=row["created_by"],
            owner_id=row["owner_id"],
            content=content,
            audience=row["audience"],
            event_id=row["event_id"],
            approved_by=row["approved_by"],
            start_at=row["start_at"],
            first_batch=row["first_batch"],
            code=row["code"],
            moved_by=row["moved_by"],
            again=row["again"],
            bar=row["bar"],
            bar_at=row["bar_at"],
            bar_over=row["bar_over"],
            bar_mark=row["bar_mark"],
            failures=row["failures"],
            created_at=row["created_at"],
            prepared_at=row["prepared_at"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            counts=Counts(
                total=row["total"],
                left_out=left_out,
                networks=_shares(row["networks"]),
                **{name: row[name] for name in _COUNTED},
            ),
        )


def _shares(kept: str) -> tuple[Share, ...]:
    return tuple(Share(channel, *numbers) for channel, numbers in sorted(orjson.loads(kept).items()))


def _packed(shares: Iterable[Share]) -> str:
    return orjson.dumps({share.channel: [share.people, share.shut, share.late] for share in shares}).decode()


def _added(shares: Iterable[Share], more: Iterable[Share]) -> list[Share]:
    """Both together, one for each network."""
    found: dict[str, Share] = {}
    for share in (*shares, *more):
        had = found.get(share.channel, Share(share.channel))
        found[share.channel] = Share(
            share.channel, had.people + share.people, had.shut + share.shut, had.late + share.late
        )
    return list(found.values())
