"""What a reply quotes, whether it stands there, and which passage of a document supports a reply.

Quotes are marked as in RAFT (Zhang et al. 2024, https://arxiv.org/abs/2403.10131).
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from training.data.documents import Document

BEGIN, END = "##begin_quote##", "##end_quote##"

_QUOTE = re.compile(f"{re.escape(BEGIN)}(.*?){re.escape(END)}", re.DOTALL)
_SENTENCE = re.compile(r"\S.*?(?:[.!?][\"')\]]*(?=\s|\Z)|(?=\n)|\Z)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_SHORT = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has", "have"),
        *("how", "i", "in", "is", "it", "its", "no", "not", "of", "on", "or", "so", "that", "the", "their"),
        *("there", "they", "this", "to", "was", "were", "what", "when", "which", "who", "will", "with"),
        *("yes", "you", "your"),
    }
)


def quotes(reply: str) -> tuple[str, ...]:
    """Return what stands between the marks of a reply, without the white space around it."""
    return tuple(found.strip() for found in _QUOTE.findall(reply))


def quoted(passage: str, reply: str) -> str:
    """Return a reply that first quotes the passage it rests on."""
    return f"{BEGIN}{passage}{END}\n{reply}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a document, word for word, and the words in it that carry meaning."""

    text: str
    words: frozenset[str]


def passages(document: Document) -> tuple[Passage, ...]:
    """Return every sentence of a document and every two in a row."""
    spans = [match.span() for match in _SENTENCE.finditer(document.text)]
    joined = [(first[0], second[1]) for first, second in pairwise(spans)]
    texts = (document.text[start:end].strip() for start, end in (*spans, *joined))
    return tuple(
        Passage(text=text, words=telling_words(text))
        for text in texts
        if text and BEGIN not in text and END not in text
    )


def support(reply: str, passage: Passage) -> float:
    """Return the share of a reply's telling words that stand in the passage, 0 for a reply without any."""
    words = telling_words(reply)
    return len(words & passage.words) / len(words) if words else 0.0


def best_passage(reply: str, among: tuple[Passage, ...]) -> tuple[Passage, float] | None:
    """Return the passage that supports the reply best, the shortest of equals, and by how much."""
    weighed = [(passage, support(reply, passage)) for passage in among]
    return max(weighed, key=lambda each: (each[1], -len(each[0].text)), default=None)


def telling_words(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, those aside that say nothing by themselves."""
    return frozenset(_WORD.findall(text.lower())) - _SHORT
