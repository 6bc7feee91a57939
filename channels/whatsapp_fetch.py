"""A file that a person sent, fetched from Meta piece by piece under a hard limit, and deleted there afterwards.

Not for: looking into it. The address of a file is good for five minutes and asked for anew at every try.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from http import HTTPStatus

from channels.base import FetchFailed
from channels.http import TooBig
from channels.whatsapp_errors import fetch_failure, is_gone
from channels.whatsapp_request import Graph, GraphRefused, GraphUnreached
from conversation.messages import Attachment


async def fetch_file(attachment: Attachment, limit: int, *, graph: Graph) -> bytes:
    """The file's bytes, at most `limit`. Raises FetchFailed."""
    if not attachment.ref.isdecimal():
        raise FetchFailed("file_not_there", final=True)
    try:
        if attachment.size > limit:
            raise TooBig
        about = await graph.get(attachment.ref)
        size, address = about.get("file_size"), str(about.get("url", ""))
        if isinstance(size, int) and size > limit:
            raise TooBig
        data = await _download(graph, address, limit)
    except TooBig:
        raise FetchFailed("file_too_big", final=True) from None
    except (GraphRefused, GraphUnreached) as problem:
        raise fetch_failure(problem) from None
    if (isinstance(size, int) and len(data) != size) or not _is_whole(data, str(about.get("sha256", ""))):
        raise FetchFailed("file_incomplete", final=False)
    return data


async def delete_file(ref: str, *, graph: Graph) -> None:
    """Have Meta delete its copy; one that is gone already is done. Raises GraphRefused and GraphUnreached."""
    if not ref.isdecimal():
        return
    try:
        await graph.delete(ref)
    except GraphRefused as refused:
        if not is_gone(refused):
            raise


async def _download(graph: Graph, address: str, limit: int) -> bytes:
    try:
        return await graph.download(address, limit)
    except GraphRefused as refused:
        if refused.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE):
            # The address was too old; the next try asks for a new one. The token is not to blame.
            raise FetchFailed("file_address_too_old", final=False) from None
        raise


def _is_whole(data: bytes, sha256: str) -> bool:
    """Whether the bytes are those Meta has: it writes the sum in hexadecimal here and in base 64 there."""
    if not sha256:
        return True
    try:
        told = bytes.fromhex(sha256) if len(sha256) == hashlib.sha256().digest_size * 2 else base64.b64decode(sha256)
    except (ValueError, binascii.Error):
        return True
    return told == hashlib.sha256(data).digest()
