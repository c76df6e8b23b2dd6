"""A nightly file, read and checked: its matrix, its policy, and where what comes of it is kept."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config.policy_file import load_policy
from harness.domain.arm import Arm, ArmKind, parse_arm
from harness.domain.nightly import Asked
from harness.domain.policy import Policy, Role
from harness.domain.run import RunKind
from harness.domain.suite import Suite
from harness.errors import InvalidNightly, TooFewItems
from harness.experiments.nightly.definition import NightlyTable, load_nightly
from harness.experiments.plan import Subjects
from harness.experiments.prepare import load_subjects
from harness.experiments.request import GateRequest, Places, Purpose
from harness.gating.minimum import require_items
from harness.gating.questions import paired_policy

SCORED = (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY)
_FILE_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nightly:
    """A nightly file that was read and checked; `asked` is what every checkpoint is asked, cell by cell."""

    table: NightlyTable
    policy: Policy
    asked: tuple[Asked, ...]
    digest: str
    path: Path
    places: Places

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.path.stem

    @property
    def shelf(self) -> Path:
        """Where the nights of this file lie, each in a folder of its own."""
        return self.places.results / "nightly" / self.name

    @property
    def suites(self) -> tuple[Suite, ...]:
        """The suites that are asked, in the order of the gate."""
        return tuple(suite for suite in Suite if suite in self.table.suites)

    def request(self, checkpoint: str, asked: Sequence[Asked]) -> GateRequest:
        """Return the request that scores `checkpoint` alone in every arm and task that `asked` names."""
        of_tasks = [each for each in asked if each.kind is RunKind.TASK]
        kinds = {each.kind for each in asked}
        suites = tuple(
            suite
            for suite in self.suites
            if (RunKind.PROBE if suite is Suite.FORGETTING else RunKind.TASK) in kinds
        )
        return GateRequest(
            checkpoint=checkpoint,
            baseline=checkpoint,
            arms=tuple(map(parse_arm, dict.fromkeys(each.arm for each in of_tasks))),
            tasks=tuple(dict.fromkeys(each.task for each in of_tasks)),
            suites=suites,
            policy=self._policy_of(asked),
            places=self.places,
            max_model_len=self.table.max_model_len,
            purpose=Purpose.SCORE,
            anew=True,
        )

    def _policy_of(self, asked: Sequence[Asked]) -> Policy:
        """The policy, with no probe that is not asked; a pool is asked as a whole."""
        forgetting = self.policy.forgetting
        named = {each.subject for each in asked if each.kind is RunKind.PROBE}
        if forgetting.pooled or not named:
            return self.policy
        probes = tuple(name for name in forgetting.probes if name in named)
        return replace(self.policy, forgetting=replace(forgetting, probes=probes))


def checked(path: Path, places: Places) -> Nightly:
    """Return the nightly in a file; nothing is begun and no checkpoint is looked up.

    Raises `InvalidNightly`, `InvalidPolicy`, `InvalidTask`, `UnknownArm` or `TooFewItems` in one
    sentence.
    """
    table = load_nightly(path)
    if not _FILE_SAFE.fullmatch(path.stem):
        raise InvalidNightly(
            f"{path}: the nights are kept under the file's name, and {path.stem!r} cannot name a folder: use "
            "1 to 60 letters, digits, dots, dashes and underscores"
        )
    places = replace(places, embedder=table.embedder)
    policy = _policy(table, path)
    arms = _arms(table, path)
    suites = tuple(map(Suite, table.suites))
    subjects = load_subjects(
        GateRequest(
            checkpoint=table.release,
            baseline=table.release,
            arms=arms,
            tasks=table.tasks,
            suites=suites,
            policy=policy,
            places=places,
        )
    )
    _require_own_names(subjects, path)
    _require_enough(subjects, suites, policy)
    return Nightly(
        table=table,
        policy=policy,
        asked=_asked(table, arms, subjects, suites),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        path=path,
        places=places,
    )


def _policy(table: NightlyTable, path: Path) -> Policy:
    """What the gate demands, to the end of every question: every item is asked whatever the others said."""
    policy = load_policy(None if table.policy is None else Path(table.policy))
    if policy.anchor is not None:
        raise InvalidNightly(
            f"{path}: the policy names the anchor {policy.anchor!r}, whose content nobody pinned: leave it "
            "out there, and write an [anchor] with checkpoint and digest here"
        )
    return replace(policy, sequential=False, stop_at_first_regression=False)


def _arms(table: NightlyTable, path: Path) -> tuple[Arm, ...]:
    arms = tuple(parse_arm(name.strip()) for name in table.arms)
    if len(set(arms)) < len(arms):
        raise InvalidNightly(f"{path}: arms names one arm twice: name each once")
    return arms


def _require_own_names(subjects: Subjects, path: Path) -> None:
    names = [task.name for task in subjects.tasks]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidNightly(f"{path}: two of tasks are called {twice!r}: give each folder a name of its own")


def _require_enough(subjects: Subjects, suites: Sequence[Suite], policy: Policy) -> None:
    """Refuse, before a token is spent, a question that could not pass whatever the model did."""
    sizes = {
        **{(suite, task.name): len(task.items) for suite in SCORED for task in subjects.tasks},
        **{(Suite.FORGETTING, probe.name): len(probe.items) for probe in subjects.probes},
    }
    for (suite, name), size in sizes.items():
        if suite not in suites or paired_policy(suite, policy).role is not Role.GATE:
            continue
        most = policy.items if suite in SCORED else None
        try:
            require_items(
                size if most is None else min(size, most),
                paired_policy(suite, policy),
                alpha=policy.alpha,
                question=f"{suite} on {name}",
            )
        except TooFewItems as error:
            advice = str(error).partition("; ")[0]
            raise TooFewItems(f"{advice}; write more items or a wider margin in the policy file") from error


def _asked(
    table: NightlyTable, arms: Sequence[Arm], subjects: Subjects, suites: Sequence[Suite]
) -> tuple[Asked, ...]:
    tasks = zip(table.tasks, subjects.tasks, strict=True) if set(SCORED) & set(suites) else ()
    of_tasks = [
        Asked(kind=RunKind.TASK, subject=task.name, arm=str(arm), task=named)
        for named, task in tasks
        for arm in arms
    ]
    of_probes = [
        Asked(kind=RunKind.PROBE, subject=probe.name, arm=str(ArmKind.ZERO_SHOT)) for probe in subjects.probes
    ]
    return (*of_tasks, *of_probes)
