"""Counts and sums of opportunities by stage and month, kept by the database (decision 0021)."""

from __future__ import annotations

from django.db import models

from tenants.context import GuardedManager


class OpportunityRollup(models.Model):
    """What live opportunities of one state, stage, owner, unit and month of closing amount to.

    Rows of the same key add up: triggers on the opportunities (migration 0004) write what a statement changed as rows of
    its own, `records` and amounts negative for what went away, so that no two writers wait for one another. Columns are
    called as those of the opportunity, so the same rights and filters hold for both. `…_filled` counts the records
    that have an amount at all: no amount is not zero.
    """

    id = models.BigAutoField(primary_key=True)
    state = models.CharField(max_length=20)
    stage = models.IntegerField(null=True)
    # no constraints: what has added up to nothing may outlive its owner until it is drawn together
    owner = models.ForeignKey(
        "security.Principal",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    owning_business_unit = models.ForeignKey(
        "security.BusinessUnit",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    estimated_close_date = models.DateField(null=True)  # the first of the month
    records = models.IntegerField()
    estimated_revenue_base = models.DecimalField(max_digits=30, decimal_places=4)
    estimated_revenue_base_filled = models.IntegerField()
    weighted_revenue_base = models.DecimalField(max_digits=30, decimal_places=4)
    weighted_revenue_base_filled = models.IntegerField()

    objects = GuardedManager()
