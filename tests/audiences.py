"""Audiences for tests that try many of them. Not for: the people in them."""

from hypothesis import strategies as st

from domain.audience import KINDS, Audience, Condition, values_of

AMBON = ("81.71.01", "81.71.02", "81.71.01.2001", "81.71.01.1006", "81.71.02.2009", "81.71.03.2001")
"""Districts and villages: Nusaniwe, Sirimau, Latuhalat, Kelurahan Nusaniwe, Soya, Passo."""

EVENTS = ("7", "12345678901234")


def audiences(
    kinds: tuple[str, ...] = KINDS,
    *,
    places: tuple[str, ...] = AMBON,
    channels: tuple[str, ...] = ("telegram", "webchat"),
    least: int = 0,
) -> st.SearchStrategy[Audience]:
    """Any audience made of these kinds, places and channels."""
    chosen = st.lists(st.tuples(st.sampled_from(kinds), st.booleans()), unique=True, min_size=least, max_size=5)

    def conditions(signs: list[tuple[str, bool]]) -> st.SearchStrategy[Audience]:
        each = (_condition(kind, negated, places, channels) for kind, negated in signs)
        return st.tuples(*each).map(Audience)

    return chosen.flatmap(conditions)


def _condition(
    kind: str, negated: bool, places: tuple[str, ...], channels: tuple[str, ...]
) -> st.SearchStrategy[Condition]:
    known = {"place": places, "channel": channels}.get(kind) or values_of(kind) or EVENTS
    most = 1 if kind == "seen" else 4
    values = st.lists(st.sampled_from(known), unique=True, min_size=1, max_size=most)
    return values.map(lambda picked: Condition(kind, tuple(picked), negated))
