"""One step of a form as it is told: the Turn, and how the open question or doubt becomes a message.

Not for: what an answer leads to (engine.py) or the words of the questions (registration_form.py, forms.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from conversation.doubts import put_doubt
from conversation.messages import Choice, Message
from conversation.progress import Progress
from conversation.questions import Form, Prompt, Question, Takes, Values, View
from conversation.summary import gender_word, line_of, phone_words, village_words


@dataclass(frozen=True)
class Turn:
    """One step. `progress` None: the form is over, and `event` says how ("finished" or that of an End).

    `values` are to be stored. `answered`: the choices of the last prompt are to be taken away. `keeps_photo`: the
    picture that came is used. `wrong_nik`: a NIK came that could not be taken.
    """

    progress: Progress | None
    says: tuple[Message, ...] = ()
    values: Values = field(default_factory=dict, repr=False)
    event: str = ""
    answered: bool = False
    keeps_photo: bool = False
    wrong_nik: bool = False


def put(form: Form, progress: Progress, view: View, *, lead: str = "", whole: bool = True) -> Turn:
    """The open question or doubt as a message under a new turn number."""
    prompt = prompt_of(form, progress, view)
    turn = progress.turn + 1
    again = form[progress.question].again
    text = prompt.text if whole or progress.doubt or again is None else again(view).text
    above = "" if progress.doubt else _noted(progress.noted, view) or _kept(form, progress, view)
    parts = [lead, above, text]
    text = "\n\n".join(part for part in parts if part)
    if prompt.listed:
        text += "\n" + "\n".join(f"{i}. {label}" for i, (_, label) in enumerate(prompt.options, 1))
    choices = tuple(Choice(label, f"f:{turn}:{progress.question}:{i}") for i, (_, label) in enumerate(prompt.options))
    message = Message(text, choices, asks_phone=prompt.asks_phone, stacked=prompt.listed)
    return Turn(replace(progress, turn=turn, prompt=None), (message,))


def _noted(noted: tuple[str, ...], view: View) -> str:
    """What we read along with the last answer, to be taken back with SALAH."""
    answers, say = view.answers, view.say
    if "village" in noted:
        return say("Village: {place}. If that is wrong, reply SALAH.", place=village_words(answers, view.places))
    if "birth_date" in noted:
        return say(
            "Born {day}, {gender}. If that is wrong, reply SALAH.",
            day=say.date(date.fromisoformat(answers["birth_date"])),
            gender=gender_word(answers.get("gender", ""), say),
        )
    return ""


def may_keep(form: Form, progress: Progress, view: View) -> bool:
    """Whether the open question of a registration is answered already, so that the answer may stay as it is."""
    return form.name == "registration" and progress.question in view.answers


def _kept(form: Form, progress: Progress, view: View) -> str:
    """What stands there so far, when an answered question is put again: nobody has to type it twice."""
    if not may_keep(form, progress, view):
        return ""
    line = line_of(progress.question, view.answers, view.places, view.say)
    return f"{line}\n" + view.say("Still the same? Reply **LANJUT**.")


def left(form: Form, before: Progress, turn: Turn, view: View, *, answered: bool = False) -> Turn:
    """Leaving the phone question takes the offer to share the number away again.

    `answered`: with an answer, which is written out. It goes with the next question where that loses no ready answer,
    or one that stands in its text anyway; otherwise with a short message before.
    """
    if not before.question or form[before.question].takes is not Takes.PHONE:
        return turn
    if not turn.says or (turn.progress is not None and turn.progress.question == before.question):
        return turn
    noted = ""
    if answered:
        noted = view.say("Phone: {value}", value=phone_words(view.answers.get("phone", ""), view.say))
    first = turn.says[0]
    if not first.choices or (len(first.choices) == 1 and first.choices[0].label.upper() in first.text):
        text = f"{noted}\n\n{first.text}" if noted else first.text
        return replace(turn, says=(replace(first, text=text, choices=(), ends_phone=True), *turn.says[1:]))
    noted = noted or view.say("The question about the phone is closed for now.")
    return replace(turn, says=(Message(noted, ends_phone=True), *turn.says))


def prompt_of(form: Form, progress: Progress, view: View) -> Prompt:
    """The open question, or the doubt about its answer, as it is put now."""
    if progress.doubt is not None:
        return put_doubt(progress.doubt, view)
    question = form[progress.question]
    prompt = question.put(view)
    return replace(prompt, options=()) if insists(form, question) else prompt


def insists(form: Form, question: Question) -> bool:
    """Whether this form asks for a picture that cannot be put off."""
    return form.insists and question.takes is Takes.PHOTO
