from harness.domain.reading_summary import JudgeRow, ReadingSummary
from reports.review.summary import summary_lines

JUDGE = JudgeRow(
    judge="large\x1b[31m",
    accepted=0,
    confirmed=0,
    rejected=0,
    refused=0,
    kappa=None,
    low=0.0,
    items=40,
    inconsistent=33,
    failures=1,
    prompt_tokens=41_000,
    completion_tokens=700,
    candidate=0.5875,
    baseline=0.55,
)
UNREAD = ReadingSummary(
    gate_id="0123",
    readable=40,
    differing=35,
    readers=(),
    sides=(),
    only_candidate=0,
    only_baseline=0,
    judge=JUDGE,
)


def test_a_judge_whom_nobody_has_borne_out_is_told_with_what_it_lacks() -> None:
    told = "\n".join(summary_lines(UNREAD))
    assert "Nobody has read any yet." in told
    assert "40 items in both orders, of two minds on 33, without an answer on 1" in told
    assert "58.8 % of the candidate's replies and 55.0 % of the baseline's, a tie being half of one" in told
    assert "counts only where people's reads bear it out" in told
    assert "With people it took" not in told
    assert "\x1b" not in told
