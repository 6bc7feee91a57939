"""Why a broadcast did not come to somebody, in plain words by outcome and code.

A code that nobody has met is shown as it is. Not for: how many they are (handlers/broadcast_report.py).
"""

from __future__ import annotations

import re

from conversation.say import N_, Say
from domain.broadcast import Outcome

_HTTP = re.compile(r"http_[0-9]{3}")

# What was found when the list of people was made, and again when their turn came.
_PERSON: dict[str, str] = {
    "opted_out": N_("stopped these notices"),
    "never_asked": N_("never said whether they want notices"),
    "unreachable": N_("could not be reached before"),
    "no_village": N_("no village known, which the text names"),
    "quiet": N_("got another notice just before"),
    "network_off": N_("their network is switched off here"),
    "gone": N_("data erased meanwhile"),
}
_BLOCKED: dict[str, str] = {
    "bot_was_blocked_by_the_user": N_("blocked this service"),
    "user_is_deactivated": N_("closed their account"),
    "input_user_deactivated": N_("closed their account"),
    "chat_not_found": N_("the chat is gone"),
    "user_not_found": N_("the chat is gone"),
    "bot_cant_initiate_conversation_with_a_user": N_("never opened the chat"),
    "no_page": N_("the page is closed"),
    "undeliverable": N_("the network does not reach this number"),
    "not_on_the_test_list": N_("the network does not reach this number"),
}
_FAILED: dict[str, str] = {
    "too_late": N_("tried many times, the network did not take it"),
    "file_missing": N_("the picture or file is no longer here"),
    "too_long": N_("the text is too long"),
    "message_is_too_long": N_("the text is too long"),
    "caption_too_long": N_("the text under the picture is too long"),
    "message_caption_is_too_long": N_("the text under the picture is too long"),
    "image_process_failed": N_("the network cannot open the picture"),
    "photo_invalid_dimensions": N_("the network cannot open the picture"),
    "photo_ext_invalid": N_("the network cannot open the picture"),
    "photo_save_file_invalid": N_("the network cannot open the picture"),
    "wrong_file_identifier_http_url_specified": N_("the network cannot open the picture"),
    "file_refused": N_("the network cannot open the picture"),
    "marketing_limit": N_("the network gives this person no more news for now"),
    "experiment": N_("the network gives this person no more news for now"),
    "spam_limit": N_("the network holds us back, for too many people complained"),
    "token_refused": N_("the network refuses our key"),
    "not_permitted": N_("the network refuses our key"),
    "account_unpaid": N_("our account at the network is not paid"),
    "account_blocked": N_("the network has blocked our account"),
    "account_locked": N_("the network has blocked our account"),
    "marketing_stopped": N_("switched off news from us in the app"),
    "country_restricted": N_("the network does not allow it in this country"),
    "undeliverable": N_("the network does not reach this number"),
    "file_must_be_non_empty": N_("the file is empty"),
    "empty": N_("the message was empty"),
    "text_must_be_non_empty": N_("the message was empty"),
}
_UNCLEAR: dict[str, str] = {
    "killed": N_("the program was stopped in the middle"),
    "timeout": N_("the network did not answer"),
    "unreachable": N_("the connection was lost"),
    "closed": N_("the connection was lost"),
    "garbled_answer": N_("nobody can read the network's answer"),
}
_BY_OUTCOME: dict[Outcome, dict[str, str]] = {
    Outcome.LEFT_OUT: _PERSON,
    Outcome.SKIPPED: _PERSON,
    Outcome.BLOCKED: _BLOCKED,
    Outcome.FAILED: _FAILED,
    Outcome.UNCLEAR: _UNCLEAR,
}


def reason(outcome: Outcome, code: str, say: Say) -> str:
    """The reason in words; empty where there is none to give."""
    known = _BY_OUTCOME.get(outcome, {}).get(code)
    if known is not None:
        return say(known)
    if _HTTP.fullmatch(code):
        return say("the network had a fault ({code})", code=code)
    return code
