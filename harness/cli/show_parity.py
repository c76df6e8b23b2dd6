"""What `weighbridge parity` prints: a row a placement, then what follows from them."""

from collections.abc import Iterator

import msgspec

from harness.cli.show import print_json, show_rows
from reports.plain_text import harmless
from training.distance import Distance
from training.parity import Parity
from training.parity_weights import Placement


def show_parity(parity: Parity, *, json: bool) -> None:
    """Print how far each placement is from what was trained, and whether parity holds."""
    if json:
        plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(parity))
        print_json({"holds": parity.holds, **plain})
        return
    columns = ("", "loss", "KL", "mean |d|", "max |d|")
    rows = [_row(placement, found) for placement, found in parity.distances.items()]
    if parity.served is not None:
        rows.append(_row("as served", parity.served.distance))
    show_rows(columns, rows, json=False)
    print()
    for sentence in _sentences(parity):
        print(harmless(sentence))


def _sentences(parity: Parity) -> Iterator[str]:
    yield (
        f"{parity.reply_tokens} reply tokens of {parity.conversations} conversations "
        f"({', '.join(parity.arms)}); distances in nats a token from what was trained, {parity.trained}; "
        f"merged weights rounded to {parity.precision}."
    )
    if parity.served is not None and parity.difference is None:
        yield f"Tokens: {parity.served.name} renders all {parity.conversations} as training did."
    yield f"Merge into: the {parity.best} base."
    if parity.trained is Placement.BESIDE_FULL:
        yield "Its certificate, where it has one, says that it was trained on the base in full precision."
    for finding in parity.findings:
        yield f"NOT AS TRAINED: {finding}."
    if parity.holds:
        yield f"AS TRAINED: merged into the {parity.into} base it is what was trained."


def _row(name: str, found: Distance) -> tuple[object, ...]:
    kl = "" if found.kl is None else f"{found.kl:.4f}"
    return (name, f"{found.loss:.4f}", kl, f"{found.mean_delta:.4f}", f"{found.max_delta:.3f}")
