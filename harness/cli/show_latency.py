"""What `weighbridge latency` prints: a row a waiting time, then goodput, then the client itself."""

from collections.abc import Iterator

import msgspec

from harness.cli.show import print_json, show_rows
from harness.engine.closed_loop import ClosedLoop
from harness.engine.stop_watch import Pace
from harness.experiments.capacity import Capacity
from harness.experiments.latency import Timed
from harness.experiments.latency_summary import SHOWN, LatencySummary, shown_ms


def show_timed(timed: Timed, *, json: bool) -> None:
    """Print the waiting times at one load, and whether they may be used."""
    if json:
        print_json(_plain(timed))
        return
    summary = timed.summary
    columns = ("ms", *(f"p{100 * q:g}" for q in SHOWN), "of")
    rows = [
        (each.metric.removesuffix("_s"), *map(shown_ms, each.seconds), each.n) for each in summary.percentiles
    ]
    show_rows(columns, rows, json=False)
    print()
    for sentence in (f"{_load(timed.pace)}.", *_sentences(summary)):
        print(sentence)


def show_capacity(found: Capacity, *, json: bool) -> None:
    """Print every rate that was tried, and the highest that was carried."""
    if json:
        print_json(
            {
                "rate_per_s": found.search.good,
                "not_carried_per_s": found.search.bad,
                "doubt": found.doubt,
                "invalid": found.invalid,
                "tried": [_plain(each) for each in found.tried],
            }
        )
        return
    columns = ("load", "good", "ttft p95 ms", "tpot p95 ms", "tokens/s", "believed")
    show_rows(columns, [_tried(each) for each in found.tried], json=False)
    print()
    print(_found(found))


def _found(found: Capacity) -> str:
    good, bad, doubt = found.search.good, found.search.bad, found.doubt
    if found.invalid is not None:
        return f"INVALID: at {_load(found.tried[-1].pace)} {found.invalid}."
    if good is None:
        return "No rate was carried: widen the objective or use a faster server."
    if bad is None:
        return f"{good:.4g} requests a second are carried, and no higher rate was tried."
    if doubt is not None:
        return f"{good:.4g} requests a second are carried, and perhaps more: at {bad:.4g} {doubt}."
    return f"{good:.4g} requests a second are carried; {bad:.4g} are not."


def _load(pace: Pace) -> str:
    if isinstance(pace, ClosedLoop):
        return f"{pace.concurrency} in flight"
    return f"{pace.rate_per_s:.4g} a second"


def _sentences(summary: LatencySummary) -> Iterator[str]:
    yield (
        f"Goodput: {100 * summary.goodput_share:.1f} % of {summary.requests} requests met the objective "
        f"({summary.failures} failed), {summary.goodput_per_s:.3g} of {summary.requests_per_s:.3g} a second; "
        f"{summary.output_tokens_per_s:.4g} output tokens/s."
    )
    shown = "/".join(f"p{100 * q:g}" for q in SHOWN)
    late, lag = (
        "/".join(f"{1e3 * each:.2g}" for each in values) for values in (summary.lateness_s, summary.lag_s)
    )
    yield (
        f"The client: requests begun {late} ms late, its event loop {lag} ms behind ({shown}); "
        f"{100 * summary.busy_share:.0f} % of a core; {100 * summary.achieved_rate_share:.1f} % of the "
        f"planned rate; {100 * summary.coalesced_share:.1f} % of chunks came together; "
        f"{100 * summary.prefix_cache_hit_share:.0f} % of prompt tokens cached."
    )
    if summary.invalid is not None:
        yield f"INVALID: {summary.invalid}."


def _tried(timed: Timed) -> tuple[object, ...]:
    by_metric = {each.metric: shown_ms(each.seconds[1]) for each in timed.summary.percentiles}
    return (
        _load(timed.pace),
        f"{100 * timed.summary.goodput_share:.1f} %",
        by_metric["ttft_s"],
        by_metric["tpot_s"],
        f"{timed.summary.output_tokens_per_s:.4g}",
        timed.summary.invalid or "yes",
    )


def _plain(timed: Timed) -> dict[str, object]:
    pace = timed.pace
    plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(timed.summary))
    return {
        "concurrency": pace.concurrency if isinstance(pace, ClosedLoop) else None,
        "rate_per_s": None if isinstance(pace, ClosedLoop) else pace.rate_per_s,
        "quantiles": list(SHOWN),
        **plain,
    }
