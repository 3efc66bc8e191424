//! The rules of the format, on records made for them.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec,
    vec::Vec,
};

use minicbor::Encoder;
use proptest::prelude::*;
use userpool_ports::Timestamp;

use crate::cbor::{self, Cbor};

/// Fields of every type, not in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Cbor)]
#[cbor(map)]
struct Everything {
    #[n(1)]
    text: String,
    #[n(0)]
    flag: bool,
    #[n(2)]
    small: u8,
    #[n(3)]
    short: u16,
    #[n(4)]
    number: u32,
    #[n(5)]
    long: u64,
    #[n(7)]
    signed: i64,
    #[n(6)]
    rank: Option<i32>,
    #[n(8)]
    moment: Timestamp,
    #[cbor(n(9), bytes)]
    bytes: Vec<u8>,
    #[cbor(n(10), bytes)]
    perhaps: Option<[u8; 3]>,
    #[n(11)]
    numbers: [u8; 3],
    #[n(12)]
    list: Vec<String>,
    #[n(13)]
    set: BTreeSet<u8>,
    #[cbor(n(30), default)]
    map: BTreeMap<String, u32>,
    #[n(31)]
    state: State,
    #[n(32)]
    step: Option<Step>,
    #[n(1_000)]
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Cbor)]
#[cbor(index_only)]
enum State {
    #[n(0)]
    Off,
    #[n(2)]
    On,
}

#[derive(Clone, Debug, PartialEq, Cbor)]
enum Step {
    #[n(1)]
    First,
    #[n(2)]
    Second {
        #[n(0)]
        count: Option<u8>,
        #[n(2)]
        name: Option<String>,
    },
    #[n(3)]
    Third(#[n(0)] u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Cbor)]
#[cbor(array)]
struct Place {
    #[n(0)]
    x: u8,
    #[n(2)]
    y: Option<u8>,
}

prop_compose! {
    fn everything()(
        (flag, text, small, short, number) in any::<(bool, String, u8, u16, u32)>(),
        (long, rank, signed, millis) in any::<(u64, Option<i32>, i64, i64)>(),
        (bytes, perhaps, numbers) in any::<(Vec<u8>, Option<[u8; 3]>, [u8; 3])>(),
        (list, set, map) in any::<(Vec<String>, BTreeSet<u8>, BTreeMap<String, u32>)>(),
        state in prop_oneof![Just(State::Off), Just(State::On)],
        step in proptest::option::of(step()),
        (x, y) in any::<(u8, Option<u8>)>(),
    ) -> Everything {
        let (moment, place) = (Timestamp::from_millis(millis), Place { x, y });
        Everything {
            text, flag, small, short, number, long, signed, rank, moment, bytes, perhaps, numbers, list, set, map, state, step, place,
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::First),
        any::<(Option<u8>, Option<String>)>()
            .prop_map(|(count, name)| Step::Second { count, name }),
        any::<u64>().prop_map(Step::Third),
    ]
}

/// The same, said to an encoder that others made.
fn encoded(it: &Everything) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut e = Encoder::new(&mut bytes);
    let options = [it.rank.is_some(), it.perhaps.is_some(), it.step.is_some()];
    let present = options.iter().filter(|is_some| **is_some).count();
    e.map(15 + present as u64).unwrap();
    e.u8(0).unwrap().bool(it.flag).unwrap();
    e.u8(1).unwrap().str(&it.text).unwrap();
    e.u8(2).unwrap().u8(it.small).unwrap();
    e.u8(3).unwrap().u16(it.short).unwrap();
    e.u8(4).unwrap().u32(it.number).unwrap();
    e.u8(5).unwrap().u64(it.long).unwrap();
    if let Some(rank) = it.rank {
        e.u8(6).unwrap().i32(rank).unwrap();
    }
    e.u8(7).unwrap().i64(it.signed).unwrap();
    e.u8(8).unwrap().i64(it.moment.millis()).unwrap();
    e.u8(9).unwrap().bytes(&it.bytes).unwrap();
    if let Some(bytes) = &it.perhaps {
        e.u8(10).unwrap().bytes(bytes).unwrap();
    }
    e.u8(11).unwrap().encode(it.numbers).unwrap();
    e.u8(12).unwrap().encode(&it.list).unwrap();
    e.u8(13).unwrap().encode(&it.set).unwrap();
    e.u8(30).unwrap().encode(&it.map).unwrap();
    e.u8(31).unwrap();
    e.u8(if it.state == State::On { 2 } else { 0 }).unwrap();
    match &it.step {
        None => {}
        Some(Step::First) => drop(e.u8(32).unwrap().array(2).unwrap().u8(1).unwrap().array(0)),
        Some(Step::Second { count, name }) => {
            e.u8(32).unwrap().array(2).unwrap().u8(2).unwrap();
            match (count, name) {
                (None, None) => drop(e.array(0)),
                (Some(count), None) => drop(e.array(1).unwrap().u8(*count)),
                (count, Some(name)) => {
                    e.array(3).unwrap().encode(count).unwrap();
                    e.null().unwrap().str(name).unwrap();
                }
            }
        }
        Some(Step::Third(value)) => {
            e.u8(32).unwrap().array(2).unwrap().u8(3).unwrap();
            e.array(1).unwrap().u64(*value).unwrap();
        }
    }
    e.u16(1_000).unwrap();
    match it.place.y {
        Some(y) => drop(
            e.array(3)
                .unwrap()
                .u8(it.place.x)
                .unwrap()
                .null()
                .unwrap()
                .u8(y),
        ),
        None => drop(e.array(1).unwrap().u8(it.place.x)),
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_record_is_written_as_the_format_says_and_read_again(record in everything()) {
        let written = cbor::write(&record, Vec::new());
        prop_assert_eq!(&written, &encoded(&record));
        prop_assert_eq!(cbor::read::<Everything>(&written).unwrap(), record);
    }

    #[test]
    fn no_bytes_panic(bytes in any::<Vec<u8>>(), at in any::<usize>(), record in everything()) {
        drop(cbor::read::<Everything>(&bytes));
        let mut written = cbor::write(&record, Vec::new());
        let at = at % written.len();
        written.splice(at..at, bytes);
        drop(cbor::read::<Everything>(&written));
    }
}

#[derive(Debug, PartialEq, Cbor)]
#[cbor(map)]
struct Small {
    #[n(1)]
    first: u8,
    #[n(3)]
    second: Option<u8>,
    #[cbor(n(5), default)]
    third: u8,
}

fn small(second: Option<u8>, third: u8) -> Option<Small> {
    Some(Small {
        first: 7,
        second,
        third,
    })
}

fn read(bytes: &[u8]) -> Option<Small> {
    cbor::read(bytes).ok()
}

#[test]
fn fields_that_are_not_known_are_skipped_wherever_they_stand() {
    // {0: [1, {2: 3}], 1: 7, 2: "", 3: 8, 4: h'', 5: 9, 6: null, 700: 1}
    let bytes = b"\xA8\x00\x82\x01\xA1\x02\x03\x01\x07\x02\x60\x03\x08\x04\x40\x05\x09\x06\xF6\x19\x02\xBC\x01";
    assert_eq!(read(bytes), small(Some(8), 9));
}

#[test]
fn what_follows_a_record_with_unknown_fields_is_read() {
    // [{1: 7, 9: 0}, {1: 7}]
    let both: Vec<Small> = cbor::read(b"\x82\xA2\x01\x07\x09\x00\xA1\x01\x07").unwrap();
    assert_eq!(both, [small(None, 0).unwrap(), small(None, 0).unwrap()]);
}

#[test]
fn a_field_that_is_missing_is_none_or_the_default_or_refused() {
    assert_eq!(read(b"\xA1\x01\x07"), small(None, 0));
    assert_eq!(read(b"\xA2\x01\x07\x03\xF6"), small(None, 0), "null");
    assert_eq!(read(b"\xA1\x03\x08"), None);
    assert_eq!(read(b"\xA0"), None);
}

#[test]
fn fields_out_of_order_and_fields_twice_are_refused() {
    assert_eq!(read(b"\xA2\x03\x08\x01\x07"), None);
    assert_eq!(read(b"\xA2\x01\x07\x01\x07"), None);
    assert_eq!(read(b"\xA3\x01\x07\x09\x00\x08\x00"), None, "unknown ones");
    assert_eq!(read(b"\xA2\x01\x07\x1A\xFF\xFF\xFF\xFF\x00"), None);
}

#[test]
fn what_has_no_definite_length_is_refused() {
    assert_eq!(read(b"\xBF\x01\x07\xFF"), None);
    assert!(cbor::read::<Vec<u8>>(b"\x9F\x01\xFF").is_err());
}

#[test]
fn a_length_that_is_not_true_is_refused_at_once() {
    assert_eq!(read(b"\xBB\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x07"), None);
    let long = b"\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    assert!(cbor::read::<Vec<u8>>(long).is_err());
    assert!(cbor::read::<Place>(long).is_err());
}

#[test]
fn a_variant_that_is_not_known_is_refused_wherever_it_stands() {
    assert!(cbor::read::<State>(b"\x01").is_err());
    assert!(cbor::read::<Option<Step>>(b"\x82\x04\x80").is_err());
    assert!(cbor::read::<Vec<Step>>(b"\x81\x82\x00\x80").is_err());
}

#[test]
fn a_variant_keeps_what_a_later_version_adds_out_of_the_way() {
    let read: Vec<Step> = cbor::read(b"\x82\x82\x01\x81\x05\x82\x03\x82\x07\x08").unwrap();
    assert_eq!(read, [Step::First, Step::Third(7)]);
}

/// As many fields as need a length of their own, and one fewer.
#[test]
fn a_record_of_many_fields_has_a_longer_head() {
    #[derive(Debug, PartialEq, Cbor)]
    #[cbor(map)]
    struct Many {
        #[cbor(n(0), default)]
        all: Vec<Deep>,
    }
    #[derive(Debug, PartialEq, Cbor)]
    #[cbor(map)]
    #[rustfmt::skip]
    struct Deep {
        #[n(0)] a: u8, #[n(1)] b: u8, #[n(2)] c: u8, #[n(3)] d: u8, #[n(4)] e: u8, #[n(5)] f: u8, #[n(6)] g: u8, #[n(7)] h: u8,
        #[n(8)] i: u8, #[n(9)] j: u8, #[n(10)] k: u8, #[n(11)] l: u8, #[n(12)] m: u8, #[n(13)] n: u8, #[n(14)] o: u8,
        #[n(15)] p: u8, #[n(16)] q: u8, #[n(17)] r: u8, #[n(18)] s: u8, #[n(19)] t: u8, #[n(20)] u: u8, #[n(21)] v: u8,
        #[n(22)] w: u8, #[n(23)] x: Option<u8>,
    }
    let deep = |x| Deep {
        a: 0,
        b: 0,
        c: 0,
        d: 0,
        e: 0,
        f: 0,
        g: 0,
        h: 0,
        i: 0,
        j: 0,
        k: 0,
        l: 0,
        m: 0,
        n: 0,
        o: 0,
        p: 0,
        q: 0,
        r: 0,
        s: 0,
        t: 0,
        u: 0,
        v: 0,
        w: 0,
        x,
    };
    let many = Many {
        all: vec![deep(None), deep(Some(0)), deep(None)],
    };
    let mut expected = vec![0xA1, 0x00, 0x83];
    for (head, count) in [(&[0xB7][..], 23), (&[0xB8, 24], 24), (&[0xB7], 23)] {
        expected.extend(head);
        expected.extend((0..count).flat_map(|number| [number, 0]));
    }
    let written = cbor::write(&many, Vec::new());
    assert_eq!(written, expected);
    assert_eq!(cbor::read::<Many>(&written).unwrap(), many);
}
