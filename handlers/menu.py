"""The commands of each role with what they do: for the network's menu, for /bantuan, and to be picked under it.

Not for: running them; each handler module has its own COMMANDS.
"""

from __future__ import annotations

from conversation.messages import Choice
from conversation.say import N_
from domain.officer import Role
from handlers.office import Office
from handlers.taps import data

PAGE = "halaman"
"""The command for the page of handlers/peek.py; there is none without a public address."""

_OFFICER: tuple[tuple[str, str], ...] = (
    ("antrean", N_("What is waiting, and your cases")),
    ("ambil", N_("Take the next case")),
    ("lepas", N_("Give a case back")),
    ("setujui", N_("Approve a case")),
    ("perbaiki", N_("Ask the worker to correct")),
    ("tolak", N_("Reject a case")),
    (PAGE, N_("Photo and NIK on a page, once")),
    ("cari", N_("Search by number, NIK or name")),
    ("riwayat", N_("History of a case")),
    ("pertanyaan", N_("Questions of workers")),
    ("balas", N_("Answer a question")),
)
_ADMIN: tuple[tuple[str, str], ...] = (
    ("siaran", N_("Broadcasts: write and send")),
    ("undang", N_("Invite an officer or admin")),
    ("petugas", N_("Officers: list, area, suspend")),
    ("keberatan", N_("Objections")),
    ("ringkas", N_("Summary of today")),
    ("gangguan", N_("What failed, and try again")),
    ("acara", N_("Events: answers, poster, change, cancel")),
    ("jeda", N_("Pause a broadcast")),
    ("lanjut", N_("Let a broadcast go on")),
    ("hentikan", N_("Stop a broadcast for good")),
)
_EVERYBODY: tuple[tuple[str, str], ...] = (("bantuan", N_("Help")),)

# What needs no other word. There are ten in all, for more is written out with numbers on some networks.
_OFFICER_CHOICES: tuple[tuple[str, str], ...] = (
    (N_("Queue"), data("m", "antrean")),
    (N_("Take the next"), data("q", "next")),
    (N_("Questions"), data("m", "pertanyaan")),
)
_ADMIN_CHOICES: tuple[tuple[str, str], ...] = (
    (N_("Broadcasts"), data("m", "siaran")),
    (N_("Events"), data("m", "acara")),
    (N_("Objections"), data("m", "keberatan")),
    (N_("Summary"), data("m", "ringkas")),
    (N_("What failed"), data("m", "gangguan")),
    (N_("Invite"), data("m", "undang")),
    (N_("Officers"), data("m", "petugas")),
)


def entries(role: Role, office: Office) -> tuple[tuple[str, str], ...]:
    """(command, meaning) pairs of a role."""
    both = _OFFICER + (_ADMIN if role is Role.ADMIN else ()) + _EVERYBODY
    return tuple((word, office.say(meaning)) for word, meaning in both if word != PAGE or office.page)


def help_text(role: Role, office: Office) -> str:
    """The same as a message."""
    lines = [f"/{word}: {meaning}" for word, meaning in entries(role, office)]
    return "\n".join([office.say("You can type:"), *lines])


def choices(role: Role, office: Office) -> tuple[Choice, ...]:
    """Those of them that stand alone, as ready answers."""
    both = _OFFICER_CHOICES + (_ADMIN_CHOICES if role is Role.ADMIN else ())
    return tuple(Choice(office.say(label), order) for label, order in both)
