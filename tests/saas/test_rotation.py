"""Replacing the secret key under load: nobody is signed out while the former key is still given (F16)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.identity.models import User
from tenants.lifecycle import certificate
from tenants.models import Deletion, Tenant


@pytest.mark.parametrize("fallback_is_given", [True, False])
def test_people_stay_signed_in_while_the_former_key_is_a_fallback(
    workspace: Tenant, settings: Any, fallback_is_given: bool
) -> None:
    client = Client(headers={"host": "acme.localhost"})
    client.force_login(User.objects.get(email="owner@acme.example"))
    assert client.get("/api/v1/me/sessions").status_code == 200
    former = settings.SECRET_KEY
    settings.SECRET_KEY = "a new key of fifty characters, made for this one test only"
    settings.SECRET_KEY_FALLBACKS = [former] if fallback_is_given else []
    assert client.get("/api/v1/me/sessions").status_code == (200 if fallback_is_given else 401)


def test_certificates_of_deletion_stay_genuine_while_the_former_key_is_a_fallback(settings: Any) -> None:
    row = Deletion(certificate={"workspace": "acme"})
    assert not certificate.is_genuine(row)
    row.signature = certificate.sign(row.certificate)
    former = settings.SECRET_KEY
    settings.SECRET_KEY = "a new key of fifty characters, made for this one test only"
    assert not certificate.is_genuine(row)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert certificate.is_genuine(row)
    row.certificate["workspace"] = "globex"
    assert not certificate.is_genuine(row)
