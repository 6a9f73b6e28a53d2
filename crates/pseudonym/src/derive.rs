//! HKDF-SHA256 (RFC 5869), one label a purpose.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key of a study, under the study's salt.
pub(crate) const STUDY: &[u8] = b"sillage/v1/study";
/// A key that seals; the purpose follows.
pub(crate) const SEAL: &[u8] = b"sillage/v1/seal/";
/// The key for a purpose, in a study, in a version; all three follow.
pub(crate) const PURPOSE: &[u8] = b"sillage/v1/purpose/";
/// What the keys of the vault are derived from, and those keys.
pub(crate) const VAULT: &[u8] = b"sillage/v1/vault";
/// What seals the keys of persons; the version follows.
pub(crate) const VAULT_SEAL: &[u8] = b"sillage/v1/vault/seal/";
/// What finds an e-mail address; the version follows.
pub(crate) const VAULT_INDEX: &[u8] = b"sillage/v1/vault/index/";
/// What may be published about a secret of the vault.
pub(crate) const VAULT_FINGERPRINT: &[u8] = b"sillage/v1/vault/fingerprint";
/// What may be published about a root key.
pub(crate) const FINGERPRINT: &[u8] = b"sillage/v1/fingerprint";

/// 32 bytes from `key`, `salt` and the concatenation of `info`. Without a salt, HKDF takes 32 zero bytes.
pub(crate) fn derive(key: &[u8; 32], salt: Option<&[u8]>, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    #[expect(
        clippy::expect_used,
        reason = "HKDF-SHA256 refuses more than 8160 bytes only"
    )]
    Hkdf::<Sha256>::new(salt, key)
        .expand_multi_info(info, derived.as_mut_slice())
        .expect("32 bytes are within HKDF's limit");
    derived
}
