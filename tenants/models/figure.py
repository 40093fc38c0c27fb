"""Figures of the business day by day, so that charts show how they went (ASP-30 Figures)."""

from __future__ import annotations

from django.db import models


class FigureDay(models.Model):
    """One figure as it stood at the end of a day, or stands today. ``unit`` is a currency, or empty for a count."""

    name = models.CharField(max_length=40)
    day = models.DateField()
    unit = models.CharField(max_length=8, blank=True, default="")
    value = models.BigIntegerField()

    class Meta:
        db_table = "tenants_figure_day"
        constraints = [models.UniqueConstraint(fields=["name", "unit", "day"], name="figure_day_once")]
