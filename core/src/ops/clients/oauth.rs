//! What a client may do with the OAuth endpoints: flows, scopes and where they lead back to.

use alloc::{format, string::String, vec::Vec};

use userpool_wire::idp::{OAuthFlowType, UserPoolClientType};

use super::invalid;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    ops::resource_servers,
};

/// The scopes that every pool has.
pub(crate) const SCOPES: [&str; 5] = [
    "phone",
    "email",
    "openid",
    "profile",
    "aws.cognito.signin.user.admin",
];

/// Checks the flows, scopes and addresses of a client's settings.
///
/// # Errors
/// Refuses, in this order: flows or scopes missing where OAuth is on, flows that exclude each other or lack a
/// secret or an address, an address of a wrong form, a default that is not in the list.
pub(super) fn check(settings: &UserPoolClientType, has_secret: bool) -> Result<(), Refusal> {
    let flows = settings.allowed_o_auth_flows.as_deref().unwrap_or_default();
    let scopes = settings
        .allowed_o_auth_scopes
        .as_deref()
        .unwrap_or_default();
    let callbacks = settings.callback_urls.as_deref().unwrap_or_default();
    let logouts = settings.logout_urls.as_deref().unwrap_or_default();
    if settings.allowed_o_auth_flows_user_pool_client == Some(true)
        && (flows.is_empty() || scopes.is_empty())
    {
        return Err(invalid(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
        ));
    }
    check_flows(flows, has_secret, !callbacks.is_empty())?;
    callbacks
        .iter()
        .chain(logouts)
        .try_for_each(|url| check_url(url))?;
    match &settings.default_redirect_uri {
        Some(default) if !callbacks.contains(default) => Err(invalid(
            "DefaultRedirectURI must be one of the CallbackURLs.",
        )),
        _ => Ok(()),
    }
}

/// Checks that the scopes of a client exist: the pool's resource servers have all that are not standard ones.
///
/// # Errors
/// Refuses the first that does not; stops the run until the resource servers are there.
pub(super) fn check_scopes(cx: &mut Cx<'_>, pool: &str, settings: &UserPoolClientType) -> Run<()> {
    let scopes = settings.allowed_o_auth_scopes.as_deref();
    let custom: Vec<&str> = scopes
        .unwrap_or_default()
        .iter()
        .map(String::as_str)
        .filter(|scope| !SCOPES.contains(scope))
        .collect();
    if custom.is_empty() {
        return Ok(());
    }
    match resource_servers::unknown(cx, pool, &custom)?.first() {
        Some(unknown) => Err(Refusal::new(
            RefusalKind::ScopeDoesNotExist,
            format!("Invalid scope requested: {unknown}"),
        )
        .into()),
        None => Ok(()),
    }
}

fn check_flows(
    flows: &[OAuthFlowType],
    has_secret: bool,
    has_callbacks: bool,
) -> Result<(), Refusal> {
    let refuse = |text: &'static str| Err(Refusal::new(RefusalKind::InvalidOAuthFlow, text));
    let has = |flow| flows.contains(&flow);
    let interactive = has(OAuthFlowType::Code) || has(OAuthFlowType::Implicit);
    if has(OAuthFlowType::ClientCredentials) {
        if interactive {
            return refuse(
                "client_credentials flow can not be selected along with code flow or implicit flow.",
            );
        }
        if !has_secret {
            return refuse(
                "client_credentials flow can not be selected if client does not have a client secret.",
            );
        }
    }
    if interactive && !has_callbacks {
        return refuse("CallbackUrls can not be empty when code flow or implicit flow is selected");
    }
    Ok(())
}

/// An address to lead back to: absolute, without a fragment, and by plain HTTP only to the own machine.
pub(crate) fn check_url(url: &str) -> Result<(), Refusal> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(invalid(format!("{url} is not a valid redirect URI.")));
    };
    let absolute = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let web = ["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let host = rest.strip_prefix("//").map(host);
    if !absolute || rest.is_empty() || (web && host.is_none_or(str::is_empty)) {
        return Err(invalid(format!("{url} is not a valid redirect URI.")));
    }
    if url.contains('#') {
        return Err(invalid(format!("{url} cannot contain a fragment.")));
    }
    // What a browser would run instead of open is no address.
    let runs = ["javascript", "data", "vbscript"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    if runs {
        return Err(invalid(format!("{url} is not a valid redirect URI.")));
    }
    let own = host.is_some_and(|host| {
        ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|known| host.eq_ignore_ascii_case(known))
    });
    if scheme.eq_ignore_ascii_case("http") && !own {
        return Err(invalid(format!("{url} cannot use the HTTP protocol.")));
    }
    Ok(())
}

/// The host of what follows `//`; nothing where a user name stands before it.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.contains('@') {
        return "";
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_back_are_accepted() {
        for url in [
            "https://app.example.com/back",
            "https://app.example.com:8443/back?x=1",
            "http://localhost",
            "http://localhost:3000/back",
            "http://127.0.0.1:9/",
            "http://[::1]:3000/",
            "HTTP://LOCALHOST/",
            "myapp://back",
            "com.example.app:/back",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn addresses_that_could_lead_elsewhere_are_refused() {
        for url in [
            "app.example.com/back",
            "/back",
            "https:",
            "https:///back",
            "https://app.example.com/#back",
            "http://app.example.com/",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "http://example.com\\@localhost/",
            "1app://back",
            "javascript:alert(1)",
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }
}
