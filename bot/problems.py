"""What stops a command: plain sentences for the operator, each with its remedy.

Not for: errors in a conversation (domain/errors.py) or of a network (channels/base.py).
"""

from __future__ import annotations


class CannotStart(Exception):  # noqa: N818 (reads as a sentence)
    """Something outside the program must be mended first: what the operator reads, then exit code 2.

    It holds no secret and nothing personal.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
