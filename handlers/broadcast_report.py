"""What a broadcast has come to: as a message, as the bars of a chart, as the sheets of a workbook. No personal data.

Not for: the people it did not reach (handlers/unreached.py), drawing (bot/papers.py) or the bar while it runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from conversation.messages import Choice
from conversation.papers import Bar, Cell, Chart, Role, Sheet, Workbook
from conversation.say import N_, Say
from domain.broadcast import Broadcast, Counts, Kind, Outcome, State
from handlers.broadcast_bar import ENDS, STATES, again_choices, head, moment
from handlers.broadcast_figures import Figures
from handlers.broadcast_networks import likely_cost
from handlers.broadcast_reasons import reason
from handlers.labels import length, rupiah
from handlers.office import Office
from handlers.taps import data
from storage.recipients import REPLY_DAYS
from storage.store import Tx

_DAY = 86_400_000
# A small phone shows the whole message; the workbook has every reason.
_REASONS_SHOWN = 4

_KINDS: dict[Kind, str] = {
    Kind.ANNOUNCEMENT: N_("Announcement"),
    Kind.INVITATION: N_("Invitation to an event"),
    Kind.REMINDER: N_("Reminder of an event"),
    Kind.CHANGE: N_("Change of an event"),
    Kind.CANCELLATION: N_("Cancellation of an event"),
}
# What can have become of somebody: the label, and what its bar means.
_ENDS: dict[Outcome, tuple[str, Role]] = {
    Outcome.SENT: (N_("Sent"), "good"),
    Outcome.DELIVERED: (N_("Delivered"), "good"),
    Outcome.FAILED: (N_("Failed"), "bad"),
    Outcome.BLOCKED: (N_("Blocked us"), "closed"),
    Outcome.UNCLEAR: (N_("Unclear whether it came"), "unclear"),
    Outcome.SKIPPED: (N_("No longer wanted or reachable"), "aside"),
    Outcome.WAITING: (N_("Not sent"), "plain"),
    Outcome.LEFT_OUT: (N_("Left out"), "aside"),
}


def text(tx: Tx, broadcast: Broadcast, office: Office) -> str:
    """The numbers as they stand at its end. Who replied is not known yet: that comes with the chart."""
    say, counts = office.say, broadcast.counts
    reasons: Counter[tuple[Outcome, str]] = Counter()
    for row in tx.recipients.faults(broadcast.id):
        reasons[Outcome(row["outcome"]), row["code"]] += row["n"]
    for code, n in counts.left_out:
        reasons[Outcome.LEFT_OUT, code] += n
    lines = [head(broadcast, office), _when(broadcast, office)]
    if broadcast.state is State.STOPPED and broadcast.code in ENDS:
        lines.append(say(ENDS[broadcast.code]))
    for outcome, n in _numbers(counts).items():
        if outcome is Outcome.SENT:
            lines.append(say("Sent: {n} of {total}", n=say.number(n), total=say.number(counts.total)))
        elif n:
            lines.append(f"{say(_ENDS[outcome][0])}: {say.number(n)}")
        lines += _why(outcome, reasons, say)
    if cost := likely_cost(broadcast, office):
        lines.append(say("It has cost about {money}.", money=rupiah(cost, say)))
    if stopped := tx.recipients.opted_out(broadcast.id):
        lines.append(say("Stopped notices because of it: {n}", n=say.number(stopped)))
    return "\n".join(lines)


def choices(broadcast: Broadcast, office: Office, *, again: bool = True) -> tuple[Choice, ...]:
    """What may be asked for once it is over. `again`: also to send it to some of them once more."""
    say, counts = office.say, broadcast.counts
    asked = [Choice(say("The table again"), data("p", "report", broadcast.id))]
    if counts.total > counts.sent or counts.left_out:
        asked.insert(0, Choice(say("List of people not reached"), data("p", "visits", broadcast.id)))
    return (*asked, *again_choices(broadcast, office)) if again and broadcast.state is State.DONE else tuple(asked)


def caption(broadcast: Broadcast, figures: Figures, office: Office, *, at: int) -> str:
    """What stands below the chart at that time (epoch ms)."""
    say, n = office.say, office.say.number(figures.replied)
    since = (at - broadcast.ended_at) // _DAY if broadcast.ended_at is not None else 0
    if since < REPLY_DAYS:
        replied = say("Wrote to us so far: {n}", n=n)
    elif since == REPLY_DAYS:
        replied = say("Wrote to us within a week: {n}", n=n)
    else:
        # Of who has written again since, it is not known whether they wrote in that week, too.
        replied = say("Wrote to us within a week: {n} or more", n=n)
    first = head(broadcast, office)
    if since >= REPLY_DAYS:
        first = say("**Broadcast {number}**: after a week", number=broadcast.number)
    stopped = say("Stopped notices because of it: {n}", n=say.number(figures.opted_out))
    return "\n".join((first, replied, stopped))


def chart(broadcast: Broadcast, figures: Figures, office: Office) -> Chart:
    """One bar for each outcome there is, with its share of those it was to go to."""
    say, counts = office.say, figures.counts
    bars = []
    for outcome, n in _numbers(counts).items():
        label, role = _ENDS[outcome]
        if n or outcome is Outcome.SENT:
            share = _share(n, counts.total) if outcome is not Outcome.LEFT_OUT and counts.total else ""
            bars.append(Bar(say(label), n, role, f"{say.number(n)} {share}".strip()))
    later = (
        (N_("Wrote to us within a week"), figures.replied),
        (N_("Stopped notices because of it"), figures.opted_out),
    )
    for label, n in later:
        if n:
            bars.append(Bar(say(label), n, "plain", say.number(n)))
    title = say("Broadcast {number}: {state}", number=broadcast.number, state=say(STATES[broadcast.state]))
    return Chart(title, _when(broadcast, office), tuple(bars))


def workbook(broadcast: Broadcast, figures: Figures, office: Office) -> Workbook:
    """Three sheets: the whole, each village, each reason."""
    say = office.say
    title = say("Broadcast {number}", number=broadcast.number)
    return Workbook(title, (_whole(broadcast, figures, office), _villages(figures, office), _reasons(figures, say)))


def _whole(broadcast: Broadcast, figures: Figures, office: Office) -> Sheet:
    say = office.say
    times = (
        (N_("Begun"), broadcast.started_at),
        (N_("Ended"), broadcast.ended_at),
    )
    rows: list[tuple[Cell, ...]] = [
        (say("Broadcast"), broadcast.number),
        (say("Kind"), say(_KINDS[broadcast.kind])),
        (say("State"), say(STATES[broadcast.state])),
        *((say(label), moment(at).astimezone(office.zone) if at else None) for label, at in times),
        (say("People it was to go to"), figures.counts.total),
        *((say(_ENDS[outcome][0]), n) for outcome, n in _numbers(figures.counts).items()),
        (say("Wrote to us within a week"), figures.replied),
        (say("Stopped notices because of it"), figures.opted_out),
    ]
    if cost := likely_cost(broadcast, office):
        rows.append((say("Cost in rupiah, about"), round(cost)))
    return Sheet(say("Summary"), (say("What"), say("How many")), rows)


def _villages(figures: Figures, office: Office) -> Sheet:
    say = office.say
    shown = [outcome for outcome in _ENDS if outcome is not Outcome.DELIVERED or figures.counts.delivered]
    rows: list[tuple[str, str, list[int]]] = []
    for village, ended in figures.by_village().items():
        ended[Outcome.SENT] += ended[Outcome.DELIVERED]
        ended[Outcome.WAITING] += ended[Outcome.LINED]
        rows.append((*place(village, office), [ended[outcome] for outcome in shown]))
    heads = (say("Village"), say("Kecamatan"), *(say(_ENDS[outcome][0]) for outcome in shown))
    rows.sort(key=lambda row: (not row[1], row[1], row[0]))
    return Sheet(say("By village"), heads, [(name, kecamatan, *numbers) for name, kecamatan, numbers in rows])


def place(village: str | None, office: Office) -> tuple[str, str]:
    """A village and its kecamatan by name; a code of another area as it is."""
    found = office.places.village(village) if village else None
    if found is None:
        return village or office.say("village not known"), ""
    return found.label, found.district_name


def _reasons(figures: Figures, say: Say) -> Sheet:
    rows = [
        (say(_ENDS[outcome][0]), reason(outcome, code, say), code, n)
        for outcome in _ENDS
        for (of, code), n in figures.reasons().most_common()
        if of is outcome
    ]
    return Sheet(say("Reasons"), (say("Outcome"), say("Reason"), say("Code"), say("How many")), rows)


def _numbers(counts: Counts) -> Mapping[Outcome, int]:
    """How many ended how, in the order they are told. Who is delivered to was also sent to."""
    found = {
        Outcome.SENT: counts.sent,
        Outcome.DELIVERED: counts.delivered,
        Outcome.FAILED: counts.failed,
        Outcome.BLOCKED: counts.blocked,
        Outcome.UNCLEAR: counts.unclear,
        Outcome.SKIPPED: counts.skipped,
        Outcome.WAITING: counts.left,
        Outcome.LEFT_OUT: counts.excluded,
    }
    if not counts.delivered:
        del found[Outcome.DELIVERED]  # most networks never tell
    return found


def _why(outcome: Outcome, reasons: Mapping[tuple[Outcome, str], int], say: Say) -> Iterable[str]:
    """The reasons of one outcome, the most frequent first."""
    found = sorted(((n, code) for (of, code), n in reasons.items() if of is outcome and code), reverse=True)
    for n, code in found[:_REASONS_SHOWN]:
        yield f"- {reason(outcome, code, say)}: {say.number(n)}"
    if rest := sum(n for n, _ in found[_REASONS_SHOWN:]):
        yield say("- for other reasons: {n}", n=say.number(rest))


def _when(broadcast: Broadcast, office: Office) -> str:
    """What it was, when it began and how long it took."""
    say, kind = office.say, office.say(_KINDS[broadcast.kind])
    if broadcast.started_at is None:
        return kind
    began = say.time(moment(broadcast.started_at))
    if broadcast.ended_at is None:
        return say("{kind}, begun on {time}", kind=kind, time=began)
    took = length((broadcast.ended_at - broadcast.started_at) / 1000, say)
    return say("{kind}, begun on {time}, took {span}", kind=kind, time=began, span=took)


def _share(n: int, total: int) -> str:
    """A part of the whole that is told as none or all only where it is."""
    percent = round(100 * n / total)
    if n and not percent:
        return "(< 1 %)"
    if n < total and percent == 100:
        return "(> 99 %)"
    return f"({percent} %)"
