"""The process that makes one paper: a request on stdin, the file on stdout, or one word on stderr and an exit code.

2 and "refused": not a request. 3 and "too_much": more than fits on such a paper. 1 and "broken:<error>:<place>": a
fault. The word never holds anything of the request. Not for: starting it and hearing its answer (bot/papers.py).
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from conversation.papers import Batch, Chart, Poster, TooMuch, Workbook

_BATCH: Final = TypeAdapter(Batch)
_COUNTS: Final = TypeAdapter(list[int])
_KINDS: Final = {kind.__name__: TypeAdapter(kind) for kind in (Workbook, Chart, Poster)}


def main() -> int:
    """Answer the request that waits on stdin."""
    _stand_back()
    try:
        made = answer(sys.stdin.buffer)
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    except (ValidationError, orjson.JSONDecodeError, KeyError, EOFError):
        return _said("refused", 2)
    except TooMuch:
        return _said("too_much", 3)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return _said(f"broken:{type(error).__name__}:{Path(place.filename).name}:{place.lineno}", 1)
    return 0


def answer(asked: BinaryIO) -> bytes:
    """The file that is asked for."""
    head = orjson.loads(asked.readline())
    paper: Any = _KINDS[head["kind"]].validate_python(head["paper"])
    if isinstance(paper, Workbook):
        from bot.paper_workbook import workbook

        return workbook(paper, _COUNTS.validate_python(head["counts"]), _batches(asked))
    list(_batches(asked))
    if isinstance(paper, Chart):
        from bot.paper_chart import chart

        return chart(paper)
    from bot.paper_poster import poster

    return poster(paper)


def _batches(asked: BinaryIO) -> Iterator[Batch]:
    """Rows, in portions, up to the empty line; from then on nobody's waiting ends this process."""
    while (line := asked.readline()) != b"\n":
        if not line:
            raise EOFError
        index, rows = orjson.loads(line)
        yield _BATCH.validate_python((index, [[_cell(cell) for cell in row] for row in rows]))
    threading.Thread(target=_watch, args=(asked.fileno(),), daemon=True).start()


def _cell(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["at"]) if "at" in value else date.fromisoformat(value["on"])


def _watch(asked: int) -> None:
    """The program that asked died: nobody will read the answer. Not through the buffer, which has a lock."""
    while os.read(asked, 1):
        pass
    os._exit(1)


def _stand_back() -> None:
    """Replies go first; and where memory runs out, the system is to take this process and not the program."""
    with suppress(OSError):
        os.nice(10)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _said(word: str, code: int) -> int:
    sys.stderr.write(f"{word}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
