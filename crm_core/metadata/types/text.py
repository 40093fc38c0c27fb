"""Text of one line, text of many lines, generated numbers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import nh3
import phonenumbers
from django.db.models import CharField, Q, TextField, Value
from django.db.models.functions import Upper
from email_validator import EmailNotValidError, validate_email

from crm_core.metadata.types.base import AttributeType

CharField.register_lookup(Upper)
TextField.register_lookup(Upper)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_URL = re.compile(r"^(?:https?://)?[^\s/$.?#<>\"']+\.[^\s<>\"']+$", re.IGNORECASE)
# Ordinary addresses are recognised without the full parser; everything unusual goes to it.
_PLAIN_EMAIL = re.compile(
    r"(?=.{6,254}$)(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:com|org|net|example|de|at|ch|se|eu|uk|fr|it|es|nl|pl|ru|bg|io|co|us)"
)
_NATIONAL = re.compile(r"0[0-9 /-]{5,20}")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9 -]{6,22}")
_DIGITS = re.compile(r"[0-9]+")
_RICH_TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "ul",
    "ol",
    "li",
    "a",
    "h1",
    "h2",
    "h3",
    "blockquote",
    "pre",
    "code",
    "hr",
    "span",
    "div",
}


def clean_text(value: str) -> str:
    """NFC text without control characters; raises ValueError for NUL bytes and lone surrogates."""
    if value.isascii() and value.isprintable():
        return value
    if "\x00" in value:
        raise ValueError("NUL")
    value.encode("utf-8")  # lone surrogates raise UnicodeEncodeError, a ValueError
    return _CONTROL.sub("", unicodedata.normalize("NFC", value))


@lru_cache(maxsize=300)
def _numbering(region: str | None) -> tuple[str, str, frozenset[int]] | None:
    """(country code, trunk prefix, possible lengths) of a region whose numbers need no further rules."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region or "", None)
    if metadata is None or metadata.national_prefix_transform_rule or not metadata.national_prefix:
        return None
    if metadata.national_prefix_for_parsing not in (None, metadata.national_prefix):
        return None
    lengths = frozenset(metadata.general_desc.possible_length if metadata.general_desc else ())
    return str(metadata.country_code), metadata.national_prefix, lengths


@lru_cache(maxsize=300)
def _region_of(code: str) -> str | None:
    """The only region with this country code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    return regions[0] if len(regions) == 1 else None


def _plain_number(value: str, region: str | None) -> str | None:
    """E.164 of a number written in the usual way, by string work alone: parsing costs 50 times as much.

    None for everything that needs the full rules: other prefixes, unusual lengths, several regions for a code.
    """
    digits = "".join(_DIGITS.findall(value))
    if value[0] == "+":
        if not _INTERNATIONAL.fullmatch(value):
            return None
        code = next(
            (digits[:n] for n in (1, 2, 3) if int(digits[:n]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), ""
        )
        plan = _numbering(_region_of(code)) if code else None
        if plan is None or digits[len(code) :].startswith(plan[1]) or len(digits) - len(code) not in plan[2]:
            return None
        return f"+{digits}"
    plan = _numbering(region)
    if plan is None or not _NATIONAL.fullmatch(value):
        return None
    code, trunk, lengths = plan
    rest = digits[len(trunk) :]
    if not digits.startswith(trunk) or rest.startswith(("0", "11")) or len(rest) not in lengths:
        return None
    return f"+{code}{rest}"


@lru_cache(maxsize=8_192)
def phone_digits(value: str, region: str | None = None) -> str:
    """E.164 search form of a phone number, or its bare digits when it is no valid number."""
    if value and (plain := _plain_number(value, region)) is not None:
        return plain
    try:
        number = phonenumbers.parse(value, region)
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass  # an odd number is still searchable by its digits
    return re.sub(r"\D", "", value)


class Text(AttributeType):
    name = "text"
    customizable = True
    operators: tuple[str, ...] = (
        "eq",
        "ne",
        "contains",
        "not_contains",
        "begins",
        "ends",
        "in",
        "not_in",
        "empty",
        "not_empty",
    )

    def parse(self, attribute, raw: Any) -> str | None:
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise self.wrong(attribute, "text is needed.", "value.wrong_type")
        try:
            value = clean_text(raw).strip()
        except ValueError:
            raise self.wrong(
                attribute, "the text contains characters that cannot be stored.", "value.bad_characters"
            ) from None
        if attribute.max_length and len(value) > attribute.max_length:
            raise self.wrong(
                attribute,
                f"at most {attribute.max_length} characters.",
                "value.too_long",
                max_length=attribute.max_length,
            )
        if "\n" in value:
            value = " ".join(value.split("\n"))
        return self.check_format(attribute, value) if value else None

    def check_format(self, attribute, value: str) -> str:
        if attribute.format == "email":
            if _PLAIN_EMAIL.fullmatch(value) and "--" not in value:
                local, _at, domain = value.rpartition("@")
                return f"{local}@{domain.lower()}"
            try:
                return validate_email(value, check_deliverability=False, test_environment=True).normalized
            except EmailNotValidError:
                raise self.wrong(attribute, "this is no e-mail address.", "value.not_an_email") from None
        if attribute.format == "phone" and not re.search(r"\d", value):
            raise self.wrong(attribute, "a phone number has digits.", "value.not_a_phone")
        if attribute.format == "url" and not _URL.match(value):
            raise self.wrong(attribute, "this is no web address.", "value.not_a_url")
        return value

    def operand(self, attribute, value, context):
        from crm_core.metadata.errors import Malformed

        most = max(500, attribute.max_length or 0)  # a stored value can always be asked for
        if not isinstance(value, str) or not value or len(value) > most or "\x00" in value:
            raise Malformed(
                "filter.invalid_value",
                f"{attribute.label}: text of 1 to {most} characters is needed.",
                field=attribute.name,
            )
        try:
            return clean_text(value)
        except ValueError:
            raise Malformed(
                "filter.invalid_value", f"{attribute.label}: unusable characters.", field=attribute.name
            ) from None

    def op_eq(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__iexact", self.operand(attribute, value, context)))

    def op_in(self, attribute, ref, value, context) -> Q:
        wanted = self.operands(attribute, value, context)
        return Q((f"{ref}__upper__in", [Upper(Value(one)) for one in wanted]))  # whatever the case, as `eq`

    def op_contains(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__icontains", self.operand(attribute, value, context)))

    def op_not_contains(self, attribute, ref, value, context) -> Q:
        return ~self.op_contains(attribute, ref, value, context) | Q((f"{ref}__isnull", True))

    def op_begins(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__istartswith", self.operand(attribute, value, context)))

    def op_ends(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__iendswith", self.operand(attribute, value, context)))


class Memo(Text):
    name = "memo"
    operators = ("contains", "not_contains", "empty", "not_empty")

    def parse(self, attribute, raw: Any) -> str | None:
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise self.wrong(attribute, "text is needed.", "value.wrong_type")
        limit = attribute.max_length or 100_000
        if len(raw) > limit:
            raise self.wrong(attribute, f"at most {limit} characters.", "value.too_long", max_length=limit)
        try:
            value = clean_text(raw)
        except ValueError:
            raise self.wrong(
                attribute, "the text contains characters that cannot be stored.", "value.bad_characters"
            ) from None
        if attribute.format == "rich":
            value = nh3.clean(
                value,
                tags=_RICH_TAGS,
                attributes={"a": {"href"}},
                url_schemes={"http", "https", "mailto", "tel"},
            )
        return value if value.strip() else None


class Auto(Text):
    """A number generated from the workspace's format (PLT-16); never written by people."""

    name = "auto"
