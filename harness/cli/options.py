"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

RESULTS = Path("results")
EMBEDDER = "minilm"

Checkpoint = Annotated[
    str,
    typer.Option(
        help="What is weighed: smollm2-135m, a folder, BASE+ADAPTER, a hub id, or http://host:8000/v1#name.",
    ),
]
Baseline = Annotated[str, typer.Option(help="What it is compared with, given in the same ways.")]
Arms = Annotated[
    str,
    typer.Option(
        help="Arms, by commas: zero-shot, fewshot-K, rag-K, context-K, oracle-context, or any-constrained."
    ),
]
BaselineArm = Annotated[
    str | None, typer.Option(help="One arm for the baseline; without it both sides have the same.")
]
Tasks = Annotated[str, typer.Option(help="Tasks by name or folder, separated by commas.")]
Embedder = Annotated[
    str,
    typer.Option(help="Who retrieves for rag-K: minilm, or a FOLDER of weighbridge embed, or FOLDER@DIMS."),
]
Items = Annotated[
    int | None, typer.Option(min=1, help="Most items asked of a task; overrides the policy file.")
]
Anchor = Annotated[
    str | None,
    typer.Option(help="Frozen release to compare with besides the baseline; overrides the policy file."),
]
Temperature = Annotated[
    float | None, typer.Option(help="Sampling temperature from 0 to 2, in place of the tasks' own.")
]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="TOML file with margins and hypotheses.")]
AllowUnderpowered = Annotated[
    bool,
    typer.Option("--allow-underpowered", help="Measure what is too small to pass; it then cannot pass."),
]
Contamination = Annotated[
    str | None,
    typer.Option(help="Items that were trained on: refuse or exclude; overrides the policy file."),
]
AllowMismatch = Annotated[
    bool,
    typer.Option("--allow-mismatch", help="Ask a checkpoint unlike it was trained; the verdict says so."),
]
MergeInto = Annotated[
    str, typer.Option(help="Base that adapters are merged into: as-trained, full or dequantised.")
]
Certificate = Annotated[
    Path | None, typer.Option(help="Folder that tells how what is weighed, behind an endpoint, was trained.")
]
Results = Annotated[Path, typer.Option(help="Folder for journals, verdicts and the DuckDB file.")]
OwnTasks = Annotated[
    str, typer.Option(help="Folders of tasks of your own, whose questions are then shown, by commas.")
]
Suites = Annotated[str, typer.Option(help="Suites, separated by commas; all of them when left out.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
MaxModelLen = Annotated[int, typer.Option(min=128, help="Longest prompt and reply together, in tokens.")]
Concurrency = Annotated[int, typer.Option(min=1, help="Requests in flight outside the latency suite.")]
