//! How Amazon names what is in it: `arn:<partition>:<service>:<region>:<account>`, and then the thing.

use alloc::{format, string::String};

/// What the name of a thing of a service begins with, without the last colon.
pub(crate) fn of(service: &str, region: &str, account: &str) -> String {
    format!("arn:{}:{service}:{region}:{account}", partition(region))
}

/// The part of Amazon that a region is in; only the great one says nothing about it in the region's name.
fn partition(region: &str) -> &'static str {
    const OTHERS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let other = OTHERS.iter().find(|(begin, _)| region.starts_with(begin));
    other.map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_apart_are_in_partitions_of_their_own() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("eu-central-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
            ("", "aws"),
        ] {
            let arn = of("cognito-idp", region, "000000000000");
            assert_eq!(
                arn,
                format!("arn:{partition}:cognito-idp:{region}:000000000000")
            );
        }
    }
}
