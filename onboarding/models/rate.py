"""Counters per network address or mail address, as rows so that they hold when Redis is down."""

from __future__ import annotations

from django.db import models


class VisitorRate(models.Model):
    """How often something was done under one key since the window began."""

    key = models.CharField(primary_key=True, max_length=100)
    window_began_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "onboarding_visitor_rate"
        indexes = [models.Index(fields=["window_began_at"], name="visitor_rate_age")]
