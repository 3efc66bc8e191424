//! `PreTokenGeneration`: asked for changes of the claims and scopes of tokens before they are signed.
//!
//! | form of the event | changes |
//! |---|---|
//! | `V1_0` | claims of the ID token, texts alone; groups of both tokens |
//! | `V2_0` | claims of any type and of both tokens; scopes of the access token; groups of both |
//! | `V3_0` | as `V2_0` |
//!
//! What a token says of itself, of its client and of its user's identity is not changed: such wishes count for
//! nothing.

use alloc::{string::String, sync::Arc, vec::Vec};

use serde_json::Value;

use super::{
    About, Event, Object, Response, Trigger, ask as ask_trigger, members,
    response::{invalid, object, text, texts, wrong_type},
};
use crate::{
    engine::{Cx, Refusal, Run},
    model::{group::Standing, pool::TokenEvent},
};

/// Claims of both tokens that stay as they are.
const FIXED: [&str; 21] = [
    "acr",
    "act",
    "amr",
    "at_hash",
    "auth_time",
    "azp",
    "cognito:username",
    "device_key",
    "event_id",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_client_id",
    "origin_jti",
    "sub",
    "token_use",
    "version",
];
/// Claims of access tokens that stay as they are besides; scopes change by their own lists.
const FIXED_IN_ACCESS: [&str; 4] = ["client_id", "cognito:groups", "scope", "username"];
/// Claims of ID tokens that are texts whatever the form of the event.
const TEXTS_IN_ID: [&str; 4] = [
    "address",
    "email_verified",
    "phone_number_verified",
    "updated_at",
];
/// The most claims and scopes that are added.
const MOST: usize = 5_000;

/// What tokens are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// A sign-in.
    Authentication,
    /// A sign-in that ended with a new password.
    NewPassword,
    /// A sign-in that ended with the proof of a remembered device.
    Device,
    /// A refresh token.
    Refresh,
    /// A code of the login pages, or tokens straight from them.
    Hosted,
    /// A client that asks for itself.
    Client,
    /// A token that is given for another.
    Exchange,
}

impl Occasion {
    const fn source(self) -> &'static str {
        match self {
            Self::Authentication => "TokenGeneration_Authentication",
            Self::NewPassword => "TokenGeneration_NewPasswordChallenge",
            Self::Device => "TokenGeneration_AuthenticateDevice",
            Self::Refresh => "TokenGeneration_RefreshTokens",
            Self::Hosted => "TokenGeneration_HostedAuth",
            Self::Client => "TokenGeneration_ClientCredentials",
            // The reference has no name for it.
            Self::Exchange => "TokenGeneration_TokenExchange",
        }
    }
}

/// How tokens differ from what they would be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub id: ClaimChanges,
    pub access: ClaimChanges,
    pub scopes_added: Vec<String>,
    pub scopes_gone: Vec<String>,
    /// The groups and roles in place of the user's own.
    pub standing: Option<Standing>,
}

/// How the claims of a token differ from what they would be. Taking away wins over adding.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimChanges {
    pub set: Object,
    pub gone: Vec<String>,
}

/// Asks for changes. The failure is given, not returned, because a grant may have to be taken back first.
///
/// # Errors
/// Stops the run until the trigger answered.
pub(crate) fn ask(
    cx: &mut Cx<'_>,
    about: About<'_>,
    occasion: Occasion,
    told: &Object,
    (standing, scopes): (&Standing, &[String]),
) -> Run<Result<Option<Arc<Changes>>, Refusal>> {
    let form = about.pool.rules.token_event.unwrap_or(TokenEvent::V1);
    let (version, details) = match form {
        TokenEvent::V1 => ("1", "claimsOverrideDetails"),
        TokenEvent::V2 => ("2", "claimsAndScopeOverrideDetails"),
        TokenEvent::V3 => ("3", "claimsAndScopeOverrideDetails"),
    };
    let event = || {
        let groups = members([
            ("groupsToOverride", standing.groups.clone().into()),
            ("iamRolesToOverride", standing.roles.clone().into()),
            ("preferredRole", standing.preferred.clone().into()),
        ]);
        let mut request = members([
            ("userAttributes", told.clone().into()),
            ("groupConfiguration", groups.into()),
        ]);
        if form != TokenEvent::V1 {
            request.insert("scopes".into(), scopes.into());
        }
        Event {
            version,
            source: occasion.source().into(),
            request,
            response: members([(details, Value::Null)]),
        }
    };
    let answer = ask_trigger(cx, about, Trigger::PreTokenGeneration, event)?;
    cx.once(|_| {
        Ok(answer.and_then(|response| {
            let Some(response) = response else {
                return Ok(None);
            };
            let changes = Changes::read(&response, form, details, about.client)?;
            Ok(changes.map(Arc::new))
        }))
    })
}

impl Changes {
    fn read(
        response: &Response,
        form: TokenEvent,
        details: &str,
        client: Option<&str>,
    ) -> Result<Option<Self>, Refusal> {
        let Some(details) = response.object(details)? else {
            return Ok(None);
        };
        let none = Object::new();
        let mut changes = Self {
            standing: standing(details)?,
            ..Self::default()
        };
        if form == TokenEvent::V1 {
            changes.id = ClaimChanges::of_id(details, form)?;
        } else {
            let id = object(details, "idTokenGeneration")?.unwrap_or(&none);
            let access = object(details, "accessTokenGeneration")?.unwrap_or(&none);
            changes.id = ClaimChanges::of_id(id, form)?;
            changes.access = ClaimChanges::of_access(access, client)?;
            changes.scopes_added = scopes(access, "scopesToAdd")?;
            changes.scopes_gone = scopes(access, "scopesToSuppress")?;
        }
        let added = changes.id.set.len() + changes.access.set.len() + changes.scopes_added.len();
        if added > MOST {
            return Err(invalid("too many claims and scopes"));
        }
        Ok(Some(changes))
    }
}

impl ClaimChanges {
    fn of_id(of: &Object, form: TokenEvent) -> Result<Self, Refusal> {
        let mut changes = Self::read(of)?;
        for (name, value) in &changes.set {
            let is_text = form == TokenEvent::V1 || TEXTS_IN_ID.contains(&name.as_str());
            if is_text && !value.is_string() {
                return Err(wrong_type(name));
            }
        }
        let is_fixed = |name: &str| FIXED.contains(&name) || name == "aud";
        changes
            .set
            .retain(|name, _| !is_fixed(name) && is_free(name));
        changes.gone.retain(|name| !is_fixed(name));
        Ok(changes)
    }

    /// The audience may be added, if it is the client.
    fn of_access(of: &Object, client: Option<&str>) -> Result<Self, Refusal> {
        let mut changes = Self::read(of)?;
        let is_fixed = |name: &str| FIXED.contains(&name) || FIXED_IN_ACCESS.contains(&name);
        changes.set.retain(|name, value| match name.as_str() {
            "aud" => client.is_some_and(|client| value.as_str() == Some(client)),
            name => !is_fixed(name) && is_free(name),
        });
        changes.gone.retain(|name| !is_fixed(name));
        Ok(changes)
    }

    fn read(of: &Object) -> Result<Self, Refusal> {
        let mut set = object(of, "claimsToAddOrOverride")?
            .cloned()
            .unwrap_or_default();
        set.retain(|_, value| !value.is_null());
        Ok(Self {
            set,
            gone: texts(of, "claimsToSuppress")?,
        })
    }
}

/// Whether a claim of this name may be added.
fn is_free(name: &str) -> bool {
    !name.starts_with("cognito:") && !name.starts_with("dev:")
}

/// The groups and roles that a function wants; `{}` and `null` mean none at all, leaving it out the user's own.
fn standing(details: &Object) -> Result<Option<Standing>, Refusal> {
    let name = "groupOverrideDetails";
    if !details.contains_key(name) {
        return Ok(None);
    }
    let Some(groups) = object(details, name)? else {
        return Ok(Some(Standing::default()));
    };
    Ok(Some(Standing {
        groups: texts(groups, "groupsToOverride")?,
        roles: texts(groups, "iamRolesToOverride")?,
        preferred: text(groups, "preferredRole")?.map(Into::into),
    }))
}

/// A list of scopes (RFC 6749 §3.3).
fn scopes(of: &Object, name: &str) -> Result<Vec<String>, Refusal> {
    let scopes = texts(of, name)?;
    let is_scope = |scope: &String| {
        let allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        !scope.is_empty() && scope.bytes().all(allowed)
    };
    if scopes.iter().all(is_scope) {
        Ok(scopes)
    } else {
        Err(invalid(name))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn read(form: TokenEvent, details: &str) -> Result<Changes, Refusal> {
        let name = match form {
            TokenEvent::V1 => "claimsOverrideDetails",
            TokenEvent::V2 | TokenEvent::V3 => "claimsAndScopeOverrideDetails",
        };
        let answer = format!(r#"{{"response":{{"{name}":{details}}}}}"#);
        let response = Response::read(&answer)?;
        Changes::read(&response, form, name, Some("client")).map(Option::unwrap_or_default)
    }

    #[test]
    fn what_a_token_says_of_itself_does_not_change() {
        for name in FIXED.into_iter().chain(FIXED_IN_ACCESS).chain(["aud"]) {
            let claims = format!(
                r#"{{"claimsToAddOrOverride":{{"{name}":"x"}},"claimsToSuppress":["{name}"]}}"#
            );
            let both =
                format!(r#"{{"idTokenGeneration":{claims},"accessTokenGeneration":{claims}}}"#);
            let changes = read(TokenEvent::V2, &both).expect("ignored");
            assert!(!changes.access.set.contains_key(name), "{name}");
            let own = name == "aud";
            assert!(own || changes.access.gone.is_empty(), "{name}");
            if FIXED.contains(&name) || name == "aud" || name == "cognito:groups" {
                assert!(changes.id.set.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn the_audience_of_an_access_token_is_the_client_or_nothing() {
        let of = |aud: &str| {
            let details = format!(
                r#"{{"accessTokenGeneration":{{"claimsToAddOrOverride":{{"aud":"{aud}"}}}}}}"#
            );
            read(TokenEvent::V3, &details).expect("changes").access.set
        };
        assert_eq!(of("client").len(), 1);
        assert_eq!(of("other").len(), 0);
    }

    #[test]
    fn the_first_form_takes_texts_alone() {
        let details = |value: &str| format!(r#"{{"claimsToAddOrOverride":{{"a":{value}}}}}"#);
        assert!(read(TokenEvent::V1, &details(r#""x""#)).is_ok());
        for value in ["1", "true", "[]", "{}"] {
            assert!(read(TokenEvent::V1, &details(value)).is_err(), "{value}");
            let id = format!(r#"{{"idTokenGeneration":{}}}"#, details(value));
            assert!(read(TokenEvent::V2, &id).is_ok(), "{value}");
        }
    }

    #[test]
    fn groups_are_kept_where_nothing_is_said_of_them() {
        let standing = |details: &str| read(TokenEvent::V1, details).expect("changes").standing;
        assert_eq!(standing("{}"), None);
        for none in ["null", "{}"] {
            let details = format!(r#"{{"groupOverrideDetails":{none}}}"#);
            assert_eq!(standing(&details), Some(Standing::default()));
        }
        let one = standing(r#"{"groupOverrideDetails":{"groupsToOverride":["a"]}}"#);
        assert_eq!(one.expect("groups").groups, ["a"]);
    }

    #[test]
    fn a_scope_has_no_blanks() {
        for (scope, fits) in [
            ("api/read", true),
            ("", false),
            ("a b", false),
            ("é", false),
        ] {
            let details = format!(r#"{{"accessTokenGeneration":{{"scopesToAdd":["{scope}"]}}}}"#);
            assert_eq!(read(TokenEvent::V2, &details).is_ok(), fits, "{scope}");
        }
    }
}
