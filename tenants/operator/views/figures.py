"""Figures with charts, drawn by the server from rows (ASP-30 Figures)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.formats import localize

from tenants.operator import registry
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.pages import show

# Units of the drawing; the browser scales it.
WIDTH, ROW, LABEL = 420, 26, 140
TOP, HEIGHT, EDGE = 24, 110, 8


def bars(series: list[tuple[str, int]]) -> dict[str, Any]:
    """One horizontal bar per entry, in units of the drawing; the longest fills what the labels leave."""
    most = max((number for _label, number in series), default=0) or 1
    room = WIDTH - LABEL - 70
    rows = [
        {
            "label": label,
            "number": localize(number, use_l10n=True),
            "y": position * ROW,
            "text_y": position * ROW + 16,
            "width": round(room * number / most, 1),
            "value_x": LABEL + round(room * number / most, 1) + 8,
        }
        for position, (label, number) in enumerate(series)
    ]
    return {
        "rows": rows,
        "width": WIDTH,
        "height": max(1, len(rows)) * ROW,
        "label_x": LABEL - 10,
        "x": LABEL,
    }


def line(unit: str, points: list[tuple[str, int]], shown: list[str]) -> dict[str, Any]:
    """One value over time as a line above zero, in units of the drawing; ``shown`` are the values as people read them."""
    most = max((number for _label, number in points), default=0) or 1
    step = (WIDTH - 2 * EDGE) / max(1, len(points) - 1)
    placed = [
        {
            "x": round(EDGE + position * step, 1),
            "y": round(TOP + HEIGHT * (1 - number / most), 1),
            "label": label,
            "text": text,
        }
        for position, ((label, number), text) in enumerate(zip(points, shown, strict=True))
    ]
    return {
        "unit": unit,
        "points": placed,
        "path": " ".join(f"{point['x']},{point['y']}" for point in placed),
        "first": placed[0],
        "last": placed[-1],
        "width": WIDTH,
        "height": TOP + HEIGHT + 24,
        "base": TOP + HEIGHT,
        "label_y": TOP + HEIGHT + 18,
    }


@operator_page
def figures(request: OperatorRequest) -> HttpResponse:
    """Numbers of the business and what it is used for."""
    tiles, charts = [], []
    for figure in registry.figures():
        value = figure.value()
        if "lines" in value:
            drawn = [line(each["unit"], each["points"], each["shown"]) for each in value["lines"]]
            charts.append({"label": figure.label, "lines": drawn, "is_empty": not drawn})
        elif figure.is_chart:
            charts.append(
                {"label": figure.label, "chart": bars(value["series"]), "is_empty": not value["series"]}
            )
        else:
            tiles.append({"label": figure.label, **value})
    return show(request, "operator/figures.html", "figures", {"tiles": tiles, "charts": charts})
