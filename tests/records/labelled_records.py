"""A labelled set of people and companies: what belongs together is known, what only looks alike as well.

Made from a seed: typing slips, nicknames, transliterated umlauts, moved people, other ways to write numbers and names;
and the traps: families, colleagues behind one switchboard, namesakes, branches, numbered sites.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

FIRST = ["Alexander", "Andreas", "Anna", "Antonia", "Barbara", "Benjamin", "Birgit", "Carl", "Carolina", "Charlotte", "Christian", "Christina", "Claudia", "Daniel", "David", "Dmitri", "Elena", "Elisabeth", "Emil", "Erik", "Eva", "Florian", "Franziska", "Frederick", "Friedrich", "Gabriele", "Georgi", "Gerhard", "Greta", "Gustav", "Hannah", "Heinrich", "Helena", "Ingrid", "Ivan", "James", "Jan", "Jennifer", "Johannes", "John", "Jonas", "Joseph", "Julia", "Karin", "Katharina", "Klaus", "Kristina", "Lars", "Laura", "Lena", "Leonard", "Linda", "Lukas", "Magnus", "Manfred", "Maria", "Markus", "Martin", "Matthias", "Maximilian", "Michael", "Monika", "Natalia", "Niklas", "Nils", "Olga", "Oskar", "Patricia", "Paul", "Petra", "Philipp", "Rebecca", "Richard", "Robert", "Rosa", "Sabine", "Samuel", "Sebastian", "Sergei", "Simon", "Sofia", "Stefan", "Susanne", "Sven", "Theodor", "Thomas", "Timothy", "Tobias", "Ulrich", "Ulrike", "Ursula", "Valentina", "Vera", "Victoria", "Walter", "William", "Wolfgang", "Yana", "Zoran"]  # fmt: skip
LAST = ["Adler", "Ahlström", "Andersson", "Arnold", "Bauer", "Becker", "Bergmann", "Berglund", "Böhm", "Brandt", "Braun", "Busch", "Carlsson", "Dietrich", "Dimitrov", "Eklund", "Engel", "Fischer", "Forsberg", "Frank", "Fuchs", "Georgiev", "Graf", "Günther", "Gustafsson", "Haas", "Hansen", "Hartmann", "Heinrich", "Hermann", "Hoffmann", "Holmberg", "Huber", "Ivanov", "Jäger", "Jansson", "Johansson", "Kaiser", "Karlsson", "Keller", "Kelly", "Koch", "Köhler", "Kovalenko", "Krämer", "Krause", "Krüger", "Kuznetsov", "Lang", "Larsson", "Lehmann", "Lindberg", "Lindqvist", "Lorenz", "Löwe", "Maier", "Martin", "Mayer", "Meyer", "Möller", "Müller", "Murray", "Neumann", "Nilsson", "Nordin", "Nyström", "Olsson", "Otto", "Petersson", "Petrov", "Pfeiffer", "Pohl", "Popov", "Richter", "Roberts", "Roth", "Sandberg", "Sauer", "Schäfer", "Schmidt", "Schneider", "Schröder", "Schubert", "Schulz", "Schwarz", "Seidel", "Simon", "Sokolov", "Sommer", "Stein", "Svensson", "Taylor", "Vogel", "Vogt", "Volkov", "Wagner", "Walter", "Weber", "Weiß", "Werner", "Winkler", "Winter", "Wolf", "Ziegler", "Zimmermann"]  # fmt: skip
TRADE = ["Marine", "Logistik", "Elektro", "Yacht", "Bau", "Metall", "Holz", "Software", "Medien", "Transport", "Energie", "Textil", "Optik", "Technik", "Handel", "Foods", "Pharma", "Steel", "Glas", "Papier"]  # fmt: skip
PLACE = [
    "Nord",
    "Ostsee",
    "Alster",
    "Fjord",
    "Baltic",
    "Hansa",
    "Förde",
    "Rhein",
    "Isar",
    "Elbe",
    "Skagen",
    "Vänern",
    "Malmö",
    "Sofia",
    "Rila",
    "Balkan",
    "Volga",
    "Neva",
    "Alpen",
    "Weser",
]
FORMS = ["GmbH", "AG", "AB", "Ltd", "ООО", "GmbH & Co. KG", "OOD", "S.A.", "Inc.", ""]
CITIES = [
    "Kiel",
    "Hamburg",
    "Rostock",
    "Malmö",
    "Göteborg",
    "Stockholm",
    "Sofia",
    "Varna",
    "Plovdiv",
    "München",
    "Köln",
    "Berlin",
    "Bremen",
    "Lübeck",
    "Wien",
    "Zürich",
]
PUBLIC = ["gmail.com", "gmx.de", "web.de", "outlook.com", "abv.bg"]
SHORT = {"Alexander": "Alex", "Andreas": "Andi", "Benjamin": "Ben", "Christian": "Chris", "Daniel": "Dan", "Dmitri": "Dima", "Elisabeth": "Lisa",
         "Franziska": "Franzi", "Frederick": "Fred", "Gabriele": "Gabi", "Gerhard": "Gerd", "James": "Jim", "Jennifer": "Jenny",
         "Johannes": "Hans", "Joseph": "Sepp", "Katharina": "Kathrin", "Maximilian": "Max", "Michael": "Mike", "Patricia": "Pat",
         "Robert": "Bob", "Samuel": "Sam", "Sebastian": "Basti", "Stefan": "Stephan", "Susanne": "Susi", "Thomas": "Tom", "Timothy": "Tim",
         "Tobias": "Tobi", "Ulrich": "Uli", "Ursula": "Uschi", "Victoria": "Vicky", "William": "Bill", "Wolfgang": "Wolf"}  # fmt: skip
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}


@dataclass(frozen=True)
class Labelled:
    """Attribute values of one record; records with the same `thing` are the same person or company."""

    thing: int
    values: dict[str, str]


def plain(text: str) -> str:
    for letter, written in UMLAUTS.items():
        text = text.replace(letter, written)
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


def slip(text: str, rng: random.Random) -> str:
    """One typing slip after the first letter."""
    if len(text) < 4:
        return text
    at = rng.randrange(1, len(text) - 1)
    kind = rng.choice(["swap", "drop", "double", "replace"])
    if kind == "swap":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "double":
        return text[:at] + text[at] + text[at:]
    return text[:at] + rng.choice("aeinrst") + text[at + 1 :]


def people(count: int, seed: int = 20) -> list[Labelled]:
    """`count` persons, three in ten of them entered a second time, among families, colleagues and namesakes."""
    rng = random.Random(seed)
    numbers = itertools.count()
    found: list[Labelled] = []
    companies = [f"{rng.choice(PLACE)} {rng.choice(TRADE)} {i}" for i in range(max(count // 8, 2))]
    switchboards = {c: _phone(rng) for c in companies}
    for _n in range(count):
        thing = next(numbers)
        company = rng.choice(companies)
        first, last = rng.choice(FIRST), rng.choice(LAST)
        values = _person(first, last, company, switchboards, rng)
        found.append(Labelled(thing, values))
        chance = rng.random()
        if chance < 0.30:
            found.append(Labelled(thing, _again(values, companies, rng)))
        elif chance < 0.36:  # a relative in the same firm, same telephone
            other = rng.choice([f for f in FIRST if f != first and f[0] != first[0]])
            found.append(Labelled(next(numbers), _person(other, last, company, switchboards, rng)))
        elif chance < 0.42:  # a namesake elsewhere
            elsewhere = rng.choice([c for c in companies if c != company])
            found.append(Labelled(next(numbers), _person(first, last, elsewhere, switchboards, rng)))
        elif chance < 0.48:  # two people behind one shared mailbox
            other = rng.choice([f for f in LAST if f != last])
            shared = f"info@{plain(company)}.example"
            values["email"] = shared
            found.append(
                Labelled(
                    next(numbers),
                    {**_person(rng.choice(FIRST), other, company, switchboards, rng), "email": shared},
                )
            )
    return found


def _phone(rng: random.Random) -> str:
    return f"+49 {rng.choice(['431', '381', '911', '7071'])} {rng.randrange(200000, 999999)}"


def _person(
    first: str, last: str, company: str, switchboards: dict[str, str], rng: random.Random
) -> dict[str, str]:
    domain = f"{plain(company)}.example" if rng.random() < 0.7 else rng.choice(PUBLIC)
    number = rng.randrange(1000) if domain in PUBLIC else ""
    values = {
        "first_name": first,
        "last_name": last,
        "company_name": company,
        "email": f"{plain(first)}.{plain(last)}{number}@{domain}",
    }
    if rng.random() < 0.5:
        values["business_phone"] = switchboards[company]
    if rng.random() < 0.6:
        values["mobile_phone"] = f"+49 17{rng.randrange(10)} {rng.randrange(1000000, 9999999)}"
    if rng.random() < 0.5:
        values["city"] = rng.choice(CITIES)
    return values


def _again(values: dict[str, str], companies: list[str], rng: random.Random) -> dict[str, str]:
    """The same person as somebody else typed it."""
    copy = dict(values)
    kind = rng.choice(["typed", "nickname", "moved", "umlaut", "sparse", "mail_slip", "swapped", "numbers"])
    if kind == "typed":
        name = rng.choice(["first_name", "last_name"])
        copy[name] = slip(copy[name], rng)
    elif kind == "nickname":
        copy["first_name"] = SHORT.get(copy["first_name"], copy["first_name"][0] + ".")
        copy.pop("email" if rng.random() < 0.4 else "city", None)
    elif kind == "moved":
        copy["company_name"] = rng.choice(companies)
        copy.pop("business_phone", None)
        copy["email"] = (
            f"{plain(copy['first_name'])}.{plain(copy['last_name'])}@{plain(copy['company_name'])}.example"
        )
    elif kind == "umlaut":
        for name in ("first_name", "last_name"):
            copy[name] = "".join(UMLAUTS.get(c, c) for c in copy[name])
        copy["email"] = copy["email"].upper()
    elif kind == "sparse":
        for name in rng.sample(["email", "business_phone", "mobile_phone", "city"], 2):
            copy.pop(name, None)
    elif kind == "mail_slip":
        local, _at, domain = copy["email"].partition("@")
        copy["email"] = f"{slip(local, rng)}@{domain}"
    elif kind == "swapped":
        copy["first_name"], copy["last_name"] = copy["last_name"], copy["first_name"]
    else:
        for name in ("business_phone", "mobile_phone"):
            if name in copy:
                copy[name] = copy[name].replace("+49 ", "0").replace(" ", "/", 1)
    return copy


def companies(count: int, seed: int = 30) -> list[Labelled]:
    """`count` companies, three in ten entered twice, among branches, numbered sites and similar names."""
    rng = random.Random(seed)
    numbers = itertools.count()
    found: list[Labelled] = []
    names = [f"{p} {t}" for p in PLACE for t in TRADE] + [f"{name} {t}" for name in LAST for t in TRADE]
    for name in rng.sample(names, min(count, len(names))):
        thing = next(numbers)
        values = _company(name, rng)
        found.append(Labelled(thing, values))
        chance = rng.random()
        if chance < 0.3:
            found.append(Labelled(thing, _company_again(values, name, rng)))
        elif chance < 0.36:  # a branch of its own elsewhere
            city = rng.choice([c for c in CITIES if c != values["city"]])
            branch = {
                "name": f"{name} {city} {rng.choice(FORMS)}".strip(),
                "city": city,
                "phone": _phone(rng),
            }
            found.append(Labelled(next(numbers), branch))
        elif chance < 0.42:  # numbered sites
            values["name"] = f"{name} Werk 1"
            found.append(Labelled(next(numbers), {**values, "name": f"{name} Werk 2", "phone": _phone(rng)}))
    return found


def _company(name: str, rng: random.Random) -> dict[str, str]:
    values = {"name": f"{name} {rng.choice(FORMS)}".strip(), "city": rng.choice(CITIES)}
    if rng.random() < 0.6:
        values["website"] = f"https://www.{plain(name)}.example/"
    if rng.random() < 0.5:
        values["email"] = f"info@{plain(name)}.example"
    if rng.random() < 0.6:
        values["phone"] = _phone(rng)
    return values


def _company_again(values: dict[str, str], name: str, rng: random.Random) -> dict[str, str]:
    copy = dict(values)
    kind = rng.choice(["form", "typed", "upper", "sparse", "joined"])
    if kind == "form":
        copy["name"] = f"{name} {rng.choice(FORMS)}".strip()
    elif kind == "typed":
        copy["name"] = slip(copy["name"], rng)
    elif kind == "upper":
        copy["name"] = "".join(UMLAUTS.get(c, c) for c in copy["name"]).upper()
    elif kind == "joined":
        copy["name"] = copy["name"].replace(" ", "-", 1)
    for field in rng.sample(["website", "email", "phone", "city"], 2 if kind == "sparse" else 1):
        copy.pop(field, None)
    return copy
