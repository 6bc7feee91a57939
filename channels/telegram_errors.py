"""What the Bot API's refusals mean to us: one table from its words to the tree in base.py.

Not for: deciding what happens next. Its sentences may quote what was sent, so only a few plain words of them
leave this module.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus

from telegram.error import TelegramError

from channels.base import FetchFailed, Permanent, SendFailed, Stopped, Temporary, Unclear
from channels.telegram_request import Rejected, Unreached

log = logging.getLogger(__name__)

# 400 where one would expect 403: the person or the group is gone all the same.
_GONE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "peer_id_invalid",
    "user_is_blocked",
    "input_user_deactivated",
    "group chat was deactivated",
    "group chat was upgraded",
)

# Said of a wrong reference and of a store that is down for a minute alike, so another try may help.
_FILE_MAY_RETURN = ("temporarily unavailable",)

_QUOTED = re.compile(r"""(?<!\w)(["']).*?\1(?!\w)""")
_WORDS = 7


def says(problem: TelegramError, *phrases: str) -> bool:
    """Whether the Bot API refused with one of these phrases (in small letters)."""
    if not isinstance(problem, Rejected):
        return False
    description = problem.description.lower()
    return any(phrase in description for phrase in phrases)


def failure(problem: TelegramError) -> SendFailed:
    """The error of ours that tells the caller what it may do."""
    if isinstance(problem, Unreached):
        return Unclear(problem.code) if problem.left else Temporary(problem.code)
    if not isinstance(problem, Rejected):
        # The library's own: something in our HTTP layer that nobody foresaw. Its text may hold the address.
        return Unclear("unreachable")
    status = problem.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Temporary("too_many_requests", problem.retry_after)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
        # Temporary, so that nothing is lost while the token is mended.
        log.error("Telegram refuses the bot's token. Mend LINDUNG_TELEGRAM_TOKEN (ask @BotFather) and restart.")
        return Temporary("token_refused", problem.retry_after)
    if status == HTTPStatus.CONFLICT:
        log.error("Another program asks Telegram for this bot's messages, or its webhook is set. Stop the other.")
        return Temporary("another_program", problem.retry_after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A gateway that lost its patience, or a server that fell over it: the message may be out all the same.
        return Unclear(f"http_{status}", problem.retry_after)
    if not problem.description or status < HTTPStatus.BAD_REQUEST:
        # Without the Bot API's own words it was something on the way that let nothing through: a proxy, a login page.
        return Temporary(f"http_{status}", problem.retry_after)
    if status == HTTPStatus.FORBIDDEN or says(problem, *_GONE):
        return Stopped(code_of(problem.description))
    return Permanent(code_of(problem.description))


def fetch_failure(problem: TelegramError) -> FetchFailed:
    """The same for a file: what could work later is not final."""
    if says(problem, *_FILE_MAY_RETURN):
        return FetchFailed("file_unavailable", final=False)
    ours = failure(problem)
    retry_after = ours.retry_after if isinstance(ours, Temporary) else None
    return FetchFailed(ours.code, final=not isinstance(ours, Temporary), retry_after=retry_after)


def code_of(description: str) -> str:
    """A few plain words of the Bot API's sentence, without anything it quotes: "message_is_too_long"."""
    sentence = description.removeprefix("Bad Request: ").removeprefix("Forbidden: ")
    # What follows a colon explains with pieces of what was sent.
    sentence = _QUOTED.sub(" ", sentence).split(":", 1)[0].replace("'", "")
    words = re.findall(r"[a-z]+", sentence.lower())
    return "_".join(words[:_WORDS]) or "refused"
