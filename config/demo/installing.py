"""Taking a listing from the marketplace, with the permissions that it asks for."""

from __future__ import annotations

from typing import Any

from config.demo.client import Client


def install(client: Client, workspace: str, ref: str) -> dict[str, Any]:
    """The installation of `publisher/slug`, made now or on an earlier day."""
    for installation in client.all(workspace, "installations/"):
        if installation["listing"] == ref and installation["state"] == "active":
            print(f"{installation['title']} {installation['version']} is installed already.")
            return dict(installation)
    listing = client.get("", f"marketplace/listings/{ref}/")
    grants = [permission["code"] for permission in listing["permissions"]]
    wanted = {"listing": ref, "version": listing["version"], "grants": grants}
    installation = client.post(workspace, "installations/", wanted)
    print(
        f"Installed {listing['title']} {listing['version']} from the marketplace. It may: {_spoken(listing['permissions'])}."
    )
    return dict(installation)


def _spoken(permissions: list[dict[str, str]]) -> str:
    sentences = [permission["sentence"] for permission in permissions]
    return "; ".join(sentence[0].lower() + sentence[1:] for sentence in sentences) or "nothing beyond its own steps"
