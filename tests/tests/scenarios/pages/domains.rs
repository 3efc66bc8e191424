//! Domains.

use serde_json::json;
use userpool_tests::scene::Scene;

const CERTIFICATE: &str = "arn:aws:acm:us-east-1:000000000000:certificate/1";

#[test]
fn a_prefix_and_a_custom_domain_are_made_shown_changed_and_deleted() {
    let scene = Scene::with_pool();
    let pool =
        || scene.call("DescribeUserPool", json!({"UserPoolId": scene.pool}))["UserPool"].clone();
    let domain = |name: &str| {
        scene.call("DescribeUserPoolDomain", json!({"Domain": name}))["DomainDescription"].clone()
    };
    assert_eq!(domain("shop"), json!({}));
    let made = scene.call(
        "CreateUserPoolDomain",
        json!({"UserPoolId": scene.pool, "Domain": "shop"}),
    );
    assert_eq!(made, json!({"ManagedLoginVersion": 1}));
    let own = json!({"UserPoolId": scene.pool, "Domain": "auth.example.com",
        "CustomDomainConfig": {"CertificateArn": CERTIFICATE}, "ManagedLoginVersion": 2});
    let made = scene.call("CreateUserPoolDomain", own);
    assert_eq!(made["CloudFrontDomain"], "127.0.0.1");

    assert_eq!(pool()["Domain"], "shop");
    assert_eq!(pool()["CustomDomain"], "auth.example.com");
    let shown = domain("shop");
    assert_eq!(shown["UserPoolId"], scene.pool);
    assert_eq!(shown["Status"], "ACTIVE");
    assert_eq!(shown["ManagedLoginVersion"], 1);
    let shown = domain("auth.example.com");
    assert_eq!(shown["CustomDomainConfig"]["CertificateArn"], CERTIFICATE);

    let changed = json!({"UserPoolId": scene.pool, "Domain": "shop", "ManagedLoginVersion": 2});
    scene.call("UpdateUserPoolDomain", changed);
    assert_eq!(domain("shop")["ManagedLoginVersion"], 2);

    // Another change of the pool leaves its domains.
    scene.call("UpdateUserPool", json!({"UserPoolId": scene.pool}));
    assert_eq!(pool()["Domain"], "shop");

    assert_eq!(
        scene.refusal("DeleteUserPool", &json!({"UserPoolId": scene.pool}), ""),
        "InvalidParameterException: User pool cannot be deleted. It has a domain configured that should be deleted first."
    );
    for name in ["shop", "auth.example.com"] {
        let body = json!({"UserPoolId": scene.pool, "Domain": name});
        assert_eq!(scene.call("DeleteUserPoolDomain", body), json!({}));
        assert_eq!(domain(name), json!({}));
    }
    assert!(pool().get("Domain").is_none() && pool().get("CustomDomain").is_none());
    scene.call("DeleteUserPool", json!({"UserPoolId": scene.pool}));
}

#[test]
fn a_domain_belongs_to_one_pool_and_a_pool_has_one_of_each_kind() {
    let mut scene = Scene::with_pool();
    let first = scene.pool.clone();
    let create = |scene: &Scene, pool: &str, name: &str| {
        let body = json!({"UserPoolId": pool, "Domain": name});
        scene
            .try_call("CreateUserPoolDomain", &body)
            .map_err(|error| error.message)
    };
    create(&scene, &first, "shop").expect("it is free");
    assert!(create(&scene, &first, "other").is_err());
    scene.move_to_pool_of(json!({}));
    let taken = create(&scene, &scene.pool, "shop");
    assert_eq!(
        taken,
        Err("Domain already associated with another user pool.".to_owned())
    );
    // Nor may one pool touch the domain of another.
    for operation in ["UpdateUserPoolDomain", "DeleteUserPoolDomain"] {
        let body = json!({"UserPoolId": scene.pool, "Domain": "shop"});
        let refused = scene.refusal(operation, &body, "");
        assert!(
            refused.starts_with("InvalidParameterException: No such domain"),
            "{refused}"
        );
    }
    scene.call(
        "DeleteUserPoolDomain",
        json!({"UserPoolId": first, "Domain": "shop"}),
    );
    create(&scene, &scene.pool, "shop").expect("it is free again");
}

#[test]
fn a_prefix_holds_no_reserved_word_and_a_custom_domain_is_a_name_of_several_labels() {
    let scene = Scene::with_pool();
    for prefix in ["aws", "my-amazon", "cognito1", "a.b"] {
        let body = json!({"UserPoolId": scene.pool, "Domain": prefix});
        scene.refusal("CreateUserPoolDomain", &body, "");
    }
    for name in ["auth", "auth..example.com", "auth-.example.com", "-a.b"] {
        let body = json!({"UserPoolId": scene.pool, "Domain": name,
            "CustomDomainConfig": {"CertificateArn": CERTIFICATE}});
        scene.refusal("CreateUserPoolDomain", &body, "");
    }
}
