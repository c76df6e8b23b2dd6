"""Chats that nobody awaits: sent at once or not at all, told of once, whatever the server does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeAlias

import pytest

from harness.backends.fleet import Fleet, FleetSettings
from harness.backends.openai_http import HttpSettings, OpenAiBackend, http_session
from harness.backends.port import GenerationRequest, Posting
from harness.domain.checkpoint import Endpoint
from harness.domain.response import FailureKind, GenerationFailure, Outcome, Response
from tests.fakes.asking import FOUR, HASTY, asked, backend_at
from tests.fakes.misbehaving_server import MisbehavingServer, Speak, Wire, answering, chat_json, framed

Run: TypeAlias = Callable[[Coroutine[Any, Any, Any]], Any]

ANSWER = framed(chat_json())
CHARGED = HttpSettings(backoff_s=0.001, resend=False)


async def posted(backend: Posting, request: GenerationRequest) -> Outcome:
    """What a posted request is told to have ended in; an error when it cannot be posted."""
    told: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    assert backend.post(request, told.set_result) is not None
    return await told


def warmed(fault: Callable[[Wire], Awaitable[None]]) -> Speak:
    """Answer once, then do `fault` with the request that comes next; later connections only answer."""

    async def speak(wire: Wire) -> None:
        await wire.heard()
        await wire.say(ANSWER)
        if wire.number == 1:
            await wire.heard()
            await fault(wire)
        await answering(ANSWER)(wire)

    return speak


async def after_an_answer(
    fault: Callable[[Wire], Awaitable[None]], settings: HttpSettings = HASTY
) -> tuple[Outcome, int]:
    """What a request ends in that is posted over a resting connection, and how many connections it took."""
    async with MisbehavingServer(warmed(fault)) as server, backend_at(server.url, settings) as backend:
        assert await backend.generate(asked()) == FOUR
        return await posted(backend, asked()), server.connections


def saying(raw: bytes) -> Callable[[Wire], Awaitable[None]]:
    return lambda wire: wire.say(raw)


async def resetting(wire: Wire) -> None:
    wire.reset()


async def tearing(wire: Wire) -> None:
    await wire.say(ANSWER[:-5])
    wire.reset()


def test_a_chat_goes_over_the_connection_that_rests(run: Run) -> None:
    assert run(after_an_answer(saying(ANSWER))) == (FOUR, 1)


@pytest.mark.parametrize("timed", [False, True])
def test_what_cannot_be_sent_this_moment_is_not_sent(run: Run, *, timed: bool) -> None:
    async def main() -> tuple[object, int]:
        async with MisbehavingServer(answering(ANSWER)) as server, backend_at(server.url) as backend:
            if timed:
                await backend.generate(asked())
            return backend.post(asked(timed=timed), pytest.fail), server.connections

    assert run(main()) == (None, int(timed))


def test_a_prompt_that_is_no_text_is_left_to_who_says_so(run: Run) -> None:
    async def main() -> tuple[object, Outcome]:
        async with MisbehavingServer(answering(ANSWER)) as server, backend_at(server.url) as backend:
            await backend.generate(asked())
            return backend.post(asked("\ud800"), pytest.fail), await backend.generate(asked("\ud800"))

    refused, outcome = run(main())
    assert refused is None
    assert outcome.kind is FailureKind.REFUSED


@pytest.mark.parametrize(
    "fault",
    [
        resetting,
        tearing,
        saying(framed(b"later", status=b"500 Internal Server Error")),
        saying(framed(b"slowly", b"Retry-After: 0", status=b"429 Too Many Requests")),
        saying(framed(b"", status=b"408 Request Timeout")),
        saying(framed(b"", status=b"503 Service Unavailable")),
    ],
    ids=["reset", "torn", "500", "429", "408", "503"],
)
def test_what_may_pass_is_asked_again(run: Run, fault: Callable[[Wire], Awaitable[None]]) -> None:
    outcome, _ = run(after_an_answer(fault))
    assert outcome == FOUR


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (resetting, FailureKind.CONNECTION),
        (tearing, FailureKind.CONNECTION),
        (saying(framed(b"later", status=b"500 Internal Server Error")), FailureKind.SERVER_ERROR),
    ],
    ids=["reset", "torn", "500"],
)
def test_what_may_have_been_charged_is_not_asked_again(
    run: Run, fault: Callable[[Wire], Awaitable[None]], kind: FailureKind
) -> None:
    outcome, connections = run(after_an_answer(fault, CHARGED))
    assert (outcome.kind, connections) == (kind, 1)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (framed(b'{"choices": [{"mess'), FailureKind.MALFORMED),
        (framed(b"<html>hello</html>", b"Content-Type: text/html"), FailureKind.MALFORMED),
        (framed(chat_json().replace(b"four", b"\xff")), FailureKind.MALFORMED),
        (framed(b'{"error": {"message": "no such model"}}', status=b"404 Not Found"), FailureKind.REFUSED),
        (b"SMTP ready\r\n\r\n", FailureKind.CONNECTION),
    ],
    ids=["half", "html", "no-utf8", "404", "no-http"],
)
def test_what_would_come_again_is_told_at_once(run: Run, raw: bytes, kind: FailureKind) -> None:
    outcome, connections = run(after_an_answer(saying(raw)))
    assert (outcome.kind, connections) == (kind, 1)


def test_a_reply_of_ten_megabytes_is_read_whole(run: Run) -> None:
    long = "x" * 10_000_000
    outcome, connections = run(after_an_answer(saying(framed(chat_json(long))), HttpSettings()))
    assert outcome.text == long
    assert connections == 1


def test_a_storm_of_429_that_never_ends_is_a_failure_when_the_time_is_up(run: Run) -> None:
    refusal = framed(b"slowly", b"Retry-After: 0", status=b"429 Too Many Requests")
    asked_again = 0

    async def speak(wire: Wire) -> None:
        nonlocal asked_again
        await wire.heard()
        await wire.say(ANSWER)
        while True:
            await wire.heard()
            asked_again += 1
            await wire.say(refusal)

    async def main() -> Outcome:
        patient = HttpSettings(total_s=0.3, backoff_s=0.001)
        async with MisbehavingServer(speak) as server, backend_at(server.url, patient) as backend:
            await backend.generate(asked())
            return await posted(backend, asked())

    outcome = run(main())
    assert outcome.kind in {FailureKind.SERVER_ERROR, FailureKind.TIMEOUT}
    assert asked_again > 2


def test_a_server_that_falls_silent_is_a_timeout_and_its_late_reply_is_nobodys(run: Run) -> None:
    async def speak(wire: Wire) -> None:
        await wire.heard()
        await wire.say(ANSWER)
        await wire.heard()
        if wire.number == 1:
            await asyncio.sleep(0.3)
        await wire.say(framed(chat_json("late")) if wire.number == 1 else ANSWER)

    async def main() -> list[Outcome]:
        hasty = HttpSettings(total_s=0.1)
        async with MisbehavingServer(speak) as server, backend_at(server.url, hasty) as backend:
            await backend.generate(asked())
            late = await posted(backend, asked())
            return [late, await backend.generate(asked()), await posted(backend, asked())]

    assert run(main()) == [
        GenerationFailure(kind=FailureKind.TIMEOUT, message="no reply within 0.1 s"),
        FOUR,
        FOUR,
    ]


@pytest.mark.parametrize("again", [False, True], ids=["sent", "between attempts"])
def test_what_was_given_up_is_told_to_nobody(run: Run, *, again: bool) -> None:
    begun = asyncio.Event()

    async def fault(wire: Wire) -> None:
        begun.set()
        if again:
            await wire.say(framed(b"", b"Retry-After: 1000", status=b"429 Too Many Requests"))
        else:
            await wire.until_closed()

    async def main() -> Outcome:
        patient = HttpSettings(total_s=3000.0)
        async with (
            MisbehavingServer(warmed(fault)) as server,
            backend_at(server.url, patient) as backend,
        ):
            await backend.generate(asked())
            give_up = backend.post(asked(), pytest.fail)
            assert give_up is not None
            await begun.wait()
            await asyncio.sleep(0.02)
            give_up()
            await asyncio.sleep(0.02)
            return await backend.generate(asked())

    assert run(main()) == FOUR


def test_a_session_that_ends_tells_what_is_under_way(run: Run) -> None:
    async def main() -> Outcome:
        told: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        async with MisbehavingServer(warmed(Wire.until_closed)) as server:
            async with backend_at(server.url) as backend:
                await backend.generate(asked())
                backend.post(asked(), told.set_result)
                await asyncio.sleep(0.02)
            return await told

    outcome = run(main())
    assert (outcome.kind, outcome.message) == (
        FailureKind.CONNECTION,
        "the session was closed before the reply came",
    )


def test_one_server_of_three_dies_under_posted_chats_and_none_is_lost_or_told_twice(run: Run) -> None:
    answered = Counter[str]()

    async def speak(wire: Wire) -> None:
        while True:
            text = (await wire.heard()).json["messages"][0]["content"]
            answered[text] += 1
            await asyncio.sleep(0.001)
            await wire.say(framed(chat_json(f"answer to {text}")))

    async def ask(shared: Fleet, number: int, told: Counter[str]) -> str:
        """Post where that can be done, and await where it cannot."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def tell(came: Response | GenerationFailure) -> None:
            told[f"item {number}"] += 1
            outcome.set_result(came)

        if shared.post(asked(f"item {number}"), tell) is None:
            tell(await shared.generate(asked(f"item {number}")))
        came = await outcome
        return came.text if isinstance(came, Response) else str(came)

    async def main() -> tuple[list[str], Counter[str]]:
        told, settings = Counter[str](), HttpSettings(retries=0)
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(MisbehavingServer(speak)) for _ in range(3)]
            session = await stack.enter_async_context(http_session(settings))
            backends = [OpenAiBackend(Endpoint(url=s.url, model="m"), session, settings) for s in servers]
            shared = Fleet(backends, FleetSettings(per_member=4), session.clock)
            await asyncio.gather(*(shared.generate(asked(f"warm {n}")) for n in range(12)))
            said = []
            for begin in range(0, 200, 10):
                if begin == 100:
                    await servers[1].__aexit__()
                said += await asyncio.gather(*(ask(shared, n, told) for n in range(begin, begin + 10)))
        return said, told

    said, told = run(main())
    assert said == [f"answer to item {n}" for n in range(200)]
    assert told == Counter(f"item {n}" for n in range(200))


def test_a_fleet_posts_where_the_fewest_are_in_flight_and_not_beyond_their_room(run: Run) -> None:
    gate = asyncio.Event()

    async def speak(wire: Wire) -> None:
        await wire.heard()
        await wire.say(ANSWER)
        while True:
            await wire.heard()
            await gate.wait()
            await wire.say(ANSWER)

    async def main() -> tuple[list[bool], list[Outcome]]:
        outcomes: list[Outcome] = []
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(MisbehavingServer(speak)) for _ in range(2)]
            session = await stack.enter_async_context(http_session(HASTY))
            backends = [OpenAiBackend(Endpoint(url=s.url, model="m"), session, HASTY) for s in servers]
            shared = Fleet(backends, FleetSettings(per_member=1), session.clock)
            await asyncio.gather(shared.generate(asked()), shared.generate(asked()))
            last: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            sent = [shared.post(asked(), tell) for tell in (pytest.fail, last.set_result, pytest.fail)]
            assert sent[0] is not None
            sent[0]()
            sent.append(shared.post(asked(), pytest.fail))
            gate.set()
            outcomes.append(await last)
        return [each is not None for each in sent], outcomes

    # The third found no room; the fourth found room, but no connection that rests.
    assert run(main()) == ([True, True, False, False], [FOUR])
