"""Marks English source sentences in pure modules so that Babel finds them; translates nothing itself.

Not for: translating it; bot/texts.py reads the catalogs.
"""


def N_(sentence: str) -> str:  # noqa: N802  the name that every gettext tool knows
    """Return the sentence unchanged; its mark puts it into the catalog."""
    return sentence
