"""The page of a pre-flight that lets training proceed."""

from pathlib import Path

import pytest

from harness.cli.show_preflight import show_preflight
from harness.experiments.preflight import Preflight
from training.preflight.check import no, yes
from training.preflight.checklist import Checklist

GOOD = Checklist(checks=(yes("owner", "Ada"), yes("evaluation set", "60 items")), remarks=("Mind the gap.",))
BAD = Checklist(
    checks=(yes("owner", "Ada"), no("few-shot", "none", "Measure it", "weighbridge eval")), remarks=()
)


@pytest.mark.parametrize(
    ("found", "where", "page"),
    [
        (
            Preflight(checklist=GOOD, recipe='base = "small"\n'),
            Path("my recipe.toml"),
            """\
PROCEED  2 of 2 questions are answered with yes.

 yes  owner           Ada
 yes  evaluation set  60 items

Note: Mind the gap.

Recipe: my recipe.toml; train with
  weighbridge train 'my recipe.toml' --out ADAPTER --review REVIEW
""",
        ),
        (
            Preflight(checklist=GOOD, recipe='base = "small"\n'),
            None,
            """\
PROCEED  2 of 2 questions are answered with yes.

 yes  owner           Ada
 yes  evaluation set  60 items

Note: Mind the gap.

Recipe (write it to a file with --recipe-out):

base = "small"
""",
        ),
        (
            Preflight(checklist=BAD, recipe=None),
            Path("recipe.toml"),
            """\
DO NOT TRAIN  1 of 2 questions are answered with yes.

 yes  owner     Ada
  NO  few-shot  none

Do first:
  1. few-shot: Measure it
     weighbridge eval
""",
        ),
    ],
    ids=["recipe written", "recipe shown", "do not train"],
)
def test_the_page_gives_the_advice_the_answers_and_what_follows(
    found: Preflight, where: Path | None, page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_preflight(found, where, json=False)
    assert capsys.readouterr().out == page
