//! What an operation reads of the store does not grow with the number of users.
//!
//! The same questions, with answers of the same size, are put to a small directory and to one twenty times as large.
//! `benches/run directory` puts them to a million users in the embedded store, and counts instructions as well.

use userpool::Memory;
use userpool_tests::directory::{
    Directory, Own,
    counted::{Counted, Reads},
    making, questions,
};

const FEW: u64 = 1_000;
const MANY: u64 = 3_000;

/// What each question reads in a directory of this size, with how many users its answer tells of.
fn answered(users: u64) -> Vec<(String, usize, Reads)> {
    let store = Memory::new();
    let place = making::fill(&store, users, |_| {});
    let store = Counted::new(store);
    let directory = Directory::open(store.clone(), "questions", Own);
    let directory = directory.about(&place.pool, &place.client);
    let ask = |question: questions::Question| {
        let _ = directory.call(question.operation, &(question.body)(&directory, 0));
        let body = (question.body)(&directory, 1);
        let before = store.reads();
        let answer = directory.call(question.operation, &body);
        (
            question.name,
            questions::told(&answer),
            store.reads() - before,
        )
    };
    questions::all().into_iter().map(ask).collect()
}

#[test]
fn what_is_read_does_not_grow_with_the_number_of_users() {
    let (few, many) = (answered(FEW), answered(MANY));
    for ((question, told, reads), (_, told_of_many, reads_of_many)) in few.iter().zip(&many) {
        println!("{question}: {told} users, {reads:?}, {reads_of_many:?}");
        assert!(*told > 0, "{question}");
        assert_eq!(told, told_of_many, "{question}");
        assert_eq!(reads, reads_of_many, "{question}");
    }
}
