from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from marketplace.manifest.canonical import digest
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin, publish_catalogue
from tenants.errors import Conflict, Invalid, WrongState
from tenants.models import User
from tests.marketplace.ours import Market, publish_ours

State = ListingVersion.ReviewState
ANALYST = CATALOGUE / "document-analyst.yaml"


@pytest.fixture
def market(db: None) -> Market:
    """Published for one test: others here begin with an empty market."""
    return publish_ours()


def test_an_empty_market_says_what_to_do(db: None, client: Client) -> None:
    assert "manage.py publish_catalogue" in client.get("/").content.decode()


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = ANALYST.read_text()
    assert old in text
    path = tmp_path / ANALYST.name
    path.write_text(text.replace(old, new, 1))
    return path


def test_a_listing_is_on_the_market_with_its_words(db: None, moderator: User) -> None:
    version = publish_builtin(path=ANALYST, by=moderator)
    listing = Listing.objects.get(slug="document-analyst")
    assert (version.semver, version.review_state, version.risk) == (
        "1.1.0",
        State.PUBLISHED,
        ListingVersion.Risk.MEDIUM,
    )
    assert version.submitted_by_id == moderator.pk
    assert listing.current_version == version
    assert (listing.publisher.namespace, listing.kind, listing.title) == ("guildhall", "crew", "Document analyst")
    assert listing.offline is True
    assert listing.published_at == version.published_at


def test_what_is_stored_has_the_digest_that_it_claims(market: Market) -> None:
    for version in ListingVersion.objects.all():
        assert digest(read_json(version.manifest)) == version.digest


def test_the_whole_catalogue_is_published_once(market: Market) -> None:
    first, again = (
        {f"{version.listing.slug}@{version.semver}": version.pk for version in publish_catalogue()} for _ in range(2)
    )
    assert first == again
    assert {"schelling-segregation@1.0.0", "schelling-segregation@2.0.0"} <= set(first)
    assert Listing.objects.filter(kind="scenario", current_version__isnull=False).count() == 15
    assert Listing.objects.filter(slug="schelling-segregation", current_version__semver="2.0.0").exists()
    assert ListingVersion.objects.count() == len(first)
    assert Publisher.objects.count() == 1


def test_other_content_under_a_published_number_is_refused(market: Market, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="raise the version"):
        publish_builtin(path=changed(tmp_path, "three agents work", "four agents work"))
    market["document-analyst"].refresh_from_db()
    assert "three agents work" in market["document-analyst"].manifest["metadata"]["description"]


def test_a_higher_number_becomes_current_and_a_lower_one_does_not(market: Market, tmp_path: Path) -> None:
    newer = publish_builtin(
        path=changed(tmp_path, "version: 1.1.0\n  title: Document analyst", "version: 1.10.0\n  title: Reader")
    )
    publish_builtin(path=changed(tmp_path, "version: 1.1.0", "version: 1.9.0"))
    listing = Listing.objects.get(slug="document-analyst")
    assert (listing.current_version, listing.title) == (newer, "Reader")
    assert listing.versions.count() == 3


def test_only_our_own_namespace(db: None, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="namespace globex"):
        publish_builtin(path=changed(tmp_path, "namespace: guildhall", "namespace: globex"))
    assert not Publisher.objects.exists()


def test_a_broken_manifest_is_refused_with_its_line(db: None, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        publish_builtin(path=changed(tmp_path, "kind: Crew", "kind: Crew\nkind: Tool"))
    assert caught.value.errors[0].detail == "line 3, column 1: kind: This name appears twice."
    assert not Listing.objects.exists()


@pytest.mark.parametrize("field", ["manifest", "digest", "semver"])
def test_the_database_keeps_a_published_version_as_it_is(market: Market, field: str) -> None:
    version = market["market-brief"]
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ListingVersion.objects.filter(pk=version.pk).update(**{field: {} if field == "manifest" else "other"})
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        ListingVersion.objects.filter(pk=version.pk)._raw_delete("default")
    version.refresh_from_db()
    assert version.semver == "2.0.0"


def test_a_published_version_takes_no_other_review_state(market: Market) -> None:
    for state in State:
        with pytest.raises(WrongState):
            market["market-brief"].move_to(state)
