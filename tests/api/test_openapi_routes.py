"""Every route there is stands in the OpenAPI document: what is not there, no generated test ever asks (ARCHITECTURE §4)."""

from __future__ import annotations

import re
from typing import Any

from crm_core.api import urls
from tests.api_client import person

METHODS = ("get", "post", "put", "patch", "delete")
#: No object declares an action of its collection so far, and no delivered one has a roll-up; those of records are all there.
#: Many-to-many relationships are made by each workspace; test_many_to_many looks for them in its document.
NOT_YET_USED = {
    ("<str:plural>/actions/<str:action>", "post"),
    ("<str:plural>/<str:record_id>/roll_ups/<str:name>", "post"),
    ("<str:plural>/<str:record_id>/<str:relationship>/<str:other_id>", "delete"),
}
_PART = re.compile(r"<[^>]+>")


def test_every_route_and_method_is_in_the_document(workspace: Any) -> None:
    api = person(workspace, "ada@example.com", "system_administrator")[1]
    document = api.get("/openapi.json")[1]["paths"]
    missing = []
    for route in urls.urlpatterns:
        shape = re.compile("/" + _PART.sub("[^/]+", str(route.pattern)))
        described = {m for path, operations in document.items() if shape.fullmatch(path) for m in operations}
        answered = {m for m in METHODS if hasattr(route.callback.view_class, m)}
        missing += [(str(route.pattern), method) for method in sorted(answered - described)]
    assert set(missing) <= NOT_YET_USED
