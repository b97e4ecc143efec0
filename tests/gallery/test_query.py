"""What is typed into the search box, read as a question: any text, never an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.gallery.query import Query, Term, read, score, tokens


def term(*words: str, is_start: bool = False) -> Term:
    return Term(words, is_start)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("dusk walk", Query([(term("dusk"),), (term("walk"),)])),
        ('"dusk walk"', Query([(term("dusk", "walk"),)])),
        ("heron OR swan lake", Query([(term("heron"), term("swan")), (term("lake"),)])),
        ("heron -rain", Query([(term("heron"),)], [term("rain")])),
        ('-"light rain"', Query([], [term("light", "rain")])),
        ("harb*", Query([(term("harb", is_start=True),)])),
        ("OR", Query()),
        ("OR heron OR", Query([(term("heron"),)])),
        ("Café-Noir", Query([(term("cafe", "noir"),)])),
        ("黄昏", Query([(term("黄", "昏"),)])),
        ('"open end', Query([(term("open", "end"),)])),
        ("- -- \" ' ) (", Query()),
    ],
)
def test_query_is_read(typed: str, asked: Query) -> None:
    assert read(typed) == asked


@given(st.text(max_size=80))
def test_any_text_is_read_into_plain_tokens(typed: str) -> None:
    query = read(typed)
    found = [token for clause in query.clauses for term in clause for token in term.tokens]
    found += [token for term in query.without for token in term.tokens]
    assert all(token.isalnum() for token in found)


def test_term_stands_in_order_and_side_by_side() -> None:
    words = tokens("A heron lifts off a foggy lake")
    assert [term("foggy", "lake").is_in(words), term("lake", "foggy").is_in(words)] == [True, False]
    assert [term("fog").is_in(words), term("fog", is_start=True).is_in(words)] == [False, True]


def test_title_counts_for_more_than_prompt_and_phrase_for_more_than_words() -> None:
    query = read("foggy lake")
    title, prompt = tokens("Foggy lake"), tokens("a lake that is foggy")
    assert score(query, [(8, title)]) > score(query, [(3, title)]) > score(query, [(3, prompt)]) > 0
