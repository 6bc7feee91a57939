"""Asking an officer for the reasons of a correction or rejection, and for a note: one open desk at a time.

Not for: whether the case is theirs (handlers/hold.py) or noting the decision (handlers/decisions.py).
"""

from __future__ import annotations

from conversation.messages import Choice, Edit
from conversation.words import meanings, normal
from domain.registration import CORRECTIONS, REJECTIONS, Decided, Registration
from handlers import decisions
from handlers.hold import close_desk, hold, officer_at
from handlers.labels import REASONS, reason_labels
from handlers.sensitive import mentions_nik, own_message_must_go
from handlers.taps import data, numbers, numbers_in
from handlers.visit import Visit
from storage.queue import Desk

_PHOTO_CODES = ("photo_blurred", "photo_incomplete", "photo_wrong")
_LONGEST_NOTE = 300
_STEPS = {Decided.CORRECT: "correct", Decided.REJECT: "reject"}
_DECIDED = {
    "correct": Decided.CORRECT,
    "correct_note": Decided.CORRECT,
    "reject": Decided.REJECT,
    "reject_note": Decided.REJECT,
    "no_photo": Decided.APPROVE,
}


def offered(decided: Decided, case: Registration) -> tuple[str, ...]:
    """The reason codes that fit this case, in the order in which they are numbered."""
    if decided is Decided.REJECT:
        return REJECTIONS
    unfit = ("photo_missing",) if case.has_photo else _PHOTO_CODES
    return tuple(code for code in CORRECTIONS if code not in unfit)


def ask(visit: Visit, case: Registration, decided: Decided) -> None:
    """Open the desk: which reasons?"""
    _close_list(visit)
    if decided is Decided.CORRECT:
        text = visit.say(
            "What must the worker of {receipt} correct? Choose one or more, then **Done**.", receipt=case.receipt
        )
    else:
        text = visit.say("Why is {receipt} not accepted? Choose one.", receipt=case.receipt)
    prompt = visit.reply(text, _choices(visit, case, decided, ()), stacked=True)
    desk = Desk(_STEPS[decided], case.id, case.version, prompt=prompt)
    visit.tx.queue.open_desk(officer_at(visit).id, desk)


def ask_why_no_photo(visit: Visit, case: Registration) -> None:
    """A case without photo is approved only with a note why."""
    _close_list(visit)
    text = visit.say(
        "{receipt} has no photo of the KTP. Write briefly why it may be approved all the same.", receipt=case.receipt
    )
    prompt = visit.reply(text, (Choice(visit.say("Do not decide"), data("r", "stop", case.id, case.version)),))
    visit.tx.queue.open_desk(officer_at(visit).id, Desk("no_photo", case.id, case.version, prompt=prompt))


def _close_list(visit: Visit) -> None:
    """The question a new one takes the place of shows no choices any more."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is not None and desk.prompt is not None and desk.step in _DECIDED:
        visit.send(Edit(desk.prompt))


def tap(visit: Visit, parts: list[str]) -> str:
    """A choice of the open desk: "pick" a reason, "done", "skip" the note, "stop"."""
    word, given = (parts[0] if parts else ""), numbers(parts[1:], 3 if parts[:1] == ["pick"] else 2)
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if given is None or desk is None or (desk.subject, desk.version) != tuple(given[-2:]):
        return visit.say("This choice is out of date.")
    case = _case(visit, desk)
    if isinstance(case, str):
        return case
    if word == "stop":
        return _stop(visit, desk)
    if word == "pick" and desk.step in ("correct", "reject"):
        return _pick(visit, desk, case, given[0])
    if word == "done" and desk.step == "correct":
        return _picked(visit, desk, case, desk.picked)
    if word == "skip" and desk.step in ("correct_note", "reject_note"):
        _decide(visit, desk, case, None)
        return ""
    return visit.say("This choice is out of date.")


def takes_number(visit: Visit, desk: Desk, number: int) -> bool:
    """Whether a number alone is one of the reasons that are open to be chosen."""
    if desk.step not in ("correct", "reject") or desk.subject is None:
        return False
    case = visit.tx.registrations.get(desk.subject)
    return case is not None and number <= len(offered(_DECIDED[desk.step], case))


def text(visit: Visit, desk: Desk, words: str) -> bool:
    """What an officer writes at an open desk: reasons by number, or the note. False when it is none of these."""
    if desk.step not in _DECIDED:
        return False
    picking = desk.step in ("correct", "reject")
    found = meanings(words)
    chosen = numbers_in(words) if picking else []
    done = _done(words) and desk.step == "correct"
    if picking and (found or visit.tx.people.progress(visit.person.id)) and not (chosen or done or "cancel" in found):
        # A word of the form, or the answer to it: an officer may also be a worker.
        return False
    case = _case(visit, desk)
    if isinstance(case, str):
        visit.reply(case)
    elif "cancel" in found:
        visit.reply(_stop(visit, desk))
    elif picking and not (chosen or done):
        visit.reply(_range(visit, offered(_DECIDED[desk.step], case)))
    elif picking:
        _picked_by_number(visit, desk, case, chosen)
    else:
        # Who has typed the reasons and was told of "Selesai" has no note to write.
        _note(visit, desk, case, words, skip="skip" in found or _done(words))
    return True


def _done(words: str) -> bool:
    return normal(words) in ("selesai", "done")


def _case(visit: Visit, desk: Desk) -> Registration | str:
    """The case of the desk, held; when it is not any more, the desk is cleared and a sentence says why."""
    assert desk.subject is not None
    case = hold(visit, desk.subject, desk.version)
    if isinstance(case, str):
        close_desk(visit.tx, desk.subject, officer_at(visit).id)
    return case


def _pick(visit: Visit, desk: Desk, case: Registration, index: int) -> str:
    """Toggle one reason of a correction; take the one reason of a rejection."""
    decided = _DECIDED[desk.step]
    codes = offered(decided, case)
    if index >= len(codes):
        return visit.say("This choice is out of date.")
    code = codes[index]
    if decided is Decided.REJECT:
        return _picked(visit, desk, case, (code,))
    picked = tuple(c for c in codes if (c in desk.picked) is not (c == code))
    prompt, options = desk.prompt, _choices(visit, case, decided, picked)
    if not visit.limits.edits:
        prompt = visit.reply(_so_far(visit, picked), options, stacked=True)
    elif prompt is not None:
        visit.send(Edit(prompt, choices=options, stacked=True))
    visit.tx.queue.open_desk(officer_at(visit).id, Desk("correct", case.id, case.version, picked, prompt))
    return ""


def _so_far(visit: Visit, picked: tuple[str, ...]) -> str:
    if not picked:
        return visit.say("Please choose at least one reason.")
    return visit.say("Chosen: {reasons}. More reasons, or **Done**?", reasons=reason_labels(picked, visit.say))


def _picked_by_number(visit: Visit, desk: Desk, case: Registration, chosen: list[int]) -> None:
    decided = _DECIDED[desk.step]
    codes = offered(decided, case)
    if any(not 1 <= number <= len(codes) for number in chosen) or (decided is Decided.REJECT and len(chosen) > 1):
        visit.reply(_range(visit, codes))
        return
    picked = tuple(codes[number - 1] for number in sorted(set(chosen))) or desk.picked
    refusal = _picked(visit, desk, case, picked)
    if refusal:
        visit.reply(refusal)


def _range(visit: Visit, codes: tuple[str, ...]) -> str:
    return visit.say("Please reply with numbers from the list, from 1 to {n}.", n=len(codes))


def _picked(visit: Visit, desk: Desk, case: Registration, picked: tuple[str, ...]) -> str:
    """The reasons are chosen: the list closes, the note is asked."""
    if not picked:
        return visit.say("Please choose at least one reason.")
    if desk.prompt is not None:
        visit.send(Edit(desk.prompt))
    words = visit.say(
        "Reason: **{reasons}**. Write a short note for the worker, or reply LEWATI.",
        reasons=reason_labels(picked, visit.say),
    )
    options = (
        Choice(visit.say("Without a note"), data("r", "skip", case.id, case.version)),
        Choice(visit.say("Do not decide"), data("r", "stop", case.id, case.version)),
    )
    prompt = visit.reply(words, options)
    step = "correct_note" if _DECIDED[desk.step] is Decided.CORRECT else "reject_note"
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(step, case.id, case.version, picked, prompt))
    return ""


def _note(visit: Visit, desk: Desk, case: Registration, words: str, *, skip: bool) -> None:
    say = visit.say
    if mentions_nik(words):
        own_message_must_go(visit, case.id)
        visit.reply(say("Please write the note without the NIK."))
    elif len(words) > _LONGEST_NOTE:
        visit.reply(say("The note is too long. It may have {n} letters.", n=_LONGEST_NOTE))
    elif skip and desk.step == "no_photo":
        visit.reply(say("Without a photo a note is needed. Write briefly why, or reply BATAL."))
    else:
        _decide(visit, desk, case, None if skip else words.strip())


def _decide(visit: Visit, desk: Desk, case: Registration, note: str | None) -> None:
    if desk.prompt is not None:
        visit.send(Edit(desk.prompt))
    visit.tx.queue.close_desk(officer_at(visit).id)
    decisions.press(visit, case, _DECIDED[desk.step], reasons=desk.picked, note=note)


def _stop(visit: Visit, desk: Desk) -> str:
    if desk.prompt is not None:
        visit.send(Edit(desk.prompt))
    visit.tx.queue.close_desk(officer_at(visit).id)
    return visit.say("Nothing is decided. You still hold the case.")


def _choices(visit: Visit, case: Registration, decided: Decided, picked: tuple[str, ...]) -> tuple[Choice, ...]:
    """The reasons, numbered so that they can be typed too; what is chosen carries a sign."""
    say = visit.say
    options = [
        Choice(
            f"{'✓ ' if code in picked else ''}{index + 1}. {say(REASONS[code])}",
            data("r", "pick", index, case.id, case.version),
        )
        for index, code in enumerate(offered(decided, case))
    ]
    if decided is Decided.CORRECT:
        options.append(Choice(say("Finished"), data("r", "done", case.id, case.version)))
    options.append(Choice(say("Do not decide"), data("r", "stop", case.id, case.version)))
    return tuple(options)
