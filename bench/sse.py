"""The bytes of a streamed chat whose every token says when it left; both mocks send these."""

from bench.stamps import first_token, next_token

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
)
_EVENT = '{"id":"chatcmpl-lockstep","object":"chat.completion.chunk","created":1700000000,"model":"lockstep",'


def token_event(received_ns: int | None, sent_ns: int, *, last: bool) -> bytes:
    """Return the HTTP chunk of one token; the first one, with `received_ns`, follows the role's."""
    if received_ns is None:
        return _event(_delta(f'{{"content":"{next_token(sent_ns)}"}}', last=last))
    role = _event(_delta('{"role":"assistant","content":""}', last=False))
    return role + _event(_delta(f'{{"content":"{first_token(received_ns, sent_ns)}"}}', last=last))


def ending(tokens: int) -> bytes:
    """Return what follows the last token: usage, the end of the stream, the end of the reply."""
    usage = f'{{"prompt_tokens":40,"completion_tokens":{tokens},"total_tokens":{tokens + 40}}}'
    return _event(f'{_EVENT}"choices":[],"usage":{usage}}}') + _event("[DONE]") + b"0\r\n\r\n"


def _delta(delta: str, *, last: bool) -> str:
    reason = '"length"' if last else "null"
    return f'{_EVENT}"choices":[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{reason}}}]}}'


def _event(data: str) -> bytes:
    event = f"data: {data}\n\n"
    return f"{len(event):x}\r\n{event}\r\n".encode()
