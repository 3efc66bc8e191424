//! The questions of a sign-in.

use maud::{Markup, html};
use qrcode::{Color, QrCode};
use userpool::oauth::pages::{AVAILABLE, Question};

use super::inputs::{attribute_field, code, new_password};
use super::{Frame, PASSKEY};
use crate::hosted::words::{Words, around, fill};

/// The question of the form that shows the secret of an authenticator app.
pub(in crate::hosted) const SET_UP: &str = "SET_UP";

impl Frame<'_> {
    /// A question of a sign-in; none where the pages do not have it.
    pub fn question(&self, question: &Question, username: &str) -> Option<Markup> {
        let parameter = |name: &str| question.parameters.get(name).map_or("", String::as_str);
        let known = match parameter("USER_ID_FOR_SRP") {
            "" => username,
            known => known,
        };
        let hidden = html! {
            input type="hidden" name="question" value=(question.name);
            input type="hidden" name="session" value=(question.session);
            input type="hidden" name="username" value=(known);
        };
        let words = self.language.words;
        if question.name == PASSKEY {
            let options = parameter("CREDENTIAL_REQUEST_OPTIONS");
            return Some(self.use_passkey(options, &hidden));
        }
        let (title, text, fields) = match question.name.as_str() {
            "NEW_PASSWORD_REQUIRED" => {
                let missing = parameter("requiredAttributes");
                let missing: Vec<String> = serde_json::from_str(missing).unwrap_or_default();
                let fields = html! {
                    (new_password("NEW_PASSWORD", words.new_password, username))
                    @for attribute in &missing { (attribute_field(words, attribute)) }
                };
                (words.set_password, String::new(), fields)
            }
            "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" => {
                let sent = parameter("CODE_DELIVERY_DESTINATION");
                let text = fill(words.enter_code_sent_to, sent);
                let fields = html! {
                    input type="hidden" name="sent" value=(sent);
                    (code("answer", words.code))
                };
                (words.enter_a_code, text, fields)
            }
            "MFA_SETUP" if parameter("MFAS_CAN_SETUP").contains("EMAIL_OTP") => {
                let text = words.code_at_sign_in.to_owned();
                let fields = html! {
                    label class="label-customizable" for="answer" { (words.email) }
                    input class="inputField-customizable" id="answer" name="answer" type="email"
                        autocomplete="email" maxlength="2048" required;
                };
                (words.add_email, text, fields)
            }
            "SOFTWARE_TOKEN_MFA" => {
                let text = words.app_code.to_owned();
                (words.enter_a_code, text, code("answer", words.code))
            }
            "SELECT_MFA_TYPE" => {
                let fields = self.choice(parameter("MFAS_CAN_CHOOSE"));
                (words.choose_way, String::new(), fields)
            }
            "SELECT_CHALLENGE" => {
                let fields = self.choice(parameter(AVAILABLE));
                (words.choose_way, String::new(), fields)
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
                (self.form("login", &fields, words.go_on))
                nav { a href=(self.to("login")) { (words.start_again) } }
            },
        ))
    }

    /// One of these ways, a list in JSON. Passwords have a page of their own, where the way begins.
    fn choice(&self, offered: &str) -> Markup {
        let words = self.language.words;
        let offered: Vec<String> = serde_json::from_str(offered).unwrap_or_default();
        let offered = offered.iter().filter(|way| !way.starts_with("PASSWORD"));
        html! {
            fieldset {
                legend { (words.how_to_prove) }
                @for (at, factor) in offered.enumerate() {
                    label {
                        input type="radio" name="answer" value=(factor) checked[at == 0] required;
                        " " (factor_name(words, factor))
                    }
                }
            }
        }
    }

    /// The secret of an authenticator app, and the first code that proves it.
    pub fn set_up(&self, secret: &str, session: &str, username: &str) -> Markup {
        let words = self.language.words;
        let (before, after) = around(words.scan);
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
            (code("answer", words.code))
        };
        self.page(
            words.set_up_app,
            &html! {
                p class="quiet textDescription-customizable" {
                    (before) a href=(address) { (words.open_app) } (after)
                }
                @if let Some((width, dark)) = squares(&address) {
                    svg class="qr" role="img" aria-label=(words.qr_code)
                        viewBox=(format!("-4 -4 {0} {0}", width + 8)) xmlns="http://www.w3.org/2000/svg" {
                        rect x="-4" y="-4" width=(width + 8) height=(width + 8) fill="#fff" {}
                        path d=(dark) fill="#000" shape-rendering="crispEdges" {}
                    }
                }
                p { code class="key" { (secret) } }
                (self.form("login", &fields, words.go_on))
                nav { a href=(self.to("login")) { (words.start_again) } }
            },
        )
    }
}

fn factor_name<'a>(words: &Words, factor: &'a str) -> &'a str {
    match factor {
        "SMS_MFA" | "SMS_OTP" => words.by_sms,
        "EMAIL_OTP" => words.by_email,
        "SOFTWARE_TOKEN_MFA" => words.by_app,
        PASSKEY => words.passkey,
        other => other,
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
