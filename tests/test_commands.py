"""The commands as an operator types them: beside the running program, without it, and where they refuse."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from pathlib import Path

import pytest

from bot.operations import perform
from bot.problems import CannotStart
from bot.selfcheck import Finding, self_check
from bot.settings import Settings
from domain.region import Places
from storage.areas import load_places
from tests.own_settings import demo_settings, office_settings
from tests.postgres_server import fresh_database
from tests.servers.telegram import TelegramServer

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
OFFICE = {
    "LINDUNG_AREA": "81.71",
    "LINDUNG_OFFICE_NAME": "Disnaker Ambon",
    "LINDUNG_RECEIPT_LETTERS": "AMB",
    "LINDUNG_OFFICE_ADDRESS": "Jalan Contoh 1",
    "LINDUNG_OFFICE_HOURS": "Senin-Jumat",
    "LINDUNG_OFFICE_CONTACT": "0812-3450-0001",
}
COMMANDS = ["run", "invite", "migrate", "check", "storyboard", "templates", "backup", "restore", "rotate-key", "audit"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to work in, with the path short enough for a socket."""
    return tmp_path


def lindung(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot ...` in the folder."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=ENVIRONMENT | {"PYTHONPATH": str(ROOT), "LINDUNG_HTTP_PORT": "0"} | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def program(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The demo, running in the folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=ENVIRONMENT | {"PYTHONPATH": str(ROOT), "LINDUNG_HTTP_PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith("Lindung is running"), first + process.communicate()[1]
    yield process
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Plain sentences and exit code 2, no traceback."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_everything_an_operator_does_beside_the_running_program(folder: Path, program: "subprocess.Popen[str]") -> None:
    holder = f"process {program.pid}"
    for words in (["run"], ["migrate"], ["restore", "nowhere", "--force"]):
        told = refused(lindung(folder, *words))
        assert holder in told
        assert "\n" not in told
    code = re.search(r"GABUNG ([A-Z0-9]{10})\n", said(lindung(folder, "invite", "--admin")))
    assert code
    assert "Backed up the database" in said(lindung(folder, "backup", "copy"))
    assert (folder / "copy" / "manifest.json").exists()
    assert "Forgot the old data key 1." in said(lindung(folder, "rotate-key"))
    assert "Newest seal" in said(lindung(folder, "audit", "verify"))
    assert (folder / "var" / "control.sock").stat().st_mode & 0o777 == 0o600
    program.send_signal(signal.SIGTERM)
    assert program.wait(30) == 0
    assert not (folder / "var" / "control.sock").exists()


@pytest.mark.slow
def test_the_same_commands_without_a_running_program(folder: Path) -> None:
    assert "revision" in said(lindung(folder, "migrate"))
    assert "Kecamatan Sirimau" in said(lindung(folder, "invite", "--area", "kecamatan sirimau"))
    assert "Backed up" in said(lindung(folder, "backup", "copy.tar"))
    assert "--force" in refused(lindung(folder, "restore", "copy.tar"))
    assert "Restored" in said(lindung(folder, "restore", "copy.tar", "--force"))
    assert "1 lines are not sealed" in said(lindung(folder, "audit", "verify"))
    checked = lindung(folder, "check")
    assert checked.returncode == 1
    assert checked.stdout.startswith("!!  No channel is configured")


@pytest.mark.slow
def test_a_busy_port_is_one_sentence(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:
        port = str(busy.getsockname()[1])
        told = refused(lindung(folder, "run", LINDUNG_HTTP_PORT=port))
    assert port in told
    assert "LINDUNG_HTTP_PORT" in told


def test_an_address_of_another_machine_is_one_sentence(folder: Path) -> None:
    told = refused(
        lindung(folder, "run", LINDUNG_TELEGRAM_TOKEN="100001:TEST", **OFFICE, LINDUNG_HTTP_HOST="192.0.2.1")
    )
    assert "set LINDUNG_HTTP_HOST to an address of this machine" in told


def test_a_bad_setting_is_one_sentence(folder: Path) -> None:
    assert refused(lindung(folder, "check", LINDUNG_HTTP_PORT="eighty")) == (
        "LINDUNG_HTTP_PORT must be a whole number."
    )


def test_a_folder_that_takes_no_data_is_one_sentence(folder: Path) -> None:
    (folder / "var").write_text("")
    told = refused(lindung(folder, "run"))
    assert "cannot be made" in told
    assert "\n" not in told


def test_each_command_explains_itself(folder: Path) -> None:
    overview = said(lindung(folder, "--help"))
    for command in COMMANDS:
        assert command in overview
    for command in ("invite", "backup", "restore"):
        assert len(said(lindung(folder, command, "--help"))) > 300


# What follows meets the same functions without a process for each.


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield demo_settings(tmp_path)
    else:
        with fresh_database() as url:
            yield demo_settings(tmp_path, url)


async def done(settings: Settings, do: str, **args: object) -> str:
    return "\n".join([sentence async for sentence in perform(settings, do, args)])


async def test_an_invitation_can_be_used_and_tells_its_area(settings: Settings) -> None:
    from bot.open_store import opened

    told = await done(settings, "invite", role="officer", areas=["Latuhalat", "81.71.02"])
    code = told.rpartition("GABUNG ")[2]
    async with opened(settings) as found:
        invitation = await found.store.transact(lambda tx: tx.staff.invitation(code))
    assert invitation is not None
    assert (invitation.role, invitation.state) == ("officer", "open")
    assert len(invitation.areas) == 2
    assert "Latuhalat" in told
    assert "Kecamatan Sirimau" in told


@pytest.fixture(scope="module")
def ambon() -> Places:
    return load_places("81.71")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("81.71.02", "81.71.02"),
        ("817102", "81.71.02"),
        ("Sirimau", "81.71.02"),
        ("kec. sirimau", "81.71.02"),
        ("kecamatan Nusaniwe", "81.71.01"),
    ],
)
def test_a_kecamatan_is_known_by_code_and_by_name(ambon: Places, typed: str, code: str) -> None:
    from bot.invite import area_code

    assert area_code(typed, ambon) == code


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Nusaniwe", "may be several places; give the code: Kecamatan Nusaniwe 81.71.01, "),
        ("Latuhala", "Latuhalat 81.71."),
        ("Jakarta", "No kecamatan or village of Kota Ambon is called 'Jakarta'"),
        ("31.71.01", "is no kecamatan or village of Kota Ambon"),
    ],
)
def test_a_place_that_is_not_sure_is_asked_back_with_codes(ambon: Places, typed: str, sentence: str) -> None:
    from bot.invite import area_code

    with pytest.raises(CannotStart, match=re.escape(sentence)):
        area_code(typed, ambon)


async def test_a_real_office_gets_the_link_too(tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        settings = office_settings(tmp_path, telegram_token=telegram.token, telegram_api_url=telegram.base)
        told = await done(settings, "invite", role="admin", areas=[])
    assert re.search(r"Link: https://t\.me/\w+\?start=[A-Z0-9]{10}\n", told)


async def test_without_an_answer_of_telegram_the_code_alone_is_given(tmp_path: Path) -> None:
    told = await done(office_settings(tmp_path), "invite", role="admin", areas=[])
    assert "There is no link now" in told
    assert "GABUNG" in told
    assert "TEST-TOKEN" not in told


async def findings(settings: Settings) -> list[Finding]:
    return [finding async for finding in self_check(settings)]


def troubles(found: list[Finding]) -> str:
    return "\n".join(str(finding) for finding in found if not finding.well)


async def test_a_real_office_that_is_ready_hears_no_trouble(tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        settings = office_settings(tmp_path, telegram_token=telegram.token, telegram_api_url=telegram.base)
        await done(settings, "invite", role="admin", areas=[])
        found = await findings(settings)
    assert troubles(found) == ""
    assert len(found) >= 9


async def test_a_token_that_telegram_refuses_is_told_and_not_repeated(tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        wrong = telegram.token[:-1] + ("x" if telegram.token[-1] != "x" else "y")
        found = await findings(office_settings(tmp_path, telegram_token=wrong, telegram_api_url=telegram.base))
    assert "refuses the token" in troubles(found)
    assert wrong not in "\n".join(map(str, found))


async def test_a_telegram_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be reached" in troubles(await findings(office_settings(tmp_path)))


async def test_the_check_sees_a_key_that_is_missing_open_or_beside_the_database(tmp_path: Path) -> None:
    settings = office_settings(tmp_path, key_file=tmp_path / "data" / "lindung.key")
    await done(settings, "invite", role="admin", areas=[])
    settings.key_file.chmod(0o640)
    told = troubles(await findings(settings))
    assert "lies beside the database" in told
    assert "chmod 600" in told
    settings.key_file.unlink()
    assert "is missing" in troubles(await findings(settings))


async def test_the_check_sees_a_public_address_that_phones_cannot_reach(tmp_path: Path) -> None:
    async def told(**public: str) -> str:
        return "\n".join(map(str, await findings(office_settings(tmp_path, **public))))

    assert "!!  LINDUNG_PUBLIC_URL" in await told(public_url="http://127.0.0.1:8080")
    assert "OK  Officers can see photo" in await told(public_url="https://lindung.example.go.id")
    assert "photo and NIK" not in await told()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_the_check_misses_no_photo(kind: str, tmp_path: Path) -> None:
    from bot.open_store import opened
    from tests.test_backup import one_more

    with fresh_database() if kind == "postgres" else nullcontext("") as url:
        settings = office_settings(tmp_path, url)
        async with opened(settings) as found:
            photo = await one_more(found.store, "worker-1")
        assert "photos" not in troubles(await findings(settings))
        (settings.media_dir / photo).unlink()
        assert "1 of 1 photos and files are missing" in troubles(await findings(settings))


async def test_the_check_changes_nothing(tmp_path: Path) -> None:
    await findings(office_settings(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
