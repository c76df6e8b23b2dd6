"""Log-probabilities of the same replies under every way an adapter can be put on its base.

Run as `python -m training.parity_weights JOB OUT` in a process of its own, in float32: torch
then never enters the caller.  Merged weights are rounded to what they are served in first.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from harness import Precision, TrainingError
from training.merge import MergeBase, load_base
from training.nf4 import load_nf4
from training.renders import Tokens


class Placement(StrEnum):
    """A way to put an adapter on its base."""

    MERGED_FULL = "merged into full"
    MERGED_DEQUANTISED = "merged into dequantised"
    BESIDE_FULL = "adapter on base"
    BESIDE_4BIT = "adapter on 4-bit base"
    IN_PLACE = "merged in place into 4-bit"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsJob:
    """What to measure: `placements`, the first of which is what was trained, on `tokens`."""

    base: str
    adapter: str
    precision: Precision
    placements: tuple[Placement, ...]
    tokens: tuple[Tokens, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLogprobs:
    """One placement: natural-log probabilities of every reply's tokens, by conversation.

    `kl` is the Kullback-Leibler divergence of what was trained from this, in nats, averaged
    over those tokens.
    """

    placement: Placement
    logprobs: tuple[tuple[float, ...], ...]
    kl: float


def measure_apart(job: WeightsJob) -> tuple[ReplyLogprobs, ...]:
    """Return the log-probabilities under every placement, measured in a process of its own.

    Raises `TrainingError` with the process's last line when it fails.
    """
    import msgspec

    with tempfile.TemporaryDirectory(prefix="weighbridge-parity-") as folder:
        asked, told = Path(folder) / "job.json", Path(folder) / "measured.json"
        asked.write_bytes(msgspec.json.encode(job))
        command = [
            sys.executable,
            "-P",
            "-W",
            "ignore",
            "-m",
            "training.parity_weights",
            str(asked),
            str(told),
        ]
        environment = {
            **os.environ,
            "HF_HUB_OFFLINE": "1",
            "TQDM_DISABLE": "1",
            "TRANSFORMERS_VERBOSITY": "error",
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not told.is_file():
            last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            raise TrainingError(
                f"the weights of {job.adapter} could not be compared ({last}): check that it is a LoRA of "
                f"{job.base}, that weighbridge[train] is installed and that the base "
                "fits into memory in float32"
            )
        return msgspec.json.decode(told.read_bytes(), type=tuple[ReplyLogprobs, ...])


def measure(job: WeightsJob) -> Iterator[ReplyLogprobs]:
    """Yield the log-probabilities under each placement in turn; one model is in memory at a time."""
    import numpy as np

    rows = sum(len(each.whole) - each.start for each in job.tokens)
    with tempfile.TemporaryFile() as spill:
        trained: Any = None
        for placement in job.placements:
            model = placed(Path(job.base), Path(job.adapter), placement, job.precision)
            if trained is None:
                trained = np.memmap(spill, dtype=np.float32, mode="w+", shape=(rows, model.config.vocab_size))
                yield _measured(model, placement, job.tokens, _Keeper(trained))
            else:
                yield _measured(model, placement, job.tokens, _Comparer(trained))
            del model


def placed(base: Path, adapter: Path, placement: Placement, precision: Precision) -> Any:  # noqa: ANN401 - untyped
    """Return the model with its adapter placed so, computing in float32."""
    import torch
    from peft import PeftModel

    match placement:
        case Placement.BESIDE_4BIT | Placement.IN_PLACE:
            model = load_nf4(base)
        case Placement.MERGED_DEQUANTISED:
            model = load_base(base, MergeBase.DEQUANTISED)
        case Placement.MERGED_FULL | Placement.BESIDE_FULL:
            model = load_base(base, MergeBase.FULL)
    tuned = PeftModel.from_pretrained(model, adapter)
    if placement in {Placement.MERGED_FULL, Placement.MERGED_DEQUANTISED}:
        tuned = tuned.merge_and_unload(safe_merge=True).to(getattr(torch, precision)).float()
    elif placement is Placement.IN_PLACE:
        tuned = tuned.merge_and_unload()
    return tuned.eval()


def reply_distributions(model: Any, tokens: Tokens) -> Any:  # noqa: ANN401 - untyped
    """Return natural-log probabilities by reply token and vocabulary entry, a float32 tensor."""
    import torch

    wanted = len(tokens.whole) - tokens.start + 1
    with torch.inference_mode():
        logits = model(torch.tensor([tokens.whole]), logits_to_keep=wanted).logits[0, :-1]
    return logits.float().log_softmax(-1)


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Keeps whole distributions, the first placement's, for the others to be compared with."""

    trained: Any

    def divergence(self, row: int, distributions: Any) -> float:  # noqa: ANN401 - a tensor
        self.trained[row : row + len(distributions)] = distributions.numpy()
        return 0.0


@dataclass(frozen=True, slots=True)
class _Comparer:
    """Compares whole distributions with those that were kept."""

    trained: Any

    def divergence(self, row: int, distributions: Any) -> float:  # noqa: ANN401 - a tensor
        import torch

        kept = torch.from_numpy(self.trained[row : row + len(distributions)])
        return float((kept.exp() * (kept - distributions)).sum())


def _measured(
    model: Any,  # noqa: ANN401 - untyped
    placement: Placement,
    tokens: Sequence[Tokens],
    other: _Keeper | _Comparer,
) -> ReplyLogprobs:
    row, divergence, found = 0, 0.0, []
    for each in tokens:
        distributions = reply_distributions(model, each)
        divergence += other.divergence(row, distributions)
        row += len(distributions)
        reply = each.whole[each.start :]
        found.append(tuple(float(at[token]) for at, token in zip(distributions, reply, strict=True)))
    return ReplyLogprobs(placement=placement, logprobs=tuple(found), kl=divergence / row)


def _main(asked: Path, told: Path) -> None:
    import msgspec

    job = msgspec.json.decode(asked.read_bytes(), type=WeightsJob)
    told.write_text(json.dumps([asdict(each) for each in measure(job)]))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
