//! Numbers that were computed a short while ago: a file has far more rows than people.

use crate::PurposeKey;

/// How many numbers are remembered; each takes 64 bytes.
const SLOTS: usize = 2048;
/// The longest texts that are remembered, in bytes, with their kinds and the lengths of all.
const LONGEST: usize = 55;

/// A key for one purpose, and the numbers that it gave last.
///
/// A number is found by its texts as they were written, and by their kinds: what is remembered is what would be computed, whatever rule asks
/// for it. Two can share a place; a third drives out the one that was met first. Memory does not grow.
pub(super) struct Remembering {
    key: PurposeKey,
    slots: Vec<Slot>,
    asked: Texts,
}

#[derive(Clone, Copy)]
struct Slot {
    number: u64,
    texts: Texts,
}

/// Texts with their kinds, one after the other, each with its length before it.
#[derive(Clone, Copy)]
struct Texts {
    /// None in a place that is free.
    length: u8,
    bytes: [u8; LONGEST],
}

impl Remembering {
    pub(super) fn new(key: PurposeKey) -> Self {
        let free = Slot {
            number: 0,
            texts: Texts::NONE,
        };
        Self {
            key,
            slots: vec![free; SLOTS],
            asked: Texts::NONE,
        }
    }

    /// What [`PurposeKey::number`] gives.
    pub(super) fn number<'t>(
        &mut self,
        texts: impl Iterator<Item = (&'t str, &'t str)> + Clone,
    ) -> u64 {
        if self.asked.fill(texts.clone()).is_none() {
            return self.key.number(texts);
        }
        let asked = &self.asked;
        let place = asked.place();
        let Some([first, second]) = self.slots.get_mut(place..place + 2) else {
            return self.key.number(texts);
        };
        if first.texts.are(asked) {
            return first.number;
        }
        if second.texts.are(asked) {
            return second.number;
        }
        *second = *first;
        *first = Slot {
            number: self.key.number(texts),
            texts: *asked,
        };
        first.number
    }
}

impl Texts {
    const NONE: Self = Self {
        length: 0,
        bytes: [0; LONGEST],
    };

    /// Puts these in the place of those before; `None` for what is too long, or nothing at all.
    fn fill<'t>(&mut self, texts: impl Iterator<Item = (&'t str, &'t str)>) -> Option<()> {
        let mut at = 0;
        for text in texts.flat_map(|(kind, text)| [kind, text]) {
            let end = at + 1 + text.len();
            let room = self.bytes.get_mut(at..end)?;
            let (length, room) = room.split_first_mut()?;
            *length = u8::try_from(text.len()).ok()?;
            room.copy_from_slice(text.as_bytes());
            at = end;
        }
        self.length = u8::try_from(at).ok().filter(|length| *length > 0)?;
        Some(())
    }

    /// The bytes that count; behind them may be what was there before.
    fn used(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.length))
            .unwrap_or_default()
    }

    fn are(&self, other: &Self) -> bool {
        self.used() == other.used()
    }

    /// The first of two places; it depends on every byte. Nothing hangs from it but how often texts meet.
    fn place(&self) -> usize {
        let words = self.used().chunks(8);
        // Texts of a file differ in a few digits: each step spreads them over the upper half, and brings that down again.
        let spread = |bits: u64| bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = words.fold(u64::from(self.length), |mixed, word| {
            let mut eight = [0; 8];
            eight[..word.len()].copy_from_slice(word);
            let mixed = spread(mixed.rotate_left(23) ^ u64::from_le_bytes(eight));
            mixed ^ mixed >> 32
        });
        let mixed = spread(mixed);
        (mixed >> 48) as usize % (SLOTS / 2) * 2
    }
}

/// Shows nothing of anybody.
impl std::fmt::Debug for Remembering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RootKey;
    use proptest::prelude::*;

    fn key() -> PurposeKey {
        RootKey::from_bytes([7; 32]).purpose_key("pseudonym", "castle", 1)
    }

    proptest! {
        #[test]
        fn what_is_remembered_is_what_would_be_computed(
            asked in prop::collection::vec(prop::collection::vec(("[a-b]{0,2}", "[a-cZ ]{0,3}|x{40,60}"), 0..3), 0..200)
        ) {
            let mut remembering = Remembering::new(key());
            for texts in &asked {
                let texts = texts.iter().map(|(kind, text)| (kind.as_str(), text.as_str()));
                prop_assert_eq!(remembering.number(texts.clone()), key().number(texts));
            }
        }
    }

    #[test]
    fn those_that_share_a_place_do_not_share_a_number() {
        // Enough of them for every place to be shared, in turn.
        let names: Vec<String> = (0..3 * SLOTS).map(|n| format!("pupil-{n}")).collect();
        let mut remembering = Remembering::new(key());
        for name in names.iter().chain(&names) {
            let texts = [("username", name.as_str())];
            assert_eq!(
                remembering.number(texts.into_iter()),
                key().number(texts),
                "{name}"
            );
        }
    }
}
