"""An import, its staged rows and what became of them (PLT-45.5).

The three row tables are written by COPY and read by key range; they have no foreign keys and no further indexes,
and vanish when the import is cleared away.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager


class Import(models.Model):
    """One uploaded file on its way into the workspace. `state` is what the wizard shows; jobs carry the progress."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey("records.StoredFile", models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=255)
    state = models.CharField(max_length=12, default="uploaded")
    object = models.CharField(max_length=63, null=True)
    object_guesses = models.JSONField(default=list)
    format = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    row_count = models.IntegerField(default=0)
    mapping = models.JSONField(default=dict)
    match = models.JSONField(default=dict)
    stats = models.JSONField(default=dict)
    error = models.JSONField(null=True)
    job = models.ForeignKey("records.Job", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField(null=True)

    objects = GuardedManager()

    class Meta:
        indexes = (models.Index("created_by", "created_at", name="import_mine"),)


class ImportRow(models.Model):
    """A row of the file as text. `overrides` are what a person typed over cells; `problems` what reading found wrong."""

    pk = models.CompositePrimaryKey("import_id", "number")
    import_id = models.UUIDField()
    number = models.IntegerField()
    cells = models.JSONField()
    overrides = models.JSONField(null=True)
    problems = models.JSONField(null=True)

    objects = GuardedManager()


class ImportOutcome(models.Model):
    """What the check found for a row, and after the run what was written.

    `status`: new, update, duplicate, error before the run; created, updated, duplicate, failed after it.
    `pending` are references to rows further down in the file, set in a second pass.
    """

    pk = models.CompositePrimaryKey("import_id", "number")
    import_id = models.UUIDField()
    number = models.IntegerField()
    status = models.CharField(max_length=10)
    errors = models.JSONField(null=True)
    object = models.CharField(max_length=63, null=True)
    record_id = models.UUIDField(null=True)
    pending = models.JSONField(null=True)

    objects = GuardedManager()


class ImportKey(models.Model):
    """Hash of a matching or duplicate key of a row that will be written: finds repetitions within the file."""

    id = models.BigAutoField(primary_key=True)
    import_id = models.UUIDField()
    key = models.BigIntegerField()
    number = models.IntegerField()

    objects = GuardedManager()

    class Meta:
        indexes = (models.Index("import_id", "key", name="importkey_key"),)


class ImportMap(models.Model):
    """A saved mapping, offered again for files with the same headers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    object = models.CharField(max_length=63)
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    match = models.JSONField(default=dict)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = GuardedManager()
