"""The bot most people would write: python-telegram-bot's ConversationHandler, PicklePersistence and run_webhook.

The same questions and as many messages as the program's registration, with the library's defaults throughout. It
checks less, stores nothing by itself before a minute is over, and takes no buttons away. Only the bench runs it.
"""

from __future__ import annotations

import argparse
import secrets
from html import escape
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

# What is asked, under which name the answer is kept, and the ready answers under it.
QUESTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "consent",
        (
            "Selamat pagi, Bapak/Ibu. Ini layanan otomatis Disnaker Kota Ambon. Kami bantu daftar perlindungan kerja"
            " BPJS Ketenagakerjaan. <b>Gratis</b>.\n\nBoleh kami simpan data Bapak/Ibu? Yaitu: nama, NIK, tanggal"
            " lahir, alamat, pekerjaan, nomor HP, foto KTP dan nama keluarga. Data hanya untuk pendaftaran ini.\n\n"
            "Boleh dilihat, diubah atau dihapus kapan saja.\n\nBalas <b>SETUJU</b> atau <b>TIDAK</b>."
        ),
        ("Setuju", "Tidak", "Info"),
    ),
    ("nik", "Ketik <b>nomor KTP (NIK)</b>. Ada 16 angka, di atas KTP.\nContoh: 8171021503859901", ()),
    ("name", "Siapa <b>nama lengkap</b>? Tulis seperti di KTP.\nContoh: SARNI TUHUMURY", ()),
    ("birth_place", "Di mana Bapak/Ibu <b>lahir</b>? Tulis tempat seperti di KTP.\nContoh: Ambon", ()),
    ("village", "Di <b>desa, negeri atau kelurahan</b> mana tinggal? Ketik namanya.\nContoh: Latuhalat", ()),
    ("street", "Apa <b>RT/RW dan jalan atau dusun</b>?\nContoh: RT 001/RW 002, Dusun Omputty", ()),
    (
        "occupation",
        "Apa <b>pekerjaan utama</b>? Balas dengan nomor.\n1. Nelayan\n2. Petani\n3. Pembudidaya ikan\n4. Lain",
        ("Nelayan", "Petani", "Pembudidaya ikan", "Lain"),
    ),
    ("workplace", "<b>Di mana</b> bekerja? Tulis desa, pasar atau laut.\nContoh: laut Latuhalat", ()),
    ("phone", "Berapa <b>nomor HP</b>? Nomor keluarga juga boleh.\nContoh: 0812-3450-0001", ()),
    ("photo", "Sekarang kirim <b>foto KTP</b>. Belum bisa? Balas <b>NANTI</b>.", ("Nanti",)),
    ("heir", "Siapa <b>keluarga</b> yang bisa dihubungi?\nContoh: Yohana, istri", ("Lewati",)),
    ("summary", "", ("Benar", "Ubah")),
)


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """/start: ask for consent."""
    _kept(context).clear()
    return await _ask(update, context, 0)


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """Keep an answer and put the next question; after the last one, give a number."""
    assert update.message is not None
    kept = _kept(context)
    at: int = kept["at"]
    key = QUESTIONS[at][0]
    text = update.message.text or ""
    if key == "nik" and not (text.isdigit() and len(text) == 16):
        await update.message.reply_text("NIK ada 16 angka. Coba ketik lagi.")
        return at
    kept[key] = text
    if at + 1 < len(QUESTIONS):
        return await _ask(update, context, at + 1)
    receipt = f"AMB-{secrets.randbelow(10_000):04}-{secrets.randbelow(10_000):04}"
    await update.message.reply_text(
        f"Terima kasih, {escape(kept['name'])}. Data sudah kami terima.\n\n<b>Nomor pendaftaran: {receipt}</b>\n\n"
        "Simpan nomor ini. Petugas memeriksa paling lambat dalam 3 hari kerja.",
        parse_mode=ParseMode.HTML,
    )
    await update.message.reply_text("Boleh kami kirim undangan ke sini? Balas <b>YA</b> atau <b>TIDAK</b>.",
                                    parse_mode=ParseMode.HTML, reply_markup=_choices(("Ya", "Tidak")))  # fmt: skip
    return ConversationHandler.END


async def _ask(update: Update, context: ContextTypes.DEFAULT_TYPE, at: int) -> int:
    assert update.message is not None
    kept = _kept(context)
    kept["at"] = at
    key, text, choices = QUESTIONS[at]
    markup: Any = _choices(choices)
    if key == "summary":
        text = "Apa ini benar?\n\n" + "\n".join(
            f"{name}: {escape(str(kept[name]))}" for name, _, _ in QUESTIONS[1:-1] if name in kept
        )
    if key == "phone":
        button = KeyboardButton("Kirim nomor saya", request_contact=True)
        markup = ReplyKeyboardMarkup([[button], [KeyboardButton("Tidak punya HP")]], one_time_keyboard=True)
    await update.message.reply_text(text, parse_mode=ParseMode.HTML, reply_markup=markup)
    return at


def _kept(context: ContextTypes.DEFAULT_TYPE) -> dict[str, Any]:
    assert context.user_data is not None
    return context.user_data


def _choices(labels: tuple[str, ...]) -> InlineKeyboardMarkup | None:
    if not labels:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=label.lower())] for label in labels])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--state", required=True)
    given = parser.parse_args()
    application = (
        Application.builder()
        .token(given.token)
        .base_url(f"{given.api}/bot")
        .persistence(PicklePersistence(filepath=given.state))
        .build()
    )
    text: Any = MessageHandler(filters.TEXT & ~filters.COMMAND, answer)
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={at: [text] for at in range(len(QUESTIONS))},
            fallbacks=[CommandHandler("start", start)],
            name="registration",
            persistent=True,
        )
    )
    application.run_webhook(
        listen="127.0.0.1",
        port=given.port,
        url_path="telegram",
        secret_token=given.secret,
        webhook_url=f"http://127.0.0.1:{given.port}/telegram",
    )


if __name__ == "__main__":
    main()
