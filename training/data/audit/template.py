"""Whether the base's chat template renders every conversation so that its reply can be learnt."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from harness import UnknownCheckpoint
from training.data.audit.finding import Finding, Severity, concerning
from training.data.audit.wording import spread
from training.example import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A base's tokenizer with its chat template, and the most tokens the base can read."""

    name: str
    tokenizer: Any
    longest_tokens: int | None


Rendering: TypeAlias = tuple[list[Finding], Mapping[str, Any]]
"""What was found, and the percentiles of tokens by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendered:
    """One conversation through the template: what is wrong with it, and how many tokens it has."""

    example: Example
    fault: str
    tokens: int


def load_template(folder: Path, *, name: str) -> Template:
    """Return the chat template of the model in `folder`, called `name` in messages.

    Raises `UnknownCheckpoint` when there is no tokenizer, or it has no chat template.
    """
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # whatever the files make the library raise
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise UnknownCheckpoint(
            f"{name} has no tokenizer that can be read ({first}): name a base with its tokenizer"
        ) from error
    if not tokenizer.chat_template:
        raise UnknownCheckpoint(
            f"the tokenizer of {name} has no chat template: name the instruct version of the base, or put "
            "its chat_template.jinja into the folder"
        )
    return Template(name=name, tokenizer=tokenizer, longest_tokens=_longest(folder))


def rendering(examples: Sequence[Example], template: Template) -> Rendering:
    """Return the findings of rendering every example, and the percentiles of its tokens."""
    rendered = [_render(example, template.tokenizer) for example in examples]
    tokens = [each.tokens for each in rendered if not each.fault]
    statistics = {"tokens": spread(tokens)} if tokens else {}
    return list(_findings(examples, rendered, template)), statistics


def _findings(
    examples: Sequence[Example], rendered: Sequence[_Rendered], template: Template
) -> Iterator[Finding]:
    faulty = [each for each in rendered if each.fault]
    for fault in dict.fromkeys(each.fault for each in faulty):
        of = [each.example for each in faulty if each.fault == fault]
        yield concerning("chat template", Severity.ERROR, fault, whole=examples, of=of)
    if not faulty:
        said = f"the chat template of {template.name} renders every conversation"
        yield Finding(check="chat template", severity=Severity.NOTE, said=said)
    most = template.longest_tokens
    too_long = [each.example for each in rendered if most is not None and each.tokens > most]
    if too_long:
        said = f"longer than the {most} tokens {template.name} can read: shorten or drop them"
        yield concerning("length", Severity.ERROR, said, whole=examples, of=too_long)


def _render(example: Example, tokenizer: Any) -> _Rendered:  # noqa: ANN401 - an untyped library
    messages = [{"role": str(turn.role), "content": turn.content} for turn in example.messages]
    try:
        whole = tokenizer.apply_chat_template(messages, tokenize=False)
        prompt = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
    except Exception as error:  # noqa: BLE001 - a template raises what it likes
        first = next(iter(str(error).splitlines()), type(error).__name__)
        fault = f"the chat template refuses conversations ({first}): reorder or drop them"
        return _Rendered(example=example, fault=fault, tokens=0)
    tokens = len(tokenizer(whole, add_special_tokens=False)["input_ids"])
    return _Rendered(example=example, fault=_fault(example, whole, prompt, tokenizer), tokens=tokens)


def _fault(example: Example, whole: str, prompt: str, tokenizer: Any) -> str:  # noqa: ANN401
    special = [token for token in tokenizer.all_special_tokens if token.strip()]
    said = [token for token in special if any(token in turn.content for turn in example.messages)]
    if said:
        return f"texts hold the control token {said[0]}, which ends or begins a turn: take it out"
    if not whole.startswith(prompt):
        return (
            "the prompt as it is served does not begin the conversation as it is trained on: correct the "
            "chat template"
        )
    if example.completion.strip() not in whole:
        return "the chat template leaves out or changes replies: correct the template"
    return ""


def _longest(folder: Path) -> int | None:
    """The positions the model was built with, None where its configuration does not say."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        return None
    positions = config.get("max_position_embeddings") if isinstance(config, dict) else None
    return positions if isinstance(positions, int) else None
