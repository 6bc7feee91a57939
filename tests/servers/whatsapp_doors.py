"""The HTTP doors of the pretended Graph API: read a call, meet a fault, carry it out, note it, answer.

What a call does is in whatsapp_methods.py and whatsapp_account.py; how notices travel in whatsapp_webhooks.py.
"""

import asyncio
import contextlib
import re
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests.servers import whatsapp_account as account
from tests.servers import whatsapp_methods as methods
from tests.servers.whatsapp_faults import Fault, Faults, Pace
from tests.servers.whatsapp_notices import Notices
from tests.servers.whatsapp_rules import Refused, no_object
from tests.servers.whatsapp_things import Json
from tests.servers.whatsapp_webhooks import Webhooks
from tests.servers.whatsapp_world import (
    APP_ID,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    World,
    addressee,
)

MOST = (100 << 20) + (1 << 20)
_VERSION = re.compile(r"/v\d{1,2}\.0(?=/)")
_NODES = {
    ("POST", PHONE_NUMBER_ID, "messages"): "messages",
    ("POST", PHONE_NUMBER_ID, "media"): "media",
    ("GET", PHONE_NUMBER_ID, ""): "phone_number",
    ("GET", BUSINESS_ACCOUNT_ID, "subscribed_apps"): "subscribed_apps",
    ("POST", BUSINESS_ACCOUNT_ID, "subscribed_apps"): "subscribed_apps",
    ("DELETE", BUSINESS_ACCOUNT_ID, "subscribed_apps"): "subscribed_apps",
    ("GET", BUSINESS_ACCOUNT_ID, "message_templates"): "message_templates",
    ("POST", BUSINESS_ACCOUNT_ID, "message_templates"): "template_create",
    ("DELETE", BUSINESS_ACCOUNT_ID, "message_templates"): "template_delete",
    ("POST", APP_ID, "uploads"): "upload_session",
    ("POST", "app", "uploads"): "upload_session",
}
_TEMPLATE = {"GET": "template", "POST": "template_edit"}
_MEDIA = {"GET": "media_url", "DELETE": "media_delete"}


@dataclass(slots=True)
class Asked:
    """One call: which method, of which object, with what."""

    method: str
    verb: str
    node: str
    query: dict[str, str]
    body: Json = field(default_factory=dict)
    file: tuple[str, str, bytes] | None = None
    raw: bytes = b""
    offset: str = ""

    @property
    def params(self) -> Json:
        return {**self.query, **self.body}


class Doors:
    """Everything that can be asked over HTTP."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.pace = Pace(world)
        self.webhooks = Webhooks(world, self.faults)
        self.notices = Notices(world, self.webhooks)
        self.base = ""

    async def open(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = request.path
        version = _VERSION.match(path)
        node, _, edge = path[version.end() if version else 0 :].strip("/").partition("/")
        asked = Asked(self._method(request.method, node, edge), request.method, node, dict(request.query))
        try:
            if not version and asked.method != "media_download":
                self.world.blame("warn", "no_version", asked.method, "", path)
            self._let_in(request, asked)
            await self._read(request, asked)
        except Refused as refused:
            return self._refuse(refused, asked)
        if self.world.settings.latency:
            await asyncio.sleep(self.world.settings.latency)
        fault = self.faults.take(asked.method, addressee(asked.params)) if self.faults.planned else None
        if fault is None:
            return await self._carry_out(asked, path)
        return await self._faulty(fault, request, asked, path)

    def _method(self, verb: str, node: str, edge: str) -> str:
        """The name of what is asked; Graph's own words where there is nothing of the kind."""
        if (node, edge.strip("/")) == ("whatsapp_business", "attachments") and verb == "GET":
            return "media_download"
        if node.startswith("upload:") and verb == "POST":
            return "upload"
        if not edge and node in self.world.templates:
            return _TEMPLATE.get(verb, "")
        if not edge and node.isdecimal() and node not in (PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID, APP_ID):
            return _MEDIA.get(verb, "")
        return _NODES.get((verb, node, edge), "")

    def _let_in(self, request: web.BaseRequest, asked: Asked) -> None:
        """Check the token. Raises Refused."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if asked.method == "upload" and kind == "OAuth":
            kind = "Bearer"
        if "access_token" in request.query:
            self.world.blame("warn", "token_in_address", asked.method, "", "addresses end in logs")
            kind, token = "Bearer", request.query["access_token"]
            asked.query.pop("access_token")
        if kind == "Bearer" and token == self.world.token:
            return
        if asked.method == "media_download":
            raise Refused(0, "the token is missing or wrong", status=401, rule="wrong_token")
        if kind != "Bearer" or not token:
            sentence = "An access token is required to request this resource."
            raise Refused(104, message=sentence, status=401, rule="no_token")
        sentence = "Invalid OAuth access token - Cannot parse access token"
        raise Refused(190, message=sentence, rule="wrong_token")

    async def _read(self, request: web.BaseRequest, asked: Asked) -> None:
        """The body, as JSON, a form or a file. Raises Refused."""
        if asked.method == "upload":
            asked.raw, asked.offset = await request.read(), request.headers.get("file_offset", "")
            return
        if not request.body_exists:
            return
        kind = request.content_type
        if kind == "application/json":
            try:
                body = orjson.loads(await request.read())
            except orjson.JSONDecodeError:
                raise Refused(100, "The request body is not valid JSON.", rule="bad_json") from None
            if not isinstance(body, dict):
                raise Refused(100, "The request body is not a JSON object.", rule="bad_json")
            asked.body = body
        elif kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField) and name == "file":
                    asked.file = (value.filename, value.content_type, value.file.read())
                elif isinstance(value, str):
                    asked.body[name] = value
                else:
                    raise Refused(100, f'Unexpected key "{name}".', rule="unexpected_key")
        if asked.method == "messages" and "status" in asked.body:
            asked.method = "read"

    async def _carry_out(self, asked: Asked, path: str, fails: Fault | None = None) -> web.StreamResponse:
        try:
            answer = await self._do(asked, path, fails)
        except Refused as refused:
            return self._refuse(refused, asked)
        self.world.note(asked.method, asked.params, 200, 200)
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type="application/octet-stream")
        return _json(answer, 200)

    async def _do(self, asked: Asked, path: str, fails: Fault | None) -> Json | bytes:
        world, method, query, body = self.world, asked.method, asked.query, asked.body
        if method == "messages":
            return self._send(body, fails)
        if method == "read":
            return methods.mark_read(world, body)
        if method == "media":
            return methods.upload(world, body, asked.file)
        if method in ("media_url", "media_delete"):
            media = world.media.get(asked.node)
            if media is None or query.get("phone_number_id", PHONE_NUMBER_ID) != PHONE_NUMBER_ID:
                raise no_object(asked.verb, asked.node, "warn")  # files end by themselves
            is_asked = method == "media_url"
            return methods.about_media(world, media, self.base) if is_asked else methods.delete_media(world, media.id)
        if method == "media_download":
            return methods.download(world, query).content
        if method == "phone_number":
            return methods.about_number(world, query.get("fields", ""))
        if method == "subscribed_apps":
            return await self._subscribed(asked)
        return self._about_templates(asked, path)

    def _about_templates(self, asked: Asked, path: str) -> Json:
        world, query = self.world, asked.query
        if asked.method == "message_templates":
            token = f"access_token={world.token}"
            return account.list_templates(world, query, f"{self.base}{path}?{token}")
        if asked.method == "template_create":
            return account.create_template(world, self.notices, asked.body)
        if asked.method == "template_delete":
            return account.delete_templates(world, query)
        if asked.method == "template":
            return account.show_template(world.templates[asked.node], query.get("fields", ""))
        if asked.method == "template_edit":
            return account.change_template(world, self.notices, world.templates[asked.node], asked.body)
        if asked.method == "upload_session":
            return account.begin_upload(world, {**query, **asked.body})
        if asked.method == "upload":
            return account.finish_upload(world, asked.node, asked.raw, asked.offset)
        raise no_object(asked.verb, asked.node)

    async def _subscribed(self, asked: Asked) -> Json:
        if asked.verb == "GET":
            return account.subscriptions(self.webhooks)
        if asked.verb == "POST":
            return await account.subscribe(self.world, self.webhooks, {**asked.query, **asked.body})
        self.webhooks.point_to("")
        return {"success": True}

    def _send(self, body: Json, fails: Fault | None) -> Json:
        sent = methods.send(self.world, self.pace, body)
        failure = sent.failure
        if fails is not None:
            failure = (fails.code, fails.description or "Message failed to send.")
            if sent.account is not None and sent.account.messages.pop(sent.message.id, None):
                sent.account.ledger.remove(sent.message)
        self.notices.follow(sent.account, sent.message, failure)
        return sent.answer

    # Faults

    async def _faulty(self, fault: Fault, request: web.BaseRequest, asked: Asked, path: str) -> web.StreamResponse:
        if (planned := fault.refusal(self.world.settings.throttle_status)) is not None:
            return self._refuse(planned, asked)
        if fault.kind in ("slow", "hang"):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(fault.over.wait(), fault.seconds)
        if fault.kind in ("reset", "hang"):
            self.world.note(asked.method, asked.params, 0, 0, "connection reset")
            return self._cut(request)
        if fault.kind == "garbage":
            self.world.note(asked.method, asked.params, 0, 200, "garbage")
            if asked.method == "media_download":
                return web.Response(body=b"\x00" * 64, content_type="application/octet-stream")
            return web.Response(text="<html><body>Sorry</body></html>", content_type="text/html")
        answer = await self._carry_out(asked, path, fault if fault.kind == "failed" else None)
        if fault.kind == "late":
            return web.Response(text="<html><body>Sorry</body></html>", status=504, content_type="text/html")
        return self._cut(request) if fault.kind == "lost" else answer

    def _refuse(self, refused: Refused, asked: Asked) -> web.Response:
        to = addressee(asked.params)
        if refused.severity:
            self.world.blame(refused.severity, refused.rule, asked.method or asked.node, to, str(refused))
        self.world.note(asked.method, asked.params, refused.code, refused.status, str(refused))
        if not refused.code:
            return web.Response(status=refused.status)
        return _json(refused.as_json(), refused.status)

    def _cut(self, request: web.BaseRequest) -> web.Response:
        """Reset the connection instead of answering."""
        transport = request.transport
        if transport is not None:
            raw = transport.get_extra_info("socket")
            with contextlib.suppress(OSError, AttributeError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        return web.Response()


def _json(body: Any, status: int) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
