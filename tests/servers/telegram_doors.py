"""The HTTP doors of the pretended Telegram: read a call, meet a fault, carry it out, note it, answer.

What a method does is in telegram_methods.py and telegram_menus.py; how updates travel in telegram_updates.py.
"""

import asyncio
import contextlib
import socket
import struct
import time
from typing import Any

import orjson
from aiohttp import web

from tests.servers import telegram_menus as menus
from tests.servers import telegram_methods as methods
from tests.servers.telegram_faults import Faults, Pace
from tests.servers.telegram_params import Params, read_params
from tests.servers.telegram_rules import Refused
from tests.servers.telegram_things import Call, Json
from tests.servers.telegram_updates import Updates
from tests.servers.telegram_world import World

SEND = "chat_id reply_markup disable_notification protect_content reply_parameters message_effect_id"
EDIT = "chat_id message_id reply_markup"
CAPTION = "caption parse_mode caption_entities show_caption_above_media"
MENU = "scope language_code"

# method: (what it does, the parameters it takes)
METHODS = {
    "getMe": (methods.get_me, ""),
    "getChat": (methods.get_chat, "chat_id"),
    "getFile": (methods.get_file, "file_id"),
    "sendMessage": (methods.send_message, f"{SEND} text parse_mode entities link_preview_options"),
    "sendPhoto": (methods.send_photo, f"{SEND} {CAPTION} photo has_spoiler"),
    "sendDocument": (methods.send_document, f"{SEND} {CAPTION} document disable_content_type_detection"),
    "sendChatAction": (methods.send_chat_action, "chat_id action"),
    "editMessageText": (methods.edit_message_text, f"{EDIT} text parse_mode entities link_preview_options"),
    "editMessageCaption": (methods.edit_message_caption, f"{EDIT} {CAPTION}"),
    "editMessageReplyMarkup": (methods.edit_message_reply_markup, EDIT),
    "editMessageMedia": (methods.edit_message_media, f"{EDIT} media"),
    "deleteMessage": (methods.delete_message, "chat_id message_id"),
    "answerCallbackQuery": (
        methods.answer_callback_query,
        "callback_query_id text show_alert cache_time",
    ),
    "leaveChat": (methods.leave_chat, "chat_id"),
    "setMyCommands": (menus.set_my_commands, f"{MENU} commands"),
    "deleteMyCommands": (menus.delete_my_commands, MENU),
    "getMyCommands": (menus.get_my_commands, MENU),
    "getMyName": (menus.get_my_name, "language_code"),
    "getMyDescription": (menus.get_my_description, "language_code"),
    "getMyShortDescription": (menus.get_my_short_description, "language_code"),
    "setMyName": (menus.set_my_name, "name language_code"),
    "setMyDescription": (menus.set_my_description, "description language_code"),
    "setMyShortDescription": (menus.set_my_short_description, "short_description language_code"),
    "getUpdates": (None, "offset limit timeout allowed_updates"),
    "setWebhook": (
        None,
        "url secret_token allowed_updates drop_pending_updates max_connections ip_address",
    ),
    "deleteWebhook": (None, "drop_pending_updates"),
    "getWebhookInfo": (None, ""),
}
NAMES = {name.lower(): name for name in METHODS}
KNOWN = {name: frozenset(parameters.split()) for name, (_, parameters) in METHODS.items()}


class Doors:
    """Everything a bot can ask for over HTTP."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings
        self.faults = Faults()
        self.pace = Pace(world)
        self.updates = Updates(world, self.faults)
        self.updates.on_answer = self._from_webhook

    async def open(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        parts = request.path.split("/", 3)
        if len(parts) == 3 and parts[1].startswith("bot"):
            if parts[1][3:] != self.world.token:
                self.world.blame("error", "wrong_token", parts[2], None, "")
                return _answer(Refused(401, "Unauthorized"))
            return await self._api(request, parts[2])
        if len(parts) == 4 and parts[1] == "file" and parts[2] == f"bot{self.world.token}":
            return await self._download(request, parts[3])
        return _answer(Refused(404, "Not Found"))

    async def _api(self, request: web.BaseRequest, asked: str) -> web.StreamResponse:
        name = NAMES.get(asked.lower(), asked)
        try:
            params = await read_params(request)
        except Refused as refused:
            return self._refuse(refused, name, Params({}))
        self.pace.listen(name, params.chat_id)
        if self.settings.latency:
            await asyncio.sleep(self.settings.latency)
        fault = self.faults.take(name, params.chat_id) if self.faults.planned else None
        if fault is not None:
            if (planned := fault.refusal()) is not None:
                return self._refuse(planned, name, params)
            if fault.kind in ("slow", "hang"):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(fault.over.wait(), fault.seconds)
            if fault.kind in ("reset", "hang"):
                return self._cut(request, name, params)
            if fault.kind == "garbage":
                self._note(name, params, 0, "garbage")
                return web.Response(text="<html><body>nginx</body></html>", content_type="text/html")
        answer = await self._carry_out(name, params, request)
        if fault is not None and fault.kind == "late":
            return web.Response(text="<html><body>nginx</body></html>", status=504, content_type="text/html")
        return self._cut(request, name, None) if fault is not None and fault.kind == "lost" else answer

    async def _carry_out(self, name: str, params: Params, request: web.BaseRequest | None = None) -> web.StreamResponse:
        try:
            if name not in METHODS:
                raise Refused(404, "method not found", rule="unknown_method")
            self._look_at(name, params)
            params.pace = lambda chat_id: self.pace.check(name, chat_id)
            method = METHODS[name][0]
            result = await self._about_updates(name, params) if method is None else method(self.world, params)
        except Refused as refused:
            if refused.code == 409 and request is not None and request.transport is None:
                refused.severity = ""  # the other poller is long gone
            return self._refuse(refused, name, params)
        self._note(name, params, 200, "")
        return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")

    def _look_at(self, name: str, params: Params) -> None:
        """Parameters Telegram ignores are slips of the bot."""
        unknown = params.values.keys() - KNOWN[name]
        if unknown:
            self.world.blame("warn", "unknown_parameter", name, params.chat_id, ", ".join(sorted(unknown)))

    async def _about_updates(self, name: str, params: Params) -> Any:
        if name == "getWebhookInfo":
            return self._webhook_info()
        allowed = params.raw("allowed_updates")
        if isinstance(allowed, str):
            allowed = orjson.loads(allowed) if allowed else None
        if name == "getUpdates":
            wait = min(max(params.integer("timeout"), 0), self.settings.poll_cap)
            limit = min(max(params.integer("limit", 100), 1), 100)
            return await self.updates.poll(params.integer("offset"), limit, wait, allowed)
        url = params.text("url") if name == "setWebhook" else ""
        secret = params.text("secret_token")
        most = min(max(params.integer("max_connections", 40), 1), 100)
        self.updates.set_webhook(url, secret, most, drop=params.flag("drop_pending_updates"))
        if url and not secret:
            self.world.blame("warn", "webhook_without_secret", name, None, "")
        if allowed is not None:
            self.updates.allow(allowed)
        return True

    def _webhook_info(self) -> Json:
        webhook, waiting = self.updates.webhook, self.updates.undelivered()
        info: Json = {"has_custom_certificate": False, "pending_update_count": waiting, "url": ""}
        if webhook is not None:
            info |= {"url": webhook.url, "max_connections": webhook.max_connections}
            if webhook.last_error:
                info |= {
                    "last_error_message": webhook.last_error,
                    "last_error_date": int(webhook.last_error_at),
                }
        if self.updates.allowed is not None:
            info["allowed_updates"] = sorted(self.updates.allowed)
        return info

    async def _from_webhook(self, asked: str, values: Json) -> None:
        await self._carry_out(NAMES.get(asked.lower(), asked), Params(values))

    async def _download(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        params = Params({"file_path": path})
        fault = self.faults.take("file_download", None) if self.faults.planned else None
        if fault is not None:
            if (planned := fault.refusal()) is not None:
                return self._refuse(planned, "file_download", params)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(fault.over.wait(), fault.seconds if fault.kind in ("slow", "hang") else 0)
            if fault.kind in ("reset", "lost", "hang"):
                return self._cut(request, "file_download", params)
        stored = self.world.paths.get(path)
        if stored is None:
            return self._refuse(Refused(404, "Not Found"), "file_download", params)
        self._note("file_download", params, 200, "")
        content = b"\x00" * 64 if fault is not None and fault.kind == "garbage" else stored.content
        return web.Response(body=content, content_type="application/octet-stream")

    def _refuse(self, refused: Refused, name: str, params: Params) -> web.Response:
        if refused.code == 429 and refused.retry_after is not None:
            self.pace.tell(name, params.chat_id, refused.retry_after)
        if refused.severity:
            self.world.blame(refused.severity, refused.rule, name, params.chat_id, str(refused))
        self._note(name, params, refused.code, str(refused))
        return _answer(refused)

    def _cut(self, request: web.BaseRequest, name: str, params: Params | None) -> web.StreamResponse:
        """Reset the connection instead of answering."""
        if params is not None:
            self._note(name, params, 0, "connection reset")
        transport = request.transport
        if transport is not None:
            raw = transport.get_extra_info("socket")
            with contextlib.suppress(OSError, AttributeError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        return web.Response()

    def _note(self, name: str, params: Params, code: int, description: str) -> None:
        self.world.counts[name] += 1
        self.world.codes[code] += 1
        if self.settings.keep_calls:
            at = time.monotonic()
            self.world.calls.append(Call(name, params.values, at, params.chat_id, code, description))
        self.world.bell.ring()


def _answer(refused: Refused) -> web.Response:
    body: Json = {"ok": False, "error_code": refused.code, "description": str(refused)}
    if refused.retry_after is not None:
        body["parameters"] = {"retry_after": refused.retry_after}
    return web.Response(body=orjson.dumps(body), status=refused.code, content_type="application/json")
