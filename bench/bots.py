"""The two bots as processes of their own: the program itself, and the plain bot; their CPU time and memory.

Not for: what they are asked (load.py).
"""

from __future__ import annotations

import hmac
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.network import Door

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "990001:token-uji"  # noqa: S105 (an invented one)
SECRET = "rahasia-uji-0123456789"  # noqa: S105 (the same)
_PATH = "/telegram"
_META_PATH = "/whatsapp"
NUMBER_ID, ACCOUNT_ID = "111000111000111", "222000222000222"
_TICKS = os.sysconf("SC_CLK_TCK")


def _proves_telegram(_: bytes) -> str:
    return f"X-Telegram-Bot-Api-Secret-Token: {SECRET}"


def _proves_meta(body: bytes) -> str:
    return f"X-Hub-Signature-256: sha256={hmac.new(SECRET.encode(), body, 'sha256').hexdigest()}"


class Bot:
    """A running bot; stops with its `with` block."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path, path: str = _PATH) -> None:
        self._process = process
        self._port = port
        self._log = log
        self._path = path

    def door(self) -> Door:
        """A connection of one's own to the webhook."""
        return Door(self._port, self._path, _proves_telegram if self._path == _PATH else _proves_meta)

    def cpu_seconds(self) -> float:
        """User and system time of the process so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def rss_mb(self) -> float:
        return self._memory("VmRSS:")

    def most_rss_mb(self) -> float:
        """The most it ever had."""
        return self._memory("VmHWM:")

    def _memory(self, line: str) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition(line)[2].split()[0]) / 1024

    def must_run(self) -> None:
        """Raises RuntimeError, with the end of the bot's log, when it has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"The bot ended:\n{self._log.read_text()[-2000:]}")

    @property
    def pid(self) -> int:
        return self._process.pid


def lindung_environment(folder: Path, *, database_url: str | None = None) -> dict[str, str]:
    """Settings of a program whose data lies in `folder`."""
    return {
        "LINDUNG_AREA": "81.71",
        "LINDUNG_OFFICE_NAME": "Dinas Tenaga Kerja Kota Ambon",
        "LINDUNG_RECEIPT_LETTERS": "AMB",
        "LINDUNG_OFFICE_ADDRESS": "Jalan Contoh 1, Ambon",
        "LINDUNG_OFFICE_HOURS": "Senin-Jumat 08.00-16.00 WIT",
        "LINDUNG_OFFICE_CONTACT": "0812-3450-0000",
        "LINDUNG_TELEGRAM_TOKEN": TOKEN,
        "LINDUNG_DATABASE_URL": database_url or f"sqlite:///{folder}/data/lindung.db",
        "LINDUNG_KEY_FILE": str(folder / "keys" / "lindung.key"),
        "LINDUNG_MEDIA_DIR": str(folder / "media"),
        "LINDUNG_CONTROL_SOCKET": str(folder / "control.sock"),
        "LINDUNG_LOG_LEVEL": "warning",
    }


@contextmanager
def lindung(
    folder: Path, api_url: str, *, database_url: str | None = None, more: Mapping[str, str] | None = None
) -> Iterator[Bot]:
    """`python -m bot run`, as an office runs it behind a webhook; `more` are further settings."""
    port = _free_port()
    settings = lindung_environment(folder, database_url=database_url) | {
        "LINDUNG_TELEGRAM_API_URL": api_url,
        "LINDUNG_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}{_PATH}",
        "LINDUNG_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "LINDUNG_HTTP_PORT": str(port),
        **(more or {}),
    }
    with _running(["-m", "bot", "run"], settings, folder, port) as bot:
        yield bot


@contextmanager
def lindung_on_whatsapp(folder: Path, api_url: str, *, more: Mapping[str, str] | None = None) -> Iterator[Bot]:
    """The same on WhatsApp alone."""
    port = _free_port()
    settings = lindung_environment(folder) | {
        "LINDUNG_TELEGRAM_TOKEN": "",
        "LINDUNG_WHATSAPP_TOKEN": SECRET,
        "LINDUNG_WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID,
        "LINDUNG_WHATSAPP_BUSINESS_ACCOUNT_ID": ACCOUNT_ID,
        "LINDUNG_WHATSAPP_APP_SECRET": SECRET,
        "LINDUNG_WHATSAPP_VERIFY_TOKEN": SECRET,
        "LINDUNG_WHATSAPP_API_URL": api_url,
        "LINDUNG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LINDUNG_HTTP_PORT": str(port),
        **(more or {}),
    }
    with _running(["-m", "bot", "run"], settings, folder, port, _META_PATH) as bot:
        yield bot


@contextmanager
def plain(folder: Path, api_url: str) -> Iterator[Bot]:
    """The plain bot, its state in `folder`."""
    port = _free_port()
    arguments = ["--port", str(port), "--api", api_url, "--token", TOKEN, "--secret", SECRET]
    with _running(["-m", "bench.plain_bot", *arguments, "--state", str(folder / "state")], {}, folder, port) as bot:
        yield bot


@contextmanager
def _running(
    arguments: list[str], settings: dict[str, str], folder: Path, port: int, path: str = _PATH
) -> Iterator[Bot]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    log = folder / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            # Away from the checkout, so that nobody's .env is read.
            cwd=folder,
            env=own | {"PYTHONPATH": str(ROOT)} | settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Bot(process, port, log, path)
    finally:
        # The plain bot writes everybody's state for minutes when it is asked kindly.
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
