#![doc = include_str!("../README.md")]

mod code;
mod derive;
mod error;
mod random;
mod root_key;
mod seal;
mod study_key;

pub use code::Code;
pub use error::{CodeError, KeyError, RandomError, SealError};
pub use random::random_bytes;
pub use root_key::{Fingerprint, RootKey};
pub use seal::SealingKey;
pub use study_key::StudyKey;
