"""What notices say: the value of a message, of a status, of a reviewed template, as Meta's reference has them.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
How they travel is in whatsapp_webhooks.py.
"""

from tests.servers.whatsapp_bodies import Notice
from tests.servers.whatsapp_rules import TITLES
from tests.servers.whatsapp_things import Account, Json, Message, Template
from tests.servers.whatsapp_webhooks import Webhooks
from tests.servers.whatsapp_world import PHONE_NUMBER_ID, World

_HELP = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes/"
Failure = tuple[int, str]
"""Meta's code and a sentence."""


class Notices:
    """Makes notices and hands them over."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self.webhooks = webhooks

    def message(self, account: Account, message_id: str, kind: str, content: Json, *, contact: bool = True) -> Notice:
        """Tell what a person did: a message, a reaction, a change of number."""
        return self.webhooks.add("messages", self.told(account, message_id, kind, content, contact=contact))

    def told(self, account: Account, message_id: str, kind: str, content: Json, *, contact: bool = True) -> Json:
        """The value of a notice about that."""
        message: Json = {}
        if account.shows_phone:
            message["from"] = account.phone
        if self._tells_user_id(account):
            message["from_user_id"] = account.user_id
        message |= {"id": message_id, "timestamp": str(int(self.world.now())), "type": kind, **content}
        value = self._value()
        if contact:
            value["contacts"] = [self._contact(account)]
        return {**value, "messages": [message]}

    # Statuses

    def follow(self, account: Account | None, message: Message, failure: Failure | None) -> None:
        """What becomes of a message that was accepted, after a moment."""
        settings = self.world.settings
        if failure is not None or account is None:
            self.webhooks.later(settings.status_seconds, lambda: self.status(account, message, "failed", failure))
        elif settings.statuses:
            self.webhooks.later(settings.status_seconds, lambda: self._sent(account, message))

    def _sent(self, account: Account, message: Message) -> None:
        self.status(account, message, "sent")
        if not account.blocked:
            after = self.world.settings.status_seconds
            self.webhooks.later(after, lambda: self._delivered(account, message))

    def _delivered(self, account: Account, message: Message) -> None:
        if message.status != "read":
            self.status(account, message, "delivered")

    def status(self, account: Account | None, message: Message, status: str, failure: Failure | None = None) -> Notice:
        """A status of a message of ours."""
        message.status = status
        about: Json = {"id": message.id, "status": status, "timestamp": str(int(self.world.now()))}
        if "." in message.to:
            about["recipient_user_id"] = message.to
        else:
            about["recipient_id"] = message.to
        value = self._value()
        if account is not None and status != "failed":
            if account.shows_phone:
                about["recipient_id"] = account.phone
            if self._tells_user_id(account):
                about["recipient_user_id"] = account.user_id
            if status != "sent":
                value["contacts"] = [self._contact(account)]
            about["pricing"] = self._pricing(account, message)
        if message.mark:
            about["biz_opaque_callback_data"] = message.mark
        if failure is not None:
            about["errors"] = [_error(failure)]
        return self.webhooks.add("messages", {**value, "statuses": [about]})

    def _pricing(self, account: Account, message: Message) -> Json:
        free = message.category != "marketing" and self.world.window_is_open(account)
        kind = "free_customer_service" if free else "regular"
        return {"billable": not free, "pricing_model": "PMP", "type": kind, "category": message.category}

    # Templates

    def template(self, template: Template) -> Notice:
        """A template was approved, refused, paused or switched off."""
        value: Json = {
            "event": template.status,
            "message_template_id": int(template.id),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "reason": template.reason,
            "message_template_category": template.category,
        }
        if template.status == "DISABLED":
            value["disable_info"] = {"disable_date": str(int(self.world.now()))}
        return self.webhooks.add("message_template_status_update", value)

    # Parts

    def _tells_user_id(self, account: Account) -> bool:
        return account.shows_user_id and self.world.settings.user_ids

    def _contact(self, account: Account) -> Json:
        profile = {"name": account.name, **({"username": account.username} if account.username else {})}
        contact: Json = {"profile": profile}
        if account.shows_phone:
            contact["wa_id"] = account.phone
        if self._tells_user_id(account):
            contact["user_id"] = account.user_id
        return contact

    def _value(self) -> Json:
        metadata = {"display_phone_number": self.world.number, "phone_number_id": PHONE_NUMBER_ID}
        return {"messaging_product": "whatsapp", "metadata": metadata}


def _error(failure: Failure) -> Json:
    code, details = failure
    title = TITLES.get(code, "Error")
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}, "href": _HELP}
