"""One day at the office in which everything personal is said at least once, and what must be found nowhere afterwards.

A registration with a photo, corrected and approved; a change, a note, a question and its answer; a search; a message
that fails; one that cannot be delivered. Not for: what is answered (tests/conversations/).
"""

from __future__ import annotations

from bot.photos import prepare
from domain.officer import Role
from storage.statement import Statement
from tests.chat import LiveOffice, Villager
from tests.pictures import ktp_photo
from tests.talks import Talk, Told, decides_one

SARI = Told(
    nik="8171014203859917",
    name="SARNI KETAPELTUHU",
    birth_place="Wamlana",
    street="RT 004/RW 009, Lorong Cengkehmerah",
    workplace="sero Tanjung Nusanipa",
    phone="0812-3450-7741",
    heir="Yohanalatu, anak",
)
CORRECTED = "SARNI KETAPELTUHURUA"
QUESTION = "KTP saya tertinggal di kapal Kembangjaya, bagaimana?"
ANSWER = "Silakan datang membawa surat Baileolama."
NOTE = "Nomor HP lama dipakai kemenakan Ongenbesar."
REASON = "Fotonya miring, Ibu Pattyjorat."
BEFORE_CONSENT = "saya Jokolelono dari Batumerah"
PERSON_ID = 6_281_947_305
OFFICER = "Dewikartika"

NEEDLES: dict[str, bytes] = {
    name: text.encode()
    for name, text in {
        "NIK": SARI.nik,
        "NIK in groups": "8171 0142 0385 9917",
        "name": "KETAPELTUHU",
        "first name": "SARNI",
        "birth place": "Wamlana",
        "birth date": "1985-03-02",
        "street": "Cengkehmerah",
        "work place": "Nusanipa",
        "phone": "81234507741",
        "phone as written": "3450-7741",
        "heir": "Yohanalatu",
        "question": "Kembangjaya",
        "answer": "Baileolama",
        "note": "Ongenbesar",
        "reason": "Pattyjorat",
        "message before consent": "Jokolelono",
        "chat id": str(PERSON_ID),
        "name at Telegram": "Sariwangi",
        "officer": OFFICER,
        "file at Telegram": "AgACAgU",
    }.items()
}
NEEDLES["chat id as SQLite writes a number"] = PERSON_ID.to_bytes(6)
NEEDLES["photo"] = prepare(ktp_photo())[1][2000:2032]


async def whole_day(office: LiveOffice) -> None:
    """Live through it. Afterwards one message of Sari's stands among the failures, and one waits for her."""
    sari = office.villager("Sariwangi", person_id=PERSON_ID)
    dewi = await office.joins(OFFICER, Role.OFFICER)
    joko = office.villager("Joko")
    await joko.says(BEFORE_CONSENT)
    await joko.sends_photo(ktp_photo())
    await joko.says("TIDAK")
    await office.settles()

    talk = Talk(sari, SARI)
    await talk.registers()
    await _is_corrected(office, talk, dewi)
    await _asks_around(office, sari, dewi)
    await dewi.says(f"/cari {SARI.nik}")
    await dewi.hears(talk.receipt)
    await dewi.says(f"/riwayat {talk.receipt}")
    await dewi.hears(talk.receipt)
    await _changes_her_mind_and_meets_a_bug(office, sari)
    office.server.fault("sendMessage", "502", times=None, chat_id=sari.id)
    await sari.says("STATUS")
    await office.later(seconds=1)


async def _is_corrected(office: LiveOffice, talk: Talk, dewi: Villager) -> None:
    sari = talk.person
    await office.settles()
    await dewi.says("/ambil")
    await dewi.taps("Perbaiki")
    await dewi.taps("4. Nama tidak sama dengan KTP")
    await dewi.taps("Selesai")
    await dewi.hears("catatan")
    await dewi.says(REASON)
    await office.later(minutes=2)
    assert any("perlu diperbaiki" in seen.text for seen in sari.ledger)
    await sari.says(CORRECTED)
    await sari.hears("Perbaikan untuk nomor")
    await office.settles()
    assert await decides_one(dewi)
    await office.later(minutes=2)
    assert any("Kabar baik" in seen.text for seen in sari.ledger)


async def _asks_around(office: LiveOffice, sari: Villager, dewi: Villager) -> None:
    await sari.says("PETUGAS")
    await sari.hears("tulis pertanyaan")
    await sari.says(QUESTION)
    await sari.hears("Petugas menjawab di sini")
    await office.settles()
    await dewi.says("/pertanyaan")
    await dewi.hears("Kembangjaya")
    await dewi.says(f"/balas 1 {ANSWER}")
    await sari.hears("Baileolama")
    await sari.says("UBAH")
    await sari.hears("Tulis di sini apa yang harus diubah")
    await sari.says(NOTE)
    await sari.hears("Catatan sudah disimpan")
    await office.settles()


async def _changes_her_mind_and_meets_a_bug(office: LiveOffice, sari: Villager) -> None:
    """The open form is spoilt on purpose, so that the next message fails and is kept."""
    await sari.says("PETUGAS")
    await sari.hears("tulis pertanyaan")
    spoil, mend = Statement("UPDATE progress SET sealed = :junk"), Statement("DELETE FROM progress")
    await office.store.engine.transact(lambda db: db.run(spoil, junk=b"\0" * 64))
    await sari.says(QUESTION)
    await sari.hears("ada gangguan di pihak kami")
    await office.store.engine.transact(lambda db: db.run(mend))
