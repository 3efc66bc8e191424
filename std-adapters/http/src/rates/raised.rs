//! What the account has bought besides: limits that UpdateProvisionedLimit raised bind where the rates are the service's.

use std::num::NonZeroU32;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use governor::clock::Clock as GovernorClock;
use serde::Deserialize;
use userpool::{Call, Caller};
use userpool_wire::OperationSpec;

use super::categories::CHALLENGES;
use super::{Bound, Category, Meter};
use crate::answers::Answers;

/// The operation that changes a limit, and the one that tells it.
const UPDATE: &str = "UpdateProvisionedLimit";
const GET: &str = "AWSCognitoIdentityProviderService.GetProvisionedLimit";

/// What both answer, as far as it is wanted.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    limit: Limit,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Limit {
    limit_definition: Definition,
    provisioned_limit_value: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    category: String,
}

impl<C: GovernorClock + Clone> Meter<C> {
    /// Looks at the limits of the account, once a minute: another process may have raised one.
    pub(crate) async fn look<A: Answers>(&self, engine: &A, seconds: i64) {
        let minute = seconds.div_euclid(60);
        if !self.rates.follows_limits || self.looked.swap(minute, Ordering::Relaxed) == minute {
            return;
        }
        let Some(operation) = userpool_wire::find(GET) else {
            return;
        };
        for category in self.rates.categories.keys() {
            let named = category.name();
            let body = format!(
                r#"{{"LimitDefinition":{{"LimitClass":"API_CATEGORY","Attributes":{{"Category":"{named}"}}}}}}"#
            );
            let call = Call {
                operation,
                body: body.into_bytes(),
                caller: Caller {
                    administrator: Some("rates".into()),
                    ..Caller::default()
                },
            };
            if let Ok(reply) = engine.answer(call).await {
                self.told(&reply);
            }
        }
    }

    /// Takes over a limit that was changed here.
    pub(crate) fn changed(&self, operation: &OperationSpec, reply: &[u8]) {
        if self.rates.follows_limits && operation.name == UPDATE {
            self.told(reply);
        }
    }

    /// Has a limit bind. A rate that was set, and is not the service's, stays; so does what was used, where the limit is as
    /// before.
    fn told(&self, reply: &[u8]) {
        let Ok(Told { limit }) = serde_json::from_slice(reply) else {
            return;
        };
        let Some(category) = Category::named(&limit.limit_definition.attributes.category) else {
            return;
        };
        self.bind(category, limit.provisioned_limit_value);
        if category == Category::UserAuthentication {
            let answers = limit.provisioned_limit_value.saturating_mul(CHALLENGES);
            self.bind(Category::ChallengeResponse, answers);
        }
    }

    fn bind(&self, category: Category, rate: u32) {
        let Some(rate) = NonZeroU32::new(rate) else {
            return;
        };
        let configured = self.rates.categories.get(&category);
        let is_the_services = configured.is_some_and(|it| it.get() == category.by_default());
        let binds = |bound: &Bound<C>| bound.rate == rate;
        if !is_the_services || self.bounds().get(&category).is_some_and(binds) {
            return;
        }
        let mut bounds = self
            .categories
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        bounds.insert(category, Bound::of(rate, &self.clock));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::Rates;

    #[tokio::test]
    async fn what_another_process_raised_is_seen_a_minute_later() {
        let engine = userpool::testing::world().engine;
        let meter = Meter::new(Rates::service());
        let rate = || meter.bounds()[&Category::UserList].rate.get();
        meter.look(&engine, 0).await;
        assert_eq!(rate(), 30);
        let body = r#"{"LimitDefinition":{"LimitClass":"API_CATEGORY","Attributes":{"Category":"UserList"}},"RequestedLimitValue":40}"#;
        let raise = Call {
            operation: userpool_wire::find(
                "AWSCognitoIdentityProviderService.UpdateProvisionedLimit",
            )
            .expect("an operation"),
            body: body.into(),
            caller: Caller {
                administrator: Some("admin".into()),
                ..Caller::default()
            },
        };
        engine.answer(raise).await.expect("a limit");
        meter.look(&engine, 59).await;
        assert_eq!(rate(), 30, "looked at already in this minute");
        meter.look(&engine, 60).await;
        assert_eq!(rate(), 40);
    }
}
