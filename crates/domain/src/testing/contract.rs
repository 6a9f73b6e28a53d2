//! What every store keeps. [`contract_suite!`](crate::contract_suite) makes a test of each sentence here.

mod alerts;
mod amendments;
mod audit;
mod clients;
mod codebooks;
mod consents;
mod deletion;
mod entries;
mod erasures;
mod grants;
mod ledger;
mod lists;
mod live;
mod monitor;
mod moving;
mod notices;
mod people;
mod quarantine;
mod reidentifications;
mod requests;
mod retention;
mod rights;
mod tombstones;
mod users;
mod vault;

pub use alerts::*;
pub use amendments::*;
pub use audit::*;
pub use clients::*;
pub use codebooks::*;
pub use consents::*;
pub use deletion::*;
pub use entries::*;
pub use erasures::*;
pub use grants::*;
pub use ledger::*;
pub use lists::*;
pub use live::*;
pub use monitor::*;
pub use moving::*;
pub use notices::*;
pub use people::*;
pub use quarantine::*;
pub use reidentifications::*;
pub use requests::*;
pub use retention::*;
pub use rights::*;
pub use tombstones::*;
pub use users::*;
pub use vault::*;

use super::fixtures::*;
use crate::{
    AccountChange, Arrival, EntryId, LogFilter, LogNumber, LogOrder, LogQuery, NewEntry, Outcome,
    PageRequest, PasswordHash, PasswordOrigin, Payload, Ports, Role, SealedSigningKey, StoreError,
    StoredEntry, StudyChange, StudyRole, StudyScope, StudyStatus, Window,
};
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::ControlFlow;

/// Makes one test of each sentence of the contract, for the store that `$open` gives: a function from the test's name to
/// [`Ports`](crate::Ports) and something that is dropped after them, or `None` where that store can't be had.
#[macro_export]
macro_rules! contract_suite {
    ($open:expr) => {
        $crate::contract_suite! { $open =>
            what_went_in_comes_out_to_the_letter
            a_batch_sent_twice_is_stored_once
            the_same_id_twice_in_one_submission_is_stored_once
            two_participants_may_use_the_same_id
            the_same_id_with_other_content_is_a_conflict_and_writes_nothing
            two_spellings_of_one_payload_are_the_same_content
            a_strict_submission_in_conflict_writes_nothing
            a_misfit_sent_again_is_kept_once
            alike_misfits_that_nothing_tells_apart_are_each_kept
            entries_and_misfits_of_one_submission_keep_their_places
            a_cursor_meets_every_entry_once
            pages_cut_the_list_without_gap_or_overlap
            every_filter_narrows
            entries_come_in_the_order_asked_for
            names_are_compared_to_the_letter
            two_spellings_of_one_name_are_one
            the_revision_changes_with_each_write_and_not_without
            a_scan_gives_every_entry_and_stops_when_told
            an_entry_is_found_only_in_its_study
            eight_threads_with_overlapping_batches_store_each_entry_once
            a_study_begins_as_a_draft_under_a_free_name
            a_study_changes_only_from_the_revision_that_was_seen
            a_study_says_where_to_play_until_that_is_taken_away
            studies_are_listed_by_slug_within_the_scope
            participants_are_numbered_in_their_study
            participants_are_enrolled_all_or_none
            participants_are_found_by_a_part_of_their_username
            an_account_is_found_by_its_id_its_username_and_its_subject
            an_account_changes_its_password_and_its_state
            an_account_changes_only_as_it_was_seen
            where_a_password_came_from_is_kept_with_its_hash
            a_hash_is_renewed_only_while_it_is_the_one_that_was_seen
            a_member_has_one_role_in_a_study
            a_grant_remembers_the_log_in_and_nothing_else
            a_grant_belongs_to_an_account_and_a_client_that_are_there
            a_refresh_token_is_good_once
            a_lost_answer_is_given_again_while_nobody_has_used_it
            of_one_refresh_token_presented_by_many_one_successor_is_left
            an_account_s_grants_are_listed_the_newest_first
            an_ended_grant_is_gone_and_no_other
            access_tokens_end_without_the_refresh_tokens
            another_password_and_a_deactivation_end_every_grant
            the_grants_of_an_account_are_bounded
            ended_grants_are_forgotten_a_few_at_a_time
            a_signing_key_is_kept_once_and_can_be_forgotten
            users_are_listed_by_username_and_participants_are_none_of_them
            a_user_changes_as_asked_and_only_as_he_was_seen
            a_new_password_does_not_let_in_again_who_is_deactivated_at_that_moment
            a_user_s_new_password_or_deactivation_ends_the_log_ins
            one_s_own_new_password_ends_the_other_log_ins
            an_administrator_who_may_log_in_is_always_left
            of_many_administrators_who_go_at_once_one_is_left
            who_alone_manages_a_study_is_not_deleted
            members_come_change_and_go
            a_participant_can_not_be_a_member
            a_manager_does_not_leave_a_study_without_one
            a_study_is_deleted_with_all_that_belongs_to_it_and_nothing_else
            a_study_goes_with_what_it_holds_only_when_archived
            an_empty_study_goes_in_draft_or_archived
            the_quarantine_of_one_sender_is_listed_alone
            the_first_fingerprint_stays
            the_newest_signing_key_comes_first
            the_public_client_is_there_from_the_start
            a_client_is_kept_as_it_was_registered
            a_client_changes_only_from_the_revision_that_was_seen
            a_client_is_forgotten_only_at_the_revision_that_was_seen
            clients_are_listed_by_name_within_the_scope
            clients_are_found_by_a_part_of_their_name_or_id
            a_new_secret_or_a_deactivation_ends_what_a_client_got_for_itself
            an_account_that_is_unlinked_leaves_what_it_did
            the_log_ins_of_an_account_go_with_it
            a_member_who_is_unlinked_is_a_member_no_more
            what_somebody_did_is_erased_and_tombstones_stay
            what_others_did_is_left_as_it_was
            an_erasure_changes_the_revision_and_keeps_the_counts_right
            nothing_of_somebody_who_was_erased_is_stored
            whatever_comes_under_the_id_of_a_tombstone_is_taken_for_it
            the_number_of_somebody_who_left_is_not_given_again
            an_archive_belongs_to_the_first_ledger_until_it_is_given_another
            a_record_of_an_erasure_is_kept_once
            what_somebody_has_is_counted
            what_is_older_than_that_loses_its_content_and_nothing_else
            a_round_is_taken_by_one_and_again_only_later
            people_from_another_archive_keep_their_numbers
            people_who_are_brought_over_twice_are_made_once
            whoever_was_taken_out_does_not_come_back_from_another_archive
            a_number_or_name_that_is_taken_is_told_and_nobody_else_is_kept_out
            a_pretended_move_writes_nothing
            the_hashes_of_another_program_are_found
            a_codebook_that_changes_something_is_the_next_version
            a_codebook_changes_only_from_the_version_that_was_seen
            of_codebooks_put_at_once_no_two_have_one_number
            a_new_codebook_changes_the_revision_of_the_entries_and_of_the_study
            an_entry_remembers_the_codebook_that_it_was_checked_against
            a_text_that_is_judged_anew_has_its_new_reasons
            every_filter_of_the_quarantine_narrows
            the_quarantine_is_walked_through_a_few_texts_at_a_time
            reasons_are_counted_by_day_and_by_hour
            a_text_that_is_let_out_becomes_an_entry_as_of_its_first_arrival
            a_text_that_is_stored_already_only_leaves_the_quarantine
            a_text_in_conflict_stays_in_quarantine
            a_text_of_another_study_is_not_let_out
            of_many_who_let_a_text_out_at_once_one_does
            a_text_that_is_thrown_away_leaves_when_and_why
            an_amended_entry_is_read_as_amended_and_kept_as_it_was_sent
            amendments_are_listed_in_the_order_in_which_they_were_made
            of_many_amendments_at_once_none_is_lost
            what_was_amended_since_is_not_amended_over
            an_amendment_changes_the_revision_of_its_study
            an_amended_entry_that_is_sent_again_is_a_duplicate_of_what_was_sent
            amended_values_are_put_over_a_scan_wherever_they_stand
            who_amended_is_forgotten_with_the_account
            a_deleted_entry_leaves_a_tombstone_and_its_reason
            a_tombstone_takes_its_amendments_along
            an_entry_that_was_amended_since_is_not_deleted
            a_session_is_deleted_with_what_was_there_and_nothing_else
            a_session_that_is_not_deleted_at_once_goes_with_a_sweep
            lists_of_live_entries_leave_tombstones_out_however_deep
            an_erasure_leaves_no_amendment_and_no_reason
            what_arrived_is_told_once_whoever_sent_it
            more_than_one_reading_holds_is_told_whole
            what_was_deleted_has_arrived_all_the_same
            players_are_told_by_number_with_their_last_log_in
            what_holds_is_raised_once_and_again_after_it_was_resolved
            alerts_are_listed_by_study_and_each_server_has_its_own
            each_state_of_an_alert_is_told_by_one
            of_many_who_raise_an_alert_at_once_one_does
            alerts_that_were_resolved_long_ago_are_forgotten
            what_is_committed_is_counted
            a_study_tells_when_something_last_arrived
            an_archive_tells_how_large_it_is
            a_study_keeps_what_it_says_about_data_protection
            a_notice_that_says_something_else_is_the_next_version
            a_notice_holds_in_each_language_until_the_next
            a_notice_changes_only_from_the_version_that_was_seen
            of_notices_put_at_once_no_two_have_one_number
            a_decision_is_kept_with_all_that_is_known_of_it
            a_history_only_grows_and_its_last_decision_holds
            where_a_paper_lies_is_forgotten_of_one_and_what_was_decided_stays
            decisions_of_a_class_are_kept_all_at_once
            decisions_about_several_purposes_at_once_all_hold
            a_decision_changes_the_revision_of_the_entries
            whoever_took_a_consent_back_is_in_no_list_for_that_purpose
            a_list_of_several_studies_asks_each_its_own_consent
            consents_and_notices_go_with_their_study
            what_holds_for_somebody_goes_with_an_erasure
            a_chain_comes_out_as_it_was_written_and_holds
            a_place_in_a_chain_is_given_once
            of_many_who_write_chains_at_once_no_record_is_lost
            records_are_listed_by_what_the_filter_says
            a_forged_record_is_found
            a_chain_that_was_cut_off_is_found_by_what_was_said_before
            what_was_kept_long_enough_goes_at_the_beginning_of_each_chain_and_the_rest_holds
            a_chain_with_something_wrong_at_its_beginning_is_left_whole
            a_long_beginning_goes_part_by_part
            whose_a_pseudonym_is_is_told_once_after_a_second_person_allowed_it
            a_request_and_its_answer_last_for_a_time
            of_many_who_fetch_an_answer_at_once_one_gets_it
            a_request_goes_with_its_study_and_forgets_who_is_gone
            a_dispute_is_kept_until_it_is_taken_back
            nobody_disputes_an_entry_of_somebody_else
            an_answer_stands_beside_a_dispute_until_something_else_is_said
            disputes_are_listed_by_entry_and_by_person
            a_dispute_goes_with_the_content_of_its_entry
            whoever_leaves_leaves_the_mark_and_no_words
            a_dispute_changes_the_revision_of_the_entries
            disputes_of_more_entries_than_are_known_ahead_are_all_marked
            what_is_held_up_is_in_no_list_until_that_is_lifted
            holds_are_kept_in_a_history_once_each
            a_study_knows_that_somebody_objected
            what_holds_somebody_s_use_up_goes_with_an_erasure
            a_request_is_kept_with_the_day_by_which_it_must_be_answered
            a_request_is_prolonged_and_answered_as_it_was_seen
            requests_are_listed_with_the_most_urgent_first
            requests_that_are_overdue_are_told
            a_request_forgets_an_account_that_is_gone
            an_identity_is_kept_as_it_was_put
            what_the_store_gets_of_an_identity_is_sealed
            what_a_study_does_not_keep_is_refused
            what_a_study_keeps_no_longer_is_erased
            somebody_is_found_by_an_address
            everything_is_sealed_anew_under_another_key
            a_rotation_that_was_interrupted_goes_on
            a_rotation_leaves_what_was_changed_meanwhile
            an_identity_goes_with_its_account
            what_is_sealed_under_a_lost_key_is_erased_only_where_that_is_asked_for
        }
    };
    ($open:expr => $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let open = $open;
                if let Some((ports, _guard)) = open(stringify!($name)) {
                    $crate::testing::contract::$name(&ports);
                    drop(ports);
                }
            }
        )*
    };
}

fn list(ports: &Ports, query: &LogQuery) -> Vec<StoredEntry> {
    ports
        .logs
        .page(query)
        .expect("the list can be read")
        .entries
}

fn stored(ports: &Ports, study: &crate::Study) -> Vec<StoredEntry> {
    list(ports, &page_of(study, 1, 1000))
}

fn page(page: u64, size: u32) -> PageRequest {
    PageRequest {
        page: NonZeroU64::new(page).expect("from 1"),
        size: NonZeroU32::new(size).expect("from 1"),
    }
}
