"""The control socket: commands speak to the running program, and to nobody else."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.control import ControlSocket, ask
from bot.problems import CannotStart

URL = "sqlite:///var/lindung.db"


async def perform(do: str, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    yield f"begin {do}"
    if do == "refuse":
        raise CannotStart("Not now.", "Not tomorrow.")
    if do == "fail":
        raise ValueError("NIK 8171010101019901")
    if do == "hang":
        await asyncio.Event().wait()
    yield f"end {args['word']}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@asynccontextmanager
async def running(path: Path, url: str = URL) -> AsyncIterator[ControlSocket]:
    control = ControlSocket(path, database_url=url, perform=perform)
    await control.start()
    try:
        yield control
    finally:
        await control.close()


async def asked(path: Path, do: str, url: str = URL) -> list[str]:
    return [sentence async for sentence in ask(path, database_url=url, do=do, args={"word": "laut"})]


async def test_the_running_program_does_it_and_says_so_sentence_by_sentence(path: Path) -> None:
    async with running(path):
        assert await asked(path, "fish") == ["begin fish", "end laut"]


async def test_the_socket_is_for_its_owner_only_and_goes_with_the_program(path: Path) -> None:
    async with running(path):
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


async def test_a_refusal_comes_back_with_every_sentence(path: Path) -> None:
    async with running(path):
        with pytest.raises(CannotStart) as told:
            await asked(path, "refuse")
    assert told.value.sentences == ("Not now.", "Not tomorrow.")


async def test_a_bug_comes_back_without_what_it_says(path: Path) -> None:
    async with running(path):
        with pytest.raises(CannotStart, match="ValueError") as told:
            await asked(path, "fail")
        assert "8171" not in str(told.value)
        assert await asked(path, "fish") == ["begin fish", "end laut"]


async def test_a_program_on_another_database_does_nothing(path: Path) -> None:
    async with running(path):
        with pytest.raises(CannotStart, match="serves another database"):
            await asked(path, "fish", "sqlite:///var/other.db")


async def test_one_database_under_two_names_is_the_same(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    async with running(path, f"sqlite:///{tmp_path}/lindung.db"):
        assert await asked(path, "fish", f"sqlite:///{tmp_path}/link/lindung.db")


async def test_nobody_there_is_one_sentence(path: Path) -> None:
    with pytest.raises(CannotStart, match="does not answer at"):
        await asked(path, "fish")


async def test_a_socket_left_by_a_killed_program_is_replaced(path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    async with running(path):
        assert await asked(path, "fish")


async def test_a_socket_that_another_program_answers_is_left_alone(path: Path) -> None:
    async with running(path):
        with pytest.raises(CannotStart, match="LINDUNG_CONTROL_SOCKET"):
            await ControlSocket(path, database_url="sqlite:///other.db", perform=perform).start()
        assert await asked(path, "fish")


async def test_a_path_too_long_for_a_socket_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="short path"):
        await ControlSocket(tmp_path / ("x" * 120), database_url=URL, perform=perform).start()


async def test_a_program_that_stops_lets_go_of_who_waits(path: Path) -> None:
    async with running(path) as control:
        waiting = ask(path, database_url=URL, do="hang", args={})
        assert await anext(waiting) == "begin hang"
        await control.close()
        with pytest.raises(CannotStart, match="stopped before this was done"):
            await anext(waiting)


@pytest.mark.parametrize("rubbish", [b"\n", b"halo\n", b"[]\n", b"{}\n", b"x" * 100_000 + b"\n", b""])
async def test_rubbish_does_no_harm(path: Path, rubbish: bytes) -> None:
    async with running(path):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(rubbish)
        writer.write_eof()
        await reader.read()
        writer.close()
        assert await asked(path, "fish")
