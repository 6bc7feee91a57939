"""Plays the conversations of tests/conversations/: what people do is the script, what the service says is recorded.

    Sari: SETUJU                  she writes this
    Sari: [Setuju]                she taps this
    Sari: (foto KTP)              she sends something else; see DOINGS
    --- 1 hari kemudian ---       time passes
    --- Sari sudah mendaftar ---  she walks the straight road, see tests/chat.py; "tanpa foto" without a photo
    --- Sari sampai foto ---      she walks it up to a step; the last thing said is recorded
    --- persetujuan di atas 3 orang ---      the office's limit
    --- siaran untuk 4 orang lain siap: Besok kantor tutup. ---      the first admin wrote it for everybody
      | Terima kasih.             what the service says, recorded

`make record` writes the recorded lines anew; the difference is for reviewing. Receipt numbers are written as
AMB-0000-0001 and so on, in the order in which they appear, the word on an event's poster as KTB37. Lines that begin
with # are kept as they are.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from domain.officer import Role
from tests.broadcasts import crowd_of, frozen
from tests.chat import STEPS, LiveOffice, Villager
from tests.databases import database
from tests.pictures import ktp_photo
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_html import utf16
from tests.servers.telegram_people import Person
from tests.servers.telegram_things import Seen

FOLDER = Path(__file__).parent / "conversations"

_SAID = "  |"
_DOES = re.compile(r"([A-Z]\w+): (.+)")
_TIME = re.compile(r"--- (.+) ---")
_SPAN = re.compile(r"(\d+) (menit|jam|hari) kemudian")
_UNITS = {"menit": "minutes", "jam": "hours", "hari": "days"}
_RESTART = "program dimulai ulang"
_WALKED = re.compile(r"(\w+) sudah mendaftar( tanpa foto)?")
_WALKS = re.compile(rf"(\w+) sampai ({'|'.join(STEPS)})")
_RECEIPT = re.compile(r"\bAMB-\d{4}-\d{4}\b")
_WORD = re.compile(r"\b[A-HJKMNP-Z]{3}[2-9]{2}\b")
_POSTER = "KTB37"
_PROOF = re.compile(r"(?<=Nomor bukti: )\d{4}-\d{4}")
_LIMIT = re.compile(r"persetujuan di atas (\d+) orang")
_WRITTEN = re.compile(r"siaran untuk (\d+) orang lain siap: (.+)")
_STAFF = {"Dewi": Role.OFFICER, "Rahmat": Role.ADMIN, "Tini": Role.ADMIN}


async def _other_contact(person: Person) -> None:
    await person.shares_contact(own=False, phone="+6281234500099")


DOINGS: dict[str, Callable[[Person], Awaitable[object]]] = {
    "foto KTP": lambda person: person.sends_photo(ktp_photo()),
    "foto KTP buram": lambda person: person.sends_photo(ktp_photo(blurred=True)),
    "foto KTP gelap": lambda person: person.sends_photo(ktp_photo(dark=True)),
    "foto KTP kecil": lambda person: person.sends_photo(ktp_photo(small=True)),
    "foto KTP sebagai berkas": lambda person: person.sends_photo(ktp_photo(), as_document=True),
    "tiga foto sekaligus": lambda person: person.sends_album([ktp_photo()] * 3),
    "berkas PDF": lambda person: person.sends_document(b"%PDF-1.7", "ktp.pdf", mime="application/pdf"),
    "stiker": lambda person: person.sticker(),
    "pesan suara": lambda person: person.voice(),
    "kontak sendiri": lambda person: person.shares_contact(phone="+6281234500001"),
    "kontak orang lain": _other_contact,
    "memblokir layanan": lambda person: person.blocks(),
    "membuka blokir": lambda person: person.unblocks(),
}
_EDITED = "mengubah pesan: "
_OLD = "tombol lama: "


async def play(script: str) -> str:
    """The conversation of a script with everything the service says in it now."""
    async with _office(script) as office:
        stage = _Stage(office)
        lines = [line for line in script.splitlines() if not line.startswith(_SAID)]
        out: list[str] = []
        for line in lines:
            if not line.strip() and (not out or not out[-1].strip()):
                continue
            out.append(line)
            if said := await stage.perform(line):
                out += [*said, ""]
        return "\n".join(out).strip() + "\n"


@asynccontextmanager
async def _office(script: str) -> AsyncIterator[LiveOffice]:
    """The program with the staff that the script speaks of."""
    with tempfile.TemporaryDirectory(prefix="lindung-record-") as folder, database("sqlite", Path(folder)) as url:
        async with TelegramServer() as server, LiveOffice(server, url, Path(folder)) as office:
            for name, role in _STAFF.items():
                if re.search(rf"^{name}: ", script, re.MULTILINE):
                    await office.joins(name, role)
            yield office
            assert not server.violations(), server.violations()


class _Stage:
    """Performs a script line by line and writes down what everybody is told."""

    def __init__(self, office: LiveOffice) -> None:
        self._office = office
        self._heard = {name: len(person.ledger) for name, person in office.server.people.items()}
        self._shown: dict[int, str] = {}
        self._receipts: list[str] = []
        self._word = _POSTER

    async def perform(self, line: str) -> list[str]:
        """What the service says after this line; nothing for a line that is no doing."""
        actor: Villager | None = None
        if does := _DOES.fullmatch(line):
            actor = self._office.villager(does[1])
            self._heard.setdefault(actor.name, 0)
            actor.tap = None
            await self._does(actor, self._with_real_receipts(does[2]))
        elif passes := _TIME.fullmatch(line):
            if walked := _WALKED.fullmatch(passes[1]):
                return _flat((await self._walks(walked[1], without_photo=bool(walked[2])))[:0])
            if walks := _WALKS.fullmatch(passes[1]):
                return _flat((await self._walks(walks[1], walks[2]))[-1:])
            await self._passes(passes[1])
        else:
            return []
        await self._office.settles()
        return _flat(self._news(actor))

    async def _does(self, person: Villager, what: str) -> None:
        if what.startswith("[") and what.endswith("]"):
            await person.taps(what[1:-1], within=0.5)
        elif what.startswith("(") and what.endswith(")"):
            await self._does_otherwise(person, what[1:-1])
        else:
            await person.says(what)

    async def _does_otherwise(self, person: Villager, what: str) -> None:
        if what.startswith(_EDITED):
            await person.edits(what.removeprefix(_EDITED))
        elif what.startswith(_OLD):
            label = what.removeprefix(_OLD)
            seen = next(seen for seen in reversed(person.ledger) if seen.button(label))
            button = seen.button(label)
            assert button is not None
            await person.taps(data=button.data, message_id=seen.message_id)
        else:
            await DOINGS[what](person)

    async def _walks(self, name: str, until: str = STEPS[-1], *, without_photo: bool = False) -> list[list[str]]:
        person = self._office.villager(name)
        await person.registers(until, without_photo=without_photo)
        return self._news(person)

    async def _passes(self, what: str) -> None:
        if what == _RESTART:
            await self._office.restarts()
            return
        if limit := _LIMIT.fullmatch(what):
            await self._office.restarts(approval_above=int(limit[1]))
            return
        if written := _WRITTEN.fullmatch(what):
            await crowd_of(self._office, int(written[1]))
            await frozen(self._office, written[2])
            return
        span = _SPAN.fullmatch(what)
        assert span, f"no length of time: {what!r}"
        await self._office.later(**{_UNITS[span[2]]: float(span[1])})

    def _news(self, actor: Villager | None) -> list[list[str]]:
        """The new messages, those to the person who acted first; then what others were told."""
        found: list[list[str]] = []
        if actor is not None and actor.tap is not None and actor.tap.text:
            found.append([f"(sekilas: {self._normal(actor.tap.text)})"])
        for name, person in sorted(self._office.server.people.items(), key=lambda each: each[1] is not actor):
            news = person.ledger[self._heard.setdefault(name, 0) :]
            self._heard[name] = len(person.ledger)
            for seen in news:
                if text := self._written(seen, person):
                    head = [] if person is actor or len(self._heard) == 1 else [f"(kepada {name})"]
                    found.append([*head, *text.split("\n")])
        return found

    def _written(self, seen: Seen, person: Person) -> str:
        """A message as it is recorded; empty for a change that only takes ready answers away."""
        before = self._shown.get(seen.message_id)
        if seen.kind == "deletion":
            return f"(pesan ditarik: {(before or '').splitlines()[0]})" if before else ""
        text = self._normal(_bold(seen))
        rows = [" ".join(f"[{self._normal(button.text)}]" for button in row) for row in seen.rows]
        self._shown[seen.message_id] = text
        if seen.kind == "edit":
            return "" if text == before and not rows else "\n".join(["(pesan diubah)", text, *rows])
        keyboard = person.chat.keyboard
        if keyboard is not None and keyboard[1] == seen.message_id:
            rows += [" ".join(f"[{label}]" for label in row) for row in person.keyboard()]
        return "\n".join([*(["(foto)"] if seen.file else []), text, *rows])

    def _normal(self, text: str) -> str:
        for receipt in _RECEIPT.findall(text):
            if receipt not in self._receipts:
                self._receipts.append(receipt)
        if word := _WORD.search(text):
            self._word = word[0]
        text = text.replace(self._word, _POSTER)
        text = _RECEIPT.sub(lambda found: f"AMB-0000-{self._receipts.index(found[0]) + 1:04}", text)
        return _PROOF.sub("0000-0000", text)

    def _with_real_receipts(self, text: str) -> str:
        def real(found: re.Match[str]) -> str:
            place = int(found[0][-4:]) - 1
            return self._receipts[place] if found[0].startswith("AMB-0000") else found[0]

        return _RECEIPT.sub(real, text).replace(_POSTER, self._word)


def _flat(messages: list[list[str]]) -> list[str]:
    """The messages as lines of the record, a blank line between two of them."""
    lines = [line for message in messages for line in ("", *(f"{_SAID} {part}".rstrip() for part in message))]
    return lines[1:]


def _bold(seen: Seen) -> str:
    """The text with ** around what is bold."""
    cuts = sorted(
        place
        for entity in seen.entities
        if entity["type"] == "bold"
        for place in (entity["offset"], entity["offset"] + entity["length"])
    )
    out, units = [], 0
    for sign in seen.text:
        out.append("**" * cuts.count(units))
        out.append(sign)
        units += utf16(sign)
    return "".join([*out, "**" * cuts.count(units)])


async def _record(paths: list[Path]) -> None:
    for path in paths:
        before = path.read_text()
        try:
            after = await play(before)
        except AssertionError as problem:
            sys.stdout.write(f"{path.name}: {problem}\n")
            continue
        if after != before:
            path.write_text(after)
            sys.stdout.write(f"{path.name} is different now.\n")


def main() -> None:
    """Record the conversations named, or all."""
    names = sys.argv[1:]
    asyncio.run(_record([FOLDER / name for name in names] or sorted(FOLDER.glob("*.txt"))))


if __name__ == "__main__":
    main()
