//! One text for all the ways in which people and programs write the same thing.

use std::borrow::Cow;

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// A text as it is hashed: without white space around it, in one case, in the normal form NFKC.
///
/// `Zoé`, ` ZOÉ ` and the spelling with a combining accent are one text, and so are a full-width and a plain letter. It is the
/// compatibility caseless match of Unicode (The Unicode Standard, section 3.13, D146): NFD, full case folding, NFKC, full case
/// folding, NFKC; then white space (the property `White_Space`) is taken off both ends.
#[must_use]
pub fn canonical(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let text = text.trim();
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let folded = |text: String| UniCase::unicode(text).to_folded_case();
    let composed = |text: String| text.nfkc().collect::<String>();
    let text = composed(folded(composed(folded(text.nfd().collect()))));
    match text.trim() {
        trimmed if trimmed.len() == text.len() => Cow::Owned(text),
        trimmed => Cow::Owned(trimmed.to_owned()),
    }
}

/// The length of a text in bytes, as eight bytes, most significant first: what stands before each text that is hashed, so that
/// no two lists of texts are hashed from the same bytes.
pub(crate) fn length(text: &str) -> [u8; 8] {
    (text.len() as u64).to_be_bytes()
}
