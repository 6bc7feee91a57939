"""Makes every keyed hash, and every seal of the audit trail, anew under another index key, a slice at a time.

Each slice says where the next one begins, so that a change goes on exactly where it was interrupted. Not for: the
key file (storage/keyfile.py), or the order of the steps and what the operator hears (bot/reindex.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import orjson

from domain.name import search_words
from storage.aliases import address_digest
from storage.audit import seal_over
from storage.engine import Connection, Row
from storage.statements import identity, meta, registrations, reindex
from storage.vault import Unreadable, Vault

SLICE: Final = 200
BEFORE_ALL: Final = -1

Slice = Callable[[Connection, Vault, Vault, int], int | None]
"""Given the old vault, the new one and the id after which to begin; the last id, or None when nothing is left."""

# The column of a hash, the kind it was made with, and the question whose answer it was made from.
_HASHES: Final = (
    ("nik_digest", "nik", "nik"),
    ("birth_digest", "birth", "birth_date"),
    ("phone_digest", "phone", "phone"),
)
_QUESTIONS: Final = frozenset({"nik", "birth_date", "phone", "name"})


def addresses(db: Connection, old: Vault, new: Vault, after: int) -> int | None:
    """The addresses of people we know, and what else leads to them."""
    rows = db.all(reindex.ADDRESSES, after=after, limit=SLICE)
    for row in rows:
        try:
            place = orjson.loads(old.open(row["sealed"], row=f"addresses:{row['id']}"))
        except Unreadable:
            continue
        fresh = {row["in_use"] or row["address_digest"]: address_digest(new, *place)}
        _aliases(db, old, new, row["id"], fresh)
        own, used = row["address_digest"], row["in_use"]
        db.run(reindex.PUT_ADDRESS, id=row["id"], digest=fresh.get(own, own), in_use_digest=fresh.get(used, used))
    return _last(rows)


def _aliases(db: Connection, old: Vault, new: Vault, person_id: int, fresh: dict[bytes, bytes]) -> None:
    """The other addresses of one person; `fresh` learns each hash by the one before."""
    kept: list[tuple[Row, list[str]]] = []
    for alias in db.all(identity.ALIASES, address_id=person_id):
        try:
            place = orjson.loads(old.open(alias["sealed"] or b"", row=f"aliases:{alias['id']}"))
        except Unreadable:
            db.run(identity.DROP_ALIAS, address_digest=alias["address_digest"])
            continue
        channel, bot, lasting, number = place
        found = number if alias["by_number"] else lasting
        fresh[alias["address_digest"]] = address_digest(new, channel, bot, found)
        kept.append((alias, place))
    for alias, (channel, bot, lasting, number) in kept:
        account = alias["account_digest"]
        if account is not None:
            unknown = None if lasting == number else address_digest(new, channel, bot, lasting)
            account = fresh.get(account, unknown)
        db.run(reindex.PUT_ALIAS, id=alias["id"], digest=fresh[alias["address_digest"]], account_digest=account)


def persons(db: Connection, old: Vault, new: Vault, after: int) -> int | None:
    """NIK, birth date, phone and words of the name of each registration, where it is findable by them."""
    rows = db.all(reindex.REGISTRATIONS, after=after, limit=SLICE)
    for row in rows:
        words = {bytes(word["word_digest"]) for word in db.all(reindex.NAME_WORDS, registration_id=row["id"])}
        if words or any(row[column] is not None for column, _, _ in _HASHES):
            _person(db, old, new, row, words)
    return _last(rows)


def seals(db: Connection, old: Vault, new: Vault, after: int) -> int | None:
    """The chain of seals; what they stand for has been proved before."""
    del old
    before = db.one(reindex.SEAL, id=after)
    previous = bytes(before["seal"]) if before else b""
    rows = db.all(reindex.SEALS, after=after, limit=SLICE)
    for row in rows:
        previous = seal_over(new, previous, row["id"], row["lines"], bytes(row["digest"]))
        db.run(reindex.PUT_SEAL, id=row["id"], seal=previous)
    return _last(rows)


STEPS: Final[tuple[Slice, ...]] = (addresses, persons, seals)


def run_slice(
    db: Connection, old: Vault, new: Vault, *, fact: str, mark: str, step: int, after: int
) -> tuple[int, int]:
    """One slice, and where the next one begins: kept as the `fact` in the same transaction, behind the `mark`."""
    last = STEPS[step](db, old, new, after)
    step, after = (step + 1, BEFORE_ALL) if last is None else (step, last)
    db.run(meta.PUT, key=fact, value=f"{mark}:{step}:{after}")
    return step, after


def _person(db: Connection, old: Vault, new: Vault, row: Row, words: set[bytes]) -> None:
    said = _answers(db, old, row["id"])
    # A correction under way has newer answers than those the registration is found by: the old hash tells which.
    fresh = {
        column: None
        if row[column] is None
        else new.digest(kind, _meant(said[question], lambda value, k=kind, c=column: old.digest(k, value) == row[c]))  # type: ignore[misc]
        for column, kind, question in _HASHES
    }
    db.run(reindex.PUT_REGISTRATION, id=row["id"], **fresh)
    name = _meant(said["name"], lambda value: {old.digest("name", word) for word in search_words(value)} == words)
    db.run(registrations.DROP_NAME_WORDS, registration_id=row["id"])
    for word in sorted(search_words(name)) if words else ():
        db.run(registrations.ADD_NAME_WORD, word_digest=new.digest("name", word), registration_id=row["id"])


def _answers(db: Connection, vault: Vault, registration_id: int) -> dict[str, list[str]]:
    """What was ever answered, the newest first."""
    said: dict[str, list[str]] = {question: [] for question in _QUESTIONS}
    for row in db.all(registrations.ANSWER_VERSIONS, registration_id=registration_id):
        question = row["question"]
        if question in _QUESTIONS:
            name = f"answers:{registration_id}:{question}:{row['version']}"
            try:
                said[question].insert(0, vault.open_text(row["sealed"], row=name))
            except Unreadable:
                continue
    return said


def _meant(values: Iterable[str], fits: Callable[[str], bool]) -> str:
    """The value that a hash was made from; the newest when none fits, for then the old key is not the one it had."""
    kept = list(values)
    return next((value for value in kept if fits(value)), kept[0] if kept else "")


def _last(rows: list[Row]) -> int | None:
    return rows[-1]["id"] if len(rows) == SLICE else None
