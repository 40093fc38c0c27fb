"""The work-list of possible duplicates: groups with score and reasons, for those who may read every member (CUS-10.4)."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Forbidden, Malformed, NotFound
from crm_core.records.duplicates.finding import described
from crm_core.records.duplicates.profiles import scanned_objects
from crm_core.records.duplicates.scanning import last_scan
from crm_core.records.models import DuplicatePair
from crm_core.records.models.duplicates import PAIR_STATES
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor

MAX_GROUP = 10
MAX_LIMIT = 100


def readable_pairs(actor: Actor, object_name: str | None = None) -> QuerySet:
    """Pairs of live records, both of which the actor may read. Raises NotFound for an unknown object."""
    entities = [e for e in scanned_objects() if actor.depth(e, "read")]
    if object_name is not None:
        registry.get(object_name)
    names = {e.name for e in entities}
    rows = DuplicatePair.objects.filter(first_object__in=names, second_object__in=names)
    if object_name is not None:
        rows = rows.filter(Q(first_object=object_name) | Q(second_object=object_name))
    first, second = Q(), Q()
    for entity in entities:
        live = base_rows(entity, actor).filter(merged_into=None).values("pk")
        first |= Q(first_object=entity.name, first_id__in=live)
        second |= Q(second_object=entity.name, second_id__in=live)
    return rows.filter(first, second) if entities else rows.none()


def groups(
    actor: Actor,
    *,
    object_name: str | None = None,
    state: str = "open",
    cursor: str | None = None,
    limit: int = 25,
) -> dict[str, Any]:
    """`{"groups", "next", "count", "objects", "scan"}`, best score first. A group stands where its best pair stands."""
    if state not in PAIR_STATES:
        raise Malformed("request.invalid_parameter", "open, later or not_duplicate.", field="state")
    if not 1 <= limit <= MAX_LIMIT:
        raise Malformed("request.limit", f"1 to {MAX_LIMIT} groups.", field="limit")
    rows = readable_pairs(actor, object_name).filter(state=state).order_by("-score", "id")
    page = rows
    if cursor:
        score, identifier = _decode(cursor)
        page = rows.filter(Q(score__lt=score) | Q(score=score, pk__gt=identifier))
    heads = list(page[: limit + 1])
    more = len(heads) > limit
    heads = heads[:limit]
    found: list[list[DuplicatePair]] = []
    for head in heads:
        if any(head.pk == pair.pk for group in found for pair in group):
            continue
        group = _around(head, rows)
        best = min(group, key=lambda p: (-p.score, str(p.pk)))
        if best.pk == head.pk:  # otherwise it was on an earlier page
            found.append(group)
    scan = last_scan()
    return {
        "groups": _described(found, actor),
        "next": _encode(heads[-1]) if more else None,
        "count": rows.count(),
        "objects": [e.name for e in scanned_objects() if actor.depth(e, "read")],
        "scan": {"job": str(scan.pk), "state": scan.state, "finished_at": scan.finished_at and scan.finished_at.isoformat(), "done": scan.done} if scan else None,
    }  # fmt: skip


def _around(head: DuplicatePair, rows: QuerySet) -> list[DuplicatePair]:
    """All pairs that hang together with `head`, at most ten records."""
    members = {head.first_id, head.second_id}
    pairs = {head.pk: head}
    for _hop in range(3):
        linked = rows.filter(Q(first_id__in=members) | Q(second_id__in=members)).exclude(pk__in=pairs)
        fresh = list(linked[: 5 * MAX_GROUP])
        for pair in fresh:
            if len(members | {pair.first_id, pair.second_id}) <= MAX_GROUP:
                members |= {pair.first_id, pair.second_id}
                pairs[pair.pk] = pair
        if not fresh:
            break
    return list(pairs.values())


def _described(found: Sequence[Sequence[DuplicatePair]], actor: Actor) -> list[dict[str, Any]]:
    wanted: dict[str, set[uuid.UUID]] = {}
    for pair in (p for group in found for p in group):
        wanted.setdefault(pair.first_object, set()).add(pair.first_id)
        wanted.setdefault(pair.second_object, set()).add(pair.second_id)
    shown: dict[str, dict[str, Any]] = {}
    mergeable: dict[uuid.UUID, bool] = {}
    for name, ids in wanted.items():
        entity = registry.get(name)
        for record in described(entity, list(ids), actor, limit=len(ids)):
            shown[record["id"]] = record
        mergeable.update(_mergeable(entity, ids, actor))
    return [_group(pairs, shown, mergeable) for pairs in found]


def _mergeable(entity: Entity, ids: set[uuid.UUID], actor: Actor) -> dict[uuid.UUID, bool]:
    if not entity.merge or not actor.depth(entity, "merge"):
        return dict.fromkeys(ids, False)
    rows = base_rows(entity, actor, "merge").filter(pk__in=ids)
    condition = access.visible(entity, actor, "write")
    rows = rows if condition is None else rows.filter(condition)
    closed = [s.value for s in entity.states if s.closed]
    allowed = set(rows.exclude(state__in=closed).values_list("pk", flat=True))
    return {i: i in allowed for i in ids}


def _group(
    pairs: Sequence[DuplicatePair], shown: dict[str, dict[str, Any]], mergeable: dict[uuid.UUID, bool]
) -> dict[str, Any]:
    ordered = sorted(pairs, key=lambda p: (-p.score, str(p.pk)))
    ids = dict.fromkeys(i for p in ordered for i in (p.first_id, p.second_id))
    records = [{**shown[str(i)], "mergeable": mergeable.get(i, False)} for i in ids if str(i) in shown]
    reasons = dict.fromkeys(r for p in ordered for r in p.reasons)
    return {
        "id": str(ordered[0].pk),
        "score": ordered[0].score,
        "reasons": list(reasons),
        "records": records,
        "pairs": [
            {"id": str(p.pk), "first": str(p.first_id), "second": str(p.second_id), "score": p.score, "reasons": p.reasons}
            for p in ordered
        ],
    }  # fmt: skip


@transaction.atomic
def decide(pair_ids: Sequence[uuid.UUID], decision: str, actor: Actor) -> int:
    """Remember what a person says about pairs: `not_duplicate`, `later`, or `open` again. Returns how many.

    Raises NotFound when one is absent or not readable, Forbidden without write or merge rights on its objects.
    """
    if decision not in PAIR_STATES:
        raise Malformed("dedup.unknown_decision", "not_duplicate, later or open.", field="decision")
    readable = readable_pairs(actor).filter(pk__in=pair_ids).values("pk")
    pairs = list(DuplicatePair.objects.select_for_update().filter(pk__in=readable).order_by("pk"))
    if len(pairs) != len(set(pair_ids)):
        raise NotFound()
    for name in {n for p in pairs for n in (p.first_object, p.second_object)}:
        entity = registry.get(name)
        if not actor.depth(entity, "merge") and not actor.depth(entity, "write"):
            raise Forbidden(
                "privilege.missing", "You may not decide about such records.", details={"privilege": "write"}
            )
    DuplicatePair.objects.filter(pk__in=[p.pk for p in pairs]).update(
        state=decision, decided_by=actor.user_id, decided_at=timezone.now()
    )
    return len(pairs)


def _encode(pair: DuplicatePair) -> str:
    return base64.urlsafe_b64encode(f"{pair.score}|{pair.pk}".encode()).decode()


def _decode(cursor: str) -> tuple[int, uuid.UUID]:
    try:
        score, _bar, identifier = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return int(score), uuid.UUID(identifier)
    except ValueError:
        raise Malformed("request.cursor", "This is no cursor.", field="cursor") from None
