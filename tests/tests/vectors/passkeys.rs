//! Passkeys with keys of every algorithm: what is right is accepted, and whatever is changed is not.

use proptest::{collection::vec, prelude::*, sample::Index};
use userpool_tests::authenticator::{
    BACKED_UP, Credential, ELIGIBLE, PRESENT, VERIFIED, attestation_object,
};
use userpool_webauthn::{
    Invalid,
    attestation::Attestation,
    authentication::{self, Asserted, Assertion},
    key::{Algorithm, PublicKey},
    party::{Embedding, Expected, Origins, RelyingParty, UserVerification},
    registration::{self, Registered, Response},
};

const ORIGIN: &str = "https://login.example.org";
const CHALLENGE: &[u8] = &[0xC5; 32];

fn expected(challenge: &[u8]) -> Expected<'_> {
    Expected {
        party: RelyingParty {
            id: "example.org",
            origins: Origins::OfId,
            embedding: Embedding::Never,
        },
        challenge,
        verification: UserVerification::Required,
    }
}

fn created(challenge: &[u8]) -> Vec<u8> {
    Credential::client_data("webauthn.create", challenge, ORIGIN)
}

fn gotten(challenge: &[u8]) -> Vec<u8> {
    Credential::client_data("webauthn.get", challenge, ORIGIN)
}

fn register(id: &[u8], client_data: &[u8], object: &[u8]) -> Result<Registered, Invalid> {
    let response = Response {
        credential_id: id,
        client_data,
        attestation_object: object,
    };
    registration::check(&expected(CHALLENGE), &response)?.verify()
}

/// Checks an assertion against what the credential had when it was registered, with the counter 0.
fn assert_with(
    credential: &Credential,
    client_data: &[u8],
    data: &[u8],
    signature: &[u8],
) -> Result<Asserted, Invalid> {
    let kept = authentication::Credential {
        key: &credential.cose(),
        counter: 0,
        backup_eligible: credential.flags & ELIGIBLE != 0,
    };
    let assertion = Assertion {
        client_data,
        authenticator_data: data,
        signature,
    };
    authentication::verify(&expected(CHALLENGE), &kept, &assertion)
}

fn credential(algorithm: Algorithm) -> Credential {
    Credential::new("example.org", algorithm, [0x42; 32])
}

/// Every bit, one after the other, changed.
fn changed(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        (bit, changed)
    })
}

#[test]
fn a_registration_that_signs_itself_may_change_in_no_bit() {
    for algorithm in Algorithm::ALL {
        let credential = credential(algorithm);
        let client_data = created(CHALLENGE);
        let object = credential.register_signed(&client_data);
        let registered = register(&credential.id, &client_data, &object).expect("a registration");
        assert_eq!(registered.attestation, Attestation::Own);
        assert_eq!(registered.key.cose(), credential.cose());
        assert_eq!(registered.key.algorithm(), algorithm);
        for (bit, client_data) in changed(&client_data) {
            let end = register(&credential.id, &client_data, &object);
            assert!(end.is_err(), "{algorithm:?}: client data, bit {bit}");
        }
        for (bit, id) in changed(&credential.id) {
            let end = register(&id, &client_data, &object);
            assert_eq!(end.err(), Some(Invalid::CredentialId), "{bit}");
        }
        for (bit, object) in changed(&object) {
            // Somebody else's statement is not looked at: it says so.
            match register(&credential.id, &client_data, &object) {
                Err(_) => {}
                Ok(other) => assert!(
                    matches!(other.attestation, Attestation::Unverified(_)),
                    "{algorithm:?}: attestation object, bit {bit}"
                ),
            }
        }
    }
}

#[test]
fn whatever_changes_in_a_registration_without_attestation_shows_in_what_is_registered() {
    for algorithm in Algorithm::ALL {
        let credential = credential(algorithm);
        let client_data = created(CHALLENGE);
        let object = credential.register();
        let registered = register(&credential.id, &client_data, &object).expect("a registration");
        assert_eq!(registered.attestation, Attestation::None);
        for (bit, object) in changed(&object) {
            let end = register(&credential.id, &client_data, &object);
            assert_ne!(end.as_ref(), Ok(&registered), "{algorithm:?}: bit {bit}");
        }
    }
}

#[test]
fn nothing_may_be_cut_off_or_added() {
    let credential = credential(Algorithm::Es256);
    let client_data = created(CHALLENGE);
    let object = credential.register_signed(&client_data);
    for length in 0..object.len() {
        assert!(register(&credential.id, &client_data, &object[..length]).is_err());
    }
    let longer = [&object[..], b"\0"].concat();
    let end = register(&credential.id, &client_data, &longer);
    assert_eq!(end.err(), Some(Invalid::Attestation));

    let client_data = gotten(CHALLENGE);
    let (data, signature) = credential.assert(&client_data);
    assert!(assert_with(&credential, &client_data, &data, &signature).is_ok());
    for length in 0..data.len() {
        assert!(assert_with(&credential, &client_data, &data[..length], &signature).is_err());
    }
    for length in 0..signature.len() {
        assert!(assert_with(&credential, &client_data, &data, &signature[..length]).is_err());
    }
    let longer = [&signature[..], b"\0"].concat();
    let end = assert_with(&credential, &client_data, &data, &longer);
    assert_eq!(end.err(), Some(Invalid::Signature));
}

#[test]
fn the_flags_decide_as_they_should() {
    use Invalid::{Backup, UserPresence, UserVerification as Verification};
    for (flags, registers, signs_in) in [
        (PRESENT | VERIFIED, None, None),
        (0, Some(UserPresence), Some(UserPresence)),
        (VERIFIED, Some(UserPresence), Some(UserPresence)),
        (PRESENT, Some(Verification), Some(Verification)),
        (PRESENT | VERIFIED | BACKED_UP, Some(Backup), Some(Backup)),
        (PRESENT | VERIFIED | ELIGIBLE, None, None),
        (PRESENT | VERIFIED | ELIGIBLE | BACKED_UP, None, None),
    ] {
        let mut credential = credential(Algorithm::Es256);
        credential.flags = flags;
        let client_data = created(CHALLENGE);
        let end = register(&credential.id, &client_data, &credential.register());
        assert_eq!(end.err(), registers, "{flags:#x}");
        let client_data = gotten(CHALLENGE);
        let (data, signature) = credential.assert(&client_data);
        let end = assert_with(&credential, &client_data, &data, &signature);
        assert_eq!(end.err(), signs_in, "{flags:#x}");
    }
}

#[test]
fn an_assertion_with_a_new_credential_in_it_is_refused() {
    let credential = credential(Algorithm::EdDsa);
    let client_data = gotten(CHALLENGE);
    let object = credential.register();
    let data = &object[object.len() - 37 - 18 - 32 - credential.cose().len()..];
    assert_eq!(data[32], PRESENT | VERIFIED | 0x40);
    let signature =
        credential.sign(&[data, &userpool_crypto::digest::sha256(&[&client_data])].concat());
    let end = assert_with(&credential, &client_data, data, &signature);
    assert_eq!(end.err(), Some(Invalid::AuthenticatorData));
}

#[test]
fn a_counter_has_to_rise_unless_there_is_none() {
    let mut credential = credential(Algorithm::EdDsa);
    let key = credential.cose();
    for (before, now, rises) in [
        (0, 0, true),
        (0, 1, true),
        (1, 2, true),
        (7, u32::MAX, true),
        (1, 0, false),
        (1, 1, false),
        (u32::MAX, 0, false),
        (9, 8, false),
    ] {
        credential.counter = now;
        let client_data = gotten(CHALLENGE);
        let (data, signature) = credential.assert(&client_data);
        let kept = authentication::Credential {
            key: &key,
            counter: before,
            backup_eligible: false,
        };
        let mut assertion = Assertion {
            client_data: &client_data,
            authenticator_data: &data,
            signature: &signature,
        };
        let end = authentication::verify(&expected(CHALLENGE), &kept, &assertion);
        match rises {
            true => assert_eq!(end.map(|asserted| asserted.counter), Ok(now)),
            false => assert_eq!(end.err(), Some(Invalid::Counter), "{before} {now}"),
        }
        // Without the signature the counter tells nothing.
        assertion.signature = &[0; 64];
        let end = authentication::verify(&expected(CHALLENGE), &kept, &assertion);
        assert_eq!(end.err(), Some(Invalid::Signature), "{before} {now}");
    }
}

#[test]
fn statements_that_are_no_statements_are_refused() {
    let credential = credential(Algorithm::Es256);
    let client_data = created(CHALLENGE);
    let object = credential.register();
    let data = &object[object.len() - 37 - 18 - 32 - credential.cose().len()..];
    let end = |format: &str, statement: &[u8]| {
        let object = attestation_object(format, statement, data);
        register(&credential.id, &client_data, &object).map(|registered| registered.attestation)
    };
    assert_eq!(end("none", b"\xA0"), Ok(Attestation::None));
    let unverified = Attestation::Unverified("apple".into());
    assert_eq!(end("apple", b"\xA1\x63x5c\x80"), Ok(unverified));
    for (format, statement) in [
        ("none", &b"\xA1\x61a\x01"[..]),
        ("none", b"\xBF\xFF"),
        ("none", b"\x80"),
        ("none", b"\xF6"),
        ("", b"\xA0"),
        ("a format of more than thirty-two letters", b"\xA0"),
        ("packed", b"\xA0"),
        ("packed", b"\xA1\x63alg\x26"),
        ("packed", b"\xA2\x63alg\x27\x63sig\x40"),
        ("packed", b"\xA3\x63alg\x26\x63sig\x40\x61x\x01"),
        ("packed", b"\xA3\x63alg\x26\x63alg\x26\x63sig\x40"),
        ("packed", b"\xA3\x63alg\x26\x63sig\x40\x63x5c\x01"),
    ] {
        assert_eq!(
            end(format, statement),
            Err(Invalid::Attestation),
            "{format} {statement:x?}"
        );
    }
    // The right form, signed by nobody.
    let unsigned = end("packed", b"\xA2\x63alg\x26\x63sig\x40");
    assert_eq!(unsigned, Err(Invalid::Signature));
}

/// So many cases, the same ones on every run.
fn cases(number: u32) -> ProptestConfig {
    ProptestConfig {
        cases: number,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..Default::default()
    }
}

fn algorithms() -> impl Strategy<Value = Algorithm> {
    proptest::sample::select(&Algorithm::ALL[..])
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn what_a_credential_signs_is_accepted_and_nothing_beside_it(
        algorithm in algorithms(),
        seed in any::<[u8; 32]>(),
        challenge in vec(any::<u8>(), 16..64),
        counter in any::<u32>(),
        eligible in any::<bool>(),
        part in 0..4_usize,
        at in any::<Index>(),
        change in 1..=255_u8,
    ) {
        let mut credential = Credential::new("example.org", algorithm, seed);
        credential.counter = counter;
        credential.flags |= if eligible { ELIGIBLE } else { 0 };
        let client_data = gotten(&challenge);
        let (data, signature) = credential.assert(&client_data);
        let mut parts = [credential.cose(), client_data, data, signature];
        let check = |[key, client_data, data, signature]: &[Vec<u8>; 4]| {
            let kept = authentication::Credential { key, counter: 0, backup_eligible: eligible };
            let assertion = Assertion { client_data, authenticator_data: data, signature };
            authentication::verify(&expected(&challenge), &kept, &assertion)
        };
        prop_assert_eq!(check(&parts).map(|asserted| asserted.counter), Ok(counter));
        let at = at.index(parts[part].len());
        parts[part][at] ^= change;
        prop_assert!(check(&parts).is_err(), "part {}, byte {}", part, at);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn no_bytes_cause_a_panic(
        bytes in vec(any::<u8>(), 0..300),
        changes in vec((any::<Index>(), any::<u8>()), 1..12),
    ) {
        let credential = credential(Algorithm::Es256);
        let client_data = created(CHALLENGE);
        let mut object = credential.register_signed(&client_data);
        drop(PublicKey::parse(&bytes));
        drop(register(&credential.id, &client_data, &bytes));
        drop(register(&credential.id, &bytes, &object));
        let _ = assert_with(&credential, &gotten(CHALLENGE), &bytes, &bytes);
        for (at, value) in changes {
            let at = at.index(object.len());
            object[at] = value;
        }
        drop(register(&credential.id, &client_data, &object));
    }
}
