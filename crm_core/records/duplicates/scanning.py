"""The scan of existing records as a job: keys of every record, then the blocks that share one, scored (CUS-10, PEERS 3.8).

Each step is short, commits with its progress and holds at most a few thousand records, however many there are.
"""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Forbidden, Malformed
from crm_core.records import jobs
from crm_core.records.duplicates.profiles import partners, reader_of, scanned_objects
from crm_core.records.duplicates.scoring import SUGGEST_FROM, Profile, blocking_keys, score
from crm_core.records.models import DuplicatePair, DuplicateScan, Job
from crm_core.records.service.copying import copy_rows
from crm_core.security.actor import Actor, system_actor

KIND = "duplicate_scan"
READ_STEP = 2000
BLOCKS_STEP = 3000
LARGEST_BLOCK = 40  # a switchboard's number or a frequent name says too little on its own
UNFINISHED = ("queued", "running")


@transaction.atomic
def start(object_name: str | None, actor: Actor) -> Job:
    """Scan one object, or all; a scan that is under way is answered instead of a second one.

    Raises Malformed for an object that is not scanned, Forbidden without the merge right on it.
    """
    entities = scanned_objects()
    if object_name is not None:
        entities = [e for e in entities if e.name == object_name]
        if not entities:
            raise Malformed(
                "dedup.not_scanned", "Duplicates of this object are not looked for.", field="object"
            )
    entities = [e for e in entities if actor.depth(e, "merge") or actor.depth(e, "write")]
    if not entities:
        raise Forbidden(
            "privilege.missing", "You may not merge such records.", details={"privilege": "merge"}
        )
    names = [e.name for e in entities]
    running = Job.objects.filter(kind=KIND, state__in=UNFINISHED, params__objects=names).first()
    if running is not None:
        return running
    job = jobs.create_job(KIND, KIND, actor, object_name=object_name, params={"objects": names})
    jobs.wake_job(job)
    return job


def start_nightly() -> None:
    """Scan everything that has records; run by a sweep."""
    if any(e.model.objects.exists() for e in scanned_objects()):
        start(None, system_actor())


def last_scan() -> Job | None:
    return Job.objects.filter(kind=KIND).order_by("-created_at").first()


class ScanHandler(jobs.JobHandler):
    """Phase `keys` fills the table of keys, phase `pairs` scores the blocks, phase `tidy` drops what no longer matches.

    A pair is a fact about the data, whoever asked for the scan; who sees it is decided when it is listed.
    """

    kind = KIND

    def step(self, job: Job, actor: Actor) -> bool:
        cursor = job.cursor or {
            "phase": "keys",
            "object": 0,
            "after": None,
            "since": timezone.now().isoformat(),
        }
        phase = {"keys": self._keys, "pairs": self._pairs, "tidy": self._tidy}[cursor["phase"]]
        job.cursor = phase(job, cursor)
        return job.cursor["phase"] == "done"

    def _keys(self, job: Job, cursor: dict[str, Any]) -> dict[str, Any]:
        names = _with_partners([n for n in job.params["objects"] if n in registry.current().entities])
        if cursor["object"] >= len(names):
            with connection.cursor() as database:
                database.execute(f"ANALYZE {connection.ops.quote_name(DuplicateScan._meta.db_table)}")
            return {**cursor, "phase": "pairs", "after": None}
        reader = reader_of()(names[cursor["object"]])
        after = uuid.UUID(cursor["after"]) if cursor["after"] else None
        profiles = reader.after(after, READ_STEP)
        rows = [
            {
                "job_id": job.pk,
                "key": _number(reader.entity, key),
                "object": reader.entity.name,
                "record_id": pk,
            }
            for pk, profile in profiles.items()
            for key in blocking_keys(profile)
        ]
        if rows:
            copy_rows(DuplicateScan, rows)
        job.done += len(profiles)
        job.total = job.done
        if len(profiles) < READ_STEP:
            return {**cursor, "object": cursor["object"] + 1, "after": None}
        return {**cursor, "after": str(list(profiles)[-1])}

    def _pairs(self, job: Job, cursor: dict[str, Any]) -> dict[str, Any]:
        blocks = _blocks(job, cursor["after"])
        if not blocks:
            return {**cursor, "phase": "tidy"}
        found = _scored(
            {pair for _key, members in blocks for pair in itertools.combinations(sorted(members), 2)}
        )
        _keep(found)
        job.result = {"pairs": job.result.get("pairs", 0) + len(found)}
        return {**cursor, "after": blocks[-1][0]}

    def _tidy(self, job: Job, cursor: dict[str, Any]) -> dict[str, Any]:
        names = _with_partners(job.params["objects"])
        stale = DuplicatePair.objects.filter(
            Q(state__in=("open", "later")), first_object__in=names, second_object__in=names, scanned_at__lt=cursor["since"]
        )  # fmt: skip
        stale.delete()
        DuplicateScan.objects.filter(job_id=job.pk).delete()
        job.result = {
            "pairs": DuplicatePair.objects.filter(
                state="open", first_object__in=names, second_object__in=names
            ).count()
        }
        return {**cursor, "phase": "done"}


def _with_partners(names: Iterable[str]) -> list[str]:
    found = dict.fromkeys(names)
    for name in list(found):
        found.update(dict.fromkeys(partners(registry.get(name))))
    return list(found)


def _number(entity: Entity, key: str) -> int:
    """A key as a number; objects that may match each other share their numbers."""
    group = "person" if "last_name" in entity.attributes else entity.name
    digest = hashlib.blake2b(f"{group}|{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _blocks(job: Job, after: int | None) -> list[tuple[int, list[tuple[str, str]]]]:
    """The next keys that 2 to 40 records share, with (object, id) of those records."""
    table = connection.ops.quote_name(DuplicateScan._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, array_agg(object || ' ' || record_id::text) FROM {table} WHERE job_id = %s AND key > %s "  # noqa: S608 (our table)
            "GROUP BY key HAVING count(*) BETWEEN 2 AND %s ORDER BY key LIMIT %s",
            [job.pk, after if after is not None else -(2**63), LARGEST_BLOCK, BLOCKS_STEP],
        )
        return [(key, [tuple(m.split(" ")) for m in members]) for key, members in cursor.fetchall()]


def _scored(pairs: set[tuple[tuple[str, str], tuple[str, str]]]) -> list[DuplicatePair]:
    """The pairs that are worth showing."""
    wanted: dict[str, set[uuid.UUID]] = {}
    for member in {m for pair in pairs for m in pair}:
        wanted.setdefault(member[0], set()).add(uuid.UUID(member[1]))
    reader = reader_of()
    profiles: dict[tuple[str, str], Profile] = {}
    for name, ids in wanted.items():
        profiles.update({(name, str(pk)): p for pk, p in reader(name).of(ids).items()})
    now = timezone.now()
    allowed = _comparable(wanted)
    found = []
    for one, other in pairs:
        ours, theirs = profiles.get(one), profiles.get(other)
        if ours is None or theirs is None or (one[0], other[0]) not in allowed:
            continue
        points, reasons = score(ours, theirs)
        if points >= SUGGEST_FROM:
            first, second = sorted((one, other), key=lambda m: uuid.UUID(m[1]))
            found.append(
                DuplicatePair(first_object=first[0], first_id=first[1], second_object=second[0], second_id=second[1],
                              score=points, reasons=reasons, scanned_at=now)
            )  # fmt: skip
    return found


def _comparable(names: Iterable[str]) -> set[tuple[str, str]]:
    found = {(n, n) for n in names}
    for name in names:
        for other in partners(registry.get(name)):
            found |= {(name, other), (other, name)}
    return found


def _keep(pairs: Sequence[DuplicatePair]) -> None:
    """New pairs come in, known ones get their new score; what a person decided stays."""
    pairs = sorted(pairs, key=lambda p: (str(p.first_id), str(p.second_id)))  # one lock order for everybody
    DuplicatePair.objects.bulk_create(
        pairs, batch_size=1000, update_conflicts=True, unique_fields=["first_id", "second_id"],
        update_fields=["score", "reasons", "scanned_at"],
    )  # fmt: skip
