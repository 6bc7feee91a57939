"""Walks a form: what a person said goes in, a Turn comes out. Pure; the caller stores and sends.

Not for: commands that leave the form (handlers/router.py) or the questions themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conversation.doubts import put_doubt, settle
from conversation.messages import Incoming, Kind, Message
from conversation.progress import Doubt, Progress
from conversation.questions import Accept, End, Form, Prompt, Question, Reading, Takes, Unsure, Values, View
from conversation.readings import UNKNOWN_VILLAGE, doubt_with
from conversation.refusals import refusal, refusal_of
from conversation.turn import Turn as Turn
from conversation.turn import insists, left, may_keep, prompt_of, put
from conversation.words import is_listed, meanings, normal, number
from domain.errors import Invalid
from domain.phone import Phone

# What the answers read along with others leave behind when the person says that they are wrong.
_TAKE_BACK: Mapping[str, Values] = {
    "birth_date": {"birth_date": None, "birth_from": None},
    "gender": {"gender": None, "gender_from": None},
    "village": {"village": None},
}
# Doubts that stay open until they are settled, or the question itself is answered; and what is said meanwhile.
_STAYING = {
    "over_age": "yes_or_no_expected",
    "out_of_area": "yes_or_no_expected",
    "photo_flaws": "photo_choice_expected",
    "birth_mismatch": "choice_expected",
    "choose_question": "choice_expected",
    "which": "choice_expected",
}
_FILES = {"voice": "voice_not_heard", "sticker": "sticker_not_read", "location": "location_not_read"}
_NOT_A_PHOTO = {
    "document": "photo_is_document",
    "voice": "photo_is_voice",
    "sticker": "photo_is_sticker",
    "video": "photo_is_video",
    "lost": "photo_lost",
    "too_big": "photo_too_big",
}


def begin(
    form: Form,
    view: View,
    *,
    registration_id: int | None = None,
    detour: tuple[str, ...] = (),
    lead: str = "",
) -> Turn:
    """The first question: of the detour, or the first that has no answer."""
    blank = Progress(form.name, "", turn=0, registration_id=registration_id, detour=detour)
    return _next(form, blank, view, lead=lead)


def repeat(form: Form, progress: Progress, view: View, *, lead: str = "", whole: bool = True) -> Turn:
    """The open question once more; not `whole`: in fewer words where it has them, right after an interruption."""
    return put(form, progress, view, lead=lead, whole=whole)


def back(form: Form, progress: Progress, view: View) -> Turn:
    """KEMBALI: the question before, then on from here."""
    if progress.doubt is not None:
        return put(form, replace(progress, doubt=None), view)
    if progress.question == "change":
        # The menu is no question of its own: back to where it was asked for.
        return _next(form, _fresh(progress), view)
    if progress.picked or form.name == "change":
        menu = replace(_fresh(progress), question="change", detour=() if form.name == "change" else progress.detour)
        return left(form, progress, put(form, menu, view), view)
    previous = _before(form, progress, view)
    if previous is None:
        return put(form, progress, view, lead=refusal_of("nothing_before", view.say))
    turn = go_to(form, progress, previous, view)
    if may_keep(form, progress, view) and turn.progress is not None:
        # What is answered already is not asked once more on the way forward.
        turn = replace(turn, progress=replace(turn.progress, detour=progress.detour))
    return turn


def _before(form: Form, progress: Progress, view: View) -> str | None:
    """The question before the open one; in a correction only what was flagged, in the order in which it is asked."""
    if form.name == "correction":
        flagged = progress.carry.split(",")
        at = flagged.index(progress.question) if progress.question in flagged else 0
        return flagged[at - 1] if at else None
    previous = form.before(progress.question, view.answers)
    return previous.key if previous else None


def go_to(form: Form, progress: Progress, key: str, view: View) -> Turn:
    """Another question first, then on from here."""
    moved = replace(_fresh(progress), question=key, detour=(progress.question, *progress.detour))
    return left(form, progress, put(form, moved, view), view)


def _fresh(progress: Progress) -> Progress:
    """Nothing said about the question that is open next."""
    return replace(progress, doubt=None, noted=(), tries=0, source="", picked=False)


def ask_doubt(form: Form, progress: Progress, doubt: Doubt, view: View, *, lead: str = "") -> Turn:
    """Ask something about the form itself: whether to stop, and what."""
    return put(form, replace(progress, doubt=doubt), view, lead=lead)


def advance(form: Form, progress: Progress, incoming: Incoming, view: View, *, wary: bool = False) -> Turn:
    """One step with what came. An old choice never gets here: see `is_current`.

    `wary`: after a long silence free words are offered back, for they may be no answer at all.
    """
    question, doubt = form[progress.question], progress.doubt
    if doubt is not None:
        if incoming.kind in (Kind.TEXT, Kind.TAP):
            prompt = put_doubt(doubt, view)
            try:
                reading = settle(doubt, _picked(prompt, incoming), view)
            except Invalid as invalid:
                # It was an answer to what was asked last, and that stays open.
                return _failed(form, progress, question, invalid, incoming, view)
            if reading is not None:
                return _follow(form, progress, question, reading, view, incoming.message_id)
            if prompt.listed and not question.digits and number(incoming.text) is not None:
                # A number that is not in the list shown last is none of the question's own list, and no name.
                return _failed(form, progress, question, Invalid("choice_expected"), incoming, view)
        progress = replace(progress, doubt=None)
    if "wrong" in meanings(incoming.text) and progress.noted and incoming.kind is not Kind.FILE:
        return _take_back(form, progress, view)
    if doubt is None and may_keep(form, progress, view) and {"keep", "later"} & meanings(incoming.text):
        return _follow(form, progress, question, Accept(), view)
    try:
        reading = _read(form, progress, question, incoming, view, wary=wary and doubt is None)
    except Invalid as invalid:
        if doubt is None:
            return _failed(form, progress, question, invalid, incoming, view)
        if doubt.kind not in _STAYING:
            # Its ready answers belong to the doubt alone, and must not be taken for those of the question.
            gone = replace(progress, turn=progress.turn + 1, prompt=None)
            return replace(_failed(form, gone, question, invalid, incoming, view), answered=True)
        return _stays(form, progress, question, doubt, incoming, view)
    if doubt is not None and doubt.kind == "out_of_area" and reading == UNKNOWN_VILLAGE:
        return _stays(form, progress, question, doubt, incoming, view)
    return _follow(form, progress, question, reading, view, incoming.message_id)


def _stays(form: Form, progress: Progress, question: Question, doubt: Doubt, incoming: Incoming, view: View) -> Turn:
    """What came settles neither the doubt nor the question: the doubt stays open."""
    invalid = Invalid(_STAYING[doubt.kind])
    return _failed(form, replace(progress, doubt=doubt), question, invalid, incoming, view)


def amend(form: Form, progress: Progress, key: str, incoming: Incoming, view: View) -> Turn:
    """An edited message: it replaces the answer it once gave, and the open question is put again.

    A word like YA once answered a question about an answer, and a number one of a list that is gone: edited, they
    say nothing that could be taken.
    """
    here = replace(progress, doubt=None)
    if key != progress.question:
        here = replace(_fresh(progress), question=key, detour=(progress.question, *progress.detour))
    turn = advance(form, here, incoming, view)
    asked = turn.progress.doubt if turn.progress is not None else None
    lost = asked is not None and (asked.kind == "village_unknown" or {"yes", "no", "done"} & meanings(incoming.text))
    if lost or not turn.answered:
        lead = view.say("The edited message cannot be used. To change an answer, reply **UBAH**.")
        return replace(put(form, progress, view, lead=lead), answered=True)
    if not turn.values or not turn.says:
        return turn
    last = turn.says[-1]
    lead = view.say("The earlier answer is replaced.")
    return replace(turn, says=(*turn.says[:-1], replace(last, text=f"{lead}\n\n{last.text}")))


def is_current(progress: Progress, data: str) -> bool:
    """Whether a form choice (`f:turn:question:index`) belongs to the open question as last put."""
    parts = data.split(":")
    return len(parts) == 4 and parts[1] == str(progress.turn) and parts[2] == progress.question


def picked_value(form: Form, progress: Progress, data: str, view: View) -> str:
    """What a current form choice stands for: its value, as if it had been typed; empty when there is none such."""
    prompt = prompt_of(form, progress, view)
    index = data.rpartition(":")[2]
    if index.isascii() and index.isdigit() and int(index) < len(prompt.options):
        return prompt.options[int(index)][0]
    return ""


def _picked(prompt: Prompt, incoming: Incoming) -> str:
    """The value of the option meant by its number or label, or the text as it is."""
    if incoming.kind is Kind.TAP:
        return incoming.text
    if prompt.listed and (n := number(incoming.text)) is not None and 1 <= n <= len(prompt.options):
        return prompt.options[n - 1][0]
    word = normal(incoming.text)
    return next((value for value, label in prompt.options if normal(label) == word), incoming.text)


def _read(form: Form, progress: Progress, question: Question, incoming: Incoming, view: View, *, wary: bool) -> Reading:
    if incoming.kind is Kind.FILE:
        return _read_file(progress, question, incoming, view)
    if incoming.kind is Kind.PHONE:
        if question.takes is not Takes.PHONE:
            raise Invalid("not_text")
        if not incoming.own:
            raise Invalid("phone_of_another")
        return Accept({question.key: Phone.parse(incoming.phone).number})
    if incoming.kind is Kind.OTHER:
        raise Invalid("not_text")
    if question.takes is Takes.PHONE and incoming.address.number and "this_number" in meanings(incoming.text):
        return Accept({question.key: Phone.parse(f"+{incoming.address.number}").number})
    text = _picked(question.put(view), incoming)
    if not text.strip():
        raise Invalid("nothing_written")
    put_off = "later" in meanings(text) and not question.skippable and question.key != "civil_registry"
    if put_off or (insists(form, question) and {"skip", "no"} & meanings(text)):
        if form.name == "change":
            return End("kept")
        raise Invalid("nothing_to_skip")
    reading = question.read(text, view)
    offered_back = question.free and question.key != "village" and incoming.kind is Kind.TEXT
    skipped = question.skippable and {"skip", "no"} & meanings(text)
    if offered_back and (wary or is_listed(text)) and not skipped and isinstance(reading, Accept):
        return doubt_with("confirm", reading.values)
    return reading


def _read_file(progress: Progress, question: Question, incoming: Incoming, view: View) -> Reading:
    what = incoming.attachment.what if incoming.attachment else ""
    if question.takes is not Takes.PHOTO:
        raise Invalid(_FILES.get(what, "picture_not_now"))
    if incoming.photo is None:
        raise Invalid(_NOT_A_PHOTO.get(what, "photo_expected"))
    return question.read_photo(incoming.photo, view, progress.tries)


def _follow(form: Form, progress: Progress, question: Question, reading: Reading, view: View, source: str = "") -> Turn:
    """What a reading leads to. `source`: the message it was read from; edited, it is read again."""
    if isinstance(reading, End):
        return Turn(None, event=reading.event, answered=True)
    if isinstance(reading, Unsure):
        turn = put(form, replace(progress, doubt=reading.doubt, noted=(), source=source), view)
        return replace(turn, answered=True, keeps_photo=True, wrong_nik=reading.doubt.kind == "nik_unusual")
    if not isinstance(reading, Accept):
        return replace(put(form, replace(progress, doubt=None), view), answered=True)
    answers = {**view.answers}
    for key, value in reading.values.items():
        if value is None:
            answers.pop(key, None)
        else:
            answers[key] = value
    # The menu may have been asked for at the very question that was picked from it.
    waiting = tuple(key for key in progress.detour if key != question.key)
    after = replace(
        _fresh(progress),
        noted=reading.noted,
        detour=(*reading.detour, *waiting),
        picked=bool(reading.detour),
    )
    known = replace(view, answers=answers)
    turn = left(form, progress, _next(form, after, known), known, answered=True)
    return replace(turn, values=reading.values, answered=True, keeps_photo=True)


def _next(form: Form, progress: Progress, view: View, *, lead: str = "") -> Turn:
    """Put the next question: the detour's first, or the first without an answer; or finish."""
    detour = progress.detour
    while detour and (detour[0] == "summary" or not _applies(form, detour[0], view)):
        detour = detour[1:]
    if detour:
        here = replace(progress, question=detour[0], detour=detour[1:])
        return put(form, here, view, lead=lead)
    question = form.open_question(view.answers)
    if question is None:
        return Turn(None, event="finished")
    return put(form, replace(progress, question=question.key, detour=()), view, lead=lead)


def _applies(form: Form, key: str, view: View) -> bool:
    """A question asked for by name applies even where the form would not put it by itself."""
    return key != "outside_village" or form[key].when(view.answers)


def _take_back(form: Form, progress: Progress, view: View) -> Turn:
    """SALAH: ask for what was noted, then on from here."""
    values: dict[str, str | None] = {}
    for key in progress.noted:
        values |= _TAKE_BACK.get(key, {})
    answers = {key: value for key, value in view.answers.items() if key not in values}
    detour = (*progress.noted, progress.question, *progress.detour)
    after = replace(_fresh(progress), detour=detour)
    turn = _next(form, after, replace(view, answers=answers))
    return replace(turn, values=values, answered=True)


def _failed(
    form: Form, progress: Progress, question: Question, invalid: Invalid, incoming: Incoming, view: View
) -> Turn:
    """Say what is wrong; after the last try offer a human, and go on where the answer is not vital."""
    if invalid.code == "nothing_to_skip":
        return Turn(replace(progress, source=incoming.message_id), (Message(refusal(invalid, view)),))
    tries = progress.tries + 1
    failed = replace(progress, tries=tries, source=incoming.message_id)
    if invalid.code == "photo_expected" and insists(form, question):
        invalid = Invalid("photo_still_expected")
    wrong_nik = question.key == "nik" and invalid.code.startswith("nik_") and invalid.code != "nik_missing"
    said = refusal(invalid, view)
    if tries < view.rules.max_tries:
        return Turn(failed, (Message(said),), wrong_nik=wrong_nik)
    if question.vital or form.insists or progress.doubt is not None:
        help_ = view.say("An officer can help: {contact}. Or reply **PETUGAS**.", contact=view.contact)
        if view.answers:
            help_ += " " + view.say("Your answers so far are kept.")
        return Turn(failed, (Message(f"{said}\n\n{help_}"),), wrong_nik=wrong_nik)
    if question.key in view.answers:
        # An answer given before is worth more than none.
        values: Values = {}
        lead = view.say("The answer from before stays. We go on. An officer can help: {contact}.", contact=view.contact)
    else:
        values = {question.key: ""}
        lead = view.say(
            "We leave this answer out for now and go on. An officer can help: {contact}.", contact=view.contact
        )
    known = replace(view, answers={question.key: "", **view.answers})
    turn = left(form, progress, _next(form, _fresh(progress), known, lead=lead), known, answered=True)
    return replace(turn, values=values, answered=True)
