use super::{Maker, entry, fault};
use crate::FaultKind;
use crate::codebook::Checker;
use crate::codebook::tests::dice::{codebook, dice};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_entry_made_from_the_codebook_fits(mut dice in dice()) {
        let codebook = codebook(&mut dice);
        let checker = Checker::new(&codebook);
        for (n, action) in codebook.actions().iter().enumerate() {
            let payload = Maker::new(&mut dice, None).payload(&codebook, n);
            prop_assert_eq!(checker.check(&entry(action.name(), &payload)), [], "{}", payload);
        }
    }

    #[test]
    fn an_entry_with_one_misfit_is_refused_for_that_reason(mut dice in dice(), before in 0usize..8) {
        let codebook = codebook(&mut dice);
        let checker = Checker::new(&codebook);
        for (n, action) in codebook.actions().iter().enumerate() {
            let mut maker = Maker::new(&mut dice, Some(before));
            let payload = maker.payload(&codebook, n);
            let expected: Vec<_> = maker.expected.into_iter().collect();
            prop_assert_eq!(checker.check(&entry(action.name(), &payload)), expected, "{}", payload);
        }
    }

    #[test]
    fn an_action_that_the_codebook_does_not_have_is_no_action(mut dice in dice()) {
        let codebook = codebook(&mut dice);
        let found = Checker::new(&codebook).check(&entry("nothing of the kind", "{}"));
        prop_assert_eq!(found, [fault("/action", FaultKind::UnknownAction)]);
    }
}
