"""What `sillage archive` writes, read by those who keep such things: the Library of Congress' bagit, and the tools of Frictionless Data."""

import os
import shutil
import subprocess
import zipfile

import bagit
import pytest
from conftest import PATIENCE, log_in, send, settings
from frictionless import Package

CODEBOOK = """
format = 1

[fields.level]
type = "integer"
privacy = "other"

[fields.words]
type = "string"
privacy = "sensitive"

[actions.open]
label = "A door was opened"
"""


@pytest.fixture(scope="module")
def archive(world, folder):
    """Writes the archived study there."""
    def ask(method, path, **more):
        return send(world.url, method, path, world.admin, (200, 201), **more)

    ask("POST", "/v1/studies", json={"slug": "tower", "title": "The tower"})
    ask("PATCH", "/v1/studies/tower", json={
        "legal_regimes": ["LIPAD"], "controllers": [{"name": "A university"}], "purpose": "research", "recipients": [],
        "contact": {"name": "The team", "email": "team@example.org"}, "retention": {"months": 60}, "ethics_reference": "17",
        "authorisation_reference": "18",
    })
    notice = {"Content-Type": "text/markdown"}
    ask("PUT", "/v1/studies/tower/notice", data="Ce que nous gardons.".encode(), headers=notice)
    toml = {"Content-Type": "application/toml"}
    ask("PUT", "/v1/studies/tower/codebook", data=CODEBOOK.encode(), headers=toml)
    ask("PATCH", "/v1/studies/tower", json={"status": "open"})
    made = ask("POST", "/v1/studies/tower/participants", json={"count": 1, "prefix": "guard"}).json()
    account = made["participants"][0]
    player = log_in(world.url, account["username"], account["password"])
    entries = [
        {"timestamp": f"2024-05-18T10:17:{n:02}Z", "action": "open", "session": "s", "sequence": n, "payload": {"level": n, "words": 'é, "x"\n'}}
        for n in range(4)
    ]
    send(world.url, "POST", "/v1/logs", player, (200,), json=entries)

    def write(to, *more):
        command = [os.environ["SILLAGE"], "archive", "tower", "--yes", "--to", str(to), *more]
        subprocess.run(command, cwd=folder, env=settings(folder), check=True, timeout=PATIENCE)

    return write


@pytest.mark.parametrize("view", ["full", "deidentified"])
def test_it_is_a_bag_with_a_data_package_in_it(archive, tmp_path, view):
    archive(tmp_path / "bag", "--view", view)
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert bag.version == "1.0"
    assert bag.info["External-Identifier"] == "tower"
    assert bag.info["Source-Organization"] == "A university"
    package = Package(str(tmp_path / "bag" / "data" / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])
    assert len(package.get_resource("entries").read_rows()) == 4
    for name in ["quality.json", "provenance.json", "study.json", "codebooks/1.toml", "papers/record.json"]:
        assert (tmp_path / "bag" / "data" / name).is_file(), name


def test_a_zip_file_has_the_same_bag(archive, tmp_path):
    archive(tmp_path / "tower.zip")
    with zipfile.ZipFile(tmp_path / "tower.zip") as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path / "unpacked")
    bagit.Bag(str(tmp_path / "unpacked" / "tower")).validate()


def test_a_bag_that_was_changed_is_found_out(archive, tmp_path):
    archive(tmp_path / "bag")
    shutil.copytree(tmp_path / "bag", tmp_path / "copy")
    entries = tmp_path / "copy" / "data" / "entries.csv"
    entries.write_bytes(entries.read_bytes().replace(b"open", b"shut", 1))
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(tmp_path / "copy")).validate()
