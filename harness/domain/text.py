"""Text as it can be kept and sent."""


def speakable(text: str) -> str:
    """Return `text` with each half of a surrogate pair as U+FFFD, which UTF-8 can hold; a pair is joined."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
