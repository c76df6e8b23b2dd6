"""Examples that teach to answer from documents, and to tell which of them matter (RAFT).

Most examples show the document that holds the answer among distractors, and their replies
quote it; the others show distractors alone, and their replies say so (Zhang et al. 2024,
https://arxiv.org/abs/2403.10131, where those keep their answer instead).  Both kinds show
equally many documents, so that counting them tells nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness import InvalidDataset, Message, Role, UsageError
from training.data.documents import Document
from training.data.nearness import Nearest
from training.data.quotes import BEGIN, END, Passage, best_passage, passages, quoted, quotes
from training.data.rejected import Rejected
from training.data.sample import drawn
from training.example import Example
from training.example_rows import as_line

UNKNOWN = "I don't know: the documents do not say."
ORACLE, DISTRACTORS_ONLY = "oracle", "distractors-only"
TAG = "document:"
"""Begins the tag of an example that names its document; without one, its source does."""

_NEAREST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RaftSettings:
    """How examples are made.

    `oracle_share` of them show their document; each shows from `fewest` to `most` distractors.
    A passage supports a reply that shares `least_support` of its telling words with it.
    """

    oracle_share: float = 0.7
    fewest: int = 3
    most: int = 4
    least_support: float = 0.5
    unknown: str = UNKNOWN
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no example could be made by."""
        for name, share in (("oracle share", self.oracle_share), ("support", self.least_support)):
            if not 0 <= share <= 1:  # no comparison with NaN is true
                raise UsageError(f"the {name} is {share}: set it from 0 to 1")
        if not 1 <= self.fewest <= self.most:
            raise UsageError(f"distractors are {self.fewest} to {self.most}: ask for 1 or more")
        if not self.unknown.strip():
            raise UsageError("the reply where no document answers is empty: write one, or leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rafted:
    """What came of the examples, in their order."""

    examples: tuple[Example, ...]
    rejected: tuple[Rejected, ...]


def raft(
    examples: Sequence[Example], documents: Sequence[Document], settings: RaftSettings, nearest: Nearest
) -> Rafted:
    """Return the examples with documents in front of their questions.

    Those whose reply no passage of their document supports are rejected.  Raises
    `InvalidDataset` for an example of no document here, and for too few documents.
    """
    if len(documents) < settings.most + 2:
        raise InvalidDataset(
            f"{len(documents)} documents are too few for {settings.most} distractors beside one that "
            f"answers: give at least {settings.most + 2}, or ask for fewer with --distractors"
        )
    library = _Library(documents)
    near = nearest([each.question for each in examples], [each.text for each in documents], _NEAREST)
    found = [
        _grounded(example, library, ranks, settings) for example, ranks in zip(examples, near, strict=True)
    ]
    kept = [each for each in found if isinstance(each, _Grounded)]
    shown = _with_oracle([each.example.id for each in kept], settings)
    return Rafted(
        examples=tuple(_worded(each, settings, with_oracle=each.example.id in shown) for each in kept),
        rejected=tuple(each for each in found if isinstance(each, Rejected)),
    )


def oracle_id(example: Example) -> str:
    """Return the id of the document an example was made from: its tag `document:…`, or its source."""
    return next((tag.removeprefix(TAG) for tag in example.tags if tag.startswith(TAG)), example.source)


class _Library:
    """The documents by id and by rank, with their passages found once."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = tuple(documents)
        self._by_id: Mapping[str, Document] = {each.id: each for each in documents}
        self._passages: dict[str, tuple[Passage, ...]] = {}

    def oracle(self, example: Example) -> Document:
        name = oracle_id(example)
        if name not in self._by_id:
            raise InvalidDataset(
                f"example {example.id!r} was made from {name!r}, which is no document of the corpus: give "
                f"its source, or a tag {TAG}ID, the id of a document"
            )
        return self._by_id[name]

    def passages(self, document: Document) -> tuple[Passage, ...]:
        if document.id not in self._passages:
            self._passages[document.id] = passages(document)
        return self._passages[document.id]

    def support(self, reply: str, document: Document) -> float:
        best = best_passage(reply, self.passages(document))
        return 0.0 if best is None else best[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grounded:
    """An example with the document that answers it, a reply that quotes it, and what may stand beside it."""

    example: Example
    oracle: Document
    reply: str
    distractors: tuple[Document, ...]


def _grounded(
    example: Example, library: _Library, ranks: Sequence[int], settings: RaftSettings
) -> "_Grounded | Rejected":
    oracle = library.oracle(example)
    reply = _quoting_reply(example, oracle, library, settings)
    if isinstance(reply, Rejected):
        return reply
    plain = example.completion.replace(BEGIN, " ").replace(END, " ")
    ranked = (library.documents[rank] for rank in ranks)
    own = library.support(plain, oracle)
    # One that holds the answer as well would make "I don't know" a lie.
    beside = [
        each
        for each in ranked
        if each.id != oracle.id
        and each.text.strip() != oracle.text.strip()
        and (own == 0 or library.support(plain, each) < own)
    ]
    if len(beside) <= settings.most:
        return _reject(
            example, "distractors", f"only {len(beside)} near documents do not hold its answer as well"
        )
    return _Grounded(
        example=example, oracle=oracle, reply=reply, distractors=tuple(beside[: settings.most + 1])
    )


def _quoting_reply(
    example: Example, oracle: Document, library: _Library, settings: RaftSettings
) -> "str | Rejected":
    reply = example.completion
    if reply.lstrip().startswith(("{", "[")):
        return _reject(example, "prose", "the reply is JSON, which a quote in front would break")
    if BEGIN in reply or END in reply:
        said = quotes(reply)
        wrong = next((quote for quote in said if not quote or quote not in oracle.text), None)
        if not said or wrong is not None or reply.count(BEGIN) != len(said) or reply.count(END) != len(said):
            return _reject(
                example, "quote", f"it quotes {(wrong or '')[:80]!r}, which does not stand in {oracle.id!r}"
            )
        return reply
    best = best_passage(reply, library.passages(oracle))
    if best is None or best[1] < settings.least_support:
        share = 0.0 if best is None else best[1]
        return _reject(
            example,
            "support",
            f"no passage of {oracle.id!r} supports it: the best holds {share:.0%} of its words",
        )
    return quoted(best[0].text, reply)


def _with_oracle(names: Sequence[str], settings: RaftSettings) -> frozenset[str]:
    order = sorted(names, key=lambda name: drawn(settings.seed, "oracle", name))
    return frozenset(order[: round(settings.oracle_share * len(order))])


def _worded(grounded: _Grounded, settings: RaftSettings, *, with_oracle: bool) -> Example:
    example, seed = grounded.example, settings.seed
    spread = settings.most - settings.fewest + 1
    count = settings.fewest + drawn(seed, "count", example.id) % spread
    # In place of the oracle stands one distractor more.
    shown = [*grounded.distractors[: count + (not with_oracle)], *([grounded.oracle] if with_oracle else [])]
    shown.sort(key=lambda each: drawn(seed, "place", example.id, each.id))
    *before, asked = example.prompt
    return replace(
        example,
        messages=(
            *before,
            Message(role=asked.role, content=_question(asked.content, shown, settings)),
            Message(role=Role.ASSISTANT, content=grounded.reply if with_oracle else settings.unknown),
        ),
        inputs=None,
        tags=_tags(example, grounded.oracle, ORACLE if with_oracle else DISTRACTORS_ONLY),
    )


def _question(question: str, documents: Sequence[Document], settings: RaftSettings) -> str:
    listed = "\n\n".join(f"[{number}] {each.text}" for number, each in enumerate(documents, start=1))
    return (
        f"{listed}\n\nAnswer from these documents. First quote what the answer rests on, word for word, "
        f"between {BEGIN} and {END}. If they do not say, reply: {settings.unknown}\n\n{question}"
    )


def _tags(example: Example, oracle: Document, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*example.tags, f"{TAG}{oracle.id}", kind)))


def _reject(example: Example, check: str, reason: str) -> Rejected:
    import json

    return Rejected(
        id=example.id, check=check, reason=reason, found={"example": json.loads(as_line(example))}
    )
