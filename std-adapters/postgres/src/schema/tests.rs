//! Ladders of the tests' own, climbed by many at once and beside nodes that do not know them.

use std::{sync::Barrier, thread, time::Duration};

use userpool_ports::{Batch, Change, Expect, Key, Outcome, Storage, Timestamp, Write};
use userpool_tests::postgres::{Schema, execute};

use crate::{
    Options, PostgresStore,
    ladder::{LADDER, Older, Step, tables},
    locks::Lock,
};

const FIRST: Step = Step {
    older: Older::Stop,
    statements: tables,
};

/// One more step, which fails where it is taken twice.
fn one_more(schema: &str, _: u16) -> Vec<String> {
    vec![
        format!("ALTER TABLE \"{schema}\".entry ADD COLUMN more integer NOT NULL DEFAULT 7"),
        format!("CREATE TABLE \"{schema}\".once (one integer)"),
    ]
}

const OLDER_GO_ON: &[Step] = &[
    FIRST,
    Step {
        older: Older::GoOn,
        statements: one_more,
    },
];

const OLDER_STOP: &[Step] = &[
    FIRST,
    Step {
        older: Older::Stop,
        statements: one_more,
    },
];

const FAILS: &[Step] = &[
    FIRST,
    Step {
        older: Older::GoOn,
        statements: |schema, more| {
            let mut statements = one_more(schema, more);
            statements.push("SELECT 1 / 0".into());
            statements
        },
    },
];

#[test]
fn of_many_who_begin_at_once_one_takes_each_step() {
    for (query, steps) in [("commits=statements", 1), ("commits=function", 2)] {
        let schema = Schema::new(query);
        let ladder = &OLDER_GO_ON[..steps];
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for number in 0..8 {
                let (schema, start) = (&schema, &start);
                scope.spawn(move || {
                    start.wait();
                    let store = open(schema, ladder).expect("it opens beside the others");
                    commit(&store, number);
                });
            }
        });
        assert_layout(&schema, steps, 1);
    }
}

#[test]
fn older_nodes_go_on_beside_a_step_that_lets_them() {
    let schema = Schema::new("commits=function");
    let old = open(&schema, LADDER).expect("the tables are made");
    commit(&old, 1);
    let new = open(&schema, OLDER_GO_ON).expect("the step is taken beside the old node");
    assert_layout(&schema, 2, 1);
    commit(&new, 2);
    commit(&old, 3);
    let another = open(&schema, LADDER).expect("old nodes still begin");
    commit(&another, 4);
    assert!(another.load(&[key(2)]).expect("it reads")[0].is_some());
    assert_layout(&schema, 2, 1);
}

#[test]
fn a_step_that_older_nodes_cannot_bear_waits_for_their_end_and_keeps_them_away() {
    let schema = Schema::new("application_name=climb_old");
    let old = open(&schema, LADDER).expect("the tables are made");
    commit(&old, 1);
    let told = refused(&schema, OLDER_STOP);
    assert!(told.contains("stop them first"), "{told}");
    assert_layout(&schema, 1, 1);

    // Its connections end, but it does not.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'climb_old'";
    execute(schema.port(), end).expect("they end");
    let new = open(&schema, OLDER_STOP).expect("the step is taken");
    assert_layout(&schema, 2, 2);
    commit(&new, 2);
    let of_layouts = "the tables have layout 2, for versions that know 2, and this version knows 1";
    let told = old
        .load(&[key(1)])
        .expect_err("it cannot go on")
        .to_string();
    assert!(told.contains(of_layouts), "{told}");
    let told = refused(&schema, LADDER);
    assert_eq!(told, of_layouts);
    commit(&new, 3);
}

#[test]
fn a_step_that_fails_leaves_nothing_behind() {
    let schema = Schema::new("");
    let told = refused(&schema, FAILS);
    assert!(told.contains("22012"), "{told}");
    assert_layout(&schema, 1, 1);
    let store = open(&schema, OLDER_GO_ON).expect("what it made is gone");
    commit(&store, 1);
}

#[test]
fn who_finds_the_tables_being_changed_waits_and_says_so() {
    let schema = Schema::new("");
    let number = Lock::Change.number(schema.name());
    let port = schema.port();
    let holding = thread::spawn(move || {
        let hold = format!("SELECT pg_advisory_lock({number}); SELECT pg_sleep(1)");
        execute(port, &hold).expect("the lock is held for a second");
    });
    let taken = format!(
        "DO $$ BEGIN FOR i IN 1..500 LOOP \
           EXIT WHEN EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted \
             AND (classid::bigint << 32 | objid::bigint) = {number}); \
           PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); \
         END LOOP; END $$"
    );
    execute(port, &taken).expect("it is held");
    let told = refused(&schema, LADDER);
    assert!(told.contains("another node changes"), "{told}");
    holding.join().expect("the lock was held");
    open(&schema, LADDER).expect("nobody changes anything");
}

#[test]
fn tables_of_before_the_ladder_are_its_first_layout() {
    let schema = Schema::new("");
    open(&schema, LADDER).expect("the tables are made");
    let older = format!(
        "ALTER TABLE \"{}\".layout DROP COLUMN oldest",
        schema.name()
    );
    execute(schema.port(), &older).expect("the column goes");
    commit(&open(&schema, LADDER).expect("it is read"), 1);
    commit(&open(&schema, OLDER_GO_ON).expect("it is climbed"), 2);
    assert_layout(&schema, 2, 1);
}

/// A store, or why it does not open.
fn open(schema: &Schema, ladder: &'static [Step]) -> Result<PostgresStore, String> {
    let options: Options = schema.url(schema.port()).parse().expect("a URL");
    PostgresStore::open_by(options, ladder).map_err(|it| it.to_string())
}

/// Why a store without patience does not open.
fn refused(schema: &Schema, ladder: &'static [Step]) -> String {
    let options: Options = schema.url(schema.port()).parse().expect("a URL");
    let end = PostgresStore::open_by(options.patience(Duration::from_millis(300)), ladder);
    end.expect_err("it does not open").to_string()
}

fn key(number: u8) -> Key {
    Key::new([b'k', number])
}

fn commit(store: &PostgresStore, number: u8) {
    let batch = Batch {
        token: [number; 16],
        now: Timestamp::from_millis(1_700_000_000_000),
        writes: vec![Write {
            key: key(number),
            expect: Expect::Absent,
            change: Change::Put {
                value: b"value"[..].into(),
                expires: None,
            },
        }],
    };
    assert_eq!(store.commit(&batch), Ok(Outcome::Committed));
}

fn assert_layout(schema: &Schema, number: usize, oldest: usize) {
    let asked = format!(
        "DO $$ BEGIN ASSERT (SELECT number = {number} AND oldest = {oldest} FROM \"{}\".layout); END $$",
        schema.name()
    );
    execute(schema.port(), &asked).expect("the layout is this one");
}
