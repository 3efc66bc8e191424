//! Members that must not be shown: passwords, codes, tokens, names and addresses of people.
//!
//! Which members these are is decided by the generator: all that the service model marks as sensitive,
//! and those it forgets.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;
use core::ops::{Deref, DerefMut};

use zeroize::Zeroize;

/// A value that is never printed and is wiped when it is dropped.
///
/// It dereferences to what it holds, so that `&request.client_id` serves where a `&str` is asked for.
///
/// # Examples
///
/// ```
/// use userpool_wire::Sensitive;
///
/// let password = Sensitive::from("correct horse");
/// assert_eq!(format!("{password:?}"), "***");
/// assert_eq!(password.len(), 13);
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sensitive<T: Wipe>(T);

impl<T: Wipe> Sensitive<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, no longer hidden.
    pub fn into_inner(mut self) -> T
    where
        T: Default,
    {
        core::mem::take(&mut self.0)
    }
}

impl<T: Wipe> Deref for Sensitive<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Wipe> DerefMut for Sensitive<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Wipe> Drop for Sensitive<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

impl<T: Wipe> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Wipe> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Sensitive<String> {
    fn from(value: &str) -> Self {
        Self(value.into())
    }
}

/// What can be overwritten before its memory is given back.
pub trait Wipe {
    /// Overwrites the content and leaves the value empty.
    fn wipe(&mut self);
}

impl Wipe for String {
    fn wipe(&mut self) {
        self.zeroize();
    }
}

impl Wipe for BTreeMap<String, String> {
    fn wipe(&mut self) {
        for (mut key, mut value) in core::mem::take(self) {
            key.zeroize();
            value.zeroize();
        }
    }
}
