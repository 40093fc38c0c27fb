"""Plans as the console names them: `tenants` keeps codes, whoever sells plans says what they are called (decision 0009)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class PlanName:
    """A plan as operators know it: ``name`` and ``price`` in the reader's language; ``is_sold`` while it can be given."""

    code: str
    name: str
    price: str = ""
    is_sold: bool = True


_source: list[Callable[[], list[PlanName]]] = []


def register(plans: Callable[[], list[PlanName]]) -> None:
    """Say which plans there are and were, private ones too. The last word counts."""
    _source[:] = [plans]


def known() -> list[PlanName]:
    """All plans that are sold or were, empty when no package sells any."""
    return _source[0]() if _source else []


def sold() -> list[tuple[str, str]]:
    """(code, name) of the plans a workspace can be given."""
    return [(plan.code, plan.name) for plan in known() if plan.is_sold]


def priced() -> list[tuple[str, str]]:
    """(code, name with price) of the plans a workspace can be given."""
    return [
        (plan.code, f"{plan.name} · {plan.price}" if plan.price else plan.name)
        for plan in known()
        if plan.is_sold
    ]


def by_code() -> dict[str, str]:
    """{code: name} of all plans, for the workspaces that have one."""
    return {plan.code: plan.name for plan in known()}
