//! The pages of an account: made, confirmed, and its password set anew.

use maud::{Markup, html};

use super::Frame;
use super::inputs::{attribute_field, code, new_password, password};
use crate::hosted::words::{around, fill};

impl Frame<'_> {
    /// A new account.
    pub fn sign_up(&self, username: &str) -> Markup {
        let words = self.language.words;
        let fields = html! {
            (self.name(username))
            @for attribute in &self.shown.required {
                (attribute_field(words, attribute))
            }
            (password("password", words.password, "new-password"))
        };
        self.page(
            words.create,
            &html! {
                (self.form("signup", &fields, words.create))
                @if let Some(links) = &self.shown.terms { (self.terms(links)) }
                nav { a href=(self.to("login")) { (words.sign_in) } }
            },
        )
    }

    /// What a newcomer accepts.
    fn terms(&self, [terms, privacy]: &[String; 2]) -> Markup {
        let words = self.language.words;
        let (before, rest) = around(words.accept);
        let (between, after) = around(rest);
        html! {
            p class="legal quiet legalText-customizable" {
                (before)
                a href=(terms) target="_blank" rel="noopener" { (words.terms_of_use) }
                (between)
                a href=(privacy) target="_blank" rel="noopener" { (words.privacy_policy) }
                (after)
            }
        }
    }

    /// Who the user is to be.
    pub fn choose(&self, account: &str) -> Markup {
        let words = self.language.words;
        let button = fill(words.continue_as, account);
        self.page(
            words.choose_account,
            &html! {
                (self.form("choose", &html! {}, &button))
                nav { a href=(self.to("login")) { (words.other_account) } }
            },
        )
    }

    /// The code of a new account.
    pub fn confirm(&self, username: &str) -> Markup {
        let words = self.language.words;
        let known = !username.is_empty();
        let fields = html! {
            @if known { input type="hidden" name="username" value=(username); }
            @else { (self.name("")) }
            (code("code", words.code))
        };
        self.page(
            words.confirm_account,
            &html! {
                p class="quiet textDescription-customizable" { (words.enter_code) }
                (self.form("confirm", &fields, words.confirm))
                @if known {
                    form method="post" action=(self.to("resendcode")) {
                        input type="hidden" name="_csrf" value=(self.token);
                        input type="hidden" name="username" value=(username);
                        button class="second" type="submit" { (words.send_again) }
                    }
                }
                nav { a href=(self.to("login")) { (words.sign_in) } }
            },
        )
    }

    /// Asks whose password was forgotten.
    pub fn forgot(&self, username: &str) -> Markup {
        let words = self.language.words;
        self.page(
            words.forgot,
            &html! {
                p class="quiet textDescription-customizable" {
                    (words.code_for_password)
                }
                (self.form("forgotPassword", &self.name(username), words.send_code))
                nav { a href=(self.to("login")) { (words.sign_in) } }
            },
        )
    }

    /// The code for a new password.
    pub fn reset(&self, username: &str) -> Markup {
        let words = self.language.words;
        let fields = html! {
            input type="hidden" name="username" value=(username);
            (code("code", words.code))
            (new_password("password", words.new_password, username))
        };
        self.page(
            words.set_password,
            &html! {
                p class="quiet textDescription-customizable" { (words.enter_code) }
                (self.form("confirmForgotPassword", &fields, words.set_password))
                nav {
                    a href=(self.to("forgotPassword")) { (words.send_again) }
                    a href=(self.to("login")) { (words.sign_in) }
                }
            },
        )
    }
}
