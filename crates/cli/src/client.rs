//! `sillage client`: applications that may ask for tokens.

use crate::{ClientCommand, ClientCreate, ClientList, CommandError, Output, Workplace};
use serde::Serialize;
use sillage_auth::{Scope, Secret, hash_secret, random_secret};
use sillage_domain::{
    Client, ClientChange, ClientFilter, ClientId, ClientType, GrantType, MAX_CLIENT_NAME,
    NewClient, PageRequest, Slug, StudyScope, Timestamp, acts_for_itself,
};
use std::num::{NonZeroU32, NonZeroU64};
use uuid::Uuid;

/// How many are read at a time.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// A client as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    client_id: &'a ClientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    name: &'a str,
    study: Option<&'a Slug>,
    #[serde(rename = "type")]
    kind: ClientType,
    grants: &'a [GrantType],
    scope: &'a str,
    active: bool,
    created_at: Timestamp,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::NoSuchClient`]; [`CommandError::Usage`] for what a client cannot be or do;
/// those of the store.
pub fn run(
    command: &ClientCommand,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        ClientCommand::Create(wanted) => create(wanted, place, output),
        ClientCommand::List(wanted) => list(wanted, place, output),
        ClientCommand::ResetSecret(named) => reset_secret(&named.id, place, output),
        ClientCommand::Deactivate(named) => set_active(&named.id, false, place, output),
        ClientCommand::Activate(named) => set_active(&named.id, true, place, output),
        ClientCommand::Delete(named) => delete(&named.id, place, output),
    }
}

fn create(
    wanted: &ClientCreate,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = wanted.study.as_ref().map(|slug| place.study(slug));
    let study = study.transpose()?;
    let for_itself = wanted.grants.contains(&GrantType::ClientCredentials);
    if for_itself && !acts_for_itself(wanted.kind, study.is_some()) {
        let text = "client_credentials is for a confidential client of a study";
        return Err(CommandError::Usage(text.into()));
    }
    let name = wanted.name.trim();
    let fits = (1..=MAX_CLIENT_NAME).contains(&name.chars().count());
    if !fits || name.contains(char::is_control) {
        let text =
            format!("a client needs a name of one line, at most {MAX_CLIENT_NAME} characters");
        return Err(CommandError::Usage(text));
    }
    let secret = match wanted.kind {
        ClientType::Confidential => Some(random_secret()?),
        ClientType::Public => None,
    };
    let id = Uuid::new_v4().to_string();
    let words = wanted.scope.iter().flat_map(|scope| scope.words());
    let new = NewClient {
        id: id.parse().map_err(|_| CommandError::NoSuchClient(id))?,
        name: name.to_owned(),
        study: study.as_ref().map(|study| study.id),
        secret_hash: secret.as_ref().map(hash_secret),
        grants: wanted.grants.clone(),
        scope: words.collect::<Scope>().to_string(),
    };
    let client = place.ports.clients.register_client(&new, place.now)?;
    say(&client, secret.as_ref(), "registered", place, output)
}

fn list(
    wanted: &ClientList,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = wanted.study.as_ref().map(|slug| place.study(slug));
    let filter = ClientFilter {
        search: wanted.search.clone(),
        study: study.transpose()?.map(|study| study.id),
    };
    let mut all = Vec::new();
    for page in (1..).map_while(NonZeroU64::new) {
        let page = PageRequest { page, size: PAGE };
        let clients = &place.ports.clients;
        let found = clients.clients(&StudyScope::All, &filter, &page)?;
        all.extend(found.items);
        if all.len() as u64 >= found.total {
            break;
        }
    }
    let mut slugs = Vec::with_capacity(all.len());
    for client in &all {
        slugs.push(slug_of(client, place)?);
    }
    for (client, slug) in all.iter().zip(&slugs) {
        output.line(format_args!(
            "{}\t{}\t{}\t{}\t{}",
            client.id,
            client.name,
            slug.as_ref().map_or("-", Slug::as_str),
            client.kind(),
            if client.active { "active" } else { "inactive" },
        ))?;
    }
    let printed: Vec<_> = all
        .iter()
        .zip(&slugs)
        .map(|(client, slug)| printed(client, slug.as_ref(), None))
        .collect();
    output.value(&printed)?;
    Ok(())
}

fn reset_secret(
    id: &ClientId,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if find(id, place)?.kind() == ClientType::Public {
        let text = format!("the client `{id}` is public: it has no secret");
        return Err(CommandError::Usage(text));
    }
    let secret = random_secret()?;
    let change = ClientChange {
        secret_hash: Some(hash_secret(&secret)),
        ..ClientChange::default()
    };
    let client = place.ports.clients.change_client(id, &change, None)?;
    say(&client, Some(&secret), "has a new secret", place, output)
}

fn set_active(
    id: &ClientId,
    active: bool,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    find(id, place)?;
    let change = ClientChange {
        active: Some(active),
        ..ClientChange::default()
    };
    let client = place.ports.clients.change_client(id, &change, None)?;
    let what = if active { "activated" } else { "deactivated" };
    say(&client, None, what, place, output)
}

fn delete(id: &ClientId, place: &Workplace, output: &mut Output<'_>) -> Result<(), CommandError> {
    let client = find(id, place)?;
    if client.is_built_in() {
        let text = format!("the client `{id}` is always there: deactivate it instead");
        return Err(CommandError::Usage(text));
    }
    let slug = slug_of(&client, place)?;
    place.ports.clients.remove_client(id, None)?;
    output.line(format_args!("client {id} deleted"))?;
    output.value(&printed(&client, slug.as_ref(), None))?;
    Ok(())
}

fn find(id: &ClientId, place: &Workplace) -> Result<Client, CommandError> {
    let found = place.ports.clients.client(id)?;
    found.ok_or_else(|| CommandError::NoSuchClient(id.to_string()))
}

fn slug_of(client: &Client, place: &Workplace) -> Result<Option<Slug>, CommandError> {
    Ok(match client.study {
        Some(id) => place.ports.studies.study(id)?.map(|study| study.slug),
        None => None,
    })
}

fn say(
    client: &Client,
    secret: Option<&Secret>,
    what: &str,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    output.line(format_args!("client {} {what}", client.id))?;
    if let Some(secret) = secret {
        output.line(format_args!("secret: {}", secret.expose()))?;
    }
    let slug = slug_of(client, place)?;
    output.value(&printed(client, slug.as_ref(), secret))?;
    Ok(())
}

fn printed<'a>(
    client: &'a Client,
    study: Option<&'a Slug>,
    secret: Option<&'a Secret>,
) -> Printed<'a> {
    Printed {
        client_id: &client.id,
        client_secret: secret.map(Secret::expose),
        name: &client.name,
        study,
        kind: client.kind(),
        grants: &client.grants,
        scope: &client.scope,
        active: client.active,
        created_at: client.created_at,
    }
}
