//! The first page: identity providers, and the form of the pool's own users.

use maud::{Markup, html};
use userpool::oauth::parameters::Parameters;

use super::Frame;
use super::inputs::password;
use crate::hosted::words::fill;

impl Frame<'_> {
    /// The first page.
    pub fn sign_in(&self, username: &str) -> Markup {
        let body = html! {
            @for name in &self.shown.providers { (self.provider(name)) }
            @if self.shown.by_domain { (self.mail()) }
            @if self.shown.own { (self.own(username)) }
        };
        self.page(self.language.words.sign_in, &body)
    }

    /// A way to an identity provider.
    fn provider(&self, name: &str) -> Markup {
        let query = Parameters::new(vec![("identity_provider".into(), name.into())]).to_query();
        let shown = match name {
            "LoginWithAmazon" => "Login with Amazon".to_owned(),
            "SignInWithApple" => "Sign in with Apple".to_owned(),
            name => fill(self.language.words.continue_with, name),
        };
        html! {
            a class="button socialButton-customizable idpButton-customizable"
                href=(format!("oauth2/authorize?{}&{query}", self.query)) { (shown) }
        }
    }

    /// The way to the identity provider of a mail domain.
    fn mail(&self) -> Markup {
        let words = self.language.words;
        let fields = html! {
            label class="label-customizable" for="mail" { (words.work_address) }
            input class="inputField-customizable" id="mail" name="mail" type="text"
                autocomplete="email" autocapitalize="none" spellcheck="false" required;
        };
        html! {
            p class="quiet idpDescription-customizable" { (words.by_organisation) }
            (self.form("login", &fields, words.go_on))
        }
    }

    /// The form of users of the pool itself.
    fn own(&self, username: &str) -> Markup {
        let words = self.language.words;
        let fields = html! {
            (self.name(username))
            (password("password", words.password, "current-password"))
        };
        html! {
            form method="post" action=(self.to("login"))
                data-begin=[self.srp.map(|_| self.to("login/srp"))] data-pool=[self.srp.map(|_| &self.shown.pool)] {
                input type="hidden" name="_csrf" value=(self.token);
                (fields)
                button class="submitButton-customizable" type="submit" { (words.sign_in) }
                @if self.shown.passkeys { (without_password("passkey", words.passkey)) }
                @if self.shown.codes { (without_password("code", words.code_sign_in)) }
            }
            @if let Some(version) = self.srp {
                script type="module" src=(format!("assets/srp/{version}/sign-in.js")) {}
            }
            nav {
                a href=(self.to("forgotPassword")) { (words.forgot) }
                @if self.shown.can_sign_up {
                    a href=(self.to("signup")) { (words.create) }
                }
            }
        }
    }
}

/// A button that leaves the password out.
fn without_password(with: &str, text: &str) -> Markup {
    html! {
        button class="second" type="submit" name="with" value=(with) formnovalidate { (text) }
    }
}
