"""The pages of the console an operator moves between, in groups (ASP-30).

Packages above `tenants` add theirs in `AppConfig.ready`, as with everything else of the console (decision 0009).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tenants.operator.models import Capability, Operator

Words = Any  # a text, translated or lazily so

RUNNING, BILLING, CUSTOMERS, INSTALLATION = "running", "billing", "customers", "installation"
#: In this order. The first is what operators are here for and needs no heading.
GROUPS: tuple[tuple[str, Words], ...] = (
    (RUNNING, ""),
    (BILLING, _("Billing")),
    (CUSTOMERS, _("Customers")),
    (INSTALLATION, _("Installation")),
)


@dataclass(frozen=True)
class Section:
    """A page in the console's navigation; ``is_shown()`` says whether this installation has it at all."""

    name: str
    label: Words
    url_name: str
    group: str
    needs: str = Capability.VIEW
    order: int = 500
    is_shown: Callable[[], bool] = lambda: True


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Add a page to the navigation. The same name replaces. Raises ValueError for a group there is not."""
    if section.group not in dict(GROUPS):
        raise ValueError(f"There is no group {section.group!r} in the console's navigation.")
    _sections[section.name] = section


def groups_for(operator: Operator) -> list[tuple[Words, list[Section]]]:
    """(heading, pages) ``operator`` sees, in order; groups without a page are left out."""
    seen = sorted(
        (s for s in _sections.values() if operator.can(s.needs) and s.is_shown()),
        key=lambda s: (s.order, s.name),
    )
    grouped = ((heading, [s for s in seen if s.group == group]) for group, heading in GROUPS)
    return [(heading, pages) for heading, pages in grouped if pages]


def label_of(name: str) -> Words:
    """What the page of that name is called, empty for one that is not in the navigation."""
    return _sections[name].label if name in _sections else ""
