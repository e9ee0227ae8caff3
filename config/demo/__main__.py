"""`python -m config.demo --url U`: the main job, on a Guildhall that is up. `manage.py demo` runs it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import django
import httpx
from websockets.exceptions import WebSocketException

from config.demo import record
from config.demo.client import Client, DidNotSucceed, Refused
from config.stack import paths


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    url = parser.parse_args().url
    django.setup()
    try:
        return run(url, paths.data_dir())
    except (Refused, DidNotSucceed, TimeoutError, httpx.HTTPError, WebSocketException) as trouble:
        print(f"\nThe demo stopped: {trouble}", flush=True)
        return 1


def run(url: str, data: Path) -> int:
    """Prepare, read, play, write down. Each part prints what it does."""
    from config.demo import people, playing, reading

    earlier = record.read(data)
    found = people.prepare(earlier)
    client = Client(url)
    client.sign_in(found.owner.email, found.owner.password)
    print(f"\nWorkspace Acme is ready; signed in as {found.owner.email}.")
    answer = reading.ask(client, people.WORKSPACE)
    print()
    town = playing.play(client, people.WORKSPACE)
    content = _content(client, people.WORKSPACE, found, answer, town) | {
        "api_key": _key(client, people.WORKSPACE, earlier)
    }
    target = record.write(data, content)
    _print_where_to_look(content, target)
    return 0


def _content(
    client: Client, workspace: str, found: Any, answer: dict[str, Any], town: dict[str, Any]
) -> dict[str, Any]:
    home = f"{client.url}/w/{workspace}/"
    return {
        "url": client.url,
        "workspace_url": home,
        "api_url": f"{home}api/v1/",
        "ws_url": client.socket_address(workspace),
        "users": {
            "owner": {"email": found.owner.email, "password": found.owner.password},
            "moderator": {"email": found.moderator.email, "password": found.moderator.password},
        },
        "run": {
            "id": answer["id"],
            "status": answer["status"],
            "url": f"{home}runs/{answer['id']}/",
            "output": answer["output"],
        },
        "simulation": {
            "id": town["id"],
            "status": town["status"],
            "url": f"{home}simulations/{town['id']}/",
            "metrics": town["metrics"],
        },
    }


def _key(client: Client, workspace: str, earlier: dict[str, Any]) -> str:
    """An API key for programs; the one of an earlier demo while it opens the door."""
    if known := earlier.get("api_key"):
        other = Client(client.url)
        other.use_key(known)
        try:
            other.get(workspace, "runs/")
        except Refused:
            pass
        else:
            return str(known)
    return str(client.post(workspace, "api-keys/", {"name": "Demo"})["key"])


def _print_where_to_look(content: dict[str, Any], target: Path) -> None:
    print("\nLook at it:")
    print(f"  the market      {content['url']}/")
    print(f"  the workspace   {content['workspace_url']}")
    print(f"  this run        {content['run']['url']}")
    print(f"  this simulation {content['simulation']['url']}")
    print(f"  moderation      {content['url']}/admin/")
    for who, user in content["users"].items():
        print(f"  sign in as {who:<10} {user['email']}  {user['password']}")
    print(f"All of it is in {target}.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
