//! Every operation this version has, by its protocol name.

use alloc::{boxed::Box, format, string::ToString};

use userpool_wire::{Encode, OperationSpec, Rejection, Request, Service, identity, idp, parse};

use crate::engine::{Cx, Output, Program, Refusal, RefusalKind, Run};

/// Binds a request that was built in this program; the output is the typed reply.
///
/// The request is checked against the service model as one from the wire is.
///
/// # Errors
/// The request breaks a constraint of the model.
pub fn bind<R: Served>(request: &R) -> Result<Program, Refusal>
where
    R::Reply: Send + 'static,
{
    let request: R = parse(request.to_json().as_bytes()).map_err(refusal)?;
    Ok(Box::new(move |cx| {
        cx.serve(R::OPERATION.name);
        R::run(cx, &request).map(|reply| Box::new(reply) as Output)
    }))
}

/// Binds a request on the wire; the output is the reply's JSON text.
fn wire<R: Served>(body: &[u8]) -> Result<Program, Refusal>
where
    R::Reply: Send + 'static,
{
    let request: R = parse(body).map_err(refusal)?;
    Ok(Box::new(move |cx| {
        cx.serve(R::OPERATION.name);
        R::run(cx, &request).map(|reply| Box::new(reply.to_json()) as Output)
    }))
}

/// Binds a request on the wire to its operation.
type Binding = fn(&[u8]) -> Result<Program, Refusal>;

/// A request that breaks a constraint of the model, as the service refuses it.
pub(super) fn refusal(rejection: Rejection) -> Refusal {
    let kind = match rejection {
        Rejection::Serialization(_) => RefusalKind::Serialization,
        Rejection::Invalid(_) => RefusalKind::InvalidParameter,
    };
    Refusal::new(kind, rejection.message().to_string())
}

/// A request whose operation this version has.
pub trait Served: Request + Send + Sized + 'static
where
    Self::Reply: Send + 'static,
{
    /// The operation, one run.
    ///
    /// # Errors
    /// Stops with a refusal, a fault, or facts still missing.
    fn run(cx: &mut Cx<'_>, request: &Self) -> Run<Self::Reply>;
}

macro_rules! operations {
    ($($service:ident { $($name:ident: $request:ty => $function:path,)* })*) => {
        /// Binds the operation of this specification to a request on the wire.
        ///
        /// # Errors
        /// The body is not what the operation takes, or this version does not have the operation.
        pub fn program(operation: &OperationSpec, body: &[u8]) -> Result<Program, Refusal> {
            // A table: a choice between so many names would be as many comparisons written out.
            const BINDINGS: &[Binding] = &[$($(wire::<$request>,)*)*];
            let name = (operation.service, operation.name);
            match SUPPORTED.iter().position(|supported| *supported == name) {
                Some(at) => BINDINGS[at](body),
                None => Err(Refusal::new(
                    RefusalKind::UnsupportedOperation,
                    format!("{} is not supported by this version of userpool.", operation.name),
                )),
            }
        }

        /// The names of the operations that this version has, by service.
        pub const SUPPORTED: &[(Service, &str)] = &[$($((Service::$service, stringify!($name)),)*)*];

        $($(
            impl Served for $request {
                fn run(cx: &mut Cx<'_>, request: &Self) -> Run<Self::Reply> {
                    $function(cx, request)
                }
            }
        )*)*
    };
}

operations! {
    UserPools {
        AddCustomAttributes: idp::AddCustomAttributesRequest => super::pools::add_custom_attributes,
        AddUserPoolClientSecret: idp::AddUserPoolClientSecretRequest => super::clients::add_user_pool_client_secret,
        AdminAddUserToGroup: idp::AdminAddUserToGroupRequest => super::groups::admin_add_user_to_group,
        AdminConfirmSignUp: idp::AdminConfirmSignUpRequest => super::admin::admin_confirm_sign_up::admin_confirm_sign_up,
        AdminCreateUser: idp::AdminCreateUserRequest => super::admin::admin_create_user::admin_create_user,
        AdminDeleteSoftwareToken: idp::AdminDeleteSoftwareTokenRequest => super::mfa::admin_delete_software_token::admin_delete_software_token,
        AdminDeleteUser: idp::AdminDeleteUserRequest => super::admin::admin_delete_user::admin_delete_user,
        AdminDeleteUserAttributes: idp::AdminDeleteUserAttributesRequest => super::admin::admin_delete_user_attributes::admin_delete_user_attributes,
        AdminDisableProviderForUser: idp::AdminDisableProviderForUserRequest => super::identity_providers::admin_disable_provider_for_user,
        AdminDisableUser: idp::AdminDisableUserRequest => super::admin::admin_disable_user::admin_disable_user,
        AdminEnableUser: idp::AdminEnableUserRequest => super::admin::admin_enable_user::admin_enable_user,
        AdminForgetDevice: idp::AdminForgetDeviceRequest => super::devices::admin_forget_device,
        AdminGetDevice: idp::AdminGetDeviceRequest => super::devices::admin_get_device,
        AdminGetUser: idp::AdminGetUserRequest => super::admin::admin_get_user::admin_get_user,
        AdminGetUserAuthFactors: idp::AdminGetUserAuthFactorsRequest => super::mfa::auth_factors::admin_get_user_auth_factors,
        AdminLinkProviderForUser: idp::AdminLinkProviderForUserRequest => super::identity_providers::admin_link_provider_for_user,
        AdminListDevices: idp::AdminListDevicesRequest => super::devices::admin_list_devices,
        AdminListGroupsForUser: idp::AdminListGroupsForUserRequest => super::groups::admin_list_groups_for_user,
        AdminListUserAuthEvents: idp::AdminListUserAuthEventsRequest => super::protection::list::admin_list_user_auth_events,
        AdminListUserSessions: idp::AdminListUserSessionsRequest => super::sessions::list::admin_list_user_sessions,
        AdminRemoveUserFromGroup: idp::AdminRemoveUserFromGroupRequest => super::groups::admin_remove_user_from_group,
        AdminResetUserPassword: idp::AdminResetUserPasswordRequest => super::admin::admin_reset_user_password::admin_reset_user_password,
        AdminRevokeUserSession: idp::AdminRevokeUserSessionRequest => super::sessions::revoke::admin_revoke_user_session,
        AdminSetUserMFAPreference: idp::AdminSetUserMFAPreferenceRequest => super::mfa::preference::admin_set_user_mfa_preference,
        AdminSetUserPassword: idp::AdminSetUserPasswordRequest => super::admin::admin_set_user_password::admin_set_user_password,
        AdminSetUserSettings: idp::AdminSetUserSettingsRequest => super::mfa::settings::admin_set_user_settings,
        AdminUpdateDeviceStatus: idp::AdminUpdateDeviceStatusRequest => super::devices::admin_update_device_status,
        AdminUpdateAuthEventFeedback: idp::AdminUpdateAuthEventFeedbackRequest => super::protection::feedback::admin_update_auth_event_feedback,
        AdminUpdateUserAttributes: idp::AdminUpdateUserAttributesRequest => super::admin::admin_update_user_attributes::admin_update_user_attributes,
        AdminUserGlobalSignOut: idp::AdminUserGlobalSignOutRequest => super::tokens::sign_out::admin_user_global_sign_out,
        AssociateSoftwareToken: idp::AssociateSoftwareTokenRequest => super::mfa::associate_software_token::associate_software_token,
        ChangePassword: idp::ChangePasswordRequest => super::users::change_password::change_password,
        ConfirmDevice: idp::ConfirmDeviceRequest => super::devices::confirm_device,
        CompleteWebAuthnRegistration: idp::CompleteWebAuthnRegistrationRequest => super::passkeys::complete_web_authn_registration,
        ConfirmForgotPassword: idp::ConfirmForgotPasswordRequest => super::users::confirm_forgot_password::confirm_forgot_password,
        ConfirmSignUp: idp::ConfirmSignUpRequest => super::sign_up::confirm_sign_up::confirm_sign_up,
        CreateGroup: idp::CreateGroupRequest => super::groups::create_group,
        CreateIdentityProvider: idp::CreateIdentityProviderRequest => super::identity_providers::create_identity_provider,
        CreateManagedLoginBranding: idp::CreateManagedLoginBrandingRequest => super::branding::create_managed_login_branding,
        CreateResourceServer: idp::CreateResourceServerRequest => super::resource_servers::create_resource_server,
        CreateTerms: idp::CreateTermsRequest => super::terms::create_terms,
        CreateUserImportJob: idp::CreateUserImportJobRequest => super::imports::create_user_import_job,
        CreateUserPool: idp::CreateUserPoolRequest => super::pools::create_user_pool,
        CreateUserPoolClient: idp::CreateUserPoolClientRequest => super::clients::create_user_pool_client,
        CreateUserPoolDomain: idp::CreateUserPoolDomainRequest => super::domains::create_user_pool_domain,
        CreateUserPoolReplica: idp::CreateUserPoolReplicaRequest => super::pools::create_user_pool_replica,
        DeleteGroup: idp::DeleteGroupRequest => super::groups::delete_group,
        DeleteIdentityProvider: idp::DeleteIdentityProviderRequest => super::identity_providers::delete_identity_provider,
        DeleteManagedLoginBranding: idp::DeleteManagedLoginBrandingRequest => super::branding::delete_managed_login_branding,
        DeleteResourceServer: idp::DeleteResourceServerRequest => super::resource_servers::delete_resource_server,
        DeleteTerms: idp::DeleteTermsRequest => super::terms::delete_terms,
        DeleteUser: idp::DeleteUserRequest => super::users::delete_user::delete_user,
        DeleteUserAttributes: idp::DeleteUserAttributesRequest => super::users::delete_user_attributes::delete_user_attributes,
        DeleteUserPool: idp::DeleteUserPoolRequest => super::pools::delete_user_pool,
        DeleteUserPoolClient: idp::DeleteUserPoolClientRequest => super::clients::delete_user_pool_client,
        DeleteUserPoolClientSecret: idp::DeleteUserPoolClientSecretRequest => super::clients::delete_user_pool_client_secret,
        DeleteUserPoolDomain: idp::DeleteUserPoolDomainRequest => super::domains::delete_user_pool_domain,
        DeleteUserPoolReplica: idp::DeleteUserPoolReplicaRequest => super::pools::delete_user_pool_replica,
        DeleteWebAuthnCredential: idp::DeleteWebAuthnCredentialRequest => super::passkeys::delete_web_authn_credential,
        DescribeIdentityProvider: idp::DescribeIdentityProviderRequest => super::identity_providers::describe_identity_provider,
        DescribeManagedLoginBranding: idp::DescribeManagedLoginBrandingRequest => super::branding::describe_managed_login_branding,
        DescribeManagedLoginBrandingByClient: idp::DescribeManagedLoginBrandingByClientRequest => super::branding::describe_managed_login_branding_by_client,
        DescribeResourceServer: idp::DescribeResourceServerRequest => super::resource_servers::describe_resource_server,
        DescribeRiskConfiguration: idp::DescribeRiskConfigurationRequest => super::protection::settings::describe_risk_configuration,
        DescribeTerms: idp::DescribeTermsRequest => super::terms::describe_terms,
        DescribeTermsByClient: idp::DescribeTermsByClientRequest => super::terms::describe_terms_by_client,
        DescribeUserImportJob: idp::DescribeUserImportJobRequest => super::imports::describe_user_import_job,
        DescribeUserPool: idp::DescribeUserPoolRequest => super::pools::describe_user_pool,
        DescribeUserPoolClient: idp::DescribeUserPoolClientRequest => super::clients::describe_user_pool_client,
        DescribeUserPoolDomain: idp::DescribeUserPoolDomainRequest => super::domains::describe_user_pool_domain,
        ForgetDevice: idp::ForgetDeviceRequest => super::devices::forget_device,
        ForgotPassword: idp::ForgotPasswordRequest => super::users::forgot_password::forgot_password,
        GetClientToken: idp::GetClientTokenRequest => super::tokens::get_client_token::get_client_token,
        GetCSVHeader: idp::GetCSVHeaderRequest => super::imports::get_csv_header,
        GetDerivedToken: idp::GetDerivedTokenRequest => super::tokens::exchange::get_derived_token,
        GetDevice: idp::GetDeviceRequest => super::devices::get_device,
        GetGroup: idp::GetGroupRequest => super::groups::get_group,
        GetIdentityProviderByIdentifier: idp::GetIdentityProviderByIdentifierRequest => super::identity_providers::get_identity_provider_by_identifier,
        GetProvisionedLimit: idp::GetProvisionedLimitRequest => super::provisioned_limits::get_provisioned_limit,
        GetLogDeliveryConfiguration: idp::GetLogDeliveryConfigurationRequest => super::logs::get_log_delivery_configuration,
        GetSigningCertificate: idp::GetSigningCertificateRequest => super::pools::get_signing_certificate,
        GetTokensFromRefreshToken: idp::GetTokensFromRefreshTokenRequest => super::tokens::refresh::get_tokens_from_refresh_token,
        GetUICustomization: idp::GetUICustomizationRequest => super::pages::get_ui_customization,
        GetUser: idp::GetUserRequest => super::tokens::get_user::get_user,
        GetUserAuthFactors: idp::GetUserAuthFactorsRequest => super::mfa::auth_factors::get_user_auth_factors,
        GetUserPoolClientSessionConfiguration: idp::GetUserPoolClientSessionConfigurationRequest => super::sessions::settings::get_user_pool_client_session_configuration,
        GetUserPoolMfaConfig: idp::GetUserPoolMfaConfigRequest => super::pools::get_user_pool_mfa_config,
        GetUserAttributeVerificationCode: idp::GetUserAttributeVerificationCodeRequest => super::users::get_user_attribute_verification_code::get_user_attribute_verification_code,
        GetUserPoolSessionConfiguration: idp::GetUserPoolSessionConfigurationRequest => super::sessions::settings::get_user_pool_session_configuration,
        GlobalSignOut: idp::GlobalSignOutRequest => super::tokens::sign_out::global_sign_out,
        ListDevices: idp::ListDevicesRequest => super::devices::list_devices,
        ListGroups: idp::ListGroupsRequest => super::groups::list_groups,
        ListIdentityProviders: idp::ListIdentityProvidersRequest => super::identity_providers::list_identity_providers,
        ListResourceServers: idp::ListResourceServersRequest => super::resource_servers::list_resource_servers,
        ListTagsForResource: idp::ListTagsForResourceRequest => super::pools::list_tags_for_resource,
        ListTerms: idp::ListTermsRequest => super::terms::list_terms,
        ListUserPoolClientSecrets: idp::ListUserPoolClientSecretsRequest => super::clients::list_user_pool_client_secrets,
        ListUserImportJobs: idp::ListUserImportJobsRequest => super::imports::list_user_import_jobs,
        ListUserPoolClients: idp::ListUserPoolClientsRequest => super::clients::list_user_pool_clients,
        ListUserPoolReplicas: idp::ListUserPoolReplicasRequest => super::pools::list_user_pool_replicas,
        ListUserPools: idp::ListUserPoolsRequest => super::pools::list_user_pools,
        ListUserSessions: idp::ListUserSessionsRequest => super::sessions::list::list_user_sessions,
        ListUsers: idp::ListUsersRequest => super::list_users::list_users,
        ListUsersInGroup: idp::ListUsersInGroupRequest => super::groups::list_users_in_group,
        ListWebAuthnCredentials: idp::ListWebAuthnCredentialsRequest => super::passkeys::list_web_authn_credentials,
        ResendConfirmationCode: idp::ResendConfirmationCodeRequest => super::sign_up::resend_confirmation_code::resend_confirmation_code,
        RevokeToken: idp::RevokeTokenRequest => super::tokens::revoke::revoke_token,
        AdminInitiateAuth: idp::AdminInitiateAuthRequest => super::sign_in::initiate::admin_initiate_auth,
        AdminRespondToAuthChallenge: idp::AdminRespondToAuthChallengeRequest => super::sign_in::respond::admin_respond_to_auth_challenge,
        InitiateAuth: idp::InitiateAuthRequest => super::sign_in::initiate::initiate_auth,
        RespondToAuthChallenge: idp::RespondToAuthChallengeRequest => super::sign_in::respond::respond_to_auth_challenge,
        RevokeUserSession: idp::RevokeUserSessionRequest => super::sessions::revoke::revoke_user_session,
        SetLogDeliveryConfiguration: idp::SetLogDeliveryConfigurationRequest => super::logs::set_log_delivery_configuration,
        SetRiskConfiguration: idp::SetRiskConfigurationRequest => super::protection::settings::set_risk_configuration,
        SetUICustomization: idp::SetUICustomizationRequest => super::pages::set_ui_customization,
        SetUserMFAPreference: idp::SetUserMFAPreferenceRequest => super::mfa::preference::set_user_mfa_preference,
        SetUserPoolClientSessionConfiguration: idp::SetUserPoolClientSessionConfigurationRequest => super::sessions::settings::set_user_pool_client_session_configuration,
        SetUserPoolMfaConfig: idp::SetUserPoolMfaConfigRequest => super::pools::set_user_pool_mfa_config,
        SetUserPoolSessionConfiguration: idp::SetUserPoolSessionConfigurationRequest => super::sessions::settings::set_user_pool_session_configuration,
        SetUserSettings: idp::SetUserSettingsRequest => super::mfa::settings::set_user_settings,
        SignUp: idp::SignUpRequest => super::sign_up::sign_up::sign_up,
        StartUserImportJob: idp::StartUserImportJobRequest => super::imports::start_user_import_job,
        StartWebAuthnRegistration: idp::StartWebAuthnRegistrationRequest => super::passkeys::start_web_authn_registration,
        StopUserImportJob: idp::StopUserImportJobRequest => super::imports::stop_user_import_job,
        TagResource: idp::TagResourceRequest => super::pools::tag_resource,
        UntagResource: idp::UntagResourceRequest => super::pools::untag_resource,
        UpdateDeviceStatus: idp::UpdateDeviceStatusRequest => super::devices::update_device_status,
        UpdateAuthEventFeedback: idp::UpdateAuthEventFeedbackRequest => super::protection::feedback::update_auth_event_feedback,
        UpdateGroup: idp::UpdateGroupRequest => super::groups::update_group,
        UpdateIdentityProvider: idp::UpdateIdentityProviderRequest => super::identity_providers::update_identity_provider,
        UpdateManagedLoginBranding: idp::UpdateManagedLoginBrandingRequest => super::branding::update_managed_login_branding,
        UpdateProvisionedLimit: idp::UpdateProvisionedLimitRequest => super::provisioned_limits::update_provisioned_limit,
        UpdateResourceServer: idp::UpdateResourceServerRequest => super::resource_servers::update_resource_server,
        UpdateTerms: idp::UpdateTermsRequest => super::terms::update_terms,
        UpdateUserAttributes: idp::UpdateUserAttributesRequest => super::users::update_user_attributes::update_user_attributes,
        UpdateUserPool: idp::UpdateUserPoolRequest => super::pools::update_user_pool,
        UpdateUserPoolClient: idp::UpdateUserPoolClientRequest => super::clients::update_user_pool_client,
        UpdateUserPoolDomain: idp::UpdateUserPoolDomainRequest => super::domains::update_user_pool_domain,
        UpdateUserPoolReplica: idp::UpdateUserPoolReplicaRequest => super::pools::update_user_pool_replica,
        VerifySoftwareToken: idp::VerifySoftwareTokenRequest => super::mfa::verify_software_token::verify_software_token,
        VerifyUserAttribute: idp::VerifyUserAttributeRequest => super::users::verify_user_attribute::verify_user_attribute,
    }
    IdentityPools {
        CreateIdentityPool: identity::CreateIdentityPoolInput => super::identity_pools::create_identity_pool,
        DeleteIdentities: identity::DeleteIdentitiesInput => super::identity_pools::delete_identities,
        DeleteIdentityPool: identity::DeleteIdentityPoolInput => super::identity_pools::delete_identity_pool,
        DescribeIdentity: identity::DescribeIdentityInput => super::identity_pools::describe_identity,
        DescribeIdentityPool: identity::DescribeIdentityPoolInput => super::identity_pools::describe_identity_pool,
        GetCredentialsForIdentity: identity::GetCredentialsForIdentityInput => super::identity_pools::get_credentials_for_identity,
        GetId: identity::GetIdInput => super::identity_pools::get_id,
        GetIdentityPoolRoles: identity::GetIdentityPoolRolesInput => super::identity_pools::get_identity_pool_roles,
        GetOpenIdToken: identity::GetOpenIdTokenInput => super::identity_pools::get_open_id_token,
        GetOpenIdTokenForDeveloperIdentity: identity::GetOpenIdTokenForDeveloperIdentityInput => super::identity_pools::get_open_id_token_for_developer_identity,
        GetPrincipalTagAttributeMap: identity::GetPrincipalTagAttributeMapInput => super::identity_pools::get_principal_tag_attribute_map,
        ListIdentities: identity::ListIdentitiesInput => super::identity_pools::list_identities,
        ListIdentityPools: identity::ListIdentityPoolsInput => super::identity_pools::list_identity_pools,
        ListTagsForResource: identity::ListTagsForResourceInput => super::identity_pools::list_tags_for_resource,
        LookupDeveloperIdentity: identity::LookupDeveloperIdentityInput => super::identity_pools::lookup_developer_identity,
        MergeDeveloperIdentities: identity::MergeDeveloperIdentitiesInput => super::identity_pools::merge_developer_identities,
        SetIdentityPoolRoles: identity::SetIdentityPoolRolesInput => super::identity_pools::set_identity_pool_roles,
        SetPrincipalTagAttributeMap: identity::SetPrincipalTagAttributeMapInput => super::identity_pools::set_principal_tag_attribute_map,
        TagResource: identity::TagResourceInput => super::identity_pools::tag_resource,
        UnlinkDeveloperIdentity: identity::UnlinkDeveloperIdentityInput => super::identity_pools::unlink_developer_identity,
        UnlinkIdentity: identity::UnlinkIdentityInput => super::identity_pools::unlink_identity,
        UntagResource: identity::UntagResourceInput => super::identity_pools::untag_resource,
        UpdateIdentityPool: identity::IdentityPool => super::identity_pools::update_identity_pool,
    }
}
