"""The public site: works without script, light, in two languages, under the product's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

PAGES = (
    "/",
    "/pricing/",
    "/find/",
    "/legal/terms/",
    "/legal/privacy/",
    "/legal/dpa/",
    "/legal/subprocessors/",
    "/signup/",
)


@pytest.mark.parametrize("path", PAGES)
def test_pages_answer_in_english_and_german(visitor: Client, path: str) -> None:
    english = visitor.get(path, headers={"accept-language": "en"})
    german = visitor.get(path, headers={"accept-language": "de-AT"})
    assert english.status_code == german.status_code == 200
    assert b'<html lang="en">' in english.content
    assert b'<html lang="de">' in german.content
    assert english["Content-Language"] == "en"
    assert english.content != german.content


def test_a_language_the_site_lacks_gets_english(visitor: Client) -> None:
    assert b'<html lang="en">' in visitor.get("/", headers={"accept-language": "sv"}).content


def test_home_with_styles_and_picture_is_below_50_kb(visitor: Client) -> None:
    page = visitor.get("/")
    parts = ["onboarding/site.css", "logo.svg", "onboarding/workspace.webp"]
    files = [Path(found) for name in parts if (found := finders.find(name))]
    assert len(page.content) + sum(file.stat().st_size for file in files) < 50_000
    assert b"<script" not in page.content


def test_home_shows_the_prices_of_the_catalogue(visitor: Client) -> None:
    page = visitor.get("/", headers={"accept-language": "de-DE"}).content.decode()
    assert "30\xa0€" in page and "300\xa0€" in page


def test_prices_follow_the_chosen_currency(visitor: Client) -> None:
    page = visitor.get("/pricing/?currency=SEK").content.decode()
    assert "SEK" in page and "345" in page
    assert visitor.get("/pricing/?currency=XXX").status_code == 200


def test_the_language_switch_remembers_and_stays_on_the_page(visitor: Client) -> None:
    answer = visitor.post("/language/", {"language": "de", "next": "/pricing/"})
    assert answer["Location"] == "/pricing/"
    assert b'<html lang="de">' in visitor.get("/pricing/").content


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_language_switch_leads_nowhere_else(visitor: Client, target: str) -> None:
    answer = visitor.post("/language/", {"language": "de", "next": target})
    assert "evil" not in answer["Location"] and "javascript" not in answer["Location"]


def test_old_legal_versions_have_an_address_and_unknown_ones_do_not(visitor: Client) -> None:
    assert visitor.get("/legal/terms/2026-11-01/").status_code == 200
    assert visitor.get("/legal/terms/1999-01-01/").status_code == 404
    assert visitor.get("/legal/../terms/").status_code == 404
    assert visitor.get("/legal/imprint/").status_code == 404


def test_the_product_name_is_a_setting(visitor: Client) -> None:
    with override_settings(PRODUCT_NAME="Handelshaus"):
        for path in PAGES:
            assert "Handelshaus" in visitor.get(path).content.decode(), path


@pytest.mark.parametrize("path", ["/", "/pricing/", "/legal/terms/"])
def test_writing_to_a_page_is_refused(visitor: Client, path: str) -> None:
    assert visitor.post(path).status_code == 405


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "a..localhost", "unknown.localhost", "xn--lphа.localhost"],
)
def test_the_site_is_served_on_no_other_host(visitor: Client, host: str) -> None:
    answer = visitor.get("/signup/", headers={"host": host})
    assert answer.status_code == 404
    assert b"<form" not in answer.content
