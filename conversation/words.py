"""The words people answer with, in Indonesian, Ambonese and North Malukan Malay, and what each of them means.

A word counts only when it is the whole answer. Not for: what a meaning leads to; that depends on the question.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TABLE: dict[str, str] = {
    "yes": "ya, y, iya, iyah, iye, iyo, yo, ye, yes, yup, yoi, betul, btl, benar, bnr, sudah benar, sdh benar,"
    " ok, oke, oks, okay, okey, k, sip, siap, setuju, stuju, boleh, bisa, mau, lanjut, io, batul, btul,"
    " batul sudah, su batul, bole, jadi, oke sudah, 👍, ✅",
    # "Already": a yes only where the question asks whether something is done.
    "done": "sudah, sdh, udah, udh, su, so, sudah setuju, su kirim, sudah sama, sudah sama semua",
    "no": "tidak, tdk, tidk, gak, ga, nggak, ngga, enggak, engga, gk, no, n, bukan, bkn, belum, blm, jangan,"
    " kurang, ndak, tak, 👎, seng, sing, seng mau, seng jadi, tra, tara, balong, balom, jang, bukang,"
    " tar mau, g, tidak setuju, tidak mau",
    "wrong": "salah, sala",
    "cancel": "batal, batalkan, btl batal, cancel, stop daftar, keluar, tidak jadi, gak jadi, ga jadi,"
    " nda jadi, seng jadi, tar jadi",
    "zero": "0",
    "back": "kembali, balik, back, mundur, sebelumnya, bale",
    "restart": "ulang, ulangi, ulang dari awal, mulai lagi, dari awal, reset",
    "change": "ubah, ganti, edit, perbaiki, betulkan, ganti itu, ralat, koreksi, kasi bae, kase bae",
    "skip": "lewati, lewat, skip, nanti, nanti saja, nanti dulu, nanti dolo, lain kali, tidak ada, tdk ada, gak ada,"
    " ga punya, tidak punya, kosong, -, seng ada, tarada, trada, ndada",
    # The number of the chat itself, where the network tells it.
    "this_number": "nomor ini, nomer ini, no ini, nomor yang ini, nomer yang ini, nomor ini saja, nomer ini saja,"
    " yang ini, yang ini saja, pakai nomor ini, pake nomor ini, nomor saya ini, nomor saya yang ini, nomor hp ini,"
    " no hp ini, hp ini, sama dengan ini, sama dengan nomor ini, sama nomor ini, nomor ini jua",
    # Said where an answer is there already: it stays.
    "keep": "lanjut, lanjut saja, tetap, tetap sama, lewati, lewat, skip",
    "later": "nanti, nanti saja, nanti dulu, nanti dolo, lain kali",
    "help": "bantuan, bantu, tolong, help, bingung, tidak mengerti, gak ngerti, gak paham, bagaimana, gimana,"
    " cara, ?, tolong dolo, beta seng mangarti, mangarti?, mangarti",
    "human": "petugas, admin, orang, operator, telpon, telepon, hubungi, bicara dengan orang, ktp ilang, ktp hilang",
    "status": "status, cek, cek status, sudah sampai mana, gimana data saya, bagaimana pendaftaran saya, su sampe mana,"
    " lihat, liat, lihat kabar",
    # The answer to a late text that only knocks.
    "read": "lihat, liat, lihat kabar, buka, baca",
    "start": "daftar, mulai, start, halo, hai, hallo, hello, pagi, siang, sore, malam, selamat pagi,"
    " selamat siang, selamat sore, selamat malam, assalamualaikum, syalom, shalom, mau daftar, mo daftar,"
    " beta mau daftar, p",
    "register": "daftar, mau daftar, mo daftar, beta mau daftar",
    "resume_notices": "mulai, mau terima lagi, terima lagi, kabari lagi",
    "events": "undangan, undangan acara, undangan saja, acara, mulai undangan",
    "announcements": "pengumuman, pengumuman saja, mulai pengumuman",
    "comes": "hadir, ya hadir, iya hadir, saya hadir, beta hadir, kami hadir, bisa hadir, akan hadir, mau hadir,"
    " siap hadir, hadir siap, datang, ya datang, iya datang, saya datang, beta datang, bisa datang, akan datang,"
    " mau datang, ikut, ya ikut, saya ikut, beta ikut, mau ikut, mo ikut, mo datang, pasti hadir, pasti datang,"
    " insya allah hadir",
    "declines": "tidak bisa, tdk bisa, gak bisa, ga bisa, nggak bisa, ngga bisa, enggak bisa, belum bisa, seng bisa,"
    " sing bisa, tra bisa, tara bisa, tar bisa, tidak bisa hadir, tdk bisa hadir, gak bisa hadir, ga bisa hadir,"
    " seng bisa hadir, tidak bisa datang, gak bisa datang, ga bisa datang, seng bisa datang, tidak hadir, tdk hadir,"
    " gak hadir, ga hadir, seng hadir, tidak datang, seng datang, tidak ikut, gak ikut, ga ikut, seng ikut,"
    " maaf tidak bisa, maaf tidak bisa hadir, tidak dapat hadir, berhalangan, berhalangan hadir",
    "info": "info",
    "stop": "stop, setop, berhenti, unsubscribe, jangan kirim, jangan kirim lagi, jangan kirim pesan lagi, jang kirim,"
    " jang kirim lai, stop kirim, stop kirim lagi, stop kirim pesan, stop pesan, stop kabar, stop semua,"
    " berhenti kirim, tolong stop, tolong berhenti, tidak mau terima lagi, tidak mau terima kabar lagi, balas stop, 🛑",
    "stop_events": "stop undangan, stop acara, stop undangan acara, berhenti undangan, jangan kirim undangan",
    "stop_announcements": "stop pengumuman, berhenti pengumuman, jangan kirim pengumuman",
    "erase": "hapus, hapus data, hapus data saya, delete",
    "erase_sure": "hapus data saya",
    "my_data": "data saya",
    "thanks": "terima kasih, terima kasih banyak, makasih, makasih banyak, mksh, trims, tq, thx, dangke, danke,"
    " syukur, 🙏",
    "object": "keberatan",
    "join": "gabung",
    "connect": "sambung, sambungkan, sambung chat, pindah, pindah chat",
    "disconnect": "putus, putuskan, putuskan sambungan",
    "undo_connect": "batalkan sambungan, batal sambungan, batal sambung, batalkan sambung",
}

# Words that command even where any answer is free; all others are offered back there.
COMMANDS = frozenset(
    {
        "cancel",
        "back",
        "help",
        "human",
        "status",
        "change",
        "info",
        "stop",
        "stop_events",
        "stop_announcements",
        "erase",
        "my_data",
        "connect",
        "disconnect",
        "undo_connect",
    }
)
# Of those only the plain word itself commands on a free question: "Orang" may be a name, "Petugas" is not.
_PLAIN = frozenset(
    {
        "batal",
        "kembali",
        "bantuan",
        "petugas",
        "status",
        "ubah",
        "info",
        "stop",
        "stop undangan",
        "stop pengumuman",
        "hapus",
        "data saya",
        "hapus data saya",
        "sambung",
        "putus",
        "batalkan sambungan",
    }
)
_PARTICLES = frozenset(
    ["pak", "bu", "kak", "min", "bos", "dong", "deh", "sih", "kok", "lah", "ya", "e", "le", "jua", "to", "jo"]
)
_SLASH = {
    "start": "start",
    "daftar": "register",
    "status": "status",
    "ubah": "change",
    "kembali": "back",
    "batal": "cancel",
    "bantuan": "help",
    "help": "help",
    "petugas": "human",
    "info": "info",
    "data": "my_data",
    "data_saya": "my_data",
    "datasaya": "my_data",
    "hapus": "erase",
    "stop": "stop",
    "keberatan": "object",
    "tanya": "human",
    "sambung": "connect",
    "putus": "disconnect",
}
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")
_BLANKS = re.compile(r"[ \t\u00a0]+")
_MARKS = re.compile(r"[.,!*]")
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b-\u001f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def _meanings_by_word() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for meaning, words in _TABLE.items():
        for word in words.split(", "):
            found.setdefault(word, set()).add(meaning)
    return {word: frozenset(meanings) for word, meanings in found.items()}


_WORDS = _meanings_by_word()
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")


def clean(text: str) -> str:
    """The text as it is kept: composed, without invisible signs, white space folded within lines."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip()


# One step asks after the same text again and again; nobody's text stays here for long.
@lru_cache(maxsize=16)
def normal(text: str) -> str:
    """Lower case, without `. , ! *` and emoji around words; an answer of signs alone stays as it is."""
    lowered = " ".join(clean(text).lower().split())
    bare = " ".join(_MARKS.sub(" ", _EMOJI.sub(" ", lowered)).split())
    return bare or _SKIN.sub("", lowered)


@lru_cache(maxsize=16)
def _read(word: str) -> frozenset[str]:
    for attempt in (
        word,
        _DRAWN_OUT.sub(r"\1", word),
        _DOUBLED.sub(r"\1", word),
    ):
        if attempt in _WORDS:
            return _WORDS[attempt]
    return frozenset()


def meanings(text: str) -> frozenset[str]:
    """Everything the whole text may mean; empty for an answer that is none of the words."""
    if len(text) > 60:
        return frozenset()
    word = normal(text)
    if word.startswith("/"):
        word = word[1:].split("@")[0]
        return frozenset({_SLASH[word]}) if word in _SLASH else _WORDS[word] if word == "mulai" else frozenset()
    found = _read(word)
    while not found and (parts := word.split()) and len(parts) > 1 and parts[-1] in _PARTICLES:
        word = " ".join(parts[:-1])
        found = _read(word)
    return found


def command(text: str, *, free: bool) -> str | None:
    """The one command the text is, or None. `free`: the open question takes any text, so only plain words count."""
    found = meanings(text) & COMMANDS
    if not found or (free and normal(text) not in _PLAIN and not text.strip().startswith("/")):
        return None
    return min(found)


def is_listed(text: str) -> bool:
    """Whether the text is one of the words, whatever it means: on a free question it is offered back."""
    return bool(meanings(text))


def number(text: str) -> int | None:
    """A choice by its number: exactly the digits, so that 11 is never 1."""
    word = normal(text).rstrip(")")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else None
