//! Which member plays which part.

use super::super::document::Node;
use super::super::fault::nearest;
use super::super::{Codebook, CodebookProblem, Part, ParticipantBy, Roles, nfc};
use super::Reader;
use super::members::Members;
use crate::name::check;
use std::collections::HashSet;

const ROLES: &[&str] = &[
    "participant",
    "action",
    "timestamp",
    "sequence",
    "session",
    "id",
    "sent_at",
    "participant_by",
    "game_version",
    "session_start",
    "session_end",
];

impl Reader {
    pub(super) fn roles(&mut self, node: &Node<'_>, codebook: &Codebook) -> Roles {
        let mut roles = Roles::default();
        let Some(members) = self.members(node, ROLES) else {
            return roles;
        };
        for &part in Part::ALL {
            if let Some(member) = self.part(&members, part, &roles) {
                roles.members.push((part, member));
            }
        }
        if let Some(by) = self.word(&members, "participant_by", ParticipantBy::ALL, |v| {
            v.as_str()
        }) {
            roles.participant_by = by;
        }
        roles.game_version = self.game_version(&members, codebook);
        let actions: HashSet<&str> = codebook.actions.iter().map(|a| &*a.name).collect();
        roles.session_start = self.action_names(&members, "session_start", &actions);
        roles.session_end = self.action_names(&members, "session_end", &actions);
        roles
    }

    /// The member that plays a part; none where it is the entry's own member anyway.
    fn part(&mut self, members: &Members<'_, '_>, part: Part, roles: &Roles) -> Option<Box<str>> {
        let name = nfc(self.text(members, part.as_str())?);
        let at = members.get(part.as_str()).map_or(0, |node| node.at);
        let own = Part::from_word(&name).map(Part::as_str);
        let other = match roles.part_of(&name).map(Part::as_str).or(own) {
            None if name == "payload" => Some("payload"),
            other => other.filter(|other| *other != part.as_str()),
        };
        let problem = match (check(&name, Codebook::MAX_NAME, |c| !c.is_control()), other) {
            (Err(error), _) => CodebookProblem::Name { error },
            (_, Some(other)) => CodebookProblem::PlaysAnother {
                name: name.into_owned(),
                other: other.to_owned(),
            },
            _ => return own.is_none().then(|| name.into()),
        };
        self.within(part.as_str(), |reader| reader.fault(at, problem));
        None
    }

    fn game_version(&mut self, members: &Members<'_, '_>, codebook: &Codebook) -> Option<Box<str>> {
        let name = nfc(self.text(members, "game_version")?);
        if codebook.all_fields().any(|field| *field.name == *name) {
            return Some(name.into());
        }
        let at = members.get("game_version").map_or(0, |node| node.at);
        let problem = CodebookProblem::UnknownField {
            nearest: nearest(&name, codebook.all_fields().map(|field| field.name())),
            name: name.into_owned(),
        };
        self.within("game_version", |reader| reader.fault(at, problem));
        None
    }

    fn action_names(
        &mut self,
        members: &Members<'_, '_>,
        key: &str,
        actions: &HashSet<&str>,
    ) -> Vec<Box<str>> {
        let mut names = Vec::new();
        for (name, at) in self.names(members, key) {
            if actions.contains(&*name) {
                names.push(name.into());
            } else {
                let problem = CodebookProblem::UnknownAction {
                    nearest: nearest(&name, actions.iter().copied()),
                    name: name.into_owned(),
                };
                self.within(key, |reader| reader.fault(at, problem));
            }
        }
        names
    }
}
