"""Whole conversations, as people read them: each of tests/conversations/*.txt is played and compared.

After a wanted change `make record` writes them anew, and the difference is reviewed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.record import FOLDER, play


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
async def test_this_conversation_goes_as_recorded(path: Path) -> None:
    recorded = path.read_text()
    assert await play(recorded) == recorded, "Say `make record`, and review what changed."
