//! What commands work with.

use crate::CommandError;
use sillage_auth::{Cost, Passwords};
use sillage_domain::{PasswordOrigin, Ports, Slug, Study, Timestamp};

/// What commands work with.
#[derive(Debug, Clone)]
pub struct Workplace {
    /// The store.
    pub ports: Ports,
    /// Of the hashes of passwords that people chose.
    pub cost: Cost,
    /// Of the hashes of passwords that were made at random, and need less.
    pub generated_cost: Cost,
    /// When the command was given.
    pub now: Timestamp,
}

impl Workplace {
    /// What hashes passwords of that origin.
    ///
    /// # Errors
    ///
    /// [`CommandError`] where the operating system has no source of randomness.
    pub fn passwords(&self, origin: PasswordOrigin) -> Result<Passwords, CommandError> {
        let cost = match origin {
            PasswordOrigin::Chosen => self.cost,
            PasswordOrigin::Generated => self.generated_cost,
        };
        Ok(Passwords::of(origin, cost)?)
    }

    pub(crate) fn study(&self, slug: &Slug) -> Result<Study, CommandError> {
        self.ports
            .studies
            .study_by_slug(slug)?
            .ok_or_else(|| CommandError::NoSuchStudy(slug.clone()))
    }
}
