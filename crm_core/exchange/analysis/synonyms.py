"""What people call things in the headers of their files, English and German. Labels and names are known without this list."""

from __future__ import annotations

# Words for a whole object: they name its primary attribute, and references to it.
OBJECTS: dict[str, tuple[str, ...]] = {
    "account": (
        "account", "accounts", "company", "companies", "customer", "customers", "client", "organization", "organisation",
        "business", "firm", "firma", "firmen", "firmenname", "unternehmen", "kunde", "kunden", "organisation", "customer name",
    ),
    "contact": (
        "contact", "contacts", "person", "people", "persons", "address book", "kontakt", "kontakte", "ansprechpartner", "personen",
        "adressbuch", "adressen",
    ),
    "lead": ("lead", "leads", "prospect", "prospects", "interessent", "interessenten", "enquiries", "anfragen"),
    "opportunity": (
        "opportunity", "opportunities", "deal", "deals", "pipeline", "sales pipeline", "chance", "chancen", "verkaufschance",
        "verkaufschancen", "geschäft", "projekt", "projekte",
    ),
    "product": ("product", "products", "item", "items", "article", "produkt", "produkte", "artikel", "catalogue", "catalog", "price list"),
    "user": (
        "user", "users", "sales agent", "sales team", "sales teams", "agent", "sales rep", "salesperson", "rep", "employee", "employees",
        "staff", "team", "seller", "benutzer", "mitarbeiter", "verkäufer", "vertriebsmitarbeiter", "account manager", "kundenbetreuer",
    ),
    "business_unit": ("business unit", "unit", "branch", "office", "geschäftseinheit", "niederlassung", "filiale", "abteilung"),
    "task": ("task", "tasks", "todo", "to do", "aufgabe", "aufgaben"),
    "competitor": ("competitor", "competitors", "wettbewerber", "mitbewerber"),
}  # fmt: skip

# Words for an attribute of one object, as `object.attribute`, or of any object that has it.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "owner": ("owner", "assigned to", "responsible", "sales agent", "sales rep", "account manager", "besitzer", "zuständig",
              "verantwortlich", "betreuer", "kundenbetreuer", "owner name"),
    "external_key": ("id", "key", "external id", "record id", "legacy id", "reference", "schlüssel", "externe id", "referenz", "uid"),
    "name": ("name", "title", "bezeichnung"),
    "email": ("email", "e mail", "mail", "email address", "e mail address", "email 1", "primary email", "mailadresse", "e mail adresse"),
    "email2": ("email 2", "second email", "other email", "e mail 2 address"),
    "email3": ("email 3", "third email", "e mail 3 address"),
    "phone": ("phone", "telephone", "phone number", "tel", "main phone", "telefon", "telefonnummer", "rufnummer"),
    "business_phone": ("phone", "telephone", "phone number", "tel", "work phone", "office phone", "business telephone", "telefon",
                       "telefonnummer", "telefon geschäftlich", "durchwahl", "phone work"),
    "mobile_phone": ("mobile", "cell", "cell phone", "mobile number", "handy", "mobil", "mobiltelefon", "handynummer", "phone mobile"),
    "home_phone": ("private phone", "home telephone", "telefon privat", "phone home"),
    "fax": ("fax number", "business fax", "telefax", "faxnummer"),
    "website": ("web", "url", "homepage", "web site", "web page", "webseite", "internet"),
    "address1_line1": ("address", "street address", "address line 1", "address 1", "business street", "adresse", "straße", "strasse",
                       "anschrift", "billing street", "mailing street"),
    "address1_line2": ("address line 2", "address 2", "adresszusatz", "business street 2"),
    "address1_city": ("town", "business city", "ort", "stadt", "wohnort", "billing city", "mailing city"),
    "address1_state": ("state", "province", "region", "business state", "bundesland", "kanton", "billing state", "mailing state"),
    "address1_postal_code": ("zip", "zip code", "postcode", "business postal code", "plz", "postleitzahl", "billing zip", "mailing zip"),
    "address1_country": ("office location", "location", "country region", "business country", "land", "billing country",
                         "mailing country", "standort"),
    "description": ("notes", "note", "comment", "comments", "remarks", "bemerkung", "bemerkungen", "notiz", "notizen", "kommentar"),
    "industry": ("sector", "branch", "vertical", "branche", "sektor", "wirtschaftszweig"),
    "annual_revenue": ("revenue", "turnover", "sales", "umsatz", "jahresumsatz"),
    "number_of_employees": ("employees", "headcount", "employee count", "staff", "mitarbeiter", "anzahl mitarbeiter", "mitarbeiterzahl"),
    "year_established": ("founded", "year founded", "established", "founding year", "gründungsjahr", "gegründet"),
    "parent_account": ("subsidiary of", "parent", "parent company", "holding", "group", "muttergesellschaft", "konzern", "tochter von",
                       "mutterfirma"),
    "account_number": ("customer number", "customer no", "customer id", "account no", "account id", "kundennummer", "kunden nr", "kundennr"),
    "first_name": ("given name", "forename", "vorname"),
    "full_name": ("full name", "name", "contact name", "display name", "vollständiger name"),
    "last_name": ("surname", "family name", "nachname", "familienname", "zuname"),
    "middle_name": ("second name", "zweiter vorname"),
    "salutation": ("anrede", "form of address", "title", "prefix"),
    "job_title": ("title", "position", "role", "function", "jobtitel", "funktion", "berufsbezeichnung"),
    "department": ("abteilung",),
    "birth_date": ("birth date", "date of birth", "dob", "geburtsdatum", "geburtstag"),
    "company_name": ("company", "account", "organization", "organisation", "firma", "unternehmen", "firmenname"),
    "parent_customer": ("company", "account", "organization", "organisation", "employer", "firma", "unternehmen", "account name",
                        "company name"),
    "source": ("lead source", "origin", "channel", "quelle", "herkunft"),
    "topic": ("subject", "deal name", "opportunity name", "deal", "thema", "betreff", "titel", "title", "name"),
    "opportunity.opportunity_number": ("opportunity id", "deal id", "opportunity no", "deal number", "chancen nr", "id"),
    "opportunity.actual_revenue": ("close value", "closed value", "won value", "final amount", "actual value", "abschlusswert"),
    "opportunity.actual_close_date": ("close date", "closed date", "closed on", "close on", "won date", "abschlussdatum", "abgeschlossen am"),
    "opportunity.estimated_close_date": ("expected close date", "expected close", "forecast date", "erwarteter abschluss"),
    "opportunity.started_on": ("engage date", "start date", "opened", "opened on", "open date", "created", "created date", "startdatum",
                               "begonnen am", "eröffnet am"),
    "opportunity.estimated_revenue": ("amount", "value", "deal value", "expected revenue", "deal size", "betrag", "wert", "summe",
                                      "estimated value", "potential"),
    "opportunity.probability": ("probability", "chance", "likelihood", "wahrscheinlichkeit"),
    "lead.estimated_value": ("amount", "value", "deal value", "betrag", "wert"),
    "product.family": ("series", "product line", "line", "category", "serie", "produktlinie", "kategorie", "warengruppe"),
    "product.list_price": ("price", "sales price", "unit price", "selling price", "preis", "verkaufspreis", "listenpreis", "vk"),
    "product.current_cost": ("cost", "purchase price", "kosten", "einkaufspreis", "ek"),
    "product.product_number": ("sku", "item number", "article number", "part number", "product code", "product id", "artikelnummer",
                               "artikel nr", "produktnummer"),
    "user.manager": ("manager", "supervisor", "boss", "reports to", "vorgesetzter", "leiter", "teamleiter"),
    "user.region": ("regional office", "office", "region", "territory", "gebiet", "regionalbüro"),
    "stage_or_state": ("status", "state", "stage", "deal stage", "sales stage", "opportunity stage", "pipeline stage", "phase",
                       "verkaufsphase", "zustand"),
    "subject": ("title", "topic", "task", "betreff", "titel"),
    "due_date": ("due", "deadline", "due on", "fällig", "fällig am"),
}  # fmt: skip


def of_attribute(object_name: str, attribute: str) -> tuple[str, ...]:
    """Known words for an attribute: those of the object first, else those of any object."""
    return ATTRIBUTES.get(f"{object_name}.{attribute}") or ATTRIBUTES.get(attribute, ())
