"""The recipes: what a bare machine gets, and in which words it is told what it lacks."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ["run", "test", "check", "bench", "storyboard", "record", "docs", "clean"]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The recipes and the lists of libraries, and nothing else."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def python(folder: Path, script: str) -> str:
    """A Python that answers like this."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lists_of_libraries_name_no_address_and_a_hash_for_each(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "index" not in re.sub(r"#.*", "", text)
    pinned = re.findall(r"^([a-z0-9][^\s=]*)==", text, re.MULTILINE)
    assert len(pinned) > 20
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE):
        if "==" in block:
            assert "--hash=sha256:" in block, block.partition("\n")[0]


def test_what_tests_need_holds_what_the_program_needs() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9][^\s=]*==[^\s;]+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") < pins("requirements-dev.txt")


def test_every_recipe_of_the_house_is_there() -> None:
    for recipe in RECIPES:
        assert make(ROOT, "-n", recipe).returncode == 0, recipe


def test_a_machine_without_python_is_told_so(bare: Path) -> None:
    done = make(bare, "run", "PY=")
    assert done.returncode == 2
    assert "Lindung needs Python 3.11 or later" in done.stdout


def test_a_python_without_venv_is_told_which_package_to_install(bare: Path) -> None:
    done = make(bare, "run", f"PY={python(bare, 'exit 1')}")
    assert done.returncode == 2
    assert "apt-get install python3-venv" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_hold_the_libraries_is_told(bare: Path) -> None:
    done = make(bare, "run", f"PY={python(bare, 'case $1 in -c) exit 0;; *) exit 1;; esac')}")
    assert done.returncode == 2
    assert "folder .venv cannot be made" in done.stdout


def test_what_is_installed_already_is_not_installed_again(bare: Path) -> None:
    (bare / ".venv").mkdir()
    stamp = subprocess.run("cksum < requirements.txt", shell=True, cwd=bare, capture_output=True, check=True)  # noqa: S602
    (bare / ".venv" / ".ok").write_bytes(stamp.stdout)
    assert make(bare, "env", "PY=").returncode == 0
    with (bare / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    assert make(bare, "env", "PY=").returncode == 2


def test_clean_leaves_peoples_data_and_keys_alone(bare: Path) -> None:
    for name in ("var/demo/lindung.db", "secrets/lindung.key", ".venv/x", "bot/__pycache__/x"):
        (bare / name).parent.mkdir(parents=True)
        (bare / name).write_text("")
    assert make(bare, "clean").returncode == 0
    assert (bare / "var/demo/lindung.db").exists()
    assert (bare / "secrets/lindung.key").exists()
    assert not (bare / ".venv").exists()
    assert not (bare / "bot/__pycache__").exists()


def test_continuous_integration_runs_the_same_recipe() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert script.read_text().rstrip().endswith("make --no-print-directory test")
