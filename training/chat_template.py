"""The chat template in a model's folder, as its tokenizer will load it, and what tells two apart."""

import hashlib
import json
from pathlib import Path

_DEFAULT = "default"


def template_digest(template: str) -> str:
    """Return the hex sha256 of a chat template's text, as a certificate records it."""
    return hashlib.sha256(template.encode()).hexdigest()


def chat_template(folder: Path) -> str | None:
    """Return the template that a tokenizer in `folder` renders chats with, None where it has none.

    `chat_template.jinja` goes before what stands in `tokenizer_config.json`, as it does for
    transformers; of several templates the default one is meant.
    """
    alone = folder / "chat_template.jinja"
    try:
        if alone.is_file():
            return alone.read_text(encoding="utf-8")
        config = json.loads((folder / "tokenizer_config.json").read_bytes())
    except (OSError, ValueError):
        return None
    found = config.get("chat_template") if isinstance(config, dict) else None
    if isinstance(found, list):
        named = {each.get("name"): each.get("template") for each in found if isinstance(each, dict)}
        found = named.get(_DEFAULT)
    return found if isinstance(found, str) else None
