import dataclasses
import textwrap
from datetime import date
from pathlib import Path

import pytest

from harness.config import policy_file
from harness.config.policy_file import load_policy
from harness.config.policy_keys import suite_keys, top_keys, waiver_keys
from harness.domain.policy import (
    ForgettingPolicy,
    Hypothesis,
    JudgePolicy,
    LatencyPolicy,
    OnContamination,
    OnMismatch,
    PairedPolicy,
    Policy,
    ReadsPolicy,
    Role,
    Waiver,
)
from harness.domain.suite import Suite
from harness.errors import InvalidPolicy


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ["", "# only a comment", "[latency]", "\ufeff"])
def test_what_is_not_written_keeps_its_default(tmp_path: Path, text: str) -> None:
    assert load_policy(written(tmp_path, text)) == Policy() == load_policy(None)


def test_every_key_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '''
        alpha = 0.01
        power = 0.8
        seed = 7
        items = "all"
        sequential = false
        stop_at_first_regression = true
        max_failed_share = 0
        accept_inconclusive = true
        anchor = "./release  1"
        temperature = 2
        contamination = "exclude"
        mismatch = "report"
        [target_metric]
        hypothesis = "superiority"
        margin = 0.02
        floor = 0
        max_lost = 3
        role = "report"
        [schema_validity]
        hypothesis = "floor"
        floor = 0.99
        [forgetting]
        probes = ["arc-easy"]
        items = "all"
        margin = 0.1
        max_lost = 0
        pooled = true
        role = "report"
        [latency]
        metrics = ["tpot_s"]
        p50_ratio = 1.2
        p95_ratio = 2
        concurrency = 8
        pairs = 40
        max_tokens = 16
        role = "gate"
        [reads]
        required = 60
        min_accepted = 1
        [judge]
        margin = 0.1
        min_agreement = 0.8
        role = "report"
        [[waiver]]
        suite = "latency"
        until = 2027-01-31
        reason = """
        the index
        is rebuilt"""
        subject = "tickets"
        arm = "rag-3"
        [[waiver]]
        suite = "forgetting"
        until = "2026-12-01"
        reason = "known"
        ''',
    )
    assert load_policy(path) == Policy(
        alpha=0.01,
        power=0.8,
        seed=7,
        items=None,
        sequential=False,
        stop_at_first_regression=True,
        max_failed_share=0.0,
        accept_inconclusive=True,
        anchor="./release  1",
        temperature=2.0,
        contamination=OnContamination.EXCLUDE,
        mismatch=OnMismatch.REPORT,
        target_metric=PairedPolicy(
            hypothesis=Hypothesis.SUPERIORITY, margin=0.02, floor=0.0, max_lost=3, role=Role.REPORT
        ),
        schema_validity=PairedPolicy(hypothesis=Hypothesis.FLOOR, floor=0.99),
        forgetting=ForgettingPolicy(
            probes=("arc-easy",), items=None, margin=0.1, max_lost=0, pooled=True, role=Role.REPORT
        ),
        latency=LatencyPolicy(
            metrics=("tpot_s",), p50_ratio=1.2, p95_ratio=2.0, concurrency=8, pairs=40, max_tokens=16
        ),
        reads=ReadsPolicy(required=60, min_accepted=1.0),
        judge=JudgePolicy(margin=0.1, min_agreement=0.8, role=Role.REPORT),
        waivers=(
            Waiver(
                suite=Suite.LATENCY,
                until=date(2027, 1, 31),
                reason="the index is rebuilt",
                subject="tickets",
                arm="rag-3",
            ),
            Waiver(suite=Suite.FORGETTING, until=date(2026, 12, 1), reason="known"),
        ),
    )


def test_every_field_of_a_policy_has_a_key() -> None:
    def fields(noun: type) -> set[str]:
        return {field.name for field in dataclasses.fields(noun)}

    assert {*top_keys(), *suite_keys(), "waivers"} == fields(Policy)
    assert set(waiver_keys()) == fields(Waiver)
    for noun, keys in suite_keys().values():
        assert isinstance(noun, type)
        assert set(keys) == fields(noun)


def test_the_example_in_the_documentation_can_be_followed(tmp_path: Path) -> None:
    assert policy_file.__doc__ is not None
    example = "".join(
        line for line in policy_file.__doc__.splitlines(keepends=True) if line.startswith("    ")
    )
    policy = load_policy(written(tmp_path, textwrap.dedent(example)))
    assert policy.anchor == "./release-1"
    assert policy.waivers[0].until == date(2027, 1, 31)


def test_values_have_the_types_of_the_nouns(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, 'max_failed_share = 0\n[target_metric]\nrole = "gate"\nfloor = 0'))
    assert isinstance(policy.max_failed_share, float)
    assert isinstance(policy.target_metric.floor, float)
    assert isinstance(policy.target_metric.role, Role)


_ALPHA = "must be a number above 0 and below 0.5"
_MARGIN = "must be a number above 0 and below 1"
_ITEMS = 'must be a whole number of 1 or more, or "all"'
_PROBES = "must be a list of one or more different probe names"
_SHARE = "must be a number of 0 or more and below 1"
_COUNT = "must be a whole number of 0 or more"
_DAY = "must be a date, for example 2027-01-31: the last day on which it counts"
_WAIVER = "[[waiver]]\nsuite = 'forgetting'\nreason = 'r'\n"
_METRICS = "must be a list of one or more different names among ttft_s, tpot_s, e2e_s"


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("alpha = 0", f"alpha is 0, but {_ALPHA}"),
        ("alpha = 0.5", f"alpha is 0.5, but {_ALPHA}"),
        ("alpha = nan", f"alpha is nan, but {_ALPHA}"),
        ("alpha = '0.05'", f"alpha is '0.05', but {_ALPHA}"),
        ("alpha = true", f"alpha is True, but {_ALPHA}"),
        ("seed = -1", "seed is -1, but must be a whole number of 0 or more"),
        ("seed = 1.0", "seed is 1.0, but must be a whole number of 0 or more"),
        ("items = 0", f"items is 0, but {_ITEMS}"),
        ("items = true", f"items is True, but {_ITEMS}"),
        ("items = 'some'", f"items is 'some', but {_ITEMS}"),
        ("max_failed_share = 1", "max_failed_share is 1, but must be a number of 0 or more and below 1"),
        ("accept_inconclusive = 1", "accept_inconclusive is 1, but must be true or false"),
        ("margin = 0.1", "unknown key 'margin': use one of alpha, power, seed, items, sequential"),
        (
            "margins = 0.1",
            "[target_metric], [schema_validity], [forgetting], [latency], [reads], [judge], [[waiver]]",
        ),
        ("power = 1", f"power is 1, but {_MARGIN}"),
        ("power = 0.0", f"power is 0.0, but {_MARGIN}"),
        ("power = true", f"power is True, but {_MARGIN}"),
        ("sequential = 'yes'", "sequential is 'yes', but must be true or false"),
        ("stop_at_first_regression = 1", "stop_at_first_regression is 1, but must be true or false"),
        ("anchor = ''", "anchor is '', but must be the name of a checkpoint"),
        ("anchor = ' '", "anchor is ' ', but must be the name of a checkpoint"),
        ("anchor = 3", "anchor is 3, but must be the name of a checkpoint"),
        ("temperature = -0.1", "temperature is -0.1, but must be a number from 0, which is greedy, to 2"),
        ("temperature = 2.01", "temperature is 2.01, but must be a number from 0"),
        ("temperature = nan", "temperature is nan, but must be a number from 0"),
        ("temperature = false", "temperature is False, but must be a number from 0"),
        ("contamination = 'ignore'", 'is \'ignore\', but must be "refuse" or "exclude"'),
        ("mismatch = true", 'mismatch is True, but must be "refuse" or "report"'),
        ("[latencey]", "unknown key 'latencey'"),
        (
            "target_metric = 3",
            "target_metric is 3, but must be a table: write [target_metric] above its keys",
        ),
        ("[[latency]]", "latency is [{}], but must be a table"),
        ("[target_metric]\nmargin = 0", f"target_metric.margin is 0, but {_MARGIN}"),
        ("[target_metric]\nmargin = 1", f"target_metric.margin is 1, but {_MARGIN}"),
        ("[schema_validity]\nmargin = inf", f"schema_validity.margin is inf, but {_MARGIN}"),
        ("[target_metric]\nmargn = 0.1", "unknown key 'target_metric.margn': use one of hypothesis, margin"),
        ("[target_metric]\nfloor = 1", f"target_metric.floor is 1, but {_SHARE}"),
        ("[target_metric]\nfloor = -0.1", f"target_metric.floor is -0.1, but {_SHARE}"),
        (
            "[target_metric]\nhypothesis = 'floor'",
            'target_metric.hypothesis is "floor", but there is no floor above 0: write floor = 0.9',
        ),
        (
            "[schema_validity]\nhypothesis = 'floor'\nfloor = 0",
            'schema_validity.hypothesis is "floor", but there is no floor above 0',
        ),
        (
            "[schema_validity]\nhypothesis = 'floor'\nfloor = 0.9\nmargin = 0.1",
            'schema_validity.margin is 0.1, but hypothesis "floor" asks for the floor alone: leave',
        ),
        ("[target_metric]\nmax_lost = -1", f"target_metric.max_lost is -1, but {_COUNT}"),
        ("[schema_validity]\nmax_lost = 0.5", f"schema_validity.max_lost is 0.5, but {_COUNT}"),
        ("[forgetting]\nmax_lost = true", f"forgetting.max_lost is True, but {_COUNT}"),
        ("[forgetting]\npooled = 'all'", "forgetting.pooled is 'all', but must be true or false"),
        ("[forgetting]\nfloor = 0.5", "unknown key 'forgetting.floor': use one of probes, items, margin"),
        ("[latency]\nmax_lost = 1", "unknown key 'latency.max_lost': use one of metrics"),
        (
            "[target_metric]\nhypothesis = 'better'",
            'is \'better\', but must be "non-inferiority" or "superiority" or "floor"',
        ),
        ("[latency]\nrole = ['gate']", 'latency.role is [\'gate\'], but must be "gate" or "report"'),
        ("[forgetting]\nprobes = []", f"forgetting.probes is [], but {_PROBES}"),
        ("[forgetting]\nprobes = 'sciq'", f"forgetting.probes is 'sciq', but {_PROBES}"),
        ("[forgetting]\nprobes = ['sciq', 3]", f"forgetting.probes is ['sciq', 3], but {_PROBES}"),
        ("[forgetting]\nprobes = ['a', 'a']", f"forgetting.probes is ['a', 'a'], but {_PROBES}"),
        ("[forgetting]\nprobes = ['../x']", f"forgetting.probes is ['../x'], but {_PROBES}"),
        ("[forgetting]\nitems = -5", f"forgetting.items is -5, but {_ITEMS}"),
        ("[latency]\nmetrics = ['speed']", f"latency.metrics is ['speed'], but {_METRICS}"),
        (
            "[latency]\np50_ratio = 0",
            "latency.p50_ratio is 0, but must be a number above 0 and up to 100",
        ),
        ("[latency]\np95_ratio = inf", "latency.p95_ratio is inf, but must be a number above 0"),
        ("[latency]\nmode = 'ajar'", 'latency.mode is \'ajar\', but must be "closed" or "open"'),
        ("[latency]\nrate_per_s = 0", "latency.rate_per_s is 0, but must be a number above 0"),
        ("[latency]\nslo_ttft_s = inf", "latency.slo_ttft_s is inf, but must be a number above 0"),
        ("[reads]\nrequired = 0", "reads.required is 0, but must be a whole number of 1 or more"),
        ("[reads]\nmin_accepted = 90", "reads.min_accepted is 90, but must be a number above 0 and up to 1"),
        ("[latency]\nconcurrency = 0", "latency.concurrency is 0, but must be a whole number of 1 or more"),
        ("waiver = 3", "waiver is 3, but must be a list of tables: write [[waiver]] above the keys of each"),
        ("[waiver]\nsuite = 'latency'", "waiver is {'suite': 'latency'}, but must be a list of tables"),
        ("waiver = ['latency']", "waiver is ['latency'], but must be a list of tables"),
        ("[[waiver]]", 'waiver 1 has no suite: write suite = "forgetting" (or another suite)'),
        (_WAIVER, "waiver 1 has no until: write until = 2027-01-31 (the last day on which it counts)"),
        (
            f"{_WAIVER}until = 2027-01-31\n[[waiver]]\nsuite = 'latency'\nuntil = 2027-01-31",
            'waiver 2 has no reason: write reason = "..." (why this failing may ship; every report shows it)',
        ),
        (
            "[[waiver]]\nsuite = 'latency'\nuntil = 2027-01-31\nreason = ' \\n'".replace("'", '"'),
            "waiver 1.reason is ' \\n', but must be a sentence that says why this failing may ship",
        ),
        ("[[waiver]]\nsuite = 'latencey'", "waiver 1.suite is 'latencey', but must be \"target-metric\" or"),
        ("[[waiver]]\nsuite = ['latency']", "waiver 1.suite is ['latency'], but must be"),
        (f"{_WAIVER}until = 'soon'", f"waiver 1.until is 'soon', but {_DAY}"),
        (f"{_WAIVER}until = '2027-02-29'", f"waiver 1.until is '2027-02-29', but {_DAY}"),
        (f"{_WAIVER}until = 2027", f"waiver 1.until is 2027, but {_DAY}"),
        (f"{_WAIVER}until = 2027-01-31T10:00:00", f"waiver 1.until is 2027-01-31T10:00:00, but {_DAY}"),
        (f"{_WAIVER}untill = 2027-01-31", "unknown key 'waiver 1.untill': use one of suite, until, reason"),
        (f"{_WAIVER}subject = ''", "waiver 1.subject is '', but must be the name of a task or a probe"),
        (f"{_WAIVER}arm = 'rag'", "waiver 1.arm is 'rag', but must be one arm, for example rag-3"),
        (f"{_WAIVER}arm = 3", "waiver 1.arm is 3, but must be one arm, for example rag-3"),
        (
            f"{_WAIVER}until = 2027-01-31\narm = 'rag-3'",
            "waiver 1.arm is 'rag-3', but probes are asked without an arm and it would cover nothing",
        ),
        ("alpha = ", "is not TOML ("),
        ("alpha = 0.1\nalpha = 0.2", "is not TOML ("),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_in_a_sentence(
    tmp_path: Path, text: str, fragment: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InvalidPolicy) as refused:
        load_policy(path)
    assert str(refused.value).startswith(str(path))
    assert fragment in str(refused.value)


@pytest.mark.parametrize(
    ("make", "fragment"),
    [
        (lambda path: None, "could not be read (No such file or directory): give the path of a TOML"),  # noqa: ARG005
        (lambda path: path.mkdir(), "could not be read (Is a directory)"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, make: object, fragment: str) -> None:
    path = tmp_path / "gate.toml"
    assert callable(make)
    make(path)
    with pytest.raises(InvalidPolicy) as refused:
        load_policy(path)
    assert f"gate.toml {fragment}" in str(refused.value)
