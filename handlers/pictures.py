"""Pictures and other files that arrive: parked when the open question waits for one, answered otherwise.

Not for: fetching (bot/files.py) or judging a picture (conversation/readings.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation import engine
from conversation.forms import FORMS
from conversation.messages import Deletion, Incoming
from conversation.progress import Progress
from conversation.questions import Takes
from conversation.refusals import refusal_of
from domain.person import Person
from domain.registration import Registration
from handlers import consent, registration
from handlers.chosen import files_in
from handlers.filing import CHANGEABLE
from handlers.office import Office
from handlers.visit import Visit
from handlers.walk import answers_of, begin, save, take_choices_away, view_of
from storage.outbox import FOR_THE_NETWORK
from storage.store import Tx

# Several pictures chosen at once may be taken for an album where the network names none.
_UNNAMED = "at "
_ONE_ALBUM = 60_000


def arrived(visit: Visit, progress: Progress | None) -> None:
    """A picture that the open question waits for is parked and fetched; any other file gets an answer."""
    attachment = visit.incoming.attachment
    picture = attachment is not None and attachment.what in ("photo", "image") and attachment.ref
    if progress is not None and is_album_again(visit, progress):
        return
    asked = _asked_again(visit, progress) if progress is not None and picture else None
    wanted = asked is not None or (progress is not None and _wants_photo(progress))
    if wanted and picture:
        if visit.tx.people.count_photo(visit.person.id) > visit.office.rules.photos_per_hour:
            visit.reply(
                visit.say(
                    "Many photos have come. Please wait an hour, or ask the office: {contact}.",
                    contact=visit.office.contact,
                )
            )
            return
        if asked is not None and progress is not None:
            take_choices_away(visit.tx, visit.person, progress)
            save(visit.tx, visit.person, visit.office, asked)
        _is_first(visit)
        visit.tx.inbox.park(visit.person.id, visit.incoming, state="file")
    elif progress is None or (picture and progress.form == "notices" and _lacking(visit)):
        _no_file_needed(visit)
    else:
        registration.answer(visit, progress)
        if attachment is not None and attachment.album:
            _remember(visit, "!" + attachment.album)


def _wants_photo(progress: Progress) -> bool:
    return FORMS[progress.form][progress.question].takes is Takes.PHOTO


def _asked_again(visit: Visit, progress: Progress) -> Progress | None:
    """A registration back at its question for the photo, where that was left out and the photo comes after all."""
    form = FORMS[progress.form]
    if progress.form != "registration" or form[progress.question].takes is not Takes.TEXT:
        return None
    answers = answers_of(visit.tx, progress)
    if answers.get("photo") != "":
        return None
    moved = engine.go_to(form, progress, "photo", view_of(visit.tx, visit.office, answers)).progress
    assert moved is not None, "a question that is put is open"
    # With the photo the change that was asked for may be made; the menu is not put once more.
    return replace(moved, detour=tuple(key for key in moved.detour if key != "change"))


def _no_file_needed(visit: Visit) -> None:
    """No question is open; but a picture for the one case that lacks its photo is welcome."""
    attachment = visit.incoming.attachment
    if not _is_first(visit):
        return
    lacking = _lacking(visit)
    if len(lacking) == 1 and attachment is not None and attachment.what in ("photo", "image"):
        begin(visit, "change", registration_id=lacking[0].id, detour=("photo",), carry="photo", silent=True)
        arrived(visit, visit.tx.people.progress(visit.person.id))
    elif visit.person.known and attachment is not None and attachment.what == "voice":
        visit.reply(
            visit.say("A voice message came. We cannot listen to it. Please write. To ask a human, reply **PETUGAS**.")
        )
    elif visit.person.known:
        visit.reply(visit.say("No photo or file is needed now. To change an answer, reply **UBAH**."))
    else:
        consent.start(visit)


def _lacking(visit: Visit) -> list[Registration]:
    """The cases of this chat that wait for a photo."""
    return [each for each in files_in(visit, CHANGEABLE) if not each.has_photo]


def _is_first(visit: Visit) -> bool:
    """Whether this is no picture of an album that had its answer: nobody waits for a word on each."""
    attachment = visit.incoming.attachment
    if attachment is None or not attachment.album:
        return True
    return visit.tx.inbox.remember(f"album:{visit.person.id}:{attachment.album}")


def keep_whole(visit: Visit) -> bool:
    """Have the file that came kept as it is, whatever it is: the same Incoming comes again, with `stored`.

    Where it could not be fetched, it comes with an attachment "lost" or "too_big" instead. False: here is nothing
    that could be fetched, such as a sticker, and nothing will come.
    """
    attachment = visit.incoming.attachment
    if attachment is None or not attachment.ref:
        return False
    whole = replace(visit.incoming, attachment=replace(attachment, whole=True))
    visit.tx.inbox.park(visit.person.id, whole, state="file")
    return True


def unclaimed(visit: Visit) -> Visit:
    """Nobody waits any more for the file that was kept whole: it goes, and what came is answered like any other."""
    incoming = visit.incoming
    if incoming.stored is None:
        return visit
    visit.tx.forgotten.append(incoming.stored.name)
    attachment = replace(incoming.attachment, whole=False) if incoming.attachment else None
    return replace(visit, incoming=replace(incoming, attachment=attachment, stored=None))


def let_go(tx: Tx, person: Person, incoming: Incoming, office: Office) -> None:
    """A file that is not parked (any more) is done with: a network that keeps a copy of its own deletes that."""
    attachment = incoming.attachment
    keeps = office.limits_of(incoming.address.channel).keeps_files
    if keeps and attachment is not None and attachment.ref and not tx.inbox.written:
        tx.outbox.put(replace(person, address=incoming.address), Deletion(file=attachment.ref), lane=FOR_THE_NETWORK)


def is_album_again(visit: Visit, progress: Progress) -> bool:
    """The other pictures of an album whose first one was answered: said once, then passed over."""
    album = _album_of(visit, progress)
    if not album:
        return False
    if visit.incoming.photo is not None and progress.album not in (album, "!" + album):
        return False
    if progress.album == album:
        _remember(visit, "!" + album)
        visit.reply(refusal_of("enough_photos", visit.say))
    elif progress.album != "!" + album:
        return False
    if visit.incoming.photo is not None and visit.incoming.photo.name:
        visit.tx.forgotten.append(visit.incoming.photo.name)
    return True


def _album_of(visit: Visit, progress: Progress) -> str:
    """The album of what came; where the network names none, that of the picture taken a moment ago."""
    attachment, latest = visit.incoming.attachment, progress.album.removeprefix("!")
    if attachment is None or attachment.album:
        return attachment.album if attachment is not None else ""
    if attachment.what not in ("photo", "image") or not latest.startswith(_UNNAMED) or _wants_photo(progress):
        return ""
    turn, taken = map(int, latest.removeprefix(_UNNAMED).split())
    if progress.turn != turn or visit.tx.at - taken > _ONE_ALBUM:
        return ""
    return "" if answers_of(visit.tx, progress).get("photo") == "" else latest


def mark_album(visit: Visit) -> None:
    """A picture of an album was taken: of the others one is answered, see is_album_again."""
    progress = visit.tx.people.progress(visit.person.id)
    if progress is not None and visit.incoming.photo is not None and visit.incoming.attachment is not None:
        # One without a name lasts no longer than the question that is open now.
        _remember(visit, visit.incoming.attachment.album or f"{_UNNAMED}{progress.turn} {visit.tx.at}")


def _remember(visit: Visit, album: str) -> None:
    """Remember the album this file belongs to; with a "!" before it nothing more is to be said about it."""
    progress = visit.tx.people.progress(visit.person.id)
    if progress is not None:
        save(visit.tx, visit.person, visit.office, replace(progress, album=album))
