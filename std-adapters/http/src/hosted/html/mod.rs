//! The pages as HTML. They work without scripts, and there are none but where a password is proven or a
//! browser is asked for a passkey.

mod account;
mod inputs;
mod passkey;
mod question;
mod sign_in;

pub(super) use passkey::PASSKEY;
pub(super) use question::SET_UP;

use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};
use userpool::ApiError;
use userpool::oauth::look::Shown;

use super::browser::{Scripts, note, page};
use super::language::{Language, Saying};

/// What every page of a form needs.
pub(super) struct Frame<'a> {
    /// What the pool says of its pages.
    pub shown: &'a Shown,
    /// The query of the authorization request, which every address of a page carries on.
    pub query: &'a str,
    /// The token of the forms.
    pub token: &'a str,
    /// In which language the page speaks.
    pub language: Language,
    /// What is told above the form.
    pub told: &'a Told<'a>,
    /// Where the script is that proves passwords, where it does.
    pub srp: Option<&'a str>,
}

/// What is told above a form.
pub(super) enum Told<'a> {
    /// Nothing.
    Nothing,
    /// What went wrong.
    Wrong(Saying<'a>),
    /// What went well.
    Well(String),
}

impl Frame<'_> {
    fn page(&self, title: &str, body: &Markup) -> Markup {
        let style = self.shown.style.as_ref();
        let custom = |what: &str| {
            style.map(|style| {
                format!(
                    "assets/custom/{}/{}/{what}",
                    self.shown.client, style.version
                )
            })
        };
        let css = custom("style.css").filter(|_| style.is_some_and(|style| style.css));
        let logo = custom("logo").filter(|_| style.is_some_and(|style| style.logo));
        let brand = self.shown.brand.as_ref();
        let brand = brand.map(|version| format!("assets/brand/{}/{version}", self.shown.client));
        let looks = Looks {
            css: css.as_deref(),
            brand: brand.as_deref(),
        };
        document(
            self.language,
            title,
            "",
            &looks,
            &html! {
                @if brand.is_some() { div class="mark in" {} }
                @if let Some(logo) = logo {
                    div class="banner-customizable" {
                        img class="logo logo-customizable" src=(logo) alt="";
                    }
                }
                h1 { (title) }
                @match self.told {
                    Told::Nothing => {},
                    Told::Wrong(saying) => {
                        p class="error errorMessage-customizable" role="alert" lang=[saying.tag()] {
                            (saying.text())
                        }
                    },
                    Told::Well(text) => p class="notice" role="status" { (text) },
                }
                (body)
            },
        )
    }

    fn form(&self, action: &str, fields: &Markup, button: &str) -> Markup {
        html! {
            form method="post" action=(self.to(action)) {
                input type="hidden" name="_csrf" value=(self.token);
                (fields)
                button class="submitButton-customizable" type="submit" { (button) }
            }
        }
    }

    fn to(&self, page: &str) -> String {
        format!("{page}?{}", self.query)
    }
}

/// What an owner says of how a page looks, by addresses.
#[derive(Default)]
struct Looks<'a> {
    /// The style sheet of UI customization.
    css: Option<&'a str>,
    /// Where managed login branding is.
    brand: Option<&'a str>,
}

/// A whole document; `up` leads from its address to where the pages are.
fn document(language: Language, title: &str, up: &str, looks: &Looks<'_>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.tag) dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href=(format!("{up}assets/login.css"));
                @if let Some(css) = looks.css { link rel="stylesheet" href=(css); }
                @if let Some(brand) = looks.brand {
                    link rel="stylesheet" href=(format!("{brand}/style.css"));
                    link rel="icon" href=(format!("{brand}/light/favicon"));
                }
            }
            body class="background-customizable" {
                @if looks.brand.is_some() {
                    div class="bar" {}
                    div class="mark out" {}
                }
                main { (body) }
            }
        }
    }
}

/// A page that leads on by itself.
pub(super) fn leads_on(language: Language, to: &str) -> Response {
    let words = language.words;
    let body = html! {
        h1 { (words.sign_in) }
        p { a href=(to) { (words.to_organisation) } }
    };
    let html = document(language, words.sign_in, "", &Looks::default(), &body);
    let mut response = page(StatusCode::OK, html, None, Scripts::None);
    if let Ok(value) = HeaderValue::from_str(&format!("0;url={to}")) {
        response.headers_mut().insert(REFRESH, value);
    }
    response
}

/// A page with the form that a provider takes in place of an address; the user sends it.
pub(super) fn posts_on(
    language: Language,
    action: &str,
    fields: &[(&str, String)],
    up: &str,
) -> Response {
    let words = language.words;
    let body = html! {
        h1 { (words.sign_in) }
        form method="post" action=(action) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class="submitButton-customizable" type="submit" autofocus { (words.to_organisation) }
        }
    };
    let html = document(language, words.sign_in, up, &Looks::default(), &body);
    page(StatusCode::OK, html, Some(action), Scripts::None)
}

/// A request that is not answered to its client, for a reason that the engine gave.
pub(super) fn refused(language: Language, reason: &str, up: &str) -> Response {
    error(language, &language.english(reason), up)
}

/// A request that the pages do not answer.
pub(super) fn stopped(language: Language, text: &str, up: &str) -> Response {
    error(language, &text.into(), up)
}

/// A page that says that something is done, without a form.
pub(super) fn done(language: Language, text: &str, up: &str) -> Response {
    let body = html! { h1 { (text) } };
    let html = document(language, text, up, &Looks::default(), &body);
    page(StatusCode::OK, html, None, Scripts::None)
}

/// What the engine refused where there is no form to say so above.
pub(super) fn failed(language: Language, refusal: &ApiError, up: &str) -> Response {
    let mut response = if refusal.status >= 500 {
        stopped(language, language.words.went_wrong, up)
    } else {
        error(language, &language.refusal(refusal), up)
    };
    if refusal.status >= 500 {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    note(&mut response, refusal);
    response
}

fn error(language: Language, saying: &Saying<'_>, up: &str) -> Response {
    let words = language.words;
    let body = html! {
        h1 { (words.page_error) }
        p class="error" role="alert" lang=[saying.tag()] { (saying.text()) }
    };
    let html = document(language, words.error, up, &Looks::default(), &body);
    page(StatusCode::BAD_REQUEST, html, None, Scripts::None)
}
