//! An alert, as it is shown.

use crate::openapi::shapes;
use serde::Serialize;
use sillage_domain::{Alert, AlertId, AlertKind, AlertState, Slug, Timestamp};
use utoipa::ToSchema;

/// Something that holds and should not, or did.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertView<'a> {
    /// Names it.
    #[schema(value_type = i64, example = 17)]
    id: AlertId,
    /// `study_silent`: an open study got no entry for longer than it says. `quarantine_share`: too much of what arrived within an hour went to
    /// quarantine. `disk_nearly_full`: the disk of a server's data directory is.
    #[schema(value_type = shapes::AlertKind)]
    kind: AlertKind,
    /// Slug of the study, if it is about one.
    #[schema(value_type = Option<String>, example = "tsadk")]
    study: Option<&'a Slug>,
    /// Host name of the server, if it is about one.
    server: Option<&'a str>,
    /// `raised` or `resolved`.
    #[schema(value_type = String, example = "raised")]
    state: AlertState,
    /// When it was raised.
    #[schema(value_type = shapes::Instant)]
    raised_at: Timestamp,
    /// When it was last seen to hold.
    #[schema(value_type = shapes::Instant)]
    seen_at: Timestamp,
    /// When it was resolved, if it was.
    #[schema(value_type = Option<shapes::Instant>)]
    resolved_at: Option<Timestamp>,
    /// What was measured last: seconds of silence, the part in quarantine, the part of the disk that is free.
    #[schema(example = 7261.5)]
    value: f64,
    /// What it should be at most; of a disk, at least.
    #[schema(example = 7200.0)]
    threshold: f64,
}

impl<'a> AlertView<'a> {
    pub(crate) fn new(alert: &'a Alert) -> Self {
        let about = &alert.about;
        Self {
            id: alert.id,
            kind: about.kind,
            study: alert.slug.as_ref(),
            server: about.server.as_deref(),
            state: alert.state(),
            raised_at: alert.raised_at,
            seen_at: alert.seen_at,
            resolved_at: alert.resolved_at,
            value: about.value,
            threshold: about.threshold,
        }
    }
}
