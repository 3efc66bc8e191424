//! The pages as HTML. They work without scripts; there are none.

mod account;
mod inputs;
mod question;
mod sign_in;

pub(super) use question::SET_UP;

use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};
use userpool::ApiError;
use userpool::oauth::look::Shown;

use super::browser::{note, page};

/// What every page of a form needs.
pub(super) struct Frame<'a> {
    /// What the pool says of its pages.
    pub shown: &'a Shown,
    /// The query of the authorization request, which every address of a page carries on.
    pub query: &'a str,
    /// The token of the forms.
    pub token: &'a str,
    /// What is told above the form.
    pub told: Told<'a>,
}

/// What is told above a form.
#[derive(Clone, Copy)]
pub(super) enum Told<'a> {
    /// Nothing.
    Nothing,
    /// What went wrong.
    Wrong(&'a str),
    /// What went well.
    Well(&'a str),
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
        document(
            title,
            "",
            css.as_deref(),
            &html! {
                @if let Some(logo) = logo {
                    div class="banner-customizable" {
                        img class="logo logo-customizable" src=(logo) alt="";
                    }
                }
                h1 { (title) }
                @match self.told {
                    Told::Nothing => {},
                    Told::Wrong(text) => p class="error errorMessage-customizable" role="alert" { (text) },
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

/// A whole document; `up` leads from its address to where the pages are.
fn document(title: &str, up: &str, css: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href=(format!("{up}assets/login.css"));
                @if let Some(css) = css { link rel="stylesheet" href=(css); }
            }
            body class="background-customizable" { main { (body) } }
        }
    }
}

/// A page that leads on by itself.
pub(super) fn leads_on(to: &str) -> Response {
    let html = document(
        "Sign in",
        "",
        None,
        &html! {
            h1 { "Sign in" }
            p { a href=(to) { "Continue to your organisation" } }
        },
    );
    let mut response = page(StatusCode::OK, html, None);
    if let Ok(value) = HeaderValue::from_str(&format!("0;url={to}")) {
        response.headers_mut().insert(REFRESH, value);
    }
    response
}

/// A request that is not answered to its client.
pub(super) fn refused(text: &str, up: &str) -> Response {
    let html = document(
        "Error",
        up,
        None,
        &html! {
            h1 { "An error was encountered with the requested page." }
            p class="error" role="alert" { (text) }
        },
    );
    page(StatusCode::BAD_REQUEST, html, None)
}

/// What the engine refused where there is no form to say so above.
pub(super) fn failed(error: &ApiError, up: &str) -> Response {
    let text = if error.status >= 500 {
        "Something went wrong. Try again in a while."
    } else {
        &error.message
    };
    let mut response = refused(text, up);
    if error.status >= 500 {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    note(&mut response, error);
    response
}
