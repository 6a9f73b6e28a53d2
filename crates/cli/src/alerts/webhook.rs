//! Where alerts are sent to.

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use sillage_auth::Secret;
use sillage_domain::{Alert, AlertKind, AlertState, Slug, Timestamp};
use std::fmt::{self, Write};
use std::time::Duration;
use ureq::Agent;
use ureq::http::Uri;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The shortest secret, in bytes: it signs for years.
const SHORTEST_SECRET: usize = 32;

/// An address that takes alerts as JSON, signed.
///
/// Each request has the headers `X-Sillage-Timestamp`, in seconds since 1970, and `X-Sillage-Signature`: `sha256=` and, in hexadecimal digits, the
/// HMAC-SHA-256 of that timestamp, a point and the body under the secret. Nothing of it is about anybody. No redirection is followed, and no proxy of
/// the environment is used.
pub struct Webhook {
    agent: Agent,
    url: String,
    secret: Secret,
}

/// Why alerts can't be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The address is none that alerts are sent to.
    #[error(
        "the address must begin with https://, or be http:// on this machine (127.0.0.1, [::1], localhost), and have no username"
    )]
    Address,
    /// The secret can be guessed.
    #[error("the secret must have at least 32 characters")]
    Secret,
    /// There was no answer.
    #[error("the webhook can't be reached")]
    Away(#[source] Box<ureq::Error>),
    /// The answer was not 2xx.
    #[error("the webhook answered {0}")]
    Refused(u16),
    /// The alert can't be written.
    #[error("the alert can't be written")]
    Written(#[source] serde_json::Error),
}

/// What is sent.
#[derive(Serialize)]
struct Event<'a> {
    /// With the state, names what happened: the same may be sent twice.
    id: i64,
    kind: AlertKind,
    study: Option<&'a Slug>,
    server: Option<&'a str>,
    state: AlertState,
    raised_at: Timestamp,
    resolved_at: Option<Timestamp>,
    value: f64,
    threshold: f64,
}

impl Webhook {
    /// Sends there, signed with that.
    ///
    /// # Errors
    ///
    /// [`WebhookError::Address`] and [`WebhookError::Secret`].
    pub fn new(url: &str, secret: Secret) -> Result<Self, WebhookError> {
        if !is_safe(url) {
            return Err(WebhookError::Address);
        }
        if secret.expose().len() < SHORTEST_SECRET {
            return Err(WebhookError::Secret);
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("sillage/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build();
        Ok(Self {
            agent: config.into(),
            url: url.to_owned(),
            secret,
        })
    }

    /// Sends an alert as it is.
    pub(super) fn send(&self, alert: &Alert, now: Timestamp) -> Result<(), WebhookError> {
        let about = &alert.about;
        let body = serde_json::to_string(&Event {
            id: alert.id.0,
            kind: about.kind,
            study: alert.slug.as_ref(),
            server: about.server.as_deref(),
            state: alert.state(),
            raised_at: alert.raised_at,
            resolved_at: alert.resolved_at,
            value: about.value,
            threshold: about.threshold,
        });
        let body = body.map_err(WebhookError::Written)?;
        let timestamp = (now.micros() / 1_000_000).to_string();
        let answer = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header(
                "X-Sillage-Signature",
                signature(&self.secret, &timestamp, &body),
            )
            .header("X-Sillage-Timestamp", &timestamp)
            .send(&body)
            .map_err(|error| WebhookError::Away(Box::new(error)))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(WebhookError::Refused(status.as_u16())),
        }
    }
}

impl fmt::Debug for Webhook {
    /// Without the address: a path may be as good as a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook")
    }
}

pub(super) fn signature(secret: &Secret, timestamp: &str, body: &str) -> String {
    let mut signature = String::from("sha256=");
    // A key of any length is taken.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) {
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body.as_bytes());
        for byte in mac.finalize().into_bytes() {
            // Writing to a String does not fail.
            let _ = write!(signature, "{byte:02x}");
        }
    }
    signature
}

/// Whether what is sent there can be read by nobody on the way.
fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let Some(authority) = uri.authority().filter(|it| !it.as_str().contains('@')) else {
        return false;
    };
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => matches!(authority.host(), "127.0.0.1" | "[::1]" | "localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://alerts.example.org/sillage", true)]
    #[case("http://127.0.0.1:9000/hook", true)]
    #[case("http://[::1]:9000/hook", true)]
    #[case("http://localhost/hook", true)]
    #[case("http://alerts.example.org/sillage", false)]
    #[case("http://127.0.0.1.example.org/", false)]
    #[case("http://127.0.0.1@example.org/", false)]
    #[case("https://user:word@example.org/", false)]
    #[case("ftp://127.0.0.1/", false)]
    #[case("/hook", false)]
    #[case("", false)]
    fn alerts_go_where_nobody_reads_them_on_the_way(#[case] url: &str, #[case] safe: bool) {
        assert_eq!(is_safe(url), safe);
        let made = Webhook::new(url, Secret::new("0123456789abcdef0123456789abcdef"));
        assert_eq!(made.is_ok(), safe);
    }

    #[test]
    fn a_short_secret_is_refused() {
        let made = Webhook::new("https://example.org/", Secret::new("short"));
        assert!(matches!(made, Err(WebhookError::Secret)), "{made:?}");
    }

    /// Computed with `printf '1717243200.{}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`.
    #[test]
    fn the_signature_is_that_of_other_programs() {
        let secret = Secret::new("0123456789abcdef0123456789abcdef");
        let expected = "sha256=a0b376b9b1a1486096511cbe970829cbbdcfcca695d083d6bb63009242809381";
        assert_eq!(signature(&secret, "1717243200", "{}"), expected);
    }
}
