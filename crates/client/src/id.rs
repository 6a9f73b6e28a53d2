//! Ids of entries.

use crate::random::Random;
use std::fmt;

/// The id of an entry: a UUID of version 7 (RFC 9562), made at the moment of the action.
///
/// Its first 48 bits are the milliseconds since 1970, the next 12 a fraction of one (section 6.2, method 3), and 62 are random: the
/// server stores ids that increase more quickly than others, and knows by them what it has already.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId([u8; 16]);

impl EntryId {
    /// Of that time in microseconds since 1970; a time before that counts as 1970.
    pub(crate) fn new(micros: i64, random: &Random) -> Self {
        let micros = micros.max(0).unsigned_abs();
        let fraction = (micros % 1000) * 4096 / 1000;
        let high = (micros / 1000) << 16 | 0x7000 | fraction;
        let low = 0x8000_0000_0000_0000 | random.next() >> 2;
        Self((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
    }

    /// Its 16 bytes, as `uuid::Uuid::from_bytes` takes them.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// With hyphens, in lower case.
impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, byte) in self.0.iter().enumerate() {
            if matches!(n, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::{Uuid, Variant};

    #[test]
    fn an_id_is_a_uuid_of_version_7_with_the_time_of_the_action() {
        let random = Random::new().unwrap();
        let id = EntryId::new(1_716_027_453_109_750, &random);
        let uuid: Uuid = id.to_string().parse().unwrap();
        assert_eq!(uuid.as_bytes(), id.as_bytes());
        assert_eq!(uuid.get_version_num(), 7);
        assert_eq!(uuid.get_variant(), Variant::RFC4122);
        let (seconds, nanos) = uuid.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_716_027_453, 109));
    }

    #[test]
    fn ids_of_later_microseconds_sort_after_earlier_ones() {
        let random = Random::new().unwrap();
        let ids: Vec<_> = (0..3000)
            .map(|n| EntryId::new(1_716_027_453_000_000 + n, &random))
            .collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn ids_of_one_moment_differ() {
        let random = Random::new().unwrap();
        let ids: std::collections::HashSet<_> =
            (0..10_000).map(|_| EntryId::new(7, &random)).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
