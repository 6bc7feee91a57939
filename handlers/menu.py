"""The commands of each role with what they do: for the network's menu and for /bantuan.

Not for: running them; each handler module has its own COMMANDS.
"""

from __future__ import annotations

from conversation.say import N_
from domain.officer import Role
from handlers.office import Office

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


def entries(role: Role, office: Office) -> tuple[tuple[str, str], ...]:
    """(command, meaning) pairs of a role."""
    both = _OFFICER + (_ADMIN if role is Role.ADMIN else ()) + _EVERYBODY
    return tuple((word, office.say(meaning)) for word, meaning in both if word != PAGE or office.page)


def help_text(role: Role, office: Office) -> str:
    """The same as a message."""
    lines = [f"/{word}: {meaning}" for word, meaning in entries(role, office)]
    return "\n".join([office.say("You can type:"), *lines])
