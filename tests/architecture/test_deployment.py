"""The deployment says what the product reads, and its files can be read by what they are for."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PACKAGES = ("saas", "tenants", "crm_core", "billing", "onboarding")
FOREIGN = {
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SENTRY_DSN",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
}
#: Read by compose.yaml and the Caddyfile, not by the product.
OF_THE_DEPLOYMENT = {"POSTGRES_PASSWORD", "ACME_EMAIL"}


def _read_by_the_product() -> set[str]:
    """Names given to `text`, `flag`, `number` of saas.environment or to `os.environ`, by the source."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                    called = (
                        node.func.attr
                        if isinstance(node.func, ast.Attribute)
                        else getattr(node.func, "id", "")
                    )
                    name = node.args[0].value
                    if called in {"text", "flag", "number", "get", "getenv"} and isinstance(name, str):
                        found.add(name)
    return {name for name in found if re.fullmatch(r"KONTOR_[A-Z_]+", name) or name in FOREIGN}


def _in_the_example() -> list[str]:
    return re.findall(r"^#?([A-Z][A-Z_]+)=", (DEPLOY / "kontor.env.example").read_text(), re.MULTILINE)


def _compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_the_example_lists_every_setting_the_product_reads_and_no_other() -> None:
    listed = _in_the_example()
    assert len(listed) == len(set(listed))
    assert set(listed) - OF_THE_DEPLOYMENT == _read_by_the_product()


def test_compose_sets_only_what_the_product_reads() -> None:
    for name, service in _compose()["services"].items():
        if "image" in service and "kontor" in service["image"]:
            given = set(service["environment"])
            assert given <= _read_by_the_product(), name


def test_web_goes_through_the_pooler_and_nobody_who_holds_session_locks_does() -> None:
    services = _compose()["services"]
    web = services["web"]["environment"]
    assert "@pgbouncer:6432/" in web["DATABASE_URL"]
    assert (web["KONTOR_PGBOUNCER"], web["KONTOR_DB_POOL"]) == ("on", "off")
    for name in ("migrate", "worker", "jobs", "scheduler"):
        environment = services[name]["environment"]
        assert "@postgres:5432/" in environment["DATABASE_URL"], name
        assert "KONTOR_PGBOUNCER" not in environment, name
    pooler = (DEPLOY / "pgbouncer.ini").read_text()
    assert re.search(r"^pool_mode = transaction$", pooler, re.MULTILINE)
    assert re.search(r"^track_extra_parameters = .*\bsearch_path\b", pooler, re.MULTILINE)
    assert services["postgres"]["image"].endswith("postgres:18")  # older ones do not report search_path


def test_what_the_pooler_drops_the_server_has_as_its_defaults() -> None:
    from saas.settings.services import database_from_url

    options = database_from_url("postgresql://u@h/n")["OPTIONS"]["options"]
    wanted = set(re.findall(r"-c (\S+=\S+)", options))
    command = _compose()["services"]["postgres"]["command"]
    assert wanted and wanted <= set(command)
    pooler = (DEPLOY / "pgbouncer.ini").read_text()
    ignored = re.search(r"^ignore_startup_parameters = (.*)$", pooler, re.MULTILINE)
    assert ignored and {"options", *(part.split("=")[0] for part in wanted)} <= set(ignored[1].split(", "))


def test_only_the_proxy_is_published_and_it_never_forwards_to_the_internal_port() -> None:
    services = _compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    internal = services["web"]["environment"]["KONTOR_INTERNAL_PORT"]
    caddy = (DEPLOY / "Caddyfile").read_text()
    assert f"ask http://web:{internal}/internal/certificate" in caddy
    assert re.findall(r"reverse_proxy (\S+)", caddy) == ["web:8000"]


def test_every_process_of_the_product_has_a_service() -> None:
    from saas.cli import processes

    commands = [service.get("command") for service in _compose()["services"].values()]
    for make in processes.ALL:
        assert ["process", make.__name__] in commands


def test_the_image_contains_every_package_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    for package in PACKAGES:
        assert f"COPY {package} {package}\n" in text
    assert text.index("USER kontor") < text.index("ENTRYPOINT")
    assert "HEALTHCHECK" in text and "--require-hashes" in text


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_sound(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    shellcheck = Path(sys.executable).parent / "shellcheck"
    found = subprocess.run([shellcheck, script], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert script.stat().st_mode & 0o111
