"""What `weighbridge embed` prints: recall before and after, what it was of, and how to use the embedder."""

import shlex
from dataclasses import asdict
from pathlib import Path

from harness.cli.show import print_json, show_rows
from reports.plain_text import harmless
from training.embeddings.certificate import EmbedderCertificate
from training.embeddings.recall import KS


def show_embed(certificate: EmbedderCertificate, out: Path, *, json: bool) -> None:
    """Print the recall table of a trained embedder and the command that uses it."""
    if json:
        print_json({"embedder": str(out), **asdict(certificate)})
        return
    columns = ("dimensions", *(f"recall@{k} {when}" for k in KS for when in ("before", "after")))
    show_rows(columns, _rows(certificate), json=False)
    print(
        harmless(
            f"\nOf {certificate.held_out} held-out queries of {certificate.task}; trained on "
            f"{certificate.lessons} rows of {certificate.queries} others in {certificate.elapsed_s:.0f} s. "
            f"Relevant by {certificate.source}.",
            longest=500,
        )
    )
    named = shlex.quote(str(out))
    print(f"Use it with --embedder {named}, or --embedder {named}@{certificate.dims[0]} for short vectors.")


def _rows(certificate: EmbedderCertificate) -> list[tuple[object, ...]]:
    before = {(each.dims, each.k): each.value for each in certificate.before}
    after = {(each.dims, each.k): each.value for each in certificate.after}
    return [
        (size, *(f"{table[size, k]:.3f}" for k in KS for table in (before, after)))
        for size in certificate.dims
    ]
