"""Custom domains: proof before anything leads there, one owner, no take-over, no names inside networks (T6, T7, T8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from saas.internal.certificates import may_have_certificate
from tenants import addresses, entitlements, hosts, jobs
from tenants.context import activate_public
from tenants.domains import claims, lookup, names
from tenants.errors import TenantRefusal
from tenants.lifecycle import deletion
from tenants.models import CustomDomain, Domain, OperatorAudit, OwnerNotice, Tenant
from tests.api_client import ApiClient, person
from tests.threads import at_once

NAME = "crm.acme.example"
HERE, ELSEWHERE = "93.184.216.34", "93.184.216.99"


@dataclass
class FakeZone:
    """A name system in memory."""

    txt: dict[str, list[str]] = field(default_factory=dict)
    a: dict[str, list[str]] = field(default_factory=dict)
    cname: dict[str, str] = field(default_factory=dict)
    away: bool = False
    asked: list[str] = field(default_factory=list)

    def _look(self, name: str) -> None:
        self.asked.append(name)
        if self.away:
            raise lookup.Unavailable("LifetimeTimeout")

    def texts(self, name: str) -> list[str]:
        self._look(name)
        return self.txt.get(name, [])

    def alias(self, name: str) -> str:
        self._look(name)
        return self.cname.get(name, name)

    def addresses(self, name: str) -> list[str]:
        self._look(name)
        return self.a.get(self.cname.get(name, name), [])

    def prove(self, claim: CustomDomain) -> None:
        self.txt[claims.record_name(claim.domain)] = ["v=spf1 -all", claims.record_value(claim)]
        self.cname[claim.domain] = claims.target()


@pytest.fixture
def zone(database: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = FakeZone(a={claims.target(): [HERE]})
    monkeypatch.setattr(lookup, "zone", lambda: found)
    monkeypatch.setattr(jobs, "wake", lambda *_a, **_k: None)
    hosts.forget()
    yield found
    hosts.forget()


def get(host: str, path: str = "/login/") -> Any:
    return Client(headers={"host": host}).get(path)


def verified(tenant: Tenant, zone: FakeZone, name: str = NAME) -> CustomDomain:
    claim = claims.add(tenant, name, "ada@example.com")
    zone.prove(claim)
    found = claims.check(claim.pk)
    assert found is not None and found.state == "verified", found
    return found


def test_nothing_leads_here_before_the_proof_and_everything_after(
    zone: FakeZone, other_workspace: Tenant
) -> None:
    claim = claims.add(other_workspace, " CRM.Acme.example. ", "ada@example.com")
    assert claim.domain == NAME and zone.asked == [], "no request waits for the name system"
    claims.check(claim.pk)
    assert get(NAME).status_code == 404 and not may_have_certificate(NAME)
    claim.refresh_from_db()
    assert (claim.state, claim.problem) == ("pending", "txt_missing")
    zone.txt[claims.record_name(NAME)] = ["workspace-verification=" + "0" * 40]
    claims.check(claim.pk)
    claim.refresh_from_db()
    assert (claim.state, claim.problem) == ("pending", "txt_other")
    zone.prove(claim)
    claims.check(claim.pk)
    claim.refresh_from_db()
    assert claim.state == "verified" and claim.points_here and claim.problem == ""
    assert b"Globex" in get(NAME).content and may_have_certificate(NAME)
    assert OperatorAudit.objects.filter(act="domain.verified", tenant_id=other_workspace.pk).exists()


def test_a_second_workspace_cannot_take_it_over(zone: FakeZone, other_workspace: Tenant) -> None:
    with activate_public():
        thief = Tenant.objects.get(domains__slug="acme")
    rival = claims.add(thief, NAME, "eve@example.com")  # nobody has proven it yet, so both may try
    owner = verified(other_workspace, zone)
    with pytest.raises(TenantRefusal) as refused:
        claims.add(thief, NAME.upper(), "eve@example.com")
    assert refused.value.code == "domain.known"
    zone.txt[claims.record_name(NAME)].append(claims.record_value(rival))
    claims.check(rival.pk)
    rival.refresh_from_db()
    assert (rival.state, rival.problem) == ("pending", "taken")
    assert b"Globex" in get(NAME).content
    claims.remove(thief, rival.pk, "eve@example.com")
    assert b"Globex" in get(NAME).content, "giving up a claim frees nobody else's address"
    with pytest.raises(TenantRefusal) as refused:
        claims.add(thief, NAME, "eve@example.com")
    assert (refused.value.code, refused.value.status) == ("domain.taken", 409)
    with pytest.raises(CustomDomain.DoesNotExist):
        claims.remove(thief, owner.pk, "eve@example.com")
    with pytest.raises(CustomDomain.DoesNotExist):
        claims.make_primary(thief, owner.pk, "eve@example.com")


def test_a_lost_proof_unbinds_after_the_third_check_and_tells_the_owner(
    zone: FakeZone, other_workspace: Tenant
) -> None:
    claim, now = verified(other_workspace, zone), timezone.now()
    assert claim.next_check_at is not None and claim.next_check_at - now > timedelta(days=29)
    zone.txt.clear()
    zone.away = True
    claims.check(claim.pk)
    claim.refresh_from_db()
    assert (claim.state, claim.failures, claim.problem) == ("verified", 0, "unavailable"), (
        "silence proves nothing"
    )
    zone.away = False
    for count in (1, 2):
        claims.check(claim.pk)
        claim.refresh_from_db()
        assert (claim.state, claim.failures) == ("verified", count) and get(NAME).status_code == 200
    claims.check(claim.pk)
    claim.refresh_from_db()
    assert claim.state == "failed" and get(NAME).status_code == 404 and not may_have_certificate(NAME)
    kinds = list(OwnerNotice.objects.filter(tenant=other_workspace).values_list("kind", flat=True))
    assert sorted(kinds) == ["domain_failing", "domain_lost"]
    assert claims.check(claim.pk) is None, "given up"
    zone.prove(claim)
    CustomDomain.objects.update(checked_at=now - timedelta(minutes=1))
    claims.ask_again(other_workspace, claim.pk)
    assert claims.check(claim.pk).state == "verified" and get(NAME).status_code == 200  # type: ignore[union-attr]


def test_a_claim_nobody_proves_expires(zone: FakeZone, other_workspace: Tenant) -> None:
    claim = claims.add(other_workspace, NAME, "ada@example.com")
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        claims.check(claim.pk)
    claim.refresh_from_db()
    assert claim.state == "expired" and claim.next_check_at is None


def test_names_that_lead_into_networks_are_refused(zone: FakeZone, other_workspace: Tenant) -> None:
    claim = claims.add(other_workspace, NAME, "ada@example.com")
    zone.txt[claims.record_name(NAME)] = [claims.record_value(claim)]
    for inside in (
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "100.64.0.1",
    ):
        zone.a[NAME] = [ELSEWHERE, inside]
        claims.check(claim.pk)
        claim.refresh_from_db()
        assert (claim.state, claim.problem) == ("pending", "internal_address"), inside
    zone.a[NAME] = [ELSEWHERE]
    claims.check(claim.pk)
    claim.refresh_from_db()
    assert claim.state == "verified" and not claim.points_here


@pytest.mark.parametrize(
    "raw",
    ["", " ", "acme", "localhost", "10.0.0.1", "[::1]", "2130706433", "0177.0.0.1", "acme.example:443", "https://acme.example", "acme.example/x",
     "*.acme.example", "a..example", "-a.example", "a_b.example", "user@acme.example", "acme.example\n", "a\0.example", "x" * 64 + ".example",
     ".".join(["a" * 60] * 5) + ".example", "acme.123", "acme.localhost", "ops.localhost", "db.internal", "printer.local", "x.lan", "1.0.0.127.in-addr.arpa",
     "abc.onion", "a b.example", "acme。", "😀" * 200 + ".example"],
)  # fmt: skip
def test_odd_names_are_refused(zone: FakeZone, other_workspace: Tenant, raw: str) -> None:
    if raw == "acme.example\n":
        assert names.normalize(raw) == "acme.example"
        return
    with pytest.raises(TenantRefusal) as refused:
        claims.add(other_workspace, raw, "ada@example.com")
    assert refused.value.status == 422 and refused.value.code in ("domain.invalid", "domain.not_allowed")
    assert not CustomDomain.objects.exists() and zone.asked == []


def test_other_scripts_are_stored_as_the_name_system_spells_them() -> None:
    assert names.normalize("Bücher.example") == "xn--bcher-kva.example"
    assert names.normalize("crm。acme。example") == "crm.acme.example"


def test_the_main_address_is_redirected_to_for_pages_and_not_for_programs(
    zone: FakeZone, other_workspace: Tenant
) -> None:
    claim = verified(other_workspace, zone)
    assert get("globex.localhost").status_code == 200
    claims.make_primary(other_workspace, claim.pk, "ada@example.com")
    moved = get("globex.localhost", "/accounts?view=mine")
    assert moved.status_code == 302 and moved["Location"] == f"http://{NAME}:{_port()}/accounts?view=mine"
    assert get("globex.localhost", "/api/v1/session").status_code == 401
    assert addresses.workspace_url(other_workspace).startswith(f"http://{NAME}")
    claims.remove(other_workspace, claim.pk, "ada@example.com")
    assert get("globex.localhost").status_code == 200 and get(NAME).status_code == 404
    assert Domain.objects.get(tenant=other_workspace, is_primary=True).slug == "globex"


def _port() -> str:
    return addresses.origin("x").rpartition(":")[2]


def test_only_what_leads_here_becomes_the_main_address(zone: FakeZone, other_workspace: Tenant) -> None:
    claim = claims.add(other_workspace, NAME, "ada@example.com")
    with pytest.raises(TenantRefusal) as refused:
        claims.make_primary(other_workspace, claim.pk, "ada@example.com")
    assert refused.value.code == "domain.not_verified"
    zone.txt[claims.record_name(NAME)] = [claims.record_value(claim)]
    zone.a[NAME] = [ELSEWHERE]
    claims.check(claim.pk)
    with pytest.raises(TenantRefusal) as refused:
        claims.make_primary(other_workspace, claim.pk, "ada@example.com")
    assert refused.value.code == "domain.not_pointing"
    assert Domain.objects.get(tenant=other_workspace, is_primary=True).slug == "globex"


def test_the_plan_decides(zone: FakeZone, other_workspace: Tenant) -> None:
    claim = verified(other_workspace, zone)
    other_workspace.entitlements = {"features": {claims.FEATURE: False}, "limits": {}}
    other_workspace.save()
    with pytest.raises(TenantRefusal) as refused:
        claims.add(other_workspace, "two.acme.example", "ada@example.com")
    assert refused.value.status == 402 and not entitlements.allows(other_workspace, claims.FEATURE)
    for _day in range(claims.FAILURES_UNTIL_UNBOUND):
        claims.check(claim.pk)
    claim.refresh_from_db()
    assert (claim.state, claim.problem) == ("failed", "plan") and get(NAME).status_code == 404


def test_at_most_five(zone: FakeZone, other_workspace: Tenant) -> None:
    for number in range(5):
        claims.add(other_workspace, f"n{number}.acme.example", "ada@example.com")
    with pytest.raises(TenantRefusal) as refused:
        claims.add(other_workspace, NAME, "ada@example.com")
    assert refused.value.code == "domain.too_many"


def test_a_destroyed_workspace_frees_its_domain(zone: FakeZone, other_workspace: Tenant) -> None:
    verified(other_workspace, zone)
    with activate_public():
        heir = Tenant.objects.get(domains__slug="acme")
        other_workspace.deletion_due_at = timezone.now() + timedelta(days=30)
        other_workspace.save()
        assert get(NAME).status_code == 404 and not may_have_certificate(NAME)
        CustomDomain.objects.update(next_check_at=timezone.now() - timedelta(days=1))
        assert claims.check_due() == 0, "nobody looks after a workspace that is being deleted"
        with pytest.raises(TenantRefusal):
            claims.add(heir, NAME, "eve@example.com")
        assert deletion._erasers["custom_domains"](other_workspace) >= 1
    claim = claims.add(heir, NAME, "eve@example.com")
    claims.check(claim.pk)
    assert get(NAME).status_code == 404, "the former owner's record proves nothing for the new one"


def test_due_checks_are_woken_once(zone: FakeZone, other_workspace: Tenant) -> None:
    claims.add(other_workspace, NAME, "ada@example.com")
    assert claims.check_due() == 1 and claims.check_due() == 0


def test_over_the_interface(zone: FakeZone, workspace: Tenant, other_workspace: Tenant) -> None:
    admin = person(workspace, "ada@example.com", "system_administrator")[1]
    rep = person(workspace, "rep@example.com", "salesperson")[1]
    assert rep.get("/custom_domains")[0] == 403 and rep.post("/custom_domains", {"domain": NAME})[0] == 403
    status, body = admin.post("/custom_domains", {"domain": NAME})
    row = body["rows"][0]
    assert (
        status == 201
        and row["record"]["name"] == f"_workspace-verification.{NAME}"
        and row["state"] == "pending"
    )
    for bad in ({"domain": 5}, {"domain": ""}, {}, {"domain": "localhost"}):
        assert admin.post("/custom_domains", bad)[0] == 422
    with activate_public():
        zone.prove(CustomDomain.objects.get())
        claims.check(CustomDomain.objects.get().pk)
        strange = claims.add(other_workspace, "crm.globex.example", "x@example.com")
    own = f"/custom_domains/{row['id']}"
    assert admin.post(f"{own}/actions/check")[0] == 429
    assert admin.post(f"{own}/actions/make_primary")[1]["rows"][0]["is_primary"] is True
    assert admin.post("/custom_domains/actions/use_subdomain")[1]["subdomain"] == {
        "domain": "acme.localhost",
        "is_primary": True,
    }
    assert admin.post(f"{own}/actions/dance")[0] == 404
    for method in ("delete", "post"):
        path = f"/custom_domains/{strange.pk}" + ("/actions/check" if method == "post" else "")
        assert getattr(admin, method)(path)[0] == 404
    entries = admin.get("/audit?object=custom_domain")[1]["rows"]
    assert [entry["operation"] for entry in entries] == ["primary", "primary", "create"]
    assert admin.delete(own)[1]["rows"] == [] and get(NAME).status_code == 404
    assert ApiClient("acme.localhost").get("/custom_domains")[0] == 401
    with activate_public():
        assert CustomDomain.objects.filter(pk=strange.pk).exists()


@pytest.mark.real_commit
def test_of_two_that_prove_at_once_one_gets_it(zone: FakeZone, other_workspace: Tenant) -> None:
    with activate_public():
        both = [claims.add(tenant, NAME, "x@example.com") for tenant in Tenant.objects.all()[:2]]
    zone.txt[claims.record_name(NAME)] = [claims.record_value(claim) for claim in both]
    zone.cname[NAME] = claims.target()
    at_once([partial(claims.check, claim.pk) for claim in both])
    states = sorted(CustomDomain.objects.values_list("state", flat=True))
    assert states == ["pending", "verified"] and Domain.objects.filter(domain=NAME).count() == 1
