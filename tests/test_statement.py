"""One SQL text, two drivers: what stands in quotes, comments and casts is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg._queries import PostgresQuery  # what the driver itself makes of our text
from psycopg.adapt import Transformer

from storage.statement import Statement


@pytest.mark.parametrize(
    ("text", "postgres"),
    [
        ("SELECT :a, :a_2", "SELECT %(a)s, %(a_2)s"),
        ("SELECT ':a' || :a", "SELECT ':a' || %(a)s"),
        ("SELECT 'it''s :a' || :a", "SELECT 'it''s :a' || %(a)s"),
        ("SELECT E'\\':a' || :a", "SELECT E'\\':a' || %(a)s"),
        ('SELECT ":a" FROM t', 'SELECT ":a" FROM t'),
        ("SELECT :a::bigint", "SELECT %(a)s::bigint"),
        ("SELECT x::text, :a", "SELECT x::text, %(a)s"),
        ("SELECT a[1:2], :a", "SELECT a[1:2], %(a)s"),
        ("SELECT :a -- not :b\n, :c", "SELECT %(a)s -- not :b\n, %(c)s"),
        ("SELECT /* :b */ :a", "SELECT /* :b */ %(a)s"),
        ("DO $$ BEGIN :b; END $$", "DO $$ BEGIN :b; END $$"),
        ("SELECT '5%', :a % 2", "SELECT '5%%', %(a)s %% 2"),
        ("  SELECT 1 ;\n", "SELECT 1"),
    ],
)
def test_values_are_found_where_they_are_values(text: str, postgres: str) -> None:
    statement = Statement(text)
    assert statement.sql("postgres") == postgres
    assert statement.sql("sqlite") == text.strip().rstrip(";").strip()


def test_a_lock_is_asked_for_where_there_is_one() -> None:
    assert Statement("SELECT 1", lock=True).sql("sqlite") == "SELECT 1"
    assert Statement("SELECT 1;", lock=True).sql("postgres") == "SELECT 1 FOR NO KEY UPDATE"
    skipping = Statement("SELECT 1", lock=True, skip_locked=True)
    assert skipping.sql("postgres") == "SELECT 1 FOR NO KEY UPDATE SKIP LOCKED"


def test_a_text_of_its_own_for_postgresql_needs_its_reason() -> None:
    own = Statement("SELECT 1", postgres="SELECT :a", because="an example")
    assert (own.sql("sqlite"), own.sql("postgres")) == ("SELECT 1", "SELECT %(a)s")
    with pytest.raises(ValueError, match="reason"):
        Statement("SELECT 1", postgres="SELECT 2")
    with pytest.raises(ValueError, match="reason"):
        Statement("SELECT 1", because="no text")
    with pytest.raises(ValueError, match="locking"):
        Statement("SELECT 1", skip_locked=True)


@given(st.text(st.characters(codec="ascii", exclude_characters="'\0"), max_size=30))
def test_the_driver_leaves_any_quoted_text_as_it_was(quoted: str) -> None:
    query = PostgresQuery(Transformer())
    query.convert(Statement(f"SELECT '{quoted}', :a").sql("postgres"), {"a": 1})
    assert query.query == f"SELECT '{quoted}', $1".encode()
