"""The lock file belongs to pyproject.toml and can be installed anywhere."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()

#: Comes with something declared, or is only needed to run the tests.
_ALLOWED = {"saas/cli/browser.py: playwright", "tenants/jobs.py: kombu"}


def _locked() -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", LOCK, re.MULTILINE)
    return {_plain(name): version for name, version in found}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_locked_at_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = _locked()
    for text in wanted:
        requirement = Requirement(text)
        version = locked.get(_plain(requirement.name))
        assert version, f"{requirement.name} is not locked: run make lock"
        assert requirement.specifier.contains(version, prereleases=True), f"{text} but {version} is locked"


def test_every_locked_package_has_hashes_and_no_address() -> None:
    assert "://" not in LOCK
    for block in re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE):
        if block.strip():
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    described = 0
    for number, line in enumerate(lines):
        if re.match(r'  "[A-Za-z][A-Za-z0-9._\[\],-]*[>=<;]', line):
            above = lines[number - 1].strip()
            said = (
                "#" in line
                or above.startswith("#")
                or (number > 1 and lines[number - 2].strip().startswith("#"))
            )
            assert said, line
            described += 1
    assert described > 30


def test_every_imported_package_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = {_plain(Requirement(text).name) for text in project["project"]["dependencies"]}
    owners = packages_distributions()
    ours = {"saas", "tenants", "billing", "onboarding", "crm_core"}
    missing: set[str] = set()
    for package in ours:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [node.module] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in (
                    {(name or "").split(".")[0] for name in names} - ours - set(sys.stdlib_module_names)
                ):
                    if not declared & {_plain(owner) for owner in owners.get(name, [])}:
                        missing.add(f"{path.relative_to(ROOT)}: {name}")
    assert missing - _ALLOWED == set()
