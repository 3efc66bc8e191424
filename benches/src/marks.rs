//! Functions that do nothing but carry a name, so that a profile can tell what was spent on what.
//!
//! Each is a module path of its own (`marks::get_user::request`), is never inlined, and differs from the others, so
//! that the compiler keeps them apart.

/// Calls what it is given, under a name.
pub type Mark = fn(&mut dyn FnMut());

/// The marks of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// Around the whole request, from JSON to JSON.
    pub request: Mark,
    /// Around the slow arithmetic that it asked for: modular powers and RSA.
    pub slow_arithmetic: Mark,
    /// Around each visit of the store, which is the host's and no part of the engine.
    pub store: Mark,
    /// Around each step of the machine: all the runs of the operation.
    pub runs: Mark,
    /// Around one run that knows everything from the start.
    pub once: Mark,
}

/// No marks: for what is not counted.
pub const UNMARKED: Marks = Marks {
    request: unmarked,
    slow_arithmetic: unmarked,
    store: unmarked,
    runs: unmarked,
    once: unmarked,
};

fn unmarked(body: &mut dyn FnMut()) {
    body();
}

macro_rules! operations {
    ($($name:ident $module:ident,)*) => {
        $(
            #[allow(missing_docs, reason = "the names are the operation's and the mark's")]
            pub mod $module {
                use core::hint::black_box;

                #[inline(never)]
                pub fn request(body: &mut dyn FnMut()) {
                    black_box(concat!(stringify!($name), " request"));
                    body();
                    black_box(());
                }

                #[inline(never)]
                pub fn slow_arithmetic(body: &mut dyn FnMut()) {
                    black_box(concat!(stringify!($name), " slow arithmetic"));
                    body();
                    black_box(());
                }

                #[inline(never)]
                pub fn store(body: &mut dyn FnMut()) {
                    black_box(concat!(stringify!($name), " store"));
                    body();
                    black_box(());
                }

                #[inline(never)]
                pub fn runs(body: &mut dyn FnMut()) {
                    black_box(concat!(stringify!($name), " runs"));
                    body();
                    black_box(());
                }

                #[inline(never)]
                pub fn once(body: &mut dyn FnMut()) {
                    black_box(concat!(stringify!($name), " once"));
                    body();
                    black_box(());
                }
            }
        )*

        /// The marks of an operation, by its protocol name.
        #[must_use]
        pub fn of(operation: &str) -> Option<Marks> {
            match operation {
                $(stringify!($name) => Some(Marks {
                    request: $module::request,
                    slow_arithmetic: $module::slow_arithmetic,
                    store: $module::store,
                    runs: $module::runs,
                    once: $module::once,
                }),)*
                _ => None,
            }
        }
    };
}

operations! {
    AddCustomAttributes add_custom_attributes,
    AddUserPoolClientSecret add_user_pool_client_secret,
    AdminAddUserToGroup admin_add_user_to_group,
    AdminConfirmSignUp admin_confirm_sign_up,
    AdminCreateUser admin_create_user,
    AdminDeleteSoftwareToken admin_delete_software_token,
    AdminDeleteUser admin_delete_user,
    AdminDeleteUserAttributes admin_delete_user_attributes,
    AdminDisableProviderForUser admin_disable_provider_for_user,
    AdminDisableUser admin_disable_user,
    AdminEnableUser admin_enable_user,
    AdminForgetDevice admin_forget_device,
    AdminGetDevice admin_get_device,
    AdminGetUser admin_get_user,
    AdminGetUserAuthFactors admin_get_user_auth_factors,
    AdminInitiateAuth admin_initiate_auth,
    AdminLinkProviderForUser admin_link_provider_for_user,
    AdminListDevices admin_list_devices,
    AdminListGroupsForUser admin_list_groups_for_user,
    AdminListUserAuthEvents admin_list_user_auth_events,
    AdminListUserSessions admin_list_user_sessions,
    AdminRemoveUserFromGroup admin_remove_user_from_group,
    AdminResetUserPassword admin_reset_user_password,
    AdminRespondToAuthChallenge admin_respond_to_auth_challenge,
    AdminRevokeUserSession admin_revoke_user_session,
    AdminSetUserMFAPreference admin_set_user_m_f_a_preference,
    AdminSetUserPassword admin_set_user_password,
    AdminSetUserSettings admin_set_user_settings,
    AdminUpdateAuthEventFeedback admin_update_auth_event_feedback,
    AdminUpdateDeviceStatus admin_update_device_status,
    AdminUpdateUserAttributes admin_update_user_attributes,
    AdminUserGlobalSignOut admin_user_global_sign_out,
    AskDevice ask_device,
    AskMailedCode ask_mailed_code,
    AskPasskey ask_passkey,
    AskSoftwareToken ask_software_token,
    AssociateSoftwareToken associate_software_token,
    ChangePassword change_password,
    CompleteWebAuthnRegistration complete_web_authn_registration,
    ConfirmDevice confirm_device,
    ConfirmForgotPassword confirm_forgot_password,
    ConfirmSignUp confirm_sign_up,
    CreateGroup create_group,
    CreateIdentityPool create_identity_pool,
    CreateIdentityProvider create_identity_provider,
    CreateManagedLoginBranding create_managed_login_branding,
    CreateResourceServer create_resource_server,
    CreateTerms create_terms,
    CreateUserImportJob create_user_import_job,
    CreateUserPool create_user_pool,
    CreateUserPoolClient create_user_pool_client,
    CreateUserPoolDomain create_user_pool_domain,
    CreateUserPoolReplica create_user_pool_replica,
    DeleteGroup delete_group,
    DeleteIdentities delete_identities,
    DeleteIdentityPool delete_identity_pool,
    DeleteIdentityProvider delete_identity_provider,
    DeleteManagedLoginBranding delete_managed_login_branding,
    DeleteResourceServer delete_resource_server,
    DeleteTerms delete_terms,
    DeleteUser delete_user,
    DeleteUserAttributes delete_user_attributes,
    DeleteUserPool delete_user_pool,
    DeleteUserPoolClient delete_user_pool_client,
    DeleteUserPoolClientSecret delete_user_pool_client_secret,
    DeleteUserPoolDomain delete_user_pool_domain,
    DeleteUserPoolReplica delete_user_pool_replica,
    DeleteWebAuthnCredential delete_web_authn_credential,
    DescribeIdentity describe_identity,
    DescribeIdentityPool describe_identity_pool,
    DescribeIdentityProvider describe_identity_provider,
    DescribeManagedLoginBranding describe_managed_login_branding,
    DescribeManagedLoginBrandingByClient describe_managed_login_branding_by_client,
    DescribeResourceServer describe_resource_server,
    DescribeRiskConfiguration describe_risk_configuration,
    DescribeTerms describe_terms,
    DescribeTermsByClient describe_terms_by_client,
    DescribeUserImportJob describe_user_import_job,
    DescribeUserPool describe_user_pool,
    DescribeUserPoolClient describe_user_pool_client,
    DescribeUserPoolDomain describe_user_pool_domain,
    DevicePasswordVerifier device_password_verifier,
    DeviceSrpAuth device_srp_auth,
    ForgetDevice forget_device,
    ForgotPassword forgot_password,
    GetCSVHeader get_c_s_v_header,
    GetClientToken get_client_token,
    GetCredentialsForIdentity get_credentials_for_identity,
    GetDerivedToken get_derived_token,
    GetDevice get_device,
    GetGroup get_group,
    GetId get_id,
    GetIdentityPoolRoles get_identity_pool_roles,
    GetIdentityProviderByIdentifier get_identity_provider_by_identifier,
    GetLogDeliveryConfiguration get_log_delivery_configuration,
    GetOpenIdToken get_open_id_token,
    GetOpenIdTokenForDeveloperIdentity get_open_id_token_for_developer_identity,
    GetPrincipalTagAttributeMap get_principal_tag_attribute_map,
    GetProvisionedLimit get_provisioned_limit,
    GetSigningCertificate get_signing_certificate,
    GetTokensFromRefreshToken get_tokens_from_refresh_token,
    GetUICustomization get_u_i_customization,
    GetUser get_user,
    GetUserAttributeVerificationCode get_user_attribute_verification_code,
    GetUserAuthFactors get_user_auth_factors,
    GetUserPoolClientSessionConfiguration get_user_pool_client_session_configuration,
    GetUserPoolMfaConfig get_user_pool_mfa_config,
    GetUserPoolSessionConfiguration get_user_pool_session_configuration,
    GlobalSignOut global_sign_out,
    InitiateAuth initiate_auth,
    ListDevices list_devices,
    ListGroups list_groups,
    ListIdentities list_identities,
    ListIdentityPools list_identity_pools,
    ListIdentityProviders list_identity_providers,
    ListResourceServers list_resource_servers,
    ListTagsForResource list_tags_for_resource,
    ListTagsOfIdentityPool list_tags_of_identity_pool,
    ListTerms list_terms,
    ListUserImportJobs list_user_import_jobs,
    ListUserPoolClientSecrets list_user_pool_client_secrets,
    ListUserPoolClients list_user_pool_clients,
    ListUserPoolReplicas list_user_pool_replicas,
    ListUserPools list_user_pools,
    ListUserSessions list_user_sessions,
    ListUsers list_users,
    ListUsersInGroup list_users_in_group,
    ListWebAuthnCredentials list_web_authn_credentials,
    LookupDeveloperIdentity lookup_developer_identity,
    MergeDeveloperIdentities merge_developer_identities,
    OfferFirstFactors offer_first_factors,
    ProveFirstCode prove_first_code,
    ProveMailedCode prove_mailed_code,
    ProvePasskey prove_passkey,
    ProveSoftwareToken prove_software_token,
    ResendConfirmationCode resend_confirmation_code,
    RespondToAuthChallenge respond_to_auth_challenge,
    RevokeToken revoke_token,
    RevokeUserSession revoke_user_session,
    SelectMailedCode select_mailed_code,
    SendFirstCode send_first_code,
    SetIdentityPoolRoles set_identity_pool_roles,
    SetLogDeliveryConfiguration set_log_delivery_configuration,
    SetPrincipalTagAttributeMap set_principal_tag_attribute_map,
    SetRiskConfiguration set_risk_configuration,
    SetUICustomization set_u_i_customization,
    SetUserMFAPreference set_user_m_f_a_preference,
    SetUserPoolClientSessionConfiguration set_user_pool_client_session_configuration,
    SetUserPoolMfaConfig set_user_pool_mfa_config,
    SetUserPoolSessionConfiguration set_user_pool_session_configuration,
    SetUserSettings set_user_settings,
    SignInWithPassword sign_in_with_password,
    SignUp sign_up,
    StartUserImportJob start_user_import_job,
    StartWebAuthnRegistration start_web_authn_registration,
    StopUserImportJob stop_user_import_job,
    TagIdentityPool tag_identity_pool,
    TagResource tag_resource,
    UnlinkDeveloperIdentity unlink_developer_identity,
    UnlinkIdentity unlink_identity,
    UntagIdentityPool untag_identity_pool,
    UntagResource untag_resource,
    UpdateAuthEventFeedback update_auth_event_feedback,
    UpdateDeviceStatus update_device_status,
    UpdateGroup update_group,
    UpdateIdentityPool update_identity_pool,
    UpdateIdentityProvider update_identity_provider,
    UpdateManagedLoginBranding update_managed_login_branding,
    UpdateProvisionedLimit update_provisioned_limit,
    UpdateResourceServer update_resource_server,
    UpdateTerms update_terms,
    UpdateUserAttributes update_user_attributes,
    UpdateUserPool update_user_pool,
    UpdateUserPoolClient update_user_pool_client,
    UpdateUserPoolDomain update_user_pool_domain,
    UpdateUserPoolReplica update_user_pool_replica,
    VerifySoftwareToken verify_software_token,
    VerifyUserAttribute verify_user_attribute,
}
