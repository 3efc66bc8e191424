//! The texts of the pages, a file for each language.
//!
//! `{}` stands for what is filled in. What the engine refuses it says in English; the refusals that users meet have texts
//! here, the others stay as they are.

mod de;
mod en;
mod es;
mod fr;
mod id;
mod it;
mod ja;
mod ko;
mod nl;
mod pt_br;
mod zh_cn;
mod zh_tw;

/// The languages of the pages by their tags (BCP 47). All of them are written from left to right.
pub(super) static ALL: [(&str, &Words); 12] = [
    ("en", &en::WORDS),
    ("de", &de::WORDS),
    ("es", &es::WORDS),
    ("fr", &fr::WORDS),
    ("id", &id::WORDS),
    ("it", &it::WORDS),
    ("ja", &ja::WORDS),
    ("ko", &ko::WORDS),
    ("nl", &nl::WORDS),
    ("pt-BR", &pt_br::WORDS),
    ("zh-CN", &zh_cn::WORDS),
    ("zh-TW", &zh_tw::WORDS),
];

/// Names the texts once: a language that lacks one does not compile.
macro_rules! words {
    ($($name:ident),* $(,)?) => {
        /// What the pages say in one language.
        pub(super) struct Words {
            $(pub $name: &'static str,)*
        }

        #[cfg(test)]
        impl Words {
            fn texts(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

words! {
    sign_in,
    username,
    email,
    phone,
    email_or_phone,
    password,
    new_password,
    full_name,
    given_name,
    family_name,
    birthdate,
    address,
    website,
    code,
    forgot,
    create,
    continue_with,
    work_address,
    by_organisation,
    go_on,
    to_organisation,
    accept,
    terms_of_use,
    privacy_policy,
    confirm_account,
    enter_code,
    enter_code_sent_to,
    confirm,
    send_again,
    code_for_password,
    send_code,
    set_password,
    enter_a_code,
    code_at_sign_in,
    add_email,
    app_code,
    how_to_prove,
    choose_way,
    by_sms,
    by_email,
    by_app,
    start_again,
    set_up_app,
    scan,
    open_app,
    qr_code,
    sent_to,
    sent,
    ready,
    confirmed,
    password_set,
    not_confirmed,
    administrators_only,
    error,
    page_error,
    foreign_form,
    went_wrong,
    unsupported,
    wrong_password,
    wrong_code,
    expired_code,
    name_taken,
    weak_password,
    too_many,
    reset_required,
    passkey,
    add_passkey,
    passkey_offer,
    not_now,
    passkey_failed,
    needs_script,
    choose_account,
    continue_as,
    other_account,
    code_sign_in
}

/// What stands in place of what is filled in.
const PLACE: &str = "{}";

/// A text with its place filled.
pub(super) fn fill(text: &str, with: &str) -> String {
    text.replacen(PLACE, with, 1)
}

/// What stands before and after the place of a text.
pub(super) fn around(text: &str) -> (&str, &str) {
    text.split_once(PLACE).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text_with_its_places() {
        let english = ALL[0].1.texts();
        for (tag, words) in ALL {
            for ((name, text), (_, model)) in words.texts().into_iter().zip(&english) {
                assert!(!text.trim().is_empty(), "{tag} {name}");
                let places = |text: &str| text.matches(PLACE).count();
                assert_eq!(places(text), places(model), "{tag} {name}");
                assert!(!text.contains(['<', '>']), "{tag} {name}");
            }
        }
    }

    #[test]
    fn texts_are_translated_and_not_copied() {
        let english = ALL[0].1.texts();
        for (tag, words) in &ALL[1..] {
            let pairs = words.texts().into_iter().zip(&english);
            let same = pairs.filter(|(own, model)| own == *model).count();
            assert!(same <= 5, "{tag} has {same} texts of English");
        }
    }
}
