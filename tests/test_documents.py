"""The documents tell the truth: links lead somewhere, recipes, commands, settings and log events exist.

Not for: docs/settings.md, which is made from the settings (test_settings.py).
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.main import get_command

from bot.__main__ import app
from bot.settings import PREFIX, Settings
from domain.officer import Role
from handlers.menu import entries
from handlers.router import COMMANDS
from tests.program import ROOT

CODE = ("bot", "channels", "handlers", "conversation", "domain", "storage")
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
LONGEST_PICTURE = 150_000

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(markdown: str) -> set[str]:
    """The anchors of its headings, as they are made on the web."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def recipes() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))


def commands() -> set[str]:
    """Every command of the command line, with the words of those that have one below."""
    top = get_command(app)
    below = {f"{name} {word}" for name, one in top.commands.items() for word in getattr(one, "commands", ())}  # type: ignore[attr-defined]
    return {*top.commands, *below}  # type: ignore[attr-defined]


def logged_events() -> set[str]:
    """The names of the events that our code logs."""
    found = set()
    for path in (one for folder in CODE for one in (ROOT / folder).rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(text(path))) if isinstance(node, ast.Call)):
            named = ast.unparse(call.func)
            first = call.args[0] if call.args else None
            if (
                re.fullmatch(r"log\.\w+|tell", named)
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                found.add(first.value)
    return {event for event in found if re.fullmatch(r"[a-z_]+", event)}


def test_the_house_has_its_documents() -> None:
    expected = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/operations.md", "docs/settings.md"}
    assert expected <= set(NAMES)
    assert "Version 2.0, January 2004" in text(ROOT / "LICENSE")
    assert "## Unreleased" in text(ROOT / "CHANGELOG.md")


@each_document
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text(path)):
        file, _, anchor = target.partition("#")
        if "://" in file:
            continue
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(text(there)), target


@each_document
def test_every_recipe_and_command_named_exists(path: Path) -> None:
    written = text(path)
    named = set(re.findall(r"`make ([a-z]+)", written)) | set(
        re.findall(r"^ *make (?:-C \S+ )?([a-z]+)", written, re.MULTILINE)
    )
    assert named <= recipes()
    for words in re.findall(r"python -m bot ([a-z-]+(?: [a-z]+)?)", written):
        assert words in commands() or words.split()[0] in commands() - {"audit"}, words


@each_document
def test_every_setting_named_exists(path: Path) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", text(path))) <= known


@each_document
def test_every_file_named_exists(path: Path) -> None:
    for name in re.findall(rf"`((?:{'|'.join(CODE)}|tests|docs|bench|locales)/[\w./-]*)`", text(path)):
        invented = name in ("channels/sms.py", "tests/payloads/sms/")
        assert invented or (ROOT / name).exists(), name


def test_what_operators_read_names_every_event_of_the_log() -> None:
    rows = re.findall(r"^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \|", text(ROOT / "docs/operations.md"), re.MULTILINE)
    named = {event for row in rows for event in re.findall(r"`([a-z_]+)`", row)}
    assert named == logged_events()


def test_the_officers_guide_names_every_command_and_no_other() -> None:
    guide = text(ROOT / "docs/id/petugas.md")
    mentioned = set(re.findall(r"`/([a-z]+)", guide))
    office = SimpleNamespace(say=str, page="https://lindung.example.go.id")
    offered = {word for word, _ in entries(Role.ADMIN, office)}  # type: ignore[arg-type]
    # Another way to write "antrean" is understood and need not be learnt.
    assert mentioned == offered == {*COMMANDS, "bantuan"} - {"antrian"}


def test_every_decision_is_recorded_in_four_parts_and_listed() -> None:
    listed = text(ROOT / "docs/adr/README.md")
    records = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        written = text(record)
        title = written.splitlines()[0]
        assert re.findall(r"^## (.+)$", written, re.MULTILINE) == ["Context", "Decision", "Status", "Consequences"]
        assert title.startswith(f"# {int(record.name[:4])}. ")
        assert f"[{title.partition('. ')[2]}]({record.name})" in listed


def test_pictures_are_small_and_used() -> None:
    written = "".join(map(text, DOCUMENTS))
    for picture in (ROOT / "docs/images").iterdir():
        assert picture.stat().st_size < LONGEST_PICTURE, picture.name
        assert f"images/{picture.name}" in written, picture.name


@each_document
def test_figures_of_a_measurement_name_the_command_that_measures_them(path: Path) -> None:
    measured = re.search(r"\d[\d,.]* ?(?:updates?/s|/s\b|ms\b|per second|MB of memory)", text(path))
    assert measured is None or "make bench" in text(path), measured


def test_the_conversation_of_the_readme_is_what_the_service_says() -> None:
    shown = re.findall(r"^Lindung +(.+)$", text(ROOT / "README.md"), re.MULTILINE)
    said = " ".join("".join(map(text, (ROOT / "tests/conversations").glob("*.txt"))).replace("  | ", " ").split())
    said = said.replace("**", "").replace(" | ", " ")
    for line in shown:
        for sentence in re.split(r"(?<=[.?!]) ", line.removesuffix(" …").removesuffix("…")):
            told = re.sub(r"AMB-[0-9-]+", "AMB-", sentence).rstrip(".,")
            assert told in re.sub(r"AMB-[0-9-]+", "AMB-", said), sentence


def test_the_example_of_an_env_file_is_enough_to_start(tmp_path: Path) -> None:
    for document in ("README.md", "docs/operations.md"):
        lines = re.findall(rf"^ *({PREFIX}[A-Z_]+=.+)$", text(ROOT / document), re.MULTILINE)
        first_of = {line.partition("=")[0]: line for line in reversed(lines)}
        webhook = {name for name in first_of if "WEBHOOK" in name}
        env = tmp_path / "env"
        env.write_text("\n".join(line for name, line in first_of.items() if name not in webhook), encoding="utf-8")
        assert not Settings(_env_file=env).is_demo  # type: ignore[call-arg]


def test_the_picture_of_the_house_shows_only_folders_that_are_there() -> None:
    table = re.findall(r"^\| `([a-z]+)/` \|", text(ROOT / "README.md"), re.MULTILINE)
    assert set(table) == set(CODE)
    assert all((ROOT / folder / "__init__.py").is_file() for folder in table)
