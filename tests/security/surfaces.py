"""What one person is told of one object by every surface that counts, lists, draws or adds up."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from crm_core.metadata.entity import Entity
from tests.api_client import ApiClient
from tests.security.world import World


class Asked:
    """One person asking one object; `ids` is the list's answer, which all others must agree with."""

    def __init__(self, world: World, entity: Entity, api: ApiClient):
        self.world, self.entity, self.api, self.plural = world, entity, api, entity.plural
        self.periods = itertools.cycle(("day", "week", "month", "quarter", "year"))
        self.money = next((a.name for a in entity.money_attributes), None)
        self.pick = next(
            a.name for a in entity.attributes.values() if a.type.name in ("pick", "status_reason")
        )
        self.all, _sum = self.listed({"and": []})
        self.dated, self.days = self._planned_days()

    def _planned_days(self) -> tuple[set[str], list[str]]:
        """Records that have a moment they are planned by, and the days of all those moments, first to last."""
        if not self.entity.calendar:
            return set(), []
        start, end = self.entity.calendar
        rows = self.post("query", {"fields": [start, end], "limit": 1000})["rows"]
        days = sorted(row[n][:10] for row in rows for n in (start, end) if row[n])
        return {row["id"] for row in rows if row[start] or row[end]}, days

    def post(self, what: str, body: dict[str, Any]) -> Any:
        status, answer = self.api.post(f"/{self.plural}/{what}", body)
        assert status in (200, 202), (what, body, answer)
        return answer

    def listed(self, tree: Any) -> tuple[set[str], Decimal]:
        sums = [self.money] if self.money else []
        fields = [
            self.entity.primary,
            *sums,
            *[f"{n}_base" for n in sums if f"{n}_base" in self.entity.attributes],
        ]
        body = {"filter": tree, "fields": fields, "limit": 1000, "count": "exact", "sums": sums}
        answer = self.post("query", body)
        found = {r["id"] for r in answer["rows"]}
        assert answer["count"] == {"value": len(found), "exact": True} and len(answer["rows"]) == len(found)
        total = Decimal((answer["sums"] or {}).get(self.money) or 0) if self.money else Decimal(0)
        if self.money and f"{self.money}_base" in self.entity.attributes:
            assert total == sum(Decimal(r[f"{self.money}_base"] or 0) for r in answer["rows"])
        return found, total

    def check(self, name: str, tree: Any) -> None:
        """Every surface that is asked often; files only by `files`."""
        found, total = self.listed(tree)
        where = (self.entity.name, name)
        assert self.post("query", {"filter": tree, "limit": 1, "count": "capped"})["count"]["value"] == len(
            found
        ), where
        assert self.paged(tree) == found, where
        assert self.listed({"not": tree})[0] == self.all - found, where
        assert self.post("bulk/preview", {"operation": "edit", "filter": tree, "values": {}})[
            "selected"
        ] == len(found), where
        assert self.grouped(tree) == (found, total), where
        assert self.boarded(tree) == (found, total), where
        assert self.planned(tree) == found & self.dated, where
        assert self.reported(tree) == (found, total), where
        searched = {r["id"] for r in self.post("query", {"q": self.word, "limit": 1000})["rows"]}
        assert {
            r["id"] for r in self.post("query", {"filter": tree, "q": self.word, "limit": 1000})["rows"]
        } == found & searched, where
        assert self.post("aggregate", {"filter": tree, "q": self.word})["totals"] == [
            len(found & searched)
        ], where

    @property
    def word(self) -> str:
        return "1"

    def paged(self, tree: Any) -> set[str]:
        found: list[str] = []
        body: dict[str, Any] = {"filter": tree, "limit": 5, "order": [self.entity.primary]}
        while True:
            answer = self.post("query", body)
            found += [r["id"] for r in answer["rows"]]
            if answer["next"] is None:
                assert len(found) == len(set(found))
                return set(found)
            body["cursor"] = answer["next"]

    def grouped(self, tree: Any) -> tuple[set[str], Decimal]:
        """A chart: what its groups open, and the sum of its figures."""
        measures = [{"fn": "count"}, *([{"fn": "sum", "attribute": self.money}] if self.money else [])]
        answer = self.post(
            "aggregate", {"filter": tree, "group": [{"attribute": self.pick}], "measures": measures}
        )
        found: set[str] = set()
        for group in answer["groups"]:
            rows, total = self.listed({"and": [tree, group["filter"]]})
            assert (len(rows), total) == (
                group["values"][0],
                Decimal(group["values"][1] or 0) if self.money else Decimal(0),
            )
            found |= rows
        assert answer["totals"][0] == len(found)
        return found, Decimal(answer["totals"][1] or 0) if self.money else Decimal(0)

    def boarded(self, tree: Any) -> tuple[set[str], Decimal]:
        body = {"attribute": self.pick, "filter": tree, "limit": 1000, "sum": self.money, "weighted": None}
        columns = self.post("board", body)["columns"]
        rows = [r["id"] for c in columns for r in c["rows"]]
        assert [c["count"] for c in columns] == [len(c["rows"]) for c in columns] and len(rows) == len(
            set(rows)
        )
        return set(rows), sum((Decimal(c["sum"] or 0) for c in columns), Decimal(0))

    def planned(self, tree: Any) -> set[str]:
        """The calendar: two neighbouring spans, then the day one of its records begins or is due on."""
        if not self.days:
            return set()
        first, last = (dt.date.fromisoformat(self.days[i]) for i in (0, -1))
        middle, day = first + (last - first) / 2, dt.timedelta(days=1)
        spans = ((first - day, middle), (middle + day, last + day))
        body = {"filter": tree, "fields": list(self.entity.calendar or ())}
        rows: dict[str, Any] = {}
        for begin, end in spans:
            answer = self.post("calendar", {**body, "from": begin.isoformat(), "to": end.isoformat()})
            assert answer["more"] is False
            rows |= {row["id"]: row for row in answer["rows"]}
        for row in list(rows.values())[:1]:
            start, end_ = self.entity.calendar or ("", "")
            at = (row[start] or row[end_])[:10]
            assert row["id"] in {
                r["id"] for r in self.post("calendar", {**body, "from": at, "to": at})["rows"]
            }
        return set(rows)

    def reported(self, tree: Any) -> tuple[set[str], Decimal]:
        """A report over two groupings, one of them time: each figure opens as many records, and all of them together."""
        measures = [{"fn": "count"}, *([{"fn": "sum", "attribute": self.money}] if self.money else [])]
        by = next(self.periods)
        dates = [a for a in self.entity.attributes.values() if a.type.name == "date" and a.filterable]
        date = dates[0].name if dates else "created_at"
        second = {"attribute": "owner" if self.entity.has_owner else "state"}
        body = {"filter": tree, "group": [{"attribute": date, "by": by}, second], "measures": measures}
        answer = self.post("aggregate", {**body, "limit": 1000})
        assert sum(g["values"][0] for g in answer["groups"]) == answer["totals"][0]
        total = sum((Decimal(g["values"][1] or 0) for g in answer["groups"]), Decimal(0)) if self.money else 0
        parts = [{"and": [tree, g["filter"]]} for g in answer["groups"]]
        opened = [self.listed(part)[0] for part in parts[:2]]
        assert [len(rows) for rows in opened] == [g["values"][0] for g in answer["groups"][:2]], (by, body)
        every, _sum = self.listed({"or": parts})
        assert len(every) == answer["totals"][0]
        return every, Decimal(total)

    def files(self, name: str, tree: Any) -> None:
        """A saved view and the files made of it."""
        found, _total = self.listed(tree)
        body = {"object": self.entity.name, "name": name, "filter": tree, "columns": [self.entity.primary]}
        view = self.api.post("/views", body)[1]["id"]
        assert {r["id"] for r in self.post("query", {"view": view, "limit": 1000})["rows"]} == found, name
        for kind in ("csv", "xlsx"):
            stored = self.post("export", {"view": view, "format": kind, "with_ids": True})["job"]["file"]
            response = self.api.client.get(stored["url"], HTTP_HOST=self.api.host, **self.api.headers)
            assert _ids_in(b"".join(response.streaming_content), kind) & self.all == found, (
                self.entity.name,
                name,
                kind,
            )


def _ids_in(content: bytes, kind: str) -> set[str]:
    if kind == "xlsx":
        return {
            str(c)
            for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
            for c in row
        }
    text = content.decode("utf-8-sig")
    return {
        cell
        for row in csv.reader(io.StringIO(text), csv.Sniffer().sniff(text.split("\n")[0], ",;\t"))
        for cell in row
    }
