"""From the text of an expression to a tree.

    price * 1.19                        numbers, + - * / and parentheses
    first_name & " " & last_name        text in double quotes, "" is a quote within; & joins
    if(stage = 3 and amount > 1000, "large", empty)
    account.annual_revenue_base         fields of the record, and of a record it links to

Names are written as in the API. A tree has at most 200 nodes and 30 levels; both are checked while parsing, so that no
text, however made, costs more than that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

MAX_LENGTH = 2000
MAX_NODES = 200
MAX_DEPTH = 30
MAX_NUMBER_LENGTH = 25

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
    | (?P<text>"(?:[^"]|"")*")
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<sign><>|<=|>=|!=|[-+*/&=<>(),])
    )""",
    re.VERBOSE | re.ASCII,
)
_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class FormulaError(ValueError):
    """Why an expression cannot work; `code` is stable, `position` counts characters from 0."""

    def __init__(self, code: str, message: str, position: int = 0, **details: Any):
        super().__init__(message)
        self.code, self.message, self.position, self.details = code, message, position, details


@dataclass(frozen=True)
class Node:
    """One node: `kind` is number, text, bool, empty, name or call; `value` what it is, `parts` what it is made of."""

    kind: str
    value: Any
    parts: tuple[Node, ...] = ()
    position: int = 0
    depth: int = 1


@lru_cache(maxsize=2000)
def parse(text: str) -> Node:
    """The tree of `text`. Raises FormulaError."""
    if not text.strip():
        raise FormulaError("formula.empty", "An expression is needed.")
    if len(text) > MAX_LENGTH:
        raise FormulaError("formula.too_large", f"At most {MAX_LENGTH} characters.")
    return _Parser(text).whole()


class _Parser:
    """Recursive descent, one method per precedence."""

    def __init__(self, text: str):
        self.tokens = list(_tokens(text))
        self.at = 0
        self.nodes = 0
        self.depth = 0
        self.end = len(text)

    def whole(self) -> Node:
        found = self._or()
        if self.at < len(self.tokens):
            _kind, value, position = self.tokens[self.at]
            raise FormulaError("formula.syntax", f"“{value}” is not expected here.", position)
        return found

    def _node(self, kind: str, value: Any, parts: tuple[Node, ...] = (), position: int = 0) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FormulaError("formula.too_large", f"An expression has at most {MAX_NODES} parts.", position)
        depth = 1 + max((part.depth for part in parts), default=0)
        if depth > MAX_DEPTH:
            raise self._too_deep(position)
        return Node(kind, value, parts, position, depth)

    def _too_deep(self, position: int) -> FormulaError:
        return FormulaError("formula.too_deep", f"An expression has at most {MAX_DEPTH} levels.", position)

    def _peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "", self.end)

    def _take(self, *signs: str) -> str | None:
        """The next token when it is one of these signs or words."""
        kind, value, _position = self._peek()
        word = value.lower() if kind == "name" else value
        if kind not in ("sign", "name") or word not in signs:
            return None
        self.at += 1
        return word

    def _or(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._too_deep(self._peek()[2])
        found = self._chain(self._and, {"or": "or"})
        self.depth -= 1
        return found

    def _and(self) -> Node:
        return self._chain(self._not, {"and": "and"})

    def _not(self) -> Node:
        position, times = self._peek()[2], 0
        while self._take("not"):
            times += 1
        found = self._comparison()
        for _time in range(times):
            found = self._node("call", "not", (found,), position)
        return found

    def _comparison(self) -> Node:
        left, position = self._joined(), self._peek()[2]
        if sign := self._take(*_COMPARISONS):
            return self._node("call", _COMPARISONS[sign], (left, self._joined()), position)
        return left

    def _joined(self) -> Node:
        return self._chain(self._sum, {"&": "&"})

    def _sum(self) -> Node:
        return self._chain(self._product, {"+": "+", "-": "-"})

    def _product(self) -> Node:
        return self._chain(self._signed, {"*": "*", "/": "/"})

    def _chain(self, part: Any, signs: dict[str, str]) -> Node:
        found = part()
        while True:
            position = self._peek()[2]
            sign = self._take(*signs)
            if sign is None:
                return found
            found = self._node("call", signs[sign], (found, part()), position)

    def _signed(self) -> Node:
        position, negative = self._peek()[2], False
        while sign := self._take("-", "+"):
            negative ^= sign == "-"
        found = self._single()
        return self._node("call", "negative", (found,), position) if negative else found

    def _single(self) -> Node:
        kind, value, position = self._peek()
        self.at += 1
        if kind == "number":
            if len(value) > MAX_NUMBER_LENGTH:
                raise FormulaError("formula.number", "The number is too long.", position)
            return self._node("number", Decimal(value), (), position)
        if kind == "text":
            return self._node("text", value[1:-1].replace('""', '"'), (), position)
        if value == "(":
            found = self._or()
            self._closing()
            return found
        if kind == "name":
            return self._named(value, position)
        found_text = f"“{value}” is not expected here." if value else "The expression ends too early."
        raise FormulaError("formula.syntax", found_text, position)

    def _named(self, value: str, position: int) -> Node:
        word = value.lower()
        if self._take("("):
            return self._node("call", word, self._arguments(), position)
        if word in ("true", "false"):
            return self._node("bool", word == "true", (), position)
        if word == "empty":
            return self._node("empty", None, (), position)
        if word in ("and", "or", "not"):
            raise FormulaError("formula.syntax", f"“{value}” is not expected here.", position)
        return self._node("name", value, (), position)

    def _arguments(self) -> tuple[Node, ...]:
        found: list[Node] = []
        if self._take(")"):
            return ()
        while True:
            found.append(self._or())
            if not self._take(","):
                self._closing()
                return tuple(found)

    def _closing(self) -> None:
        if not self._take(")"):
            raise FormulaError("formula.syntax", "A closing parenthesis is missing.", self._peek()[2])


def _tokens(text: str) -> Any:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            rest = text[at:].lstrip()
            if not rest:
                return
            position = len(text) - len(rest)
            raise FormulaError("formula.syntax", f"“{rest[0]}” is not understood.", position)
        kind = str(match.lastgroup)
        yield kind, match.group(kind), match.start(kind)
        at = match.end()
