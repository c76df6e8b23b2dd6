"""Direct preference optimisation: of two replies, the accepted one becomes likelier (Rafailov 2023).

The reference is the base with the adapter switched off, so no second model is held.
"""

from collections.abc import Sequence
from typing import Any

from training.arguments import trainer_arguments
from training.base_model import lora_config
from training.job import Job
from training.rows import CHOSEN, REJECTED, Row, as_turns
from training.sft import score_learnt_positions_only


def dpo_trainer(
    job: Job,
    model: Any,  # noqa: ANN401 - untyped
    tokenizer: Any,  # noqa: ANN401 - untyped
    rows: tuple[Sequence[Row], Sequence[Row]],
    *,
    on_gpu: bool,
) -> Any:  # noqa: ANN401 - untyped
    """Return the trainer of a job on its training and validation preferences."""
    from trl import DPOConfig, DPOTrainer

    score_learnt_positions_only()
    training, validation = rows
    return DPOTrainer(
        model=model,
        args=DPOConfig(**trainer_arguments(job, on_gpu=on_gpu), beta=job.recipe.preference.beta),
        train_dataset=preferences(training),
        eval_dataset=preferences(validation),
        processing_class=tokenizer,
        peft_config=None if hasattr(model, "peft_config") else lora_config(job.recipe),
    )


def preferences(rows: Sequence[Row]) -> Any:  # noqa: ANN401 - untyped
    """Return the rows as TRL's preference data."""
    from datasets import Dataset

    return Dataset.from_list(
        [
            {
                "prompt": as_turns(row.prompt),
                "chosen": [{"role": "assistant", "content": row.replies[CHOSEN]}],
                "rejected": [{"role": "assistant", "content": row.replies[REJECTED]}],
            }
            for row in rows
        ]
    )
