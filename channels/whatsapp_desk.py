"""Late texts at Meta: asked for, created, changed; and how many people we may write to first.

Usable without a running channel. Not for: how a late text is written (whatsapp_templates.py) or when it is sent.
https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-account/message-template-api
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from channels.base import Permanent
from channels.whatsapp_errors import failure
from channels.whatsapp_request import Graph, GraphRefused, GraphUnreached
from channels.whatsapp_templates import (
    LANGUAGE,
    PREFIX,
    category,
    components_of,
    example_of,
    is_the_same,
    problems_of,
    template_name,
)
from conversation.late import LATE_TEXTS, LateText
from conversation.say import Say

_PAGE: Final = "100"
# More than any account may have; a list that does not end is no list.
_MOST_PAGES: Final = 100
_FIELDS: Final = "name,language,status,category,components"
_UNLIMITED: Final = ("TIER_UNLIMITED", "UNLIMITED")
_SMALLEST: Final = 250
_LIMIT: Final = "whatsapp_business_manager_messaging_limit"
_FORMER_LIMIT: Final = "messaging_limit_tier"
_TIER: Final = re.compile(r"TIER_(\d+)(K|M)?")
_TIMES: Final = {"": 1, "K": 1_000, "M": 1_000_000}
_NO_SUCH_FIELD: Final = 100

# Meta's states in the words of channels.base.Survey; what is not here is still "pending".
_STATES: Final[Mapping[str, str]] = {
    "APPROVED": "approved",
    "REJECTED": "rejected",
    "PAUSED": "paused",
    "DISABLED": "disabled",
    "LIMIT_EXCEEDED": "rejected",
    "ARCHIVED": "missing",
    "DELETED": "missing",
    "PENDING_DELETION": "missing",
}

Json = dict[str, Any]


class TemplateDesk:
    """The templates of one business account. Every call raises SendFailed."""

    def __init__(self, graph: Graph, business_account_id: str, say: Say) -> None:
        self._graph = graph
        self._account = business_account_id
        self._path = f"{business_account_id}/message_templates"
        self._say = say

    async def states(self, texts: Iterable[LateText] = tuple(LATE_TEXTS.values())) -> dict[str, str]:
        """The state of each late text by its name, in the words of channels.base.Survey."""
        held = await self._held()
        return {text.name: self._state(text, held.get(template_name(text))) for text in texts}

    async def submit(self, text: LateText) -> str:
        """Create it, or change it where Meta holds other words; its state afterwards.

        Raises Permanent where it breaks one of Meta's rules.
        """
        if problems := problems_of(text, self._say):
            raise Permanent(problems[0])
        held = (await self._held()).get(template_name(text))
        before = self._state(text, held)
        if before not in ("missing", "changed"):
            return before
        try:
            components = components_of(text, self._say, handle=await self._handle(text))
            if held is None or before == "missing":
                about = {"name": template_name(text), "language": LANGUAGE, "category": category(text)}
                made = await self._graph.post(self._path, {**about, "components": components})
                return _STATES.get(str(made.get("status", "")).upper(), "pending")
            await self._graph.post(str(held["id"]), {"components": components})
        except (GraphRefused, GraphUnreached) as problem:
            raise failure(problem) from None
        return "pending"

    def _state(self, text: LateText, held: Json | None) -> str:
        if held is None:
            return "missing"
        state = _STATES.get(str(held.get("status", "")).upper(), "pending")
        same = is_the_same(components_of(text, self._say), held.get("components"))
        return "changed" if state != "missing" and not same else state

    async def _handle(self, text: LateText) -> str:
        example = example_of(text)
        if not example:
            return ""
        return await self._graph.upload_example(await self._app(), content=example[0], mime=example[1])

    async def _app(self) -> str:
        """The app whose token this is: the only one that hears of the account, or what Meta makes of "app"."""
        apps = (await self._graph.get(f"{self._account}/subscribed_apps")).get("data") or []
        ids = {str(each.get("whatsapp_business_api_data", {}).get("id", "")) for each in apps}
        return next(iter(ids - {""})) if len(ids - {""}) == 1 else "app"

    async def _held(self) -> dict[str, Json]:
        """What Meta holds of ours, by name."""
        found: dict[str, Json] = {}
        query = {"fields": _FIELDS, "language": LANGUAGE, "limit": _PAGE}
        try:
            for _ in range(_MOST_PAGES):
                page = await self._graph.get(self._path, query)
                for each in page.get("data") or ():
                    if each.get("language") == LANGUAGE and str(each.get("name", "")).startswith(PREFIX):
                        found[str(each["name"])] = each
                after = _next_page(page)
                if not after:
                    break
                query["after"] = after
        except (GraphRefused, GraphUnreached) as problem:
            raise failure(problem) from None
        return found


async def daily_limit(graph: Graph, phone_number_id: str) -> int | None:
    """How many people we may write to first within 24 hours; None for no limit. Raises SendFailed.

    A tier that nobody knows counts as the smallest one.
    """
    tier = await _tier(graph, phone_number_id)
    if tier in _UNLIMITED:
        return None
    found = _TIER.fullmatch(tier)
    return int(found[1]) * _TIMES[found[2] or ""] if found is not None else _SMALLEST


async def _tier(graph: Graph, phone_number_id: str) -> str:
    """The tier as Meta names it: by its present field, else by the one that older accounts still have."""
    for field in (_LIMIT, _FORMER_LIMIT):
        try:
            told = (await graph.get(phone_number_id, {"fields": field})).get(field)
        except GraphRefused as refused:
            if refused.code != _NO_SUCH_FIELD:
                raise failure(refused) from None
        except GraphUnreached as problem:
            raise failure(problem) from None
        else:
            if isinstance(told, str) and told:
                return told.upper()
    return ""


def _next_page(page: Json) -> str:
    """The cursor of the next page, never its address: that one holds the token."""
    paging = page.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after", "")) if isinstance(cursors, dict) else ""
