"""Labels of ready answers, cut to what a network shows: half a name is read, a refused message is not.

Not for: how they stand on a screen.
"""

from __future__ import annotations


def shorten(label: str, limit: int) -> str:
    """The label, cut at a word where it is longer than `limit` characters."""
    if len(label) <= limit:
        return label
    cut = label[: limit - 1]
    if not label[limit - 1].isspace() and " " in cut:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:-") + "…"
