//! The storage contract as a suite: every sentence of [`userpool_ports::storage`] is a function here, and a test of yours
//! where you say so.
//!
//! A store of your own is done when it passes. In the store's crate, with `userpool-store-contract` and `userpool-ports`
//! among the dev-dependencies, the test file is:
//!
//! ```
//! # use std::cell::RefCell;
//! # type MyStore = RefCell<userpool_ports::memory::MemoryStore>;
//! // A store that has nothing in it yet, behind whatever leads to it: here a box. It may also be a value of your own
//! // that keeps the folder or the schema and derefs to the store.
//! fn fresh() -> Box<MyStore> {
//!     Box::new(MyStore::default())
//! }
//!
//! userpool_store_contract::storage_contract!(fresh);
//! # // Where nothing is a test, as here, the macro is empty; one sentence stands for them.
//! # userpool_store_contract::tokens::the_same_token_twice_is_once(fresh);
//! ```
//!
//! and `cargo test` has a test of each sentence, of its name.
//!
//! | macro | for | its argument gives |
//! |---|---|---|
//! | [`storage_contract!`] | every store | an empty store on each call |
//! | [`storage_contract_across_threads!`] | a store that is `Sync`, which an engine needs | the same |
//! | [`storage_contract_across_openings!`] | a store that outlives its process | a [`Place`](openings::Place) |
//!
//! `tests/own_store.rs` of this crate is a store over a map and a file, short and whole, with all three. What no suite can
//! show is left to you: that what was committed survives a crash of the machine, and that a batch whose end is not known is answered
//! [`Outcome::Unknown`](userpool_ports::Outcome::Unknown) and not with a fault.
//!
//! The modules are the chapters of the contract; [`batches`] and [`chance`] are what the sentences are written with.

pub mod all_or_nothing;
pub mod batches;
pub mod bounds;
pub mod chance;
pub mod expiry;
pub mod histories;
pub mod openings;
pub mod pages;
pub mod threads;
pub mod tokens;
pub mod versions;

/// Makes a test of every sentence of the contract that one thread can prove.
///
/// The argument is a factory: a function or closure that gives an empty store of its own on each call.
#[macro_export]
macro_rules! storage_contract {
    ($fresh:expr) => {
        $crate::storage_sentences! { $fresh;
            all_or_nothing: a_batch_lands_whole_when_every_expectation_holds,
            all_or_nothing: one_failed_expectation_at_any_place_stops_the_whole_batch,
            all_or_nothing: an_absent_expectation_meets_an_entry_and_fails,
            all_or_nothing: a_version_expectation_fails_on_an_absent_key,
            all_or_nothing: a_check_changes_nothing_but_must_hold,
            all_or_nothing: a_batch_of_checks_alone_lands,
            all_or_nothing: an_empty_batch_lands,
            all_or_nothing: a_conflicting_batch_may_land_later_under_its_token,
            all_or_nothing: an_entry_comes_back_as_it_was_put,
            all_or_nothing: load_answers_in_the_order_asked,
            bounds: the_largest_batch_lands,
            bounds: a_batch_beyond_a_bound_is_refused_and_changes_nothing,
            bounds: a_refused_batch_leaves_its_token_free,
            expiry: an_ended_entry_still_counts_until_it_is_swept,
            expiry: sweep_removes_ended_entries_and_no_others,
            expiry: sweep_takes_at_most_what_it_was_allowed,
            expiry: a_swept_key_counts_as_absent_and_its_versions_do_not_return,
            expiry: a_later_put_moves_or_lifts_the_end,
            expiry: removing_an_entry_removes_its_end,
            expiry: ends_are_ordered_on_both_sides_of_the_epoch,
            histories: the_store_and_the_reference_live_the_same_history,
            pages: a_page_is_in_byte_order_under_its_prefix,
            pages: a_page_starts_after_its_cursor,
            pages: a_cursor_need_not_be_a_key_nor_under_the_prefix,
            pages: a_page_holds_at_most_its_limit,
            pages: pages_chained_by_their_last_key_visit_every_entry_once,
            pages: a_prefix_of_highest_bytes_has_an_end,
            pages: an_empty_prefix_covers_everything,
            pages: a_page_shows_values_versions_and_ends,
            tokens: the_same_token_twice_is_once,
            tokens: a_token_is_remembered_whatever_later_commits_did,
            tokens: a_token_is_remembered_for_its_whole_life,
            tokens: remembered_tokens_are_swept_in_the_end,
            tokens: a_submitted_batch_is_told_exactly_once,
            versions: every_put_gives_a_new_version,
            versions: a_version_never_recurs_even_after_removal,
            versions: a_stale_version_never_passes_again,
        }
    };
}

/// Makes a test of every sentence of the contract that needs several threads.
#[macro_export]
macro_rules! storage_contract_across_threads {
    ($fresh:expr) => {
        $crate::storage_sentences! { $fresh;
            threads: of_many_creators_of_a_key_exactly_one_wins,
            threads: counters_lose_no_increment,
            threads: readers_never_see_half_a_batch,
            threads: two_batches_that_check_each_others_keys_never_both_land,
            threads: a_token_raced_against_itself_lands_once,
            threads: submitted_batches_are_all_told,
        }
    };
}

/// Makes a test of every sentence of the contract about a store that is closed and opened again.
///
/// The argument is a factory of places: what it gives on a call has a method `open()` that opens the
/// store there, any number of times one after another.
#[macro_export]
macro_rules! storage_contract_across_openings {
    ($place:expr) => {
        $crate::storage_sentences! { $place;
            openings: what_was_committed_is_there_after_opening_again,
            openings: versions_do_not_recur_after_opening_again,
            openings: tokens_are_remembered_after_opening_again,
            openings: ended_entries_can_be_swept_after_opening_again,
        }
    };
}

/// Makes a test of each sentence named, of the module before it.
#[doc(hidden)]
#[macro_export]
macro_rules! storage_sentences {
    ($fresh:expr; $($module:ident : $sentence:ident,)*) => {
        $(
            #[test]
            fn $sentence() {
                $crate::$module::$sentence($fresh);
            }
        )*
    };
}
