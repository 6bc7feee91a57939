"""Whose turn it is, and how each ended: the two transactions around handing messages to a network.

Here, and only here, it is asked whether a person still wants it. Not for: the pace or the sending
(bot/broadcast_lane.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from conversation.messages import Message
from domain.broadcast import Broadcast, Outcome, State
from domain.registration import Actor
from handlers import broadcast_bar, broadcast_end
from handlers.broadcast_late import late_name
from handlers.broadcast_networks import open_since
from handlers.broadcast_reasons import reason
from handlers.broadcast_text import message, names_person
from handlers.office import Office
from handlers.salutation import salutation
from storage.recipients import NETWORK_OFF, Turn
from storage.store import Tx

# A message that certainly did not go out is tried so often; then the person counts as not reached.
_TRIES = 20
# Room for new people comes back one by one; and whoever writes meanwhile is new no more (ms).
_SOONEST, _LATEST = 60_000, 900_000


@dataclass(frozen=True)
class Claimed:
    """One message to be handed to the network now."""

    turn: Turn
    to: str = field(repr=False)
    out: Message


@dataclass(frozen=True)
class Ended:
    """How one ended. `outcome` None: it certainly did not go out and is tried again after `wait` seconds.

    `fault`: the network or the message is to blame, not the person; so many in a row pause the broadcast. `tried`: the
    network was asked at all. `late`: as a late text. `lacking`: the network does not let that text in. `barred`: nor
    anything of ours for now.
    """

    turn: Turn
    outcome: Outcome | None
    code: str = ""
    sent_id: str | None = None
    wait: float = 0.0
    tried: bool = True
    fault: bool = False
    began: int = 0
    late: bool = False
    lacking: bool = False
    barred: bool = False


def claim(tx: Tx, office: Office, channel: str, *, limit: int) -> list[Claimed]:
    """The next people's messages, marked as in hand before anybody sends them. None while it is quiet."""
    if office.rules.quiet.opens(tx.now, office.zone) > tx.now:
        return []
    claimed: list[Claimed] = []
    unwanted: list[Ended] = []
    broadcasts: dict[int, Broadcast] = {}
    for turn in _turns(tx, office, channel, limit):
        # Locked: an admin who has just paused it is waited for, and one who does so now waits for this claim.
        broadcast = broadcasts.get(turn.broadcast_id) or tx.broadcasts.get(turn.broadcast_id, lock=True)
        if broadcast is None:
            continue
        broadcasts[broadcast.id] = broadcast
        if broadcast.state is not State.RUNNING:
            continue
        code = _unwanted(turn, broadcast)
        if code or turn.address is None:
            unwanted.append(Ended(turn, Outcome.SKIPPED, code or "gone"))
            continue
        if turn.address.channel != channel:
            # What is somebody's chat at one network is a stranger's number at another.
            tx.recipients.pass_on(turn.id, turn.address.channel)
            continue
        out = message(broadcast, office, name=_name(tx, broadcast, turn, office), village=turn.village)
        late = office.limits_of(channel).is_late(turn.last_in_at, tx.at)
        claimed.append(Claimed(replace(turn, late=late), turn.address.id, out))
    ours = tx.recipients.claim(channel, [each.turn.id for each in claimed])
    claimed = [each for each in claimed if each.turn.id in ours]
    # Before they are sent, so that no two claims take the same room.
    tx.openings.note(channel, [each.turn.person_id for each in claimed if each.turn.is_new])
    # And counted before, so that whoever looks when all of it is over finds all of it.
    _count_late(tx, [(each.turn, 1) for each in claimed if each.turn.late])
    if unwanted:
        settle(tx, office, unwanted)
    return claimed


def _turns(tx: Tx, office: Office, channel: str, limit: int) -> list[Turn]:
    """Whose turn it is. Where the network lets in no more new people today, those wait for the room to come back."""
    if channel not in office.shutting:
        return tx.recipients.turns(channel, limit=limit)
    since, room = open_since(tx, office, channel), tx.openings.left_today(channel)
    turns = tx.recipients.turns(channel, limit=limit, open_since=since, room=room)
    if room is not None and room <= sum(turn.is_new for turn in turns):
        until = min(max(tx.openings.room_at(channel), tx.at + _SOONEST), tx.at + _LATEST)
        tx.recipients.hold_new(channel, open_since=since, until=until)
    return turns


def _unwanted(turn: Turn, broadcast: Broadcast) -> str:
    """Why it is not sent to this person after all; empty when it is."""
    if turn.address is None:
        return "gone"
    if turn.unreachable:
        return "unreachable"
    if turn.notices is None:
        return "never_asked"
    return "" if broadcast.kind.topic in turn.notices else "opted_out"


def _name(tx: Tx, broadcast: Broadcast, turn: Turn, office: Office) -> str:
    """How the person is addressed; a phone that several people share has no name."""
    if turn.shared or turn.registration_id is None or not names_person(broadcast.content.text):
        return "Bapak/Ibu"
    return salutation(tx.registrations.answers(turn.registration_id), office)


def settle(tx: Tx, office: Office, ended: Sequence[Ended]) -> None:
    """Write down how each ended, and pause a broadcast that fails again and again.

    What a receipt has told before stands: the network knows better than we do how it ended.
    """
    tx.broadcasts.hold(each.turn.broadcast_id for each in ended)
    _note_late(tx, ended)
    ended = [each for each in ended if not _is_told(tx, each)]
    tx.recipients.sent([(each.turn.id, each.sent_id) for each in ended if each.outcome is Outcome.SENT])
    over = []
    for each in ended:
        if each.outcome is not None:
            over.append(each)
        elif each.tried and each.turn.tries + 1 >= _TRIES:
            over.append(Ended(each.turn, Outcome.FAILED, "too_late", fault=each.fault))
        else:
            until = tx.now + timedelta(seconds=each.wait)
            tx.recipients.back_in_line(each.turn.id, until=int(until.timestamp() * 1000), tried=each.tried)
    tx.recipients.out_of_line([each.turn.id for each in over if each.outcome is not Outcome.SENT])
    tx.recipients.mark(
        [(each.turn.broadcast_id, each.turn.person_id, each.outcome, each.code) for each in over if each.outcome]
    )
    for each in over:
        if each.outcome is Outcome.BLOCKED and tx.people.last_in_at(each.turn.person_id) < each.began:
            tx.people.mark_unreachable(each.turn.person_id, True)
            tx.outbox.hold(each.turn.person_id, each.code)
    for broadcast_id in dict.fromkeys(each.turn.broadcast_id for each in ended):
        own = [each for each in ended if each.turn.broadcast_id == broadcast_id]
        finished = Counter(str(each.outcome) for each in over if each.turn.broadcast_id == broadcast_id)
        _count(tx, office, broadcast_id, own, finished)


def _note_late(tx: Tx, ended: Sequence[Ended]) -> None:
    """A late text costs something, and its person counts among those we wrote to first. What was counted when it was
    claimed and went otherwise, or not at all, is taken off again.
    """
    _count_late(
        tx,
        [
            (each.turn, each.late - each.turn.late)
            for each in ended
            if each.outcome is not Outcome.UNCLEAR and each.late is not each.turn.late
        ],
    )
    for channel in {each.turn.channel for each in ended if each.late}:
        late = {each.turn.person_id for each in ended if each.late and each.turn.channel == channel}
        tx.openings.note(channel, late)


def _count_late(tx: Tx, turns: Sequence[tuple[Turn, int]]) -> None:
    changes: Counter[tuple[int, str]] = Counter()
    for turn, n in turns:
        changes[turn.broadcast_id, turn.channel] += n
    for (broadcast_id, channel), n in changes.items():
        tx.broadcasts.count_late(broadcast_id, channel, n)


def _is_told(tx: Tx, each: Ended) -> bool:
    """Whether a receipt was faster. One of an earlier sending does not speak for this one, which was taken."""
    turn = each.turn
    standing = tx.recipients.standing(turn.broadcast_id, turn.person_id)
    now = standing.outcome if standing else None
    if now is Outcome.LINED:
        return False
    tx.recipients.out_of_hand(turn.id)
    if each.outcome is Outcome.SENT and now in (Outcome.FAILED, Outcome.BLOCKED):
        row = next(
            (row for row in tx.recipients.handed(turn.broadcast_id, turn.person_id) if row["id"] == turn.id), None
        )
        if row is not None and row["sent_id"] != each.sent_id:
            tx.recipients.sent([(turn.id, each.sent_id)])
            tx.recipients.mark([(turn.broadcast_id, turn.person_id, Outcome.SENT, "")])
            tx.broadcasts.count(turn.broadcast_id, {str(now): -1, "sent": 1})
    return True


def _count(tx: Tx, office: Office, broadcast_id: int, ended: Sequence[Ended], finished: Counter[str]) -> None:
    """Add up, and stop a broadcast that only fails before it has failed everybody."""
    last_success = max((at for at, each in enumerate(ended) if _got_through(each, office)), default=-1)
    faults = [each for each in ended[last_success + 1 :] if each.fault]
    tx.broadcasts.count(broadcast_id, finished, failures=len(faults), reset=last_success >= 0)
    if any(each.outcome is None for each in ended):
        broadcast = tx.broadcasts.get(broadcast_id, lock=True)
        if broadcast is not None and broadcast.state is State.STOPPED:
            # It was in hand when an admin stopped it, and did not go out.
            broadcast_end.take_back(tx, broadcast_id)
    if lacking := next((each for each in faults if each.lacking), None):
        _pause_without_late_text(tx, broadcast_id, lacking, office)
    if barred := next((each for each in faults if each.barred), None):
        pause_where_barred(tx, broadcast_id, office, why=barred.code)
    if faults:
        pause_where_it_fails(tx, broadcast_id, office, why=faults[-1].code)


def _pause_without_late_text(tx: Tx, broadcast_id: int, lacking: Ended, office: Office) -> None:
    broadcast = tx.broadcasts.get(broadcast_id, lock=True)
    if broadcast is not None and broadcast.state is State.RUNNING:
        paused = tx.broadcasts.move(broadcast, State.PAUSED, by=Actor.SYSTEM, code="late_text")
        why = f"{office.label(lacking.turn.channel)} {late_name(broadcast)}"
        broadcast_bar.tell_paused(tx, paused, office, why=why)


def pause_where_barred(tx: Tx, broadcast_id: int, office: Office, *, why: str) -> None:
    """Pause a broadcast at once that the network lets nobody have, before it has failed everybody."""
    broadcast = tx.broadcasts.get(broadcast_id, lock=True)
    if broadcast is not None and broadcast.state is State.RUNNING:
        paused = tx.broadcasts.move(broadcast, State.PAUSED, by=Actor.SYSTEM, code="barred")
        broadcast_bar.tell_paused(tx, paused, office, why=reason(Outcome.FAILED, why, office.say))


def _got_through(each: Ended, office: Office) -> bool:
    """Whether it ends a row of failures: where a network tells later what became of it, that decides."""
    return each.outcome is Outcome.SENT and not office.limits_of(each.turn.channel).receipts


def pause_where_it_fails(tx: Tx, broadcast_id: int, office: Office, *, why: str) -> None:
    """Pause a broadcast that has failed as often in a row as the rules allow."""
    broadcast = tx.broadcasts.get(broadcast_id, lock=True)
    if broadcast is None or broadcast.state is not State.RUNNING:
        return
    if broadcast.failures >= office.rules.failures_in_row:
        paused = tx.broadcasts.move(broadcast, State.PAUSED, by=Actor.SYSTEM, code="failures")
        broadcast_bar.tell_paused(tx, paused, office, why=why)


def where_off(tx: Tx, office: Office, *, limit: int) -> bool:
    """At the start: what is in the outbox at a network that was switched off meanwhile leaves it, for nobody sends
    there. True where there may be more.
    """
    for channel in filter(office.is_off, tx.recipients.channels_in_hand()):
        after_a_death(tx, office, channel)
        rows = tx.recipients.lined_at(channel, limit=limit)
        turns = [Turn(row["id"], row["broadcast_id"], row["address_id"], 0, channel=channel) for row in rows]
        settle(tx, office, [Ended(turn, Outcome.SKIPPED, NETWORK_OFF, tried=False) for turn in turns])
        tx.recipients.out_of_line([turn.id for turn in turns])
        return True
    return False


def after_a_death(tx: Tx, office: Office, channel: str) -> int:
    """What the program had in hand when it died: it may have gone out, and is not sent again by itself. How many."""
    left = tx.recipients.claimed(channel)
    settle(tx, office, [Ended(turn, Outcome.UNCLEAR, "killed") for turn in left])
    return len(left)
