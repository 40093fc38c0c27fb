"""Archives that are not what they say: refused by code and row, before anything changes (ASP-40.4, SAAS.md §6.3 I)."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from crm_core.security.actor import Actor
from tests.exchange import moved_workspaces as moved


def _set(name: str, number: int, /, **values: Any) -> moved.Change:
    def change(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        moved.rows(parts, name, lambda found: found[number].update(values))

    return change


def _double(name: str) -> moved.Change:
    def change(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        parts[name] += parts[name].splitlines(keepends=True)[-1]

    return change


def _drop(name: str) -> moved.Change:
    return lambda parts, _manifest: parts.__delitem__(name)


def _head(**values: Any) -> moved.Change:
    return lambda _parts, manifest: manifest.update(values)


def _append(name: str, raw: bytes) -> moved.Change:
    return lambda parts, _manifest: parts.update({name: parts[name] + raw})


def _customization(body: Any) -> moved.Change:
    """One published version with this body."""
    version = {"version": 1, "body": body, "summary": [], "published_at": "2026-01-01T00:00:00+00:00",
               "published_by": None, "published_by_name": "", "restored_from": None}  # fmt: skip

    def change(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        parts["customization_versions.jsonl"] = json.dumps(version).encode() + b"\n"
        moved.rows(parts, "organization.jsonl", lambda found: found[0].update(metadata_version=1))

    return change


ACCOUNTS, NOTES, FILES = (
    "data/customers.account.jsonl",
    "data/activities.note.jsonl",
    "data/records.storedfile.jsonl",
)
ROLES, PEOPLE = "data/security.role.jsonl", "data/security.systemuser.jsonl"
NOBODY = "00000000-0000-7000-8000-000000000000"

#: What is done to the archive → (code, row) of the refusal.
HOSTILE: dict[str, tuple[moved.Change, str, int | None]] = {
    "newer": (_head(format=99), "archive.newer", None),
    "older": (_head(format=1), "archive.older", None),
    "no format": (_head(format="2"), "archive.bad_manifest", None),
    "odd counts": (_head(records={"account": -1}), "archive.bad_manifest", None),
    "no entries": (_head(entries={}), "archive.bad_manifest", None),
    "missing table": (_drop(ACCOUNTS), "archive.missing_entry", None),
    "stranger": (lambda parts, _m: parts.update({"evil.txt": b"x"}), "archive.unexpected_entry", None),
    "traversal": (lambda parts, _m: parts.update({"../../evil.txt": b"x"}), "archive.bad_name", None),
    "absolute": (lambda parts, _m: parts.update({"/etc/passwd": b"x"}), "archive.bad_name", None),
    "backslash": (lambda parts, _m: parts.update({"a\\..\\b": b"x"}), "archive.bad_name", None),
    "twice in the manifest": (
        lambda _p, m: m["entries"].append(dict(m["entries"][0])), "archive.duplicate_entry", None,
    ),
    "not JSON": (_append(ACCOUNTS, b"{oops\n"), "archive.bad_row", 2),
    "no object": (_append(ACCOUNTS, b"[1]\n"), "archive.bad_row", 2),
    "no end": (_append(ACCOUNTS, b"{}"), "archive.unreadable", 2),
    "unknown column": (_set(ACCOUNTS, 0, evil=1), "archive.bad_row", 1),
    "too long": (_set(ACCOUNTS, 0, name="x" * 5000), "archive.bad_row", 1),
    "no number": (_set(ACCOUNTS, 0, version="many"), "archive.bad_row", 1),
    "number too large": (_set(ACCOUNTS, 0, version=10**12), "archive.bad_row", 1),
    "no name": (_set(ACCOUNTS, 0, version=None), "archive.bad_row", 1),
    "an object as text": (_set(ACCOUNTS, 0, name={"a": 1}), "archive.bad_row", 1),
    "custom is a list": (_set(ACCOUNTS, 0, custom=[]), "archive.bad_row", 1),
    "unknown state": (_set(ACCOUNTS, 0, state="exploded"), "archive.bad_row", 1),
    "NUL": (_set(ACCOUNTS, 0, name="a\x00b"), "archive.bad_row", 1),
    "script": (_set(NOTES, 0, body="<p>x</p><script>alert(1)</script>"), "archive.bad_row", 1),
    "row twice": (_double(ACCOUNTS), "archive.bad_row", 2),
    "dangling owner": (_set(ACCOUNTS, 0, owner_id=NOBODY), "archive.bad_reference", 1),
    "privileges of any shape": (_set(ROLES, 0, privileges={"account": {"read": "all"}}), "archive.bad_row", 1),
    "path in a file's name": (_set(FILES, 0, name="../../x"), "archive.bad_row", 1),
    "file of nobody": (_set(FILES, 0, id=NOBODY), "archive.bad_reference", 1),
    "file id is a path": (
        lambda _p, m: next(e for e in m["entries"] if e.get("file")).update(file="../../../etc/x"),
        "archive.unknown_file", None,
    ),
    "a login smuggled in": (_set(PEOPLE, 0, login_id=NOBODY), "archive.bad_row", 1),
    "not canonical": (
        lambda parts, _m: parts.update({ACCOUNTS: parts[ACCOUNTS].replace(b'{"id":', b'{ "id":', 1)}),
        "archive.not_equal", None,
    ),
    "customization of any shape": (_customization({"objects": [1]}), "archive.bad_customization", 1),
    "unknown part of a customization": (_customization({"scripts": {}}), "archive.bad_customization", 1),
    "a name that is code": (
        _customization({"attributes": {"account": [{"name": "c_x'; DROP", "label": "x", "type": "text"}]}}),
        "archive.bad_customization", 1,
    ),
    "published version missing": (_set("organization.jsonl", 0, metadata_version=7), "archive.bad_customization", None),
    "settings twice": (_double("organization.jsonl"), "archive.bad_row", None),
}  # fmt: skip


def test_hostile_archives_are_refused_by_code_and_row(source: Actor, small: bytes, target: Actor) -> None:
    for name, (change, code, row) in HOSTILE.items():
        found = moved.refused(moved.altered(small, change), target)
        assert found["code"].startswith(code), (name, found)
        assert found["details"].get("row") == row, (name, found)
        assert row is None or found["field"].endswith(f":{row}"), (name, found)
    job = moved.imported(small, target)  # and the honest one is welcome after all of them
    assert all(line["equal"] for line in job.result["compared"])


def test_lies_about_hashes_and_sizes_are_found(source: Actor, small: bytes, target: Actor) -> None:
    def flip(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        parts[ACCOUNTS] = parts[ACCOUNTS].replace(b"Nord", b"Nerd")

    def shorter(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        parts[ACCOUNTS] = parts[ACCOUNTS][:-5] + b"\n"

    def content(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        name = next(n for n in parts if n.startswith("files/"))
        parts[name] = b"hullo"

    for change, code in ((flip, "wrong_hash"), (shorter, "wrong_size"), (content, "wrong_hash")):
        assert moved.refused(moved.altered(small, change, honest=False), target)["code"] == f"archive.{code}"
    assert moved.refused(b"no zip at all", target)["code"] == "archive.unreadable"
    assert moved.refused(small[: len(small) // 2], target)["code"] == "archive.unreadable"
    damaged = bytearray(small)
    at = small.index(b"data/customers.account.jsonl") + 40
    damaged[at : at + 30] = b"\x00" * 30
    assert moved.refused(bytes(damaged), target)["code"] in (
        "archive.unreadable",
        "archive.wrong_hash",
        "archive.wrong_size",
    )
    assert (
        moved.refused(moved.altered(small, lambda _p, m: m.clear()), target)["code"] == "archive.no_manifest"
    )


def test_bombs_are_refused_before_they_are_unpacked(source: Actor, small: bytes, target: Actor) -> None:
    def bomb(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
        parts["records/bomb.csv"] = b"0" * (200 << 20)
        manifest["entries"].append({"name": "records/bomb.csv", "size": 200 << 20, "sha256": "0" * 64})

    assert moved.refused(moved.altered(small, bomb), target)["code"] == "archive.too_large"
    out = io.BytesIO(small)
    with zipfile.ZipFile(out, "a") as twice, pytest.warns(UserWarning):
        twice.writestr(ACCOUNTS, b"")
    assert moved.refused(out.getvalue(), target)["code"] == "archive.duplicate_entry"
    # a list that says it is larger than what is read into memory at once
    end = bytearray(small)
    at = bytes(end).rindex(b"PK\x05\x06")
    end[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    assert moved.refused(bytes(end), target)["code"] == "archive.too_large"


def test_the_first_row_that_cannot_be_is_found(source: Actor, small: bytes, target: Actor) -> None:
    def twice(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        row = json.loads(parts[ACCOUNTS].splitlines()[0])
        lines = []
        for n in range(40):
            row["id"] = f"00000000-0000-7000-8000-{7 if n == 22 else n:012d}"
            lines.append(json.dumps(row, separators=(",", ":")).encode() + b"\n")
        parts[ACCOUNTS] = b"".join(lines)

    found = moved.refused(moved.altered(small, twice), target)
    assert (found["code"], found["details"]["row"], found["details"]["sqlstate"]) == (
        "archive.bad_row",
        23,
        "23505",
    )
