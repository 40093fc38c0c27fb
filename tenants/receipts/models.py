"""Receipts of keyed tasks: written in the task's own transaction, so work and receipt appear together."""

from __future__ import annotations

from django.db import models

from tenants.context import GuardedManager


class TaskReceipt(models.Model):
    """A task with this key was done; the same key is not done again."""

    key = models.CharField(primary_key=True, max_length=200)
    done_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "receipts_task_receipt"
        base_manager_name = "objects"
        indexes = [models.Index(fields=["done_at"], name="receipts_done_at")]
