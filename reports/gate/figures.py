"""A gate as experiment trackers take it: texts that say what was asked, and numbers by name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from harness import RunKind, Side
from reports.gate.means import means, spent
from reports.gate.questions import Question, questions
from reports.gate.record import GateRecord
from reports.gate.waits import waits
from reports.plain_text import harmless

_UNFIT = re.compile(r"[^A-Za-z0-9_. -]")
_LONGEST_NAME = 60
_LONGEST_TEXT = 2_000
_QUANTILES = (50, 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One gate for a tracker.

    `params` say what was asked and `tags` of what content, with what answer; both hold harmless
    text.  The names of `metrics` are paths such as `target-metric/fractions/rag-3/change_points`,
    with units at their ends; each is finite.
    """

    gate_id: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


def figures(record: GateRecord) -> Figures:
    """Return the figures of a gate; what was not measured, or has no bound, has no metric."""
    metrics = (*_verdicts(record), *_means(record), *_tokens(record), *_waits(record))
    return Figures(
        gate_id=harmless(record.manifest.gate_id, longest=_LONGEST_NAME),
        params={name: harmless(text, longest=_LONGEST_TEXT) for name, text in _params(record)},
        metrics={path(*names): value for names, value in metrics if value is not None},
        tags={name: harmless(text, longest=_LONGEST_TEXT) for name, text in _tags(record)},
    )


def path(*names: str) -> str:
    """Return the names as one path, each fit for every tracker; unlike names stay unlike."""
    return "/".join(map(_fit, names))


def _fit(name: str) -> str:
    fit = _UNFIT.sub("_", name)[:_LONGEST_NAME]
    if fit == name and name.strip(". "):
        return name
    return f"{fit.strip('. ')}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


_Named = tuple[tuple[str, ...], float | None]


def _verdicts(record: GateRecord) -> Iterator[_Named]:
    verdicts = record.verdict.verdicts if record.verdict is not None else ()
    for verdict, asked in zip(verdicts, questions(record), strict=True):
        anchored = ("against-anchor",) if verdict.against is Side.ANCHOR else ()
        name = (str(verdict.suite), verdict.subject, verdict.arm or "-", *anchored)
        yield (*name, "passed"), float(asked.status == "PASSED")
        for figure, value in _answer(asked):
            yield (*name, figure), value


def _answer(asked: Question) -> Iterator[tuple[str, float | None]]:
    unit, change = ("_s", "ratio") if asked.is_ratio else ("", "change_points")
    yield f"baseline{unit}", asked.baseline
    yield f"candidate{unit}", asked.candidate
    yield change, asked.change
    yield f"{change}_low", asked.low
    yield f"{change}_high", asked.high
    yield "items", asked.n


def _means(record: GateRecord) -> Iterator[_Named]:
    for mean in means(record):
        name = ("mean", mean.subject, mean.arm or "-", mean.side, mean.metric)
        if mean.part:
            yield (*name, mean.part), mean.value
            continue
        yield (*name, "mean"), mean.value
        yield (*name, "low"), mean.low
        yield (*name, "high"), mean.high


def _tokens(record: GateRecord) -> Iterator[_Named]:
    for each in spent(record):
        name = ("tokens", each.subject, each.arm, each.side)
        yield (*name, "prompt_tokens"), each.prompt_tokens
        yield (*name, "completion_tokens"), each.completion_tokens


def _waits(record: GateRecord) -> Iterator[_Named]:
    for each in waits(record):
        for percent in _QUANTILES:
            name = ("wait", each.subject, each.arm, each.side, f"{each.metric}_p{percent}")
            yield name, each.quantile(percent)


def _params(record: GateRecord) -> Iterator[tuple[str, str]]:
    manifest, policy = record.manifest, record.manifest.policy
    runs = manifest.runs
    for side in Side:
        if record.checkpoint(side):
            yield str(side), record.checkpoint(side)
    yield "arms", ", ".join(dict.fromkeys(str(run.candidate.arm) for run in runs if run.kind is RunKind.TASK))
    yield "subjects", ", ".join(dict.fromkeys(run.subject for run in runs))
    yield "suites", ", ".join(map(str, manifest.suites))
    yield "alpha", f"{policy.alpha:g}"
    yield "power", f"{policy.power:g}"
    yield "seed", str(policy.seed)
    yield "items_at_most", "all" if policy.items is None else str(policy.items)
    yield "sequential", str(policy.sequential).lower()


def _tags(record: GateRecord) -> Iterator[tuple[str, str]]:
    manifest = record.manifest
    yield "weighbridge.gate_id", manifest.gate_id
    yield "weighbridge.status", record.status
    yield "weighbridge.reason", record.sentence
    yield "weighbridge.created_at", manifest.created_at
    yield "weighbridge.plan_digest", manifest.plan_digest
    yield "weighbridge.attempt", str(manifest.attempt)
    for run in manifest.runs:
        yield f"weighbridge.digest.{run.side}", run.candidate.checkpoint.digest
        yield f"weighbridge.digest.of.{_fit(run.subject)}", run.subject_digest
    for name, value in manifest.environment.items():
        yield f"weighbridge.environment.{_fit(name)}", value
