"""Domains and looks of the login pages through boto3: what is changed is seen on the pages."""

from urllib.parse import urlencode

import pytest

from pages import Browser
from pools import unique
from refusal import refused

BACK = "https://app.example.com/back"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/{}"
RESERVED = "Domain cannot contain reserved word: cognito"


@pytest.fixture
def web(pool):
    """An app client that sends its users to the pages."""
    return pool.app(
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[BACK],
    )


def page_of(pool, web, prefix):
    """The login page below a prefix."""
    query = urlencode({"client_id": web.id, "redirect_uri": BACK, "response_type": "code"})
    return Browser().open(f"{pool.endpoint}/{prefix}/oauth2/authorize?{query}")


def described(idp, domain):
    return idp.describe_user_pool_domain(Domain=domain)["DomainDescription"]


def test_a_prefix_has_one_pool_whose_pages_answer_there(pool, make_pool, idp, web):
    prefix = unique("pages")
    assert page_of(pool, web, prefix).status_code == 400
    assert idp.create_user_pool_domain(UserPoolId=pool.id, Domain=prefix)["ManagedLoginVersion"] == 1
    assert page_of(pool, web, prefix).status_code == 200

    with refused("InvalidParameterException", "Domain already associated with another user pool."):
        idp.create_user_pool_domain(UserPoolId=make_pool().id, Domain=prefix)
    with refused("InvalidParameterException", "User pool already has a domain configured."):
        idp.create_user_pool_domain(UserPoolId=pool.id, Domain=unique("pages"))
    with refused("InvalidParameterException", RESERVED):
        idp.create_user_pool_domain(UserPoolId=make_pool().id, Domain=unique("cognito"))

    updated = idp.update_user_pool_domain(UserPoolId=pool.id, Domain=prefix, ManagedLoginVersion=2)
    assert updated["ManagedLoginVersion"] == described(idp, prefix)["ManagedLoginVersion"] == 2
    with refused("InvalidParameterException", "CustomDomainConfig cannot be set for a prefix domain."):
        idp.update_user_pool_domain(
            UserPoolId=pool.id, Domain=prefix, CustomDomainConfig={"CertificateArn": CERTIFICATE.format("one")}
        )

    idp.delete_user_pool_domain(UserPoolId=pool.id, Domain=prefix)
    assert described(idp, prefix) == {}
    assert page_of(pool, web, prefix).status_code == 400
    for operation in [idp.delete_user_pool_domain, idp.update_user_pool_domain]:
        with refused("InvalidParameterException", f"No such domain or user pool exists: {prefix}."):
            operation(UserPoolId=pool.id, Domain=prefix)
    with refused("InvalidParameterException"):
        described(idp, "No domain")


def test_a_custom_domain_gets_another_certificate(pool, idp):
    domain = f"{unique('auth')}.example.com"
    named = {"UserPoolId": pool.id, "Domain": domain}
    one, two = ({"CertificateArn": CERTIFICATE.format(each)} for each in ["one", "two"])
    assert idp.create_user_pool_domain(**named, CustomDomainConfig=one)["CloudFrontDomain"]
    assert idp.describe_user_pool(UserPoolId=pool.id)["UserPool"]["CustomDomain"] == domain
    two["SecurityPolicy"] = "TLS_V1_3_2025"
    idp.update_user_pool_domain(**named, CustomDomainConfig=two)
    assert described(idp, domain)["CustomDomainConfig"] == two
    idp.delete_user_pool_domain(**named)


def test_the_newer_pages_are_not_in_the_lowest_tier(make_pool, idp):
    pool, prefix = make_pool(UserPoolTier="LITE"), unique("pages")
    with refused("FeatureUnavailableInTierException"):
        idp.create_user_pool_domain(UserPoolId=pool.id, Domain=prefix, ManagedLoginVersion=2)
    idp.create_user_pool_domain(UserPoolId=pool.id, Domain=prefix)
    with refused(
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured: Managed Login",
    ):
        idp.update_user_pool_domain(UserPoolId=pool.id, Domain=prefix, ManagedLoginVersion=2)
    idp.delete_user_pool_domain(UserPoolId=pool.id, Domain=prefix)


def test_a_branding_is_told_by_its_id_and_by_its_client(pool, idp, web):
    client = {"UserPoolId": pool.id, "ClientId": web.id}
    missing = "ResourceNotFoundException"
    with refused(missing):
        idp.describe_managed_login_branding_by_client(**client)
    made = idp.create_managed_login_branding(**client, UseCognitoProvidedValues=True)["ManagedLoginBranding"]
    named = {"UserPoolId": pool.id, "ManagedLoginBrandingId": made["ManagedLoginBrandingId"]}
    assert idp.describe_managed_login_branding(**named)["ManagedLoginBranding"] == made
    assert idp.describe_managed_login_branding_by_client(**client)["ManagedLoginBranding"] == made
    with refused("InvalidParameterException"):
        idp.update_managed_login_branding(**named, UseCognitoProvidedValues=True, Settings={"components": {}})
    idp.delete_managed_login_branding(**named)
    for operation in [
        idp.describe_managed_login_branding,
        idp.update_managed_login_branding,
        idp.delete_managed_login_branding,
    ]:
        with refused(missing):
            operation(**named)


def test_terms_are_told_changed_and_shown_to_who_signs_up(pool, idp, web):
    client = {"UserPoolId": pool.id, "ClientId": web.id}
    made = {}
    for name in ["terms-of-use", "privacy-policy"]:
        made[name] = idp.create_terms(
            **client,
            TermsName=name,
            TermsSource="LINK",
            Enforcement="NONE",
            Links={"cognito:default": f"https://example.com/{name}"},
        )["Terms"]
    terms, policy = made["terms-of-use"], made["privacy-policy"]
    named = {"UserPoolId": pool.id, "TermsId": terms["TermsId"]}
    assert idp.describe_terms(**named)["Terms"] == terms
    by_client = idp.describe_terms_by_client(**client, TermsName="privacy-policy")["Terms"]
    assert by_client == policy

    links = {"cognito:default": "https://example.com/newer", "cognito:french": "https://example.com/fr"}
    with refused("InvalidParameterException", "Links must contain cognito:default."):
        idp.update_terms(**named, Links={"cognito:french": "https://example.com/fr"})
    with refused("TermsExistsException", "Terms document already exists for this app client."):
        idp.update_terms(**named, TermsName="privacy-policy")
    updated = idp.update_terms(**named, Links=links)["Terms"]
    assert updated == idp.describe_terms(**named)["Terms"]
    assert updated["Links"] == links
    assert updated["LastModifiedDate"] > updated["CreationDate"]
    query = urlencode({"client_id": web.id, "redirect_uri": BACK, "response_type": "code"})
    page = Browser().open(f"{pool.endpoint}/{pool.id}/signup?{query}")
    assert page.status_code == 200
    assert "https://example.com/newer" in page.text
    assert "https://example.com/privacy-policy" in page.text

    idp.delete_terms(**named)
    missing = ("ResourceNotFoundException", "Terms document does not exist.")
    for operation in [idp.describe_terms, idp.delete_terms, idp.update_terms]:
        with refused(*missing):
            operation(**named)
    with refused(*missing):
        idp.describe_terms_by_client(**client, TermsName="terms-of-use")
    assert [each["TermsId"] for each in idp.list_terms(UserPoolId=pool.id)["Terms"]] == [policy["TermsId"]]
    with refused("InvalidParameterException"):
        idp.list_terms(UserPoolId=pool.id, NextToken="another")
