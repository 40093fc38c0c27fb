"""Statements of several readers sent together, in as few rounds as the readers need (PERFORMANCE).

What a screen shows of a record is read by parts that do not know of each other. One after the other they wait for the
server a dozen times; most of what they ask does not need the answer to what another one asked. A reader is a generator:
it yields the statements it wants next, gets their rows back and returns what it read.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeVar

from crm_core.metadata.errors import CrmError
from crm_core.records.query.prepared import Statement

T = TypeVar("T")
#: statements of one round, each with what stands in the places of its slots
Asked = Sequence[tuple[Statement, Mapping[uuid.UUID, uuid.UUID]]]
#: the rows of each of them
Answers = list[list[tuple[Any, ...]]]
Reader = Generator[Asked, Answers, T]


def run(reader: Reader[T]) -> T:
    """What `reader` returns, its statements of each round sent together. Raises what the reader raises."""
    try:
        asked = next(reader)
        while True:
            asked = reader.send(Statement.run_together(asked))
    except StopIteration as done:
        result: T = done.value
        return result


def together(*readers: Reader[Any]) -> Reader[list[Any]]:
    """A reader that does the work of `readers` in common rounds and returns their results in the same order.

    Raises what the first of them refuses with, as if one had begun when the one before had ended: nobody hears of a
    later reader's refusal what an earlier one keeps from him.
    """
    results: list[Any] = [None] * len(readers)
    refusal: CrmError | None = None
    answers: dict[int, Any] = dict.fromkeys(range(len(readers)))
    while answers:
        asked: dict[int, Asked] = {}
        for number, rows in answers.items():
            try:
                asked[number] = readers[number].send(rows)
            except StopIteration as done:
                results[number] = done.value
            except CrmError as error:
                refusal = error  # the later ones count no more; an earlier one may still refuse before it
                break
        if not asked:
            break
        found = iter((yield [one for some in asked.values() for one in some]))
        answers = {number: [next(found) for _one in some] for number, some in asked.items()}
    if refusal is not None:
        raise refusal
    return results
