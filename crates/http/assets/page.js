// What Sillage knows about you: the page for players, over the REST API. Everything that it shows comes in as text, never as HTML.
"use strict";

const WORDS = {
  en: {
    failed: "That did not work. Try again, or ask those who run the study.",
    wrong: "The username or the password is wrong.",
    later: "Too many tries. Wait a minute, then try again.",
    busy: "Please wait …",
    ready: "This is what is held of you.",
    loggedOut: "You are logged out.",
    downloaded: "The file is on its way.",
    disputed: "It is marked as disputed.",
    settled: "The mark is taken away.",
    withdrawn: "Your consent is taken back.",
    given: "Your consent is written down.",
    held: "It is written down.",
    notHeld: "What you sent may be used as the notice says.",
    isRestricted: "You had the use restricted: what you sent is kept and not used.",
    isObjected: "You objected: what you sent is kept and not used, and nothing more is taken.",
    restrict: "Restrict the use", unrestrict: "Allow the use again",
    object: "Object to the use", unobject: "Object no longer",
    username: "Username", logIns: "Log-ins that are open",
    study: "Study", title: "Title", description: "About", regimes: "Law", controllers: "Who decides", contact: "Whom to ask",
    officer: "Data protection officer", purpose: "What for", basis: "What allows it", recipients: "To whom it goes", nobody: "To nobody",
    retention: "How long it is kept", months: "months", closing: "after the study closes", reception: "after it arrived",
    anonymise: "then it is anonymised", erase: "then it is erased", unsaid: "The study has not said it.",
    of: "of", entries: "entries", deleted: "deleted", session: "session",
    dispute: "This is wrong", say: "What is wrong, and what would be right? (Name nobody.)", send: "Mark as disputed",
    isDisputed: "Disputed", takeBack: "Take that back", answer: "Answer",
    decision: { given: "given", refused: "refused", withdrawn: "taken back" },
    purposes: { collection: "collection", research: "research", reuse: "reuse by others", publication: "publication" },
    notice: "notice",
    corrected: "It is corrected.",
    passwordChanged: "The password is changed.",
    passwordWrong: "The password that you have now is another one.",
    passwordsDiffer: "The two new passwords are not the same.",
    fields: {
      name: "Family name", first_name: "First name", email: "E-mail address",
      guardian_name: "Name of a parent or guardian", guardian_email: "E-mail address of a parent or guardian",
    },
  },
  fr: {
    failed: "Cela n'a pas marché. Réessayez, ou adressez-vous aux personnes qui conduisent l'étude.",
    wrong: "L'identifiant ou le mot de passe est faux.",
    later: "Trop d'essais. Attendez une minute, puis réessayez.",
    busy: "Un instant …",
    ready: "Voici ce qui est gardé de vous.",
    loggedOut: "Vous êtes déconnecté.",
    downloaded: "Le fichier arrive.",
    disputed: "C'est marqué comme contesté.",
    settled: "La marque est retirée.",
    withdrawn: "Votre consentement est retiré.",
    given: "Votre consentement est consigné.",
    held: "C'est consigné.",
    notHeld: "Ce que vous avez envoyé peut servir comme la notice le dit.",
    isRestricted: "Vous avez fait limiter l'usage : ce que vous avez envoyé est gardé et ne sert pas.",
    isObjected: "Vous vous êtes opposé : ce que vous avez envoyé est gardé et ne sert pas, et plus rien n'est pris.",
    restrict: "Limiter l'usage", unrestrict: "Permettre de nouveau l'usage",
    object: "M'opposer à l'usage", unobject: "Ne plus m'opposer",
    username: "Identifiant", logIns: "Connexions ouvertes",
    study: "Étude", title: "Titre", description: "De quoi il s'agit", regimes: "Loi", controllers: "Qui décide", contact: "À qui s'adresser",
    officer: "Délégué à la protection des données", purpose: "Pour quoi", basis: "Ce qui le permet", recipients: "À qui cela va",
    nobody: "À personne",
    retention: "Combien de temps c'est gardé", months: "mois", closing: "après la clôture de l'étude", reception: "après la réception",
    anonymise: "puis c'est anonymisé", erase: "puis c'est effacé", unsaid: "L'étude ne l'a pas dit.",
    of: "sur", entries: "traces", deleted: "effacé", session: "session",
    dispute: "C'est faux", say: "Qu'est-ce qui est faux, et qu'est-ce qui serait juste ? (Ne nommez personne.)", send: "Marquer comme contesté",
    isDisputed: "Contesté", takeBack: "Revenir là-dessus", answer: "Réponse",
    decision: { given: "donné", refused: "refusé", withdrawn: "retiré" },
    purposes: { collection: "recueil", research: "recherche", reuse: "réutilisation par d'autres", publication: "publication" },
    notice: "notice",
    corrected: "C'est corrigé.",
    passwordChanged: "Le mot de passe est changé.",
    passwordWrong: "Le mot de passe que vous avez maintenant est un autre.",
    passwordsDiffer: "Les deux nouveaux mots de passe ne sont pas les mêmes.",
    fields: {
      name: "Nom de famille", first_name: "Prénom", email: "Adresse électronique",
      guardian_name: "Nom d'un parent ou représentant", guardian_email: "Adresse électronique d'un parent ou représentant",
    },
  },
};

const LANGUAGE = document.documentElement.lang === "fr" ? "fr" : "en";
const SAY = WORDS[LANGUAGE];
const PAGE_SIZE = 50;
// The page is at <base>/me, the API at <base>/v1 and <base>/oauth2.
const BASE = new URL(".", document.location.href);

let token = null;
let refresh = null;
let study = null;
let notice = null;
let held = {};
let page = 0;

const find = (id) => document.getElementById(id);

class Refused extends Error {
  constructor(status, message, word, pointers) {
    super(message);
    this.status = status;
    // Of a log-in, the word of RFC 6749; of anything else, the places in the body that are wrong.
    this.word = word;
    this.pointers = pointers ?? [];
  }
}

function tell(text) {
  find("fault").textContent = "";
  find("status").textContent = text;
}

function complain(error) {
  find("status").textContent = "";
  find("fault").textContent = error instanceof Refused && error.message ? error.message : SAY.failed;
}

async function ask(method, path, body, headers) {
  const request = { method, headers: { "Accept-Language": LANGUAGE, ...headers }, cache: "no-store", credentials: "omit", redirect: "error" };
  if (token !== null) request.headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  const response = await fetch(new URL(path, BASE), request);
  if (response.ok) return response;
  let said = "";
  let word;
  let pointers;
  try {
    const answer = await response.json();
    word = answer.error;
    pointers = answer.errors.map((error) => error.pointer);
    said = answer.errors.map((error) => error.message).join("; ");
  } catch {
    // What is no JSON has nothing to say to a player.
  }
  throw new Refused(response.status, said, word, pointers);
}

const read = async (path) => (await ask("GET", path)).json();

// What is done when a button is pressed: it waits, once at a time, and every failure is told.
function when(element, event, work) {
  let busy = false;
  element.addEventListener(event, async (happened) => {
    happened.preventDefault();
    if (busy) return;
    busy = true;
    tell(SAY.busy);
    try {
      await work(happened);
    } catch (error) {
      complain(error);
    } finally {
      busy = false;
    }
  });
}

function node(name, text, properties) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  return Object.assign(made, properties);
}

function define(list, pairs) {
  list.replaceChildren();
  for (const [term, value] of pairs) {
    if (value === null || value === undefined || value === "") continue;
    list.append(node("dt", term), node("dd", value));
  }
}

const shown = (time) => (time ? new Date(time).toLocaleString(LANGUAGE) : "");
const person = (one) => [one.name, one.address, one.country, one.email, one.contact].filter(Boolean).join(", ");

function showAccount(me, grants) {
  define(find("account"), [[SAY.username, me.username], [SAY.study, me.study], [SAY.logIns, String(grants)]]);
}

// Only where the study keeps it, and where this log-in may see it.
async function showIdentity() {
  let known;
  try {
    known = await read("v1/me/identity");
  } catch (error) {
    if (!(error instanceof Refused) || ![403, 503].includes(error.status)) throw error;
  }
  const fields = known?.keeps ?? [];
  find("identity-fields").replaceChildren(...fields.flatMap((field) => {
    const id = `identity-${field}`;
    const properties = { id, name: field, type: field.endsWith("email") ? "email" : "text", maxLength: 200, autocomplete: "off", value: known[field] ?? "" };
    return [node("label", SAY.fields[field] ?? field, { htmlFor: id }), node("input", null, properties)];
  }));
  find("identity").hidden = fields.length === 0;
}

function showStudy() {
  const kept = study.retention;
  const long = kept && `${kept.months} ${SAY.months} ${SAY[kept.from] ?? kept.from}, ${SAY[kept.then] ?? kept.then}`;
  const to = study.recipients;
  const recipients = to && (to.length === 0 ? SAY.nobody : to.map((one) => [one.name, one.country, one.purpose].filter(Boolean).join(", ")).join("\n"));
  define(find("study"), [
    [SAY.title, study.title],
    [SAY.description, study.description],
    [SAY.purpose, study.purpose ?? SAY.unsaid],
    [SAY.recipients, recipients ?? SAY.unsaid],
    [SAY.retention, long ?? SAY.unsaid],
    [SAY.controllers, (study.controllers ?? []).map(person).join("\n")],
    [SAY.contact, study.contact && person(study.contact)],
    [SAY.officer, study.data_protection_officer && person(study.data_protection_officer)],
    [SAY.regimes, (study.legal_regimes ?? []).join(", ")],
    [SAY.basis, study.legal_basis],
  ]);
  if (kept?.then === "erase") find("erase").checked = true;
}

async function showNotice() {
  notice = null;
  try {
    const response = await ask("GET", `v1/studies/${encodeURIComponent(study.slug)}/notice`, undefined, { "X-Data-Format": "text" });
    notice = Number(response.headers.get("X-Notice-Version"));
    const text = find("notice-text");
    text.lang = response.headers.get("Content-Language") ?? LANGUAGE;
    text.replaceChildren(node("pre", await response.text()));
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
  }
  find("notice").hidden = notice === null;
}

async function showConsents() {
  const all = await read("v1/me/consents?page_size=100");
  find("consents").replaceChildren(...all.map((one) => {
    const purposes = one.purposes.map((word) => SAY.purposes[word] ?? word).join(", ");
    const on = one.notice ? ` (${SAY.notice} ${one.notice.version})` : "";
    return node("li", `${shown(one.recorded_at)}: ${SAY.decision[one.decision] ?? one.decision}: ${purposes}${on}`);
  }));
  find("no-consents").hidden = all.length > 0;
  const asks = study.consent_purposes ?? [];
  find("give").hidden = asks.length === 0 || notice === null || all[0]?.decision === "given";
}

async function showUse() {
  held = await read("v1/me/processing");
  const states = [held.restricted && SAY.isRestricted, held.objected && SAY.isObjected].filter(Boolean);
  find("use-state").textContent = states.join(" ") || SAY.notHeld;
  find("restrict").textContent = held.restricted ? SAY.unrestrict : SAY.restrict;
  find("object").textContent = held.objected ? SAY.unobject : SAY.object;
}

const disputePath = (entry) => `v1/me/logs/${entry.number}/dispute`;

function disputeForm(entry, cell) {
  const details = node("details");
  const form = node("form");
  const label = node("label", SAY.say, { htmlFor: `dispute-${entry.number}` });
  const text = node("textarea", "", { id: `dispute-${entry.number}`, rows: 3, maxLength: 2000 });
  form.append(label, text, node("button", SAY.send, { type: "submit" }));
  details.append(node("summary", SAY.dispute), form);
  when(form, "submit", async () => {
    const said = text.value.trim();
    await ask("PUT", disputePath(entry), said ? { text: said } : {});
    entry.disputed = true;
    await showDispute(entry, cell);
    tell(SAY.disputed);
    cell.querySelector("button")?.focus();
  });
  cell.replaceChildren(details);
}

async function showDispute(entry, cell) {
  if (entry.status === "deleted") return;
  if (!entry.disputed) {
    disputeForm(entry, cell);
    return;
  }
  const dispute = await read(disputePath(entry));
  const back = node("button", SAY.takeBack, { type: "button" });
  cell.replaceChildren(node("p", SAY.isDisputed, { className: "mark" }));
  if (dispute.text) cell.append(node("p", dispute.text));
  if (dispute.answer) cell.append(node("p", `${SAY.answer}: ${dispute.answer}`));
  cell.append(back);
  when(back, "click", async () => {
    await ask("DELETE", disputePath(entry));
    entry.disputed = false;
    await showDispute(entry, cell);
    tell(SAY.settled);
    cell.querySelector("summary")?.focus();
  });
}

function row(entry) {
  const made = node("tr");
  const details = node("td");
  if (entry.session) details.append(node("p", `${SAY.session}: ${entry.session}`));
  if (entry.payload !== undefined) details.append(node("pre", JSON.stringify(entry.payload, null, 1)));
  const dispute = node("td");
  const what = entry.status === "deleted" ? SAY.deleted : entry.action;
  made.append(node("td", shown(entry.timestamp ?? entry.received_at)), node("td", what), details, dispute);
  return { made, dispute };
}

async function showMore() {
  const response = await ask("GET", `v1/me/logs?sort=-received&page_size=${PAGE_SIZE}&page=${page + 1}`);
  page += 1;
  const entries = await response.json();
  for (const entry of entries) {
    const { made, dispute } = row(entry);
    find("entries").append(made);
    await showDispute(entry, dispute);
  }
  const total = Number(response.headers.get("X-Total-Count") ?? entries.length);
  const here = find("entries").childElementCount;
  find("entries-count").textContent = `${here} ${SAY.of} ${total} ${SAY.entries}`;
  find("more").hidden = here >= total;
}

async function showAll() {
  const me = await read("v1/me");
  study = await read(`v1/studies/${encodeURIComponent(me.study)}`);
  const grants = await read("v1/me/grants?page_size=100");
  showAccount(me, grants.length);
  await showIdentity();
  showStudy();
  await showNotice();
  await showConsents();
  await showUse();
  page = 0;
  find("entries").replaceChildren();
  await showMore();
}

function close() {
  token = null;
  refresh = null;
  study = null;
  for (const form of document.forms) form.reset();
  for (const id of ["account", "identity-fields", "study", "notice-text", "entries", "consents"]) find(id).replaceChildren();
  find("held").hidden = true;
}

// Ends the log-in on the server too, which the refresh token stands for; what it answers does not matter to somebody who leaves.
function end() {
  if (token === null) return;
  const body = new URLSearchParams({ token: refresh ?? token, client_id: "sillage" });
  fetch(new URL("oauth2/revoke", BASE), { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
}

// Games get no token with which one sees who somebody is; this page asks for one. Where whoever runs the server has narrowed what may be asked
// for, it goes on with what there is.
async function logIn(wanted) {
  try {
    return await (await ask("POST", "oauth2/access_token", { ...wanted, scope: "participant identity" })).json();
  } catch (error) {
    if (!(error instanceof Refused) || error.word !== "invalid_scope") throw error;
    return (await ask("POST", "oauth2/access_token", wanted)).json();
  }
}

when(find("log-in-form"), "submit", async () => {
  const password = find("password").value;
  const wanted = { grant_type: "password", client_id: "sillage", username: find("username").value.trim(), password };
  find("password").value = "";
  try {
    const given = await logIn(wanted);
    token = given.access_token;
    refresh = given.refresh_token ?? null;
  } catch (error) {
    if (error instanceof Refused && error.status === 429) throw new Refused(429, SAY.later);
    if (error instanceof Refused && error.status < 500) throw new Refused(error.status, SAY.wrong);
    throw error;
  }
  try {
    await showAll();
  } catch (error) {
    end();
    close();
    throw error;
  }
  find("log-in").hidden = true;
  find("held").hidden = false;
  tell(SAY.ready);
  find("main").focus();
});

when(find("log-out"), "click", async () => {
  end();
  close();
  find("log-in").hidden = false;
  tell(SAY.loggedOut);
  find("username").focus();
});

when(find("identity-form"), "submit", async () => {
  const change = {};
  for (const input of find("identity-fields").querySelectorAll("input")) change[input.name] = input.value.trim();
  await ask("PATCH", "v1/me/identity", change);
  await showIdentity();
  tell(SAY.corrected);
});

when(find("password-form"), "submit", async () => {
  const [old, made, again] = ["old-password", "new-password", "new-password-again"].map((id) => find(id).value);
  if (made !== again) throw new Refused(422, SAY.passwordsDiffer);
  try {
    await ask("PATCH", "v1/me", { old_password: old, password: made });
  } catch (error) {
    if (error instanceof Refused && error.status === 429) throw new Refused(429, SAY.later);
    if (error instanceof Refused && error.pointers.includes("/old_password")) throw new Refused(error.status, SAY.passwordWrong);
    throw error;
  }
  find("password-form").reset();
  tell(SAY.passwordChanged);
});

when(find("more"), "click", async () => {
  await showMore();
  tell(SAY.ready);
});

for (const button of document.querySelectorAll("button.download")) {
  when(button, "click", async () => {
    const response = await ask("GET", `v1/me/export?${button.dataset.query}`);
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
    const link = node("a", "", { href: URL.createObjectURL(await response.blob()), download: name ? name[1] : "my_data" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    tell(SAY.downloaded);
  });
}

when(find("give"), "click", async () => {
  await ask("POST", "v1/me/consents", { decision: "given", notice });
  await showConsents();
  tell(SAY.given);
});

when(find("withdraw"), "click", async () => {
  await ask("POST", "v1/me/consents", { decision: "withdrawn" });
  await showConsents();
  tell(SAY.withdrawn);
});

when(find("restrict"), "click", async () => {
  await ask("PATCH", "v1/me/processing", { restricted: !held.restricted });
  await showUse();
  tell(SAY.held);
});

when(find("object"), "click", async () => {
  await ask("PATCH", "v1/me/processing", { objected: !held.objected });
  await showUse();
  tell(SAY.held);
});

when(find("delete-form"), "submit", async () => {
  const mode = document.querySelector("input[name=mode]:checked").value;
  const password = find("delete-password").value;
  find("delete-password").value = "";
  await ask("DELETE", `v1/me?mode=${mode}`, { password });
  close();
  tell("");
  find("gone").hidden = false;
  find("gone-title").focus();
});

window.addEventListener("pagehide", end);
