"""What the business account may be asked to do: its templates, where notices go, the examples for headers.

The rules of a template are in whatsapp_reviews.py; HTTP is whatsapp_doors.py.
"""

import base64
import secrets

from tests.servers.whatsapp_notices import Notices
from tests.servers.whatsapp_reviews import check_change, check_new
from tests.servers.whatsapp_rules import Refused, required, web_address
from tests.servers.whatsapp_things import Json, Template
from tests.servers.whatsapp_webhooks import Webhooks
from tests.servers.whatsapp_world import APP_ID, World

_FILTERS = ("name", "status", "language", "category")
_USUAL = "name parameter_format components language status category"


def list_templates(world: World, query: dict[str, str], base: str) -> Json:
    """GET /message_templates, a page of it."""
    for name in query.keys() - {*_FILTERS, "limit", "after", "fields"}:
        world.blame("warn", "unknown_parameter", "message_templates", "", name)
    limit, after = query.get("limit", "25"), query.get("after", "")
    if not limit.isdecimal() or not 1 <= int(limit) <= 1000:
        raise Refused(100, message="(#100) Param limit must be a number from 1 to 1000", rule="limit")
    wanted = {
        name: query[name].upper() if name in ("status", "category") else query[name]
        for name in _FILTERS
        if query.get(name)
    }
    found = [each for each in world.templates.values() if all(getattr(each, k) == v for k, v in wanted.items())]
    start = _place(after) if after else 0
    page = found[start : start + int(limit)]
    answer: Json = {"data": [_picked(each, query.get("fields", "")) for each in page]}
    if page:
        end = start + len(page)
        answer["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
        if end < len(found):
            rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "after")
            answer["paging"]["next"] = f"{base}&after={_cursor(end)}&{rest}"
    return answer


def show_template(template: Template, fields: str) -> Json:
    return _picked(template, fields)


def _picked(template: Template, fields: str) -> Json:
    known = template.as_json()
    wanted = fields.split(",") if fields else _USUAL.split()
    for name in wanted:
        if name not in known:
            sentence = f"(#100) Tried accessing nonexisting field ({name}) on node type (MessageTemplate)"
            raise Refused(100, message=sentence, rule="unknown_field")
    return {**{name: known[name] for name in wanted}, "id": template.id}


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"halaman:{place}".encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor + "==").decode().removeprefix("halaman:"))
    except ValueError:
        raise Refused(100, message="(#100) Invalid cursor", rule="cursor") from None


def create_template(world: World, notices: Notices, body: Json) -> Json:
    about = check_new(world, body)
    style = str(about.get("parameter_format", "POSITIONAL")).upper()
    template = world.add_template(
        about["name"],
        about["language"],
        about["category"],
        about["components"],
        status="PENDING",
        parameter_format=style,
    )
    _review(world, notices, template)
    return {"id": template.id, "status": template.status, "category": template.category}


def change_template(world: World, notices: Notices, template: Template, body: Json) -> Json:
    about = check_change(world, template, body)
    template.components = about.get("components", template.components)
    template.category = about.get("category", template.category)
    template.edited_at = world.now()
    template.status = "PENDING"
    _review(world, notices, template)
    return {"success": True, "id": template.id, "name": template.name, "category": template.category}


def _review(world: World, notices: Notices, template: Template) -> None:
    if world.settings.review != "PENDING":
        template.status = world.settings.review
        template.reason = "INVALID_FORMAT" if template.status == "REJECTED" else "NONE"
        notices.template(template)


def delete_templates(world: World, query: dict[str, str]) -> Json:
    """DELETE /message_templates: all languages of a name, or with hsm_id one of them."""
    if not query.get("name"):
        raise required("name")
    found = [
        each
        for each in world.templates.values()
        if each.name == query["name"] and query.get("hsm_id", each.id) == each.id
    ]
    if not found:
        raise Refused(100, "Message Template Not Found", status=404, subcode=2593002, rule="no_template")
    for template in found:
        del world.templates[template.id]
        world.deleted[template.name, template.language] = world.now()
    return {"success": True}


# Where notices go


async def subscribe(world: World, webhooks: Webhooks, body: Json) -> Json:
    """POST /subscribed_apps: our app hears of this account, at its usual address or at another one."""
    url, token = body.get("override_callback_uri"), body.get("verify_token")
    for name in body.keys() - {"override_callback_uri", "verify_token"}:
        raise Refused(100, f'Unexpected key "{name}".', rule="unexpected_key")
    if url:
        if not token:
            raise required("verify_token")
        await webhooks.verify(web_address(url, "override_callback_uri"), str(token))
        webhooks.point_to(str(url))
        world.phone_number["webhook_configuration"] = {"whatsapp_business_account": str(url)}
    return {"success": True}


def subscriptions(webhooks: Webhooks) -> Json:
    if not webhooks.url:
        return {"data": []}
    app = {"link": "https://www.facebook.com/games/?app_id=" + APP_ID, "name": "Lindung", "id": APP_ID}
    return {"data": [{"whatsapp_business_api_data": app, "override_callback_uri": webhooks.url}]}


# Examples for headers


def begin_upload(world: World, query: dict[str, str]) -> Json:
    """POST /app/uploads: the first half of a resumable upload."""
    if query.get("file_type") not in ("image/jpeg", "image/png", "application/pdf", "video/mp4"):
        raise Refused(100, message="(#100) Param file_type is not supported.", rule="upload_type")
    if not query.get("file_length", "").isdecimal():
        raise required("file_length")
    session = f"upload:{secrets.token_urlsafe(24)}"
    world.uploads[session] = {"length": int(query["file_length"])}
    return {"id": session}


def finish_upload(world: World, session: str, content: bytes, offset: str) -> Json:
    """POST /upload:...: the bytes, all at once."""
    about = world.uploads.get(session)
    if about is None:
        raise Refused(100, message="(#100) Invalid upload session", rule="upload_session")
    if offset != "0" or len(content) != about["length"]:
        raise Refused(100, message="(#100) Partial uploads are not known to this server.", rule="upload_length")
    handle = f"4::{secrets.token_urlsafe(32)}"
    world.handles.add(handle)
    return {"h": handle}
