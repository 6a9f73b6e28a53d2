"""Logging in with libraries for OAuth 2 that know nothing of this server."""

import os

import pytest
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
