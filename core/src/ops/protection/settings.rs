//! SetRiskConfiguration and DescribeRiskConfiguration.

use alloc::{format, string::String};

use userpool_ports::storage::MAX_VALUE;
use userpool_wire::{
    Timestamp,
    idp::{
        AccountTakeoverActionType, AccountTakeoverActionsType, AccountTakeoverEventActionType,
        AccountTakeoverRiskConfigurationType, CompromisedCredentialsActionsType,
        CompromisedCredentialsEventActionType, CompromisedCredentialsRiskConfigurationType,
        DescribeRiskConfigurationRequest, DescribeRiskConfigurationResponse, EventFilterType,
        NotifyConfigurationType, NotifyEmailType, RiskConfigurationType,
        RiskExceptionConfigurationType, SetRiskConfigurationRequest, SetRiskConfigurationResponse,
    },
};

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, record::encode},
    model::{
        keys,
        pool::Pool,
        risk::{
            Action, BreachedRule, Consequence, Exceptions, Mail, Moment, Network, Notices,
            PasswordUse, RiskConfiguration, TakeoverRule,
        },
    },
    ops::parties,
};

/// Replaces what follows from risks in a pool, or at one of its app clients in its stead. A request that says nothing
/// of it takes the configuration away; a client without one has that of its pool. The service was seen to take one for a
/// pool without threat protection too, where nothing follows from it.
///
/// Refusals, in this order: unknown pool, unknown client, a user to be told and nothing said of how, an exception that
/// is no network, a configuration too large to be kept.
///
/// # Errors
/// The refusals above.
pub fn set_risk_configuration(
    cx: &mut Cx<'_>,
    req: &SetRiskConfigurationRequest,
) -> Run<SetRiskConfigurationResponse> {
    let client = req.client_id.as_ref().map(|id| id.as_str());
    let (pool, held) = configured(cx, &req.user_pool_id, client)?;
    let given = RiskConfiguration {
        breached: req
            .compromised_credentials_risk_configuration
            .as_ref()
            .map(breached),
        takeover: req
            .account_takeover_risk_configuration
            .as_ref()
            .map(takeover)
            .transpose()?,
        exceptions: req
            .risk_exception_configuration
            .as_ref()
            .map(exceptions)
            .transpose()?,
        modified: Some(Moment(cx.now())),
    };
    if encode(&given).len() > MAX_VALUE {
        let text = "The risk configuration is too large: its e-mails together may take 48 KiB.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    cx.check(&pool);
    let says = given.breached.is_some() || given.takeover.is_some() || given.exceptions.is_some();
    let key = keys::risk(&pool.id, client.unwrap_or_default());
    match (&held, says) {
        (held, true) => cx.upsert_until(&key, held.as_ref(), &given, None),
        (Some(held), false) => cx.remove(held),
        (None, false) => {}
    }
    Ok(SetRiskConfigurationResponse {
        risk_configuration: shown(&pool, client, Some(&given).filter(|_| says)),
    })
}

/// Tells what follows from risks in a pool, or at one of its app clients that has a configuration of its own.
///
/// Refusals, in this order: unknown pool, unknown client.
///
/// # Errors
/// The refusals above.
pub fn describe_risk_configuration(
    cx: &mut Cx<'_>,
    req: &DescribeRiskConfigurationRequest,
) -> Run<DescribeRiskConfigurationResponse> {
    let client = req.client_id.as_ref().map(|id| id.as_str());
    let (pool, held) = configured(cx, &req.user_pool_id, client)?;
    Ok(DescribeRiskConfigurationResponse {
        risk_configuration: shown(&pool, client, held.as_deref()),
    })
}

/// The pool, and the configuration that a request is about.
fn configured(
    cx: &mut Cx<'_>,
    pool: &str,
    client: Option<&str>,
) -> Run<(Held<Pool>, Option<Held<RiskConfiguration>>)> {
    let pool = match client {
        Some(client) => parties::client_in_pool(cx, pool, client)?.pool,
        None => parties::pool(cx, pool)?,
    };
    let key = keys::risk(&pool.id, client.unwrap_or_default());
    let held = cx.get::<RiskConfiguration>(&key)?;
    Ok((pool, held))
}

fn breached(given: &CompromisedCredentialsRiskConfigurationType) -> BreachedRule {
    let filter = given.event_filter.as_ref();
    BreachedRule {
        filter: filter.map(|filter| {
            let occasions = filter.iter().map(|event| match event {
                EventFilterType::SignIn => PasswordUse::SignIn,
                EventFilterType::PasswordChange => PasswordUse::PasswordChange,
                EventFilterType::SignUp => PasswordUse::SignUp,
            });
            occasions.collect()
        }),
        blocks: given.actions.event_action == CompromisedCredentialsEventActionType::Block,
    }
}

fn takeover(given: &AccountTakeoverRiskConfigurationType) -> Result<TakeoverRule, Refusal> {
    let actions = &given.actions;
    let action = |given: &Option<AccountTakeoverActionType>| {
        given.as_ref().map(|given| Action {
            notify: given.notify,
            consequence: match given.event_action {
                AccountTakeoverEventActionType::Block => Consequence::Block,
                AccountTakeoverEventActionType::MfaIfConfigured => Consequence::FactorIfAny,
                AccountTakeoverEventActionType::MfaRequired => Consequence::Factor,
                AccountTakeoverEventActionType::NoAction => Consequence::Nothing,
            },
        })
    };
    let rule = TakeoverRule {
        low: action(&actions.low_action),
        medium: action(&actions.medium_action),
        high: action(&actions.high_action),
        notices: given.notify_configuration.as_ref().map(notices),
    };
    let all = [rule.low, rule.medium, rule.high];
    if rule.notices.is_none() && all.iter().flatten().any(|action| action.notify) {
        let text = "NotifyConfiguration is required when an action notifies the user.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text));
    }
    Ok(rule)
}

fn notices(given: &NotifyConfigurationType) -> Notices {
    let mail = |given: &Option<NotifyEmailType>| {
        given.as_ref().map(|given| Mail {
            subject: given.subject.clone(),
            html: given.html_body.clone(),
            text: given.text_body.clone(),
        })
    };
    Notices {
        from: given.from.clone(),
        reply_to: given.reply_to.clone(),
        source_arn: given.source_arn.clone(),
        blocked: mail(&given.block_email),
        passed: mail(&given.no_action_email),
        asked: mail(&given.mfa_email),
    }
}

fn exceptions(given: &RiskExceptionConfigurationType) -> Result<Exceptions, Refusal> {
    let all = [&given.blocked_ip_range_list, &given.skipped_ip_range_list];
    for text in all.into_iter().flatten().flatten() {
        if Network::parse(text).is_none() {
            let text = format!("{text} is not a range of addresses in CIDR notation.");
            return Err(Refusal::new(RefusalKind::InvalidParameter, text));
        }
    }
    Ok(Exceptions {
        blocked: given.blocked_ip_range_list.clone(),
        skipped: given.skipped_ip_range_list.clone(),
    })
}

fn shown(
    pool: &Pool,
    client: Option<&str>,
    kept: Option<&RiskConfiguration>,
) -> RiskConfigurationType {
    let breached = kept.and_then(|kept| kept.breached.as_ref());
    let takeover = kept.and_then(|kept| kept.takeover.as_ref());
    let exceptions = kept.and_then(|kept| kept.exceptions.as_ref());
    let modified = kept.and_then(|kept| kept.modified);
    RiskConfigurationType {
        user_pool_id: Some(pool.id.clone()),
        client_id: client.map(Into::into),
        compromised_credentials_risk_configuration: breached.map(shown_breached),
        account_takeover_risk_configuration: takeover.map(shown_takeover),
        risk_exception_configuration: exceptions.map(|exceptions| RiskExceptionConfigurationType {
            blocked_ip_range_list: exceptions.blocked.clone(),
            skipped_ip_range_list: exceptions.skipped.clone(),
        }),
        last_modified_date: modified.map(|at| Timestamp::from_millis(at.0.millis())),
    }
}

fn shown_breached(rule: &BreachedRule) -> CompromisedCredentialsRiskConfigurationType {
    let filter = rule.filter.as_ref();
    CompromisedCredentialsRiskConfigurationType {
        event_filter: filter.map(|filter| {
            let events = filter.iter().map(|occasion| match occasion {
                PasswordUse::SignIn => EventFilterType::SignIn,
                PasswordUse::PasswordChange => EventFilterType::PasswordChange,
                PasswordUse::SignUp => EventFilterType::SignUp,
            });
            events.collect()
        }),
        actions: CompromisedCredentialsActionsType {
            event_action: if rule.blocks {
                CompromisedCredentialsEventActionType::Block
            } else {
                CompromisedCredentialsEventActionType::NoAction
            },
        },
    }
}

fn shown_takeover(rule: &TakeoverRule) -> AccountTakeoverRiskConfigurationType {
    let action = |action: Option<Action>| {
        action.map(|action| AccountTakeoverActionType {
            notify: action.notify,
            event_action: match action.consequence {
                Consequence::Block => AccountTakeoverEventActionType::Block,
                Consequence::FactorIfAny => AccountTakeoverEventActionType::MfaIfConfigured,
                Consequence::Factor => AccountTakeoverEventActionType::MfaRequired,
                Consequence::Nothing => AccountTakeoverEventActionType::NoAction,
            },
        })
    };
    let mail = |mail: &Option<Mail>| {
        mail.as_ref().map(|mail| NotifyEmailType {
            subject: mail.subject.clone(),
            html_body: mail.html.clone(),
            text_body: mail.text.clone(),
        })
    };
    let notices = rule.notices.as_ref();
    AccountTakeoverRiskConfigurationType {
        notify_configuration: notices.map(|notices| NotifyConfigurationType {
            from: notices.from.clone(),
            reply_to: notices.reply_to.clone(),
            source_arn: String::clone(&notices.source_arn),
            block_email: mail(&notices.blocked),
            no_action_email: mail(&notices.passed),
            mfa_email: mail(&notices.asked),
        }),
        actions: AccountTakeoverActionsType {
            low_action: action(rule.low),
            medium_action: action(rule.medium),
            high_action: action(rule.high),
        },
    }
}
