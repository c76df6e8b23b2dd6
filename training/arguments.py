"""Recipe -> the arguments of a trainer: one table for supervised training and for preferences."""

from typing import Any

from training.job import Job

_KEPT_STATES = 2


def trainer_arguments(job: Job, *, on_gpu: bool) -> dict[str, Any]:
    """Return the keyword arguments that TRL's configurations share.

    Rows are neither cut nor dropped by the trainer: they were measured before.  A loss that is
    not a number is logged as it is, so that it can be seen and stopped.
    """
    recipe = job.recipe
    return {
        "output_dir": str(job.state),
        "use_cpu": not on_gpu,
        "bf16": on_gpu,
        "gradient_checkpointing": recipe.gradient_checkpointing,
        "per_device_train_batch_size": recipe.batch_examples,
        "per_device_eval_batch_size": recipe.batch_examples,
        "gradient_accumulation_steps": recipe.accumulate_batches,
        "num_train_epochs": recipe.epochs,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": recipe.schedule,
        "warmup_steps": recipe.warmup_share,
        "optim": "paged_adamw_8bit" if on_gpu and recipe.quantization == "nf4" else "adamw_torch",
        "max_length": None,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        # Prompts of different arms differ much in length: mixed batches would be mostly padding.
        # TRL's preference data has no single length to group by.
        "train_sampling_strategy": "random" if recipe.method == "dpo" else "group_by_length",
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "save_total_limit": _KEPT_STATES,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "restore_callback_states_from_checkpoint": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
        "dataloader_pin_memory": on_gpu,
        "disable_tqdm": True,
        "report_to": "none",
    }


def quiet_libraries() -> None:
    """Keep progress bars and notices of libraries out of the log, which is for what went wrong."""
    import datasets
    import transformers

    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
