"""Telegram, by polling or webhook, through python-telegram-bot's `Bot` over our own HTTP layer.

What goes out with every answer is written straight to that layer (docs/adr/0014), all else through the library.
Not for: what updates mean (telegram_read.py), how a message looks (telegram_text.py), what refusals mean
(telegram_errors.py). Nothing is retried, stored or decided here.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InputMediaPhoto,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError
from telegram.helpers import create_deep_linked_url

from channels.base import File, Limits, Permanent, Refused, SendFailed, TooOld
from channels.http import load_json
from channels.telegram_errors import failure, says
from channels.telegram_fetch import fetch_file
from channels.telegram_files import Uploads
from channels.telegram_read import NAME, UPDATES, read_update
from channels.telegram_request import SENT_ID, Rejected, Request, Unreached
from channels.telegram_text import BLANK_PHOTO, BLANK_TEXT, inline, markup, plain_length, to_html
from conversation.messages import (
    Acknowledgement,
    Attachment,
    Commands,
    Deletion,
    Edit,
    Incoming,
    Leave,
    Message,
    Outgoing,
    Receipt,
)

_SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name, not a secret
_MAX_CONNECTIONS: Final = 40
_TOAST: Final = 200
# Written out: turning the library's object into this again and again costs more than the rest of the message.
_NO_PREVIEW: Final = {"is_disabled": True}

_UNCHANGED: Final = ("message is not modified", "message_not_modified")
_NO_LONGER_THERE: Final = ("message to edit not found", "message to delete not found", "message_id_invalid")


class Telegram:
    """The Telegram channel: Polls where no webhook address is given, Fetches, ShowsTyping."""

    name = NAME
    limits = Limits(menus=True, shares_phone=True, per_second=30.0)

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        poll_seconds: int = 25,
        answer_seconds: float = 15.0,
        per_second: float = 30.0,
    ) -> None:
        # The library writes addresses (with the token) and whole messages into its debug lines.
        logging.getLogger("telegram").setLevel(logging.INFO)
        self.bot = token.partition(":")[0]
        self.username = ""
        self.limits = replace(type(self).limits, per_second=per_second)
        self._webhook_url = webhook_url
        self.polling = not webhook_url
        self._secret = (webhook_secret or "").encode()
        self._poll_seconds = poll_seconds
        self._files = f"{api_url}/file/bot{token}"
        self._request = Request(f"{api_url}/bot{token}", read_timeout=answer_seconds)
        self._api = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )
        self._uploads = Uploads(self._api)

    async def start(self) -> None:
        """Ask who we are, then set the webhook or take it away. Safe to call again after it failed.

        Raises Temporary also where Telegram refuses the token, and when the webhook was set a second ago.
        """
        with _told():
            await self._api.initialize()
            self.bot, self.username = str(self._api.id), self._api.username
            if self._webhook_url:
                # Always: Telegram does not tell which secret it holds, and the same again changes nothing.
                await self._api.set_webhook(
                    self._webhook_url,
                    secret_token=self._secret.decode() or None,
                    allowed_updates=UPDATES,
                    max_connections=_MAX_CONNECTIONS,
                )
            elif (await self._api.get_webhook_info()).url:
                await self._api.delete_webhook(drop_pending_updates=False)

    async def close(self) -> None:
        """Close the connections. A webhook stays: Telegram keeps what arrives while we are away."""
        await self._api.shutdown()
        await self._request.shutdown()

    def link(self, code: str = "") -> str:
        """The address that opens a chat with us; `code` (up to 64 of A-Za-z0-9_-) comes as "/start code"."""
        return create_deep_linked_url(self.username, code or None)

    async def describe(
        self,
        *,
        name: str,
        description: str,
        short_description: str,
        commands: Sequence[tuple[str, str]],
        language: str = "",
    ) -> None:
        """Set the bot's own texts and everybody's menu for a language ("" for all others); raises SendFailed.

        Only what differs is written: Telegram allows a new name a few times a day. So the name comes last.
        """
        api, code, everybody = self._api, language or None, BotCommandScopeAllPrivateChats()
        menu = tuple(BotCommand(word, text) for word, text in commands)
        with _told():
            if await api.get_my_commands(everybody, code) != menu:
                await api.set_my_commands(menu, everybody, code)
            if (await api.get_my_short_description(code)).short_description != short_description:
                await api.set_my_short_description(short_description, code)
            if (await api.get_my_description(code)).description != description:
                await api.set_my_description(description, code)
            if (await api.get_my_name(code)).name != name:
                await api.set_my_name(name, code)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Incoming | Receipt]:
        """One update from the webhook. Raises Refused("wrong_secret"), also where no secret is set at all."""
        given = headers.get(_SECRET_HEADER) or headers.get(_SECRET_HEADER.lower()) or ""
        if not self._secret or not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret):
            raise Refused("wrong_secret")
        try:
            update = load_json(body)
        except ValueError:
            # Refusing it would only bring the same bytes again, for a day.
            return []
        incoming = read_update(update, bot=self.bot, username=self.username)
        return [incoming] if incoming else []

    async def poll(self, offset: int | None) -> tuple[Sequence[Incoming | Receipt], int | None]:
        """Wait for updates. Telegram forgets those before `offset` only when the next call names it."""
        with _told():
            updates = await self._api.get_updates(offset=offset, timeout=self._poll_seconds, allowed_updates=UPDATES)
        if not updates:
            # All before `offset` are forgotten now. After a quiet week ids restart anywhere, also below it,
            # and Telegram would take an old offset for their confirmation.
            return [], None
        news = [
            incoming
            for update in updates
            if (incoming := read_update(update.api_kwargs["raw"], bot=self.bot, username=self.username))
        ]
        return news, max(update.update_id for update in updates) + 1

    async def send(
        self,
        to: str,
        out: Outgoing,
        *,
        ref: str | None = None,
        file: File | None = None,
        late: bool = False,
        mark: str = "",
    ) -> str | None:
        """Send one Outgoing; the message's id for a Message, else None. Raises SendFailed."""
        chat = _number(to, "bad_address")
        with _told():
            match out:
                case Message():
                    return await self._send(chat, out, file)
                case Edit():
                    await self._edit(chat, _number(ref, "nothing_to_edit"), out)
                case Deletion():
                    await self._delete(chat, _number(ref or out.message_id, "nothing_to_delete"))
                case Acknowledgement():
                    text = out.text[:_TOAST] or None
                    await self._request.call(
                        "answerCallbackQuery", callback_query_id=out.tap_id, text=text, show_alert=out.alert or None
                    )
                case Leave():
                    await self._leave(chat)
                case Commands():
                    await self._set_menu(chat, out)
        return None

    async def show_typing(self, to: str, read_id: str = "") -> None:
        """Show "typing" for five seconds; nobody misses it when it fails."""
        with suppress(SendFailed, TelegramError):
            await self._api.send_chat_action(_number(to, "bad_address"), ChatAction.TYPING)

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """A file's bytes, at most `limit`. Raises FetchFailed."""
        return await fetch_file(attachment, limit, api=self._api, request=self._request, files=self._files)

    async def _send(self, chat: int, out: Message, file: File | None) -> str:
        keyboard = markup(out)
        if out.file:
            if plain_length(out.text) > self.limits.photo_text:
                raise Permanent("caption_too_long")
            await self._uploads.send(chat, out, file, keyboard)
            return str(SENT_ID.get())
        sent = await self._request.call(
            "sendMessage",
            chat_id=chat,
            text=to_html(out.text),
            parse_mode=ParseMode.HTML,
            protect_content=out.protected or None,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
        )
        return _sent_id(sent)

    async def _edit(self, chat: int, message: int, out: Edit) -> None:
        keyboard = inline(out.choices, stacked=out.stacked)
        try:
            if out.blank:
                await self._blank(chat, message)
            elif out.text is None:
                await self._request.call(
                    "editMessageReplyMarkup", chat_id=chat, message_id=message, reply_markup=keyboard
                )
            else:
                await self._request.call(
                    "editMessageText",
                    chat_id=chat,
                    message_id=message,
                    text=to_html(out.text),
                    parse_mode=ParseMode.HTML,
                    reply_markup=keyboard,
                    link_preview_options=_NO_PREVIEW,
                )
        except TelegramError as problem:
            if not says(problem, *_UNCHANGED, *_needless(out)):
                raise

    async def _blank(self, chat: int, message: int) -> None:
        try:
            # A photo is replaced and its caption goes with it; a text becomes a photo that says nothing.
            await self._api.edit_message_media(InputMediaPhoto(BLANK_PHOTO, filename="blank.png"), chat, message)
        except TelegramError as problem:
            # Older self-hosted Bot API servers do not put a photo in the place of a text.
            if not says(problem, "no media in the message", "message can't be edited"):
                raise
            await self._api.edit_message_text(BLANK_TEXT, chat, message)

    async def _delete(self, chat: int, message: int) -> None:
        try:
            await self._api.delete_message(chat, message)
        except TelegramError as problem:
            if says(problem, "message can't be deleted", "message_delete_forbidden"):
                raise TooOld("too_old_to_delete") from None
            if not says(problem, *_NO_LONGER_THERE):
                raise

    async def _leave(self, chat: int) -> None:
        try:
            await self._api.leave_chat(chat)
        except Rejected as problem:
            # Thrown out or never in: where we are not, there is nothing to leave.
            if problem.status != HTTPStatus.FORBIDDEN and not says(problem, "chat not found"):
                raise

    async def _set_menu(self, chat: int, out: Commands) -> None:
        scope = BotCommandScopeChat(chat)
        if out.entries:
            await self._api.set_my_commands([BotCommand(word, text) for word, text in out.entries], scope)
        else:
            await self._api.delete_my_commands(scope)


@contextmanager
def _told() -> Iterator[None]:
    """The library's errors become ours, without their cause: it may hold the token or what was sent."""
    try:
        yield
    except TelegramError as problem:
        raise failure(problem) from None


def _sent_id(sent: Any) -> str:
    try:
        return str(int(sent["message_id"]))
    except (TypeError, KeyError, ValueError):
        raise Unreached("garbled_answer", left=True) from None


def _number(given: str | None, code: str) -> int:
    try:
        return int(given or "")
    except ValueError:
        raise Permanent(code) from None


def _needless(out: Edit) -> tuple[str, ...]:
    """Refusals after which nothing is left to take away: typed answers, for one, stand under no message."""
    if not out.only_takes_away:
        return ()
    return _NO_LONGER_THERE if out.blank else (*_NO_LONGER_THERE, "message can't be edited")
