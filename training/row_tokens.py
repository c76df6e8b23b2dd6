"""Rows -> token ids, and everything that can be wrong with them, said before a model is loaded.

A prompt must be rendered the same way alone as before its reply: otherwise the model is
trained on a context that it never sees when it is served.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness import InvalidDataset, InvalidRecipe
from training.rows import Row, as_turns

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Tokens of each row's longest sequence, in the order of the rows, and learnt tokens in all."""

    tokens: tuple[int, ...]
    learnt: int

    @property
    def longest(self) -> int:
        """Tokens of the longest sequence."""
        return max(self.tokens)


def measured(rows: Sequence[Row], tokenizer: Any, *, longest: int) -> Lengths:  # noqa: ANN401 - untyped
    """Return how many tokens the rows have; `longest` is what one sequence may have.

    Raises `InvalidRecipe` for a tokenizer without a chat template and for rows that are too
    long, `InvalidDataset` for a template that renders a prompt unlike itself and for a reply
    of which nothing is learnt.
    """
    require_template(tokenizer)
    tokens: list[int] = []
    learnt = 0
    for row in rows:
        sequences = list(_sequences(row, tokenizer))
        tokens.append(max(whole for whole, _ in sequences))
        learnt += sum(reply for _, reply in sequences)
    _require_short(rows, tokens, longest)
    return Lengths(tokens=tuple(tokens), learnt=learnt)


def require_template(tokenizer: Any) -> str:  # noqa: ANN401 - untyped
    """Return the tokenizer's chat template; raise `InvalidRecipe` where it has none."""
    template = getattr(tokenizer, "chat_template", None)
    if not isinstance(template, str) or not template.strip():
        raise InvalidRecipe(
            f"the tokenizer of {tokenizer.name_or_path} has no chat template, so prompts could not be "
            "rendered as a server renders them: use an instruction-tuned base, or put its "
            "chat_template.jinja beside tokenizer.json"
        )
    return template


def _sequences(row: Row, tokenizer: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401 - untyped
    """The tokens of prompt and reply together and of the reply alone, for every reply of the row."""
    turns = as_turns(row.prompt)
    prompt = _ids(tokenizer, turns, add_generation_prompt=True)
    for name, text in row.replies.items():
        whole = _ids(tokenizer, [*turns, {"role": "assistant", "content": text}], add_generation_prompt=False)
        if whole[: len(prompt)] != prompt:
            at = next(
                (n for n, pair in enumerate(zip(prompt, whole, strict=False)) if pair[0] != pair[1]),
                min(len(prompt), len(whole)),
            )
            raise InvalidDataset(
                f"example {row.id!r}: its prompt alone and its prompt before the {name} differ at token {at} "
                f"({tokenizer.decode(prompt[at : at + 1])!r} alone): the chat template renders them unlike "
                "each other; mend the template, or the model learns from prompts that it is never served"
            )
        if len(whole) == len(prompt):
            raise InvalidDataset(
                f"example {row.id!r}: the chat template renders no token of its {name}, so all its labels "
                "would be masked: mend the template"
            )
        yield len(whole), len(whole) - len(prompt)


def _ids(tokenizer: Any, turns: list[dict[str, str]], *, add_generation_prompt: bool) -> list[int]:  # noqa: ANN401 - untyped
    rendered = tokenizer.apply_chat_template(
        turns, tokenize=True, return_dict=True, add_generation_prompt=add_generation_prompt
    )
    return list(rendered["input_ids"])


def _require_short(rows: Sequence[Row], tokens: Sequence[int], longest: int) -> None:
    over = [(length, row.id) for length, row in zip(tokens, rows, strict=True) if length > longest]
    if over:
        shown = ", ".join(f"{name!r} with {length}" for length, name in sorted(over, reverse=True)[:_SHOWN])
        raise InvalidRecipe(
            f"{len(over)} of {len(rows)} examples are longer than {longest} tokens ({shown}): raise "
            f'max_tokens as far as the model goes, shorten them, or write too_long = "drop"'
        )
