"""Writes the sample data through the kernel's own door, dated around today (SAAS.md §4.2 Demo data)."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.records import service
from crm_core.security.actor import Actor
from onboarding.sample.texts import Texts

# What a price in euro is worth where amounts are counted in other orders of magnitude.
_SCALE = {"JPY": 150, "KRW": 1400, "HUF": 400, "SEK": 10, "NOK": 10, "DKK": 7, "CZK": 25, "RUB": 100, "INR": 90,
          "TRY": 45, "ISK": 150, "CLP": 1000, "VND": 25_000, "IDR": 17_000, "KZT": 550, "UAH": 45}  # fmt: skip
_PRIVILEGED = frozenset({"created_at", "state", "status_reason"})
PRIMARY_CONTACTS = 8


class SampleDataFailed(RuntimeError):
    """A sample record was refused; the sample data do not fit the workspace's rules."""


@dataclass
class Builder:
    """One run: whose records, in what language, around which day."""

    texts: Texts
    actor: Actor
    owners: Sequence[uuid.UUID]
    currency: str
    zone: ZoneInfo
    today: date
    _names: dict[str, str] = field(default_factory=dict)

    def build(self) -> dict[str, int]:
        """Write everything. Returns how many records of each object. Raises SampleDataFailed."""
        products = self._products()
        accounts = self._accounts()
        contacts = self._contacts(accounts)
        leads = self._leads()
        opportunities = self._opportunities(accounts, contacts, products)
        activities = self._activities(contacts, leads, opportunities)
        notes = self._notes(opportunities)
        made = {"product": products, "account": accounts, "contact": contacts, "lead": leads}
        made |= {"opportunity": opportunities, "activity": activities, "note": notes}
        return {name: len(rows) for name, rows in made.items()}

    # --- one method per object ---

    def _products(self) -> list[dict[str, Any]]:
        rows = [
            {
                "name": name,
                "product_number": number,
                "family": family,
                "product_type": kind,
                "list_price": self._money(price),
                "currency": self.currency,
            }
            for name, number, family, kind, price in self.texts.products
        ]
        return self._create("product", rows)

    def _accounts(self) -> list[dict[str, Any]]:
        rows = []
        for index, company in enumerate(self.texts.companies):
            rows.append(
                {
                    "name": company.name,
                    "website": f"https://www.{company.domain}",
                    "email": f"info@{company.domain}",
                    "phone": company.phone,
                    "address1_line1": company.street,
                    "address1_postal_code": company.postal_code,
                    "address1_city": company.city,
                    "address1_country": self.texts.country,
                    "industry": company.industry,
                    "company_size": company.size,
                    "number_of_employees": company.employees,
                    "annual_revenue": self._money(company.revenue * 1000),
                    "currency": self.currency,
                    "relationship_type": 3 if index % 4 else 8,
                    "category": 1 if index % 5 == 0 else 2,
                    "description": self.texts.company_notes[index % len(self.texts.company_notes)],
                    "owner": self._owner(index),
                    "created_at": self._past(260 - 9 * index),
                }
            )
        made = self._create("account", rows)
        self._names = {row["id"]: row["name"] for row in made}
        return made

    def _contacts(self, accounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = []
        for index, (salutation, first, last, gender) in enumerate(self.texts.people):
            account = accounts[index // 2]
            domain = self.texts.companies[index // 2].domain
            rows.append(
                {
                    "salutation": salutation,
                    "first_name": first,
                    "last_name": last,
                    "gender": gender,
                    "job_title": self.texts.job_titles[index % len(self.texts.job_titles)],
                    "role": 1 if index % 2 == 0 else 3,
                    "parent_customer": {"object": "account", "id": account["id"]},
                    "email": f"{_address_part(first)}.{_address_part(last)}@{domain}",
                    "business_phone": account["phone"] + str(index % 10),
                    "mobile_phone": self.texts.mobile.format(10 + index),
                    "address1_city": account["address1_city"],
                    "owner": account["owner"],
                    "created_at": account["created_at"] + timedelta(days=1, hours=index % 7),
                }
            )
        made = self._create("contact", rows)
        entity = registry.get("account")
        # The older customers have one; each costs a write of its own while somebody waits for the workspace.
        for index, account in enumerate(accounts[:PRIMARY_CONTACTS]):
            primary = {"primary_contact": made[2 * index]["id"]}
            service.update(entity, uuid.UUID(account["id"]), primary, self.actor)
        return made

    def _leads(self) -> list[dict[str, Any]]:
        people = self.texts.people[::-1]
        rows = []
        for index, (company, city, industry) in enumerate(self.texts.lead_companies):
            salutation, first, last, _gender = people[index]
            first = people[-index - 1][1] if index % 2 else first
            lost = index % 6 == 5
            rows.append(
                {
                    "topic": self.texts.lead_topics[index % len(self.texts.lead_topics)],
                    "salutation": salutation,
                    "first_name": first,
                    "last_name": last,
                    "company_name": company,
                    "email": f"{_address_part(last)}@{_address_part(company)}.example",
                    "address1_city": city,
                    "industry": industry,
                    "source": (8, 7, 3, 10, 8)[index % 5],
                    "rating": (1, 2, 2, 3)[index % 4],
                    "estimated_value": self._money(1_200 + 450 * (index % 9)),
                    "currency": self.currency,
                    "description": self.texts.lead_notes[index % len(self.texts.lead_notes)],
                    "state": "disqualified" if lost else "open",
                    "status_reason": (4, 5, 6)[index % 3] if lost else 1 + index % 2,
                    "owner": self._owner(index),
                    "created_at": self._past(2 + 2 * index),
                }
            )
        return self._create("lead", rows)

    def _opportunities(
        self, accounts: list[dict[str, Any]], contacts: list[dict[str, Any]], products: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Twenty-two open ones over the stages, eighteen closed over the last eight months, most of them won."""
        rows = []
        for index in range(40):
            place = (index * 7) % len(accounts)
            account, company = accounts[place], self.texts.companies[place]
            topic = self.texts.opportunity_topics[index % len(self.texts.opportunity_topics)]
            product = products[(index // 2) % 3 if "{product}" in topic else (index * 5 + index // 6) % 6]
            pieces = (2, 4, 3, 6, 5, 8, 12)[index % 7]
            row = {
                "topic": topic.format(product=product["name"], pieces=pieces, city=company.city),
                "customer": {"object": "account", "id": account["id"]},
                "contact": contacts[2 * place + index % 2]["id"],
                "product": product["id"],
                "estimated_revenue": self._money(self._price(product) * pieces, scaled=True),
                "currency": self.currency,
                "rating": (1, 2, 2, 3)[index % 4],
                "source": (8, 3, 7, 10)[index % 4],
                "owner": account["owner"],
            }
            rows.append(row | (self._open(index) if index < 22 else self._closed(index - 22, row)))
        return self._create("opportunity", rows)

    def _open(self, index: int) -> dict[str, Any]:
        stage = (1, 1, 2, 2, 2, 3, 3, 4)[index % 8]
        # Two are overdue, the others close within three months: boards and "closing this month" have content.
        close = self.today + timedelta(days=-7 + 4 * index)
        return {
            "stage": stage,
            "estimated_close_date": close.isoformat(),
            "created_at": self._past(min(5 + 4 * index, 80)),
        }

    def _closed(self, index: int, row: dict[str, Any]) -> dict[str, Any]:
        closed_on = self.today - timedelta(days=6 + 13 * index)
        began = self._past((self.today - closed_on).days + 28 + index)
        won = index % 3 != 2
        values = {
            "state": "won" if won else "lost",
            "stage": 4 if won else 2 + index % 2,
            "status_reason": 3 if won else 4 + index % 2,
            "estimated_close_date": (closed_on + timedelta(days=index % 5)).isoformat(),
            "actual_close_date": closed_on.isoformat(),
            "close_reason": (2, 3, 5)[index % 3] if won else (1, 6, 8)[index % 3],
            "created_at": began,
        }
        return values | ({"actual_revenue": row["estimated_revenue"]} if won else {})

    def _activities(
        self, contacts: list[dict[str, Any]], leads: list[dict[str, Any]], opportunities: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Sixty: what is due now, what comes in the next two weeks, and what was done in the last three months."""
        open_leads = [lead for lead in leads if lead["state"] == "open"]
        running = opportunities[:22]
        tasks = [self._task(i, running[i % 22]) for i in range(26)]
        calls = [
            self._call(i, contacts[(3 * i) % 40] if i % 3 else open_leads[i % len(open_leads)])
            for i in range(20)
        ]
        meetings = [self._meeting(i, running[(5 * i) % 22]) for i in range(14)]
        return [
            *self._create("task", tasks),
            *self._create("phone_call", calls),
            *self._create("appointment", meetings),
        ]

    def _task(self, index: int, opportunity: dict[str, Any]) -> dict[str, Any]:
        # Overdue, today, tomorrow, later; from the fourteenth on they are done.
        offset = (-3, -1, 0, 0, 1, 2, 3, 4, 5, 7, 9, 11, 14)[index] if index < 13 else -4 * (index - 11)
        due = self._at(offset, 9 + index % 8)
        row = self._activity(self.texts.tasks[index % len(self.texts.tasks)], "opportunity", opportunity)
        row |= {"scheduled_end": due, "priority": (2, 2, 3, 1)[index % 4]}
        return row | (self._done(due, 5, minutes=20) if index >= 13 else {"status_reason": 1 + index % 2})

    def _call(self, index: int, about: dict[str, Any]) -> dict[str, Any]:
        kind = "contact" if "last_name" in about and "topic" not in about else "lead"
        offset = (0, 1, 1, 2, 4, 6)[index] if index < 6 else -3 * (index - 4)
        due = self._at(offset, 10 + index % 6)
        row = self._activity(self.texts.calls[index % len(self.texts.calls)], kind, about)
        number = about.get("business_phone") or self.texts.mobile.format(60 + index)
        row |= {"scheduled_end": due, "phone_number": number, "direction": 1 + index % 2}
        if index < 6:
            return row
        notes = self.texts.call_notes[index % len(self.texts.call_notes)]
        made = {"result": 3 if index % 4 == 3 else 1 + (index + 1) % 2, "description": notes}
        return row | made | self._done(due, 2 + index % 2, minutes=10)

    def _meeting(self, index: int, opportunity: dict[str, Any]) -> dict[str, Any]:
        offset = (1, 2, 3, 6, 8, 13)[index] if index < 6 else -5 * (index - 5)
        start = self._at(offset, 9 + 2 * (index % 4))
        row = self._activity(
            self.texts.meetings[index % len(self.texts.meetings)], "opportunity", opportunity
        )
        row |= {
            "scheduled_start": start,
            "scheduled_end": start + timedelta(hours=1),
            "location": self.texts.places[index % len(self.texts.places)],
        }
        return row | (self._done(start + timedelta(hours=1), 3, minutes=60) if index >= 6 else {"show_as": 3})

    def _activity(self, subject: str, kind: str, about: dict[str, Any]) -> dict[str, Any]:
        # An opportunity is worked on with its customer, a lead or contact is a person.
        customer = about.get("customer")
        name = self._names[customer["id"]] if customer else f"{about['first_name']} {about['last_name']}"
        return {
            "subject": subject.format(name=name)[:200],
            "regarding": {"object": kind, "id": about["id"]},
            "owner": about["owner"],
        }

    def _done(self, at: datetime, reason: int, *, minutes: int) -> dict[str, Any]:
        return {
            "state": "completed",
            "status_reason": reason,
            "actual_end": at,
            "actual_duration": minutes,
            "created_at": at - timedelta(days=3),
        }

    def _notes(self, opportunities: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = [
            {
                "title": title,
                "body": body,
                "regarding": {"object": "opportunity", "id": opportunities[3 * index]["id"]},
                "owner": opportunities[3 * index]["owner"],
                "created_at": self._past(3 + 2 * index),
            }
            for index, (title, body) in enumerate(self.texts.notes)
        ]
        return self._create("note", rows)

    # --- small things ---

    def _create(self, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Create the rows and return them with their ids."""
        entity = registry.get(name)
        made = [{**_with_known_reason(entity, row), "id": str(uuid.uuid4())} for row in rows]
        results = service.create_many(entity, _wire(made), self.actor, privileged=_PRIVILEGED, sample=True)
        for row, result in zip(made, results, strict=True):
            if result.error is not None:
                raise SampleDataFailed(f"{name} {row!r}: {result.error.as_dict()}")
        return made

    def _owner(self, index: int) -> str:
        return str(self.owners[index % len(self.owners)])

    def _money(self, amount: int, *, scaled: bool = False) -> str:
        return str(amount if scaled else amount * _SCALE.get(self.currency, 1))

    def _price(self, product: dict[str, Any]) -> int:
        return int(product["list_price"])

    def _past(self, days: int) -> datetime:
        return self._at(-max(days, 1), 8 + days % 9)

    def _at(self, days: int, hour: int) -> datetime:
        """An instant `days` from today; never at a weekend, unless today is one."""
        day = self.today + timedelta(days=days)
        if days and day.weekday() >= 5:
            day += timedelta(days=7 - day.weekday() if days > 0 else 4 - day.weekday())
        return datetime.combine(day, time(hour), tzinfo=self.zone)


def _with_known_reason(entity: Entity, row: dict[str, Any]) -> dict[str, Any]:
    """A row without the status reason the workspace took away: it then gets the default of its state."""
    if "status_reason" not in row:
        return row
    state = entity.state(row.get("state") or entity.states[0].value)
    known = row["status_reason"] in {r.value for r in state.reasons}
    return row if known else {k: v for k, v in row.items() if k != "status_reason"}


def _wire(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a client would send them: instants as text; `created_at` stays, imports give it as an instant."""
    return [
        {k: v.isoformat() if isinstance(v, datetime) and k != "created_at" else v for k, v in row.items()}
        for row in rows
    ]


def _address_part(name: str) -> str:
    """`name` as it stands in an e-mail address: `Jörg` → `joerg`."""
    spelt = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    spelt = re.sub(r"^dr\.?\s+", "", spelt)
    ascii_text = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
