"""The commands of officers and admins as plain words: AMBIL, SETUJUI AMB-4829-1735, CARI Sarni; on every network.

Not for: which command does what (each module's COMMANDS) or commands with a slash, which always count.
"""

from __future__ import annotations

from collections.abc import Mapping

from conversation.forms import FORMS
from conversation.words import is_listed, normal
from handlers import broadcast_control, broadcast_list, desks
from handlers.receipts import is_like_a_receipt
from handlers.visit import Command, Visit


def command(visit: Visit, commands: Mapping[str, Command]) -> tuple[Command, str] | None:
    """The command of `commands` that a text without a slash is, with the rest of the line; None for any other text.

    - The first word names it; then comes nothing, or what this command takes. "Cari ikan" of somebody who is asked
      for their work is no search.
    - A word alone is the command also where any words may be the answer, to an officer's question or a form's. But a
      word that workers answer with (PETUGAS, LANJUT) is the answer as long as anything is asked where it can be one:
      no worker shall read PERBAIKI as the note or the answer of the office.
    - With more words it is the answer where any words may be.
    - JEDA, LANJUT, HENTIKAN, SETUJUI and TOLAK are about a broadcast first, where there is one that they fit.
    """
    text = visit.incoming.text
    first, _, rest = text.partition(" ")
    word, rest = normal(first), rest.strip()
    found = commands.get(word)
    if found is None or (rest and not found.takes(rest)):
        return None
    # "SETUJUI AMB-4829-1735" and "PETUGAS 41" are no sentences: they are read as the word alone is.
    alone = not rest or (desks.is_of_the_office(visit) and (is_like_a_receipt(rest) or rest.isdecimal()))
    return (found, rest) if _is_meant(visit, word, alone=alone) else None


def _is_meant(visit: Visit, word: str, *, alone: bool) -> bool:
    desk, progress = desks.open_desk(visit), visit.tx.people.progress(visit.person.id)
    if not alone:
        asked_freely = progress is not None and (
            FORMS[progress.form][progress.question].free
            or (progress.doubt is not None and progress.doubt.kind == "enquiry")
        )
        return not asked_freely and (desk is None or desk.step not in desks.FREE)
    if is_listed(word) and (progress is not None or (desk is not None and desk.step not in desks.OF_THE_OFFICE)):
        return False
    if desk is not None and desk.step == broadcast_list.STEP and word in broadcast_list.NEW:
        return False
    return word not in broadcast_control.STEERING or not broadcast_control.is_wanted(visit, word)
