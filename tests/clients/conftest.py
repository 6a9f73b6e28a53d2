"""A real server with a study in it, for clients that nobody here wrote.

SILLAGE names the binary; scripts/test passes the one that it has built.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass

import pytest
import requests

ADMIN_PASSWORD = "correct horse battery"
PATIENCE = 60


@dataclass
class World:
    """A running server, and what is in it."""

    url: str
    admin: str
    player: str
    player_username: str
    player_password: str


def send(url, method, path, token, expected, **more):
    headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
    answer = requests.request(method, url + path, headers=headers, timeout=PATIENCE, **more)
    assert answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer


def log_in(url, username, password):
    answer = requests.get(f"{url}/v1/utils/token", auth=(username, password), timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]


def settings(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SILLAGE__")}
    return kept | {
        "SILLAGE__SERVER__BIND": "127.0.0.1:0",
        "SILLAGE__SERVER__DATA_DIR": f"{folder}/data",
        "SILLAGE__AUTH__ADMIN_PASSWORD": ADMIN_PASSWORD,
        # The cheapest that there are: hashing is tested elsewhere.
        "SILLAGE__AUTH__BCRYPT_COST": "4",
        "SILLAGE__AUTH__GENERATED_BCRYPT_COST": "4",
        # Wrong credentials are sent by the hundred, to be refused and not to be put off.
        "SILLAGE__RATES__FREE_FAILURES": "1000000",
        "SILLAGE__RATES__FAILURE_MILLIS": "0",
    }


@pytest.fixture(scope="module")
def folder():
    """Where the server of a module lives."""
    with tempfile.TemporaryDirectory() as folder:
        yield folder


@pytest.fixture(scope="module")
def server(folder):
    """The address of a new server on SQLite."""
    with open(f"{folder}/log", "w") as log:
        process = subprocess.Popen(
            [os.environ["SILLAGE"], "serve"],
            cwd=folder,
            env=settings(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        for line in process.stdout:
            if line.startswith("listening on "):
                break
        else:
            pytest.fail(f"the server did not start: {open(f'{folder}/log').read()}")
        yield line.removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


@pytest.fixture(scope="module")
def world(server):
    """With an open study, its players, an entry and something in quarantine."""
    admin = log_in(server, "admin", ADMIN_PASSWORD)

    def make(method, path, **more):
        return send(server, method, path, admin, (200, 201, 202), **more).json()

    make("POST", "/v1/studies", json={"slug": "castle", "title": "The castle"})
    make("PATCH", "/v1/studies/castle", json={"status": "open"})
    made = make("POST", "/v1/studies/castle/participants", json={"count": 3, "prefix": "pupil"})
    username, password = (made["participants"][2][name] for name in ("username", "password"))
    player = log_in(server, username, password)
    happened = {"timestamp": "2024-05-18T10:17:33Z", "action": "open", "session": "s-1", "sequence": 1}
    send(server, "POST", "/v1/logs", player, (201,), json=happened)
    send(server, "POST", "/v1/logs", player, (202,), json={"action": "close"})
    return World(
        url=server,
        admin=admin,
        player=player,
        player_username=username,
        player_password=password,
    )
