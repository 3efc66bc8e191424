//! `/oauth2/token`: codes, refresh tokens and the client's own word exchanged for tokens.

use alloc::{
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_wire::idp::{AuthenticationResultType, OAuthFlowType};

use super::{
    Endpoint,
    client::{self, Proven},
    code::{self, Exchange},
    error::{Error, ErrorKind},
    machine,
    parameters::Parameters,
    place::Place,
};
use crate::{
    engine::{Cx, Run},
    ops::{
        clients::oauth::SCOPES,
        parties::Said,
        tokens::{
            claims::Object,
            issue::{self, RefreshPart},
            refresh::Sent,
        },
        triggers::Metadata,
    },
};

/// A request at the token endpoint.
#[derive(Clone, Debug)]
pub struct Token {
    /// Where it came to.
    pub place: Place,
    /// Its form.
    pub form: Parameters,
    /// Its `Authorization` header.
    pub authorization: Option<String>,
}

impl Endpoint for Token {
    type Reply = Result<String, Error>;

    /// Answers the members of RFC 6749 §5.1, as JSON text.
    ///
    /// Errors, in this order: a client that is not named, unknown or not proven, no `grant_type`, an unknown one, one
    /// that the client may not use; then those of the grant. Refused are those of an exchanged refresh token, and of the
    /// trigger before tokens.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Result<String, Error>> {
        let authorization = self.authorization.as_deref();
        let proven = match client::prove(cx, &self.place, &self.form, authorization)? {
            Ok(proven) => proven,
            Err(error) => return Ok(Err(error)),
        };
        let answered = match self.form.one("grant_type") {
            Ok(Some("authorization_code")) => self.by_code(cx, &proven),
            Ok(Some("refresh_token")) => self.by_refresh_token(cx, &proven),
            Ok(Some("client_credentials")) => self.by_client(cx, &proven),
            Ok(Some(_)) => fail(ErrorKind::UnsupportedGrantType, "There is no such grant."),
            Ok(None) => fail(ErrorKind::InvalidRequest, "grant_type is missing."),
            Err(error) => return Ok(Err(error)),
        };
        Ok(answered?.map(|result| shown(&result)))
    }
}

type Answer = Run<Result<AuthenticationResultType, Error>>;

impl Token {
    fn by_code(&self, cx: &mut Cx<'_>, proven: &Proven) -> Answer {
        if !has_flow(proven, OAuthFlowType::Code) {
            return fail(
                ErrorKind::UnauthorizedClient,
                "The client may not use codes.",
            );
        }
        let read = || {
            let needed = |name: &str| {
                let missing = Error::new(ErrorKind::InvalidRequest, "A parameter is missing.");
                self.form.one(name)?.ok_or(missing)
            };
            Ok(Exchange {
                code: needed("code")?,
                redirect_uri: needed("redirect_uri")?,
                verifier: self.form.one("code_verifier")?,
            })
        };
        let exchange = match read() {
            Ok(exchange) => exchange,
            Err(error) => return Ok(Err(error)),
        };
        let party = &proven.party;
        let Some((head, live, changes)) = code::exchange(cx, party, &exchange)? else {
            return fail(ErrorKind::InvalidGrant, "The code is good for nothing.");
        };
        let part = RefreshPart::Current;
        issue::tokens(cx, party, &head, &live, part, changes.as_deref()).map(Ok)
    }

    fn by_refresh_token(&self, cx: &mut Cx<'_>, proven: &Proven) -> Answer {
        let token = match self.form.one("refresh_token") {
            Ok(Some(token)) => token,
            Ok(None) => return fail(ErrorKind::InvalidRequest, "refresh_token is missing."),
            Err(error) => return Ok(Err(error)),
        };
        let sent = Sent::load(cx, &proven.party, token, None)?;
        sent.exchange(cx, &proven.party).map(Ok)
    }

    fn by_client(&self, cx: &mut Cx<'_>, proven: &Proven) -> Answer {
        if !has_flow(proven, OAuthFlowType::ClientCredentials) {
            return fail(
                ErrorKind::UnauthorizedClient,
                "The client may not ask for itself.",
            );
        }
        let read = || Ok((self.scopes(proven)?, self.metadata()?));
        let (scopes, metadata) = match read() {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let party = crate::ops::parties::Party {
            said: metadata.map_or(Said::Nothing, |it| Said::Metadata(Arc::new(it))),
            ..proven.party.clone()
        };
        machine::token(cx, &party, scopes).map(Ok)
    }

    /// The scopes that are asked for, or all of the client; those of users are nothing to a client.
    fn scopes(&self, proven: &Proven) -> Result<Vec<String>, Error> {
        let own = proven.settings.allowed_o_auth_scopes.as_deref();
        let is_custom = |scope: &&String| !SCOPES.contains(&scope.as_str());
        let own: Vec<&String> = own.unwrap_or_default().iter().filter(is_custom).collect();
        let Some(asked) = self.form.one("scope")? else {
            return Ok(own.into_iter().cloned().collect());
        };
        let mut scopes: Vec<String> = Vec::new();
        for scope in asked.split_ascii_whitespace() {
            if !own.iter().any(|own| *own == scope) {
                return Err(Error::new(
                    ErrorKind::InvalidScope,
                    "A scope is not one of the client's.",
                ));
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.into());
            }
        }
        Ok(scopes)
    }

    fn metadata(&self) -> Result<Option<Metadata>, Error> {
        let Some(text) = self.form.one("aws_client_metadata")? else {
            return Ok(None);
        };
        serde_json::from_str(text).map(Some).map_err(|_| {
            Error::new(
                ErrorKind::InvalidRequest,
                "aws_client_metadata must be a JSON object of texts.",
            )
        })
    }
}

fn has_flow(proven: &Proven, flow: OAuthFlowType) -> bool {
    let flows = proven.settings.allowed_o_auth_flows.as_deref();
    proven.settings.allowed_o_auth_flows_user_pool_client == Some(true)
        && flows.unwrap_or_default().contains(&flow)
}

fn fail(kind: ErrorKind, description: &'static str) -> Answer {
    Ok(Err(Error::new(kind, description)))
}

/// Tokens as the endpoint answers them.
fn shown(result: &AuthenticationResultType) -> String {
    let mut object = Object::new();
    for (name, token) in [
        ("id_token", &result.id_token),
        ("access_token", &result.access_token),
        ("refresh_token", &result.refresh_token),
    ] {
        if let Some(token) = token {
            object.text(name, token.as_str());
        }
    }
    object.raw(
        "expires_in",
        &result.expires_in.unwrap_or_default().to_string(),
    );
    object.text("token_type", "Bearer");
    object.end()
}
