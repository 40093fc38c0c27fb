"""Every text of the customer, activity and sales objects is there in German, and the compiled catalogue is current."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

import crm_core
from crm_core.metadata.declaration import declared, option_lists
from crm_core.metadata.entity import Entity

MODULES = ("crm_core.customers", "crm_core.activities", "crm_core.sales")
CATALOGUE = Path(crm_core.__file__).parent / "locale" / "de" / "LC_MESSAGES" / "django.mo"


def sheets() -> list[Entity]:
    return [e for e in declared().values() if e.model.__module__.startswith(MODULES)]


def texts(entity: Entity) -> Iterator[Any]:
    """All labels a data sheet shows."""
    yield from (entity.label, entity.label_plural, entity.description)
    for attribute in entity.attributes.values():
        yield from (attribute.label, attribute.help, attribute.reverse_label)
        if attribute.option_list:
            yield from (option.label for option in option_lists()[attribute.option_list])
    for state in entity.states:
        yield from (state.label, *(reason.label for reason in state.reasons))
    yield from (section.label for section in entity.form.sections)
    yield from (view.name for view in entity.views)
    yield from (label for _action, label in (entity.board.drop if entity.board else ()))
    for action in entity.actions.values():
        yield action.label
        for parameter in action.parameters:
            yield from (parameter.label, *(option.label for option in parameter.options))


def parts(text: Promise) -> list[Promise]:
    """A text put together from several lazy ones is as translated as they are."""
    return [part for part in text.__reduce__()[1][1] if isinstance(part, Promise)] or [text]


def key(text: Promise) -> str:
    """The catalogue's key of a lazy text: its source, behind its context if it has one."""
    return "\x04".join(text.__reduce__()[1][1])


@pytest.mark.parametrize("entity", sheets(), ids=lambda e: e.name)
def test_every_label_is_translated(entity: Entity) -> None:
    with CATALOGUE.open("rb") as handle:
        known = gettext.GNUTranslations(handle)._catalog
    labels = [text for text in texts(entity) if text]
    assert all(isinstance(text, Promise) for text in labels)
    sources = [part for text in labels for part in parts(text)]
    assert [key(text) for text in sources if not known.get(key(text))] == []


def test_the_compiled_catalogue_is_the_text_one() -> None:
    source = CATALOGUE.with_suffix(".po").read_text()
    with CATALOGUE.open("rb") as handle:
        known = gettext.GNUTranslations(handle)._catalog
    entries = [entry for entry in source.split("\n\n")[1:] if "msgstr" in entry]
    assert 'msgstr ""' not in source.split("\n\n", 1)[1] and 'msgstr[1] ""' not in source
    assert len(known) - 1 == len(entries) + source.count("msgid_plural")


def test_a_german_reads_german() -> None:
    with override("de"):
        entity = declared()["opportunity"]
        assert str(entity.label_plural) == "Verkaufschancen" and str(entity.states[0].label) == "Offen"
        assert str(declared()["task"].states[0].reasons[1].label) == "In Arbeit"
