"""What the sample data are made of, one document per language. Domains and phone numbers cannot belong to anybody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Company:
    """`industry` and `size` are values of the delivered option lists; `revenue` is in thousands."""

    name: str
    domain: str
    street: str
    postal_code: str
    city: str
    phone: str
    industry: int
    size: int
    employees: int
    revenue: int


@dataclass(frozen=True)
class Texts:
    """One language. `people` are (salutation, first name, last name, gender 1 female 2 male)."""

    country: str
    companies: tuple[Company, ...]
    people: tuple[tuple[str, str, str, int], ...]
    job_titles: tuple[str, ...]
    products: tuple[tuple[str, str, str, int, int], ...]  # name, number, family, type, list price
    opportunity_topics: tuple[str, ...]  # with {product}, {pieces}, {city}
    lead_topics: tuple[str, ...]
    lead_companies: tuple[tuple[str, str, int], ...]  # name, city, industry
    tasks: tuple[str, ...]  # with {name}
    calls: tuple[str, ...]
    meetings: tuple[str, ...]
    places: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    call_notes: tuple[str, ...]
    lead_notes: tuple[str, ...]
    company_notes: tuple[str, ...]
    mobile: str  # a format with two counters that gives a number nobody has
