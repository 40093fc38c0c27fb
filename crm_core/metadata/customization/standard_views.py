"""Views for everybody as part of the published body: delivered ones changed or hidden, new ones added (PLT-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_core.metadata.customization.definitions import label_text, only_keys, translations
from crm_core.metadata.entity import Entity, View
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.labels import TenantLabel

MAX_VIEWS = 50
MAX_COLUMNS = 50
LAYOUTS = ("table", "board", "calendar")
VIEW_KEYS = {"label", "labels", "columns", "filter", "order", "default", "layout", "board_attribute"}


def checked_view(definition: Any) -> dict[str, Any]:
    """A standard view's document, cleaned. Names, filter and order are checked by the search floor.

    Raises Invalid with the field.
    """
    only_keys(definition, VIEW_KEYS)
    columns = definition.get("columns")
    if not isinstance(columns, list) or not 1 <= len(columns) <= MAX_COLUMNS:
        raise Invalid("view.columns", f"1 to {MAX_COLUMNS} columns are needed.", field="columns")
    order = definition.get("order") or []
    if not isinstance(order, list) or not all(isinstance(o, str) for o in order):
        raise Invalid("order.malformed", "The order is a list of names.", field="order")
    layout = definition.get("layout") or "table"
    if layout not in LAYOUTS:
        raise Invalid("view.layout", "Layouts are table, board and calendar.", field="layout")
    board = definition.get("board_attribute")
    if board is not None and not isinstance(board, str):
        raise Invalid("view.board_attribute", "A field's name is needed.", field="board_attribute")
    tree = definition.get("filter") or None
    if tree is not None and not isinstance(tree, dict):
        raise Invalid("filter.malformed", "A filter is a tree of conditions.", field="filter")
    return {
        "label": label_text(definition, "label"),
        "labels": translations(definition, "labels"),
        "columns": [_column(c, i) for i, c in enumerate(columns)],
        "filter": tree,
        "order": order,
        "default": definition.get("default") is True,
        "layout": layout,
        "board_attribute": board,
    }


def _column(column: Any, index: int) -> dict[str, Any]:
    column = {"name": column} if isinstance(column, str) else column
    if (
        not isinstance(column, dict)
        or set(column) - {"name", "width"}
        or not isinstance(column.get("name"), str)
    ):
        raise Invalid("view.columns", "A column has name and width.", field=f"columns.{index}")
    width = column.get("width")
    if width is not None and (
        isinstance(width, bool) or not isinstance(width, int) or not 20 <= width <= 2000
    ):
        raise Invalid("view.columns", "A width is 20 to 2,000.", field=f"columns.{index}.width")
    return {"name": column["name"], **({"width": width} if width else {})}


def refuse_last(entity: Entity, key: str) -> None:
    """An object keeps at least one standard view. Raises Conflict `view.last`."""
    if {v.key for v in entity.views} <= {key}:
        raise Conflict("view.last", "An object keeps at least one standard view.")


def with_views(entity: Entity, documents: Mapping[str, dict[str, Any]]) -> Entity:
    """`entity` with the published views: changed and hidden delivered ones in their place, new ones after them."""
    if not documents:
        return entity
    views: list[View] = []
    for view in entity.views:
        document = documents.get(view.key)
        if document is None:
            views.append(view)
        elif not document.get("hidden"):
            views.append(_compiled(view.key, document, custom=False))
    delivered = {v.key for v in entity.views}
    added = sorted((d.get("position", 0), k) for k, d in documents.items() if k not in delivered)
    views += [_compiled(key, documents[key], custom=True) for _position, key in added]
    chosen = [v.key for v in views if v.default and v.key in documents] or [v.key for v in views if v.default]
    default = chosen[0] if chosen else (views[0].key if views else "")
    return replace(entity, views=tuple(replace(v, default=v.key == default) for v in views))


def _compiled(key: str, document: dict[str, Any], *, custom: bool) -> View:
    return View(
        name=TenantLabel(document["label"], document.get("labels")),
        columns=tuple(c["name"] for c in document["columns"]),
        filter=document.get("filter"),
        order=tuple(document.get("order") or ()),
        default=bool(document.get("default")),
        layout=document.get("layout") or "table",
        key=key,
        board_attribute=document.get("board_attribute"),
        widths={c["name"]: c["width"] for c in document["columns"] if c.get("width")},
        custom=custom,
        changed=True,
    )
