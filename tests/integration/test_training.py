"""Real trainings of a tiny random Llama: what is learnt, kept, resumed and refused."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import InvalidRecipe, Message, Precision, Role, TrainingError
from harness.experiments.request import Places, places
from harness.experiments.training import Trained, TrainRequest, train
from serving.checkpoints import resolve_checkpoint
from training.certificate import Certificate, read_certificate, read_shingles
from training.events import EpochEnded, Event, Finished, Stepped
from training.job import Job, keep_shingles, write_job
from training.recipe import parse_recipe
from training.rows import Row, write_rows
from training.shingles import shingles

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
ENDS = {"eos_token": "<|im_end|>", "pad_token": "<|im_end|>"}
EPOCHS = 3


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama that reads bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("base")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **ENDS)
    fast.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "train.jsonl"
    turns = [
        [{"role": "user", "content": f"{n} + 1?"}, {"role": "assistant", "content": str(n + 1)}]
        for n in range(40)
    ]
    path.write_text(
        "".join(json.dumps({"id": f"e{n}", "messages": each}) + "\n" for n, each in enumerate(turns))
    )
    return path


@pytest.fixture(scope="module")
def recipe_fields(base: Path, data: Path) -> dict[str, Any]:
    return {
        "base": str(base),
        "data": str(data),
        "epochs": float(EPOCHS),
        "learning_rate": 0.01,
        "batch_examples": 4,
        "lora": {"rank": 4, "dropout": 0.1},
        "max_tokens": 256,
    }


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return dataclasses.replace(
        places(tmp_path_factory.mktemp("results")), cache=tmp_path_factory.mktemp("cache")
    )


@pytest.fixture(scope="module")
def request_of(recipe_fields: dict[str, Any], where: Places) -> Callable[..., TrainRequest]:
    def build(out: Path, **fields: object) -> TrainRequest:
        recipe = parse_recipe({**recipe_fields, **fields}, where="test")
        return TrainRequest(
            recipe=recipe, near=out.parent, out=out, places=where, accepted_by="a test", owner="Ada"
        )

    return build


@pytest.fixture(scope="module")
def unbroken(
    request_of: Callable[..., TrainRequest], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Trained, list[Event]]:
    """A training from its beginning to its end, and what was told of it."""
    heard: list[Event] = []
    out = tmp_path_factory.mktemp("unbroken") / "out"
    return train(request_of(out), _silent, heard.append), heard


def test_a_training_leaves_an_adapter_an_epoch_and_the_loss_falls(
    unbroken: tuple[Trained, list[Event]],
) -> None:
    trained, heard = unbroken
    assert [folder.name for folder in trained.epochs] == ["epoch-1", "epoch-2", "epoch-3"]
    validation = [event.validation_loss for event in heard if isinstance(event, EpochEnded)]
    assert len(validation) == EPOCHS
    assert validation[-1] < validation[0]
    steps = [event for event in heard if isinstance(event, Stepped)]
    assert [event.step for event in steps] == list(range(1, 9 * EPOCHS + 1))
    assert isinstance(heard[-1], Finished)
    assert not list(trained.out.glob(".*"))


def test_every_epoch_is_a_checkpoint_with_its_birth_certificate(
    unbroken: tuple[Trained, list[Event]], base: Path, where: Places
) -> None:
    trained, _ = unbroken
    for number, folder in enumerate(trained.epochs, start=1):
        found = resolve_checkpoint(
            str(folder), cache=where.cache, precision=Precision.FLOAT32, max_model_len=512, say=_silent
        )
        assert (found.adapter, found.weights) == (folder, base)
        certificate = read_certificate(folder)
        assert certificate is not None
        assert (certificate.epoch, len(certificate.losses)) == (number, number)
        assert (certificate.quantization, certificate.owner, certificate.examples) == ("nf4", "Ada", 36)
        assert certificate.overrides == (
            "a test accepted training although nobody has reviewed the training data",
        )
        assert len(certificate.template_digest) == 64
        assert certificate.peak_memory_bytes
        learnt = read_shingles(folder)
        assert learnt is not None
        assert any(shingles(f"{n} + 1?") <= learnt for n in range(40))
        assert not shingles("never asked") & learnt


def test_the_same_command_trains_nothing_anew(
    unbroken: tuple[Trained, list[Event]], request_of: Callable[..., TrainRequest]
) -> None:
    heard: list[Event] = []
    again = train(request_of(unbroken[0].out), _silent, heard.append)
    assert heard == []
    assert again.finished == unbroken[0].finished
    with pytest.raises(InvalidRecipe, match="holds another training, the recipe of which differ"):
        train(request_of(unbroken[0].out, seed=9), _silent, heard.append)


def test_a_killed_training_resumes_to_the_losses_of_an_unbroken_one(
    unbroken: tuple[Trained, list[Event]],
    request_of: Callable[..., TrainRequest],
    recipe_fields: dict[str, Any],
    where: Places,
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    recipe = tmp_path / "recipe.toml"
    plain = {name: value for name, value in recipe_fields.items() if not isinstance(value, dict)}
    tables = "".join(
        f"[{name}]\n{_toml(value)}" for name, value in recipe_fields.items() if isinstance(value, dict)
    )
    recipe.write_text(_toml(plain) + tables)
    command = [sys.executable, "-c", "from harness.cli import main; main()", "train", str(recipe)]
    process = subprocess.Popen(
        [*command, "--out", str(out), "--accept-unreviewed-by", "a test", "--owner", "Ada"],
        env={**os.environ, "WEIGHBRIDGE_CACHE": str(where.cache), "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.DEVNULL,
    )
    while not (out / "run" / "state").is_dir() or not list(
        (out / "run" / "state").glob("*/trainer_state.json")
    ):
        assert process.poll() is None, "the training ended before it could be killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "finished.json").exists()

    heard: list[Event] = []
    resumed = train(request_of(out), _silent, heard.append)
    first = next(event for event in heard if isinstance(event, Stepped))
    assert first.step > 9
    assert _losses(resumed) == pytest.approx(_losses(unbroken[0]), abs=1e-3)


def _losses(trained: Trained) -> list[float]:
    certificate = read_certificate(trained.epochs[-1])
    assert certificate is not None
    return [loss for losses in certificate.losses for loss in losses if loss is not None]


@pytest.fixture
def job_of(base: Path, recipe_fields: dict[str, Any], tmp_path: Path) -> Callable[..., Job]:
    """Makes a job that this process itself can train, of rows with these replies."""

    def build(
        rows: int = 8, replies: dict[str, str] | None = None, folder: Path = base, **fields: object
    ) -> Job:
        recipe = parse_recipe({**recipe_fields, "epochs": 1.0, **fields}, where="test")
        certificate = Certificate(
            created_at="",
            method=recipe.method,
            base=str(folder),
            base_digest="",
            quantization=recipe.quantization,
            prompt_arms={"zero-shot": 1.0},
            task="",
            data_digest="",
            examples=rows,
            template_digest="",
            recipe=recipe.model_dump(mode="json"),
        )
        job = Job(
            base=str(folder),
            base_name=str(folder),
            out=str(tmp_path / "out"),
            certificate=certificate,
            precision=Precision.FLOAT32,
        )
        write_job(job)
        made = [_row(number, replies or {"completion": f"{number + 1}"}) for number in range(rows)]
        write_rows(job.training_rows, made)
        write_rows(job.validation_rows, made[:2])
        keep_shingles(job, frozenset())
        return job

    return build


def _row(number: int, replies: dict[str, str]) -> Row:
    prompt = (Message(role=Role.USER, content=f"{number} + 1?"),)
    return Row(id=f"r{number}", arm="zero-shot", prompt=prompt, replies=replies)


def test_only_the_tokens_of_the_reply_carry_loss(job_of: Callable[..., Job]) -> None:
    from training.fit import trainer_of
    from training.prepare import prepare

    ready = prepare(job_of(), _silent)
    trainer = trainer_of(ready)
    batch = next(iter(trainer.get_train_dataloader()))
    for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        learnt = ready.tokenizer.decode(ids[labels != -100])
        shown = ready.tokenizer.decode(ids[labels == -100])
        number = int(shown.split("user\n")[1].split(" ")[0])
        assert learnt == f"{number + 1}<|im_end|>\n"
        assert shown.startswith(f"<|im_start|>user\n{number} + 1?<|im_end|>\n<|im_start|>assistant\n")


def test_leaving_masked_positions_out_of_the_output_layer_changes_no_loss(
    job_of: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    import trl.trainer.utils

    from training.fit import trainer_of
    from training.prepare import prepare

    trainer = trainer_of(prepare(job_of(lora={"rank": 4}), _silent))
    batch = next(iter(trainer.get_eval_dataloader()))
    trainer.model.eval()
    few = trainer.compute_loss(trainer.model, dict(batch)).item()
    monkeypatch.setattr(trl.trainer.utils, "_use_triton", lambda _device: False)
    every = trainer.compute_loss(trainer.model, dict(batch)).item()
    assert few == pytest.approx(every, rel=1e-6)


def test_gradients_are_the_same_after_an_evaluation_as_before(base: Path) -> None:
    """On AVX512-BF16, bitsandbytes 0.50 repacks 4-bit weights in an evaluation; gradients are noise after."""
    import torch
    from peft import LoraConfig, get_peft_model

    from training.nf4 import load_nf4

    torch.manual_seed(1)
    model = get_peft_model(
        load_nf4(base, compute=Precision.BFLOAT16),
        LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False),
    )
    tokens = torch.arange(40).reshape(2, 20)

    def gradients() -> list[Any]:
        model.zero_grad()
        model.train()
        model(input_ids=tokens, labels=tokens).loss.backward()
        return [each.grad.clone() for each in model.parameters() if each.requires_grad]

    before = gradients()
    model.eval()
    with torch.no_grad():
        model(input_ids=tokens)
    after = gradients()
    assert any(bool(each.abs().sum() > 0) for each in before)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_base_held_for_several_processes_says_what_the_other_says(base: Path) -> None:
    import torch

    from training.nf4 import load_nf4

    kept = load_nf4(base, compute=Precision.BFLOAT16)
    cells = load_nf4(base, compute=Precision.BFLOAT16, sharded=True)
    assert {each.dtype for each in kept.parameters()} == {torch.bfloat16, torch.uint8}
    assert {each.dtype for each in cells.parameters()} == {torch.bfloat16}
    tokens = torch.arange(40).reshape(2, 20)
    with torch.no_grad():
        assert torch.equal(kept(input_ids=tokens).logits, cells(input_ids=tokens).logits)


def test_preferences_are_learnt_from_the_same_recipe(job_of: Callable[..., Job]) -> None:
    from training.fit import fit
    from training.prepare import prepare

    job = job_of(replies={"chosen": "yes", "rejected": "no"}, method="dpo", epochs=4.0)
    heard: list[Event] = []
    fit(prepare(job, heard.append), heard.append)
    losses = [event.validation_loss for event in heard if isinstance(event, EpochEnded)]
    assert losses[-1] < losses[0] < 0.6931
    certificate = read_certificate(Path(job.out) / "epoch-4")
    assert certificate is not None
    assert certificate.method == "dpo"


def test_worse_and_worse_validation_stops_the_training(job_of: Callable[..., Job]) -> None:
    from training.fit import fit
    from training.prepare import prepare

    job = job_of(epochs=12.0, stop_after_worse_epochs=1)
    write_rows(job.validation_rows, [_row(number, {"completion": "zzzzzz"}) for number in range(4)])
    heard: list[Event] = []
    fit(prepare(job, heard.append), heard.append)
    done = heard[-1]
    assert isinstance(done, Finished)
    assert done.stopped_early
    assert sum(isinstance(event, EpochEnded) for event in heard) < 12


def test_a_loss_that_is_no_number_stops_at_once_and_keeps_nothing_of_it(
    job_of: Callable[..., Job], base: Path, tmp_path: Path
) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    from training.fit import fit
    from training.prepare import prepare

    poisoned = tmp_path / "poisoned"
    shutil.copytree(base, poisoned)
    weights = load_file(poisoned / "model.safetensors")
    weights["model.norm.weight"][0] = float("nan")
    save_file(weights, poisoned / "model.safetensors", metadata={"format": "pt"})
    job = job_of(folder=poisoned)
    with pytest.raises(TrainingError, match=r"became nan at step 1 .*no epoch was finished before: lower"):
        fit(prepare(job, _silent), _silent)
    assert [path.name for path in Path(job.out).iterdir()] == ["run"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"max_tokens": 16}, r"8 of 8 examples are longer than 16 tokens"),
        ({"lora": {"target_modules": ["q_proj", "w_proj"]}}, r"names 'w_proj'.*down_proj, gate_proj, k_proj"),
        ({"lora": {"target_modules": ["lm_head"]}}, r"names 'lm_head'"),
        ({"backend": "unsloth"}, r'backend is "unsloth", which is not installed'),
    ],
)
def test_what_cannot_be_trained_is_refused_before_a_model_is_loaded(
    job_of: Callable[..., Job], fields: dict[str, Any], said: str
) -> None:
    from training.prepare import prepare

    with pytest.raises(InvalidRecipe, match=said):
        prepare(job_of(**fields), _silent)


def test_a_model_that_does_not_fit_is_refused_with_the_smallest_change(
    job_of: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import prepare as preparing

    job = job_of(batch_examples=8)
    monkeypatch.setattr(preparing, "held_bytes", lambda **_: 0)
    full = preparing.prepare(job, _silent).estimate.memory_bytes
    monkeypatch.setattr(preparing, "available_bytes", lambda **_: full - 1)
    with pytest.raises(
        InvalidRecipe, match="batch_examples = 4 with accumulate_batches = 2, which learns the same"
    ):
        preparing.prepare(job, _silent)


def test_the_shipped_fsdp_configuration_is_one_that_accelerate_reads() -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    import training

    config = load_config_from_file(str(Path(training.__file__).parent / "accelerate" / "fsdp.yaml"))
    assert config.distributed_type == "FSDP"
    assert config.fsdp_config["fsdp_version"] == 2


def _toml(fields: dict[str, Any]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())


def _silent(_: object) -> None:
    return
