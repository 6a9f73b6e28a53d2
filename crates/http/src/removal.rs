//! Participants, taken out.

use crate::api::Api;
use crate::error::ApiError;
use crate::extractors::{InStudy, Who};
use crate::messages;
use crate::views::removal::Found;
use sillage_auth::{DeleteParticipants, DeleteSelf, Granted};
use sillage_domain::{Account, AccountId, ConsentCode, Erasure, Removal, Traces};
use std::time::Duration;

/// How long whoever asks waits for an erasure to end; the rest of a longer one goes by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// What there is of somebody who plays, and whether its bytes would stay.
pub(crate) async fn look(
    api: &Api,
    account: AccountId,
    traces: Option<Traces>,
) -> Result<Found, ApiError> {
    api.off(move |inner| {
        let erasure = &inner.ports.erasure;
        Ok(Found {
            held: erasure.belongings(account, traces)?,
            bytes_stay: erasure.bytes_stay()?.is_some(),
        })
    })
    .await
}

/// What an account that was found in the study left there.
pub(crate) fn traces(study: &InStudy, account: &Account) -> Traces {
    Traces {
        study: study.known.study.id,
        pseudonym: study.known.pseudonym(&account.subject),
    }
}

/// Takes an account out that was found in the study.
///
/// From here on this server refuses its credentials, and every other within seconds.
pub(crate) async fn remove(
    study: &InStudy,
    granted: Granted<DeleteParticipants>,
    account: &Account,
    mode: Removal,
) -> Result<Erasure, ApiError> {
    let traces = Traces {
        study: granted.study(),
        pseudonym: study.known.pseudonym(&account.subject),
    };
    let code = study.known.consent_code(&account.subject);
    let removed = take_out(&study.who.api, account.id, (traces, code), mode).await?;
    // Neither a name nor a pseudonym: the log outlives both.
    tracing::info!(
        study = study.known.study.slug.as_str(),
        mode = mode.as_str(),
        by = granted.by().map(|account| account.0),
        "a participant was taken out"
    );
    Ok(removed)
}

/// Takes the caller out of the study that he plays in, as [`remove`] does.
pub(crate) async fn remove_oneself(
    who: &Who,
    granted: Granted<DeleteSelf>,
    mode: Removal,
) -> Result<Erasure, ApiError> {
    let (Some(account), Some((known, pseudonym))) = (granted.by(), &who.identity.plays) else {
        return Err(messages::forbidden().into());
    };
    let traces = Traces {
        study: known.study.id,
        pseudonym: *pseudonym,
    };
    let code = known.consent_code(&who.subject());
    let removed = take_out(&who.api, account, (traces, code), mode).await?;
    tracing::info!(
        study = known.study.slug.as_str(),
        mode = mode.as_str(),
        "a participant left"
    );
    Ok(removed)
}

async fn take_out(
    api: &Api,
    account: AccountId,
    (traces, code): (Traces, ConsentCode),
    mode: Removal,
) -> Result<Erasure, ApiError> {
    let now = api.now();
    let allowed = api.settings().allow_unscrubbed_erasure;
    let removed = api
        .off(move |inner| {
            let erasure = &inner.ports.erasure;
            if mode == Removal::Erase
                && !allowed
                && let Some(why) = erasure.bytes_stay()?
            {
                tracing::warn!(%why, "content was not erased, since the database keeps the bytes");
                return Err(messages::bytes_stay().into());
            }
            inner.ports.forget_words(traces, &code)?;
            Ok(match mode {
                Removal::Anonymise => erasure.unlink(account)?,
                Removal::Erase => erasure.erase(account, &[traces], now, PATIENCE)?,
            })
        })
        .await;
    api.changed();
    removed
}
