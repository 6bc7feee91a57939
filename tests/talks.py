"""What people say in a whole registration, and what an officer on Telegram taps; each waits for the answer it needs.

They wait for the words of the next question and never look at a clock, so the same talk works with a program that
is killed in the middle of it. Not for: what exactly is answered (tests/conversations/).
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.pictures import ktp_photo
from tests.servers.telegram_people import Person
from tests.servers.telegram_things import Bell

PHOTO = "(photo)"
RECEIPT = re.compile(r"AMB-\d{4}-\d{4}")


class Heard(Protocol):
    """Something a person sees."""

    @property
    def text(self) -> str: ...


class Speaker(Protocol):
    """A person of any network, as far as a talk needs one: they say, send a photo, and hear."""

    @property
    def ledger(self) -> Sequence[Heard]: ...

    @property
    def bell(self) -> Bell: ...

    async def says(self, text: str) -> Any: ...

    async def sends_photo(self, content: bytes) -> Any: ...

    async def hears(self, wanted: str | re.Pattern[str], *, within: float) -> Heard: ...


@dataclass(frozen=True)
class Told:
    """What one invented worker tells of themself."""

    nik: str
    name: str = "SARI TUHUMURY"
    birth_place: str = "Ambon"
    village: str = "Latuhalat"
    street: str = "RT 001/RW 002, Dusun Omputty"
    occupation: str = "1"
    workplace: str = "laut Latuhalat"
    phone: str = "0812-3450-0001"
    heir: str = "Yohana, anak"

    def steps(self) -> list[tuple[str, str]]:
        """(what is said, words of the question that comes next); PHOTO stands for the picture."""
        return [
            ("/start", "SETUJU"),
            ("SETUJU", "16 angka"),
            (self.nik, "nama lengkap"),
            (self.name, "lahir"),
            (self.birth_place, "desa, negeri, atau kelurahan"),
            (self.village, "RT/RW"),
            (self.street, "pekerjaan utama"),
            (self.occupation, "bekerja"),
            (self.workplace, "nomor HP"),
            (self.phone, "foto KTP"),
            (PHOTO, "keluarga"),
            (self.heir, "Mohon diperiksa"),
            ("BENAR", "undangan sosialisasi"),
            ("YA", "Undangan akan kami kirim"),
        ]


def invented_nik(number: int) -> str:
    """The NIK of an invented woman of Nusaniwe, born in March 1985; the serial begins with 99."""
    return f"817101{41 + number % 28:02d}0385{9901 + number // 28}"


@dataclass
class Talk:
    """One worker's talk so far: `done` counts the answers whose next question they have seen."""

    person: Speaker
    told: Told
    photo: bytes = field(default_factory=ktp_photo)
    done: int = 0
    receipt: str = ""

    async def registers(self, *, within: float = 10.0, until: str = "") -> str:
        """From /start to the receipt and the question about notices; stops early before saying `until`."""
        for said, expected in self.told.steps()[self.done :]:
            if until and said == until:
                break
            if said == PHOTO:
                await self.person.sends_photo(self.photo)
            else:
                await self.person.says(said)
            await self.person.hears(expected, within=within)
            if said == "BENAR":
                seen = await self.person.hears(RECEIPT, within=within)
                found = RECEIPT.search(seen.text)
                assert found
                self.receipt = found[0]
            self.done += 1
        return self.receipt

    async def is_told(self, words: str, *, within: float = 10.0) -> None:
        """Wait for a message that may have come at any time."""
        await wait_for(lambda: any(words in seen.text for seen in self.person.ledger), self.person, words, within)


async def decides_one(officer: Person, *, within: float = 10.0, desk: asyncio.Lock | None = None) -> str:
    """The straight decision: /ambil (under the lock `desk`), Lihat KTP, Setujui. The receipt; empty: nothing waits."""
    async with desk or contextlib.nullcontext():
        await officer.says("/ambil")
        card = await officer.hears(re.compile(r"Kasus AMB-|ada yang menunggu"), within=within)
    found = RECEIPT.search(card.text)
    if found is None:
        return ""
    receipt = found[0]
    await officer.taps("Lihat KTP", message_id=card.message_id, within=within)
    picture = await officer.hears(re.compile(f"{receipt}(.|\n)*NIK: "), within=within)
    await officer.taps("Setujui", message_id=picture.message_id, within=within)
    await officer.hears(re.compile(f"{receipt}.*(?i:setuju)"), within=within)
    return receipt


async def wait_for(true: Callable[[], object], person: Speaker, what: str, within: float) -> None:
    """Wait until something of this person's chat is true."""
    async with asyncio.timeout(within):
        while not true():
            await person.bell.heard(0.2)
