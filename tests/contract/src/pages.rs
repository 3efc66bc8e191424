//! Pages: entries under a prefix in ascending byte order, after a cursor, up to a limit.

use std::ops::Deref;

use userpool_ports::{Expect, Key, PageRequest, Storage};

use super::batches::{at, batch, entry, key, keys_of_page, land, put, put_until, remove, version};

/// Keys that extend each other, with lowest and highest bytes, in ascending order.
fn crowd() -> Vec<Key> {
    [
        &b"a"[..],
        b"a\x00",
        b"a\x00\x00",
        b"a\x01",
        b"a/",
        b"a/b",
        b"aa",
        b"a\xff",
        b"a\xff\x00",
        b"a\xff\xff",
        b"b",
        b"b\x00",
        b"\xfe\xff",
        b"\xff",
        b"\xff\x00",
        b"\xff\xff",
        b"\xff\xff\x00",
        b"\xff\xff\xff",
    ]
    .map(key)
    .to_vec()
}

fn crowded<G>(fresh: impl Fn() -> G) -> G
where
    G: Deref<Target: Storage>,
{
    let store = fresh();
    // In an order of its own: the store sorts, not the arrival.
    let mut keys = crowd();
    keys.reverse();
    for (number, chunk) in (1..).zip(keys.chunks(5)) {
        let writes: Vec<_> = chunk
            .iter()
            .map(|key| put(key, Expect::Absent, key.as_bytes()))
            .collect();
        land(&*store, &batch(number, writes));
    }
    store
}

fn expected(prefix: &Key, after: Option<&Key>) -> Vec<Key> {
    crowd()
        .into_iter()
        .filter(|key| key.as_bytes().starts_with(prefix.as_bytes()))
        .filter(|key| after.is_none_or(|after| key > after))
        .collect()
}

/// Every prefix of every key, and prefixes of no key.
pub fn a_page_is_in_byte_order_under_its_prefix<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    let prefixes = crowd()
        .into_iter()
        .chain([&b"A"[..], b"a\x02", b"a/b/c", b"c"].map(key));
    for prefix in prefixes {
        let page = keys_of_page(&*store, &prefix, None, 100);
        assert_eq!(page, expected(&prefix, None), "under {prefix:?}");
    }
}

/// The cursor itself is not on the page.
pub fn a_page_starts_after_its_cursor<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    for prefix in [&b"a"[..], b"a\xff", b"\xff"].map(key) {
        for after in expected(&prefix, None) {
            let page = keys_of_page(&*store, &prefix, Some(&after), 100);
            assert_eq!(page, expected(&prefix, Some(&after)), "after {after:?}");
        }
    }
}

/// Cursors of removed keys, before the prefix and behind it.
pub fn a_cursor_need_not_be_a_key_nor_under_the_prefix<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    let prefix = key("a");
    for cursor in [
        &b"A"[..],
        b"a\x00\x01",
        b"a0",
        b"a\xff\xff\xff",
        b"b",
        b"zz",
        b"\xff",
    ]
    .map(key)
    {
        let page = keys_of_page(&*store, &prefix, Some(&cursor), 100);
        assert_eq!(page, expected(&prefix, Some(&cursor)), "after {cursor:?}");
    }
    let gone = key("a/");
    land(
        &*store,
        &batch(99, [remove(&gone, version(&*store, &gone))]),
    );
    let page = keys_of_page(&*store, &prefix, Some(&gone), 1);
    assert_eq!(page, [key("a/b")]);
}

/// Limits from one to more than there is.
pub fn a_page_holds_at_most_its_limit<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    let prefix = key("a");
    let all = expected(&prefix, None);
    for limit in 1..all.len() + 2 {
        let page = keys_of_page(&*store, &prefix, None, limit);
        assert_eq!(page, all[..limit.min(all.len())]);
    }
    assert_eq!(keys_of_page(&*store, &prefix, None, usize::MAX), all);
}

/// Paging through with each page size.
pub fn pages_chained_by_their_last_key_visit_every_entry_once<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    for prefix in [&b""[..], b"a", b"\xff"].map(key) {
        for limit in 1..5 {
            let mut visited: Vec<Key> = Vec::new();
            loop {
                let page = keys_of_page(&*store, &prefix, visited.last(), limit);
                if page.is_empty() {
                    break;
                }
                visited.extend(page);
                assert!(visited.len() <= crowd().len(), "pages without an end");
            }
            assert_eq!(visited, expected(&prefix, None));
        }
    }
}

/// No byte string is greater than every extension of 0xFF bytes, yet the page ends.
pub fn a_prefix_of_highest_bytes_has_an_end<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    let page = keys_of_page(&*store, &key(b"\xff\xff"), None, 100);
    assert_eq!(
        page,
        [&b"\xff\xff"[..], b"\xff\xff\x00", b"\xff\xff\xff"].map(key)
    );
    let beyond = key([0xFF; 512]);
    assert!(keys_of_page(&*store, &beyond, None, 100).is_empty());
    assert!(keys_of_page(&*store, &key(b"\xff"), Some(&beyond), 100).is_empty());
}

/// The empty prefix is the whole store.
pub fn an_empty_prefix_covers_everything<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    assert_eq!(keys_of_page(&*store, &key(""), None, 100), crowd());
    assert_eq!(
        keys_of_page(&*store, &key(""), Some(&key("b")), 2),
        [&b"b\x00"[..], b"\xfe\xff"].map(key)
    );
}

/// A page's entries are those that `load` gives.
pub fn a_page_shows_values_versions_and_ends<G>(fresh: impl Fn() -> G)
where
    G: Deref<Target: Storage>,
{
    let store = crowded(fresh);
    let ending = key("a/ends");
    land(
        &*store,
        &batch(99, [put_until(&ending, Expect::Absent, "1", at(5))]),
    );
    let request = PageRequest {
        prefix: key("a"),
        after: None,
        limit: 100,
    };
    let page = store.page(&request).expect("the store works");
    assert_eq!(page.len(), 11);
    for (key, found) in page {
        assert_eq!(Some(found), entry(&*store, &key));
    }
}
