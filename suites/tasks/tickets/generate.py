"""Write items.jsonl and gold.jsonl: `python -m suites.tasks.tickets.generate`.

Items and gold examples are made of different sentences, so no gold example tells an item's
category word for word.  The same seed gives the same bytes.  Training examples are made of
the sentences of the gold examples, in other words around them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import ascii_uppercase, digits

from harness import Json

from .phrases import (
    CORES,
    GREETINGS,
    ORDER_FORMS,
    PRIORITIES,
    PRODUCTS,
    RAMBLES,
    SIGN_OFFS,
    WITH_ORDER,
)

_SEED = 12
_ITEM_CORES = 4
_PER_ITEM_CORE = 6
_PER_GOLD_CORE = 9
_SHORTEST_MISTYPED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A message, the reply that is right, and the name of the sentence it is made of."""

    message: str
    reply: Mapping[str, Json]
    core: str


def files(seed: int = _SEED) -> Mapping[str, str]:
    """Return the text of items.jsonl and gold.jsonl by file name."""
    draw = Random(seed)  # noqa: S311 - reproducible draws, no secrets
    items = _tickets(slice(0, _ITEM_CORES), _PER_ITEM_CORE, draw)
    gold = _tickets(slice(_ITEM_CORES, None), _PER_GOLD_CORE, draw)
    return {
        "items.jsonl": _lines(_item(number, ticket) for number, ticket in enumerate(items, 1)),
        "gold.jsonl": _lines(_gold(number, ticket) for number, ticket in enumerate(gold, 1)),
    }


def draw(count: int, seed: int) -> Iterator[Mapping[str, Json]]:
    """Yield `count` routed messages to train on, none of them a gold example or an item.

    They are made of the sentences that gold examples are made of, never of an item's.  A
    longer draw begins with the shorter one.
    """
    chance = Random(f"draw:{seed}")  # noqa: S311 - reproducible draws, no secrets
    known = Random(_SEED)  # noqa: S311 - the draws of `files`
    both = (slice(0, _ITEM_CORES), _PER_ITEM_CORE), (slice(_ITEM_CORES, None), _PER_GOLD_CORE)
    seen = {ticket.message for chosen, copies in both for ticket in _tickets(chosen, copies, known)}
    cores = [(category, core) for category, all_of in CORES.items() for core in all_of[_ITEM_CORES:]]
    last = len(seen) + count
    while len(seen) < last:
        ticket = _ticket(*chance.choice(cores), chance)
        if ticket.message not in seen:
            seen.add(ticket.message)
            solved = _gold(len(seen), ticket)
            yield {"inputs": solved["inputs"], "output": solved["output"], "source": ticket.core}


def main() -> None:
    """Write both files beside this module."""
    for name, text in files().items():
        Path(__file__).with_name(name).write_text(text, encoding="utf-8")


def _tickets(chosen: slice, copies: int, draw: Random) -> list[Ticket]:
    """`copies` different messages for each chosen sentence of each category, in mixed order."""
    tickets = [
        ticket
        for category, cores in CORES.items()
        for core in cores[chosen]
        for ticket in _variants(category, core, copies, draw)
    ]
    draw.shuffle(tickets)
    return tickets


def _variants(category: str, core: str, copies: int, draw: Random) -> Iterator[Ticket]:
    seen: set[str] = set()
    while len(seen) < copies:
        ticket = _ticket(category, core, draw)
        if ticket.message not in seen:
            seen.add(ticket.message)
            yield ticket


def _ticket(category: str, core: str, draw: Random) -> Ticket:
    product = draw.choice(sorted(PRODUCTS)) if "{p}" in core else None
    called = draw.choice(PRODUCTS[product]) if product else ""
    priority = draw.choices(sorted(PRIORITIES), weights=(1, 1, 2))[0]
    letters = "".join(draw.choices(ascii_uppercase, k=2))
    number = "".join(draw.choices(digits, k=5))
    ordered = category in WITH_ORDER and draw.random() < 0.6  # noqa: PLR2004 - a share
    order = draw.choice(ORDER_FORMS).format(a=letters, d=number) if ordered else ""
    said = [core.format(p=called), order, draw.choice(PRIORITIES[priority])]
    return Ticket(
        message=_messy(_framed(said, draw), called, draw),
        reply={
            "category": category,
            "priority": priority,
            "product": product,
            "order_id": f"{letters}-{number}" if ordered else None,
        },
        core=f"{category}-{CORES[category].index(core) + 1}",
    )


def _framed(said: list[str], draw: Random) -> str:
    """The sentences in some order, between some greeting, chatter and farewell."""
    draw.shuffle(said)
    pieces = [
        _sometimes(GREETINGS, 0.5, draw),
        _sometimes(RAMBLES, 0.4, draw),
        *said,
        _sometimes(SIGN_OFFS, 0.4, draw),
    ]
    return draw.choice((", ", ". ", " ", "... ", "! ")).join(piece for piece in pieces if piece)


def _sometimes(phrases: tuple[str, ...], share: float, draw: Random) -> str:
    return draw.choice(phrases) if draw.random() < share else ""


def _messy(message: str, product: str, draw: Random) -> str:
    """The message with typing errors, but for product and numbers, and in careless case."""
    words = [
        _mistyped(word, draw) if draw.random() < 0.08 and _may_slip(word, product) else word  # noqa: PLR2004
        for word in message.split(" ")
    ]
    case = draw.choice((str, str, str.capitalize, str.lower, str.lower, str.upper))
    return case(" ".join(words))


def _may_slip(word: str, product: str) -> bool:
    return len(word) >= _SHORTEST_MISTYPED and word.isalpha() and word not in product.split(" ")


def _mistyped(word: str, draw: Random) -> str:
    """Two letters swapped, one left out, or one doubled, never the first."""
    at = draw.randrange(1, len(word) - 1)
    return draw.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )


def _item(number: int, ticket: Ticket) -> dict[str, Json]:
    return {
        "id": f"ticket-{number:04}",
        "cluster": ticket.core,
        "tags": [str(ticket.reply["category"]), str(ticket.reply["priority"])],
        "inputs": {"message": ticket.message},
        "reference": dict(ticket.reply),
    }


def _gold(number: int, ticket: Ticket) -> dict[str, Json]:
    return {
        "id": f"ticket-gold-{number:04}",
        "inputs": {"message": ticket.message},
        "output": json.dumps(ticket.reply, separators=(",", ":")),
    }


def _lines(rows: Iterable[Mapping[str, Json]]) -> str:
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


if __name__ == "__main__":
    main()
