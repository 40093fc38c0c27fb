"""Times, warnings, notes and what activities may be about (CUS-5, CUS-6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.activities.rules.notes import TITLE_LENGTH, first_line
from crm_core.metadata import registry
from crm_core.metadata.errors import Forbidden, Invalid, NotFound
from crm_core.records import files, service
from crm_core.security.actor import Actor
from tests.sales_people import act, change, everything, make, read, refers

EARLY, LATE = "2026-03-01T09:00:00Z", "2026-03-01T10:30:00Z"


@pytest.mark.parametrize("kind", ["task", "phone_call", "appointment", "letter", "visit", "email"])
@pytest.mark.parametrize("pair", [("scheduled_start", "scheduled_end"), ("actual_start", "actual_end")])
def test_nothing_ends_before_it_starts(admin: Actor, kind: str, pair: tuple[str, str]) -> None:
    start, end = pair
    before = everything()
    with pytest.raises(Invalid) as refused:
        make(kind, admin, subject="Do it", **{start: LATE, end: EARLY})
    assert (refused.value.code, refused.value.field) == ("activity.end_before_start", end)
    assert everything() == before
    made = make(kind, admin, subject="Do it", **{start: EARLY, end: EARLY})
    with pytest.raises(Invalid) as refused:
        change(kind, made, admin, **{start: LATE})
    assert refused.value.code == "activity.end_before_start" and read(kind, made, admin)["version"] == 1


def test_an_appointment_knows_how_long_it_takes(admin: Actor) -> None:
    meeting = make("appointment", admin, subject="Meet", scheduled_start=EARLY, scheduled_end=LATE)
    assert read("appointment", meeting, admin)["scheduled_duration"] == 90
    change("appointment", meeting, admin, scheduled_end=EARLY)
    assert read("appointment", meeting, admin)["scheduled_duration"] == 0
    stated = make(
        "appointment", admin, subject="Meet", scheduled_start=EARLY, scheduled_end=LATE, scheduled_duration=30
    )
    assert read("appointment", stated, admin)["scheduled_duration"] == 30


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        (1, ("open", 1)),
        (2, ("open", 2)),
        (3, ("scheduled", 5)),
        (4, ("scheduled", 6)),
        (None, ("scheduled", 5)),
    ],
)
def test_how_time_is_shown_is_the_state(admin: Actor, shown: int | None, place: tuple[str, int]) -> None:
    values = {"show_as": shown} if shown else {}
    row = read("appointment", make("appointment", admin, subject="Meet", **values), admin)
    assert (row["state"], row["status_reason"], row["show_as"]) == (*place, shown or 3)


def test_changing_one_side_changes_the_other(admin: Actor) -> None:
    meeting = make("appointment", admin, subject="Meet")
    change("appointment", meeting, admin, show_as=1)
    assert read("appointment", meeting, admin)["state"] == "open"
    change("appointment", meeting, admin, status_reason=2)
    row = read("appointment", meeting, admin)
    assert (row["state"], row["show_as"]) == ("open", 2)
    change("appointment", meeting, admin, show_as=4)
    assert read("appointment", meeting, admin)["status_reason"] == 6
    act("appointment", "complete", meeting, admin)
    assert read("appointment", meeting, admin)["state"] == "completed"


@pytest.mark.parametrize(
    ("kind", "flag", "code"),
    [
        ("phone_call", "do_not_phone", "activity.do_not_phone"),
        ("letter", "do_not_postal_mail", "activity.do_not_postal_mail"),
    ],
)
@pytest.mark.parametrize("by_party", [True, False])
def test_a_warning_names_who_does_not_want_it(
    admin: Actor, kind: str, flag: str, code: str, by_party: bool
) -> None:
    petra = make("contact", admin, first_name="Petra", last_name="Lind", **{flag: True})
    where: dict[str, Any] = {"regarding": refers("contact", petra)}
    if by_party:
        where = {"parties": [{"role": "to", "object": "contact", "id": str(petra)}]}
    written = service.create(registry.get(kind), {"subject": "Reach", **where}, admin)
    assert [w["code"] for w in written.warnings] == [code] and "Petra Lind" in written.warnings[0]["message"]


@pytest.mark.parametrize(
    ("values", "source"),
    [({"direction": 1}, "screen"), ({}, "import"), ({}, "rule")],
    ids=["incoming", "import", "rule"],
)
def test_no_warning_when_nobody_calls_by_hand(admin: Actor, values: dict, source: str) -> None:
    petra = make("contact", admin, last_name="Lind", do_not_phone=True)
    values = {"subject": "Reach", "regarding": refers("contact", petra), **values}
    assert service.create(registry.get("phone_call"), values, admin.acting(source)).warnings == []


def test_no_warning_for_those_who_may_be_reached(admin: Actor) -> None:
    petra = make("contact", admin, last_name="Lind")
    written = service.create(
        registry.get("phone_call"), {"subject": "Reach", "regarding": refers("contact", petra)}, admin
    )
    assert written.warnings == []


@pytest.mark.parametrize(("kind", "subject"), [("task", {"subject": "Do it"}), ("note", {"title": "Read"})])
def test_only_objects_with_activities_and_notes_have_them(admin: Actor, kind: str, subject: dict) -> None:
    address = make(
        "customer_address",
        admin,
        parent=refers("account", make("account", admin, name="Nord AG")),
        line1="Kai 3",
    )
    before = everything()
    with pytest.raises(Invalid) as refused:
        make(kind, admin, **subject, regarding=refers("customer_address", address))
    assert (refused.value.code, refused.value.field) == ("regarding.object_not_enabled", "regarding")
    assert everything() == before


def test_deleting_what_it_is_about_deletes_the_activity(admin: Actor) -> None:
    deal = make("lead", admin, topic="Ferry", last_name="Lind")
    task = make("task", admin, subject="Do it", regarding=refers("lead", deal))
    service.delete(registry.get("lead"), deal, admin)
    with pytest.raises(NotFound):
        read("task", task, admin)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<p>First line</p><p>Second</p>", "First line"),
        ("First<br>Second", "First"),
        ("<p></p><p>&amp; so on</p>", "& so on"),
        ("<p> </p>", "Note"),
    ],
)
def test_a_note_is_called_after_its_first_line(admin: Actor, body: str, title: str) -> None:
    assert read("note", make("note", admin, body=body), admin)["title"] == title


def test_a_note_with_nothing_but_a_file_is_called_after_it(
    admin: Actor, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    offer = files.store("offer.pdf", [b"%PDF-1.7"], "application/pdf", admin.user_id)
    row = read("note", make("note", admin, attachment=str(offer.pk)), admin)
    assert row["title"] == "offer.pdf" and row["attachment"]["name"] == "offer.pdf"


@given(st.text(max_size=2000))
def test_the_first_line_is_short_and_one_line(text: str) -> None:
    line = first_line(text)
    assert len(line) <= TITLE_LENGTH and len(line.splitlines()) <= 1


def test_an_empty_note_is_refused(admin: Actor) -> None:
    before = everything()
    with pytest.raises(Invalid) as refused:
        make("note", admin, body="<script>alert(1)</script>", title=" ")
    assert refused.value.code == "note.empty" and everything() == before


def test_people_change_their_own_notes_only(admin: Actor, rep: Actor, manager: Actor) -> None:
    account = make("account", rep, name="Nord AG")
    note = make("note", rep, title="Likes blue", regarding=refers("account", account))
    change("note", note, rep, title="Likes green")
    before = everything()
    for attempt in (
        lambda: change("note", note, manager, title="Likes red"),
        lambda: service.delete(registry.get("note"), note, manager),
    ):
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert refused.value.code == "note.not_own" and everything() == before
    change("note", note, admin, title="Likes red")
    service.assign(registry.get("note"), note, str(manager.user_id), manager)
    service.delete(registry.get("account"), account, manager)


def test_a_destroyed_note_gives_up_its_file_unless_another_note_holds_it(
    admin: Actor, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    entity = registry.get("note")
    offer = files.store("offer.pdf", [b"%PDF-1.7"], "application/pdf", admin.user_id)
    first = make("note", admin, attachment=str(offer.pk))
    second = make("note", admin, title="Carried over", attachment=str(offer.pk))

    service.delete(entity, first, admin)
    service.purge(entity, first, admin)
    assert files.bytes_stored() == 8  # the second note still shows it
    service.delete(entity, second, admin)
    assert files.bytes_stored() == 8  # it may come back from the bin
    service.purge(entity, second, admin)
    assert files.bytes_stored() == 0
