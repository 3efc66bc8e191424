//! The texts of verification messages, which the API shows in two places.

use alloc::string::String;

use userpool_wire::idp::{DefaultEmailOptionType, UserPoolType, VerificationMessageTemplateType};

/// The texts of a pool's verification messages.
pub(super) struct Texts {
    pub sms: Option<String>,
    pub email: Option<String>,
    pub email_subject: Option<String>,
    template: VerificationMessageTemplateType,
}

impl Texts {
    /// The texts of a request. Where both places give one, the template's counts.
    pub fn given(settings: &UserPoolType) -> Self {
        let template = settings
            .verification_message_template
            .clone()
            .unwrap_or_default();
        let either =
            |newer: &Option<String>, older: &Option<String>| newer.clone().or(older.clone());
        Self {
            sms: either(&template.sms_message, &settings.sms_verification_message),
            email: either(
                &template.email_message,
                &settings.email_verification_message,
            ),
            email_subject: either(
                &template.email_subject,
                &settings.email_verification_subject,
            ),
            template,
        }
    }

    /// The template that is shown.
    pub fn template(self) -> VerificationMessageTemplateType {
        VerificationMessageTemplateType {
            sms_message: self.sms,
            email_message: self.email,
            email_subject: self.email_subject,
            default_email_option: Some(
                self.template
                    .default_email_option
                    .unwrap_or(DefaultEmailOptionType::ConfirmWithCode),
            ),
            ..self.template
        }
    }
}
