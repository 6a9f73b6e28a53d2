"""The description that the server gives of itself, and whether it keeps to it."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
import requests
from conftest import ADMIN_PASSWORD
from openapi_spec_validator import OpenAPIV31SpecValidator

HERE = Path(__file__).parent


def test_the_description_is_valid_openapi_3_1(server):
    document = requests.get(f"{server}/openapi.json", timeout=60).json()
    assert document["openapi"].startswith("3.1.")
    faults = list(OpenAPIV31SpecValidator(document).iter_errors())
    assert not faults, faults


@pytest.mark.parametrize("caller", ["admin", "player"])
def test_the_server_keeps_to_its_description(world, tmp_path, caller):
    """schemathesis makes requests from the description, good and bad ones, and judges the answers."""
    # By password, since the run ends the log-ins and tokens of its caller.
    who = {"admin": ("admin", ADMIN_PASSWORD), "player": (world.player_username, world.player_password)}[caller]
    environment = {
        "CREDENTIALS": b64encode(":".join(who).encode()).decode(),
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    done = subprocess.run(
        [*command, "run", f"{world.url}/openapi.json"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
