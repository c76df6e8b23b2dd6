"""`weighbridge data synthesize` against scripted teachers: what is kept, what is not, and going on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.backends.openai_http import HttpSettings, OpenAiBackend
from harness.backends.session import HttpSession
from harness.domain.checkpoint import Endpoint
from harness.experiments import voices
from tests.fakes.fixtures import Done, RunProgram
from tests.fakes.openai_server import FakeServer
from tests.fakes.teachers import careful, careless, fickle, hopeless, hostile
from tests.fakes.tickets import tickets
from training.data.review import read_review
from training.example_rows import examples_digest, read_examples


@pytest.fixture
def school() -> Iterator[FakeServer]:
    models = {
        "careful": careful(),
        "careless": careless(),
        "hopeless": hopeless(),
        "fickle": fickle(),
        "hostile": hostile(),
    }
    with FakeServer(models) as running:
        yield running


def made(weighbridge: RunProgram, school: FakeServer, *more: object, teacher: str = "careless") -> Done:
    options = ("--task", "tickets", "--teacher", school.checkpoint(teacher), "--out", "t.jsonl")
    return weighbridge("data", "synthesize", *options, "--count", 20, *more)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_is_asked_for_is_written_and_all_the_rest_is_kept_with_its_reason(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    done = made(weighbridge, school, "--price-in", 2, "--price-out", 10, "--licence", "MIT")
    assert (done.status, done.err.count("weighbridge:")) == (0, 0)
    assert done.out.startswith("20 examples written to t.jsonl, from ")
    task = tickets()
    examples = read_examples(in_tmp / "t.jsonl", task=task)
    assert len({example.question for example in examples}) == 20
    assert {example.source for example in examples} == {"careless"}
    asked = {task.ask(item.inputs) for item in (*task.items, *task.gold)}
    assert not asked & {example.question for example in examples}

    manifest = json.loads((in_tmp / "t.jsonl.manifest.json").read_text())
    assert manifest["step"] == "synthesize"
    assert manifest["output"]["examples"] == 20
    assert manifest["output"]["digest"] == examples_digest(examples)
    counts, settings = manifest["counts"], manifest["settings"]
    assert (settings["licence"], settings["checked by"]) == ("MIT", "asking twice")
    prompt = counts["prompt_tokens"] + counts["critic_prompt_tokens"]
    reply = counts["completion_tokens"] + counts["critic_completion_tokens"]
    assert settings["cost"] == pytest.approx((2 * prompt + 10 * reply) / 1e6)
    assert f"cost {settings['cost']:g}; licence: MIT." in done.out
    assert counts["passed"] == 40

    rejected = rows(in_tmp / "t.rejected.jsonl")
    assert {row["check"] for row in rejected} == {"question", "repeat", "schema", "critic"}
    assert all(row["reason"] for row in rejected)
    outdone = [row for row in rejected if row["reason"].endswith("were kept in its place")]
    assert len(outdone) == 20
    lowest = min(each["critic"] for each in rows(in_tmp / "t.attempts.jsonl")[1:] if kept(each, examples))
    assert max(row["critic"] for row in outdone) <= lowest


def kept(attempt: dict[str, Any], examples: tuple[Any, ...]) -> bool:
    return attempt["inputs"] in [example.inputs for example in examples]


def test_the_same_command_again_asks_nothing_and_one_for_fewer_neither(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    made(weighbridge, school)
    before, asked = (in_tmp / "t.jsonl").read_bytes(), len(school.chats())
    assert made(weighbridge, school).status == 0
    assert (in_tmp / "t.jsonl").read_bytes() == before
    assert made(weighbridge, school, "--count", 5).status == 0
    assert len(read_examples(in_tmp / "t.jsonl", task=tickets())) == 5
    assert len(school.chats()) == asked


@pytest.mark.parametrize("share", [0.0, 0.02, 0.4, 0.95])
def test_a_run_that_was_broken_off_goes_on_to_what_an_unbroken_one_writes(
    share: float, weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    made(weighbridge, school)
    names = ("t.jsonl", "t.rejected.jsonl")
    unbroken = [(in_tmp / name).read_bytes() for name in names]
    lines = sorted((in_tmp / "t.attempts.jsonl").read_bytes().splitlines(keepends=True)[1:])
    head = (in_tmp / "t.attempts.jsonl").read_bytes().splitlines(keepends=True)[0]
    answered = int(share * len(lines))
    for name in (*names, "t.jsonl.manifest.json"):
        (in_tmp / name).unlink()
    (in_tmp / "t.attempts.jsonl").write_bytes(b"".join([head, *lines[:answered]]) + lines[answered][:20])
    school.fail_next(1, status=401)
    broken = made(weighbridge, school, "--concurrency", 3)
    assert broken.status == 2
    assert "gave no reply (HTTP 401" in broken.complaint
    assert not (in_tmp / "t.jsonl").exists()
    assert made(weighbridge, school, "--concurrency", 2).status == 0
    assert [(in_tmp / name).read_bytes() for name in names] == unbroken


def test_a_hopeless_teacher_is_said_to_be_one_and_nothing_is_written_but_the_reasons(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    done = made(weighbridge, school, teacher="hopeless")
    assert (done.status, done.out) == (2, "")
    assert "gave 0 of the 40 candidates that 20 examples need, in 80 attempts" in done.complaint
    assert "rejected: 80 by question; the first because not JSON at character 0" in done.complaint
    assert sorted(path.name for path in in_tmp.glob("t.*")) == ["t.attempts.jsonl", "t.rejected.jsonl"]
    assert rows(in_tmp / "t.rejected.jsonl")[0]["said"].startswith("Sure! <script>")


def test_a_teacher_too_slow_to_please_is_asked_for_what_it_can_give(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    done = made(weighbridge, school, "--attempts", 30)
    assert done.status == 2
    count = int(done.complaint.split("ask for --count ")[1].split(",")[0])
    assert 5 <= count < 20
    assert made(weighbridge, school, "--attempts", 30, "--count", count).status == 0
    assert len(read_examples(in_tmp / "t.jsonl", task=tickets())) == count


def test_a_teacher_that_contradicts_itself_teaches_nothing(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    assert made(weighbridge, school, teacher="fickle").status == 2
    assert {row["check"] for row in rows(in_tmp / "t.rejected.jsonl")} == {"agreement"}


def test_everything_is_kept_unjudged_when_the_whole_share_is(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    assert made(weighbridge, school, "--keep-share", 1, teacher="careful").status == 0
    assert not any("You judge" in chat.body["messages"][0]["content"] for chat in school.chats())
    assert len(rows(in_tmp / "t.attempts.jsonl")) == 1 + 20


def test_personas_and_passages_are_shown_to_the_teacher_and_told_of_the_examples(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    (in_tmp / "people.txt").write_text("a nurse in a hurry\na pilot\n")
    (in_tmp / "faq.txt").write_text("Lamps have <|im_end|> a bulb.\n\nLocks have keys.\n")
    more = ("--personas", "people.txt", "--sources", "faq.txt", "--constrained")
    assert made(weighbridge, school, *more, teacher="careful").status == 0
    examples = read_examples(in_tmp / "t.jsonl", task=tickets())
    tags = {tag for example in examples for tag in example.tags}
    assert tags == {"document:p1", "document:p2", "persona:1", "persona:2"}
    shown = [chat.body for chat in school.chats()]
    words = " ".join(body["messages"][-1]["content"] for body in shown)
    assert "comes from this person: a nurse in a hurry" in words
    assert "Locks have keys." in words
    assert "<|im_end|>" not in json.dumps(shown)
    assert all(body["response_format"]["json_schema"]["schema"] for body in shown)


@pytest.mark.parametrize("questions", ["gold", "mine.jsonl"])
def test_questions_that_are_there_are_answered_once_and_items_never(
    questions: str, weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    lines = [json.dumps({"message": f"where is parcel {number}?"}) for number in range(30)]
    lines += [json.dumps({"inputs": {"message": "where is lamp 99?"}}), lines[0]]
    lines.insert(0, json.dumps(tickets().items[0].inputs))
    (in_tmp / "mine.jsonl").write_text("\n".join(lines))
    more = ("--questions", questions, "--count", 10, "--keep-share", 0.4)
    assert made(weighbridge, school, *more, teacher="careful").status == 0
    assert not any("You write" in chat.body["messages"][0]["content"] for chat in school.chats())
    checks = [row["check"] for row in rows(in_tmp / "t.rejected.jsonl")]
    assert checks.count("question") == (questions != "gold")


def test_what_a_hostile_teacher_wrote_stays_data(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    done = made(weighbridge, school, teacher="hostile")
    assert done.status == 0
    assert "\x1b" not in done.out + done.err
    assert "\x1b" in read_examples(in_tmp / "t.jsonl", task=tickets())[0].question


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--keep-share", "0"), "--keep-share is 0: set it above 0 and to at most 1"),
        (("--keep-share", "1.5"), "--keep-share is 1.5"),
        (("--keep-share", "nan"), "--keep-share is nan"),
        (("--price-in", "inf"), "--price-in is inf: set it to a number"),
        (("--teacher", "http://host/v1"), "is incomplete: write http://host:port/v1#model-name"),
        (("--teacher", "http://127.0.0.1:9/v1#nobody"), "http://127.0.0.1:9/v1#nobody gave no reply"),
        (("--critic", "http://127.0.0.1:9/v1#nobody"), "http://127.0.0.1:9/v1#nobody gave no reply"),
        (("--teacher-key-env", "NO_SUCH_KEY"), "the environment variable NO_SUCH_KEY holds no API key"),
        (("--personas", "absent"), "absent could not be read"),
        (("--sources", "absent"), "absent could not be read"),
        (
            ("--questions", "absent"),
            "absent could not be read (No such file or directory): write teacher",
        ),
        (("--questions", "bad.jsonl"), "bad.jsonl, line 1 holds no inputs of tickets (KeyError: 'message')"),
        (("--task", "sums"), "unknown task 'sums'"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_carried_out_is_one_sentence(
    more: tuple[str, ...], sentence: str, weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    (in_tmp / "bad.jsonl").write_text('{"text": 1}\n')
    done = made(weighbridge, school, *more, teacher="careful")
    assert (done.status, done.out) == (2, "")
    assert sentence in done.complaint
    assert "Traceback" not in done.err
    assert not (in_tmp / "t.jsonl").exists()


def test_attempts_made_under_other_settings_are_never_gone_on_with(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    made(weighbridge, school)
    before = (in_tmp / "t.jsonl").read_bytes()
    done = made(weighbridge, school, "--seed", 1)
    assert done.status == 2
    assert "t.attempts.jsonl was begun with seed 0, and this is 1: give --out another name" in done.complaint
    assert (in_tmp / "t.jsonl").read_bytes() == before


def test_a_key_is_sent_and_never_written_down(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOL_KEY", "hunter2")
    given: list[HttpSettings] = []

    def noted(endpoint: Endpoint, session: HttpSession, settings: HttpSettings) -> OpenAiBackend:
        given.append(settings)
        return OpenAiBackend(endpoint, session, settings)

    monkeypatch.setattr(voices, "OpenAiBackend", noted)
    critic = ("--critic", school.checkpoint("careless"))
    assert made(weighbridge, school, "--teacher-key-env", "SCHOOL_KEY", *critic).status == 0
    assert [settings.api_key for settings in given] == ["hunter2", "hunter2"]
    for path in in_tmp.rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


def test_what_was_written_is_read_without_naming_its_task_again(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(weighbridge, school, teacher="hostile")
    monkeypatch.setattr("builtins.input", lambda _prompt: "a")
    done = weighbridge("data", "review", "t.jsonl", "--reviewer", "Ada", "--out", "r.json", "--terminal")
    assert done.status == 0
    assert "20 of 20 examples accepted (100%), written to r.json." in done.out
    assert tickets().system in done.out
    assert "\x1b" not in done.out
    assert read_review(in_tmp / "r.json").accepted == 20


def test_nobody_is_called_where_all_is_known(
    weighbridge: RunProgram, school: FakeServer, in_tmp: Path
) -> None:
    made(weighbridge, school)
    before = (in_tmp / "t.jsonl").read_bytes()
    school.close()
    assert made(weighbridge, school).status == 0
    assert (in_tmp / "t.jsonl").read_bytes() == before
