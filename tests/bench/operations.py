"""Operations a–k of PERFORMANCE.md for the product, the floor and plain SQL. Each call checks its answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

import psycopg

from tests.bench import workspace
from tests.bench.seeding import key
from tests.bench.servers import Server

Operation = Callable[[int], int]


def expect(condition: Any, what: Any) -> None:
    """Raises AssertionError: a wrong answer makes every figure worthless."""
    if not condition:
        raise AssertionError(f"wrong answer: {what!r}"[:600])


FULL_OFFSET = 40_000


#: names that each tenth or twelfth record has: the worst case of a search index
COMMON = ("keller", "anna", "brandt", "lorenz", "company", "talk", "felix", "keller+1")


def typed(n: int) -> int:
    """Three digits, each time others, as people type: what was compiled for one text is of no use for the next."""
    return 100 + n % 400


def hits(offset: int) -> int:
    """How many rows the search of operation d finds at least: a page of them, or one in a small copy of the data."""
    return 50 if offset >= FULL_OFFSET else 1


class Product:
    """The product as the salesperson's screens ask it."""

    def __init__(self, server: Server, measured: workspace.Measured, counts: dict[str, int], offset: int):
        self.server, self.counts, self.hits = server, counts, hits(offset)
        self.run = time.time_ns()  # created people must be new, also in a second run
        self.segment = measured.custom["contact"][0]
        self.contact = self._first("/contacts?limit=1")
        self.name = self.contact["full_name"]
        self.deep = self._walk(offset)
        _status, _page, headers = server.send("GET", "/login/", form={})
        self.csrf = SimpleCookie(headers["Set-Cookie"])["csrftoken"].value

    def _first(self, path: str) -> Any:
        return self.server.ask("GET", f"/api/v1{path}")[0]["rows"][0]

    def _walk(self, offset: int) -> str:
        cursor = None
        step = min(1000, offset)
        for _page in range(offset // step):
            path = f"/api/v1/contacts?limit={step}&fields=full_name" + (f"&cursor={cursor}" if cursor else "")
            cursor = self.server.ask("GET", path)[0]["next"]
        return str(cursor)

    def _list(self, query: str, rows: int = 50) -> int:
        found, size = self.server.ask("GET", f"/api/v1/contacts?limit=50&count=capped{query}")
        expect(rows <= len(found["rows"]) <= 50 and "full_name" in found["rows"][0], found)
        return size

    def a_list(self, _n: int) -> int:
        return self._list("")

    def b_deep(self, _n: int) -> int:
        return self._list(f"&cursor={self.deep}")

    def c_filter(self, _n: int) -> int:
        tree = quote(json.dumps({"attribute": "address1_city", "operator": "eq", "value": "Hamburg"}))
        return self._list(f"&filter={tree}&order=full_name")

    def c_custom(self, _n: int) -> int:
        tree = quote(json.dumps({"attribute": self.segment, "operator": "eq", "value": 3}))
        return self._list(f"&filter={tree}&order=full_name")

    def d_search(self, _n: int) -> int:
        return self._list(f"&q={typed(_n)}", self.hits)

    def d_global(self, _n: int) -> int:
        found, size = self.server.ask("GET", f"/api/v1/search?q={typed(_n)}")
        expect(found, found)
        return size

    def d_common(self, _n: int) -> int:
        found, size = self.server.ask("GET", f"/api/v1/search?q={COMMON[_n % len(COMMON)]}")
        expect(found, found)
        return size

    def e_open(self, n: int) -> int:
        path = f"/api/v1/contacts/{self.contact['id']}?include=timeline,related"
        found, size = self.server.ask("GET", path)
        expect(
            found["full_name"] == self.name
            and found["timeline"]["items"]
            and "opportunities" in found["related"],
            found,
        )
        return size

    def f_create(self, n: int) -> int:
        found, size = self.server.ask("POST", "/api/v1/contacts?detect_duplicates=true", {
            "first_name": "Nora", "last_name": f"New {n} {self.run}", "email": f"new{n}-{self.run}@create.example", "address1_city": "Kiel",
            self.segment: 2,
        })  # fmt: skip
        expect(found["full_name"] == f"Nora New {n} {self.run}", found)
        return size

    def g_update(self, n: int) -> int:
        path = f"/api/v1/contacts/{self.contact['id']}"
        found, size = self.server.ask("PATCH", path, {"job_title": f"Title {n}"})
        expect(found["job_title"] == f"Title {n}", found)
        return size

    def h_board(self, _n: int) -> int:
        found, size = self.server.ask("POST", "/api/v1/opportunities/board", {"limit": 50})
        expect(
            [len(c["rows"]) for c in found["columns"]] == [50] * 4 and found["columns"][0]["sum"],
            found["columns"][0],
        )
        return size

    def j_sums(self, _n: int) -> int:
        found, size = self.server.ask("POST", "/api/v1/opportunities/aggregate", {
            "filter": {"attribute": "state", "operator": "eq", "value": "open"},
            "group": [{"attribute": "stage"}, {"attribute": "estimated_close_date", "by": "month"}],
            "measures": [{"fn": "count"}, {"fn": "sum", "attribute": "estimated_revenue"}],
        })  # fmt: skip
        expect(48 <= len(found["groups"]) <= 52, len(found["groups"]))
        return size

    def k_login(self, _n: int) -> int:
        form = {"email": workspace.EMAIL, "password": workspace.PASSWORD, "csrfmiddlewaretoken": self.csrf}
        status, page, _headers = self.server.send(
            "POST", "/login/", form=form, Cookie=f"csrftoken={self.csrf}"
        )
        expect(status == 302, (status, page))
        return len(page)


class Floor:
    """The same actions on the floor application."""

    def __init__(self, server: Server, offset: int):
        self.server, self.offset, self.hits = server, offset, hits(offset)
        self.run = time.time_ns()
        self.contact = server.ask("GET", "/contacts/?limit=1")[0]["results"][0]["id"]

    def _list(self, query: str, rows: int = 50) -> int:
        found, size = self.server.ask("GET", f"/contacts/?limit=50{query}")
        expect(rows <= len(found["results"]) <= 50, found)
        return size

    def a_list(self, _n: int) -> int:
        return self._list("")

    def b_deep(self, _n: int) -> int:
        return self._list(f"&offset={self.offset}")

    def c_filter(self, _n: int) -> int:
        return self._list("&city=Hamburg&ordering=full_name")

    def d_search(self, _n: int) -> int:
        return self._list(f"&search={typed(_n)}", self.hits)

    def e_open(self, _n: int) -> int:
        found, size = self.server.ask("GET", f"/contacts/{self.contact}/")
        expect("opportunities" in found and "tasks" in found, found)
        return size

    def f_create(self, n: int) -> int:
        body = {
            "first_name": "Nora",
            "last_name": f"New {n} {self.run}",
            "email": f"new{n}-{self.run}@create.example",
            "city": "Kiel",
        }
        found, size = self.server.ask("POST", "/contacts/", body)
        expect(found["full_name"] == f"Nora New {n} {self.run}", found)
        return size

    def g_update(self, n: int) -> int:
        found, size = self.server.ask("PATCH", f"/contacts/{self.contact}/", {"job_title": f"Title {n}"})
        expect(found["job_title"] == f"Title {n}", found)
        return size

    def h_board(self, _n: int) -> int:
        found, size = self.server.ask("GET", "/board/")
        expect([len(c["rows"]) for c in found["columns"]] == [50] * 4, found)
        return size

    def j_sums(self, _n: int) -> int:
        found, size = self.server.ask("GET", "/dashboard/")
        expect(48 <= len(found["groups"]) <= 52, len(found["groups"]))
        return size

    def k_login(self, _n: int) -> int:
        found, size = self.server.ask(
            "POST", "/login/", {"username": "bench", "password": workspace.PASSWORD}
        )
        expect(found["token"], found)
        return size


class Raw:
    """Plain SQL through psycopg with rows made into JSON: the limit of this machine."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str, offset: int):
        self.connection, self.offset, self.hits = connection, offset, hits(offset)
        connection.autocommit = True
        connection.execute(f'set search_path = "{schema}", ext')

    def _rows(self, sql: str, count: int | None = 50, **values: Any) -> int:
        rows = self.connection.execute(sql, values).fetchall()
        expect(count is None or count <= len(rows) <= max(count, 50), len(rows))
        return len(json.dumps(rows, default=str))

    _COLUMNS = "id, full_name, email, business_phone, job_title, address1_city, created_at"

    def a_list(self, _n: int) -> int:
        return self._rows(
            f"select {self._COLUMNS} from customers_contact where deleted_at is null order by created_at desc, id desc limit 50"
        )

    def b_deep(self, _n: int) -> int:
        return self._rows(
            f"select {self._COLUMNS} from customers_contact where deleted_at is null"
            f" order by created_at desc, id desc limit 50 offset {self.offset}"
        )

    def c_filter(self, _n: int) -> int:
        return self._rows(
            f"select {self._COLUMNS} from customers_contact where deleted_at is null and address1_city = 'Hamburg'"
            " order by lower(full_name), id limit 50"
        )

    def d_search(self, _n: int) -> int:
        return self._rows(
            f"select {self._COLUMNS} from customers_contact where deleted_at is null and search_text like '%%417%%' limit 50",
            self.hits,
        )

    def e_open(self, _n: int) -> int:
        one = self._rows(f"select * from customers_contact where id = {key('contact', '7')}", 1)
        return one + self._rows(
            f"select subject, state from activities_task where regarding_id = {key('contact', '7')} limit 30",
            None,
        )

    def f_create(self, n: int) -> int:
        return self._rows(
            "insert into records_outboxevent (id, topic, object, payload, attempts, error, dead)"
            " values (gen_random_uuid(), 'bench', 'bench', '{}', 0, '', true) returning id", 1,
        )  # fmt: skip

    def g_update(self, n: int) -> int:
        return self._rows(
            f"update customers_contact set job_title = %(title)s where id = {key('contact', '7')} returning id",
            1,
            title=f"Title {n}",
        )

    def h_board(self, _n: int) -> int:
        return self._rows(
            "select s.stage, o.* from generate_series(1, 4) s(stage), lateral (select id, topic, estimated_revenue"
            " from sales_opportunity where deleted_at is null and state = 'open' and stage = s.stage"
            " order by created_at desc, id desc limit 50) o", 200,
        ) + self._rows(
            "select stage, count(*), sum(estimated_revenue) from sales_opportunity"
            " where deleted_at is null and state = 'open' group by 1", 4,
        )  # fmt: skip

    def j_sums(self, _n: int) -> int:
        return self._rows(
            "select stage, date_trunc('month', estimated_close_date), count(*), sum(estimated_revenue)"
            " from sales_opportunity where deleted_at is null and state = 'open' group by 1, 2", None,
        )  # fmt: skip


def named(owner: Any) -> dict[str, Operation]:
    """Operations of a side by letter and name, in order."""
    return {
        n: getattr(owner, n)
        for n in sorted(dir(owner))
        if len(n) > 2 and n[1] == "_" and n[0] in "abcdefghijk"
    }
