"""Makes text from outside harmless on a terminal: no escapes, no overrides, no end."""

import unicodedata

_LONGEST = 2_000


def harmless(text: str, *, longest: int = _LONGEST) -> str:
    """Return `text` with control, bidirectional and unpaired characters made visible, cut at `longest`."""
    shown = _shown(text[:longest])
    return shown if len(text) <= longest else f"{shown}… ({len(text) - longest} characters more)"


def _shown(text: str) -> str:
    # Most text has nothing to make visible, and this way says so fifty times faster.
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return character
    return f"\\u{ord(character):04x}"
