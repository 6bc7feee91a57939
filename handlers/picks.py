"""A ready answer picked by typing its number, on networks whose people may see no ready answers to press.

Not for: how the numbers came into a text (conversation/fold.py) or what a pick leads to (handlers/router.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation import engine
from conversation.fold import typed_number
from conversation.forms import FORMS
from conversation.messages import Kind
from conversation.progress import Progress
from conversation.turn import prompt_of
from domain.broadcast import Kind as Sent
from handlers import broadcast_list, desks, reasons
from handlers.broadcast_text import ATTENDANCE_CHOICES
from handlers.taps import data
from handlers.visit import Visit
from handlers.walk import answers_of, view_of
from storage.offers import Offer

# Whoever was invited weeks ago and answers now has not forgotten it.
_LATELY = 14 * 86_400_000


def pressed(visit: Visit) -> Visit | None:
    """The visit as if the choice had been pressed whose number was typed; None where the text stays a text.

    A text that is nothing but a number of one or two digits picks from the newest message, if it had ready answers,
    unless it may be an answer by itself:

    - Where people do not answer by number (Limits.numbers), a number is a text.
    - Once something without ready answers was said, or the choices were taken away, nothing is offered any more. What
      was sent to many counts too: an invitation offers its two answers.
    - What an officer is asked comes first: a time, a number of people, of a broadcast, or of a reason stays a text;
      where a note or another free text is awaited, only the choices of that very question are picked.
    - An open question of a form whose answers may be numbers, or any words, keeps its own reading: NIK, dates, phone,
      RT/RW. Its choices are picked where they were written out with numbers, where it is a list, and where something
      was asked back. A choice of an earlier question is never picked.
    """
    if visit.incoming.kind is not Kind.TEXT or not visit.limits.numbers:
        return None
    number = typed_number(visit.incoming.text)
    offer = _offered(visit) if number is not None else None
    tap = offer.picks.get(number) if offer is not None and number is not None else None
    if offer is None or tap is None or number is None or _desk_keeps(visit, offer, number):
        return None
    progress = visit.tx.people.progress(visit.person.id)
    if progress is not None and _question_keeps(visit, progress, offer, tap):
        return None
    picked = replace(visit.incoming, kind=Kind.TAP, text="", tap=tap, tap_id="", message_id="")
    return replace(visit, incoming=picked)


def _offered(visit: Visit) -> Offer | None:
    """What was offered last, in an answer or in what was sent to many."""
    offer = visit.tx.offers.of(visit.person.id)
    since = offer.at if offer is not None else visit.tx.at - _LATELY
    latest = visit.tx.recipients.latest_of(visit.person.id, since=since)
    if latest is None:
        return offer
    if Sent(latest["kind"]) not in (Sent.INVITATION, Sent.CHANGE) or latest["event_id"] is None:
        return None
    answers = [data("ev", word, latest["event_id"]) for word, _ in ATTENDANCE_CHOICES]
    return Offer(0, dict(enumerate(answers, 1)), folded=False, at=latest["at"])


def _desk_keeps(visit: Visit, offer: Offer, number: int) -> bool:
    """Whether what an officer is in the middle of takes the number itself."""
    desk = desks.open_desk(visit)
    if desk is None:
        return False
    if desk.step == broadcast_list.STEP:
        return offer.outbox_id == desk.prompt and visit.tx.broadcasts.numbered(number) is not None
    if desk.step in desks.NOTES:
        return offer.outbox_id != desk.prompt
    return desk.step in desks.NUMBERS or reasons.takes_number(visit, desk, number)


def _question_keeps(visit: Visit, progress: Progress, offer: Offer, tap: str) -> bool:
    """Whether the open question reads the number itself."""
    question = FORMS[progress.form][progress.question]
    asks_office = progress.doubt is not None and progress.doubt.kind == "enquiry"
    takes_numbers = asks_office or (progress.doubt is None and (question.free or question.digits))
    view = view_of(visit.tx, visit.office, answers_of(visit.tx, progress))
    listed = prompt_of(FORMS[progress.form], progress, view).listed
    if not tap.startswith("f:"):
        return takes_numbers or listed
    return not engine.is_current(progress, tap) or (takes_numbers and not (offer.folded or listed))
