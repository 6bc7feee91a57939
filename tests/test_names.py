"""Names as on the card: one word is enough, phrases fall away, and comparing decides nothing alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.name import PersonName, compare_names, parse_name, search_words

NAMES = st.from_regex(r"\A[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8}){0,3}\Z").filter(lambda n: not n.lower().startswith("nama"))


def outcome(text: str) -> PersonName | Invalid:
    try:
        return parse_name(text)
    except Invalid as refused:
        return refused


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("beta pung nama Yopi", "Yopi"),
        ("Beta pu nama Yopi Latuheru", "Yopi Latuheru"),
        ("nama saya Yopi", "Yopi"),
        ("Nama saya: YOPI", "YOPI"),
        ("nama lengkap saya adalah Sarni T.", "Sarni T."),
        ("kita pe nama Yopi", "Yopi"),
        ("ana pung nama Ma'ruf", "Ma'ruf"),
        ("saya punya nama Yopi pak", "Yopi"),
        ("perkenalkan, nama saya Yopi", "Yopi"),
        ("Namaku Yopi", "Yopi"),
    ],
)
def test_the_phrase_before_a_name_falls_away(text, name):
    assert parse_name(text) == PersonName(name, ("phrase_stripped",))


@pytest.mark.parametrize(
    "text",
    ["Syukur", "Tara", "P. Latuheru", "Beta Sarni", "Namira", "Kita", "La Ode Safiudin", "Markus de Fretes"],
)
def test_names_that_look_like_other_words_stay_whole(text):
    assert parse_name(text).text == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sa’diah", "Sa'diah"),
        ("Ma`ruf", "Ma'ruf"),
        ("  SARNI \n  TUHUMURY ", "SARNI TUHUMURY"),
        ("Siti–Hajar", "Siti-Hajar"),
    ],
)
def test_curly_signs_are_straightened_and_spaces_collapse(text, name):
    assert parse_name(text) == PersonName(name)


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("Budi123", "name_has_digits", {}),
        ("Budi ٣", "name_has_digits", {}),
        ("Yopi 🙏", "name_bad_characters", {"category": "So"}),
        ("<b>Yopi", "name_bad_characters", {"category": "Sm"}),
        ("yopi@ambon", "name_bad_characters", {"category": "Po"}),
        ("", "name_empty", {}),
        ("...", "name_empty", {}),
        ("nama saya", "name_empty", {}),
    ],
)
def test_what_is_no_name_is_refused_without_repeating_it(text, code, facts):
    with pytest.raises(Invalid) as refused:
        parse_name(text)
    assert (refused.value.code, refused.value.facts) == (code, facts)


def test_short_and_long_names_are_noted_and_taken():
    assert parse_name("O").notes == ("name_very_short",)
    assert parse_name("Bo").notes == ()
    assert parse_name("Yo " * 20 + "X").notes == ("name_long",)
    assert parse_name(("Yo " * 20).strip()).notes == ()


@given(st.text(max_size=120))
def test_no_text_breaks_the_reading(text):
    name = outcome(text)
    if isinstance(name, Invalid):
        assert name.code in {"name_has_digits", "name_bad_characters", "name_empty"}
        assert set(name.facts) <= {"category"}
    else:
        assert parse_name(name.text).text == name.text or "phrase_stripped" in parse_name(name.text).notes
        assert not any(character.isdigit() for character in name.text)


@given(NAMES)
def test_nothing_that_prints_a_name_shows_it(text):
    name = parse_name(text)
    assert repr(name) == str(name) == f"{name}" == "PersonName(****)"


@given(NAMES)
def test_a_name_equals_itself_in_any_case_and_with_titles(text):
    text = f"Sarni {text}"
    assert compare_names(text, text.upper()) == "equal"
    assert compare_names(f"H. {text}, S.Pd., M.Si", text) == "equal"
    assert compare_names(f"Ibu {text} S.Pd", text) == "equal"


@given(st.text(max_size=40), st.text(max_size=40))
def test_comparing_any_two_texts_gives_the_same_answer_both_ways(a, b):
    assert compare_names(a, b) == compare_names(b, a)
    assert compare_names(a, b) in {"equal", "similar", "different"}


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        ("Hi. Salim", "SALIM", "equal"),
        ("Sa'diah", "SADIAH", "equal"),
        ("Abdul-Rahman", "ABDUL RAHMAN", "equal"),
        ("M. Nur Tuasikal", "Muhammad Nur Tuasikal", "similar"),
        ("M.Nur", "MUH. NUR", "similar"),
        ("Abd. Rahman", "Abdul Rahman", "similar"),
        ("Muh. Abdul Tuasikal", "ABDUL MUH TUASIKAL", "similar"),
        ("Yopi", "Yopi Latuheru", "similar"),
        ("Sarni", "Sarmi", "similar"),
        ("Defretes", "de Fretes", "similar"),
        ("La Ode Ali", "La Ode Budiman", "different"),
        ("Ani", "Ati", "different"),
        ("Sarni Tuhumury", "Yunus Letsoin", "different"),
        ("", "", "different"),
    ],
)
def test_names_side_by_side(a, b, result):
    assert compare_names(a, b) == result


def test_a_name_is_found_by_its_whole_words_without_titles():
    assert search_words("H. Yunus Letsoin, S.Pd.") == {"YUNUS", "LETSOIN"}
    assert search_words("Sa’diah  TUASIKAL") == search_words("sadiah tuasikal") == {"SADIAH", "TUASIKAL"}
    assert search_words("La Ode Safiudin") == {"LA", "ODE", "SAFIUDIN"}
    assert search_words("René") == {"RENE"}
    assert search_words("...") == frozenset()
