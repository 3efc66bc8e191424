//! The fields of forms.

use maud::{Markup, html};
use userpool::oauth::look::NameField;

use super::Frame;

impl Frame<'_> {
    /// The name that a user signs in with.
    pub(super) fn name(&self, value: &str) -> Markup {
        let (label, kind, complete) = match self.shown.name {
            NameField::Username => ("Username", "text", "username"),
            NameField::Email => ("Email address", "email", "username"),
            NameField::Phone => ("Phone number", "tel", "username"),
            NameField::EmailOrPhone => ("Email address or phone number", "text", "username"),
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

pub(super) fn code(name: &str, label: &str) -> Markup {
    html! {
        label class="label-customizable" for=(name) { (label) }
        input class="inputField-customizable" id=(name) name=(name) inputmode="numeric"
            autocomplete="one-time-code" maxlength="64" required;
    }
}

pub(super) fn attribute_field(attribute: &str) -> Markup {
    let (label, kind, complete) = match attribute {
        "email" => ("Email address", "email", "email"),
        "phone_number" => ("Phone number", "tel", "tel"),
        "name" => ("Name", "text", "name"),
        "given_name" => ("First name", "text", "given-name"),
        "family_name" => ("Last name", "text", "family-name"),
        "birthdate" => ("Date of birth", "date", "bday"),
        "address" => ("Address", "text", "street-address"),
        "website" => ("Website", "url", "url"),
        other => (other, "text", "on"),
    };
    let name = format!("attribute.{attribute}");
    html! {
        label class="label-customizable" for=(name) { (label) }
        input class="inputField-customizable" id=(name) name=(name) type=(kind) autocomplete=(complete)
            maxlength="2048" required;
    }
}
