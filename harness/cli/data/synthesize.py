"""`weighbridge data synthesize`: a teacher writes examples, and the best of them are kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options as every
from harness.cli.exit_codes import RESUMES, sentences
from harness.cli.option_groups import opened
from reports.plain_text import harmless

if TYPE_CHECKING:
    from harness.experiments.lessons import Pace
    from harness.experiments.synthesize import Prices, Synthesis, SynthesisRequest


_Task = Annotated[str, typer.Option(help="Task by name or folder that the examples are for.")]
_Teacher = Annotated[
    str, typer.Option(help="Who writes: http://host:8000/v1#model, or a checkpoint to serve here.")
]
_Out = Annotated[Path, typer.Option(help="Where the examples are written.")]
_Count = Annotated[int, typer.Option(min=1, help="Examples wanted.")]
_Critic = Annotated[str | None, typer.Option(help="Who judges; the teacher when left out.")]
_KeepShare = Annotated[
    float, typer.Option(help="Best share of what passes that is kept, above 0; 1 keeps all, unjudged.")
]
_Attempts = Annotated[int | None, typer.Option(min=1, help="Most attempts; four for each that has to pass.")]
_Questions = Annotated[
    str, typer.Option(help="Whose questions: teacher, gold, or a file of inputs, a JSON object a line.")
]
_Personas = Annotated[Path | None, typer.Option(help="Who may be asking, one description a line.")]
_Sources = Annotated[
    Path | None, typer.Option(help="Passages to ground in: JSON lines with id and text, or paragraphs.")
]
_Temperature = Annotated[
    float, typer.Option(min=0, max=2, help="At which questions and second replies are drawn.")
]
_MaxTokens = Annotated[
    int | None, typer.Option(min=1, help="Most tokens of a reply, thinking included; the task's own.")
]
_MinScore = Annotated[float, typer.Option(min=0, max=1, help="Lowest score by the task's own scorer.")]
_PriceIn = Annotated[float, typer.Option(min=0, help="Price of a million prompt tokens.")]
_PriceOut = Annotated[float, typer.Option(min=0, help="Price of a million reply tokens.")]
_Licence = Annotated[str, typer.Option(help="Terms under which the teacher's words may be used.")]
_Seed = Annotated[int, typer.Option(help="Draws personas, passages, patterns and replies.")]
_Concurrency = Annotated[int, typer.Option(min=1, help="Attempts under way at once.")]
_TeacherKey = Annotated[str | None, typer.Option(help="Environment variable with the teacher's API key.")]
_CriticKey = Annotated[str | None, typer.Option(help="Environment variable with the critic's API key.")]
_Constrained = Annotated[
    bool, typer.Option("--constrained", help="Have the server decode inside the schema.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The options that say who writes and judges, and on which terms."""

    teacher: _Teacher
    critic: _Critic = None
    price_in: _PriceIn = 0.0
    price_out: _PriceOut = 0.0
    licence: _Licence = ""
    concurrency: _Concurrency = 8
    teacher_key_env: _TeacherKey = None
    critic_key_env: _CriticKey = None

    @property
    def prices(self) -> "Prices":
        """What a million tokens cost."""
        from harness.experiments.synthesize import Prices

        return Prices(prompt=self.price_in, reply=self.price_out)

    @property
    def pace(self) -> "Pace":
        """How fast it is asked; where replies are paid for, none is asked for twice."""
        from harness.experiments.lessons import Pace

        return Pace(concurrency=self.concurrency, resend=not (self.price_in or self.price_out))


@opened
def synthesize(
    task: _Task,
    out: _Out,
    count: _Count,
    keep_share: _KeepShare = 0.5,
    attempts: _Attempts = None,
    questions: _Questions = "teacher",
    personas: _Personas = None,
    sources: _Sources = None,
    temperature: _Temperature = 0.8,
    max_tokens: _MaxTokens = None,
    min_score: _MinScore = 0.9,
    seed: _Seed = 0,
    *,
    writing: Writing,
    constrained: _Constrained = False,
) -> None:
    """Have a teacher write examples, check them, and keep the best share of those that pass.

    A question must have the shape of the task's inputs and be new; a reply must satisfy the
    task's schema and its scorer, or, where that needs a reference, be the same when asked
    again; then a critic ranks them.  Every attempt is kept as it is made, so the same command
    goes on after a stop, and what was rejected is written with the reason.  For example:

      weighbridge data synthesize --task tickets --teacher http://gpu:8000/v1#big --count 99 --out t.jsonl
    """
    with sentences(stopped=RESUMES):
        from harness.config.task_folder import find_task, load_task
        from harness.experiments.data_files import task_name
        from harness.experiments.request import places
        from harness.experiments.synthesize import SynthesisRequest, synthesize
        from reports.progress import shown_progress

        where = places(every.RESULTS)
        folder = find_task(task, tasks_dir=where.tasks)
        request = SynthesisRequest(
            task=load_task(folder),
            task_name=task_name(folder, where),
            teacher=writing.teacher,
            out=out,
            count=count,
            critic=writing.critic,
            keep_share=keep_share,
            attempts=attempts,
            questions=questions,
            personas=personas,
            sources=sources,
            constrained=constrained,
            temperature=temperature,
            max_tokens=max_tokens,
            min_score=min_score,
            prices=writing.prices,
            licence=writing.licence,
            seed=seed,
            pace=writing.pace,
            teacher_key=writing.teacher_key_env,
            critic_key=writing.critic_key_env,
        )
        _show(synthesize(request, where, shown_progress()), request)


def _show(made: "Synthesis", request: "SynthesisRequest") -> None:
    from training.data.rejected import REJECTED
    from training.data.step import aside_path

    counts, out = made.manifest.counts, request.out
    rejected = ", ".join(f"{count} by {check}" for check, count in made.selection.checks.most_common())
    told = (
        f"{made.manifest.output.examples} examples written to {out}, from {made.attempts} attempts; "
        f"{rejected or 'none'} rejected, see {aside_path(out, REJECTED)}."
    )
    print(harmless(told))
    prompt = counts["prompt_tokens"] + counts["critic_prompt_tokens"]
    reply = counts["completion_tokens"] + counts["critic_completion_tokens"]
    terms = request.licence or "not stated"
    spent = f"{prompt:,} prompt and {reply:,} reply tokens, cost {made.cost:g}; licence: {terms}."
    print(harmless(spent))
