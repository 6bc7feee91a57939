"""One SQL text for both databases, compiled once for each driver.

A statement names its values as ``:name``. It builds no SQL from parts and knows nothing about rows.
"""

import re
from typing import Literal

Dialect = Literal["sqlite", "postgres"]

# Quoted text, comments and casts are matched first, so that a colon inside them is never taken for a value.
_TOKEN = re.compile(
    r"""
      (?P<quoted> [eE]'(?:[^'\\]|\\.|'')*'       # PostgreSQL escape string
                | '(?:[^']|'')*'
                | "(?:[^"]|"")*"
                | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)
                | --[^\n]*
                | /\*.*?\*/
                | ::
      )
    | :(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)


class Statement:
    """SQL text with ``:name`` values, valid on SQLite and PostgreSQL alike.

    ``lock`` adds ``FOR NO KEY UPDATE`` on PostgreSQL, which lets others still refer to the row (on SQLite the
    one writer is the lock), ``skip_locked`` also ``SKIP LOCKED``. ``postgres`` is another text for PostgreSQL
    where the two cannot agree; ``because`` must then say why. Raises ValueError for a combination that makes no
    sense.
    """

    __slots__ = ("_compiled", "because", "text")

    def __init__(
        self,
        text: str,
        *,
        lock: bool = False,
        skip_locked: bool = False,
        postgres: str | None = None,
        because: str | None = None,
    ) -> None:
        if (postgres is None) != (because is None):
            raise ValueError("A text of its own for PostgreSQL and the reason for it come together.")
        if skip_locked and not lock:
            raise ValueError("Only a locking statement can skip what is locked.")
        self.text = text
        self.because = because
        strength = " FOR NO KEY UPDATE"
        ending = (f"{strength} SKIP LOCKED" if skip_locked else strength) if lock else ""
        self._compiled: dict[Dialect, str] = {
            "sqlite": _trimmed(text),
            "postgres": _for_psycopg(_trimmed(postgres or text) + ending),
        }

    def sql(self, dialect: Dialect) -> str:
        """The text as the driver wants it: ``:name`` for sqlite3, ``%(name)s`` for psycopg."""
        return self._compiled[dialect]

    def __repr__(self) -> str:
        return f"Statement({self.text!r})"


def _trimmed(text: str) -> str:
    return text.strip().rstrip(";").rstrip()


def _for_psycopg(text: str) -> str:
    def replace(found: re.Match[str]) -> str:
        return f"%({found['name']})s" if found["name"] else found[0]

    # psycopg reads a percent sign even inside quotes, so every one is doubled, before ours are added.
    return _TOKEN.sub(replace, text.replace("%", "%%"))
