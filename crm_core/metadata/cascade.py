"""How a one-to-many relationship carries acts on the parent to its children (PLT-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Acts that may reach the children besides deleting; merging always moves all of them.
ACTS = ("assign", "share", "unshare", "reparent")
#: Which children they reach.
SCOPES = ("all", "active", "same_owner", "none")
#: What becomes of the children when the parent is deleted.
DELETE = ("cascade", "remove_link", "restrict")


@dataclass(frozen=True)
class Cascade:
    """Which children follow when the parent is assigned, shared, no longer shared, or when they get another parent."""

    assign: str = "none"
    share: str = "none"
    unshare: str = "none"
    reparent: str = "none"

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Cascade:
        """What a document says; whatever it does not say, or says in words unknown here, reaches no child."""
        return cls(**{act: stored[act] for act in ACTS if stored.get(act) in SCOPES})


REFERENTIAL = Cascade()
PARENTAL = Cascade("all", "all", "all", "all")

#: The named kinds of relationship behaviour and what they mean.
KINDS: dict[str, tuple[Cascade, str]] = {
    "parental": (PARENTAL, "cascade"),
    "referential": (REFERENTIAL, "remove_link"),
    "referential_restrict": (REFERENTIAL, "restrict"),
}


def kind_of(cascade: Cascade, delete: str) -> str:
    """parental, referential, referential_restrict, or configurable for every other combination."""
    return next((name for name, meant in KINDS.items() if meant == (cascade, delete)), "configurable")
