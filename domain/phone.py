"""Mobile numbers: the many ways people write them, one E.164 form inside, masked outside.

A number is no key: families and group leaders share one. Source: domain guide section 6, Formats.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from domain.errors import Invalid

# An Indonesian mobile number has 10 to 13 digits, its leading 0 included.
SHORTEST: Final = 10
LONGEST: Final = 13

# Longer texts are no answer to "what is your number".
_TEXT_LIMIT: Final = 200
_MOBILE: Final = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_CHAT_ID = re.compile(r"^\+?([0-9]{7,15})@[a-z]{1,12}(?:\.[a-z]{2,12}){1,3}$")
_NUMBER = re.compile(r"(?:\+\s?)?\(?\+?[0-9](?:[ .()/-]{0,3}[0-9])*")


@dataclass(frozen=True, repr=False)
class Phone:
    """A mobile number in E.164 form; `foreign` when it is not Indonesian (+60 in the border area).

    Raises ValueError (without the number) when built from anything else.
    """

    number: str
    foreign: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", self.number):
            raise ValueError("a Phone is made of a number in E.164 form")
        if self.foreign is self.number.startswith("+62"):
            raise ValueError("a Phone is foreign exactly when it does not start with +62")

    @classmethod
    def parse(cls, text: str) -> "Phone":
        """Read a mobile number, alone or inside a short phrase.

        Raises Invalid: phone_length(digits), phone_not_mobile, phone_not_understood.
        """
        typed = _one_number(text)
        number = _international(typed)
        if number.startswith("+62"):
            return _indonesian(number[3:].lstrip("0"), zero=not typed.startswith("8"))
        return _foreign(number)

    @property
    def masked(self) -> str:
        """Country code and last two digits, like +62*******01."""
        country = phonenumbers.parse(self.number).country_code
        return f"+{country}*******{self.number[-2:]}"

    @property
    def national(self) -> str:
        """As people here read it aloud: 0812-3450-0001; a foreign number in its international form."""
        if self.foreign:
            shape = phonenumbers.PhoneNumberFormat.INTERNATIONAL
            return phonenumbers.format_number(phonenumbers.parse(self.number), shape)
        digits = "0" + self.number[3:]
        return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"

    def __repr__(self) -> str:
        return f"Phone({self.masked})"

    def __str__(self) -> str:
        return self.masked


def _one_number(text: str) -> str:
    """Digits, with a leading + where the country code was given."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = "".join("-" if unicodedata.category(c) == "Pd" else c for c in plain)
    if len(plain) > _TEXT_LIMIT:
        raise Invalid("phone_not_understood")
    chat_id = _CHAT_ID.match(plain)
    if chat_id:
        return "+" + chat_id[1]
    found = [match for match in _NUMBER.finditer(plain) if sum(c.isdigit() for c in match[0]) > 4]
    if len(found) != 1 or _stands_in_a_word(plain, found[0]):
        raise Invalid("phone_not_understood")
    digits = re.sub("[^0-9]", "", found[0][0])
    return "+" + digits if "+" in found[0][0] else digits


def _stands_in_a_word(plain: str, match: re.Match[str]) -> bool:
    """A letter beside the digits is a typing error (O for 0), so nothing is guessed."""
    around = plain[max(match.start() - 1, 0) : match.start()] + plain[match.end() : match.end() + 1]
    return any(character.isalnum() for character in around)


def _international(digits: str) -> str:
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return "+" + digits.lstrip("0")
    if digits.startswith("0"):
        return "+62" + digits
    # The library would read 62812... as a number of the local network: the + is put there first.
    if digits.startswith(("62", "60")) and len(digits) >= SHORTEST:
        return "+" + digits
    if digits.startswith("8"):
        return "+62" + digits
    if len(digits) < SHORTEST:
        raise Invalid("phone_length", digits=len(digits))
    raise Invalid("phone_not_mobile")


def _indonesian(subscriber: str, *, zero: bool) -> Phone:
    """`zero`: the number was typed with its leading 0 or country code, so that who counts the digits counts it too."""
    digits = len(subscriber) + 1
    if not subscriber.startswith("8") and 8 <= digits <= LONGEST:
        raise Invalid("phone_not_mobile")
    if not SHORTEST <= digits <= LONGEST:
        raise Invalid("phone_length", digits=digits if zero else digits - 1)
    number = "+62" + subscriber
    if phonenumbers.number_type(phonenumbers.parse(number)) not in _MOBILE:
        raise Invalid("phone_not_mobile")
    return Phone(number)


def _foreign(number: str) -> Phone:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise Invalid("phone_not_understood") from None
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid("phone_length", digits=len(number) - 1)
    if phonenumbers.number_type(parsed) not in _MOBILE:
        raise Invalid("phone_not_mobile")
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(written, foreign=True)
