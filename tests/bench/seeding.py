"""Rows by set-based SQL: one record of each object is made through the kernel, the others are its copies with own values.

Nothing is random: value `g` of `generate_series` decides everything, so every run has the same data. A thousand
records share each `created_at`, as after an import.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from tests.bench.workspace import CUSTOM_VALUES, EMAIL

FIRST = "array['Anna','Bernd','Clara','David','Elena','Felix','Greta','Hasan','Ines','Jonas']"
LAST = "array['Adler','Brandt','Conrad','Dietz','Ebert','Falk','Gruber','Hartmann','Ivanov','Jansen','Keller','Lorenz']"
CITY = "array['Berlin','Hamburg','Munich','Cologne','Leipzig','Dresden','Bremen','Essen','Kiel','Mainz']"


def pick(array: str, by: str) -> str:
    return f"({array})[1 + {by} % cardinality({array})]"


def key(kind: str, number: str) -> str:
    """SQL of the id of record `number` of an object: a time-ordered UUID that is the same in every run."""
    return (
        f"(lpad(to_hex(1750000000000 + ({number})), 12, '0') || '7' || substr(md5('{kind}' || ({number})), 1, 3)"
        f" || 'a' || substr(md5('{kind}' || ({number})), 4, 15))::uuid"
    )


def seed(counts: dict[str, int]) -> None:
    """Accounts, contacts, leads, opportunities and activities with audit entries, in the active workspace."""
    from crm_core.metadata import registry
    from crm_core.security.actor import actor_for
    from crm_core.security.models import Principal, SystemUser

    rita = SystemUser.objects.get(email=EMAIL)
    actor = actor_for(rita.pk)
    assert actor is not None
    owners = list(
        Principal.objects.filter(business_unit_id=rita.business_unit_id, kind="user").values_list(
            "pk", flat=True
        )
    )
    stranger = SystemUser.objects.get(email="stranger@bench.example")
    mine = f"(array[{','.join(repr(str(o)) for o in sorted(owners, key=str))}])[1 + g % {len(owners)}]::uuid"
    own = {
        "owner_id": f"case when g / 7 % 10 = 5 then '{stranger.pk}'::uuid else {mine} end",
        "owning_business_unit_id": f"case when g / 7 % 10 = 5 then '{stranger.business_unit_id}'::uuid"
        f" else '{rita.business_unit_id}'::uuid end",
        "created_at": "timestamptz '2025-01-01' + (g / 1000) * interval '1 hour'",
        "modified_at": "timestamptz '2025-06-01' + g * interval '1 second'",
        "source_system": "'bench'",
    }
    segment = registry.get("contact").custom_attributes[0].name
    vary = f"jsonb_set(jsonb_set(t.custom, '{{{segment}}}', to_jsonb(1 + g / 3 % 8)), '{{bench}}', to_jsonb(g)) - 'bench'"
    accounts, contacts = counts["account"], counts["contact"]
    name = f"'Company ' || {pick(LAST, 'g')} || ' ' || g"
    copies("account", actor, counts["account"], {"name": "Company"}, {
        **own, "name": name, "custom": vary, "address1_city": pick(CITY, "(g * 3 / 7)"),
        "email": "'info@company' || g || '.example'", "search_text": f"lower({name}) || ' info@company' || g || '.example'",
    })  # fmt: skip
    full = f"{pick(FIRST, 'g')} || ' ' || {pick(LAST, '(g / 10)')} || ' ' || g"
    copies("contact", actor, contacts, {"last_name": "Copy", "first_name": "Ann", "job_title": "Buyer",
                                         "email": "copy@example.com", "business_phone": "+49 30 901820"}, {
        **own, "first_name": pick(FIRST, "g"), "last_name": f"{pick(LAST, '(g / 10)')} || ' ' || g", "full_name": full,
        "email": "'person' || g || '@bench.example'", "address1_city": pick(CITY, "(g * 3 / 7)"), "custom": vary,
        "parent_account_id": key("account", f"1 + g % {accounts}"),
        "business_phone": "'+49 30 ' || (1000000 + g)",
        "search_text": f"lower({full}) || ' person' || g || '@bench.example +49 30 ' || (1000000 + g) || ' 4930' || (1000000 + g)",
    })  # fmt: skip
    copies("lead", actor, counts["lead"], {"last_name": "Copy", "topic": "Copy"}, {
        **own, "last_name": f"{pick(LAST, 'g')} || ' ' || g", "full_name": full,
        "search_text": f"lower({full})",
    })  # fmt: skip
    topic = f"'Project ' || {pick(LAST, 'g')} || ' ' || g"
    copies("opportunity", actor, counts["opportunity"],
            {"topic": "Copy", "customer": {"object": "contact", "id": str(first("contact"))}, "estimated_revenue": "100.00"}, {
        **own, "topic": topic, "customer_contact_id": key("contact", f"1 + g % {contacts}"), "stage": "1 + g % 4",
        "estimated_revenue": "100 + g % 900", "estimated_revenue_base": "100 + g % 900", "custom": vary,
        "estimated_close_date": "date '2026-01-15' + (g % 360)", "search_text": f"lower({topic})",
    })  # fmt: skip
    for kind, share in (("task", 0.4), ("phone_call", 0.3), ("appointment", 0.2), ("note", 0.1)):
        title = "title" if kind == "note" else "subject"
        text = f"'Talk about ' || {pick(LAST, 'g')} || ' ' || g"
        regarding = {"regarding": {"object": "contact", "id": str(first("contact"))}}
        closed = {"state": "case when g % 3 = 0 then t.state else 'completed' end"} if kind != "note" else {}
        copies(kind, actor, int(counts["activity"] * share), {title: "Copy", **regarding}, {
            **own, **closed, title: text, "regarding_id": key("contact", f"1 + g % {contacts}"), "search_text": f"lower({text})",
        })  # fmt: skip


def first(kind: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"select {key(kind, '1')}")
        return cursor.fetchone()[0]


def copies(kind: str, actor: Any, count: int, values: dict[str, Any], columns: dict[str, str]) -> None:
    """`count` copies of one record made through the kernel, with these columns as SQL over `g`; one audit entry each."""
    from crm_core.metadata import registry
    from crm_core.records import service

    entity = registry.get(kind)
    custom = dict(zip((a.name for a in entity.custom_attributes), CUSTOM_VALUES, strict=False))
    made = service.create(entity, {**values, **custom}, actor).id
    table = entity.model._meta.db_table
    names = [f.column for f in entity.model._meta.concrete_fields if f.column != "id"]
    if unknown := set(columns) - set(names):
        raise LookupError(f"{table} has no {sorted(unknown)}")
    chosen = ", ".join(f"({columns[n]})" if n in columns else f't."{n}"' for n in names)
    listed = ", ".join(f'"{n}"' for n in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'insert into "{table}" (id, {listed}) select {key(kind, "g")}, {chosen}'
            f" from \"{table}\" t, generate_series(1, {count}) g where t.id = '{made}'"
        )
        cursor.execute(
            "insert into records_auditentry (id, object, record_id, at, actor_id, actor_name, source, operation,"
            f" changes, version) select {key('audit' + kind, 'g')}, a.object, {key(kind, 'g')}, a.at, a.actor_id,"
            " a.actor_name, a.source, a.operation, a.changes, a.version from records_auditentry a,"
            f" generate_series(1, {count}) g where a.record_id = '{made}' and a.operation = 'create'"
        )
    if made != first(kind):
        entity.model.objects.filter(pk=made).update(deleted_at="2025-01-01T00:00:00Z")


def copy_to_floor(schema: str, counts: dict[str, int], read: Any, write: Any) -> None:
    """Bring the same contacts, opportunities and tasks into the floor's own database, by COPY."""
    c, o, t = f'"{schema}".customers_contact', f'"{schema}".sales_opportunity', f'"{schema}".activities_task'
    pairs = {
        "crm_contact": (
            "id, first_name, last_name, full_name, email, business_phone, job_title, city, do_not_email, do_not_phone,"
            " description, created_at, modified_at",
            f"select id, first_name, last_name, full_name, email, business_phone, job_title, address1_city, false, false,"
            f" description, created_at, modified_at from {c} where deleted_at is null",
        ),
        "crm_opportunity": (
            "id, topic, contact_id, stage, state, estimated_revenue, estimated_close_date, created_at",
            f"select id, topic, customer_contact_id, stage, state, estimated_revenue, estimated_close_date, created_at"
            f" from {o} where deleted_at is null",
        ),
        "crm_task": (
            "id, subject, contact_id, state, created_at",
            f"select id, subject, regarding_id, state, created_at from {t} where deleted_at is null",
        ),
    }
    for table, (columns, query) in pairs.items():
        full = f'"floor".{table}'
        if write.execute(f"select count(*) from {full}").fetchone()[0]:
            continue
        source = read.cursor().copy(f"copy ({query}) to stdout")
        target = write.cursor().copy(f"copy {full} ({columns}) from stdin")
        with source as reading, target as writing:
            for block in reading:
                writing.write(block)
        write.execute(f"analyze {full}")
    write.commit()
