"""Text and file of a broadcast, and the look at it exactly as people will see it.

Not for: what is wrong with a text (broadcast_text.py) or the order of the questions (broadcast_compose.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.messages import Choice, Message
from conversation.words import meanings, normal
from domain.audience import Audience
from domain.broadcast import Broadcast, Content, Kind
from handlers import broadcast_event
from handlers.broadcast_card import audience_words, samples
from handlers.broadcast_late import previews
from handlers.broadcast_text import faults, message
from handlers.pictures import keep_whole
from handlers.taps import data
from handlers.visit import Visit

_NAME = 60
_TAKE = ("pakai", "pakai teks ini", "pakai ini", "pakai teks siap", "ambil")
_WITHOUT = ("tanpa file", "tanpa foto", "tanpa dokumen", "tanpa", "hapus file", "hapus foto")

Prompt = tuple[str, tuple[Choice, ...]]


def ask_text(visit: Visit, draft: Broadcast) -> Prompt:
    """The text there is, the ready one of an invitation, or how to write one."""
    say, text = visit.say, draft.content.text
    ready = broadcast_event.ready_text(visit, draft) if draft.kind is Kind.INVITATION else ""
    take = Choice(say("Take this text"), data("bc", "ready", draft.id))
    if text:
        keep = Choice(say("Keep it"), data("bc", "keep", draft.id, "text"))
        shown = say("This is the text now:\n\n{text}\n\nWrite it anew, or reply LANJUT to keep it.", text=text)
        other = Choice(say("Take the ready text"), take.data)
        return shown, (keep,) if ready in ("", text) else (keep, other)
    if ready:
        return (
            say(
                "This is the ready text:\n\n{text}\n\nTake it, or write your own words. When and where it is, we add"
                " below them ourselves.",
                text=ready,
            ),
            (take,),
        )
    return (
        say(
            "Please write the **text**. {known} become each person's name and village.\nExample: Selamat pagi {name}."
            " Besok kantor tutup.",
            known="{sapaan}, {desa}",
            name="{sapaan}",
        ),
        (),
    )


def read_text(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    """The text; None where it cannot be sent so, which is said."""
    if draft.kind is Kind.INVITATION:
        taken = {"yes", "done"} & meanings(words) or normal(words) in _TAKE
        text = broadcast_event.ready_text(visit, draft) if taken else broadcast_event.own_text(visit, draft, words)
    else:
        text = words
    written = replace(draft, content=replace(draft.content, text=text))
    wrong = grave(visit, written)
    if wrong:
        visit.reply(wrong)
        return None
    return written


def grave(visit: Visit, draft: Broadcast) -> str:
    """Why the text cannot be sent as it is; empty where it can."""
    return "\n".join(fault.sentence for fault in faults(draft, visit.office) if fault.grave)


def doubts_text(visit: Visit, draft: Broadcast) -> bool:
    """Say what the guide for texts would have otherwise, and let the admin decide; False where there is nothing."""
    say = visit.say
    if draft.kind is Kind.INVITATION and draft.content.text == broadcast_event.ready_text(visit, draft):
        return False
    doubts = [f"- {fault.sentence}" for fault in faults(draft, visit.office)]
    if not doubts:
        return False
    visit.reply(
        "\n".join(
            [
                say("Please look at the text once more:"),
                *doubts,
                say("Write it again, or reply PAKAI JUGA to take it all the same."),
            ]
        ),
        (Choice(say("Take it all the same"), data("bc", "keep", draft.id, "text")),),
    )
    return True


def ask_file(visit: Visit, draft: Broadcast) -> Prompt:
    say, content = visit.say, draft.content
    without = Choice(say("Without a file"), data("bc", "skip", draft.id))
    if not (content.photo or content.document):
        return say("Send **one photo or document** to go with it, or reply LEWATI."), (without,)
    now = content.document_name or say("a photo")
    text = say("Now: {file}. Send another one, or reply LANJUT to keep it. Without any: TANPA FILE.", file=now)
    return text, (Choice(say("Keep it"), data("bc", "keep", draft.id, "file")), without)


def read_no_file(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    meant = meanings(words)
    if "skip" in meant and (draft.content.photo or draft.content.document):
        return draft
    if not {"skip", "no"} & meant and normal(words) not in _WITHOUT:
        visit.reply(visit.say("A text came. Please send a photo or a document, or reply LEWATI."))
        return None
    return without_file(draft)


def without_file(draft: Broadcast) -> Broadcast:
    return replace(draft, content=replace(draft.content, photo="", document="", document_name=""))


def read_file(visit: Visit, draft: Broadcast) -> Broadcast | None:
    """A photo, cleaned of place data, or a document as it is. The first time it is only fetched."""
    say, incoming, attachment = visit.say, visit.incoming, visit.incoming.attachment
    if incoming.photo is not None and incoming.photo.name:
        return _with_file(visit, draft, Content(photo=incoming.photo.name))
    if incoming.stored is not None:
        name = incoming.stored.file_name[-_NAME:] or "dokumen"
        if not all(each.carries(name) for each in visit.office.limits.values()):
            visit.tx.forgotten.append(incoming.stored.name)
            visit.reply(
                say("Not every network carries such a file. Please send another kind, such as pdf, or reply LEWATI.")
            )
            return None
        return _with_file(visit, draft, Content(document=incoming.stored.name, document_name=name))
    what = attachment.what if attachment is not None else ""
    if what == "too_big":
        visit.reply(say("This file is too big: 20 MB at most. Please send a smaller one, or reply LEWATI."))
    elif what == "lost" or (incoming.photo is not None and incoming.photo.unreadable):
        visit.reply(say("The file did not arrive whole. Please send it once more, or reply LEWATI."))
    elif what in ("photo", "image"):
        visit.tx.inbox.park(visit.person.id, incoming, state="file")
    elif what != "document" or not keep_whole(visit):
        visit.reply(say("This cannot go with a broadcast. Please send a photo or a document, or reply LEWATI."))
    return None


def _with_file(visit: Visit, draft: Broadcast, file: Content) -> Broadcast | None:
    with_file = replace(file, text=draft.content.text, event=draft.content.event)
    found = replace(draft, content=with_file)
    wrong = grave(visit, found)
    if not wrong:
        return found
    visit.tx.forgotten.append(file.photo or file.document)
    visit.reply(wrong + "\n" + visit.say("With a file less text fits. Reply LEWATI, or KEMBALI to shorten the text."))
    return None


def forget_file(visit: Visit, before: Broadcast, after: Broadcast) -> None:
    """The file of before goes, unless it is still wanted, perhaps by another broadcast."""
    old = {before.content.photo, before.content.document} - {after.content.photo, after.content.document, ""}
    visit.tx.forgotten.extend(old - visit.tx.broadcasts.media_names() if old else ())


def look(visit: Visit, draft: Broadcast) -> int:
    """Exactly what people will see, and under it what can be done."""
    say = visit.say
    for shown in previews(as_sent(visit, draft), visit.office):
        visit.send(shown)
    who = audience_words(visit.tx, draft, visit.office)
    return visit.reply(
        say(
            "Above you see it as people will. It is for: **{who}**. To go on, reply LANJUT; to go back, KEMBALI.",
            who=who,
        ),
        look_choices(visit, draft),
        stacked=True,
    )


def look_choices(visit: Visit, draft: Broadcast) -> tuple[Choice, ...]:
    """What can be done now. Only what was looked at is sent: hence the version."""
    say = visit.say
    event = (Choice(say("Change the event"), data("bc", "when", draft.id)),)
    return (
        Choice(say("Make the list of people"), data("bc", "freeze", draft.id, draft.version)),
        Choice(say("Send it to me"), data("bc", "test", draft.id)),
        Choice(say("Change the text"), data("bc", "text", draft.id)),
        Choice(say("Change the file"), data("bc", "file", draft.id)),
        Choice(say("Change who gets it"), data("bc", "who", draft.id)),
        *(event if draft.kind is Kind.INVITATION else ()),
        Choice(say("Throw away"), data("bc", "drop", draft.id)),
    )


def test(visit: Visit, draft: Broadcast) -> str:
    """The same to the admin alone, counted nowhere."""
    visit.send(replace(as_sent(visit, draft), late=None))
    return visit.say("Only you get it.")


def as_sent(visit: Visit, draft: Broadcast) -> Message:
    """The message to an invented person of the first village meant; its choices do nothing."""
    office = visit.office
    places = Audience.from_bytes(draft.audience.encode()).values("place")
    named = next((code for code in places if office.places.village(code)), office.places.villages[0].code)
    shown = message(replace(draft, event_id=draft.event_id or 0), office, name="Ibu Sarni", village=named)
    return replace(shown, choices=samples(shown, "bc"))
