"""A broadcast over several networks: how many people at which, how fast, for how many days, for how much, and whether
the late text it needs is there.

Not for: saying the whole plan (handlers/broadcast_plan.py) or holding back for a day (handlers/broadcast_sending.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from conversation.say import N_
from domain.broadcast import Broadcast, Outcome, Share
from handlers.broadcast_late import late_name
from handlers.hold import moment
from handlers.labels import rupiah
from handlers.office import Office
from storage.store import Tx

NOT_APPROVED = N_(
    "{network} has not approved the text **{text}** yet. Without it the broadcast cannot go out. Ask the operator:"
    " python -m bot templates. Then try again."
)
_DAY = timedelta(days=1)


def open_since(tx: Tx, office: Office, channel: str) -> int:
    """Who wrote after this time (epoch ms) gets free text there."""
    return tx.at - int(office.limits_of(channel).reply_hours * 3_600_000)


def shares(tx: Tx, broadcast: Broadcast, office: Office, *, start: datetime) -> list[Share]:
    """Where those are to whom it goes from that moment on, and how many of them only a late text reaches by then."""
    if broadcast.again:
        again = tx.recipients.at_networks(broadcast.id, Outcome(broadcast.again))
        return [Share(channel, n, n if channel in office.shutting else 0) for channel, n in again]
    made = moment(broadcast.prepared_at or tx.at)
    found = []
    for share in broadcast.counts.networks:
        hours = office.limits_of(share.channel).reply_hours
        # By then whoever was open has shut, as far as anybody can tell.
        late = hours and start - made >= timedelta(hours=hours)
        found.append(replace(share, shut=share.people) if late else share)
    return found


def speed(networks: Sequence[Share], office: Office) -> float:
    """How many a second go out on the whole: networks are sent to side by side, so the slowest decides."""
    total = sum(share.people for share in networks)
    if not total:
        return min((limits.per_second for limits in office.limits.values()), default=office.limits_of("").per_second)
    return total / max(share.people / office.limits_of(share.channel).per_second for share in networks)


def days(tx: Tx, share: Share, *, start: datetime) -> int:
    """On how many days it goes out at one network, for it lets in only so many people a day whom we write to first."""
    daily, left = tx.openings.daily(share.channel), tx.openings.left_today(share.channel)
    if daily is None or left is None:
        return 1
    if start - tx.now >= _DAY:
        left = daily
    return 1 + math.ceil(max(0, share.shut - left) / max(1, daily))


def last_day(tx: Tx, networks: Sequence[Share], *, start: datetime) -> datetime:
    """The earliest moment at which the last of them can get it, as far as the limits of a day go."""
    took = max((days(tx, share, start=start) for share in networks), default=1)
    return start + (took - 1) * _DAY


def left(broadcast: Broadcast) -> list[Share]:
    """Those to whom it has not gone, as far as late texts tell."""
    return [replace(share, shut=max(0, share.shut - share.late)) for share in broadcast.counts.networks]


def words(tx: Tx, networks: Sequence[Share], office: Office, *, start: datetime) -> list[str]:
    """Where the people are, what it costs, and for how many days it goes on; only what there is to say."""
    say, lines = office.say, []
    if len(office.limits) > 1:
        listed = ", ".join(f"{office.label(share.channel)} {say.number(share.people)}" for share in networks)
        lines.append(say("By network: {listed}.", listed=listed))
    for share in networks:
        network, price = office.label(share.channel), office.prices.get(share.channel)
        if price is not None and share.shut:
            lines.append(
                say(
                    "It costs at most about {money}: {n} messages of {network}, prices as of {day}.",
                    money=rupiah(share.shut * price.news, say),
                    n=say.number(share.shut),
                    network=network,
                    day=say.date(price.since),
                )
            )
        daily, took = tx.openings.daily(share.channel), days(tx, share, start=start)
        if daily is not None and took > 1:
            lines.append(
                say(
                    "{network} takes {daily} new people a day. So it goes on for {days} days.",
                    network=network,
                    daily=say.number(daily),
                    days=took,
                )
            )
    return lines


def held(tx: Tx, broadcast: Broadcast, office: Office) -> str:
    """That it waits for tomorrow at a network that lets in no more people today; empty where none does."""
    for share in broadcast.counts.networks:
        if share.channel in office.shutting and tx.openings.left_today(share.channel) == 0:
            waiting = share.channel in tx.recipients.channels_waiting(broadcast.id)
            if waiting or tx.recipients.lined(broadcast.id, share.channel):
                return office.say(
                    "{network} takes no more new people today. It goes on by itself at {time}.",
                    network=office.label(share.channel),
                    time=office.say.time(moment(tx.openings.room_at(share.channel))),
                )
    return ""


def likely_cost(broadcast: Broadcast, office: Office) -> float:
    """Rupiah for the late texts that went out."""
    shared = broadcast.counts.networks
    return sum(share.late * office.prices[share.channel].news for share in shared if share.channel in office.prices)


def lacking(tx: Tx, broadcast: Broadcast, office: Office) -> tuple[str, str] | None:
    """A network, as people call it, that has not approved the late text needed there, and its name; None for none."""
    name = late_name(broadcast)
    for share in broadcast.counts.networks:
        if share.channel in office.shutting and not tx.late_texts.usable(share.channel, name):
            return office.label(share.channel), name
    return None


def lacking_words(tx: Tx, broadcast: Broadcast, office: Office) -> str:
    """Why it cannot go out, and what to do; empty where it can."""
    found = lacking(tx, broadcast, office)
    return office.say(NOT_APPROVED, network=found[0], text=found[1]) if found else ""
