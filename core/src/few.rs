//! Few things at a time: the ways of the standard library to sort and to collect into maps are written for many, and
//! are compiled anew, several kB each, for every closure that they are given.

use core::cmp::Ordering;

/// Collects by adding one after the other, as `collect` into a map does after sorting. Of equal keys the last counts.
pub(crate) fn gather<T, C: Default + Extend<T>>(things: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(things);
    all
}

/// Sorts, and leaves equal things in their order. Only for what is few by the limits of the service.
pub(crate) fn sort_by<T>(things: &mut [T], order: impl Fn(&T, &T) -> Ordering) {
    for at in 1..things.len() {
        let mut place = at;
        while place > 0 && order(&things[place - 1], &things[place]).is_gt() {
            things.swap(place - 1, place);
            place -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::*;

    #[test]
    fn equal_things_stay_in_their_order() {
        let mut things = [(2, 'a'), (1, 'a'), (2, 'b'), (0, 'a'), (1, 'b'), (2, 'c')];
        let mut expected = things;
        sort_by(&mut things, |one, other| one.0.cmp(&other.0));
        expected.sort_by_key(|thing| thing.0);
        assert_eq!(things, expected);
        sort_by(&mut [] as &mut [u8], Ord::cmp);
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let map: BTreeMap<_, _> = gather([(1, 'a'), (0, 'b'), (1, 'c')]);
        assert_eq!(map, BTreeMap::from([(0, 'b'), (1, 'c')]));
    }
}
