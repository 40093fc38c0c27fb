"""Duplicate rules of a workspace, their match codes, and the work-list of possible duplicates (CUS-10)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager

RULE_STATES = ("unpublished", "publishing", "published")
PAIR_STATES = ("open", "later", "not_duplicate")


class DuplicateRule(models.Model):
    """When a record of `base_object` looks like one of `matching_object`: all `conditions` agree (CUS-10.1).

    A condition is `{"attribute", "matching_attribute", "operator", "n", "ignore_blank"}`. `key` names a delivered rule.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=200, null=True, unique=True)
    name = models.CharField(max_length=160)
    base_object = models.CharField(max_length=63)
    matching_object = models.CharField(max_length=63)
    conditions = models.JSONField(default=list)
    case_sensitive = models.BooleanField(default=False)
    exclude_inactive = models.BooleanField(default=False)
    blocks = models.BooleanField(default=False)
    state = models.CharField(max_length=12, default="unpublished")
    created_at = models.DateTimeField(db_default=Now())

    objects = GuardedManager()


class MatchCode(models.Model):
    """What a rule compares of one record of its matching object, as a digest: finding matches is one index look-up."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule = models.ForeignKey(
        DuplicateRule, models.CASCADE, related_name="codes", db_index=False, db_constraint=False
    )
    record_id = models.UUIDField()
    code = models.UUIDField()

    objects = GuardedManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record_id", "rule"), name="match_code_once"),)
        indexes = (models.Index("rule", "code", name="match_code_lookup"),)


class DuplicateScan(models.Model):
    """Keys of one run over existing data; the rows of a run are removed when it ends."""

    id = models.BigAutoField(primary_key=True)
    job_id = models.UUIDField()
    key = models.BigIntegerField()
    object = models.CharField(max_length=63)
    record_id = models.UUIDField()

    objects = GuardedManager()

    class Meta:
        indexes = (models.Index("job_id", "key", name="duplicate_scan_key"),)


class DuplicatePair(models.Model):
    """Two records that may be the same thing, with what speaks for it; the decision of a person is remembered.

    `first_id` < `second_id`. `score` is 0 to 100. `state` is open, later or not_duplicate; a merged pair is removed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first_object = models.CharField(max_length=63)
    first_id = models.UUIDField()
    second_object = models.CharField(max_length=63)
    second_id = models.UUIDField()
    score = models.SmallIntegerField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=13, default="open")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    scanned_at = models.DateTimeField()

    objects = GuardedManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("first_id", "second_id"), name="duplicate_pair_once"),)
        indexes = (
            models.Index("state", models.F("score").desc(), "id", name="duplicate_pair_list"),
            models.Index("second_id", name="duplicate_pair_second"),
        )
