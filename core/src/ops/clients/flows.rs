//! The ways to sign in that a client may use.

use userpool_wire::idp::ExplicitAuthFlowsType as Name;

use super::invalid;
use crate::{engine::Refusal, model::client::Flows};

/// The names from before there were `ALLOW_` names.
const OLD: [Name; 3] = [
    Name::AdminNoSrpAuth,
    Name::CustomAuthFlowOnly,
    Name::UserPasswordAuth,
];

/// The flows of a list; `None` is a client that names none. A client that rotates its refresh tokens
/// renews them by GetTokensFromRefreshToken alone, so that REFRESH_TOKEN_AUTH is not among its defaults.
///
/// # Errors
/// Refuses old names together with new ones, `ALLOW_CLIENT_TOKEN_AUTH` together with others or without a secret, and `ALLOW_REFRESH_TOKEN_AUTH` together with rotation.
pub(super) fn of(
    names: Option<&[Name]>,
    rotates: bool,
    has_secret: bool,
) -> Result<Flows, Refusal> {
    let Some(names) = names else {
        return Ok(Flows {
            user_srp: true,
            user_password: false,
            admin_password: false,
            custom: true,
            user_auth: false,
            refresh: !rotates,
            client_token: false,
            delegation: false,
            impersonation: false,
        });
    };
    let old = names.iter().filter(|name| OLD.contains(name)).count();
    if old == names.len() {
        return Ok(of_old(names, rotates));
    }
    if old > 0 {
        return Err(invalid(
            "ExplicitAuthFlows with the prefix ALLOW_ cannot be combined with ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY or USER_PASSWORD_AUTH.",
        ));
    }
    let allows = |name| names.contains(&name);
    if allows(Name::AllowClientTokenAuth) && (names.len() > 1 || !has_secret) {
        return Err(invalid(
            "ALLOW_CLIENT_TOKEN_AUTH must be the only one of ExplicitAuthFlows, and needs a client secret.",
        ));
    }
    if rotates && allows(Name::AllowRefreshTokenAuth) {
        return Err(invalid(
            "ALLOW_REFRESH_TOKEN_AUTH cannot be in ExplicitAuthFlows when RefreshTokenRotation is ENABLED.",
        ));
    }
    Ok(Flows {
        user_srp: allows(Name::AllowUserSrpAuth),
        user_password: allows(Name::AllowUserPasswordAuth),
        admin_password: allows(Name::AllowAdminUserPasswordAuth),
        custom: allows(Name::AllowCustomAuth),
        user_auth: allows(Name::AllowUserAuth),
        refresh: allows(Name::AllowRefreshTokenAuth),
        client_token: allows(Name::AllowClientTokenAuth),
        delegation: allows(Name::AllowTokenExchangeDelegation),
        impersonation: allows(Name::AllowTokenExchangeImpersonation),
    })
}

/// Old names add to SRP, custom challenges and refreshing; `CUSTOM_AUTH_FLOW_ONLY` takes SRP away.
fn of_old(names: &[Name], rotates: bool) -> Flows {
    let custom_only = names.contains(&Name::CustomAuthFlowOnly);
    Flows {
        user_srp: !custom_only,
        user_password: names.contains(&Name::UserPasswordAuth),
        admin_password: names.contains(&Name::AdminNoSrpAuth),
        custom: true,
        user_auth: false,
        refresh: !rotates,
        client_token: false,
        delegation: false,
        impersonation: false,
    }
}
