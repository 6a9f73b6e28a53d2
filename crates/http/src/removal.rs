//! Participants, taken out.

use crate::error::ApiError;
use crate::extractors::InStudy;
use sillage_auth::{DeleteParticipants, Granted};
use sillage_domain::{Account, Erasure, Removal, Traces};
use std::time::Duration;

/// How long whoever asks waits for an erasure to end; the rest of a longer one goes by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes an account out that was found in the study.
///
/// From here on this server refuses its credentials, and every other within seconds.
pub(crate) async fn remove(
    study: &InStudy,
    granted: Granted<DeleteParticipants>,
    account: &Account,
    mode: Removal,
) -> Result<Erasure, ApiError> {
    let api = &study.who.api;
    let (id, now) = (account.id, api.now());
    let traces = Traces {
        study: granted.study(),
        pseudonym: study.known.pseudonym(&account.subject),
    };
    let removed = api
        .off(move |inner| {
            let erasure = &inner.ports.erasure;
            Ok(match mode {
                Removal::Anonymise => {
                    erasure.unlink(id)?;
                    Erasure::Done
                }
                Removal::Erase => erasure.erase(id, &[traces], now, PATIENCE)?,
            })
        })
        .await;
    api.changed();
    let removed = removed?;
    // Neither a name nor a pseudonym: the log outlives both.
    tracing::info!(
        study = study.known.study.slug.as_str(),
        mode = mode.as_str(),
        by = granted.by().map(|account| account.0),
        "a participant was taken out"
    );
    Ok(removed)
}
