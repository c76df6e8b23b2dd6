"""Weighbridge weighs a checkpoint and says whether it may ship.

A map of the rooms, in the direction things flow:

    items -> prompts -> responses -> scores -> store -> comparison -> verdict -> report

    domain      the frozen nouns                  prompting   Item + Arm -> Prompt
    backends    Prompt -> Response                scoring     Item + Response -> Score
    stats       tests, intervals, quantiles       engine      plans -> item results
    store       journals and DuckDB               gating      comparison -> verdict
    config      policy files and task folders     experiments the composition of a gate

The names below are the public ones; they load on first use, so importing the package
stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.config.task_folder import load_task as load_task
    from harness.config.toml_file import as_table as as_table
    from harness.config.toml_file import read_toml as read_toml
    from harness.domain.arm import Arm as Arm
    from harness.domain.arm import parse_arm as parse_arm
    from harness.domain.checkpoint import Checkpoint as Checkpoint
    from harness.domain.checkpoint import Endpoint as Endpoint
    from harness.domain.checkpoint import Precision as Precision
    from harness.domain.cost import CostReport as CostReport
    from harness.domain.cost import CostRow as CostRow
    from harness.domain.decision import Contrast as Contrast
    from harness.domain.decision import Decision as Decision
    from harness.domain.decision import Footing as Footing
    from harness.domain.decision import Ruling as Ruling
    from harness.domain.decision import RungResult as RungResult
    from harness.domain.drift import DriftReport as DriftReport
    from harness.domain.drift import Stranger as Stranger
    from harness.domain.experiment import Cell as Cell
    from harness.domain.experiment import Coverage as Coverage
    from harness.domain.experiment import Difference as Difference
    from harness.domain.experiment import ExperimentReport as ExperimentReport
    from harness.domain.experiment import Hole as Hole
    from harness.domain.experiment import Interval as Interval
    from harness.domain.experiment import Measured as Measured
    from harness.domain.experiment import Metric as Metric
    from harness.domain.manifest import GateManifest as GateManifest
    from harness.domain.nightly import Against as Against
    from harness.domain.nightly import AnchorReading as AnchorReading
    from harness.domain.nightly import CheckpointAnswer as CheckpointAnswer
    from harness.domain.nightly import Night as Night
    from harness.domain.nightly import NightChange as NightChange
    from harness.domain.nightly import NightHole as NightHole
    from harness.domain.nightly import NightPart as NightPart
    from harness.domain.nightly import NightRow as NightRow
    from harness.domain.nightly import Notice as Notice
    from harness.domain.policy import Hypothesis as Hypothesis
    from harness.domain.policy import Policy as Policy
    from harness.domain.prompt import Message as Message
    from harness.domain.prompt import Role as Role
    from harness.domain.reading_summary import JudgeRow as JudgeRow
    from harness.domain.reading_summary import PairRow as PairRow
    from harness.domain.reading_summary import ReaderRow as ReaderRow
    from harness.domain.reading_summary import ReadingSummary as ReadingSummary
    from harness.domain.reading_summary import SideRow as SideRow
    from harness.domain.response import ChoiceResponse as ChoiceResponse
    from harness.domain.response import GenerationFailure as GenerationFailure
    from harness.domain.response import Response as Response
    from harness.domain.run import ItemResult as ItemResult
    from harness.domain.run import RunKind as RunKind
    from harness.domain.run import RunSpec as RunSpec
    from harness.domain.run import Side as Side
    from harness.domain.score import Score as Score
    from harness.domain.suite import Suite as Suite
    from harness.domain.task import ChoiceItem as ChoiceItem
    from harness.domain.task import Decoding as Decoding
    from harness.domain.task import GoldExample as GoldExample
    from harness.domain.task import Inputs as Inputs
    from harness.domain.task import Item as Item
    from harness.domain.task import Json as Json
    from harness.domain.task import Probe as Probe
    from harness.domain.task import Task as Task
    from harness.domain.text import speakable as speakable
    from harness.domain.verdict import Evidence as Evidence
    from harness.domain.verdict import GateVerdict as GateVerdict
    from harness.domain.verdict import Status as Status
    from harness.domain.verdict import SuiteVerdict as SuiteVerdict
    from harness.domain.verdict import Verdict as Verdict
    from harness.errors import GoldStoreUnreachable as GoldStoreUnreachable
    from harness.errors import InvalidDataset as InvalidDataset
    from harness.errors import InvalidRecipe as InvalidRecipe
    from harness.errors import InvalidTask as InvalidTask
    from harness.errors import PortTaken as PortTaken
    from harness.errors import ServerDied as ServerDied
    from harness.errors import ServingError as ServingError
    from harness.errors import TrainingError as TrainingError
    from harness.errors import UnknownArm as UnknownArm
    from harness.errors import UnknownCheckpoint as UnknownCheckpoint
    from harness.errors import UsageError as UsageError
    from harness.errors import WeighbridgeError as WeighbridgeError
    from harness.scoring.choice import choice_correct as choice_correct
    from harness.scoring.exact_match import exact_fields as exact_fields
    from harness.scoring.json_schema import SchemaValidator as SchemaValidator
    from harness.scoring.json_schema import parse_reply as parse_reply
    from harness.scoring.json_schema import schema_validity as schema_validity
    from harness.scoring.rubric import weighted as weighted
    from harness.stats.bounded_mean import bounded_mean_interval as bounded_mean_interval
    from harness.store.lines import append_line as append_line
    from harness.store.lines import cut_torn_line as cut_torn_line
    from harness.store.lines import whole_lines as whole_lines

_HOME = {
    "harness.config.task_folder": ("load_task",),
    "harness.config.toml_file": ("as_table", "read_toml"),
    "harness.domain.arm": ("Arm", "parse_arm"),
    "harness.domain.checkpoint": ("Checkpoint", "Endpoint", "Precision"),
    "harness.domain.manifest": ("GateManifest",),
    "harness.domain.policy": ("Hypothesis", "Policy"),
    "harness.domain.cost": ("CostReport", "CostRow"),
    "harness.domain.decision": ("Contrast", "Decision", "Footing", "Ruling", "RungResult"),
    "harness.domain.drift": ("DriftReport", "Stranger"),
    "harness.domain.experiment": (
        "Cell",
        "Coverage",
        "Difference",
        "ExperimentReport",
        "Hole",
        "Interval",
        "Measured",
        "Metric",
    ),
    "harness.domain.nightly": (
        "Against",
        "AnchorReading",
        "CheckpointAnswer",
        "Night",
        "NightChange",
        "NightHole",
        "NightPart",
        "NightRow",
        "Notice",
    ),
    "harness.domain.prompt": ("Message", "Role"),
    "harness.domain.reading_summary": ("JudgeRow", "PairRow", "ReaderRow", "ReadingSummary", "SideRow"),
    "harness.domain.response": ("ChoiceResponse", "GenerationFailure", "Response"),
    "harness.domain.run": ("ItemResult", "RunKind", "RunSpec", "Side"),
    "harness.domain.score": ("Score",),
    "harness.domain.task": (
        "ChoiceItem",
        "Decoding",
        "GoldExample",
        "Inputs",
        "Item",
        "Json",
        "Probe",
        "Task",
    ),
    "harness.domain.suite": ("Suite",),
    "harness.domain.text": ("speakable",),
    "harness.domain.verdict": ("Evidence", "GateVerdict", "Status", "SuiteVerdict", "Verdict"),
    "harness.errors": (
        "GoldStoreUnreachable",
        "InvalidDataset",
        "InvalidRecipe",
        "InvalidTask",
        "PortTaken",
        "ServerDied",
        "ServingError",
        "TrainingError",
        "UnknownArm",
        "UnknownCheckpoint",
        "UsageError",
        "WeighbridgeError",
    ),
    "harness.scoring.choice": ("choice_correct",),
    "harness.scoring.exact_match": ("exact_fields",),
    "harness.scoring.json_schema": ("SchemaValidator", "parse_reply", "schema_validity"),
    "harness.scoring.rubric": ("weighted",),
    "harness.stats.bounded_mean": ("bounded_mean_interval",),
    "harness.store.lines": ("append_line", "cut_torn_line", "whole_lines"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - derived from the one table above


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    """Load a public name from the room it lives in."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'harness' has no public name {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
