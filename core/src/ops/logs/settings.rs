//! GetLogDeliveryConfiguration and SetLogDeliveryConfiguration.

use alloc::{borrow::Cow, string::String, vec::Vec};

use userpool_wire::idp::{
    CloudWatchLogsConfigurationType, EventSourceName, FirehoseConfigurationType,
    GetLogDeliveryConfigurationRequest, GetLogDeliveryConfigurationResponse, LogConfigurationType,
    LogDeliveryConfigurationType, LogLevel, S3ConfigurationType,
    SetLogDeliveryConfigurationRequest, SetLogDeliveryConfigurationResponse,
};

use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        logs::{LogRule, LogSource, LogTarget},
        pool::{Pool, PoolRules},
    },
    ops::{parties, pools},
};

/// Tells what a pool logs and where to.
///
/// Refusals: unknown pool.
pub(crate) fn get_log_delivery_configuration(
    cx: &mut Cx<'_>,
    request: &GetLogDeliveryConfigurationRequest,
) -> Run<GetLogDeliveryConfigurationResponse> {
    let pool = parties::pool(cx, &request.user_pool_id)?;
    Ok(GetLogDeliveryConfigurationResponse {
        log_delivery_configuration: Some(shown(&pool)),
    })
}

/// Replaces what a pool logs and where to; an empty list ends it.
///
/// Refusals, in this order: unknown pool, a source twice, a level that the source does not have, no destination or
/// several, one that the source does not have, sign-ins in a tier below PLUS.
pub(crate) fn set_log_delivery_configuration(
    cx: &mut Cx<'_>,
    request: &SetLogDeliveryConfigurationRequest,
) -> Run<SetLogDeliveryConfigurationResponse> {
    let pool = parties::pool(cx, &request.user_pool_id)?;
    let mut logs: Vec<LogRule> = Vec::new();
    for given in &request.log_configurations {
        let rule = rule(given)?;
        if logs.iter().any(|other| other.source == rule.source) {
            return Err(invalid("An EventSource can be configured once.").into());
        }
        logs.push(rule);
    }
    if logs.iter().any(|log| log.source == LogSource::AuthEvents) {
        pools::check_tier(&pool, &[pools::Feature::LogExport])?;
    }
    let changed = Pool {
        modified: cx.now(),
        rules: PoolRules {
            logs,
            ..pool.rules.clone()
        },
        ..Pool::clone(&pool)
    };
    cx.update(&pool, &changed);
    Ok(SetLogDeliveryConfigurationResponse {
        log_delivery_configuration: Some(shown(&changed)),
    })
}

fn rule(given: &LogConfigurationType) -> Result<LogRule, Refusal> {
    let source = match (given.event_source, given.log_level) {
        (EventSourceName::UserNotification, LogLevel::Error) => LogSource::Notifications,
        (EventSourceName::UserAuthEvents, LogLevel::Info) => LogSource::AuthEvents,
        (EventSourceName::UserNotification, LogLevel::Info) => {
            return Err(invalid("The LogLevel of userNotification is ERROR."));
        }
        (EventSourceName::UserAuthEvents, LogLevel::Error) => {
            return Err(invalid("The LogLevel of userAuthEvents is INFO."));
        }
    };
    let group = given.cloud_watch_logs_configuration.as_ref();
    let bucket = given.s3_configuration.as_ref();
    let stream = given.firehose_configuration.as_ref();
    let named = [
        (
            LogTarget::Group,
            group.and_then(|it| it.log_group_arn.as_ref()),
        ),
        (
            LogTarget::Bucket,
            bucket.and_then(|it| it.bucket_arn.as_ref()),
        ),
        (
            LogTarget::Stream,
            stream.and_then(|it| it.stream_arn.as_ref()),
        ),
    ];
    let mut named = named
        .into_iter()
        .filter_map(|(target, arn)| Some((target, arn?)));
    let (Some((target, arn)), None) = (named.next(), named.next()) else {
        return Err(invalid("A log has exactly one destination, with its ARN."));
    };
    if source == LogSource::Notifications && target != LogTarget::Group {
        return Err(invalid(
            "userNotification goes to CloudWatchLogsConfiguration alone.",
        ));
    }
    Ok(LogRule {
        source,
        target,
        arn: String::from(arn.as_str()),
    })
}

fn shown(pool: &Pool) -> LogDeliveryConfigurationType {
    let shown = pool.rules.logs.iter().map(|log| {
        let (event_source, log_level) = match log.source {
            LogSource::Notifications => (EventSourceName::UserNotification, LogLevel::Error),
            LogSource::AuthEvents => (EventSourceName::UserAuthEvents, LogLevel::Info),
        };
        let arn = |target| (log.target == target).then(|| log.arn.clone());
        LogConfigurationType {
            log_level,
            event_source,
            cloud_watch_logs_configuration: arn(LogTarget::Group).map(|arn| {
                CloudWatchLogsConfigurationType {
                    log_group_arn: Some(arn),
                }
            }),
            s3_configuration: arn(LogTarget::Bucket).map(|arn| S3ConfigurationType {
                bucket_arn: Some(arn),
            }),
            firehose_configuration: arn(LogTarget::Stream).map(|arn| FirehoseConfigurationType {
                stream_arn: Some(arn),
            }),
        }
    });
    LogDeliveryConfigurationType {
        user_pool_id: pool.id.clone(),
        log_configurations: shown.collect(),
    }
}

fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}
