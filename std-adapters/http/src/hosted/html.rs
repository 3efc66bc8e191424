//! The pages as HTML. They work without scripts; there are none.

use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};
use qrcode::{Color, QrCode};
use userpool::ApiError;
use userpool::oauth::look::{NameField, Shown};
use userpool::oauth::pages::Question;
use userpool::oauth::parameters::Parameters;

use super::browser::{note, page};

/// The question of the form that shows the secret of an authenticator app.
pub(super) const SET_UP: &str = "SET_UP";

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

    /// The first page.
    pub fn sign_in(&self, username: &str) -> Markup {
        let body = html! {
            @for name in &self.shown.providers { (self.provider(name)) }
            @if self.shown.by_domain { (self.mail()) }
            @if self.shown.own { (self.own(username)) }
        };
        self.page("Sign in", &body)
    }

    /// A way to an identity provider.
    fn provider(&self, name: &str) -> Markup {
        let query = Parameters::new(vec![("identity_provider".into(), name.into())]).to_query();
        let shown = match name {
            "LoginWithAmazon" => "Login with Amazon".to_owned(),
            "SignInWithApple" => "Sign in with Apple".to_owned(),
            name => format!("Continue with {name}"),
        };
        html! {
            a class="button socialButton-customizable idpButton-customizable"
                href=(format!("oauth2/authorize?{}&{query}", self.query)) { (shown) }
        }
    }

    /// The way to the identity provider of a mail domain.
    fn mail(&self) -> Markup {
        let fields = html! {
            label class="label-customizable" for="mail" { "Your address at work" }
            input class="inputField-customizable" id="mail" name="mail" type="text"
                autocomplete="email" autocapitalize="none" spellcheck="false" required;
        };
        html! {
            p class="quiet idpDescription-customizable" { "Sign in with the account of your organisation." }
            (self.form("login", &fields, "Continue"))
        }
    }

    /// The form of users of the pool itself.
    fn own(&self, username: &str) -> Markup {
        let fields = html! {
            (self.name(username))
            (password("password", "Password", "current-password"))
        };
        html! {
            (self.form("login", &fields, "Sign in"))
            nav {
                a href=(self.to("forgotPassword")) { "Forgot your password?" }
                @if self.shown.can_sign_up {
                    a href=(self.to("signup")) { "Create an account" }
                }
            }
        }
    }

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

    /// A question of a sign-in; none where the pages do not have it.
    pub fn question(&self, question: &Question, username: &str) -> Option<Markup> {
        let parameter = |name: &str| question.parameters.get(name).map_or("", String::as_str);
        let username = match parameter("USER_ID_FOR_SRP") {
            "" => username,
            known => known,
        };
        let hidden = html! {
            input type="hidden" name="question" value=(question.name);
            input type="hidden" name="session" value=(question.session);
            input type="hidden" name="username" value=(username);
        };
        let (title, text, fields) = match question.name.as_str() {
            "NEW_PASSWORD_REQUIRED" => {
                let missing = parameter("requiredAttributes");
                let missing: Vec<String> = serde_json::from_str(missing).unwrap_or_default();
                let fields = html! {
                    (password("NEW_PASSWORD", "New password", "new-password"))
                    @for attribute in &missing { (attribute_field(attribute)) }
                };
                ("Set a new password", String::new(), fields)
            }
            "SMS_MFA" | "EMAIL_OTP" => {
                let sent = parameter("CODE_DELIVERY_DESTINATION");
                let text = format!("Enter the code that was sent to {sent}.");
                let fields = html! {
                    input type="hidden" name="sent" value=(sent);
                    (code("answer", "Code"))
                };
                ("Enter a code", text, fields)
            }
            "MFA_SETUP" if parameter("MFAS_CAN_SETUP").contains("EMAIL_OTP") => {
                let text = "A code is sent to this address whenever you sign in.".to_owned();
                let fields = html! {
                    label class="label-customizable" for="answer" { "Email address" }
                    input class="inputField-customizable" id="answer" name="answer" type="email"
                        autocomplete="email" maxlength="2048" required;
                };
                ("Add an email address", text, fields)
            }
            "SOFTWARE_TOKEN_MFA" => {
                let text = "Enter the code that your authenticator app shows.".to_owned();
                ("Enter a code", text, code("answer", "Code"))
            }
            "SELECT_MFA_TYPE" => {
                let offered = parameter("MFAS_CAN_CHOOSE");
                let offered: Vec<String> = serde_json::from_str(offered).unwrap_or_default();
                let fields = html! {
                    fieldset {
                        legend { "How do you want to prove that it is you?" }
                        @for (at, factor) in offered.iter().enumerate() {
                            label {
                                input type="radio" name="answer" value=(factor) checked[at == 0] required;
                                " " (factor_name(factor))
                            }
                        }
                    }
                };
                ("Choose a way", String::new(), fields)
            }
            _ => return None,
        };
        let fields = html! { (hidden) (fields) };
        Some(self.page(
            title,
            &html! {
                @if !text.is_empty() {
                    p class="quiet textDescription-customizable" { (text) }
                }
                (self.form("login", &fields, "Go on"))
                nav { a href=(self.to("login")) { "Start again" } }
            },
        ))
    }

    /// The secret of an authenticator app, and the first code that proves it.
    pub fn set_up(&self, secret: &str, session: &str, username: &str) -> Markup {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let account: String = username
            .bytes()
            .map(|byte| match plain(byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect();
        let pool = &self.shown.pool;
        let address = format!("otpauth://totp/{pool}:{account}?secret={secret}&issuer={pool}");
        let fields = html! {
            input type="hidden" name="question" value=(SET_UP);
            input type="hidden" name="session" value=(session);
            input type="hidden" name="secret" value=(secret);
            input type="hidden" name="username" value=(username);
            (code("answer", "Code"))
        };
        self.page(
            "Set up an authenticator app",
            &html! {
                p class="quiet textDescription-customizable" {
                    "Scan the picture with your authenticator app, "
                    a href=(address) { "open the app" }
                    " on this device, or type the key into it. Then enter the code that it shows."
                }
                @if let Some((width, dark)) = squares(&address) {
                    svg class="qr" role="img" aria-label="The key as a QR code"
                        viewBox=(format!("-4 -4 {0} {0}", width + 8)) xmlns="http://www.w3.org/2000/svg" {
                        rect x="-4" y="-4" width=(width + 8) height=(width + 8) fill="#fff" {}
                        path d=(dark) fill="#000" shape-rendering="crispEdges" {}
                    }
                }
                p { code class="key" { (secret) } }
                (self.form("login", &fields, "Go on"))
                nav { a href=(self.to("login")) { "Start again" } }
            },
        )
    }

    fn name(&self, value: &str) -> Markup {
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

/// A text as a QR code: its width in squares, and the dark ones as a path. None of a text that is too long for one.
fn squares(text: &str) -> Option<(usize, String)> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let dark = colors
        .iter()
        .enumerate()
        .filter(|(_, color)| **color == Color::Dark);
    let path = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width, at / width));
    Some((width, path.collect()))
}

fn password(name: &str, label: &str, complete: &str) -> Markup {
    html! {
        label class="label-customizable" for=(name) { (label) }
        input class="inputField-customizable" id=(name) name=(name) type="password" autocomplete=(complete)
            maxlength="256" required;
    }
}

fn code(name: &str, label: &str) -> Markup {
    html! {
        label class="label-customizable" for=(name) { (label) }
        input class="inputField-customizable" id=(name) name=(name) inputmode="numeric"
            autocomplete="one-time-code" maxlength="64" required;
    }
}

fn attribute_field(attribute: &str) -> Markup {
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

fn factor_name(factor: &str) -> &str {
    match factor {
        "SMS_MFA" => "A code in a text message",
        "EMAIL_OTP" => "A code in an email",
        "SOFTWARE_TOKEN_MFA" => "An authenticator app",
        other => other,
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
