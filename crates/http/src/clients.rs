//! Registered clients: found for those who may see them, made and changed.

use crate::api::{Api, Inner};
use crate::controllers::clients::{ClientPatch, ClientRequest};
use crate::error::ApiError;
use crate::extractors::{InStudy, Who};
use crate::identity::KnownStudy;
use crate::messages;
use crate::views::client::Registered;
use sillage_auth::{
    ListClients, ListPlatformClients, ManageClients, ManagePlatformClients, Secret, hash_secret,
    random_secret,
};
use sillage_domain::{
    Client, ClientChange, ClientFilter, ClientId, ClientType, NewClient, PageRequest, Paged, Slug,
    StudyId, StudyScope,
};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// A client that exists for the caller; whether he may change it is to be asked.
pub(crate) struct Found {
    who: Who,
    pub(crate) registered: Registered,
    /// Where it belongs; `None` for the platform.
    study: Option<InStudy>,
}

/// Those that the caller may see.
pub(crate) async fn list(
    who: &Who,
    search: Option<&str>,
    study: Option<&str>,
    page: PageRequest,
) -> Result<Paged<Registered>, ApiError> {
    let mut scope = who.may_across(ListClients)?.studies();
    let mut filter = ClientFilter {
        search: search.map(ToOwned::to_owned),
        study: None,
    };
    if let Some(slug) = study {
        let study = InStudy::find(who.clone(), slug).await?;
        study.may(ListClients)?;
        filter.study = Some(study.id());
        scope = StudyScope::Only(vec![study.id()]);
    }
    if scope == StudyScope::All {
        who.may(ListPlatformClients)?;
    }
    let found = who
        .api
        .off(move |inner| inner.clients(&scope, &filter, &page));
    found.await
}

impl Found {
    /// The client of that id, if the caller may see it.
    pub(crate) async fn find(who: Who, id: &str) -> Result<Self, ApiError> {
        who.may_across(ListClients)?;
        let id: ClientId = id.parse().map_err(|_| messages::not_found())?;
        let (client, known) = who
            .api
            .off(move |inner| {
                let client = inner.ports.clients.client(&id)?;
                let client = client.ok_or_else(messages::not_found)?;
                let study = match client.study {
                    Some(id) => inner.ports.studies.study(id)?,
                    None => None,
                };
                Ok((
                    client,
                    study.map(|study| Arc::new(KnownStudy::new(inner, study))),
                ))
            })
            .await?;
        let study = known
            .map(|known| InStudy::of(who.clone(), known))
            .transpose()?;
        let seen = match &study {
            Some(study) => study.may(ListClients).is_ok(),
            None => who.may(ListPlatformClients).is_ok(),
        };
        if !seen {
            return Err(messages::not_found().into());
        }
        let slug = study.as_ref().map(|study| study.known.study.slug.clone());
        Ok(Self {
            who,
            registered: Registered {
                client,
                study: slug,
            },
            study,
        })
    }

    /// Whether the caller may change it.
    pub(crate) fn may_manage(&self) -> Result<(), ApiError> {
        match &self.study {
            Some(study) => study.may(ManageClients).map(drop),
            None => self.who.may(ManagePlatformClients).map(drop),
        }
    }

    /// The client after a change. `seen`: whether the change is meant for the revision that was found.
    pub(crate) async fn change(
        &self,
        patch: ClientPatch,
        seen: bool,
    ) -> Result<Registered, ApiError> {
        self.put(patch.change(&self.registered)?, seen).await
    }

    /// The client with another secret, which is given too; the old one ends.
    pub(crate) async fn renew_secret(&self, seen: bool) -> Result<(Registered, Secret), ApiError> {
        if self.registered.client.kind() == ClientType::Public {
            return Err(messages::public_client_has_no_secret().into());
        }
        let secret = random_secret().map_err(ApiError::internal)?;
        let change = ClientChange {
            secret_hash: Some(hash_secret(&secret)),
            ..ClientChange::default()
        };
        Ok((self.put(change, seen).await?, secret))
    }

    /// Forgets it, and ends all that was got through it.
    pub(crate) async fn remove(&self, seen: bool) -> Result<(), ApiError> {
        let client = &self.registered.client;
        if client.is_built_in() {
            return Err(messages::built_in_client_stays().into());
        }
        let (id, revision) = (client.id.clone(), seen.then_some(client.revision));
        changing(&self.who.api, move |inner| {
            Ok(inner.ports.clients.remove_client(&id, revision)?)
        })
        .await
    }

    async fn put(&self, change: ClientChange, seen: bool) -> Result<Registered, ApiError> {
        let client = &self.registered.client;
        let (id, revision) = (client.id.clone(), seen.then_some(client.revision));
        let client = changing(&self.who.api, move |inner| {
            Ok(inner.ports.clients.change_client(&id, &change, revision)?)
        })
        .await?;
        Ok(Registered {
            client,
            study: self.registered.study.clone(),
        })
    }
}

/// Registers a client, and gives its secret if it has one.
pub(crate) async fn register(
    who: &Who,
    wanted: ClientRequest,
) -> Result<(Registered, Option<Secret>), ApiError> {
    let study = match &wanted.study {
        Some(slug) => {
            let study = InStudy::find(who.clone(), slug).await;
            let study = study.map_err(|error| {
                error.instead_of_404(|| ApiError::from(messages::not_found().at("/study")))
            })?;
            study.may(ManageClients)?;
            Some(study)
        }
        None => {
            who.may(ManagePlatformClients)?;
            None
        }
    };
    let secret = match wanted.kind() {
        ClientType::Confidential => Some(random_secret().map_err(ApiError::internal)?),
        ClientType::Public => None,
    };
    let id = Uuid::new_v4().to_string();
    let new = NewClient {
        id: id.parse().map_err(ApiError::internal)?,
        study: study.as_ref().map(InStudy::id),
        secret_hash: secret.as_ref().map(hash_secret),
        grants: wanted.grants(),
        scope: wanted.scope()?,
        name: wanted.name.unwrap_or_default(),
    };
    let now = who.api.now();
    let client = changing(&who.api, move |inner| {
        Ok(inner.ports.clients.register_client(&new, now)?)
    })
    .await?;
    let registered = Registered {
        client,
        study: study.map(|study| study.known.study.slug.clone()),
    };
    Ok((registered, secret))
}

/// Changes clients; whatever was found out about tokens before is looked at again.
async fn changing<T: Send + 'static>(
    api: &Api,
    work: impl FnOnce(&Inner) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = api.off(work).await;
    api.changed();
    done
}

impl Inner {
    fn clients(
        &self,
        scope: &StudyScope,
        filter: &ClientFilter,
        page: &PageRequest,
    ) -> Result<Paged<Registered>, ApiError> {
        let found = self.ports.clients.clients(scope, filter, page)?;
        let mut slugs: HashMap<StudyId, Slug> = HashMap::new();
        for id in found.items.iter().filter_map(|client| client.study) {
            if !slugs.contains_key(&id)
                && let Some(study) = self.ports.studies.study(id)?
            {
                slugs.insert(id, study.slug);
            }
        }
        let registered = |client: Client| Registered {
            study: client.study.and_then(|id| slugs.get(&id).cloned()),
            client,
        };
        Ok(Paged {
            items: found.items.into_iter().map(registered).collect(),
            total: found.total,
        })
    }
}
