"""How Meta says no: the error envelope, its codes with their HTTP status, and the small checks of single values.

Pure: no accounts, no clock. Titles follow Meta's list of error codes; a `details` sentence is close to the real one,
never promised to be it: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

import re
import secrets
from collections.abc import Collection
from typing import Any

from tests.servers.whatsapp_things import Json

TITLES = {
    1: "API Unknown",
    2: "Service temporarily unavailable",
    4: "Application request limit reached",
    10: "Permission Denied",
    100: "Invalid parameter",
    190: "Access token has expired",
    368: "Temporarily blocked for policies violations",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131031: "Account has been locked",
    131042: "Business eligibility payment issue",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "Meta chose not to deliver",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132005: "Translated text too long",
    132007: "Template format character policy violated",
    132012: "Parameter format does not match format in the created template",
    132015: "Template is paused",
    132016: "Template is disabled",
    132018: "There's an issue with the parameters in your template",
    133010: "Phone number not registered",
}
STATUSES = {
    2: 503,
    10: 403,
    190: 401,
    368: 403,
    131000: 500,
    131005: 403,
    131016: 500,
    131031: 403,
    131057: 500,
    132001: 404,
}
NUMBER = re.compile(r"[1-9]\d{6,14}")
USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


class Refused(Exception):  # noqa: N818  a no is an answer here
    """Meta says no.

    `rule` is a short name for the list of violations; `severity` says whether a correct program could ever cause
    it: "error" never, "warn" hardly, "" is no fault. A code of 0 is answered with the bare status.
    """

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        message: str = "",
        status: int = 0,
        subcode: int = 0,
        kind: str = "OAuthException",
        rule: str = "",
        severity: str = "error",
    ) -> None:
        self.message = message or f"(#{code}) {TITLES.get(code, 'Error')}"
        super().__init__(details or self.message)
        self.code = code
        self.details = details
        self.status = status or STATUSES.get(code, 400)
        self.subcode = subcode
        self.kind = kind
        self.rule = rule or str(code)
        self.severity = severity

    def as_json(self) -> Json:
        error: Json = {"message": self.message, "type": self.kind, "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.status == 503:
            error["is_transient"] = True
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
        return {"error": error}


def no_object(verb: str, name: str, severity: str = "error") -> Refused:
    """There is nothing of this id, or it cannot do what it is asked."""
    sentence = (
        f"Unsupported {verb.lower()} request. Object with ID '{name}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return Refused(100, message=sentence, subcode=33, kind="GraphMethodException", rule="no_object", severity=severity)


def required(name: str) -> Refused:
    """A parameter of the call itself is missing."""
    return Refused(100, message=f"(#100) The parameter {name} is required.", rule=f"no_{name}")


def missing(name: str) -> Refused:
    """A parameter inside a message is missing."""
    return Refused(131008, f"Parameter '{name}' is mandatory.", rule="missing")


def invalid(details: str, rule: str) -> Refused:
    return Refused(131009, details, rule=rule)


def record(value: Any, name: str, allowed: Collection[str]) -> Json:
    """A JSON object with these keys and no other."""
    if value is None:
        raise missing(name)
    if not isinstance(value, dict):
        raise Refused(100, f"Param {name} must be a JSON object.", rule="not_an_object")
    for key in value:
        if key not in allowed:
            raise Refused(100, f'Unexpected key "{key}" on param "{name}".', rule="unexpected_key")
    return value


def items(value: Any, name: str) -> list[Any]:
    if value is None:
        raise missing(name)
    if not isinstance(value, list):
        raise Refused(100, f"Param {name} must be an array.", rule="not_an_array")
    return value


def words(value: Any, name: str, most: int, *, code: int = 100) -> str:
    """A text that is not empty and not longer than `most`."""
    if value is None or value == "":
        raise missing(name)
    if not isinstance(value, str):
        raise Refused(100, f"Param {name} must be a string.", rule="not_a_string")
    if not value.strip():
        raise Refused(code, f"Param {name} must be at least 1 characters long.", rule="blank")
    if len(value) > most:
        raise Refused(code, f"Param {name} must be at most {most} characters long.", rule="too_long")
    return value


def label(value: Any, what: str, most: int, rule: str) -> str:
    """A label or an id of something to tap."""
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise invalid(f"{what} length invalid. Min length: 1, Max length: {most}", rule)
    return value


def web_address(value: Any, name: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/]+\S*", value) or len(value) > 2000:
        raise invalid(f"Param {name} is not a valid URI.", "address")
    return value
