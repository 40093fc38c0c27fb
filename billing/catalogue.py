"""The delivered catalogue as data. Changing a figure here makes a new version of that plan at the next sync."""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1024**3
MIB = 1024**2

#: ASP-20.3: a year costs as much as ten months.
MONTHS_PAID_PER_YEAR = 10

#: Currencies a plan is sold in. A workspace keeps its books in any currency; billing falls back to EUR.
PRICE_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK")


@dataclass(frozen=True)
class FeatureData:
    """A row of `Feature`."""

    code: str
    kind: str
    unit: str
    labels: dict[str, str]


@dataclass(frozen=True)
class PlanData:
    """A plan or an add-on with its terms. `monthly` is the price of a user (of a unit) per month in minor units by
    currency; `features` maps a feature code to a limit (None is unlimited), True or False. What an add-on's unit
    gives is added to the plan's limit, and `max_users` is how many units may be had.
    """

    code: str
    texts: dict[str, dict[str, str]]
    monthly: dict[str, int]
    features: dict[str, int | bool | None]
    max_users: int | None = None
    min_users: int = 1
    trial_days: int = 30
    trial_users: int = 25
    is_recommended: bool = False
    is_public: bool = True
    kind: str = "plan"


#: How long one statement of a page or API call may run, milliseconds. No term of a contract: it keeps neighbours quick.
STATEMENT_MS = {"starter": 10_000, "professional": 15_000, "enterprise": 30_000}

FEATURES: tuple[FeatureData, ...] = (
    FeatureData(
        "storage_bytes", "limit", "bytes", {"en": "Storage per workspace", "de": "Speicher je Arbeitsbereich"}
    ),
    FeatureData(
        "storage_bytes_per_user",
        "limit",
        "bytes_per_user",
        {"en": "Additional storage", "de": "Zusätzlicher Speicher"},
    ),
    FeatureData("file_bytes", "limit", "bytes", {"en": "Largest file", "de": "Größte Datei"}),
    FeatureData("custom_objects", "limit", "count", {"en": "Own objects", "de": "Eigene Objekte"}),
    FeatureData("api_calls_per_day", "limit", "per_day", {"en": "API calls", "de": "API-Aufrufe"}),
    FeatureData("emails_per_day", "limit", "per_day", {"en": "E-mails sent", "de": "Versendete E-Mails"}),
    FeatureData("audit_retention_days", "limit", "days", {"en": "Change history", "de": "Änderungshistorie"}),
    FeatureData(
        "field_security", "switch", "", {"en": "Field-level access rights", "de": "Zugriffsrechte je Feld"}
    ),
    FeatureData("custom_domain", "switch", "", {"en": "Own domain", "de": "Eigene Domain"}),
    FeatureData("read_only_users", "limit", "count", {"en": "Read-only users", "de": "Nur lesende Benutzer"}),
    FeatureData("sandboxes", "limit", "count", {"en": "Sandboxes", "de": "Sandboxen"}),
)

PLANS: tuple[PlanData, ...] = (
    PlanData(
        code="starter",
        texts={
            "en": {
                "name": "Starter",
                "pitch": "For a small team that wants one shared list of customers and deals.",
            },
            "de": {
                "name": "Starter",
                "pitch": "Für kleine Teams, die Kunden und Verkaufschancen gemeinsam führen wollen.",
            },
        },
        monthly={"EUR": 1500, "USD": 1700, "GBP": 1300, "CHF": 1600, "SEK": 17500},
        max_users=10,
        trial_users=10,
        features={
            "storage_bytes": 5 * GIB,
            "storage_bytes_per_user": 1 * GIB,
            "file_bytes": 25 * MIB,
            "custom_objects": 2,
            "api_calls_per_day": 10_000,
            "emails_per_day": 200,
            "audit_retention_days": 90,
            "sandboxes": 0,
            "field_security": False,
            "custom_domain": False,
        },
    ),
    PlanData(
        code="professional",
        texts={
            "en": {
                "name": "Professional",
                "pitch": "For sales teams with their own process, objects and reports.",
            },
            "de": {
                "name": "Professional",
                "pitch": "Für Vertriebsteams mit eigenem Prozess, eigenen Objekten und Berichten.",
            },
        },
        monthly={"EUR": 3000, "USD": 3400, "GBP": 2600, "CHF": 3200, "SEK": 34500},
        max_users=250,
        is_recommended=True,
        features={
            "storage_bytes": 20 * GIB,
            "storage_bytes_per_user": 5 * GIB,
            "file_bytes": 100 * MIB,
            "custom_objects": 20,
            "api_calls_per_day": 100_000,
            "emails_per_day": 2_000,
            "audit_retention_days": 365,
            "sandboxes": 1,
            "field_security": True,
            "custom_domain": True,
        },
    ),
    PlanData(
        code="enterprise",
        texts={
            "en": {
                "name": "Enterprise",
                "pitch": "For companies with many units, long history and heavy integration.",
            },
            "de": {
                "name": "Enterprise",
                "pitch": "Für Unternehmen mit vielen Einheiten, langer Historie und Integrationen.",
            },
        },
        monthly={"EUR": 5500, "USD": 6200, "GBP": 4800, "CHF": 5900, "SEK": 63000},
        features={
            "storage_bytes": 100 * GIB,
            "storage_bytes_per_user": 20 * GIB,
            "file_bytes": 250 * MIB,
            "custom_objects": 100,
            "api_calls_per_day": 1_000_000,
            "emails_per_day": 20_000,
            "audit_retention_days": 3650,
            "sandboxes": 3,
            "field_security": True,
            "custom_domain": True,
        },
    ),
)

#: What can be had beside a plan, by the unit (ASP-1 Subscription: add-ons). Versioned and priced like plans.
ADD_ONS: tuple[PlanData, ...] = (
    PlanData(
        code="read_only_user",
        kind="licence",
        texts={
            "en": {"name": "Read-only user", "pitch": "Sees, searches and exports; changes nothing."},
            "de": {"name": "Nur lesender Benutzer", "pitch": "Sieht, sucht und exportiert; ändert nichts."},
        },
        monthly={"EUR": 800, "USD": 900, "GBP": 700, "CHF": 850, "SEK": 9400},
        max_users=1000,
        features={"read_only_users": 1},
    ),
    PlanData(
        code="storage_10",
        kind="addon",
        texts={
            "en": {"name": "10 GB storage", "pitch": "For files and imports of the whole workspace."},
            "de": {"name": "10 GB Speicher", "pitch": "Für Dateien und Importe des ganzen Arbeitsbereichs."},
        },
        monthly={"EUR": 500, "USD": 600, "GBP": 450, "CHF": 550, "SEK": 5900},
        max_users=1000,
        features={"storage_bytes": 10 * GIB},
    ),
    PlanData(
        code="emails_1000",
        kind="addon",
        texts={
            "en": {
                "name": "1,000 e-mails a day",
                "pitch": "Sent from the workspace, beyond what the plan has.",
            },
            "de": {
                "name": "1.000 E-Mails am Tag",
                "pitch": "Aus dem Arbeitsbereich versendet, zusätzlich zum Tarif.",
            },
        },
        monthly={"EUR": 900, "USD": 1000, "GBP": 800, "CHF": 950, "SEK": 10500},
        max_users=100,
        features={"emails_per_day": 1000},
    ),
    PlanData(
        code="sandbox",
        kind="addon",
        texts={
            "en": {"name": "Sandbox", "pitch": "A copy of the workspace to try changes in."},
            "de": {"name": "Sandbox", "pitch": "Eine Kopie des Arbeitsbereichs, um Änderungen zu erproben."},
        },
        monthly={"EUR": 2500, "USD": 2800, "GBP": 2200, "CHF": 2700, "SEK": 29000},
        max_users=10,
        features={"sandboxes": 1},
    ),
)

#: What may be used beyond the plan when an administrator agreed, charged afterwards by the pack that was begun.
#: `monthly` is the price of a pack whatever the interval; `features` names the meter and the size of a pack.
USAGE_PRICES: tuple[PlanData, ...] = (
    PlanData(
        code="emails_beyond",
        kind="usage",
        texts={
            "en": {
                "name": "1,000 e-mails beyond the plan",
                "pitch": "Sent after the day's limit is reached.",
            },
            "de": {
                "name": "1.000 E-Mails über den Tarif hinaus",
                "pitch": "Versendet, nachdem die Tagesgrenze erreicht ist.",
            },
        },
        monthly={"EUR": 120, "USD": 130, "GBP": 105, "CHF": 125, "SEK": 1400},
        features={"emails_per_day": 1000},
    ),
    PlanData(
        code="api_calls_beyond",
        kind="usage",
        texts={
            "en": {
                "name": "10,000 API calls beyond the plan",
                "pitch": "Answered after the day's limit is reached.",
            },
            "de": {
                "name": "10.000 API-Aufrufe über den Tarif hinaus",
                "pitch": "Beantwortet, nachdem die Tagesgrenze erreicht ist.",
            },
        },
        monthly={"EUR": 100, "USD": 110, "GBP": 90, "CHF": 105, "SEK": 1150},
        features={"api_calls_per_day": 10_000},
    ),
    PlanData(
        code="storage_beyond",
        kind="usage",
        texts={
            "en": {"name": "1 GB storage for a day", "pitch": "Kept beyond the storage of the plan."},
            "de": {"name": "1 GB Speicher für einen Tag", "pitch": "Über den Speicher des Tarifs hinaus."},
        },
        monthly={"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 22},
        features={"storage_bytes": GIB},
    ),
)
