#![doc = include_str!("../README.md")]

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

pub use canonical::canonical;
pub use code::Code;
pub use error::{CodeError, KeyError, RandomError, SealError};
pub use purpose_key::PurposeKey;
pub use random::random_bytes;
pub use root_key::{Fingerprint, RootKey};
pub use seal::SealingKey;
pub use study_key::StudyKey;
