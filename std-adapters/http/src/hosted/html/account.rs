//! The pages of an account: made, confirmed, and its password set anew.

use maud::{Markup, html};

use super::Frame;
use super::inputs::{attribute_field, code, password};

impl Frame<'_> {
    /// A new account.
    pub fn sign_up(&self, username: &str) -> Markup {
        let fields = html! {
            (self.name(username))
            @for attribute in &self.shown.required {
                (attribute_field(attribute))
            }
            (password("password", "Password", "new-password"))
        };
        self.page(
            "Create an account",
            &html! {
                (self.form("signup", &fields, "Create an account"))
                @if let Some([terms, privacy]) = &self.shown.terms {
                    p class="legal quiet legalText-customizable" {
                        "With an account you accept the "
                        a href=(terms) target="_blank" rel="noopener" { "terms of use" }
                        " and the "
                        a href=(privacy) target="_blank" rel="noopener" { "privacy policy" }
                        "."
                    }
                }
                nav { a href=(self.to("login")) { "Sign in instead" } }
            },
        )
    }

    /// The code of a new account.
    pub fn confirm(&self, username: &str) -> Markup {
        let known = !username.is_empty();
        let fields = html! {
            @if known { input type="hidden" name="username" value=(username); }
            @else { (self.name("")) }
            (code("code", "Code"))
        };
        self.page("Confirm your account", &html! {
            p class="quiet textDescription-customizable" { "Enter the code that was sent to you." }
            (self.form("confirm", &fields, "Confirm"))
            @if known {
                form method="post" action=(self.to("resendcode")) {
                    input type="hidden" name="_csrf" value=(self.token);
                    input type="hidden" name="username" value=(username);
                    button class="second" type="submit" { "Send the code again" }
                }
            }
            nav { a href=(self.to("login")) { "Sign in" } }
        })
    }

    /// Asks whose password was forgotten.
    pub fn forgot(&self, username: &str) -> Markup {
        self.page(
            "Forgot your password?",
            &html! {
                p class="quiet textDescription-customizable" {
                    "A code to set a new password with is sent to you."
                }
                (self.form("forgotPassword", &self.name(username), "Send a code"))
                nav { a href=(self.to("login")) { "Sign in" } }
            },
        )
    }

    /// The code for a new password.
    pub fn reset(&self, username: &str) -> Markup {
        let fields = html! {
            input type="hidden" name="username" value=(username);
            (code("code", "Code"))
            (password("password", "New password", "new-password"))
        };
        self.page("Set a new password", &html! {
            p class="quiet textDescription-customizable" { "Enter the code that was sent to you." }
            (self.form("confirmForgotPassword", &fields, "Set the password"))
            nav {
                a href=(self.to("forgotPassword")) { "Send another code" }
                a href=(self.to("login")) { "Sign in" }
            }
        })
    }
}
