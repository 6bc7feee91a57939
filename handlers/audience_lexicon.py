"""What admins type when they say whom a broadcast is for: words and phrases, and the conditions they mean.

The names that our own sentence uses are among them, so what it says can be typed back. Not for: places, numbers, or
how the words hang together (handlers/audience_reading.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from domain.audience import Condition
from domain.occupation import OCCUPATIONS
from handlers import audience_names
from handlers.audience_places import plain_words
from handlers.office import Office

Words = tuple[str, ...]
_Names = tuple[tuple[str, str], ...]

_STATUSES: Final = {
    "none": "belum daftar, belum mendaftar, belum pernah mendaftar, belum terdaftar, tidak pernah daftar",
    "unfinished": "belum selesai, belum selesai mendaftar, belum selesai pendaftaran, belum selesai isi, belum lengkap,"
    " belum tuntas, pendaftarannya belum selesai, setengah jalan, draf",
    "waiting": "menunggu, menunggu pemeriksaan, menunggu petugas, sedang diperiksa, belum diperiksa",
    "correction": "menunggu perbaikan, perlu perbaikan, perlu diperbaiki, perlu memperbaiki, harus memperbaiki,"
    " harus diperbaiki, datanya perlu diperbaiki, belum memperbaiki, belum diperbaiki, koreksi",
    "verified": "data sudah benar, datanya benar, data benar, sudah benar, sudah diperiksa, sudah disetujui,"
    " disetujui, sudah diterima, daftar tunggu, terverifikasi",
    "active": "terlindungi, dilindungi, sudah dilindungi, aktif, sudah aktif, peserta aktif",
    "rejected": "ditolak, sudah ditolak, tidak diterima, tidak dapat diterima, tidak bisa diterima,"
    " belum bisa diterima, pendaftarannya ditolak",
    "other": "batal, sudah batal, dibatalkan, berakhir, sudah berakhir, tidak aktif lagi, sudah tidak aktif,"
    " pendaftarannya batal, kedaluwarsa",
}
_SECTORS: Final = {
    "fishery": "perikanan, kelautan",
    "farming": "pertanian, perkebunan, peternakan",
    "trade": "perdagangan",
    "transport": "angkutan, transportasi, transport",
    "services": "jasa",
    "construction": "konstruksi",
    "religious": "keagamaan, agama",
    "community": "kemasyarakatan",
}
# Words for a field of work that mean a kind of work where "bidang" does not stand before them.
_FIELDS: Final = {
    "construction": "bangunan",
    "trade": "dagang",
    "fishery": "ikan",
    "farming": "tani",
    "community": "masyarakat",
    "other": "lain, lainnya, lain lain",
}
_BY: Final = ("", "di ", "lewat ", "pakai ", "memakai ", "melalui ", "via ", "pengguna ")
# "Others" says too little about whom to write to.
_TOO_VAGUE: Final = {("lain",), ("yang", "lain"), ("lainnya",)}

_ROLES: Final = {
    "all": "semua, semuanya, seluruh, seluruhnya, siapa saja",
    "filler": "yang, orang, para, warga, penduduk, pekerja, untuk, kepada, tinggal, berada, bekerja, kerja, sebagai,"
    " hanya, saja, juga, dengan",
    "and": "dan, serta, dan juga",
    "or": "atau, ataupun",
    "but": "tapi, tetapi, melainkan, namun",
    "except": "kecuali, selain, terkecuali, di luar, tanpa",
    "not": "bukan, tidak, belum, jangan",
    "place": "di, dari, asal, tinggal di, berada di",
    "field": "bidang, sektor, di bidang, di sektor",
    "kind": "desa, negeri, kelurahan, kecamatan",
}
_WRITTEN_AS: Final = {
    "belum": "blm blom belom",
    "desa": "ds",
    "dengan": "dgn",
    "kecamatan": "kec",
    "kelurahan": "kel",
    "negeri": "neg",
    "semua": "smua",
    "sudah": "sdh udah udh",
    "tapi": "tp",
    "tidak": "tdk gak ga nggak enggak tak",
    "bukan": "bkn",
    "untuk": "utk",
    "yang": "yg",
}
_SHORT: Final = {short: word for word, listed in _WRITTEN_AS.items() for short in listed.split()}


@dataclass(frozen=True)
class Lexicon:
    """Phrases as words: what they mean, what part they play, and what they mean behind "bidang"."""

    meant: dict[Words, Condition] = field(default_factory=dict)
    roles: dict[Words, str] = field(default_factory=dict)
    fields: dict[Words, Condition] = field(default_factory=dict)


def lexicon(office: Office) -> Lexicon:
    """Every phrase, with the names of the catalog and of the office's networks among them."""
    named = (audience_names.OCCUPATIONS, audience_names.SECTORS, audience_names.STATUSES)
    occupations, sectors, statuses = (
        tuple((value, office.say(text)) for value, text in each.items()) for each in named
    )
    networks = ((channel, f"{label}, {office.spellings.get(channel, '')}") for channel, label in office.labels.items())
    return _lexicon(occupations, sectors, statuses, tuple(networks))


@lru_cache(maxsize=8)
def _lexicon(occupations: _Names, sectors: _Names, statuses: _Names, channels: _Names) -> Lexicon:
    found = Lexicon()
    for one in OCCUPATIONS:
        for phrase in one.synonyms:
            if plain_words(phrase) not in _TOO_VAGUE:
                _learn(found.meant, phrase, Condition("occupation", (one.code,)))
    for code, text in occupations:
        _learn(found.meant, text, Condition("occupation", (code,)))
    for code, text in sectors:
        _learn(found.meant, _SECTORS.get(code, ""), Condition("sector", (code,)))
        for listed in (text, _SECTORS.get(code, ""), _FIELDS.get(code, "")):
            _learn(found.fields, listed, Condition("sector", (code,)))
    for code, text in statuses:
        _learn(found.meant, f"{text}, {_STATUSES.get(code, '')}", Condition("status", (code,)))
    for code, text in channels:
        for known in filter(None, text.split(", ")):
            # Two letters begin the names of some villages, so they need a word before them that no place has.
            before = _BY[2:] if len(known) <= 2 else _BY
            _learn(found.meant, ", ".join(by + known for by in before), Condition("channel", (code,)))
    for role, listed in _ROLES.items():
        found.roles.update((plain_words(phrase), role) for phrase in listed.split(","))
    return found


def short(word: str) -> str:
    """A word as it is written in full."""
    return _SHORT.get(word, word)


def _learn(into: dict[Words, Condition], listed: str, meant: Condition) -> None:
    for phrase in listed.split(","):
        words = tuple(short(word) for word in plain_words(phrase))
        if words:
            into[words] = meant
