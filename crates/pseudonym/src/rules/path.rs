//! Where a field is.

/// The name of a column or a member, or the names on the way to one that lies deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldPath(Vec<Box<str>>);

impl FieldPath {
    /// A name; or, with a slash at its beginning, a JSON pointer (RFC 6901), in which `*` is every item of an array. `None` for a pointer
    /// with a `~` that is followed by neither 0 nor 1.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some(pointer) = text.strip_prefix('/') else {
            return Some(Self(vec![text.into()]));
        };
        let segments = pointer.split('/').map(|segment| {
            let escapes = segment.split('~').skip(1);
            escapes
                .into_iter()
                .all(|rest| rest.starts_with(['0', '1']))
                .then(|| segment.replace("~1", "/").replace("~0", "~").into())
        });
        segments.collect::<Option<_>>().map(Self)
    }

    /// The names, the outermost first; there is always one.
    pub(super) fn segments(&self) -> &[Box<str>] {
        &self.0
    }

    /// The outermost name.
    pub(super) fn first(&self) -> &str {
        &self.0[0]
    }
}
