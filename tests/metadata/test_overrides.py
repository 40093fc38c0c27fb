"""Standard fields as a workspace names and wants them (PLT-4): through the draft, in every language, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.document import attribute_json
from crm_core.metadata.errors import CrmError, ValidationFailed
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor


def change(admin: Actor, name: str, definition: dict[str, Any], operation: str = "update") -> None:
    publishing.add_change("override", operation, "account", name, definition, admin.user_id)


def publish(admin: Actor) -> None:
    publishing.publish(admin.user_id, admin.name)


def shown(name: str) -> dict[str, Any]:
    return attribute_json(registry.get("account").attributes[name])


def test_label_and_help_speak_the_readers_language(admin: Actor) -> None:
    delivered = shown("industry")
    change(admin, "industry", {"label": "Line of business", "labels": {"de": "Geschäftszweig"}, "help": "What they do", "helps": {"de": "Was sie tun"}})  # fmt: skip
    assert shown("industry") == delivered, "a draft changes nothing"
    publish(admin)
    assert (shown("industry")["label"], shown("industry")["help"]) == ("Line of business", "What they do")
    with override("de"):
        assert (shown("industry")["label"], shown("industry")["help"]) == ("Geschäftszweig", "Was sie tun")
        assert shown("website")["label"] != "", "others keep their delivered names"
    body = publishing.published()[1]
    change(admin, "industry", {}, "delete")
    publish(admin)
    assert shown("industry") == delivered
    assert publishing.roll_back(1, admin.user_id, admin.name).body == body


def test_a_required_field_is_wanted_from_now_on(admin: Actor) -> None:
    account = registry.get("account")
    old = service.create(account, {"name": "Old"}, admin).id
    change(admin, "email", {"required": True})
    publish(admin)
    account = registry.get("account")
    with pytest.raises(ValidationFailed) as refused:
        service.create(account, {"name": "New"}, admin)
    assert [(e.code, e.field) for e in refused.value.errors] == [("value.required", "email")]
    new = service.create(account, {"name": "New", "email": "a@example.com"}, admin).id
    service.update(account, old, {"name": "Older"}, admin)
    query = Query(account, admin).order(["email"])
    first = query.page(["name"], limit=1)
    rest = query.page(["name"], limit=1, cursor=first.next)
    assert [r["id"] for r in first.rows + rest.rows] == [str(new), str(old)], (
        "records without it stay in lists"
    )
    change(admin, "email", {"required": False, "recommended": True})
    publish(admin)
    assert (shown("email")["required"], shown("email")["recommended"]) == (False, True)


@pytest.mark.parametrize(
    ("name", "definition", "code", "field"),
    [
        ("nothing", {"label": "X"}, "attribute.unknown", None),
        ("email", {}, "metadata.definition", "definition"),
        ("email", {"type": "text"}, "metadata.unknown_key", "type"),
        ("email", {"label": " "}, "metadata.label", "label"),
        ("email", {"labels": {"de": "X"}}, "metadata.label", "label"),
        ("email", {"help": 7}, "metadata.help", "help"),
        ("email", {"required": "yes"}, "metadata.flag", "required"),
        ("name", {"required": False}, "override.needed", "required"),
        ("created_at", {"required": True}, "override.not_entered", "required"),
        ("state", {"recommended": True}, "override.not_entered", "required"),
    ],
)
def test_what_cannot_be_changed_is_refused(
    admin: Actor, name: str, definition: dict[str, Any], code: str, field: str | None
) -> None:
    with pytest.raises(CrmError) as refused:
        change(admin, name, definition)
    assert (refused.value.code, refused.value.field) == (code, field)
    with pytest.raises(CrmError):
        change(admin, "email", {}, "delete")
    assert publishing.impact()["changes"] == []


def industry() -> list[tuple[int, str, bool]]:
    return [(o["value"], o["label"], o["active"]) for o in shown("industry")["options"]]


def test_a_shared_list_is_renamed_reordered_translated_and_added_to(admin: Actor) -> None:
    delivered = industry()
    name = str(registry.get("account").attributes["industry"].option_list)
    rows = [{"value": value, "label": label} for value, label, _active in reversed(delivered)]
    rows[0] |= {"label": "Yachts", "labels": {"de": "Jachten"}, "active": False}
    publishing.add_change(
        "option_list", "update", None, name, {"options": [*rows, {"label": "Drones"}]}, admin.user_id
    )
    publish(admin)
    found = industry()
    assert found[0] == (delivered[-1][0], "Yachts", False)
    assert found[1:-1] == list(reversed(delivered))[1:]
    assert found[-1][1:] == ("Drones", True) and found[-1][0] not in {v for v, _l, _a in delivered}
    with override("de"):
        german = industry()
        assert german[0][1] == "Jachten"
        assert german[1][1] != found[1][1], "what was not renamed keeps its delivered translation"
