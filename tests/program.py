"""The real program as a process of its own, with a folder of its own: started, asked, killed and started again.

    program = Program(tmp_path, telegram_token=TOKEN, telegram_api_url=server.base)
    async with program:                     # ready when this returns; killed at the end, if it still runs
        code = await program.invites(admin=True)
        await program.kills()               # SIGKILL
        await program.starts()

Not for: the people it speaks with (tests/servers/), or looking into its database while it runs.
"""

import asyncio
import functools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.open_store import Opened, opened
from bot.operations import perform
from bot.settings import Settings
from tests.servers.whatsapp_world import APP_SECRET, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID, VERIFY_TOKEN
from tests.servers.whatsapp_world import TOKEN as WHATSAPP_TOKEN
from tests.zygote import ROOT, shared_zygote

TOKEN = "990001:token-uji"
SECRET = "rahasia-webhook-uji-0001"
OFFICE = {
    "area": "81.71",
    "office_name": "Dinas Tenaga Kerja Kota Ambon (uji)",
    "receipt_letters": "AMB",
    "office_address": "Jalan Contoh 1, Ambon",
    "office_hours": "Senin-Jumat 08.00-16.00 WIT",
    "office_contact": "0812-3450-0000",
}


class Program:
    """`python -m bot run`. Settings are given without their prefix; everything it keeps lies in `folder`."""

    def __init__(self, folder: Path, *, quick: bool = True, **settings: object) -> None:
        """`quick` starts are forks of a process that has loaded the modules already (tests/zygote.py)."""
        self.folder = folder
        self.log = folder / "log.jsonl"
        self.starts_made = 0
        self._screen = folder / "screen.txt"
        self._quick = quick
        self._pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        given = {
            "database_url": f"sqlite:///{folder}/data/lindung.db",
            "key_file": f"{folder}/secrets/lindung.key",
            "media_dir": f"{folder}/data/media",
            "control_socket": f"{folder}/control.sock",
            "http_port": "0",
            **OFFICE,
            **settings,
        }
        self.settings = {name: str(value) for name, value in given.items() if value is not None}

    # Starting and ending

    async def __aenter__(self) -> Self:
        return await self.starts()

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kills()

    async def starts(self, *, within: float = 30.0) -> Self:
        """Start it and wait until it serves."""
        await self.begins()
        await self.serves(within=within)
        return self

    async def begins(self) -> None:
        """Start it and wait for nothing."""
        assert self._pid is None, "it runs already"
        self.starts_made += 1
        self._screen.unlink(missing_ok=True)
        places = {"cwd": str(self.folder), "out": str(self._screen), "err": str(self.log)}
        if self._quick:
            start = functools.partial(shared_zygote().start, **places, env=self._environment())
            self._pid = await asyncio.to_thread(start)
            return
        self._process = await asyncio.to_thread(self._from_the_command_line)
        self._pid = self._process.pid

    def _from_the_command_line(self) -> subprocess.Popen[bytes]:
        with self._screen.open("ab") as out, self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )

    async def serves(self, *, within: float = 30.0) -> None:
        """Wait until a program that was begun serves."""
        deadline = time.monotonic() + within
        while "Health:" not in self.screen:
            assert self.runs, f"it ended at its start:\n{self.screen}\n{self.tail()}"
            assert time.monotonic() < deadline, f"it does not serve:\n{self.screen}\n{self.tail()}"
            await asyncio.sleep(0.01)

    async def kills(self) -> None:
        """SIGKILL, wherever it is; fine when it has ended already."""
        await self._ends(signal.SIGKILL, within=10.0)

    async def stops(self, *, within: float = 15.0) -> int:
        """SIGTERM; the exit code of a graceful end."""
        return await self._ends(signal.SIGTERM, within=within)

    async def ended(self, *, within: float = 15.0) -> int:
        """Wait for it to end by itself; the exit code."""
        return await self._ends(None, within=within)

    async def _ends(self, number: signal.Signals | None, *, within: float) -> int:
        if self._pid is None:
            return 0
        deadline = time.monotonic() + within
        if number is not None and self.runs:
            os.kill(self._pid, number)
        while (code := self._code()) is None:
            if time.monotonic() > deadline:
                os.kill(self._pid, signal.SIGKILL)
                raise AssertionError(f"it did not end within {within} s:\n{self.tail()}")
            await asyncio.sleep(0.005)
        self._pid = self._process = None
        return code

    def _code(self) -> int | None:
        assert self._pid is not None
        return self._process.poll() if self._process else shared_zygote().code(self._pid)

    @property
    def pid(self) -> int:
        assert self._pid is not None
        return self._pid

    @property
    def runs(self) -> bool:
        return self._pid is not None and self._code() is None

    @property
    def screen(self) -> str:
        """What it has printed since its start."""
        return self._screen.read_text() if self._screen.exists() else ""

    def _environment(self) -> dict[str, str]:
        """Ours without other settings; and with compiled modules kept, or each start would take seconds."""
        skipped = ("LINDUNG_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(skipped)}
        own = {f"LINDUNG_{name.upper()}": value for name, value in self.settings.items()}
        return {**inherited, "PYTHONPATH": str(ROOT), **own}

    # Asking

    @property
    def web(self) -> str:
        """The address of its doors, such as http://127.0.0.1:4711."""
        found = re.search(r"(http://\S+)/health", self.screen)
        assert found, self.screen
        return found[1]

    def as_settings(self) -> Settings:
        """The same settings for code that runs here."""
        return Settings(_env_file=None, **self.settings)  # type: ignore[call-arg, arg-type]

    async def asks(self, do: str, **args: Any) -> list[str]:
        """What an operator's command says: over the control socket, or here when it does not run."""
        return [sentence async for sentence in perform(self.as_settings(), do, args)]

    async def invites(self, *, admin: bool = False, areas: tuple[str, ...] = ()) -> str:
        """A one-time code for an officer or admin."""
        said = await self.asks("invite", role="admin" if admin else "officer", areas=list(areas))
        return said[0].rsplit(" ", 1)[1]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Opened]:
        """Its store, opened here; it must not run."""
        async with opened(self.as_settings()) as found:
            yield found

    # Looking at what it left

    def logged(self, event: str = "") -> list[dict[str, Any]]:
        """Its log lines so far, of this event only where one is named."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [line for line in found if event in ("", line["event"])]

    async def logs(self, event: str, *, times: int = 1, within: float = 10.0) -> list[dict[str, Any]]:
        """Wait until it has logged this event so many times."""
        deadline = time.monotonic() + within
        while len(found := self.logged(event)) < times:
            assert time.monotonic() < deadline, f"{event} was logged {len(found)} times:\n{self.tail()}"
            await asyncio.sleep(0.02)
        return found

    def tail(self) -> str:
        """The last lines of its log, for a failure's message."""
        return "\n".join(self.log.read_text().splitlines()[-15:]) if self.log.exists() else ""


def free_port() -> int:
    """A port nobody listens on now: a webhook's address must be known before the start."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def by_polling(base: str) -> dict[str, object]:
    """The settings of a bot that asks for its updates; `base` is the Bot API server's address."""
    return {"telegram_token": TOKEN, "telegram_api_url": base}


def by_webhook(base: str) -> dict[str, object]:
    """The settings of a bot that is called; the port stays the same over restarts."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/telegram"
    called = {"telegram_webhook_url": address, "telegram_webhook_secret": SECRET, "http_port": port}
    return {**by_polling(base), **called}


def by_whatsapp(base: str) -> dict[str, object]:
    """The settings of our number at WhatsApp; `base` is the Graph server's address. The port stays the same."""
    port = free_port()
    return {
        "whatsapp_token": WHATSAPP_TOKEN,
        "whatsapp_phone_number_id": PHONE_NUMBER_ID,
        "whatsapp_business_account_id": BUSINESS_ACCOUNT_ID,
        "whatsapp_app_secret": APP_SECRET,
        "whatsapp_verify_token": VERIFY_TOKEN,
        "whatsapp_api_url": base,
        "public_url": f"http://127.0.0.1:{port}",
        "http_port": port,
    }
