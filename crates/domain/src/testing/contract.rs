//! What every store keeps. [`contract_suite!`](crate::contract_suite) makes one test of each sentence.
