//! The questions of a sign-in.

use maud::{Markup, html};
use qrcode::{Color, QrCode};
use userpool::oauth::pages::Question;

use super::Frame;
use super::inputs::{attribute_field, code, password};

/// The question of the form that shows the secret of an authenticator app.
pub(in crate::hosted) const SET_UP: &str = "SET_UP";

impl Frame<'_> {
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
}

fn factor_name(factor: &str) -> &str {
    match factor {
        "SMS_MFA" => "A code in a text message",
        "EMAIL_OTP" => "A code in an email",
        "SOFTWARE_TOKEN_MFA" => "An authenticator app",
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
