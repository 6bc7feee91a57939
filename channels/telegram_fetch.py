"""A file at Telegram, fetched piece by piece under a hard limit.

Not for: looking into it. The address of a file holds the bot's token, so it never leaves this module.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from telegram import Bot
from telegram.error import TelegramError

from channels.base import FetchFailed
from channels.http import TooBig
from channels.telegram_errors import fetch_failure
from channels.telegram_request import Rejected, Request
from conversation.messages import Attachment


async def fetch_file(attachment: Attachment, limit: int, *, api: Bot, request: Request, files: str) -> bytes:
    """The file's bytes, at most `limit`; `files` is the address below which the server keeps them.

    Raises FetchFailed.
    """
    if attachment.size > limit:
        raise FetchFailed("file_too_big", final=True)
    try:
        file = await api.get_file(attachment.ref)
        path = (file.file_path or "").removeprefix(f"{files}/")
        if path.startswith("/"):
            return await asyncio.to_thread(_read_local, Path(path), limit)
        data = await _download(request, f"{files}/{quote(path)}", limit)
    except TooBig:
        raise FetchFailed("file_too_big", final=True) from None
    except TelegramError as problem:
        raise fetch_failure(problem) from None
    if file.file_size and len(data) != file.file_size:
        raise FetchFailed("file_incomplete", final=False)
    return data


async def _download(request: Request, url: str, limit: int) -> bytes:
    try:
        return await request.download(url, limit)
    except Rejected as problem:
        if problem.status == HTTPStatus.NOT_FOUND:
            # An address is good for an hour; the next try asks for a new one. The token is not to blame.
            raise FetchFailed("file_not_there", final=False) from None
        raise


def _read_local(path: Path, limit: int) -> bytes:
    """A file of a self-hosted Bot API server in local mode, which names its own folder and serves nothing."""
    try:
        if path.stat().st_size > limit:
            raise TooBig
        return path.read_bytes()
    except OSError:
        # Not final: an operator can mend the folder's rights while the person waits.
        raise FetchFailed("file_on_the_api_server", final=False) from None
