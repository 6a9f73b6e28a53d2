//! The scope of a token: what is asked for, as far as the client and its user have it.

use sillage_domain::Role;

use crate::policy::{Standing, rule};
use crate::{Action, Scope, ScopeError, ScopeWord};

/// Who a token acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Somebody with an account of that role.
    Account(Role),
    /// The client itself.
    Client,
}

impl Holder {
    /// The scope of a new token: what was asked for, or else all that there is, without the words that are of no use to the
    /// holder. `client` is the widest that the client may ask for.
    ///
    /// # Errors
    ///
    /// [`ScopeError::Wider`] for what goes beyond the client's scope, or if nothing is left.
    pub fn scope(self, client: Scope, asked: Option<Scope>) -> Result<Scope, ScopeError> {
        let wanted = client.narrowed(asked)?;
        if asked.is_none() && client.has(ScopeWord::All) {
            return Ok(self.default());
        }
        match wanted.and(self.useful()) {
            Scope::NONE => Err(ScopeError::Wider {
                asked: wanted,
                granted: self.default(),
            }),
            scope => Ok(scope),
        }
    }

    /// What a token of that scope is good for now that the client may ask for `client` at most; [`Scope::NONE`] if they have
    /// nothing in common any more.
    #[must_use]
    pub fn scope_now(self, client: Scope, token: Scope) -> Scope {
        let whole = token.has(ScopeWord::All) || token.and(self.default()) != Scope::NONE;
        if client.has(ScopeWord::All) {
            token
        } else if whole {
            let now = client.and(self.useful());
            // What was not asked for when it was given does not come by itself.
            if token.has(ScopeWord::All) || token.has(ScopeWord::Identity) {
                now
            } else {
                now.without(ScopeWord::Identity)
            }
        } else {
            token.and(client)
        }
    }

    /// What the holder gets without asking for anything in particular, in one word.
    fn default(self) -> Scope {
        match self {
            Self::Account(role) => Scope::of_role(role),
            Self::Client => Scope::of(ScopeWord::All),
        }
    }

    /// The words that change what the holder may do with a token, by the policy.
    fn useful(self) -> Scope {
        let standings: &[Standing] = match self {
            Self::Account(Role::Admin) => &[Standing::Admin],
            Self::Account(Role::Researcher) => &[
                Standing::Manager,
                Standing::Analyst,
                Standing::Developer,
                Standing::Monitor,
                Standing::Researcher,
            ],
            Self::Account(Role::Participant) => &[Standing::Participant],
            Self::Client => &[Standing::Client],
        };
        let of_some_use = |word: &ScopeWord| match word {
            ScopeWord::All => self != Self::Account(Role::Participant),
            ScopeWord::Participant => self != Self::Client,
            _ => Action::ALL.iter().any(|action| {
                ScopeWord::of(*action) == *word
                    && standings.iter().any(|one| rule(*one, *action).is_some())
            }),
        };
        ScopeWord::ALL.iter().copied().filter(of_some_use).collect()
    }
}
