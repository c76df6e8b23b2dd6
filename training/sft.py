"""Supervised fine-tuning: only the tokens of the reply carry loss."""

from collections.abc import Sequence
from typing import Any

from training.arguments import trainer_arguments
from training.base_model import lora_config
from training.job import Job
from training.rows import COMPLETION, Row, as_turns


def sft_trainer(
    job: Job,
    model: Any,  # noqa: ANN401 - untyped
    tokenizer: Any,  # noqa: ANN401 - untyped
    rows: tuple[Sequence[Row], Sequence[Row]],
    *,
    on_gpu: bool,
) -> Any:  # noqa: ANN401 - untyped
    """Return the trainer of a job on its training and validation rows."""
    from trl import SFTConfig, SFTTrainer

    score_learnt_positions_only()
    training, validation = rows
    return SFTTrainer(
        model=model,
        args=SFTConfig(**trainer_arguments(job, on_gpu=on_gpu), completion_only_loss=True),
        train_dataset=completions(training),
        eval_dataset=completions(validation),
        processing_class=tokenizer,
        # A back end may have put its own adapter on already.
        peft_config=None if hasattr(model, "peft_config") else lora_config(job.recipe),
    )


def completions(rows: Sequence[Row]) -> Any:  # noqa: ANN401 - untyped
    """Return the rows as TRL's prompt-completion data, which it masks by itself."""
    from datasets import Dataset

    return Dataset.from_list(
        [
            {
                "prompt": as_turns(row.prompt),
                "completion": [{"role": "assistant", "content": row.replies[COMPLETION]}],
            }
            for row in rows
        ]
    )


def score_learnt_positions_only() -> None:
    """Have TRL send only learnt positions through the output layer, on a processor as on a GPU.

    TRL 1.16 sends every position where there is no Triton, though masked ones get no loss: with
    long prompts and a large vocabulary that is most of the memory and a third of the time
    (docs/decisions/0023).  The result is the same.
    """
    import trl.trainer.utils as inner

    if hasattr(inner, "_use_triton"):
        inner._use_triton = _always  # noqa: SLF001 - there is no switch for it


def _always(_device: object) -> bool:
    return True
