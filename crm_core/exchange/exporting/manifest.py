"""The manifest of an archive, from the list of its entries: a file with the facts of one entry per line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


def counts(listed: Path, folder: str) -> dict[str, int]:
    """Records per object among the entries of `folder`."""
    facts = (orjson.loads(line) for line in _lines(listed))
    return {
        f["object"]: f["rows"]
        for f in facts
        if f["name"].startswith(f"{folder}/") and f["name"].endswith(".jsonl")
    }


def text(head: dict[str, Any], listed: Path) -> Iterator[bytes]:
    """`head` and all entries as one JSON document, piece by piece."""
    yield orjson.dumps(head, default=str)[:-1] + b',"entries":[\n'
    for number, line in enumerate(_lines(listed)):
        yield (b",\n" if number else b"") + line
    yield b"\n]}"


def _lines(listed: Path) -> Iterator[bytes]:
    with listed.open("rb") as stream:
        for line in stream:
            yield line.rstrip(b"\n")
