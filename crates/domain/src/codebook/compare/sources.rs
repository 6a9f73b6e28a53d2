//! Where the fields of a codebook are declared.

use crate::codebook::{Action, Codebook, Field};
use crate::fault::escape;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A place where fields are declared that several actions have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Source<'c> {
    Common,
    Group(&'c str),
}

impl Source<'_> {
    pub(super) fn pointer(&self, field: &str) -> String {
        match self {
            Self::Common => format!("/fields/{}", escape(field)),
            Self::Group(group) => format!("/groups/{}/{}", escape(group), escape(field)),
        }
    }
}

/// The shared fields of a codebook, by where they are declared.
pub(super) struct Sources<'c> {
    pub(super) all: Vec<(Source<'c>, &'c [Field])>,
    places: HashMap<Source<'c>, usize>,
    names: HashSet<(Source<'c>, &'c str)>,
}

/// Fields by name, with their pointers.
pub(super) type Rest<'c> = BTreeMap<&'c str, (String, &'c Field)>;

impl<'c> Sources<'c> {
    pub(super) fn of(codebook: &'c Codebook) -> Self {
        let mut all = vec![(Source::Common, &*codebook.fields)];
        let groups = codebook.groups.iter();
        all.extend(groups.map(|group| (Source::Group(&group.name), &*group.fields)));
        let names = all.iter().flat_map(|(source, fields)| {
            fields
                .iter()
                .map(move |field| (source.clone(), &*field.name))
        });
        Self {
            names: names.collect(),
            places: all
                .iter()
                .enumerate()
                .map(|(n, (source, _))| (source.clone(), n))
                .collect(),
            all,
        }
    }

    pub(super) fn get(&self, source: &Source<'_>) -> Option<&'c [Field]> {
        let place = self.places.get(source)?;
        self.all.get(*place).map(|(_, fields)| *fields)
    }

    /// The fields of an action but those that come from the same place in the other version, which are compared once for all
    /// actions.
    pub(super) fn rest(
        &self,
        action: &'c Action,
        other: &Action,
        others: &Sources<'_>,
    ) -> Rest<'c> {
        let mut rest = Rest::new();
        let groups = action
            .groups
            .iter()
            .map(|name| (Source::Group(name), other.groups.contains(name)));
        for (source, both) in std::iter::once((Source::Common, true)).chain(groups) {
            for field in self.get(&source).unwrap_or_default() {
                if !(both && others.names.contains(&(source.clone(), &*field.name))) {
                    rest.insert(&field.name, (source.pointer(&field.name), field));
                }
            }
        }
        for field in &action.fields {
            let (action, name) = (escape(&action.name), escape(&field.name));
            rest.insert(
                &field.name,
                (format!("/actions/{action}/fields/{name}"), field),
            );
        }
        rest
    }
}
