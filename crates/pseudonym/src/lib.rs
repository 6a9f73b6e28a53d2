#![doc = include_str!("../README.md")]

#[cfg(feature = "bundle")]
mod bundle;
mod canonical;
mod code;
mod derive;
mod error;
mod purpose_key;
mod random;
mod root_key;
#[cfg(feature = "rules")]
pub mod rules;
#[cfg(feature = "rules")]
pub mod scrub;
mod seal;
mod study_key;
mod vault;

#[cfg(feature = "bundle")]
pub use bundle::{BundleError, KeyBundle};
pub use canonical::canonical;
pub use code::Code;
pub use error::{CodeError, KeyError, RandomError, SealError};
pub use purpose_key::PurposeKey;
pub use random::random_bytes;
pub use root_key::{Fingerprint, RootKey};
pub use seal::SealingKey;
pub use study_key::StudyKey;
pub use vault::{PersonKey, VaultKey, VaultRoot, VaultSecret};
