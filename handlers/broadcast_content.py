"""Text and file of a broadcast, and the look at it exactly as people will see it.

Not for: what is wrong with a text (broadcast_text.py) or the order of the questions (broadcast_compose.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.messages import Choice, Message
from conversation.words import meanings
from domain.audience import Audience
from domain.broadcast import Broadcast, Content, Kind
from handlers import broadcast_event
from handlers.audience_words import sentence
from handlers.broadcast_text import faults, message
from handlers.pictures import keep_whole
from handlers.taps import data
from handlers.visit import Visit

_NAME = 60


def ask_text(visit: Visit, draft: Broadcast) -> int:
    say = visit.say
    if draft.kind is Kind.INVITATION:
        ready = broadcast_event.ready_text(visit, draft)
        return visit.reply(
            say(
                "This is the ready text:\n\n{text}\n\nTake it, or write your own words. When and where it is, we add"
                " below them ourselves.",
                text=ready,
            ),
            (Choice(say("Take this text"), data("bc", "ready", draft.id)),),
        )
    return visit.reply(
        say(
            "Please write the **text**. {known} become each person's name and village.\nExample: Selamat pagi {name}."
            " Besok kantor tutup.",
            known="{sapaan}, {desa}",
            name="{sapaan}",
        )
    )


def read_text(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    """The text; None where it cannot be sent so, which is said."""
    if draft.kind is Kind.INVITATION:
        taken = {"yes", "done"} & meanings(words)
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
    doubts = [f"- {fault.sentence}" for fault in faults(draft, visit.office)]
    if not doubts:
        return False
    visit.reply(
        "\n".join(
            [say("Please look at the text once more:"), *doubts, say("Write it again, or take it all the same.")]
        ),
        (Choice(say("Take it all the same"), data("bc", "anyway", draft.id)),),
    )
    return True


def ask_file(visit: Visit, draft: Broadcast) -> int:
    say = visit.say
    return visit.reply(
        say("Send **one photo or document** to go with it, or reply LEWATI."),
        (Choice(say("Without a file"), data("bc", "skip", draft.id)),),
    )


def read_no_file(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    if not {"skip", "no"} & meanings(words):
        visit.reply(visit.say("A text came. Please send a photo or a document, or reply LEWATI."))
        return None
    return replace(draft, content=replace(draft.content, photo="", document="", document_name=""))


def read_file(visit: Visit, draft: Broadcast) -> Broadcast | None:
    """A photo, cleaned of place data, or a document as it is. The first time it is only fetched."""
    say, incoming, attachment = visit.say, visit.incoming, visit.incoming.attachment
    if incoming.photo is not None and incoming.photo.name:
        return _with_file(visit, draft, Content(photo=incoming.photo.name))
    if incoming.stored is not None:
        name = incoming.stored.file_name[-_NAME:] or "dokumen"
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
    say, office = visit.say, visit.office
    visit.send(as_sent(visit, draft))
    who = sentence(Audience.from_bytes(draft.audience.encode()), office, say)
    options = (
        Choice(say("Make the list of people"), data("bc", "freeze", draft.id)),
        Choice(say("Send it to me"), data("bc", "test", draft.id)),
        Choice(say("Change the text"), data("bc", "text", draft.id)),
        Choice(say("Change the file"), data("bc", "file", draft.id)),
        Choice(say("Change who gets it"), data("bc", "who", draft.id)),
        Choice(say("Throw away"), data("bc", "drop", draft.id)),
    )
    return visit.reply(
        say(
            "Above you see it as people will. It is for: **{who}**. To go on, reply LANJUT; to go back, KEMBALI.",
            who=who,
        ),
        options,
        stacked=True,
    )


def test(visit: Visit, draft: Broadcast) -> str:
    """The same to the admin alone, counted nowhere."""
    visit.send(as_sent(visit, draft))
    return visit.say("Only you get it.")


def as_sent(visit: Visit, draft: Broadcast) -> Message:
    """The message to an invented person of the first village meant; its choices do nothing."""
    office = visit.office
    places = Audience.from_bytes(draft.audience.encode()).values("place")
    named = next((code for code in places if office.places.village(code)), office.places.villages[0].code)
    shown = message(replace(draft, event_id=draft.event_id or 0), office, name="Ibu Sarni", village=named)
    return replace(shown, choices=tuple(Choice(each.label, data("bc", "sample")) for each in shown.choices))
