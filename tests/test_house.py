"""The house keeps its own rules: packages under the import contracts, modules that say what they are for, SQL anew."""

import ast
import importlib
import pkgutil
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import handlers
from storage import schema_text
from storage.new_database import text_file
from storage.statement import Dialect

ROOT = Path(__file__).resolve().parent.parent
LISTED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = PROJECT["tool"]["importlinter"]
OUTSIDE = {"tests", "bench"}
"""Packages that nobody imports from."""

pytestmark = pytest.mark.skipif(LISTED.returncode != 0, reason="this is no git checkout")


def files(ending: str = "") -> list[Path]:
    return [ROOT / name for name in LISTED.stdout.splitlines() if name.endswith(ending) and (ROOT / name).exists()]


def packages() -> set[str]:
    return {path.parent.name for path in files("__init__.py") if path.parent.parent == ROOT}


def test_every_package_is_under_the_import_contracts() -> None:
    assert packages() - OUTSIDE == set(CONTRACTS["root_packages"])
    (layers,) = (contract["layers"] for contract in CONTRACTS["contracts"] if contract["type"] == "layers")
    assert {name for layer in layers for name in layer.split(" | ")} == set(CONTRACTS["root_packages"])


def test_every_package_is_type_checked() -> None:
    assert set(PROJECT["tool"]["mypy"]["packages"]) == packages() - OUTSIDE
    assert PROJECT["tool"]["mypy"]["strict"] is True


def test_every_module_of_a_contract_exists() -> None:
    for contract in CONTRACTS["contracts"]:
        for key in ("modules", "source_modules", "protected_modules", "allowed_importers"):
            for module in contract.get(key, []):
                path = ROOT.joinpath(*module.split("."))
                assert path.is_dir() or path.with_suffix(".py").is_file(), f"{contract['name']}: {module}"


def test_every_module_says_what_it_is_for_and_what_it_is_not_for() -> None:
    silent = []
    for path in files(".py"):
        inside = path.relative_to(ROOT)
        if path.name == "__init__.py" or inside.parts[0] in OUTSIDE or "statements" in inside.parts:
            continue
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if sum(bool(line.strip()) for line in said.splitlines()) < 2:
            silent.append(str(inside))
    assert silent == []


def test_no_network_is_known_by_name_below_the_channels() -> None:
    """What a network can do is data (domain/limits.py); who asks for its name would ask again for the next one."""
    core = ("conversation", "handlers", "domain", "storage")
    inside = [path for path in files(".py") if path.relative_to(ROOT).parts[0] in core]
    assert [path.name for path in inside if "whatsapp" in path.read_text(encoding="utf-8").lower()] == []


def test_no_module_is_named_after_nothing() -> None:
    names = re.compile(r"\b(utils?|helpers?|common|misc|manager)\b")
    assert [path.name for path in files(".py") if names.search(path.stem.replace("_", " "))] == []


@pytest.mark.parametrize("table", ["COMMANDS", "TAPS"])
def test_no_two_modules_answer_the_same_command_or_choice(table: str) -> None:
    modules = [importlib.import_module(f"handlers.{each.name}") for each in pkgutil.iter_modules(handlers.__path__)]
    # The router's is all of them together; the one of handlers/commands.py holds meanings, not words.
    own = [
        key
        for module in modules
        if module.__name__ not in ("handlers.router", "handlers.commands")
        for key in getattr(module, table, {})
    ]
    assert sorted(own) == sorted(set(own))


def test_no_contract_is_suppressed() -> None:
    assert not any("ignore_imports" in contract for contract in CONTRACTS["contracts"])


def test_personal_places_are_kept_out_of_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"var/", "secrets/", ".env"} <= set(ignored)
    assert not [path for path in files() if path.suffix in {".key", ".db", ".sock"} or path.name == ".env"]


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_the_sql_of_a_new_database_is_what_make_schema_writes(dialect: Dialect) -> None:
    assert text_file(dialect).read_text(encoding="utf-8") == schema_text.text(dialect)
