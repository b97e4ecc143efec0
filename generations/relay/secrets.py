"""Keeping keys out of everything that is kept or shown."""

import re

HIDDEN = "[key]"
ANY_KEY = re.compile(r"\b(?:sk|sbx)-[A-Za-z0-9_-]{12,}")


class Hider:
    """Hides one key, however it is escaped."""

    def __init__(self, api_key: str) -> None:
        """Raises ValueError, without showing it, when the key cannot stand in a header."""
        if not re.fullmatch(r"[!-~]{6,500}", api_key):
            raise ValueError("the relay's key must be 6 to 500 characters of ASCII without spaces")
        self._pattern = re.compile("".join(map(_spellings, api_key)))

    def hide(self, text: str) -> str:
        """Our own key only: what is left can be worked with."""
        return self._pattern.sub(HIDDEN, text)

    def hide_all(self, text: str) -> str:
        """Whatever looks like a key, too: for text that is only shown."""
        return hide_any(self.hide(text))


def hide_any(text: str) -> str:
    """Whatever looks like a key."""
    return ANY_KEY.sub(HIDDEN, text)


def _spellings(letter: str) -> str:
    """One letter as it stands, escaped in JSON, or escaped in a URL."""
    return rf"(?:{re.escape(letter)}|\\{re.escape(letter)}|\\u00(?i:{ord(letter):02x})|%(?i:{ord(letter):02x}))"
