//! One form for every spelling of a name: lower case where the pool ignores case.
//!
//! Lower case follows the Unicode tables of the compiler this was built with; a test pins their version,
//! because names are found by the hash of this form.

use alloc::string::String;

use super::user::AliasKind;

/// The form under which a user name is found.
#[must_use]
pub fn canonical(name: &str, case_sensitive: bool) -> String {
    if case_sensitive {
        name.into()
    } else {
        lower(name)
    }
}

/// The form under which an alias is found. Phone numbers have no case; the others follow the pool.
#[must_use]
pub fn canonical_alias(kind: AliasKind, value: &str, case_sensitive: bool) -> String {
    match kind {
        AliasKind::Phone => value.into(),
        AliasKind::Email | AliasKind::PreferredUsername => canonical(value, case_sensitive),
    }
}

/// Lower case, letter by letter.
#[must_use]
pub fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_by_the_pinned_version_of_unicode() {
        assert_eq!(char::UNICODE_VERSION, (17, 0, 0));
        assert_eq!(lower("ÄİΣ"), "äi\u{307}σ");
    }

    #[test]
    fn a_case_sensitive_pool_keeps_the_spelling() {
        assert_eq!(canonical("Jane", true), "Jane");
        assert_eq!(canonical("Jane", false), "jane");
        assert_eq!(
            canonical_alias(AliasKind::Email, "J@X.org", false),
            "j@x.org"
        );
    }
}
