"""What people choose a field by tells it from every other field of its object, in English and in German."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.utils.translation import override

from crm_core.metadata import registry


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_two_fields_of_an_object_are_called_the_same(seeded: Any, language: str) -> None:
    with override(language):
        twice = {
            entity.name: found
            for entity in registry.all()
            if (
                found := [
                    k for k, n in Counter(str(a.label) for a in entity.attributes.values()).items() if n > 1
                ]
            )
        }
    assert twice == {}
