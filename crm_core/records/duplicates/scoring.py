"""How likely two records are the same thing: weighted evidence in bits, summed and turned into 0 to 100. Pure functions.

The weights say how much rarer an agreement is between different things than between equal ones (Fellegi and Sunter);
they are checked on a labelled set in tests/records/test_duplicate_scoring.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from crm_core.records.duplicates.normalising import similarity, trigrams

#: Pairs from here on are shown; precision on the labelled set is at least 0.95.
SUGGEST_FROM = 70
_MIDDLE_BITS = 8.0

#: Mail services everybody uses: their domain says nothing about the company.
PUBLIC_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
        "me.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "gmx.de",
        "gmx.net",
        "gmx.at",
        "gmx.ch",
        "web.de",
        "t-online.de",
        "freenet.de",
        "mail.ru",
        "yandex.ru",
        "bk.ru",
        "list.ru",
        "abv.bg",
        "mail.bg",
        "telia.com",
        "orange.fr",
        "free.fr",
        "wanadoo.fr",
        "libero.it",
        "wp.pl",
        "onet.pl",
        "seznam.cz",
    ]
)
_SHARED_BOX = re.compile(
    r"^(info|office|kontakt|contact|mail|post|hello|hallo|sales|vertrieb|einkauf|service|support|admin|team|zentrale|empfang|"
    r"buchhaltung|billing|rechnung|invoice|noreply|no-reply)@"
)

#: Names a person goes by besides the one in the passport; each line is one family of names.
_NICKNAMES = """
alexander alex sascha sasha|alexandra alex sandra sascha|andreas andi andy|andrew andy drew|anna anne ann annie ana|anthony tony
barbara barb babs|benjamin ben benny|bernhard bernd|catherine katherine kathryn kate katie cathy kathy|charles charlie chuck
christian chris|christina christine chris tina|christopher chris|daniel dan danny|david dave|dmitri dmitry dima|dorothea thea dora
edward ed eddie ted|elisabeth elizabeth lisa liz beth betty elsa|eugene gene|evgeny zhenya|franziska franzi|frederick fred freddy
friedrich fritz|gabriele gabi|georg george schorsch|gerhard gerd|gregory greg|guenther gunter gunther|hans johann johannes hannes
heinrich heinz henry harry|hubert hubi|ivan vanya|jacob jakob jake|james jim jimmy jamie|jennifer jen jenny|joachim jochen achim
john jack johnny jon|jonathan jon|joseph josef joe sepp|julia jule|katharina kathrin katrin kati|kenneth ken kenny|klaus nikolaus
lawrence larry|leonard leo leon|ludwig lutz|manfred manni|margarete margaret maggie grete gretel peggy|maria marie mary mia
mark marc markus marcus|martin marty|matthew matt|matthias matze|maximilian max|michael mike mick michi|mikhail misha
nicholas nick nicolas|patricia pat patty trish|patrick pat|peter pete|petra peti|philip philipp phil|rebecca becky|reinhard reiner
richard rich rick dick|robert rob bob bobby bert|rolf rudolf rudi|ronald ron|samuel sam|sebastian basti|sergei sergey seryozha
stefan stephan steffen steven stephen steve|susanne susan sue susi susanna|theodor theo|theresa teresa tess terry|thomas tom tommy
timothy tim|tobias tobi|ulrich uli|ulrike uli rike|ursula uschi|veronika vroni|victoria vicky|vladimir volodya vova
walter walt|wilhelm willi willy|william will bill billy liam|wolfgang wolf
"""
NICKNAMES: dict[str, set[int]] = {}
for _number, _family in enumerate(_NICKNAMES.replace("\n", "|").split("|")):
    for _name in _family.split():
        NICKNAMES.setdefault(_name, set()).add(_number)


@dataclass(frozen=True)
class Profile:
    """What is compared of one record; texts are folded, sets normalised. `first` and `last` only of persons."""

    name: str
    first: str = ""
    last: str = ""
    company: str = ""
    emails: frozenset[str] = field(default_factory=frozenset)
    phones: frozenset[str] = field(default_factory=frozenset)
    domains: frozenset[str] = field(default_factory=frozenset)
    city: str = ""
    birthday: str = ""
    number: str = ""

    @property
    def is_person(self) -> bool:
        return bool(self.last)


def score(one: Profile, other: Profile) -> tuple[int, list[str]]:
    """(0 to 100, reasons): how likely both are the same, and what speaks for it."""
    bits, reasons = _person(one, other) if one.is_person and other.is_person else _thing(one, other)
    probability = 1 / (1 + 2 ** (_MIDDLE_BITS - bits))
    return round(100 * probability), reasons


def _person(one: Profile, other: Profile) -> tuple[float, list[str]]:
    reasons: list[str] = []
    name_bits, agreement = _person_name(one, other)
    bits = name_bits
    if agreement:
        reasons.append(agreement)
    contradicted = name_bits < 0
    if (
        contradicted
        and not one.emails & other.emails
        and (not one.birthday or one.birthday != other.birthday)
    ):
        return name_bits, []  # nothing that may be left makes up for it: 3.5 + 2 + 3 + 1 bits at the most
    mails = one.emails & other.emails
    personal = [m for m in mails if not _SHARED_BOX.match(m)]
    if personal:
        bits += 5.0 if contradicted else 9.0
        reasons.append("same_email")
    elif mails:
        bits += 1.0
    elif one.emails and other.emails and _similar_mail(one, other):
        bits += 3.5
        reasons.append("similar_email")
    if one.phones & other.phones:
        bits += 2.0 if contradicted else 5.0
        reasons.append("same_phone")
    bits += _company(one, other, reasons)
    bits += _place(one, other, reasons, differs=-0.5)
    if one.birthday and other.birthday:
        bits += 7.0 if one.birthday == other.birthday else -7.0
        if one.birthday == other.birthday:
            reasons.append("same_birthday")
    return bits, reasons


def _person_name(one: Profile, other: Profile) -> tuple[float, str]:
    """(bits, reason) of first and last name; swapped names count as equal."""
    straight = _last(one.last, other.last), _first(one.first, other.first)
    if min(straight) < 0 and one.first and other.first and (one.first, one.last) == (other.last, other.first):
        return 5.5, "same_name"
    bits = sum(straight)
    if one.last == other.last and one.first == other.first and one.first:
        return bits, "same_name"
    return bits, "similar_name" if min(straight) > 0 else ""


@lru_cache(maxsize=50_000)
def _last(one: str, other: str) -> float:
    if one == other:
        return 3.5
    if one.replace(" ", "") == other.replace(" ", ""):
        return 3.0
    alike = similarity(one, other)
    if len(one) > 3 and len(other) > 3 and (_one_slip(one, other) or alike >= 0.6):
        return 2.5
    words = set(one.split()) & set(other.split())  # a double name of which one half is used
    if words and max(map(len, words)) > 3:
        return 1.5
    return -7.0


@lru_cache(maxsize=50_000)
def _first(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    if one == other:
        return 3.0
    a, b = one.split()[0], other.split()[0]
    if a == b or NICKNAMES.get(a, set()) & NICKNAMES.get(b, set()):
        return 2.5
    if (len(a) == 1 or len(b) == 1) and a[0] == b[0]:
        return 1.0
    if len(a) > 3 and len(b) > 3 and (_one_slip(a, b) or similarity(a, b) >= 0.6):
        return 1.5
    return -7.0


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter was added, left out, replaced, or two neighbours were swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
    return a[1:] == b or b[1:] == a


def _similar_mail(one: Profile, other: Profile) -> bool:
    """A slip in an address, or the same local part at another domain."""
    for a in one.emails:
        for b in other.emails:
            local_a, _at, domain_a = a.partition("@")
            local_b, _at, domain_b = b.partition("@")
            if _one_slip(a, b) or (local_a == local_b and len(local_a) > 5 and not _SHARED_BOX.match(a)):
                return True
            if domain_a == domain_b and len(local_a) > 5 and _one_slip(local_a, local_b):
                return True
    return False


def _company(one: Profile, other: Profile, reasons: list[str]) -> float:
    if one.company and other.company:
        if one.company == other.company or similarity(one.company, other.company) >= 0.7:
            reasons.append("same_company")
            return 3.0
        if one.domains & other.domains:
            return 2.0
        return -1.0  # people move
    if one.domains & other.domains:
        reasons.append("same_domain")
        return 2.0
    return 0.0


def _place(one: Profile, other: Profile, reasons: list[str], differs: float) -> float:
    if not one.city or not other.city:
        return 0.0
    if one.city == other.city:
        reasons.append("same_city")
        return 1.0
    return differs


def _thing(one: Profile, other: Profile) -> tuple[float, list[str]]:
    reasons: list[str] = []
    bits = _thing_name(one.name, other.name, reasons)
    if one.domains & other.domains:
        bits += 4.5
        reasons.append("same_domain")
    elif one.domains and other.domains:
        bits -= 2.5
    if one.emails & other.emails:
        bits += 4.0
        reasons.append("same_email")
    if one.phones & other.phones:
        bits += 4.0
        reasons.append("same_phone")
    elif one.phones and other.phones:
        bits -= 0.5
    bits += _place(one, other, reasons, differs=-4.0)
    if one.number and other.number:
        bits += 8.0 if one.number == other.number else -8.0
        if one.number == other.number:
            reasons.append("same_number")
    return bits, reasons


def _thing_name(one: str, other: str, reasons: list[str]) -> float:
    if one == other:
        reasons.append("same_name")
        # one long word or several say more than "service"
        return 9.0 if len(one) > 5 else 7.5
    if one.replace(" ", "") == other.replace(" ", ""):
        reasons.append("same_name")
        return 8.0
    if _different_number(one, other):
        return -8.0
    alike = similarity(one, other)
    if alike >= 0.75 or (len(one) > 6 and _one_slip(one, other)):
        reasons.append("similar_name")
        return 6.0
    ours, theirs = set(one.split()), set(other.split())
    if alike >= 0.5 and (ours <= theirs or theirs <= ours):
        reasons.append("similar_name")
        return 2.5
    if alike >= 0.5:
        reasons.append("similar_name")
        return 2.0
    return -5.0


def _different_number(one: str, other: str) -> bool:
    """ "Halle 2" and "Halle 3" are two things however alike their names are."""
    numbers = [{w for w in name.split() if any(c.isdigit() for c in w)} for name in (one, other)]
    return numbers[0] != numbers[1]


# keys under which candidates meet -------------------------------------------------------------------------------------------
_BANDS, _ROWS = 6, 3
_PRIME = (1 << 61) - 1
_FACTORS = [((i * 0x9E3779B97F4A7C15 + 0x7F4A7C15) % _PRIME, (i * 0xC2B2AE3D27D4EB4F + 0x165667B1) % _PRIME) for i in range(1, _BANDS * _ROWS + 1)]  # fmt: skip


def blocking_keys(profile: Profile) -> set[str]:
    """Texts two records share when they are worth comparing: normalised values, and signatures of the name's trigrams."""
    keys = {f"e:{m}" for m in profile.emails if not _SHARED_BOX.match(m)}
    keys |= {f"p:{p}" for p in profile.phones}
    if profile.is_person:
        keys.add(f"n:{' '.join(sorted(f'{profile.first} {profile.last}'.split()))}")
        initial = profile.first[:1]
        keys |= {
            f"l:{profile.last}:{initial}",
            f"l:{profile.last}:{(profile.domains and min(profile.domains)) or ''}",
        }
        keys |= {f"m:{m.partition('@')[0]}" for m in profile.emails if len(m.partition("@")[0]) > 5}
        text = f"{profile.first} {profile.last}"
    else:
        keys |= {f"d:{d}" for d in profile.domains}
        keys.add(f"n:{profile.name.replace(' ', '')}")
        text = profile.name
    keys |= {f"s{i}:{band}" for i, band in enumerate(_signature(text))}
    return {k for k in keys if not k.endswith(":")}


@lru_cache(maxsize=50_000)
def _signature(text: str) -> tuple[int, ...]:
    """MinHash bands of the trigrams: texts with similarity 0.6 share a band in three of four cases."""
    grams = [_number_of(g) for g in trigrams(text)]
    if len(grams) < 4:
        return ()
    lows = [min((a * g + b) % _PRIME for g in grams) for a, b in _FACTORS]
    return tuple(hash(tuple(lows[i : i + _ROWS])) for i in range(0, len(lows), _ROWS))


def _number_of(gram: str) -> int:
    number = 0
    for letter in gram:
        number = number * 0x110000 + ord(letter)
    return number % _PRIME
