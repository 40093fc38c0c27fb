"""The file a solution travels in: a zip with one `solution.json`, the same bytes for the same content (PLT-12)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from crm_core.metadata.customization.components import Key
from crm_core.metadata.errors import Invalid, Malformed

FORMAT = 1
ENTRY = "solution.json"
MAX_PACKAGE = 5 * 1024**2
MAX_CONTENT = 20 * 1024**2
MAX_COMPONENTS = 3_000
MAX_DEPTH = 40
NAME = re.compile(r"[a-z][a-z0-9_]{1,59}")
VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")
_DATE = (1980, 1, 1, 0, 0, 0)
_KEYS = {"format", "product", "solution", "managed", "components", "requires"}


@dataclass(frozen=True)
class Package:
    """What a package says, its definitions not yet looked at. `requires` is what its maker left out."""

    name: str
    label: str
    version: str
    description: str
    managed: bool
    components: dict[Key, Any]
    #: components a workspace that imports the package managed cannot change
    locked: frozenset[Key] = frozenset()


def written(package: Package, requires: Iterable[Key]) -> bytes:
    """The package as a file."""
    content = {
        "format": FORMAT,
        "product": settings.PRODUCT_NAME,
        "solution": {
            "name": package.name,
            "label": package.label,
            "version": package.version,
            "description": package.description,
        },
        "managed": package.managed,
        "components": [
            {
                **key.as_json(),
                "definition": package.components[key],
                **({"locked": True} if key in package.locked else {}),
            }
            for key in sorted(package.components)
        ],
        "requires": [key.as_json() for key in sorted(requires)],
    }
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as target:
        entry = zipfile.ZipInfo(ENTRY, _DATE)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        target.writestr(entry, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    return found.getvalue()


def opened(content: bytes) -> Package:
    """The package in a file. Raises Malformed and Invalid `solution.*` for anything else."""
    body = _json(_entry(content))
    if not isinstance(body, dict) or set(body) - _KEYS or body.get("format") != FORMAT:
        raise Malformed("solution.format", "This is no solution of a known format.", field="file")
    about = body.get("solution")
    if not isinstance(about, dict) or not isinstance(body.get("managed"), bool):
        raise Malformed("solution.format", "This is no solution of a known format.", field="file")
    facts = checked_facts(about)
    found = _components(body.get("components"))
    locked = frozenset(key_from(row, "components") for row in body["components"] if row.get("locked"))
    return Package(**facts, managed=body["managed"], components=found, locked=locked)


def _entry(content: bytes) -> bytes:
    if len(content) > MAX_PACKAGE:
        raise Invalid("solution.too_large", "At most 5 MB.", field="file", details={"max_bytes": MAX_PACKAGE})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            entries = source.infolist()
            if [e.filename for e in entries] != [ENTRY] or entries[0].flag_bits & 1:
                raise Malformed(
                    "solution.not_a_package", f"A package holds {ENTRY} and nothing else.", field="file"
                )
            if entries[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Malformed(
                    "solution.not_a_package", "This kind of compression is not used here.", field="file"
                )
            with source.open(entries[0]) as stream:  # what the directory says of the size is not believed
                found = stream.read(MAX_CONTENT + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise Malformed("solution.not_a_package", "This file is no package.", field="file") from None
    if len(found) > MAX_CONTENT:
        raise Invalid(
            "solution.too_large",
            "The package is too large.",
            field="file",
            details={"max_bytes": MAX_CONTENT},
        )
    return found


def _json(raw: bytes) -> Any:
    if raw.count(b"[") + raw.count(b"{") > 500_000:
        raise Malformed("solution.not_json", "The package holds too much.", field="file")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Malformed("solution.not_json", "The package holds no JSON.", field="file") from None
    level: list[Any] = [body]
    for _depth in range(MAX_DEPTH):
        if not (level := [_kept(c) for item in level for c in _children(item)]):
            return body
    raise Malformed("solution.not_json", "The package is nested too deeply.", field="file")


def _children(item: Any) -> Iterable[Any]:
    return [*item, *item.values()] if isinstance(item, dict) else item if isinstance(item, list) else ()


def _kept(value: Any) -> Any:
    """`value` when the database can keep it exactly. Raises Malformed."""
    if isinstance(value, str) and "\x00" in value:
        raise Malformed(
            "solution.not_json", "The package holds characters that cannot be stored.", field="file"
        )
    if isinstance(value, (int, float)) and not abs(value) < 2**63:
        raise Malformed("solution.not_json", "The package holds a number that is too large.", field="file")
    return value


def checked_facts(about: Mapping[str, Any]) -> dict[str, str]:
    """Name, label, version and description of a solution. Raises Invalid with the field."""
    if unknown := set(about) - {"name", "label", "version", "description"}:
        raise Malformed(
            "request.unknown_parameter", "Unknown key.", field=str(sorted(map(str, unknown))[0])[:60]
        )
    found: dict[str, str] = {}
    for key, pattern in (("name", NAME), ("version", VERSION)):
        value = about.get(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            message = (
                "Small letters, digits and underscores."
                if key == "name"
                else "Numbers with dots, such as 1.0."
            )
            raise Invalid(f"solution.{key}", message, field=key)
        found[key] = value
    for key, most in (("label", 100), ("description", 1000)):
        value = about.get(key) if about.get(key) is not None else ""
        text = " ".join(value.split()) if isinstance(value, str) and key == "label" else value
        if not isinstance(text, str) or len(text) > most or "\x00" in text or (key == "label" and not text):
            raise Invalid(f"solution.{key}", f"A text of at most {most} characters.", field=key)
        found[key] = text
    return found


def _components(rows: Any) -> dict[Key, Any]:
    if not isinstance(rows, list) or len(rows) > MAX_COMPONENTS:
        raise Malformed("solution.components", f"At most {MAX_COMPONENTS} components.", field="components")
    found: dict[Key, Any] = {}
    for index, row in enumerate(rows):
        path = f"components.{index}"
        if (
            not isinstance(row, dict)
            or set(row) - {"locked"} != {"kind", "object", "name", "definition"}
            or not isinstance(row.get("locked", False), bool)
        ):
            raise Malformed(
                "solution.components", "A component has kind, object, name and definition.", field=path
            )
        if not isinstance(row["definition"], dict):
            raise Malformed("solution.components", "A definition is an object.", field=f"{path}.definition")
        key = key_from(row, path)
        if key in found:
            raise Malformed("solution.component_twice", "The package holds a component twice.", field=path)
        found[key] = row["definition"]
    return found


def key_from(row: Mapping[str, Any], path: str) -> Key:
    """The component `{"kind", "object", "name"}` says. Raises Malformed `solution.components`."""
    kind, owner, name = row.get("kind"), row.get("object"), row.get("name")
    valid = (
        isinstance(kind, str)
        and isinstance(name, str)
        and (owner is None or (isinstance(owner, str) and owner))
    )
    if (
        not valid
        or not 1 <= len(str(name)) <= 300
        or len(str(kind)) > 60
        or len(owner or "") > 63
        or "\x00" in f"{name}{owner}"
    ):
        raise Malformed("solution.components", "A component has kind, object and name.", field=path)
    return Key(str(kind), owner or "", str(name))
