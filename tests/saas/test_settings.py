"""Settings read from the environment: database, mail and queue addresses."""

from __future__ import annotations

import pytest

from saas.settings.services import celery_broker, database_from_url, email_from_url


def test_database_url_with_everything() -> None:
    entry = database_from_url("postgresql://us%40er:p%2Fw@db.example:6432/crm?sslmode=require")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"]) == (
        "us@er",
        "p/w",
        "db.example",
        "6432",
    )
    assert entry["NAME"] == "crm"
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["ATOMIC_REQUESTS"] is True


def test_database_url_with_a_socket() -> None:
    assert database_from_url("postgresql://postgres@/kontor?host=/run/pg")["HOST"] == "/run/pg"


@pytest.mark.parametrize("url", ["mysql://x/y", "kontor", ""])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        database_from_url(url)


def test_mail_url() -> None:
    starttls = email_from_url("smtp://me:secret@mail.example:587?tls=1")
    assert (starttls["EMAIL_PORT"], starttls["EMAIL_USE_TLS"], starttls["EMAIL_USE_SSL"]) == (
        587,
        True,
        False,
    )
    implicit = email_from_url("smtps://mail.example")
    assert (implicit["EMAIL_PORT"], implicit["EMAIL_USE_TLS"], implicit["EMAIL_USE_SSL"]) == (
        465,
        False,
        True,
    )
    with pytest.raises(ValueError, match="EMAIL_URL"):
        email_from_url("imap://mail.example")


def test_broker_url_of_a_socket() -> None:
    assert celery_broker("unix:///run/redis.sock?db=0") == "redis+socket:///run/redis.sock?virtual_host=0"
    assert celery_broker("redis://host:6379/1") == "redis://host:6379/1"


def test_the_tests_have_settings_of_their_own() -> None:
    """Their cache is this process's alone; with the product's, two test processes would count into one."""
    from django.conf import settings

    assert settings.SETTINGS_MODULE == "tests.settings" and settings.KONTOR_ENV == "test"
    assert all("locmem" in cache["BACKEND"] for cache in settings.CACHES.values())
