"""The command line: `python -m bot <command>`. No logic; each command loads the settings and hands over.

Not for: anything that a worker or officer sees.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.load import load_settings
from bot.problems import CannotStart
from storage.lock import AlreadyRunning

app = typer.Typer(
    help="Lindung: the chat service through which unprotected workers get social security.",
    no_args_is_help=True,
    # A pretty traceback shows the values of variables, and those may be somebody's data.
    pretty_exceptions_enable=False,
    add_completion=False,
)
audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@app.command()
def run() -> None:
    """Serve: the web chat of the demo, or the channels that are configured."""
    from bot.app import serve
    from bot.log import configure_logging

    with _plainly():
        settings = load_settings()
        configure_logging(settings.log_level)
        code = _runner()(serve(settings))
    raise typer.Exit(code)


@app.command()
def invite(
    admin: Annotated[bool, typer.Option("--admin", help="Invite an admin instead of an officer.")] = False,
    area: Annotated[
        list[str] | None,
        typer.Option(help="Code or name of a kecamatan or village; repeat it for more. Without it: the whole area."),
    ] = None,
) -> None:
    """Make a one-time code, and its link, for an officer or admin."""
    _perform("invite", role="admin" if admin else "officer", areas=area or [])


@app.command()
def migrate() -> None:
    """Bring the database to this version. `run` does it too; this only does it sooner."""
    from bot.open_store import opened
    from storage.migrate import newest_revision

    async def go() -> None:
        async with opened(load_settings()):
            pass

    with _plainly():
        asyncio.run(go())
    typer.echo(f"The database is at revision {newest_revision()}.")


@app.command()
def check() -> None:
    """Look at everything that must be right before people write; exit code 1 when something is not."""
    from bot.selfcheck import self_check

    async def go() -> bool:
        well = True
        async for finding in self_check(load_settings()):
            typer.echo(finding)
            well = well and finding.well
        return well

    with _plainly():
        raise typer.Exit(0 if asyncio.run(go()) else 1)


@app.command()
def storyboard() -> None:
    """Print the whole form, as a worker reads it."""
    from bot.storyboard import print_storyboard

    with _plainly():
        print_storyboard()


@app.command()
def templates(
    check: Annotated[bool, typer.Option("--check", help="Only look whether they keep WhatsApp's rules.")] = False,
    submit: Annotated[bool, typer.Option("--submit", help="Submit what is missing there, or was changed.")] = False,
) -> None:
    """Print the late texts, which WhatsApp reviews before they may be sent; exit code 1 when one breaks its rules."""
    from bot.templates import check_texts, show_texts, states_there, submit_texts

    async def go() -> bool:
        settings = load_settings()
        findings = check_texts(settings)
        well = all(finding.well for finding in findings)
        if not check and not submit:
            for line in show_texts(settings, await states_there(settings)):
                typer.echo(line)
        for finding in findings:
            typer.echo(finding)
        if submit and not check:
            async for finding in submit_texts(settings):
                typer.echo(finding)
                well = well and finding.well
        return well

    with _plainly():
        raise typer.Exit(0 if asyncio.run(go()) else 1)


@app.command()
def backup(
    to: Annotated[Path | None, typer.Argument(help="A new folder, or a new file ending in .tar.")] = None,
) -> None:
    """Copy the database and the photos while the program runs. The key is not copied."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    _perform("backup", to=str((to or Path("var/backups") / f"lindung-{stamp}.tar").absolute()))


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A folder or .tar file made by `backup`.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what is there; it is kept aside.")] = False,
) -> None:
    """Put a backup back, after checking all of it. The program must not run."""
    from bot.restore import restore as put_back

    with _plainly():
        for sentence in put_back(load_settings(), source, force=force):
            typer.echo(sentence)


@app.command("rotate-key")
def rotate_key(
    index: Annotated[
        bool, typer.Option("--index", help="Change the index key instead. The program must not run meanwhile.")
    ] = False,
) -> None:
    """Change the data key and seal everything anew, while the program runs. Interrupted, it goes on next time."""
    from bot.reindex import change_index_key

    if index:
        with _plainly():
            asyncio.run(_show(change_index_key(load_settings())))
    else:
        _perform("rotate-key")


@audit.command("verify")
def audit_verify() -> None:
    """Prove the seals and print the newest one, to be kept elsewhere."""
    _perform("audit-verify")


def _perform(do: str, **args: Any) -> None:
    from bot.operations import perform

    with _plainly():
        asyncio.run(_show(perform(load_settings(), do, args)))


async def _show(sentences: AsyncIterable[str]) -> None:
    async for sentence in sentences:
        typer.echo(sentence)


@contextmanager
def _plainly() -> Iterator[None]:
    """What must be mended is told in plain sentences, with exit code 2."""
    try:
        yield
    except (CannotStart, AlreadyRunning) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None


def _runner() -> Callable[..., int]:
    if sys.platform == "win32":
        return asyncio.run
    import uvloop

    return uvloop.run


if __name__ == "__main__":
    app(prog_name="python -m bot")
