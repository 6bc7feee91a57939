"""What is said when an answer cannot be taken: what came, what is wrong, what to do, in this order, without blame.

Not for: deciding that it cannot; the readers raise Invalid with a code, this is the one table of words.
"""

from __future__ import annotations

from conversation.questions import View
from conversation.say import N_, Say
from domain.errors import Invalid

SENTENCES: dict[str, str] = {
    "nik_missing": N_(
        "No number has come yet. A KTP number has **16 digits**, at the top of the KTP. Please type it slowly."
    ),
    "nik_not_digits": N_(
        "In the number that came, sign {position} is no digit. A KTP number has **16 digits** only. Sometimes the"
        " letter O stands for the digit 0. Please look at the KTP and type it again."
    ),
    "nik_length": N_(
        "The number that came has {digits} digits. A KTP number has **16 digits**. Please look at the KTP, then type"
        " all digits slowly."
    ),
    "nik_placeholder": N_(
        "The number that came looks like an example. We need the number on your own KTP. Please type its **16 digits**."
    ),
    "nik_is_phone": N_(
        "That looks like a phone number. We will ask for it later. Now please type the **16 digits** at the top of"
        " the KTP."
    ),
    "nik_is_kpj": N_(
        "The number that came has 11 digits, like a BPJS Ketenagakerjaan card. We need the **KTP number**: 16 digits,"
        " at the top of the KTP."
    ),
    "nik_bad_date": N_(
        "Some digit seems mistyped. Digits 7 to 12 are usually the birth date. Please compare with the KTP and type it"
        " again. If it is the same as on the KTP, reply **SUDAH SAMA**."
    ),
    "nik_bad_serial": N_(
        "Some digit seems mistyped. The last four digits are never 0000. Please compare with the KTP and type it again."
        " If it is the same as on the KTP, reply **SUDAH SAMA**."
    ),
    "nik_unknown_province": N_(
        "Some digit seems mistyped. We do not know a province with number {province}. Please compare with the KTP and"
        " type it again. If it is the same as on the KTP, reply **SUDAH SAMA**."
    ),
    "nik_is_family_card": N_(
        "This number may be that of the **family card (KK)**. We need the number on your own KTP. Please look at it"
        " and type it again. If it is the same as on the KTP, reply **SUDAH SAMA**."
    ),
    "gender_not_understood": N_("We did not understand that. Please reply **LAKI-LAKI** or **PEREMPUAN**."),
    "name_has_digits": N_("There is a digit in the name that came. A name has letters only. Please write it again."),
    "name_bad_characters": N_(
        "There is a sign in the name that came which no KTP carries. Please write the name with letters only."
    ),
    "name_empty": N_("No name has come yet. Please write the name as on the KTP."),
    "receipt_not_understood": N_(
        "A registration number has 8 digits behind the letters. Please look at the old chat and type it again. To stop,"
        " reply BATAL.\nExample: AMB-2608-4731"
    ),
    "date_invalid": N_(
        "There is no such date. The day comes first, then month and year. Please write it again.\nExample: 15-03-1985"
    ),
    "date_future": N_("The date that came is not yet past. Please write the birth date.\nExample: 15-03-1985"),
    "date_not_understood": N_("We cannot read a date in that. Please write day, month and year.\nExample: 15-03-1985"),
    "heir_without_name": N_("There is no name in that yet. Please write name and relation.\nExample: Yohana, istri"),
    "place_not_understood": N_("There is no name of a place in that. Please write its name.\nExample: Latuhalat"),
    "nothing_written": N_("No words have come yet. Please write the answer in words."),
    "too_long": N_("The text that came has {came} letters. At most {most} fit here. Please write it shorter."),
    "occupation_not_understood": N_(
        "We did not understand that. Please reply with a number of the list, or write the work.\nExample: nelayan"
    ),
    "phone_length": N_(
        "The number that came has {digits} digits. A mobile number has 10 to 13 digits. Please type it again, or"
        " reply TIDAK PUNYA HP."
    ),
    "phone_not_mobile": N_(
        "That is no mobile number. A mobile number begins with 08. Please type it again, or reply TIDAK PUNYA HP."
    ),
    "phone_not_understood": N_(
        "We cannot read a phone number in that. Please type the digits, or reply TIDAK PUNYA HP."
    ),
    "phone_of_another": N_(
        "That number is somebody else's in your contacts. Please share your own number, or type it."
    ),
    "photo_expected": N_("No photo has come yet. Please send a **photo of the KTP**. Cannot now? Reply **NANTI**."),
    "photo_still_expected": N_("No photo has come yet. Please send a **photo of the KTP**. It need not be now."),
    "photo_unreadable": N_("The file that came cannot be opened as a photo. Please take a photo and send it again."),
    "photo_small": N_("The photo that came is too small to read. Please take it closer and send it again."),
    "photo_dark": N_("The photo that came is too dark. Please take it again in a bright place."),
    "photo_blurred": N_("The photo that came is not sharp. Please take it again and hold the phone still."),
    "photo_is_document": N_(
        "A document came. We need a photo. Please take a picture of the KTP and send it as a photo."
    ),
    "photo_is_voice": N_("A voice message came. We need a photo of the KTP here."),
    "photo_is_sticker": N_("A sticker came. We need a photo of the KTP here."),
    "photo_is_video": N_("A video came. We need a photo of the KTP, not moving."),
    "photo_lost": N_("The photo did not arrive here. Please send it once more."),
    "photo_too_big": N_("The file that came is too big for us. Please send the photo once more, as a photo."),
    "photo_choice_expected": N_("Please reply **YA** to use this photo, or send another one."),
    "erase_expected": N_("Please reply **HAPUS DATA SAYA** or **TIDAK**."),
    "erase_one_expected": N_("Please reply **HAPUS** or **TIDAK**."),
    "consent_expected": N_("We may go on only with your yes. Please reply **SETUJU** or **TIDAK**."),
    "summary_expected": N_("Please reply **BENAR** to send, or **UBAH** to change something."),
    "choice_expected": N_("Please reply with one of the numbers."),
    "topic_expected": N_(
        "Which one do you still want? Reply **1** for invitations to meetings, **2** for announcements. No reply is"
        " fine too."
    ),
    "yes_or_no_expected": N_("Please reply **YA** or **TIDAK**."),
    "voice_not_heard": N_("A voice message came. We cannot listen to it. Please write the answer."),
    "sticker_not_read": N_("A sticker came. Please write the answer in words."),
    "picture_not_now": N_("A photo or file came. It is not needed at this question. Please write the answer."),
    "location_not_read": N_("A location came. Please write the answer in words."),
    "not_text": N_("What came cannot be read here. Please write the answer in words."),
    "not_understood": N_("Sorry, we did not understand that."),
    "nothing_to_skip": N_("This answer is needed. It may wait: come back any time and we go on here."),
    "nothing_before": N_("This is the first question. There is nothing before it."),
    "enough_photos": N_("One photo is enough. We keep the first one."),
}


def refusal(invalid: Invalid, view: View) -> str:
    """The sentence for a code, with its facts."""
    return refusal_of(invalid.code, view.say, **invalid.facts)


def refusal_of(code: str, say: Say, **facts: object) -> str:
    sentence = SENTENCES.get(code, SENTENCES["not_understood"])
    return say(sentence, **facts)
