"""Server-sent events: from bytes as they were read to the data of events.

WHATWG HTML Living Standard, 9.2.6 (interpreting an event stream), of which only `data`
matters here; lines end in LF, CRLF or CR, and cuts may fall anywhere.
"""

from collections.abc import Iterable, Iterator

from harness.backends.reply import Arrival

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def events(arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
    """Yield each event's data and the instant at which its last data line was whole.

    Unlike the standard's, an event whose closing blank line never came counts, once its
    lines are whole: servers leave the last one out.
    """
    data: list[bytes] = []
    whole_s = 0.0
    lines = _Lines()
    for at_s, raw in arrivals:
        if not data and lines.is_event(raw):
            yield at_s, raw[6:-2]
            continue
        for line in lines.ended_by(raw):
            if line.startswith(b"data:"):
                data.append(line[6:] if line[5:6] == b" " else line[5:])
                whole_s = at_s
            elif line == b"data":
                data.append(b"")
                whole_s = at_s
            elif not line and data:
                yield whole_s, b"\n".join(data)
                data.clear()
    if data:
        yield whole_s, b"\n".join(data)


class _Lines:
    """Cuts bytes into lines without their ends, wherever reads cut them."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._after_return = False
        self._at_start = True

    def is_event(self, read: bytes) -> bool:
        """Return whether these bytes are one event and nothing else, as most reads of a stream are.

        Whoever takes it so need not have it cut into lines.
        """
        if self._rest or self._after_return or read[:6] != b"data: " or b"\r" in read:
            return False
        if read.find(b"\n") != len(read) - 2 or read[-1:] != b"\n":
            return False
        self._at_start = False
        return True

    def ended_by(self, read: bytes) -> list[bytes]:
        """Return the lines that these bytes bring to their end."""
        raw = self._with_line_feeds(read) if self._after_return or b"\r" in read else read
        if b"\n" not in raw:
            self._rest.append(raw)
            return []
        if self._rest:
            raw = b"".join((*self._rest, raw))
        lines = raw.split(b"\n")
        tail = lines.pop()
        self._rest = [tail] if tail else []
        if self._at_start:
            self._at_start = False
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
        return lines

    def _with_line_feeds(self, read: bytes) -> bytes:
        """Make every line end a single LF; a CRLF may be cut in two."""
        raw = read[1:] if self._after_return and read.startswith(b"\n") else read
        self._after_return = read.endswith(b"\r")
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
