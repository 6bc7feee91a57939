"""What a network tells of a broadcast's messages after it has taken them: who has it, and to whom it did not come.

A receipt may come before it is written down how the sending ended, after a kill, twice and out of order: whoever has it
stays so, and what a receipt tells of an earlier sending is not taken for the last one's. Nothing is sent again here.
Not for: how the sending itself ended (handlers/broadcast_sending.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from conversation.messages import Receipt, Told
from domain.broadcast import Outcome
from domain.mark import OfRecipient
from handlers.broadcast_sending import pause_where_barred, pause_where_it_fails
from handlers.office import Office
from storage.engine import Row
from storage.store import Tx

# How each outcome stands in a broadcast's counts; whoever waits is not among those lined up.
_COUNTED: Mapping[Outcome, Mapping[str, int]] = {
    Outcome.WAITING: {"lined": -1},
    Outcome.LINED: {},
    Outcome.DELIVERED: {"sent": 1, "delivered": 1},
    **{each: {str(each): 1} for each in (Outcome.SENT, Outcome.FAILED, Outcome.BLOCKED, Outcome.UNCLEAR)},
    Outcome.SKIPPED: {"skipped": 1},
}
_HAS_IT = (Told.DELIVERED, Told.READ)
_SENT_BEFORE = frozenset({Outcome.SENT, Outcome.UNCLEAR, Outcome.FAILED, Outcome.BLOCKED})


def note(tx: Tx, receipts: Sequence[tuple[OfRecipient, Receipt]], office: Office) -> None:
    """All that came at once, a broadcast at a time."""
    found: dict[int, list[tuple[int, Receipt]]] = defaultdict(list)
    for mark, receipt in receipts:
        found[mark.broadcast_id].append((mark.person_id, receipt))
    tx.broadcasts.hold(found)
    for broadcast_id, told in sorted(found.items()):
        _note(tx, broadcast_id, told, office)


def _note(tx: Tx, broadcast_id: int, told: Sequence[tuple[int, Receipt]], office: Office) -> None:
    changes: Counter[str] = Counter()
    failures, got_through, why, restricted = 0, False, "", ""
    for person_id, receipt in told:
        changed = _told(tx, broadcast_id, person_id, receipt)
        if changed is None:
            continue
        before, after = changed
        changes.update(_COUNTED[after])
        changes.subtract(_COUNTED[before])
        if after is Outcome.FAILED:
            failures, why = failures + 1, code_of(receipt)
            restricted = restricted or (why if receipt.told is Told.RESTRICTED else "")
        elif after is not Outcome.BLOCKED:
            failures, got_through = 0, True
    if changes:
        tx.broadcasts.count(broadcast_id, changes, failures=failures, reset=got_through)
    if restricted:
        pause_where_barred(tx, broadcast_id, office, why=restricted)
    if failures:
        pause_where_it_fails(tx, broadcast_id, office, why=why)


def _told(tx: Tx, broadcast_id: int, person_id: int, receipt: Receipt) -> tuple[Outcome, Outcome] | None:
    """One receipt: what became of its recipient before and now; None where it is no news."""
    standing = tx.recipients.standing(broadcast_id, person_id)
    if standing is None or _is_old(standing.outcome, receipt.told):
        return None
    before = standing.outcome
    handed = tx.recipients.handed(broadcast_id, person_id)
    after = _after(before, receipt, handed)
    if after is None:
        return None
    last = handed[0] if handed else None
    handed_at = standing.at
    if last is not None and last["state"] != "sent":
        # On its way, or in line for another time that is not needed any more.
        handed_at = last["next_at"]
        tx.recipients.sent([(last["id"], receipt.sent_id)])
    code = code_of(receipt) if after in (Outcome.FAILED, Outcome.BLOCKED) else ""
    if before in _SENT_BEFORE:
        tx.recipients.correct(broadcast_id, person_id, after, code)
    else:
        tx.recipients.mark([(broadcast_id, person_id, after, code)])
    if after is Outcome.BLOCKED and tx.people.is_at(person_id, standing.channel):
        _unreachable(tx, person_id, code, since=handed_at)
    return before, after


def _is_old(before: Outcome, told: Told) -> bool:
    """Whether nothing it could tell is news: most receipts repeat what is known."""
    return before in (Outcome.LEFT_OUT, Outcome.DELIVERED) or (told is Told.SENT and before is Outcome.SENT)


def _after(before: Outcome, receipt: Receipt, handed: Sequence[Row]) -> Outcome | None:
    """What has become of the recipient; None where it is about an earlier sending, or proves less than is known."""
    if receipt.told in _HAS_IT:
        return Outcome.DELIVERED
    last = handed[0] if handed else None
    known = any(row["sent_id"] == receipt.sent_id for row in handed)
    if receipt.told is Told.SENT:
        on_its_way = not known and before in (Outcome.LINED, Outcome.WAITING, Outcome.UNCLEAR)
        return Outcome.SENT if on_its_way else None
    if before is Outcome.SENT:
        about_it = last is None or last["sent_id"] == receipt.sent_id
    elif before is Outcome.LINED:
        about_it = last is not None and last["state"] == "claimed" and not known
    else:
        about_it = before is Outcome.UNCLEAR and not known
    if not about_it:
        return None
    return Outcome.BLOCKED if receipt.told is Told.GONE else Outcome.FAILED


def _unreachable(tx: Tx, person_id: int, code: str, *, since: int) -> None:
    """Nothing reaches them until they write, unless they have since it was handed over."""
    tx.people.lock(person_id)
    if tx.people.last_in_at(person_id) <= since:
        tx.people.mark_unreachable(person_id, True)
        tx.outbox.hold(person_id, code)


def code_of(receipt: Receipt) -> str:
    """Why it did not come, in a word."""
    return receipt.code or str(receipt.told)
