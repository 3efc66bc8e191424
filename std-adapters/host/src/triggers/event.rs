//! The events of triggers, typed. Their `Debug` shows no attribute, password or metadata.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer};
use userpool_crypto::secret::SecretText;

/// An event: what every trigger is told, and the request of its own.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Event<R> {
    /// The form of the event: `1`; before tokens also `2` or `3`, as the pool has it.
    pub version: String,
    /// Why the trigger is asked, for example `PreSignUp_AdminCreateUser`.
    pub trigger_source: String,
    /// The region of the pool.
    pub region: String,
    /// The pool.
    pub user_pool_id: String,
    /// The stored name of the user, or what was typed where there is none.
    pub user_name: String,
    /// Who called.
    pub caller_context: CallerContext,
    /// What the trigger is about.
    pub request: R,
}

impl<R> fmt::Debug for Event<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("trigger_source", &self.trigger_source)
            .field("user_pool_id", &self.user_pool_id)
            .finish_non_exhaustive()
    }
}

/// Who called.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallerContext {
    /// The SDK, as far as it is known.
    pub aws_sdk_version: String,
    /// The app client; `CLIENT_ID_NOT_APPLICABLE` for an administrator's request without one.
    pub client_id: String,
}

fn secret<'d, D: Deserializer<'d>>(from: D) -> Result<Option<SecretText>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(SecretText::new))
}

/// Texts by name.
type Texts = BTreeMap<String, String>;

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $member:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        #[non_exhaustive]
        pub struct $name { $($(#[$about])* pub $member: $kind,)* }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}

requests! {
    /// A user who is about to be kept.
    SignUpRequest {
        /// The attributes that were given.
        user_attributes: Texts,
        /// `ValidationData` of the request.
        validation_data: Texts,
        /// `ClientMetadata` of the request.
        client_metadata: Texts,
    }
    /// What an identity provider says of its user.
    FederationRequest {
        /// The provider's name.
        provider_name: String,
        /// What sort it is: `OIDC`, `Google` and so on.
        provider_type: String,
        /// All that it said: `tokenResponse`, `idToken` and `userInfo`.
        attributes: serde_json::Map<String, serde_json::Value>,
    }
    /// A user who was confirmed.
    PostConfirmationRequest {
        /// The attributes, `sub` and `cognito:user_status` among them.
        user_attributes: Texts,
        /// `ClientMetadata` of the request.
        client_metadata: Texts,
    }
    /// A user whose password is about to be judged.
    PreAuthenticationRequest {
        /// The attributes; none where nobody has the name.
        user_attributes: Texts,
        /// `ClientMetadata` of the request that began the sign-in.
        validation_data: Texts,
        /// Whether nobody has the name, and the client hides that. Such a sign-in fails whatever the answer is.
        user_not_found: bool,
    }
    /// A user who has signed in.
    PostAuthenticationRequest {
        /// The attributes.
        user_attributes: Texts,
        /// Whether the device is new.
        new_device_used: bool,
        /// `ClientMetadata` of the request that answered the last challenge.
        client_metadata: Texts,
    }
    /// A user who is about to get tokens.
    TokensRequest {
        /// The attributes.
        user_attributes: Texts,
        /// The groups of the user as they are.
        group_configuration: GroupConfiguration,
        /// The scopes of the access token; from the second form of the event on.
        scopes: Vec<String>,
        /// `ClientMetadata` of the request that answered the last challenge, or of GetTokensFromRefreshToken.
        client_metadata: Texts,
    }
    /// The groups of a user, and the roles that come with them.
    GroupConfiguration {
        /// The groups, the strongest first.
        groups_to_override: Vec<String>,
        /// The roles of these groups.
        iam_roles_to_override: Vec<String>,
        /// The role of the strongest group.
        preferred_role: Option<String>,
    }
    /// A message that is about to be written.
    MessageRequest {
        /// The attributes of the recipient.
        user_attributes: Texts,
        /// What stands for the code in a text.
        code_parameter: String,
        /// What stands for a link with the code in a text.
        link_parameter: String,
        /// What stands for the user name in an invitation.
        username_parameter: Option<String>,
        /// `ClientMetadata` of the request.
        client_metadata: Texts,
    }
    /// A message that is to be sent in the pool's stead.
    SenderRequest {
        /// The code, or the temporary password of an invitation; none in the news of an unusual sign-in. It is wiped
        /// when the event is dropped.
        #[serde(deserialize_with = "secret")]
        code: Option<SecretText>,
        /// The attributes of the recipient; in the news of an unusual sign-in what is known of it, `IP_ADDRESS` for one.
        user_attributes: Texts,
        /// `ClientMetadata` of the request.
        client_metadata: Texts,
    }
    /// A name that nobody has.
    MigrationRequest {
        /// The password that was typed; none where it was forgotten.
        password: Option<String>,
        /// `ClientMetadata` of the request that began the sign-in.
        validation_data: Texts,
        /// `ClientMetadata` of ForgotPassword.
        client_metadata: Texts,
    }
    /// A sign-in that needs a next step.
    DefineRequest {
        /// The attributes; none where nobody has the name.
        user_attributes: Texts,
        /// What was answered so far, oldest first.
        session: Vec<AnsweredChallenge>,
        /// Whether nobody has the name, and the client hides that. Such a sign-in fails whatever the answer is.
        user_not_found: bool,
        /// `ClientMetadata` of the request that answered the last challenge.
        client_metadata: Texts,
    }
    /// A challenge that was answered.
    AnsweredChallenge {
        /// `CUSTOM_CHALLENGE`; where the sign-in began with SRP, also `SRP_A`, `PASSWORD_VERIFIER` and second factors.
        challenge_name: String,
        /// Whether rightly.
        challenge_result: bool,
        /// What was said of it when it was made.
        challenge_metadata: Option<String>,
    }
    /// A challenge that is to be made.
    CreateRequest {
        /// The attributes; none where nobody has the name.
        user_attributes: Texts,
        /// `CUSTOM_CHALLENGE`.
        challenge_name: String,
        /// What was answered so far, oldest first.
        session: Vec<AnsweredChallenge>,
        /// Whether nobody has the name, and the client hides that.
        user_not_found: bool,
        /// `ClientMetadata` of the request that answered the last challenge.
        client_metadata: Texts,
    }
    /// An answer to a challenge.
    VerifyRequest {
        /// The attributes; none where nobody has the name.
        user_attributes: Texts,
        /// What was kept when the challenge was made.
        private_challenge_parameters: Texts,
        /// The answer.
        challenge_answer: String,
        /// Whether nobody has the name, and the client hides that.
        user_not_found: bool,
        /// `ClientMetadata` of the request.
        client_metadata: Texts,
    }
}
