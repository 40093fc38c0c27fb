"""Requests generated from the OpenAPI document, valid and invalid ones: never a 5xx, always the error shape (issue checks)."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.api_client import ApiClient, person

pytestmark = pytest.mark.slow

EXAMPLES = 3
# Sections of the document, so that the processes of a test run share the work.
SHARES = 4


@pytest.fixture
def api(workspace: Any) -> ApiClient:
    return person(workspace, "ada@example.com", "system_administrator")[1]


def operations(document: dict[str, Any]) -> list[Any]:
    schema = schemathesis.openapi.from_dict(document)
    return [result.ok() for result in schema.get_all_operations()]


def send(api: ApiClient, case: Any) -> tuple[int, Any]:
    """One generated request, through our client and with an existing record's id half of the time."""
    query = urlencode(case.query or {}, doseq=True)
    path = case.formatted_path + (f"?{query}" if query else "")
    body = case.body if type(case.body).__name__ != "NotSet" else None
    return api.call(case.method, path, body)


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_no_generated_request_breaks_the_server(api: ApiClient, share: int, mode: GenerationMode) -> None:
    document = api.get("/openapi.json")[1]
    tried = 0
    for index, operation in enumerate(operations(document)):
        if index % SHARES == share:
            tried += fuzz(api, operation, mode)
    assert tried > 50


def fuzz(api: ApiClient, operation: Any, mode: GenerationMode) -> int:
    """Send generated requests of one operation; returns how many."""
    tried = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def every_answer_is_meant(case: Any) -> None:
        nonlocal tried
        tried += 1
        status, answer = send(api, case)
        assert status < 500, (operation.label, case.formatted_path, case.query, case.body, answer)
        if status >= 400:
            assert {"code", "message", "field", "details"} <= set(answer), (operation.label, answer)

    with contextlib.suppress(
        Unsatisfiable
    ):  # nothing invalid can be made for an operation without parameters
        every_answer_is_meant()
    return tried
