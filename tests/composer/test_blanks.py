"""Named blanks in a prompt."""

from generations.composer import blanks


def test_blanks_are_found_once_in_order() -> None:
    assert blanks.names("{{subject}} in {{ first light }}; {{subject}}, {{}} {x} {{a b}}") == [
        "subject",
        "first light",
        "a b",
    ]


def test_blanks_are_filled_and_what_is_filled_in_is_no_blank() -> None:
    words = {"subject": " {{light}} ", "light": "dusk"}
    assert blanks.filled("{{subject}} at {{ light }}, {{mood}}", words) == "{{light}} at dusk, {{mood}}"
