"""The entities of the current workspace: declarations overlaid with what its customizer published.

Compiling is pure and cached per (schema, metadata version), so processes agree as soon as they see the version.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from crm_core.metadata import field_security, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import NotFound
from tenants.context import current_schema

_CACHE_SIZE = 200
_cache: OrderedDict[tuple[Any, ...], Registry] = OrderedDict()
_lock = threading.Lock()
_serials = itertools.count(1)
_trial = threading.local()
#: how a published body becomes entities and option lists; what it is made of asks this registry in its turn
_compiler: Callable[[dict[str, Any]], tuple[dict[str, Entity], dict]]

#: key of the workspace's settings that is new with every publication
STAMP = "metadata_stamp"


class Registry:
    """Entities of one workspace at one metadata version."""

    def __init__(self, version: int, entities: dict[str, Entity], option_lists: dict):
        self.serial = next(_serials)  # names this compiled state in keys of what is derived from it
        self.version = version
        self.entities = entities
        self.option_lists = option_lists
        self.by_plural = {e.plural: e for e in entities.values()}
        self.referring: dict[str, list[tuple[Entity, Attribute]]] = {}
        for entity in entities.values():
            for attribute in entity.attributes.values():
                if attribute.type.name in ("lookup", "customer") and not attribute.system:
                    for target in attribute.targets:
                        self.referring.setdefault(target, []).append((entity, attribute))


def compile_by(compiler: Callable[[dict[str, Any]], tuple[dict[str, Entity], dict]]) -> None:
    """Said once, when the apps are ready: `customization.overlay.compile_entities`."""
    global _compiler
    _compiler = compiler


def current() -> Registry:
    """The compiled registry of the workspace whose path is active."""
    if (tried := getattr(_trial, "entry", None)) is not None and tried[0] == current_schema():
        return tried[1]
    state = workspace.current()
    version, secured = state.metadata_version, field_security.choices(state.settings)
    # the stamp tells a version that was rolled back from the one that got its number afterwards
    key = (current_schema(), version, state.settings.get(STAMP), secured)
    with _lock:
        if (found := _cache.get(key)) is not None:
            _cache.move_to_end(key)
            return found
    registry = _compile(version, secured)
    with _lock:
        _cache[key] = registry
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return registry


def _compile(version: int, secured: tuple[tuple[str, bool], ...]) -> Registry:
    from crm_core.metadata.models import Publication

    body = (
        Publication.objects.filter(version=version).values_list("body", flat=True).first() or {}
        if version
        else {}
    )
    entities, option_lists = _compiler(body)
    return Registry(version, field_security.secured_as(entities, secured), option_lists)


@contextmanager
def trying(body: dict[str, Any]) -> Iterator[Registry]:
    """Make what `body` compiles to current in this thread only: a draft is checked as if it were published."""
    before = getattr(_trial, "entry", None)
    entities, option_lists = _compiler(body)
    registry = Registry(-1, entities, option_lists)
    _trial.entry = (current_schema(), registry)
    try:
        yield registry
    finally:
        _trial.entry = before


def forget() -> None:
    """Drop compiled registries (tests)."""
    with _lock:
        _cache.clear()
    workspace.begin()


def get(name: str) -> Entity:
    """The entity called `name` (singular); NotFound `object.unknown`."""
    entity = current().entities.get(name)
    if entity is None:
        raise NotFound("object.unknown", "There is no such object.")
    return entity


def by_plural(plural: str) -> Entity:
    """The entity whose address is `plural`; NotFound `object.unknown`."""
    entity = current().by_plural.get(plural)
    if entity is None:
        raise NotFound("object.unknown", "There is no such object.")
    return entity


def all() -> list[Entity]:
    return list(current().entities.values())


def referring(name: str) -> list[tuple[Entity, Attribute]]:
    """Attributes of any object that refer to records of `name`."""
    return current().referring.get(name, [])


def with_value(attribute: Attribute, **changes) -> Attribute:
    """A copy of `attribute` with some facts replaced."""
    return replace(attribute, **changes)
