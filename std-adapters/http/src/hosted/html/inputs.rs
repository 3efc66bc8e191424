//! The fields of forms.

use maud::{Markup, html};
use userpool::oauth::look::NameField;

use super::Frame;
use crate::hosted::words::Words;

impl Frame<'_> {
    /// The name that a user signs in with.
    pub(super) fn name(&self, value: &str) -> Markup {
        let words = self.language.words;
        let (label, kind, complete) = match self.shown.name {
            NameField::Username => (words.username, "text", "username"),
            NameField::Email => (words.email, "email", "username"),
            NameField::Phone => (words.phone, "tel", "username"),
            NameField::EmailOrPhone => (words.email_or_phone, "text", "username"),
        };
        html! {
            label class="label-customizable" for="username" { (label) }
            input class="inputField-customizable" id="username" name="username" type=(kind) value=(value)
                autocomplete=(complete) autocapitalize="none" spellcheck="false" maxlength="128" required;
        }
    }
}

pub(super) fn password(name: &str, label: &str, complete: &str) -> Markup {
    html! {
        label class="label-customizable" for=(name) { (label) }
        input class="inputField-customizable" id=(name) name=(name) type="password" autocomplete=(complete)
            maxlength="256" required;
    }
}

/// A new password of a user whose name the page does not ask for: whatever keeps passwords finds it, and nothing sends it.
pub(super) fn new_password(name: &str, label: &str, of: &str) -> Markup {
    html! {
        input type="text" value=(of) autocomplete="username" hidden;
        (password(name, label, "new-password"))
    }
}

pub(super) fn code(name: &str, label: &str) -> Markup {
    html! {
        label class="label-customizable" for=(name) { (label) }
        input class="inputField-customizable" id=(name) name=(name) inputmode="numeric"
            autocomplete="one-time-code" maxlength="64" required;
    }
}

pub(super) fn attribute_field(words: &Words, attribute: &str) -> Markup {
    let (label, kind, complete) = match attribute {
        "email" => (words.email, "email", "email"),
        "phone_number" => (words.phone, "tel", "tel"),
        "name" => (words.full_name, "text", "name"),
        "given_name" => (words.given_name, "text", "given-name"),
        "family_name" => (words.family_name, "text", "family-name"),
        "birthdate" => (words.birthdate, "date", "bday"),
        "address" => (words.address, "text", "street-address"),
        "website" => (words.website, "url", "url"),
        other => (other, "text", "on"),
    };
    let name = format!("attribute.{attribute}");
    html! {
        label class="label-customizable" for=(name) { (label) }
        input class="inputField-customizable" id=(name) name=(name) type=(kind) autocomplete=(complete)
            maxlength="2048" required;
    }
}
