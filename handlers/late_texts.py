"""What a network says of our late texts: kept, and told to the admins when it no longer lets one in.

Not for: asking the network (bot/surveys.py) or the texts themselves (conversation/late.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from conversation.late import LATE_TEXTS, late
from conversation.messages import Message
from conversation.say import N_
from handlers.office import Office
from storage.late_texts import APPROVED
from storage.store import Tx

_OUT: dict[str, str] = {
    "rejected": N_("refused: {words}"),
    "paused": N_("paused: {words}"),
    "disabled": N_("switched off: {words}"),
}
_SHOWN = 80
"""Letters of each; an admin knows it by how it begins."""


def surveyed(tx: Tx, office: Office, channel: str, states: Mapping[str, str], daily: int | None) -> None:
    """Keep what a network says now. `daily`: how many people we may write to first within a day."""
    before = tx.late_texts.states(channel)
    tx.late_texts.keep(channel, states)
    tx.set_daily(channel, daily)
    lost = {name: state for name, state in states.items() if name in LATE_TEXTS and _is_news(before.get(name), state)}
    if any(state == APPROVED != before.get(name) for name, state in states.items()):
        tx.outbox.let_in(channel)
    if lost:
        _tell(tx, office, lost)


def _is_news(before: str | None, state: str) -> bool:
    """Whether it was let in before; or was paused, which passes by itself, and now does not."""
    return state in _OUT and (before not in _OUT or (state == "disabled" and before == "paused"))


def _tell(tx: Tx, office: Office, lost: Mapping[str, str]) -> None:
    """Every admin, once: who only hears of it again when another one is lost, or the same one anew."""
    say = office.say
    lines = [
        say(
            "A network no longer lets in some messages that come late. What needs them waits until the person"
            " writes. Please tell whoever looks after this service."
        )
    ]
    for name, state in lost.items():
        text = LATE_TEXTS[name]
        words = say(text.text, **dict.fromkeys(text.places, "…")).replace("**", "")
        lines.append("- " + say(_OUT[state], words=words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"))
    for admin in tx.staff.admins(own=0):
        person = tx.people.get(admin.address_id)
        if person is not None:
            tx.outbox.put(person, Message("\n".join(lines), late=late("office_news")), lane=1)
