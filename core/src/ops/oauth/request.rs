//! An authorization request, checked: what `/oauth2/authorize` and every login page begin with.

use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_crypto::base64;
use userpool_wire::idp::{OAuthFlowType, UserPoolClientType};

use super::{
    authorize::Problem,
    error::{Error, ErrorKind},
    parameters::{Parameters, append},
    place::Place,
    resource,
};
use crate::{
    engine::{Cx, Held, Run},
    model::{client::Client, identity_provider::IdentityProvider, keys, methods::Wanted},
    ops::{
        clients::{description, oauth::SCOPES},
        identity_providers::{self, OWN},
        levels,
        origin::Hint,
        parties::{Ending, Party, Said},
        pools::{Feature, has_feature},
        resource_servers,
    },
};

/// The longest `state` and `nonce`, which come back in addresses and tokens.
const MAX_ECHO: usize = 2_048;

/// How a browser brings back what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Response {
    /// A code in the query.
    Code,
    /// Tokens in the fragment.
    Tokens,
}

/// What a request says of a sign-in that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Nothing: it will do.
    Any,
    /// No page may be shown.
    None,
    /// The user signs in again.
    Login,
    /// The user says whether to go on as who has signed in.
    Select,
}

/// Who says who the user is.
#[derive(Clone)]
pub(super) enum Route {
    /// Whom the user chooses.
    Open,
    /// The pool itself.
    Own,
    /// An identity provider.
    Provider(Held<IdentityProvider>),
}

/// Whom a client lets say who a user is.
#[derive(Clone)]
pub(super) struct Offers {
    /// The pool itself.
    pub own: bool,
    /// Identity providers, by their names.
    pub providers: Vec<String>,
}

impl Offers {
    /// A client that lists nobody has users of the pool itself.
    fn of(settings: &UserPoolClientType) -> Self {
        let listed = settings.supported_identity_providers.as_deref();
        let listed = listed.unwrap_or_default();
        let others = listed.iter().filter(|name| *name != OWN);
        Self {
            own: listed.is_empty() || listed.iter().any(|name| name == OWN),
            providers: others.cloned().collect(),
        }
    }

    /// Whether users may come from this provider, or where it is none, from the pool itself.
    pub fn include(&self, provider: Option<&String>) -> bool {
        provider.map_or(self.own, |name| self.providers.contains(name))
    }
}

/// A request that may be answered to its client.
pub(super) struct Request {
    pub party: Party,
    pub redirect_uri: String,
    pub response: Response,
    pub state: Option<String>,
    pub scopes: Vec<String>,
    pub challenge: Option<[u8; 32]>,
    pub nonce: Option<String>,
    pub prompt: Prompt,
    /// Who says who the user is, as far as the request says so.
    pub route: Route,
    /// Whom the client lets say so.
    pub offers: Offers,
    /// How long ago the user may have signed in, in seconds.
    pub max_age: Option<i64>,
    /// The API that the access token is for.
    pub resource: Option<String>,
    /// The levels of authentication that are asked for, the most wanted first.
    pub levels: Vec<u8>,
}

/// Checks a request.
///
/// Problems that are shown and not sent back, because nobody knows where back is: no pool here, an unknown client, one
/// that signs nobody in, a `redirect_uri` that is not exactly one of the client's. Those sent back, in this order: OAuth off for the client,
/// a repeated parameter, no or an unknown `response_type`, one that the client may not use, `state` or `nonce` too
/// long, an API that no token can be for, a challenge without S256 or of a wrong form, none where one is demanded, a scope that the client does not have, an unknown `prompt`, a
/// wrong `max_age`, an identity provider that there is not or that the client does not have.
///
/// # Errors
/// Stops the run until pool, client and resource servers are there.
pub(super) fn read(
    cx: &mut Cx<'_>,
    place: &Place,
    query: &Parameters,
) -> Run<Result<Arc<Request>, Problem>> {
    cx.once(|cx| {
        let Some((party, settings)) = client(cx, place, query)? else {
            return Ok(Err(Problem::Shown(Error::new(
                ErrorKind::InvalidClient,
                "There is no such app client here.",
            ))));
        };
        let mut back = match Back::of(&settings, query) {
            Ok(back) => back,
            Err(error) => return Ok(Err(Problem::Shown(error))),
        };
        match details(cx, &party, &settings, query, &mut back) {
            Ok(Ok(request)) => Ok(Ok(Arc::new(Request {
                party,
                redirect_uri: back.redirect_uri,
                state: back.state,
                ..request
            }))),
            Ok(Err(error)) => {
                let issuer = cx.environment().issuer_of(&party.pool.id);
                Ok(Err(Problem::Back(back.error(&error, &issuer))))
            }
            Err(stop) => Err(stop),
        }
    })
}

/// The client that a request names, with its settings.
fn client(
    cx: &mut Cx<'_>,
    place: &Place,
    query: &Parameters,
) -> Run<Option<(Party, Arc<UserPoolClientType>)>> {
    let Some(pool) = place.pool(cx)? else {
        return Ok(None);
    };
    let Ok(Some(id)) = query.one("client_id") else {
        return Ok(None);
    };
    if id.len() > 128 {
        return Ok(None);
    }
    let client = cx.get::<Client>(&keys::client(id))?;
    let Some(client) = client.filter(|client| client.pool == pool.id) else {
        return Ok(None);
    };
    let settings = cx.once(|_| description::settings(&client).map(Arc::new))?;
    let party = Party {
        client,
        pool,
        said: Said::Nothing,
        hint: Hint::Nothing,
        ending: Ending::PageSession(Wanted::default()),
    };
    Ok(Some((party, settings)))
}

/// Where an answer goes, once that is known.
pub(super) struct Back {
    redirect_uri: String,
    state: Option<String>,
    response: Response,
}

impl Back {
    fn of(settings: &UserPoolClientType, query: &Parameters) -> Result<Self, Error> {
        let mismatch = || Error::new(ErrorKind::InvalidRequest, "redirect_mismatch");
        let callbacks = settings.callback_urls.as_deref().unwrap_or_default();
        let asked = query.one("redirect_uri").map_err(|_| mismatch())?;
        let uri = asked.or(settings.default_redirect_uri.as_deref());
        let uri = uri.ok_or_else(mismatch)?;
        // Exactly, letter by letter (RFC 9700 §2.1).
        if !callbacks.iter().any(|known| known == uri) {
            return Err(mismatch());
        }
        let response = match query.first("response_type") {
            Some("token") => Response::Tokens,
            _ => Response::Code,
        };
        Ok(Self {
            redirect_uri: uri.into(),
            state: query.one("state").unwrap_or_default().map(Into::into),
            response,
        })
    }

    /// The address that brings an error back.
    pub(super) fn error(&self, error: &Error, issuer: &str) -> String {
        let pairs = [
            ("error_description", Some(error.description.as_ref())),
            ("state", self.state.as_deref()),
            ("error", Some(error.kind.name())),
            ("iss", Some(issuer)),
        ];
        address(&self.redirect_uri, self.response, &pairs)
    }
}

impl Request {
    /// Whether the pages sign in for it, and no identity provider that it names.
    pub(super) fn is_of_pages(&self) -> bool {
        !matches!(self.route, Route::Provider(_))
    }

    /// The address that brings these back, with the state and the issuer (RFC 9207 §2).
    pub(super) fn back(&self, pairs: &[(&str, &str)], issuer: &str) -> String {
        let mut all: Vec<(&str, Option<&str>)> = pairs
            .iter()
            .map(|(name, value)| (*name, Some(*value)))
            .collect();
        all.push(("state", self.state.as_deref()));
        all.push(("iss", Some(issuer)));
        address(&self.redirect_uri, self.response, &all)
    }

    /// The address that brings an error back.
    pub(super) fn error(&self, error: &Error, issuer: &str) -> String {
        let pairs = [
            ("error", error.kind.name()),
            ("error_description", error.description.as_ref()),
        ];
        self.back(&pairs, issuer)
    }
}

fn address(redirect_uri: &str, response: Response, pairs: &[(&str, Option<&str>)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            append(&mut query, name, value);
        }
    }
    let mark = match response {
        Response::Tokens => '#',
        Response::Code if redirect_uri.contains('?') => '&',
        Response::Code => '?',
    };
    format!("{redirect_uri}{mark}{query}")
}

/// What a request asks for. Where to answer is filled in by the caller.
fn details(
    cx: &mut Cx<'_>,
    party: &Party,
    settings: &Arc<UserPoolClientType>,
    query: &Parameters,
    back: &mut Back,
) -> Run<Result<Request, Error>> {
    let asked = match Asked::read(settings, query) {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(error)),
    };
    back.response = asked.response;
    let demand = cx.environment().pkce;
    if asked.response == Response::Code && asked.challenge.is_none() && demand.is_of(&party.client)
    {
        let text = "The client must send a code_challenge.";
        return Ok(Err(Error::new(ErrorKind::InvalidRequest, text)));
    }
    let levels = match asked.levels {
        // A tier without levels has no wish for any, and does not say so.
        Some(names) if has_feature(&party.pool, Feature::StepUp)? => {
            levels::named(cx, &party.pool, names)?
        }
        Some(_) | None => Vec::new(),
    };
    let offers = Offers::of(settings);
    let route = match route(cx, &party.pool.id, &offers, &asked)? {
        Ok(route) => route,
        Err(error) => return Ok(Err(error)),
    };
    let scopes = match scopes(cx, party, settings, asked.scope)? {
        Ok(scopes) => scopes,
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(Request {
        party: party.clone(),
        redirect_uri: String::new(),
        state: None,
        response: asked.response,
        scopes,
        challenge: asked.challenge,
        nonce: asked.nonce.map(Into::into),
        prompt: asked.prompt,
        route,
        offers,
        max_age: asked.max_age,
        resource: asked.resource.map(Into::into),
        levels,
    }))
}

struct Asked<'q> {
    response: Response,
    scope: Option<&'q str>,
    challenge: Option<[u8; 32]>,
    nonce: Option<&'q str>,
    prompt: Prompt,
    max_age: Option<i64>,
    provider: Option<&'q str>,
    identifier: Option<&'q str>,
    resource: Option<&'q str>,
    levels: Option<&'q str>,
}

impl<'q> Asked<'q> {
    fn read(settings: &UserPoolClientType, query: &'q Parameters) -> Result<Self, Error> {
        let invalid = |text: &'static str| Err(Error::new(ErrorKind::InvalidRequest, text));
        if settings.allowed_o_auth_flows_user_pool_client != Some(true) {
            return invalid("Client is not enabled for OAuth2.0 flows.");
        }
        let (response, flow) = match query.one("response_type")? {
            Some("code") => (Response::Code, OAuthFlowType::Code),
            Some("token") => (Response::Tokens, OAuthFlowType::Implicit),
            Some(_) => return invalid("response_type must be code or token."),
            None => return invalid("response_type is missing."),
        };
        let flows = settings.allowed_o_auth_flows.as_deref();
        if !flows.unwrap_or_default().contains(&flow) {
            return Err(Error::new(
                ErrorKind::UnauthorizedClient,
                "The client may not use this response_type.",
            ));
        }
        for name in ["state", "nonce"] {
            if query.one(name)?.is_some_and(|value| value.len() > MAX_ECHO) {
                return invalid("A parameter is too long.");
            }
        }
        let prompt = match query.one("prompt")? {
            None => Prompt::Any,
            Some(words) => prompt(words)?,
        };
        let max_age = match query.one("max_age")?.map(str::parse::<u32>) {
            None => None,
            Some(Ok(seconds)) => Some(i64::from(seconds)),
            Some(Err(_)) => return invalid("max_age must be a number of seconds."),
        };
        let named = query.one("resource")?;
        named.map_or(Ok(()), resource::check)?;
        Ok(Self {
            response,
            scope: query.one("scope")?,
            challenge: challenge(query)?,
            nonce: query.one("nonce")?,
            prompt,
            max_age,
            provider: query.one("identity_provider")?,
            identifier: query.one("idp_identifier")?,
            resource: named,
            levels: query.one("acr_values")?,
        })
    }
}

/// Who says who the user is: whom the request names, or the only one whom the client lets.
fn route(
    cx: &mut Cx<'_>,
    pool: &str,
    offers: &Offers,
    asked: &Asked<'_>,
) -> Run<Result<Route, Error>> {
    let found = match (asked.provider, asked.identifier) {
        (Some(OWN), _) if offers.own => return Ok(Ok(Route::Own)),
        (Some(name), _) => named(cx, pool, name)?,
        (None, Some(identifier)) => identity_providers::identified(cx, pool, identifier)?,
        (None, None) => match (offers.own, offers.providers.as_slice()) {
            (false, [only]) => named(cx, pool, only)?,
            _ => return Ok(Ok(Route::Open)),
        },
    };
    let found = found.filter(|found| offers.providers.contains(&found.name));
    Ok(found.map(Route::Provider).ok_or_else(|| {
        let text = "There is no such identity provider.";
        Error::new(ErrorKind::InvalidRequest, text)
    }))
}

fn named(cx: &mut Cx<'_>, pool: &str, name: &str) -> Run<Option<Held<IdentityProvider>>> {
    let names = [name.to_string()];
    let found = identity_providers::existing(cx, pool, &names)?;
    Ok(found.into_iter().next())
}

/// `none` stands alone (OpenID Connect Core §3.1.2.1); of the others `login` says most. `consent` is for providers.
fn prompt(words: &str) -> Result<Prompt, Error> {
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
    let known = ["none", "login", "select_account", "consent"];
    if words.iter().any(|word| !known.contains(word))
        || (words.contains(&"none") && words.len() > 1)
    {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            "prompt is not supported.",
        ));
    }
    Ok(if words.contains(&"none") {
        Prompt::None
    } else if words.contains(&"login") {
        Prompt::Login
    } else if words.contains(&"select_account") {
        Prompt::Select
    } else {
        Prompt::Any
    })
}

/// The S256 challenge (RFC 7636 §4.3): 43 characters that are 32 bytes. `plain` shows the verifier to whoever sees the
/// request.
fn challenge(query: &Parameters) -> Result<Option<[u8; 32]>, Error> {
    let invalid = |text: &'static str| Err(Error::new(ErrorKind::InvalidRequest, text));
    let method = query.one("code_challenge_method")?;
    let Some(challenge) = query.one("code_challenge")? else {
        return match method {
            None => Ok(None),
            Some(_) => invalid("code_challenge is missing."),
        };
    };
    if method != Some("S256") {
        return invalid("code_challenge_method must be S256.");
    }
    let bytes = base64::decode_url(challenge).and_then(|bytes| bytes.try_into().ok());
    match bytes {
        Some(bytes) => Ok(Some(bytes)),
        None => invalid("code_challenge is not of the form of S256."),
    }
}

/// The scopes that are granted: those asked for, or all of the client. A scope whose resource server is gone is left
/// out.
fn scopes(
    cx: &mut Cx<'_>,
    party: &Party,
    settings: &UserPoolClientType,
    asked: Option<&str>,
) -> Run<Result<Vec<String>, Error>> {
    let own = settings
        .allowed_o_auth_scopes
        .as_deref()
        .unwrap_or_default();
    let mut scopes: Vec<String> = Vec::new();
    match asked {
        None => scopes.extend(own.iter().cloned()),
        Some(asked) => {
            for scope in asked.split_ascii_whitespace() {
                if !own.iter().any(|own| own == scope) {
                    return Ok(Err(Error::new(
                        ErrorKind::InvalidScope,
                        "A scope is not one of the client's.",
                    )));
                }
                if !scopes.iter().any(|known| known == scope) {
                    scopes.push(scope.to_string());
                }
            }
        }
    }
    Ok(Ok(existing(cx, &party.pool.id, scopes)?))
}

/// These scopes without those whose resource server is gone.
///
/// # Errors
/// Stops the run until the resource servers are there.
pub(in crate::ops) fn existing(
    cx: &mut Cx<'_>,
    pool: &str,
    scopes: Vec<String>,
) -> Run<Vec<String>> {
    let custom: Vec<&str> = scopes
        .iter()
        .map(String::as_str)
        .filter(|scope| !SCOPES.contains(scope))
        .collect();
    if custom.is_empty() {
        return Ok(scopes);
    }
    let gone = resource_servers::unknown(cx, pool, &custom)?;
    let gone: Vec<String> = gone.into_iter().map(Into::into).collect();
    Ok(scopes
        .into_iter()
        .filter(|scope| !gone.contains(scope))
        .collect())
}
