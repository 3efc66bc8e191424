//! Which roles a pool has, and which of them somebody gets.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use userpool_wire::{
    Empty,
    identity::{
        AmbiguousRoleResolutionType, GetIdentityPoolRolesInput, GetIdentityPoolRolesResponse,
        MappingRule, MappingRuleMatchType, RoleMapping as GivenMapping, RoleMappingType,
        RulesConfigurationType, SetIdentityPoolRolesInput,
    },
};

use super::{
    denied, find, invalid,
    logins::{From, Proven, Shown, canonical},
    pools::check_size,
};
use crate::{
    credentials::{AUTHENTICATED, UNAUTHENTICATED},
    engine::{Cx, Environment, Refusal, RefusalKind, Run},
    few,
    model::identity_pool::{Fit, IdentityPool, MappedBy, RoleMapping, Rule},
};

/// The most rules for a provider.
const MAX_RULES: usize = 25;

/// Sets the roles of a pool; what is left out is reset.
///
/// Refusals, in this order: unknown pool, a kind of user that there is not, a mapping without what it needs, a record
/// that would be too large.
///
/// # Errors
/// The refusals above.
pub(crate) fn set_identity_pool_roles(
    cx: &mut Cx<'_>,
    req: &SetIdentityPoolRolesInput,
) -> Run<Empty> {
    let held = find(cx, &req.identity_pool_id)?;
    let is_known = |kind: &String| [AUTHENTICATED, UNAUTHENTICATED].contains(&kind.as_str());
    if let Some(kind) = req.roles.keys().find(|kind| !is_known(kind)) {
        return Err(invalid(format!("{kind} is not a valid role type.")).into());
    }
    let mut mappings = BTreeMap::new();
    for (provider, given) in req.role_mappings.iter().flatten() {
        mappings.insert(provider.clone(), mapping(given)?);
    }
    let becomes = IdentityPool {
        roles: req.roles.clone(),
        mappings,
        ..IdentityPool::clone(&held)
    };
    check_size(&becomes)?;
    cx.update(&held, &becomes);
    Ok(Empty {})
}

/// Tells the roles of a pool.
///
/// Refusals: unknown pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_identity_pool_roles(
    cx: &mut Cx<'_>,
    req: &GetIdentityPoolRolesInput,
) -> Run<GetIdentityPoolRolesResponse> {
    let held = find(cx, &req.identity_pool_id)?;
    let mappings = held.mappings.iter();
    let mappings: BTreeMap<_, _> =
        few::gather(mappings.map(|(provider, mapping)| (provider.clone(), shown(mapping))));
    Ok(GetIdentityPoolRolesResponse {
        identity_pool_id: Some(held.id.clone()),
        roles: (!held.roles.is_empty()).then(|| held.roles.clone()),
        role_mappings: (!mappings.is_empty()).then_some(mappings),
    })
}

/// The role that somebody gets, and may have asked for.
///
/// Refusals, in this order: a role that was asked for and is not theirs, no role where the mapping says that there
/// must be one, a pool without the role.
///
/// # Errors
/// The refusals above.
pub(super) fn choose(
    environment: &Environment,
    pool: &IdentityPool,
    shown: &Shown,
    asked: Option<&str>,
) -> Result<String, Refusal> {
    let kind = match shown.is_nothing() {
        true => UNAUTHENTICATED,
        false => AUTHENTICATED,
    };
    let ordinary = pool.roles.get(kind);
    let mapped = shown
        .proven
        .iter()
        .find_map(|login| Some((login, mapping_of(environment, pool, login)?)));
    let Some((login, mapping)) = mapped else {
        let role = ordinary.ok_or_else(unconfigured)?;
        return match asked {
            Some(asked) if asked != role => Err(not_theirs()),
            _ => Ok(role.clone()),
        };
    };
    let theirs = candidates(mapping, login);
    if let Some(asked) = asked {
        return match theirs.all.iter().any(|role| role == asked) {
            true => Ok(asked.into()),
            false => Err(not_theirs()),
        };
    }
    match (theirs.chosen, mapping.falls_back) {
        (Some(role), _) => Ok(role),
        (None, Some(true)) => ordinary.cloned().ok_or_else(unconfigured),
        (None, _) => Err(denied("No role could be determined for this identity.")),
    }
}

/// The roles that a mapping has for somebody.
struct Candidates {
    /// Those that may be asked for.
    all: Vec<String>,
    /// The one for whoever asks for none.
    chosen: Option<String>,
}

fn candidates(mapping: &RoleMapping, login: &Proven) -> Candidates {
    match &mapping.by {
        MappedBy::Token => {
            let all = login.claim("cognito:roles");
            let preferred = login.claim("cognito:preferred_role").into_iter().next();
            let only = (all.len() == 1).then(|| all[0].clone());
            Candidates {
                chosen: preferred.or(only),
                all,
            }
        }
        MappedBy::Rules(rules) => {
            let fitting = rules.iter().filter(|rule| fits(rule, login));
            let all: Vec<String> = fitting.map(|rule| rule.role.clone()).collect();
            Candidates {
                chosen: all.first().cloned(),
                all,
            }
        }
    }
}

/// Whether a rule is about somebody. A claim that is missing fits no rule; of a list one value is enough, and none may be
/// the value where it must not be.
fn fits(rule: &Rule, login: &Proven) -> bool {
    let values = login.claim(&rule.claim);
    let wanted = rule.value.as_str();
    match rule.fits {
        Fit::Equals => values.iter().any(|value| value == wanted),
        Fit::Contains => values.iter().any(|value| value.contains(wanted)),
        Fit::StartsWith => values.iter().any(|value| value.starts_with(wanted)),
        Fit::NotEqual => !values.is_empty() && values.iter().all(|value| value != wanted),
    }
}

/// The mapping of a login's provider: `<provider>:<app client>` of a user pool, its name or ARN of another.
fn mapping_of<'p>(
    environment: &Environment,
    pool: &'p IdentityPool,
    login: &Proven,
) -> Option<&'p RoleMapping> {
    let is_own = |key: &str| match login.from {
        From::UserPool => key.rsplit_once(':').is_some_and(|(provider, client)| {
            client == login.client && canonical(environment, provider) == login.provider
        }),
        From::Other => canonical(environment, key) == login.provider,
    };
    let (_, mapping) = pool.mappings.iter().find(|(key, _)| is_own(key))?;
    Some(mapping)
}

fn mapping(given: &GivenMapping) -> Result<RoleMapping, Refusal> {
    let by = match given.r#type {
        RoleMappingType::Token => MappedBy::Token,
        RoleMappingType::Rules => {
            let rules = given.rules_configuration.as_ref();
            let rules = rules.ok_or_else(|| invalid("Rules are required for the type Rules."))?;
            if rules.rules.len() > MAX_RULES {
                return Err(invalid(format!(
                    "At most {MAX_RULES} rules for a provider."
                )));
            }
            MappedBy::Rules(rules.rules.iter().map(rule).collect::<Result<_, _>>()?)
        }
    };
    let falls_back = match &given.ambiguous_role_resolution {
        Some(AmbiguousRoleResolutionType::AuthenticatedRole) => true,
        Some(AmbiguousRoleResolutionType::Deny) => false,
        None => return Err(invalid("AmbiguousRoleResolution is required.")),
    };
    Ok(RoleMapping {
        by,
        falls_back: Some(falls_back),
    })
}

fn rule(given: &MappingRule) -> Result<Rule, Refusal> {
    let fits = match given.match_type {
        MappingRuleMatchType::Equals => Fit::Equals,
        MappingRuleMatchType::Contains => Fit::Contains,
        MappingRuleMatchType::StartsWith => Fit::StartsWith,
        MappingRuleMatchType::NotEqual => Fit::NotEqual,
    };
    Ok(Rule {
        claim: given.claim.clone(),
        fits,
        value: given.value.clone(),
        role: given.role_arn.clone(),
    })
}

fn shown(mapping: &RoleMapping) -> GivenMapping {
    let rules = |rules: &Vec<Rule>| RulesConfigurationType {
        rules: rules.iter().map(shown_rule).collect(),
    };
    let (kind, rules) = match &mapping.by {
        MappedBy::Token => (RoleMappingType::Token, None),
        MappedBy::Rules(all) => (RoleMappingType::Rules, Some(rules(all))),
    };
    GivenMapping {
        r#type: kind,
        ambiguous_role_resolution: Some(match mapping.falls_back {
            Some(true) => AmbiguousRoleResolutionType::AuthenticatedRole,
            _ => AmbiguousRoleResolutionType::Deny,
        }),
        rules_configuration: rules,
    }
}

fn shown_rule(rule: &Rule) -> MappingRule {
    MappingRule {
        claim: rule.claim.clone(),
        match_type: match rule.fits {
            Fit::Equals => MappingRuleMatchType::Equals,
            Fit::Contains => MappingRuleMatchType::Contains,
            Fit::StartsWith => MappingRuleMatchType::StartsWith,
            Fit::NotEqual => MappingRuleMatchType::NotEqual,
        },
        value: rule.value.clone(),
        role_arn: rule.role.clone(),
    }
}

fn not_theirs() -> Refusal {
    denied("The role that was asked for is not among the roles of this identity.")
}

pub(super) fn unconfigured() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidIdentityPoolConfiguration,
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
    )
}
