//! The names of actions, each kept once.

use crate::ActionName;
use std::collections::HashMap;

/// How many different actions are told apart; those that come later are counted together.
pub const MAX_ACTIONS: usize = 1000;
/// What actions are counted under that come after [`MAX_ACTIONS`] others.
const OTHERS: &str = "(others)";

/// Stands for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ActionKey(pub(super) usize);

/// Names of actions, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct ActionNames {
    keys: HashMap<ActionName, ActionKey>,
    names: Vec<ActionName>,
}

impl ActionNames {
    /// The key of a name, which is kept if it is new.
    pub(super) fn key(&mut self, name: &ActionName) -> ActionKey {
        if let Some(key) = self.keys.get(name) {
            return *key;
        }
        let key = ActionKey(self.names.len());
        if self.names.len() < MAX_ACTIONS {
            self.keys.insert(name.clone(), key);
            self.names.push(name.clone());
            return key;
        }
        if self.names.len() == MAX_ACTIONS {
            // It is a name; where it were none, the one that came would stand for all others.
            self.names
                .push(OTHERS.parse().unwrap_or_else(|_| name.clone()));
        }
        ActionKey(MAX_ACTIONS)
    }

    pub(super) fn name(&self, key: ActionKey) -> &ActionName {
        &self.names[key.0]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ActionKey, &ActionName)> {
        let keys = (0..).map(ActionKey);
        keys.zip(&self.names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_beyond_the_limit_are_counted_together() {
        let mut names = ActionNames::default();
        for n in 0..MAX_ACTIONS + 50 {
            let name = format!("action {n}").parse().unwrap();
            assert_eq!(names.key(&name).0, n.min(MAX_ACTIONS));
        }
        assert_eq!(names.iter().count(), MAX_ACTIONS + 1);
        assert_eq!(names.name(ActionKey(MAX_ACTIONS)).as_str(), OTHERS);
        assert_eq!(names.key(&"action 3".parse().unwrap()).0, 3);
    }
}
