//! The one way in for passwords, whatever door they are brought to, and the answer to clients' wrong secrets.
//!
//! What fails takes a time of its own, the same whatever was wrong: a beat, or as many beats as the work took.

use crate::api::Api;
use crate::audit::Mark;
use crate::error::ApiError;
use crate::limits::{Named, NoTurn, Source, Turn};
use crate::messages;
use sillage_auth::Secret;
use sillage_domain::{Account, PasswordHash, PasswordOrigin, Username};
use std::time::{Duration, Instant};

impl Api {
    /// The account of that username, if that is its password and it may log in.
    ///
    /// Errors: 401 for an unknown user, a wrong password and a deactivated account alike; 429 where too many of these came before; those
    /// of the store; 503 where too many log in.
    pub(crate) async fn account_with_password(
        &self,
        username: &str,
        password: Secret,
        source: Source,
    ) -> Result<Account, ApiError> {
        let wrong = messages::wrong_password().into();
        let account = self
            .proved(username, password.clone(), source, wrong)
            .await?;
        self.renew_hash(&account, password).await;
        Ok(account)
    }

    /// The account of a caller who proves once more, with the password, who he is: a token may be in other hands than the account's.
    ///
    /// `member` is where the password stood in the body. Errors: 422 for a wrong password; else as [`account_with_password`](Self::account_with_password), with which it counts.
    pub(crate) async fn own_account_with_password(
        &self,
        username: &Username,
        password: Secret,
        member: &'static str,
        source: Source,
    ) -> Result<Account, ApiError> {
        let wrong = ApiError::from(messages::wrong_old_password().at(member));
        self.proved(username.as_str(), password, source, wrong)
            .await
    }

    /// The account of that username, if that is its password and it may log in; else that answer, in its time.
    async fn proved(
        &self,
        username: &str,
        password: Secret,
        source: Source,
        wrong: ApiError,
    ) -> Result<Account, ApiError> {
        let start = Instant::now();
        // A name that cannot be one is as one that nobody has.
        let known: Option<Username> = username.parse().ok();
        let named = Named::Account(known.as_ref().map_or(username, Username::as_str));
        let turn = self.turn_to_log_in(named, source, start).await?;
        if turn.delay.is_none() {
            self.0.limits.log_in(source)?;
        }
        let account = self.account_of(known.clone()).await?;
        let hash = account
            .as_ref()
            .map(|account| account.password_hash.clone());
        let good = self.is_right(named, &turn, password, hash).await?;
        match account {
            Some(account) if good && account.active => {
                self.0.limits.succeeded(&turn);
                Ok(account)
            }
            tried => {
                let mark = Mark::FailedLogIn(tried.map(|account| account.subject));
                let refused = self.refuse_log_in(turn, start, wrong).await;
                Err(refused.marked(Some(mark)))
            }
        }
    }

    /// The answer to a wrong secret of that name, in its time: 429 where there were too many.
    pub(crate) async fn refuse_named(
        &self,
        named: Named<'_>,
        source: Source,
        start: Instant,
        wrong: ApiError,
    ) -> ApiError {
        match self.turn_to_log_in(named, source, start).await {
            Ok(turn) => self.refuse_log_in(turn, start, wrong).await,
            Err(error) => error,
        }
        .marked(Some(Mark::FailedLogIn(None)))
    }

    async fn turn_to_log_in(
        &self,
        named: Named<'_>,
        source: Source,
        start: Instant,
    ) -> Result<Turn, ApiError> {
        match self.0.limits.turn(named, source).await {
            Ok(turn) => Ok(turn),
            Err(NoTurn::Delay(delay)) => {
                self.next_beat(start).await;
                let refused = self.0.limits.too_many_failed(delay);
                Err(refused.marked(Some(Mark::FailedLogIn(None))))
            }
            Err(NoTurn::Busy) => Err(messages::too_many_log_ins().into()),
        }
    }

    /// Whether the secret is the one of that hash. While there is a delay, a secret that somebody chose is not even looked at: it could
    /// be guessed. What the server made can't, so its owner is let in whoever else tries.
    async fn is_right(
        &self,
        named: Named<'_>,
        turn: &Turn,
        secret: Secret,
        hash: Option<PasswordHash>,
    ) -> Result<bool, ApiError> {
        // A name that nobody has is as much work as one of either kind.
        let pretended = match self.0.limits.coin(named) {
            true => PasswordOrigin::Chosen,
            false => PasswordOrigin::Generated,
        };
        let origin = hash.as_ref().map_or(pretended, PasswordHash::origin);
        if turn.delay.is_some() && origin == PasswordOrigin::Chosen {
            return Ok(false);
        }
        self.verify(secret, hash, origin).await
    }

    /// The answer to what was wrong, in its time. Others for the same name need not wait for that.
    async fn refuse_log_in(&self, turn: Turn, start: Instant, wrong: ApiError) -> ApiError {
        let error = match turn.delay {
            Some(delay) => self.0.limits.too_many_failed(delay),
            None => {
                self.0.limits.failed(&turn);
                wrong
            }
        };
        drop(turn);
        self.next_beat(start).await;
        error
    }

    /// Waits for the next beat since then.
    async fn next_beat(&self, start: Instant) {
        let beat = self.0.hashing.beat();
        let elapsed = start.elapsed();
        tokio::time::sleep(rounded_up(elapsed, beat) - elapsed).await;
    }

    /// Hashes the password anew if a hash of its kind costs something else now, or another program made the hash. That it fails keeps
    /// nobody out.
    async fn renew_hash(&self, account: &Account, password: Secret) {
        let seen = account.password_hash.clone();
        if !self.0.hashing.is_outdated(&seen) {
            return;
        }
        let renewed = match self.rehash(password, seen.origin()).await {
            Ok(renewed) => renewed,
            Err(error) => {
                tracing::warn!(%error, "a password hash could not be renewed");
                return;
            }
        };
        let id = account.id;
        let put = self.off(move |inner| {
            Ok(inner
                .ports
                .accounts
                .renew_password_hash(id, &seen, &renewed)?)
        });
        if let Err(error) = put.await {
            tracing::warn!(%error, "a password hash could not be renewed");
        }
    }
}

/// The first multiple of a beat that is not before `elapsed`; at least one.
fn rounded_up(elapsed: Duration, beat: Duration) -> Duration {
    if beat.is_zero() {
        return elapsed;
    }
    let beats = elapsed.as_nanos().div_ceil(beat.as_nanos()).max(1);
    beat.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, 500, 500)]
    #[case(20, 500, 500)]
    #[case(500, 500, 500)]
    #[case(501, 500, 1000)]
    #[case(1700, 500, 2000)]
    #[case(7, 0, 7)]
    fn what_failed_is_answered_on_a_beat(
        #[case] elapsed: u64,
        #[case] beat: u64,
        #[case] answered: u64,
    ) {
        let [elapsed, beat, answered] = [elapsed, beat, answered].map(Duration::from_millis);
        assert_eq!(rounded_up(elapsed, beat), answered);
    }
}
