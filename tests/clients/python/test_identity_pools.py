"""Identity pools through boto3: guests, users of a pool, roles, and logins that are none."""

import base64
import json
import time
from datetime import datetime, timezone

from identities import GUEST, PASSWORD, STAFF, signed_in
from pools import unique
from refusal import refused


def test_a_guest_becomes_a_user_and_keeps_the_identity(anybody, make_identities, pool, app):
    identities, provider = make_identities()
    guest = anybody.get_id(IdentityPoolId=identities)["IdentityId"]
    given = anybody.get_credentials_for_identity(IdentityId=guest)["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")

    _, token = signed_in(pool, app)
    logins = {provider: token}
    assert anybody.get_credentials_for_identity(IdentityId=guest, Logins=logins)["IdentityId"] == guest
    assert anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"] == guest
    with refused("NotAuthorizedException"):
        anybody.get_credentials_for_identity(IdentityId=guest)


def test_who_is_in_a_group_may_ask_for_its_role_and_for_no_other(anybody, make_identities, pool, app):
    identities, provider = make_identities()
    name, _ = signed_in(pool, app)
    pool.idp.create_group(UserPoolId=pool.id, GroupName="staff", RoleArn=STAFF)
    pool.idp.admin_add_user_to_group(UserPoolId=pool.id, Username=name, GroupName="staff")
    logins = {provider: app.sign_in(name, PASSWORD)["IdToken"]}
    identity = anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
    asked = {"IdentityId": identity, "Logins": logins}
    assert anybody.get_credentials_for_identity(CustomRoleArn=STAFF, **asked)["IdentityId"] == identity
    with refused("NotAuthorizedException"):
        anybody.get_credentials_for_identity(CustomRoleArn=GUEST, **asked)


def test_guests_are_refused_where_the_pool_has_none(anybody, make_identities):
    identities, _ = make_identities(guests=False)
    with refused("NotAuthorizedException"):
        anybody.get_id(IdentityPoolId=identities)


def test_a_login_must_be_whole_of_the_pool_and_of_somebody_who_is_still_let_in(
    anybody, make_identities, make_pool, pool, app
):
    identities, provider = make_identities()
    name, token = signed_in(pool, app)
    other = make_pool()
    _, foreign = signed_in(other, other.app())
    header, payload, signature = token.split(".")
    changed = "A" if signature[0] != "A" else "B"
    access = app.sign_in(name, PASSWORD)["AccessToken"]
    nothing = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    unsigned = [f"{header}.{payload}.", f"{nothing}.{payload}.", f"{header}.{payload}"]
    for wrong in [foreign, f"{header}.{payload}.{changed}{signature[1:]}", *unsigned, access, "x"]:
        with refused("NotAuthorizedException"):
            anybody.get_id(IdentityPoolId=identities, Logins={provider: wrong})
    assert anybody.get_id(IdentityPoolId=identities, Logins={provider: token})["IdentityId"]
    pool.idp.admin_disable_user(UserPoolId=pool.id, Username=name)
    with refused("NotAuthorizedException"):
        anybody.get_id(IdentityPoolId=identities, Logins={provider: token})


def test_rules_over_claims_choose_the_role(anybody, make_identities, pool, app):
    rule = {"Claim": "email", "MatchType": "Contains", "Value": "@staff.example", "RoleARN": STAFF}
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": [rule]},
    }
    identities, provider = make_identities(mapping=mapping)
    for address, fits in [("ada@staff.example", True), ("ada@example.com", False)]:
        name, token = signed_in(pool, app, email=address)
        logins = {provider: token}
        identity = anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
        asked = {"IdentityId": identity, "Logins": logins}
        if fits:
            # Only the role of a rule that fits may be asked for, so that it was the one that was chosen.
            assert anybody.get_credentials_for_identity(CustomRoleArn=STAFF, **asked)["IdentityId"] == identity
            assert anybody.get_credentials_for_identity(**asked)["IdentityId"] == identity
        else:
            with refused("NotAuthorizedException"):
                anybody.get_credentials_for_identity(**asked)


def test_a_guest_who_is_somebody_already_becomes_them(anybody, make_identities, pool, app):
    identities, provider = make_identities()
    logins = {provider: signed_in(pool, app)[1]}
    known = anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
    guest = anybody.get_id(IdentityPoolId=identities)["IdentityId"]
    assert guest != known
    assert anybody.get_credentials_for_identity(IdentityId=guest, Logins=logins)["IdentityId"] == known
    assert anybody.get_open_id_token(IdentityId=guest, Logins=logins)["IdentityId"] == known


def test_a_backend_vouches_for_its_users_as_long_as_it_says(
    administrator, anybody, make_identities, pool, app
):
    identities, provider = make_identities(DeveloperProviderName="login.backend")
    asked = {"IdentityPoolId": identities, "Logins": {"login.backend": "ada"}}
    vouched = administrator.get_open_id_token_for_developer_identity(**asked, TokenDuration=1)
    identity, own = vouched["IdentityId"], "cognito-identity.amazonaws.com"
    lasting = administrator.get_open_id_token_for_developer_identity(**asked)
    assert lasting["IdentityId"] == identity
    logins = {own: lasting["Token"]}
    got = anybody.get_credentials_for_identity(IdentityId=identity, Logins=logins)
    left = got["Credentials"]["Expiration"] - datetime.now(timezone.utc)
    assert 3_500 < left.total_seconds() <= 3_601
    # Its second is over by now, or soon.
    payload = vouched["Token"].split(".")[1]
    ends = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
    time.sleep(max(0, ends - time.time()) + 0.1)
    with refused("NotAuthorizedException") as caught:
        anybody.get_credentials_for_identity(IdentityId=identity, Logins={own: vouched["Token"]})
    assert "Token expired" in str(caught.value)
    # The same user of the backend has the same identity, with another one merged into it.
    other = administrator.get_open_id_token_for_developer_identity(
        IdentityPoolId=identities, Logins={"login.backend": "lovelace"}
    )
    merged = administrator.merge_developer_identities(
        SourceUserIdentifier="lovelace",
        DestinationUserIdentifier="ada",
        DeveloperProviderName="login.backend",
        IdentityPoolId=identities,
    )
    assert merged["IdentityId"] == identity != other["IdentityId"]
    known = administrator.lookup_developer_identity(IdentityPoolId=identities, IdentityId=identity)
    assert sorted(known["DeveloperUserIdentifierList"]) == ["ada", "lovelace"]
