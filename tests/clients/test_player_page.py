"""The page for players, /me, in a real browser: Chromium without a window, led over WebDriver."""

import csv
import json
import os
import shutil
import time
import uuid

import pytest
import requests
from conftest import ADMIN_PASSWORD, PATIENCE, log_in, send
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import alert_is_present
from selenium.webdriver.support.wait import WebDriverWait

# Would leave a trace in the page if it ran.
HOSTILE = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>\"'&lt;"
NOTICE = "# What we keep\n\n**Everything.** <script>window.hit = 1</script> [here](javascript:window.hit=1)"

TEXTS = {
    "en": {
        "title": "What Sillage knows about you",
        "wrong": "The username or the password is wrong.",
        "disputed": "Disputed",
        "restricted": "You had the use restricted",
        "free": "What you sent may be used",
        "withdrawn": "taken back",
        "corrected": "It is corrected.",
        "first_name": "First name",
        "password_wrong": "The password that you have now is another one.",
        "passwords_differ": "The two new passwords are not the same.",
        "password_changed": "The password is changed.",
    },
    "fr": {
        "title": "Ce que Sillage sait de vous",
        "wrong": "L'identifiant ou le mot de passe est faux.",
        "disputed": "Contesté",
        "restricted": "Vous avez fait limiter l'usage",
        "free": "Ce que vous avez envoyé peut servir",
        "withdrawn": "retiré",
        "corrected": "C'est corrigé.",
        "first_name": "Prénom",
        "password_wrong": "Le mot de passe que vous avez maintenant est un autre.",
        "passwords_differ": "Les deux nouveaux mots de passe ne sont pas les mêmes.",
        "password_changed": "Le mot de passe est changé.",
    },
}


@pytest.fixture(scope="module")
def study(server):
    """A study that says what it does, in which two players sent what would run if it were taken for HTML."""
    admin = log_in(server, "admin", ADMIN_PASSWORD)

    def make(method, path, **more):
        return send(server, method, path, admin, (200, 201), **more)

    made = {"slug": "waves", "title": HOSTILE, "description": HOSTILE}
    make("POST", "/v1/studies", json=made)
    said = {"purpose": "to learn how waves are learnt", "recipients": [{"name": HOSTILE, "country": "CH"}], "consent_purposes": ["collection"]}
    make("PUT", "/v1/studies/waves/notice?language=en", data=NOTICE.encode(), headers={"Content-Type": "text/markdown"})
    make("PATCH", "/v1/studies/waves", json=said | {"status": "open"})
    cards = make("POST", "/v1/studies/waves/participants", json={"count": 4, "prefix": "card"}).json()["participants"]
    for card in cards:
        player = log_in(server, card["username"], card["password"])
        send(server, "POST", "/v1/me/consents", player, (201,), json={"decision": "given", "notice": 1})
        for sequence in (1, 2, 3):
            entry = {
                "id": str(uuid.uuid4()),
                "timestamp": f"2024-05-18T10:17:0{sequence}Z",
                "action": HOSTILE,
                "session": HOSTILE,
                "sequence": sequence,
                "payload": {"said": HOSTILE, "of": card["username"]},
            }
            send(server, "POST", "/v1/logs", player, (201,), json=entry)
    return {"admin": admin, "cards": cards}


@pytest.fixture
def browser(tmp_path):
    """Chromium, which keeps what it downloads in a folder of its own."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium and driver, "install chromium and chromium-driver (scripts/test tools does)"
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={tmp_path}/profile"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.add_experimental_option("prefs", {"download.default_directory": f"{tmp_path}", "download.prompt_for_download": False})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    browser.set_page_load_timeout(PATIENCE)
    try:
        yield browser
    finally:
        browser.quit()


def wait(browser, what):
    return WebDriverWait(browser, PATIENCE).until(what)


def one(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def text(browser, selector):
    return one(browser, selector).text


def press(browser, selector):
    """As somebody does who has no mouse."""
    button = one(browser, selector)
    browser.execute_script("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)


def fill_card(browser, card, password=None):
    for field, value in (("#username", card["username"]), ("#password", password or card["password"])):
        one(browser, field).clear()
        one(browser, field).send_keys(value)
    one(browser, "#password").send_keys(Keys.ENTER)


def enter(browser, server, language, card):
    browser.get(f"{server}/me?lang={language}")
    fill_card(browser, card)
    wait(browser, lambda b: one(b, "#held").is_displayed() or text(b, "#fault"))
    assert text(browser, "#fault") == ""


def nothing_ran(browser):
    assert not alert_is_present()(browser)
    assert browser.execute_script("return window.hit") is None
    assert browser.execute_script("return document.querySelectorAll('main script, main img').length") == 0
    # Nothing was even tried that the policy of the page refuses.
    told = [entry["message"] for entry in browser.get_log("browser") if "Content Security Policy" in entry["message"]]
    assert told == []
    assert browser.get_cookies() == []


def downloaded(folder, prefix):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = [path for path in folder.glob(f"{prefix}*") if path.suffix in (".csv", ".json")]
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no {prefix} among {list(folder.iterdir())}")


@pytest.mark.parametrize(("language", "number"), [("en", 0), ("fr", 1)])
def test_a_player_sees_disputes_restricts_takes_away_withdraws_and_deletes(browser, server, study, tmp_path, language, number):
    card, says = study["cards"][number], TEXTS[language]
    browser.get(f"{server}/me?lang={language}")
    assert one(browser, "html").get_attribute("lang") == language
    assert text(browser, "h1") == says["title"]
    fill_card(browser, card, "not the password")
    wait(browser, lambda b: text(b, "#fault") == says["wrong"])

    fill_card(browser, card)
    wait(browser, lambda b: one(b, "#held").is_displayed())
    assert card["username"] in text(browser, "#account")
    assert "to learn how waves are learnt" in text(browser, "#study")
    assert "<script>" in text(browser, "#study"), "shown as it was written"
    assert "Everything." in text(browser, "#notice-text")
    rows = browser.find_elements(By.CSS_SELECTOR, "#entries tr")
    assert len(rows) == 3
    assert card["username"] in rows[0].text and "<script>" in rows[0].text
    nothing_ran(browser)

    press(browser, "#entries tr:nth-child(2) summary")
    area = one(browser, "#entries tr:nth-child(2) textarea")
    area.send_keys(f"That was my brother. {HOSTILE}")
    press(browser, "#entries tr:nth-child(2) form button")
    wait(browser, lambda b: says["disputed"] in text(b, "#entries tr:nth-child(2)"))
    disputed = send(server, "GET", "/v1/studies/waves/disputes", study["admin"], (200,)).json()
    assert any(one["text"].startswith("That was my brother.") for one in disputed)

    press(browser, "#restrict")
    wait(browser, lambda b: says["restricted"] in text(b, "#use-state"))
    exported = send(server, "GET", "/v1/studies/waves/export?format=ndjson", study["admin"], (200,)).text
    assert card["username"] not in exported
    press(browser, "#restrict")
    wait(browser, lambda b: says["free"] in text(b, "#use-state"))

    press(browser, "button.download[data-query*='table=entries']")
    with open(downloaded(tmp_path, "my_data"), newline="", encoding="utf-8") as file:
        entries = list(csv.DictReader(file))
    assert [entry["disputed"] for entry in entries].count("true") == 1
    assert all(card["username"] in entry["payload"] for entry in entries)
    press(browser, "button.download[data-query*='table=about']")
    with open(downloaded(tmp_path, "my_account"), newline="", encoding="utf-8") as file:
        about = {row["what"]: row["value"] for row in csv.DictReader(file)}
    assert about["/account/username"] == card["username"]
    assert about["/study/purpose"] == "to learn how waves are learnt"

    press(browser, "#withdraw")
    wait(browser, lambda b: says["withdrawn"] in text(b, "#consents"))
    player = log_in(server, card["username"], card["password"])
    late = {"timestamp": "2024-05-18T10:18:00Z", "action": "late"}
    assert send(server, "POST", "/v1/logs", player, (403,), json=late).json()["errors"][0]["code"] == 4032
    nothing_ran(browser)

    one(browser, "#erase").send_keys(Keys.SPACE)
    one(browser, "#delete-password").send_keys("not the password")
    one(browser, "#delete-sure").send_keys(Keys.SPACE)
    press(browser, "#delete-form button")
    wait(browser, lambda b: text(b, "#fault"))
    one(browser, "#delete-password").send_keys(card["password"])
    press(browser, "#delete-form button")
    wait(browser, lambda b: one(b, "#gone").is_displayed())
    people = send(server, "GET", "/v1/studies/waves/participants?page_size=100", study["admin"], (200,)).json()
    assert card["username"] not in [person["username"] for person in people]
    left = send(server, "GET", "/v1/logs?study=waves&page_size=100", study["admin"], (200,)).text
    assert card["username"] not in left
    nothing_ran(browser)


@pytest.fixture(scope="module")
def club(server):
    """A study that keeps who its players are, in the words of somebody who does not mean well."""
    admin = log_in(server, "admin", ADMIN_PASSWORD)

    def make(method, path, **more):
        return send(server, method, path, admin, (200, 201), **more)

    make("POST", "/v1/studies", json={"slug": "club", "title": "The club"})
    make("PATCH", "/v1/studies/club", json={"identity": ["name", "first_name", "guardian_email"]})
    cards = make("POST", "/v1/studies/club/participants", json={"count": 2, "prefix": "club"}).json()["participants"]
    for card in cards:
        known = {"name": HOSTILE, "first_name": "Ciara", "guardian_email": "paola@example.org"}
        make("PATCH", f"/v1/studies/club/participants/{card['username']}/identity", json=known)
    return {"admin": admin, "cards": cards}


@pytest.mark.parametrize(("language", "number"), [("en", 0), ("fr", 1)])
def test_a_player_corrects_who_he_is_and_sets_another_password(browser, server, club, language, number):
    card, says = club["cards"][number], TEXTS[language]
    enter(browser, server, language, card)
    assert one(browser, "#identity").is_displayed()
    fields = {field.get_attribute("name"): field for field in browser.find_elements(By.CSS_SELECTOR, "#identity-fields input")}
    assert {name: field.get_attribute("value") for name, field in fields.items()} == {
        "name": HOSTILE,
        "first_name": "Ciara",
        "guardian_email": "paola@example.org",
    }
    assert text(browser, "label[for=identity-first_name]") == says["first_name"]
    fields["first_name"].clear()
    fields["first_name"].send_keys("Chiara")
    fields["guardian_email"].clear()
    press(browser, "#identity-form button")
    wait(browser, lambda b: text(b, "#status") == says["corrected"])
    path = f"/v1/studies/club/participants/{card['username']}/identity"
    known = send(server, "GET", path, club["admin"], (200,)).json()
    assert (known["name"], known["first_name"], known["guardian_email"]) == (HOSTILE, "Chiara", None)
    nothing_ran(browser)

    def change(old, new, again):
        for field, value in (("#old-password", old), ("#new-password", new), ("#new-password-again", again)):
            one(browser, field).clear()
            one(browser, field).send_keys(value)
        press(browser, "#password-form button")

    chosen = "a password of my own"
    change(card["password"], chosen, "another one")
    wait(browser, lambda b: text(b, "#fault") == says["passwords_differ"])
    change("not the password", chosen, chosen)
    wait(browser, lambda b: text(b, "#fault") == says["password_wrong"])
    change(card["password"], chosen, chosen)
    wait(browser, lambda b: text(b, "#status") == says["password_changed"])
    assert one(browser, "#new-password").get_attribute("value") == ""
    # The page goes on, the card opens nothing any more, and a game that logs in is told no name.
    press(browser, "#identity-form button")
    wait(browser, lambda b: text(b, "#status") == says["corrected"])
    old = requests.get(f"{server}/v1/utils/token", auth=(card["username"], card["password"]), timeout=PATIENCE)
    assert old.status_code == 401
    game = log_in(server, card["username"], chosen)
    send(server, "GET", "/v1/me/identity", game, (403,))
    nothing_ran(browser)


def test_who_one_is_stands_on_no_page_of_a_study_that_does_not_keep_it(browser, server, study):
    enter(browser, server, "en", study["cards"][3])
    assert not one(browser, "#identity").is_displayed()


def test_everything_comes_as_json_too_and_leaving_ends_the_log_in(browser, server, study, tmp_path):
    card = study["cards"][2]
    enter(browser, server, "en", card)
    press(browser, "button.download[data-query='format=json']")
    everything = json.loads(downloaded(tmp_path, "my_data").read_text(encoding="utf-8"))
    assert everything["account"]["username"] == card["username"]
    assert len(everything["entries"]) == 3
    assert everything["notices"][0]["text"] == NOTICE
    press(browser, "#log-out")
    wait(browser, lambda b: one(b, "#log-in").is_displayed())
    assert card["username"] not in one(browser, "body").get_attribute("textContent")
    player = log_in(server, card["username"], card["password"])
    # One was for the entries, one is for this look; that of the page is over.
    wait(browser, lambda _: len(send(server, "GET", "/v1/me/grants", player, (200,)).json()) == 2)
    nothing_ran(browser)


def test_whoever_listens_or_types_finds_a_way_through_the_page(browser, server, study):
    enter(browser, server, "fr", study["cards"][3])
    unnamed = browser.execute_script(
        """
        const shown = (element) => element.checkVisibility();
        const named = (element) => element.labels?.length > 0 || element.textContent.trim() !== "";
        return [...document.querySelectorAll("input, textarea, button, summary, a")].filter(shown).filter((one) => !named(one)).map((one) => one.outerHTML);
        """
    )
    assert unnamed == []
    assert browser.execute_script("return document.activeElement.id") == "main", "what came is where one reads on"
    levels = browser.execute_script("return [...document.querySelectorAll('h1, h2')].map((one) => one.tagName)")
    assert levels[0] == "H1" and set(levels[1:]) == {"H2"}
    assert browser.execute_script("return document.querySelectorAll('th:not([scope])').length") == 0
    roles = browser.execute_script("return ['status', 'fault'].map((id) => document.getElementById(id).getAttribute('role'))")
    assert roles == ["status", "alert"]
    contrast = browser.execute_script(
        """
        const light = (colour) => {
            const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255);
            const [r, g, b] = parts.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        const page = light(getComputedStyle(document.body).backgroundColor);
        const texts = [...document.querySelectorAll("p, td, dd, label, a, .mark")].map((one) => ratio(light(getComputedStyle(one).color), page));
        const buttons = [...document.querySelectorAll("button")].map((one) => {
            const style = getComputedStyle(one);
            return ratio(light(style.color), light(style.backgroundColor));
        });
        return Math.min(...texts, ...buttons);
        """
    )
    assert contrast >= 4.5, "WCAG 2.2, 1.4.3"
