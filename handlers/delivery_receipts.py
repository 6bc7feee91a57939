"""What a network tells of messages after it has taken them: they are done with, tried again, or their person is gone.

Told twice, out of order, or before it was written down how the sending ended, it changes nothing twice: each row's
state says what is still news. Not for: reading receipts (channels/) or broadcasts (handlers/broadcast_receipts.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conversation.messages import Receipt, Told
from domain.mark import OfRecipient, OfRow, read_mark
from handlers import broadcast_receipts
from handlers.office import Office
from storage.outbox import KNOCKED, NEEDS_TEMPLATE
from storage.outbox import Told as Row
from storage.store import Tx

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0

_GOOD = (Told.SENT, Told.DELIVERED, Told.READ)
_FAILED = frozenset(Told) - frozenset(_GOOD)

Noted = tuple[OfRow, Receipt]


def note(tx: Tx, receipts: Sequence[Receipt], office: Office) -> None:
    """All that came at once. What proves most goes first, so that their order in between does not matter."""
    rows: list[Noted] = []
    recipients: list[tuple[OfRecipient, Receipt]] = []
    for receipt in receipts:
        match read_mark(receipt.mark):
            case OfRow() as row:
                rows.append((row, receipt))
            case OfRecipient() as recipient:
                recipients.append((recipient, receipt))
    own = [each for each in rows if not each[0].knock]
    for row_id, _ in _told([each for each in rows if each[0].knock], *_GOOD):
        _knocked(tx, row_id, office)
    tx.outbox.got_there(_told(own, Told.DELIVERED, Told.READ))
    for row, receipt in sorted(rows, key=lambda each: each[0].outbox_id):
        if receipt.told in _FAILED:
            _failed(tx, row, receipt, office)
    tx.outbox.taken(sorted({(row.outbox_id, each.sent_id, row.at) for row, each in own if each.told is Told.SENT}))
    broadcast_receipts.note(tx, recipients, office)


def _told(rows: Sequence[Noted], *kinds: Told) -> list[tuple[int, str]]:
    """(outbox id, network's id) of what was told so, each once."""
    found = [(row.outbox_id, receipt.sent_id) for row, receipt in rows if receipt.told in kinds]
    return sorted(set(found))


def _knocked(tx: Tx, row_id: int, office: Office) -> None:
    """The late text is on its way, though no answer was heard: it is not sent again. Who wrote since gets the rest."""
    person_id = tx.outbox.whose(row_id)
    if person_id is None:
        return
    tx.people.lock(person_id)
    row, last_in_at = tx.outbox.told_of(row_id), tx.people.last_in_at(person_id)
    if row is None or row.state != "waiting":
        return
    if row.late or office.limits_of(row.channel).is_late(last_in_at, tx.at):
        tx.outbox.shut(row.id, person_id, KNOCKED)


def _failed(tx: Tx, mark: OfRow, receipt: Receipt, office: Office) -> None:
    person_id = tx.outbox.whose(mark.outbox_id)
    if person_id is None:
        return
    tx.people.lock(person_id)
    row = tx.outbox.told_of(mark.outbox_id)
    if row is None:
        return
    if mark.knock:
        code = NEEDS_TEMPLATE if receipt.told is Told.LACKING else _code(receipt)
        tx.outbox.knock_failed(row.id, code, sent_id=receipt.sent_id, handed_at=mark.at)
        gone = receipt.told is Told.GONE and not _wrote_since(tx, mark, row)
        if gone and tx.people.is_at(row.person_id, row.channel, row.to):
            _unreachable(tx, row, receipt)
        return
    if row.is_about(receipt.sent_id, mark.at):
        _AGAIN[receipt.told](tx, mark, row, receipt, office)


def _refused(tx: Tx, mark: OfRow, row: Row, receipt: Receipt, office: Office) -> None:
    del mark, office
    tx.outbox.refused(row.id, _code(receipt), sent_id=receipt.sent_id)


def _gone(tx: Tx, mark: OfRow, row: Row, receipt: Receipt, office: Office) -> None:
    """Nothing reaches them: this waits with all the rest until they write, unless they just have."""
    del office
    if not tx.people.is_at(row.person_id, row.channel, row.to):
        # They use another address now, where they can be reached.
        if not tx.people.send_on(row.person_id, row.id):
            tx.outbox.refused(row.id, _code(receipt), sent_id=receipt.sent_id)
        return
    tx.outbox.once_more(row.id, until=tx.at + 1000, code=_code(receipt), sent_id=receipt.sent_id, late=row.late)
    if not _wrote_since(tx, mark, row):
        _unreachable(tx, row, receipt)


def _unreachable(tx: Tx, row: Row, receipt: Receipt) -> None:
    tx.people.mark_unreachable(row.person_id, True)
    tx.outbox.hold(row.person_id, _code(receipt))


def _later(tx: Tx, mark: OfRow, row: Row, receipt: Receipt, office: Office) -> None:
    """Tried again after a growing pause, not for ever; where the network only holds us back, till they write."""
    if tx.at - row.created_at > office.rules.delivery_hours * 3_600_000:
        if receipt.told is Told.RESTRICTED and not _wrote_since(tx, mark, row):
            tx.outbox.shut_after_all(row.id, row.person_id, _code(receipt))
            return
        tx.outbox.refused(row.id, "too_late", sent_id=receipt.sent_id)
        return
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(row.tries, 10))
    until = tx.at + int(pause * 1000)
    tx.outbox.once_more(row.id, until=until, code=_code(receipt), sent_id=receipt.sent_id, late=row.late)


def _shut(tx: Tx, mark: OfRow, row: Row, receipt: Receipt, office: Office) -> None:
    """Free text came too late: it goes by its late text at once, unless they wrote meanwhile."""
    if row.late:
        _lacking(tx, mark, row, receipt, office)
        return
    late = not _wrote_since(tx, mark, row)
    if late:
        tx.outbox.note_held(row.person_id)
    tx.outbox.once_more(row.id, until=tx.at, code=_code(receipt), sent_id=receipt.sent_id, late=late)


def _lacking(tx: Tx, mark: OfRow, row: Row, receipt: Receipt, office: Office) -> None:
    """Not even its late text is let in: it waits for another or until they write, unless they wrote meanwhile."""
    del office
    if _wrote_since(tx, mark, row):
        tx.outbox.once_more(row.id, until=tx.at, code=_code(receipt), sent_id=receipt.sent_id)
    else:
        tx.outbox.shut_after_all(row.id, row.person_id, NEEDS_TEMPLATE)


_AGAIN: dict[Told, Callable[[Tx, OfRow, Row, Receipt, Office], None]] = {
    Told.FAILED: _refused,
    Told.GONE: _gone,
    Told.LATER: _later,
    Told.RESTRICTED: _later,
    Told.SHUT: _shut,
    Told.LACKING: _lacking,
}


def _wrote_since(tx: Tx, mark: OfRow, row: Row) -> bool:
    """Whether its person wrote after it was handed over."""
    return tx.people.last_in_at(row.person_id) > mark.at


def _code(receipt: Receipt) -> str:
    return receipt.code or str(receipt.told)
