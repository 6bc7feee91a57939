"""What tests share: the cast, the running program they meet, and a wall around this machine.

Ibu Sari (fisher), Pak Budi (farmer), officer Dewi, admin Rahmat, and Joko, who must see nothing. The program itself
is in chat.py.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.officer import Role
from tests.chat import LiveOffice, Villager
from tests.databases import database
from tests.servers.telegram import TelegramServer

ON_BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
"""Runs a test of the whole program on both databases."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "given(**settings): settings of the running program that differ in this test")


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """Tests reach this machine only."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"A test tried to reach {address[0]}.")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", checked)
    yield
    patch.undo()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database: SQLite, unless parametrised with "postgres"."""
    with database(getattr(request, "param", "sqlite"), tmp_path) as url:
        yield url


@pytest.fixture
async def telegram_server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server
        slips = [*server.violations("error"), *server.violations(rule="not_modified")]
        assert not slips, slips


@pytest.fixture
async def office(
    request: pytest.FixtureRequest, telegram_server: TelegramServer, database_url: str, tmp_path: Path
) -> AsyncIterator[LiveOffice]:
    """The whole program, running; `@pytest.mark.given(undo_seconds=0)` sets it up differently."""
    marker = request.node.get_closest_marker("given")
    async with LiveOffice(telegram_server, database_url, tmp_path, **(marker.kwargs if marker else {})) as office:
        yield office


@pytest.fixture
def sari(office: LiveOffice) -> Villager:
    """A fisher of Latuhalat."""
    return office.villager("Sari")


@pytest.fixture
def budi(office: LiveOffice) -> Villager:
    """A farmer of Passo."""
    return office.villager("Budi")


@pytest.fixture
def joko(office: LiveOffice) -> Villager:
    """Nobody here: neither officer nor admin, and must see nothing of others."""
    return office.villager("Joko")


@pytest.fixture
async def dewi(office: LiveOffice) -> Villager:
    """An officer of the whole city."""
    return await office.joins("Dewi", Role.OFFICER)


@pytest.fixture
async def rahmat(office: LiveOffice) -> Villager:
    """An admin."""
    return await office.joins("Rahmat", Role.ADMIN)
