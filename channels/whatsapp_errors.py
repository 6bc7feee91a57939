"""What Meta's error codes mean to us: one table, for refusals at once and for those told later in a status.

Not for: deciding what happens next. Meta's sentences never leave: they may quote what was sent.
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from __future__ import annotations

import logging
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from channels.base import (
    Barred,
    FetchFailed,
    NeedsTemplate,
    Permanent,
    Restricted,
    SendFailed,
    Stopped,
    Temporary,
    Unclear,
)
from channels.whatsapp_request import GraphRefused, GraphUnreached
from conversation.messages import Told

log = logging.getLogger(__name__)


class _Means(Enum):
    """What a code tells: who has to wait, or what must change."""

    ALL_WAIT = auto()
    ONE_WAITS = auto()
    HICCUP = auto()
    UNREACHABLE = auto()
    SHUT = auto()
    TEMPLATE = auto()
    TOKEN = auto()
    ACCOUNT = auto()
    SPAM = auto()
    NEVER = auto()


_CODES: Final[dict[int, tuple[str, _Means]]] = {
    1: ("server_trouble", _Means.HICCUP),
    2: ("server_trouble", _Means.HICCUP),
    3: ("not_permitted", _Means.TOKEN),
    4: ("too_many_calls", _Means.ALL_WAIT),
    10: ("not_permitted", _Means.TOKEN),
    100: ("invalid_parameter", _Means.NEVER),
    102: ("token_refused", _Means.TOKEN),
    104: ("token_refused", _Means.TOKEN),
    190: ("token_refused", _Means.TOKEN),
    368: ("account_blocked", _Means.ACCOUNT),
    2200: ("webhook_not_verified", _Means.NEVER),
    80007: ("too_many_calls", _Means.ALL_WAIT),
    80008: ("too_many_calls", _Means.ALL_WAIT),
    130429: ("too_many_messages", _Means.ALL_WAIT),
    130472: ("experiment", _Means.NEVER),
    130497: ("country_restricted", _Means.NEVER),
    131000: ("server_trouble", _Means.HICCUP),
    131005: ("not_permitted", _Means.TOKEN),
    131008: ("parameter_missing", _Means.NEVER),
    131009: ("invalid_parameter", _Means.NEVER),
    131016: ("server_trouble", _Means.HICCUP),
    131021: ("own_number", _Means.NEVER),
    131026: ("undeliverable", _Means.UNREACHABLE),
    131030: ("not_on_the_test_list", _Means.UNREACHABLE),
    131031: ("account_locked", _Means.ACCOUNT),
    131037: ("display_name_not_approved", _Means.ACCOUNT),
    131042: ("account_unpaid", _Means.ACCOUNT),
    131045: ("number_not_registered", _Means.ACCOUNT),
    131047: ("window_shut", _Means.SHUT),
    131048: ("spam_limit", _Means.SPAM),
    131049: ("marketing_limit", _Means.NEVER),
    131050: ("marketing_stopped", _Means.NEVER),
    131051: ("kind_not_supported", _Means.NEVER),
    131052: ("file_not_fetched", _Means.NEVER),
    131053: ("file_refused", _Means.NEVER),
    131056: ("too_many_to_one", _Means.ONE_WAITS),
    131057: ("account_in_maintenance", _Means.HICCUP),
    132000: ("template_parameters", _Means.TEMPLATE),
    132001: ("template_missing", _Means.TEMPLATE),
    132005: ("template_too_long", _Means.TEMPLATE),
    132007: ("template_policy", _Means.TEMPLATE),
    132012: ("template_parameters", _Means.TEMPLATE),
    132015: ("template_paused", _Means.TEMPLATE),
    132016: ("template_disabled", _Means.TEMPLATE),
    132018: ("template_parameters", _Means.TEMPLATE),
    132068: ("template_disabled", _Means.TEMPLATE),
    132069: ("template_paused", _Means.TEMPLATE),
    133004: ("server_trouble", _Means.HICCUP),
    133010: ("number_not_registered", _Means.ACCOUNT),
    135000: ("invalid_parameter", _Means.NEVER),
}

_PERMISSIONS: Final = range(200, 300)
_NO_SUCH_OBJECT: Final = (100, 33)
_PAUSE_FOR_ALL: Final = 2.0
# Meta lets one message go to the same number every six seconds.
_PAUSE_FOR_ONE: Final = 6.0
_PAUSE_FOR_REPAIR: Final = 60.0

_TOLD: Final = {
    _Means.UNREACHABLE: Told.GONE,
    _Means.SHUT: Told.SHUT,
    _Means.TEMPLATE: Told.LACKING,
    _Means.SPAM: Told.RESTRICTED,
    _Means.ALL_WAIT: Told.LATER,
    _Means.ONE_WAITS: Told.LATER,
    _Means.HICCUP: Told.LATER,
    # While somebody mends them, nothing about a case is given up.
    _Means.TOKEN: Told.LATER,
    _Means.ACCOUNT: Told.LATER,
}


def told(code: int) -> tuple[Told, str]:
    """What a failed status says, and the word for it."""
    word, means = _CODES.get(code, ("refused", _Means.NEVER))
    if code not in _CODES and HTTPStatus.INTERNAL_SERVER_ERROR <= code < 600:
        return Told.LATER, "server_trouble"
    return _TOLD.get(means, Told.FAILED), word


def failure(problem: GraphRefused | GraphUnreached) -> SendFailed:
    """The error of ours that tells the caller what it may do."""
    if isinstance(problem, GraphUnreached):
        return Unclear(problem.code) if problem.left else Temporary(problem.code)
    if (problem.code, problem.subcode) == _NO_SUCH_OBJECT:
        # Our own number or account, which such a call names: never the person's.
        log.error(
            "Meta knows no such number or account for this token. Mend LINDUNG_WHATSAPP_PHONE_NUMBER_ID or"
            " LINDUNG_WHATSAPP_BUSINESS_ACCOUNT_ID and restart."
        )
        return Barred("number_unknown", _PAUSE_FOR_REPAIR, alone=False)
    word, means = _meaning(problem)
    match means:
        case _Means.ALL_WAIT:
            return Temporary(word, problem.retry_after or _PAUSE_FOR_ALL, alone=False)
        case _Means.ONE_WAITS:
            return Temporary(word, problem.retry_after or _PAUSE_FOR_ONE, alone=True)
        case _Means.HICCUP:
            # A server that fell over a message may have sent it all the same.
            unclear = problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            return (Unclear if unclear else Temporary)(word, problem.retry_after)
        case _Means.UNREACHABLE:
            return Stopped(word)
        case _Means.SHUT | _Means.TEMPLATE:
            return NeedsTemplate(word)
        case _Means.TOKEN:
            # Nothing is lost while the token is mended.
            log.error("Meta refuses the token (%s). Mend LINDUNG_WHATSAPP_TOKEN and restart.", word)
            return Barred(word, problem.retry_after or _PAUSE_FOR_REPAIR, alone=False)
        case _Means.SPAM:
            return Restricted(word, alone=True)
        case _Means.ACCOUNT:
            log.error("Meta has stopped this account or number (%s). See the WhatsApp Manager.", word)
            return Barred(word, problem.retry_after or _PAUSE_FOR_REPAIR, alone=False)
        case _Means.NEVER:
            return Permanent(word)


def fetch_failure(problem: GraphRefused | GraphUnreached) -> FetchFailed:
    """The same for a file: what could work later is not final."""
    if isinstance(problem, GraphRefused) and is_gone(problem):
        return FetchFailed("file_not_there", final=True)
    ours = failure(problem)
    retry_after = ours.retry_after if isinstance(ours, Temporary) else None
    return FetchFailed(ours.code, final=not isinstance(ours, Temporary), retry_after=retry_after)


def is_gone(problem: GraphRefused) -> bool:
    """Whether Meta has no such file (any more): it forgets what people send after seven days.

    A bare 404 is no word of Meta's: something on the way has no such page.
    """
    code = problem.code
    return (code, problem.subcode) == _NO_SUCH_OBJECT or (problem.status == HTTPStatus.NOT_FOUND and code == 100)


def _meaning(problem: GraphRefused) -> tuple[str, _Means]:
    code, status = problem.code, problem.status
    if code in _CODES:
        return _CODES[code]
    if code in _PERMISSIONS or status == HTTPStatus.UNAUTHORIZED:
        return "not_permitted", _Means.TOKEN
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "too_many_calls", _Means.ALL_WAIT
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"http_{status}", _Means.HICCUP
    if not code:
        # Without Meta's own words it was something on the way that let nothing through: a proxy, a login page.
        return f"http_{status}", _Means.HICCUP
    if status == HTTPStatus.FORBIDDEN:
        return "not_permitted", _Means.TOKEN
    return "refused", _Means.NEVER
