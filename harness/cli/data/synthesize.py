"""`weighbridge data synthesize`: a teacher writes examples, and the best of them are kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.exit_codes import sentences

if TYPE_CHECKING:
    from harness.experiments.synthesize import Synthesis, SynthesisRequest


def synthesize(
    task: Annotated[str, typer.Option(help="Task by name or folder that the examples are for.")],
    teacher: Annotated[
        str, typer.Option(help="Who writes: http://host:8000/v1#model, or a checkpoint to serve here.")
    ],
    out: Annotated[Path, typer.Option(help="Where the examples are written.")],
    count: Annotated[int, typer.Option(min=1, help="Examples wanted.")],
    critic: Annotated[str | None, typer.Option(help="Who judges; the teacher when left out.")] = None,
    keep_share: Annotated[
        float, typer.Option(help="Best share of what passes that is kept, above 0; 1 keeps all, unjudged.")
    ] = 0.5,
    attempts: Annotated[
        int | None, typer.Option(min=1, help="Most attempts; four for each that has to pass.")
    ] = None,
    questions: Annotated[
        str, typer.Option(help="Whose questions: teacher, gold, or a file of inputs, a JSON object a line.")
    ] = "teacher",
    personas: Annotated[Path | None, typer.Option(help="Who may be asking, one description a line.")] = None,
    sources: Annotated[
        Path | None, typer.Option(help="Passages to ground in: JSON lines with id and text, or paragraphs.")
    ] = None,
    temperature: Annotated[
        float, typer.Option(min=0, max=2, help="At which questions and second replies are drawn.")
    ] = 0.8,
    min_score: Annotated[
        float, typer.Option(min=0, max=1, help="Lowest score by the task's own scorer.")
    ] = 0.9,
    price_in: Annotated[float, typer.Option(min=0, help="Price of a million prompt tokens.")] = 0.0,
    price_out: Annotated[float, typer.Option(min=0, help="Price of a million reply tokens.")] = 0.0,
    licence: Annotated[str, typer.Option(help="Terms under which the teacher's words may be used.")] = "",
    seed: Annotated[int, typer.Option(help="Draws personas, passages, patterns and replies.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="Attempts under way at once.")] = 8,
    teacher_key_env: Annotated[
        str | None, typer.Option(help="Environment variable with the teacher's API key.")
    ] = None,
    critic_key_env: Annotated[
        str | None, typer.Option(help="Environment variable with the critic's API key.")
    ] = None,
    *,
    constrained: Annotated[
        bool, typer.Option("--constrained", help="Have the server decode inside the schema.")
    ] = False,
) -> None:
    """Have a teacher write examples, check them, and keep the best share of those that pass.

    A question must have the shape of the task's inputs and be new; a reply must satisfy the
    task's schema and its scorer, or, where that needs a reference, be the same when asked
    again; then a critic ranks them.  Every attempt is kept as it is made, so the same command
    goes on after a stop, and what was rejected is written with the reason.  For example:

      weighbridge data synthesize --task tickets --teacher http://localhost:8000/v1#big --count 200
      --out made.jsonl
    """
    with sentences():
        from harness.config.task_folder import find_task, load_task
        from harness.experiments.lessons import Pace
        from harness.experiments.request import places
        from harness.experiments.synthesize import Prices, SynthesisRequest, synthesize
        from reports.progress import shown_progress

        where = places(Path("results"))
        request = SynthesisRequest(
            task=load_task(find_task(task, tasks_dir=where.tasks)),
            teacher=teacher,
            out=out,
            count=count,
            critic=critic,
            keep_share=keep_share,
            attempts=attempts,
            questions=questions,
            personas=personas,
            sources=sources,
            constrained=constrained,
            temperature=temperature,
            min_score=min_score,
            prices=Prices(prompt=price_in, reply=price_out),
            licence=licence,
            seed=seed,
            pace=Pace(concurrency=concurrency, resend=not (price_in or price_out)),
            teacher_key=teacher_key_env,
            critic_key=critic_key_env,
        )
        _show(synthesize(request, where, shown_progress()), request)


def _show(made: "Synthesis", request: "SynthesisRequest") -> None:
    from training.data.rejected import rejected_path

    counts, out = made.manifest.counts, request.out
    rejected = ", ".join(f"{count} by {check}" for check, count in made.selection.checks.most_common())
    print(
        f"{made.manifest.output.examples} examples written to {out}, from {made.attempts} attempts; "
        f"{rejected or 'none'} rejected, see {rejected_path(out)}."
    )
    prompt = counts["prompt_tokens"] + counts["critic_prompt_tokens"]
    reply = counts["completion_tokens"] + counts["critic_completion_tokens"]
    terms = request.licence or "not stated"
    print(f"{prompt:,} prompt and {reply:,} reply tokens, cost {made.cost:g}; licence: {terms}.")
