"""Logging in with libraries for OAuth 2 that know nothing of this server."""

import os

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from oauthlib.oauth2 import LegacyApplicationClient
from requests_oauthlib import OAuth2Session as OauthlibSession


@pytest.fixture
def log_in(world):
    """A session of Authlib, logged in as a player through the public client that is always there."""
    endpoint = f"{world.url}/oauth2/access_token"
    session = OAuth2Session("sillage", token_endpoint=endpoint, token_endpoint_auth_method="none")
    session.fetch_token(endpoint, username=world.player_username, password=world.player_password)
    return session


def test_authlib_logs_in_with_a_password(world, log_in):
    assert log_in.token["token_type"] == "Bearer"
    assert log_in.get(f"{world.url}/v1/me").json()["username"] == world.player_username


def test_authlib_understands_a_wrong_password(world):
    endpoint = f"{world.url}/oauth2/access_token"
    session = OAuth2Session("sillage", token_endpoint_auth_method="none")
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.fetch_token(endpoint, username=world.player_username, password="another one")


def test_requests_oauthlib_logs_in_with_a_password(world, monkeypatch):
    # It insists on TLS but for tests such as this one, over loopback.
    monkeypatch.setitem(os.environ, "OAUTHLIB_INSECURE_TRANSPORT", "1")
    session = OauthlibSession(client=LegacyApplicationClient(client_id="sillage"))
    token = session.fetch_token(
        f"{world.url}/oauth2/access_token",
        username=world.player_username,
        password=world.player_password,
        include_client_id=True,
    )
    assert token["expires_in"] == 86400
    assert session.get(f"{world.url}/v1/me").json()["role"] == "participant"


def test_authlib_renews_its_token_and_the_old_refresh_token_is_rotated(world, log_in):
    before = dict(log_in.token)
    after = log_in.refresh_token(f"{world.url}/oauth2/access_token", refresh_token=before["refresh_token"])
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert log_in.get(f"{world.url}/v1/me").status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_authlib_logs_out(world, log_in, kind):
    token = log_in.token["access_token"]
    answer = log_in.revoke_token(f"{world.url}/oauth2/revoke", token=log_in.token[kind], token_type_hint=kind)
    assert answer.status_code == 200
    refused = requests.get(f"{world.url}/v1/me", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, 4012)


def test_requests_oauthlib_renews_its_token(world, monkeypatch):
    monkeypatch.setitem(os.environ, "OAUTHLIB_INSECURE_TRANSPORT", "1")
    endpoint = f"{world.url}/oauth2/access_token"
    session = OauthlibSession(client=LegacyApplicationClient(client_id="sillage"))
    before = session.fetch_token(
        endpoint, username=world.player_username, password=world.player_password, include_client_id=True
    )
    after = session.refresh_token(endpoint, client_id="sillage")
    assert after["refresh_token"] != before["refresh_token"]
    assert session.get(f"{world.url}/v1/me").status_code == 200


def test_authlib_acts_for_a_game_server_and_asks_what_its_token_is_good_for(world):
    wanted = {"name": "Game server", "study": "castle", "type": "confidential", "grants": ["client_credentials"]}
    made = requests.post(
        f"{world.url}/v1/clients", json=wanted, headers={"Authorization": f"Bearer {world.admin}"}, timeout=60
    ).json()
    session = OAuth2Session(made["client_id"], made["client_secret"])
    token = session.fetch_token(f"{world.url}/oauth2/access_token", grant_type="client_credentials")
    entry = {"participant": world.player_username, "timestamp": "2024-05-18T10:17:33Z", "action": "join"}
    assert session.post(f"{world.url}/v1/logs", json=entry).status_code == 201
    known = session.introspect_token(f"{world.url}/oauth2/introspect", token=token["access_token"]).json()
    assert (known["active"], known["client_id"]) == (True, made["client_id"])


def test_the_metadata_name_the_endpoints(world):
    found = requests.get(f"{world.url}/.well-known/oauth-authorization-server", timeout=60).json()
    assert found["issuer"] == world.url
    for name, path in [("token", "access_token"), ("revocation", "revoke"), ("introspection", "introspect")]:
        assert found[f"{name}_endpoint"] == f"{world.url}/oauth2/{path}"
    assert {"password", "refresh_token", "client_credentials"} <= set(found["grant_types_supported"])
