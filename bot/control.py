"""The control socket: how commands speak to the running program. JSON lines over a Unix socket, mode 0600.

A caller sends one line naming the work; sentences for the operator come back as they arise, then an end or a
refusal. Not for: doing the work (bot/work.py) or anything that comes from a network.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson

from bot.problems import CannotStart
from storage.engine import sqlite_path

log = logging.getLogger(__name__)

Perform = Callable[[str, Mapping[str, Any]], AsyncGenerator[str, None]]
"""Does the named work and gives its sentences as they arise. Raises CannotStart, KeyError for no such work."""

_LONGEST: Final = 64 * 1024
_SECONDS_TO_ASK: Final = 5.0


class ControlSocket:
    """The running program's side."""

    def __init__(self, path: Path, *, database_url: str, perform: Perform) -> None:
        self._path = path
        self._database = database_id(database_url)
        self._perform = perform
        self._server: asyncio.Server | None = None
        self._inode = 0
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens; a socket that a killed program left behind is replaced. Raises CannotStart."""
        if await _answers(self._path):
            raise CannotStart(f"{self._path} belongs to another Lindung that runs: set LINDUNG_CONTROL_SOCKET.")
        try:
            listening = _bound(self._path)
        except OSError as error:
            raise CannotStart(
                f"The control socket {self._path} cannot be made ({error.strerror or error}):"
                " set LINDUNG_CONTROL_SOCKET to a short path in a writable folder."
            ) from error
        self._inode = self._path.stat().st_ino
        self._server = await asyncio.start_unix_server(self._meet, sock=listening, limit=_LONGEST)

    async def close(self) -> None:
        """Stops listening and ends what is being done; the socket's file goes."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        with suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.LimitOverrunError, ValueError):
            pass  # the caller is gone, or is none of ours
        except asyncio.CancelledError:
            pass  # we stop; the caller sees the end of the line
        finally:
            self._talks.discard(talk)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = orjson.loads(await reader.readline())
        try:
            if request["database"] != self._database:
                raise CannotStart("The running program serves another database: use the same settings as it does.")
            async for sentence in self._perform(request["do"], request["with"]):
                await _send(writer, {"say": sentence})
            await _send(writer, {"end": True})
        except CannotStart as refusal:
            await _send(writer, {"refused": refusal.sentences})
        except ConnectionError:
            raise
        except Exception as error:
            log.exception("control_failed")
            sentence = f"The running program failed at this ({type(error).__name__}); its log says where."
            await _send(writer, {"refused": [sentence]})


async def ask(path: Path, *, database_url: str, do: str, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """Asks the running program to do something; its sentences as they arise. Raises CannotStart."""
    try:
        async with asyncio.timeout(_SECONDS_TO_ASK):
            reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST)
    except (OSError, TimeoutError):
        raise CannotStart(
            f"Lindung is running but does not answer at {path}: run the command on the same machine,"
            " from the same folder and with the same settings and account."
        ) from None
    try:
        await _send(writer, {"database": database_id(database_url), "do": do, "with": dict(args)})
        while line := await reader.readline():
            answer = orjson.loads(line)
            if "refused" in answer:
                raise CannotStart(*answer["refused"])
            if "end" in answer:
                return
            yield answer["say"]
        raise CannotStart("The running program stopped before this was done: try again.")
    except ConnectionError:
        raise CannotStart("The running program stopped before this was done: try again.") from None
    finally:
        writer.close()


def database_id(url: str) -> str:
    """What a caller names the database by: no path and no password."""
    path = sqlite_path(url)
    return hashlib.sha256((url if path is None else str(path.resolve())).encode()).hexdigest()


async def _send(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    writer.write(orjson.dumps(message) + b"\n")
    await writer.drain()


async def _answers(path: Path) -> bool:
    try:
        async with asyncio.timeout(_SECONDS_TO_ASK):
            _, writer = await asyncio.open_unix_connection(path)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _bound(path: Path) -> socket.socket:
    if path.is_socket():
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # A socket's file takes its rights from the umask of this moment; chmod would come a moment too late.
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(before)
    return listening
