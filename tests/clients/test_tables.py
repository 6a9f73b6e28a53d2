"""Clean tables, read by the tools of Frictionless Data."""

import os
import subprocess

import pytest
from conftest import PATIENCE, log_in, send, settings
from frictionless import Package, Resource, Schema

CODEBOOK = """
format = 1

[fields.level]
type = "integer"
required = true
minimum = 0
privacy = "other"
label = "Level"

[actions.open.fields.closeness]
type = "number"
missing = [999999]
privacy = "other"

[actions.open.fields.done]
type = "boolean"
privacy = "other"

[actions.open.fields.colour]
type = "string"
enum = ["red", "blue"]
privacy = "other"

[actions.open.fields.at]
type = "datetime"
minimum = "2024-01-01T00:00:00+02:00"
privacy = "other"

[actions.open.fields.path]
type = "array"
privacy = "other"

[actions.open.fields.email]
type = "string"
privacy = "identifier"
"""


def entry(sequence, **payload):
    return {
        "timestamp": f"2024-05-18T10:17:{sequence:02}.5Z",
        "action": "open",
        "session": "s-1",
        "sequence": sequence,
        "payload": payload,
    }


EMAIL = "a@example.org"


@pytest.fixture(scope="module")
def admin(world):
    """Asks as the administrator, once there is a study with a codebook and entries."""

    def ask(method, path, expected=(200, 201), **more):
        return send(world.url, method, path, world.admin, expected, **more)

    ask("POST", "/v1/studies", json={"slug": "maze", "title": "The maze"})
    ask("PATCH", "/v1/studies/maze", json={"status": "open"})
    toml = {"Content-Type": "application/toml"}
    # It collects an identifier, so the study says what it must.
    ask("PATCH", "/v1/studies/maze", json={
        "legal_regimes": ["LIPAD"], "controllers": [{"name": "A university"}], "purpose": "research", "recipients": [],
        "contact": {"name": "The team", "email": "team@example.org"}, "retention": {"months": 60}, "ethics_reference": "17",
    })
    notice = {"Content-Type": "text/markdown"}
    ask("PUT", "/v1/studies/maze/notice", data=b"We keep what you do.", headers=notice)
    ask("PUT", "/v1/studies/maze/codebook", data=CODEBOOK.encode(), headers=toml)
    made = ask("POST", "/v1/studies/maze/participants", json={"count": 1, "prefix": "mouse"}).json()
    account = made["participants"][0]
    player = log_in(world.url, account["username"], account["password"])
    entries = [
        entry(0, level=3.0, closeness=1.5, done=True, colour="red", path=[1, {"a": 2}]),
        entry(1, level=9007199254740993, closeness=999999, at="2024-05-18T12:00:00+02:00"),
        entry(2, level=0, email=EMAIL, more='"quoted", and\r\nbroken \u2028 \U0001f642'),
    ]
    taken = send(world.url, "POST", "/v1/logs", player, (200,), json=entries).json()
    assert taken["accepted"] == 3, taken
    return ask


def valid(report):
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])


@pytest.mark.parametrize("query", ["view=full", "view=deidentified", "view=full&action=open"])
def test_a_wide_table_is_what_its_schema_says(admin, tmp_path, query):
    export = "/v1/studies/maze/export"
    (tmp_path / "table.csv").write_bytes(admin("GET", f"{export}?shape=wide&{query}").content)
    schema = Schema.from_descriptor(admin("GET", f"{export}/tableschema.json?{query}").json())
    table = Resource(path="table.csv", basepath=str(tmp_path), schema=schema)
    valid(table.validate())
    rows = Resource(path="table.csv", basepath=str(tmp_path), schema=schema).read_rows()
    assert [row["level"] for row in rows] == [3, 9007199254740993, 0]
    assert rows[1]["closeness"] is None
    if "full" in query:
        assert rows[2]["email"] == EMAIL
    else:
        assert "email" not in rows[2]
        assert EMAIL.encode() not in (tmp_path / "table.csv").read_bytes()


def test_a_schema_finds_what_is_not_as_it_says(admin, tmp_path):
    export = "/v1/studies/maze/export"
    table = admin("GET", f"{export}?shape=wide&view=full").text.replace(",red,", ",green,")
    (tmp_path / "table.csv").write_text(table, newline="")
    schema = Schema.from_descriptor(admin("GET", f"{export}/tableschema.json?view=full").json())
    report = Resource(path="table.csv", basepath=str(tmp_path), schema=schema).validate()
    assert report.flatten(["fieldName", "type"]) == [["colour", "constraint-error"]]


def test_the_codebook_beside_it_is_a_table(admin, tmp_path):
    table = admin("GET", "/v1/studies/maze/export/codebook.csv").content
    (tmp_path / "codebook.csv").write_bytes(table)
    valid(Resource(path="codebook.csv", basepath=str(tmp_path)).validate())


@pytest.mark.parametrize("view", ["full", "deidentified"])
def test_the_folder_of_all_tables_is_a_data_package(admin, folder, tmp_path, view):
    command = [os.environ["SILLAGE"], "export", "maze", "--view", view, "--tables", str(tmp_path)]
    subprocess.run(command, cwd=folder, env=settings(folder), check=True, timeout=PATIENCE)
    package = Package(str(tmp_path / "datapackage.json"))
    assert {"entries", "action-open", "sessions", "participants", "codebook"} <= set(package.resource_names)
    valid(package.validate())
    assert len(package.get_resource("entries").read_rows()) == 3
