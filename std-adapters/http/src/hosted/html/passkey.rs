//! Passkeys: made, and used.

use maud::{Markup, html};

use super::Frame;

/// The question that a passkey answers.
pub(in crate::hosted) const PASSKEY: &str = "WEB_AUTHN";

impl Frame<'_> {
    /// Whether the user wants a passkey.
    pub fn offer_passkey(&self) -> Markup {
        let words = self.language.words;
        self.page(
            words.add_passkey,
            &html! {
                p class="quiet textDescription-customizable" { (words.passkey_offer) }
                form method="post" action=(self.to("passkey")) {
                    input type="hidden" name="_csrf" value=(self.token);
                    button class="submitButton-customizable" type="submit" name="step" value="begin" {
                        (words.add_passkey)
                    }
                    button class="second" type="submit" name="step" value="later" { (words.not_now) }
                }
            },
        )
    }

    /// A passkey that the browser makes.
    pub fn make_passkey(&self, options: &str) -> Markup {
        let words = self.language.words;
        self.page(
            words.add_passkey,
            &html! {
                (self.failed())
                form method="post" action=(self.to("passkey")) data-options=(options) data-make {
                    input type="hidden" name="_csrf" value=(self.token);
                    input type="hidden" name="step" value="keep";
                    input type="hidden" name="answer" value="";
                    button class="submitButton-customizable" type="submit" { (words.add_passkey) }
                }
                form method="post" action=(self.to("passkey")) {
                    input type="hidden" name="_csrf" value=(self.token);
                    button class="second" type="submit" name="step" value="later" { (words.not_now) }
                }
            },
        )
    }

    /// A passkey that the browser uses; `hidden` are the fields of the question.
    pub(super) fn use_passkey(&self, options: &str, hidden: &Markup) -> Markup {
        let words = self.language.words;
        self.page(
            words.passkey,
            &html! {
                (self.failed())
                form method="post" action=(self.to("login")) data-options=(options) {
                    input type="hidden" name="_csrf" value=(self.token);
                    (hidden)
                    input type="hidden" name="answer" value="";
                    button class="submitButton-customizable" type="submit" { (words.passkey) }
                }
                nav { a href=(self.to("login")) { (words.start_again) } }
            },
        )
    }

    /// What is told where there are no scripts, and where the browser has failed; and the script.
    fn failed(&self) -> Markup {
        let words = self.language.words;
        html! {
            noscript { p class="error" role="alert" { (words.needs_script) } }
            p class="error errorMessage-customizable" id="failed" role="alert" hidden { (words.passkey_failed) }
            script type="module" src="assets/passkey.js" {}
        }
    }
}
