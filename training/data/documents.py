"""Documents to ground examples in: JSON lines with an id and a text, or paragraphs of plain text."""

from dataclasses import dataclass
from pathlib import Path

from harness import InvalidDataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A passage short enough to be shown in a prompt."""

    id: str
    text: str


def read_documents(path: Path) -> tuple[Document, ...]:
    """Return the documents in the file, in its order.

    A `.jsonl` file holds `{"id": …, "text": …}` a line, whatever else stands there; in any
    other file each paragraph is a document, called p1, p2 and so on.  Raises `InvalidDataset`
    naming file and line for a malformed line, an empty text, an id used twice, or no
    documents.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): give JSON lines with id and text"
        ) from error
    documents = _rows(path, content) if path.suffix == ".jsonl" else _paragraphs(path, content)
    if not documents:
        raise InvalidDataset(f"{path} holds no documents: write one JSON object with id and text a line")
    return documents


def read_lines(path: Path) -> tuple[str, ...]:
    """Return the texts in the file, one a line: plain, or JSON objects that hold one string.

    Raises `InvalidDataset` for a file that cannot be read, a malformed line, or no texts.
    """
    import msgspec

    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidDataset(f"{path} could not be read ({error}): give a text file, one a line") from error
    if not lines:
        raise InvalidDataset(f"{path} is empty: write one a line, or leave the option out")
    if path.suffix != ".jsonl":
        return tuple(lines)
    texts = []
    for number, line in enumerate(lines, start=1):
        try:
            texts += list(msgspec.json.decode(line, type=dict[str, str]).values())[:1]
        except (msgspec.MsgspecError, RecursionError) as error:
            raise InvalidDataset(
                f'{path}, entry {number} is no object of texts ({error}): write {{"persona": "…"}} a line'
            ) from error
    return tuple(texts)


def _rows(path: Path, content: bytes) -> tuple[Document, ...]:
    import msgspec

    class Row(msgspec.Struct):
        id: str
        text: str

    documents: dict[str, Document] = {}
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=Row)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidDataset(
                f"{path}, line {number} is no document ({error}): write one JSON object with id and text"
            ) from error
        if not row.text.strip() or not row.id:
            raise InvalidDataset(
                f"{path}, line {number} has an empty id or text: write both, or drop the line"
            )
        if row.id in documents:
            raise InvalidDataset(
                f"{path}, line {number}: id {row.id!r} stands there a second time: give every document an id "
                "of its own"
            )
        documents[row.id] = Document(id=row.id, text=row.text)
    return tuple(documents.values())


def _paragraphs(path: Path, content: bytes) -> tuple[Document, ...]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDataset(f"{path} is not UTF-8 ({error}): save it as that") from error
    found = [paragraph.strip() for paragraph in text.replace("\r\n", "\n").split("\n\n")]
    return tuple(
        Document(id=f"p{number}", text=paragraph)
        for number, paragraph in enumerate(filter(None, found), start=1)
    )
