"""Whether a reply says that it does not know, as a model must learn to on a share of its questions."""

import re

_APOSTROPHE = "['\u2019]"
_UNKNOWING = re.compile(
    rf"\bI (?:do not|don{_APOSTROPHE}?t|really don{_APOSTROPHE}?t) (?:know|have (?:enough|that|any|the)\b)"
    rf"|\b(?:I am|I{_APOSTROPHE}?m) (?:not sure|unable|afraid I|not able)"
    rf"|\bI (?:cannot|can{_APOSTROPHE}?t|could not|couldn{_APOSTROPHE}?t) "
    r"(?:answer|find|tell|say|help|determine)\b"
    r"|\b(?:does|do) not (?:say|contain|mention|provide|include|give)\b"
    rf"|\b(?:doesn|don){_APOSTROPHE}t (?:say|contain|mention|provide|include|give)\b"
    r"|\b(?:not enough|insufficient|no) information\b"
    r"|\bthere is no (?:mention|answer)\b",
    re.IGNORECASE,
)
_OPENING_CHARACTERS = 240
"""Who does not know says so at once; further down the words are about something else."""


def is_refusal(reply: str) -> bool:
    """Return whether a reply says at its beginning that it does not know or cannot answer (English)."""
    return _UNKNOWING.search(reply[:_OPENING_CHARACTERS]) is not None
