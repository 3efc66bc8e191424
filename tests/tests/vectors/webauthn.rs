//! The test vectors of Web Authentication Level 3, section 16: what is accepted, how, and that nothing beside it is.

use serde_json::Value;
use userpool_webauthn::{
    Invalid,
    attestation::Attestation,
    authentication::{self, Assertion, Credential},
    party::{Embedding, Expected, Origins, RelyingParty, UserVerification},
    registration::{self, Registered, Response},
};

const VECTORS: &str = include_str!("../../vectors/webauthn.json");

const PARTY: RelyingParty<'static> = RelyingParty {
    id: "example.org",
    origins: Origins::These(&["https://example.org"]),
    embedding: Embedding::Anywhere,
};

/// A vector: a registration and an authentication.
struct Vector {
    name: String,
    challenges: [Vec<u8>; 2],
    credential_id: Vec<u8>,
    aaguid: Vec<u8>,
    attestation_object: Vec<u8>,
    client_data: [Vec<u8>; 2],
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
}

impl Vector {
    fn of(value: &Value) -> Self {
        let [made, used] = [&value["registration"], &value["authentication"]];
        let bytes = |value: &Value| hex(value.as_str().expect("a text"));
        Self {
            name: value["name"].as_str().expect("a name").into(),
            challenges: [bytes(&made["challenge"]), bytes(&used["challenge"])],
            credential_id: bytes(&made["credential_id"]),
            aaguid: bytes(&made["aaguid"]),
            attestation_object: bytes(&made["attestation_object"]),
            client_data: [bytes(&made["client_data"]), bytes(&used["client_data"])],
            authenticator_data: bytes(&used["authenticator_data"]),
            signature: bytes(&used["signature"]),
        }
    }

    fn register(&self, party: RelyingParty<'_>) -> Result<Registered, Invalid> {
        let expected = expected(party, &self.challenges[0]);
        let response = Response {
            credential_id: &self.credential_id,
            client_data: &self.client_data[0],
            attestation_object: &self.attestation_object,
        };
        registration::check(&expected, &response)?.verify()
    }

    fn assertion(&self) -> Assertion<'_> {
        Assertion {
            client_data: &self.client_data[1],
            authenticator_data: &self.authenticator_data,
            signature: &self.signature,
        }
    }
}

fn expected<'a>(party: RelyingParty<'a>, challenge: &'a [u8]) -> Expected<'a> {
    Expected {
        party,
        challenge,
        verification: UserVerification::Preferred,
    }
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    let byte = |pair| {
        let digits = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(digits, 16).expect("hexadecimal")
    };
    pairs.map(byte).collect()
}

fn vectors() -> Vec<Vector> {
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    let vectors: Vec<Vector> = vectors
        .as_array()
        .expect("a list")
        .iter()
        .map(Vector::of)
        .collect();
    assert_eq!(vectors.len(), 12);
    vectors
}

/// The vectors whose algorithm is accepted.
fn accepted() -> impl Iterator<Item = Vector> {
    let others = ["packed.ES384", "packed.ES512", "packed.Ed448"];
    vectors()
        .into_iter()
        .filter(move |vector| !others.contains(&vector.name.as_str()))
}

#[test]
fn every_credential_of_an_accepted_algorithm_registers_and_signs_in() {
    let mut names = Vec::new();
    for vector in accepted() {
        let name = &vector.name;
        let registered = vector
            .register(PARTY)
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(registered.credential_id, vector.credential_id, "{name}");
        assert_eq!(registered.aaguid.as_slice(), vector.aaguid, "{name}");
        assert_eq!(registered.counter, 0, "{name}");
        let format = match registered.attestation {
            Attestation::None => "none".into(),
            Attestation::Own => "packed-self".into(),
            Attestation::Unverified(format) => format,
        };
        assert!(name.starts_with(&format!("{format}.")), "{name}: {format}");

        let credential = Credential {
            key: registered.key.cose(),
            counter: 0,
            backup_eligible: registered.flags.backup_eligible(),
        };
        let expected = expected(PARTY, &vector.challenges[1]);
        let asserted = authentication::verify(&expected, &credential, &vector.assertion());
        let asserted = asserted.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(asserted.counter, 0, "{name}");
        names.push(vector.name);
    }
    assert_eq!(names.len(), 9, "{names:?}");
}

#[test]
fn credentials_of_other_algorithms_are_refused() {
    let others = vectors().into_iter().filter(|vector| {
        ["packed.ES384", "packed.ES512", "packed.Ed448"].contains(&vector.name.as_str())
    });
    for vector in others {
        let end = vector.register(PARTY).err();
        assert_eq!(end, Some(Invalid::Key), "{}", vector.name);
    }
}

#[test]
fn what_was_not_expected_is_refused() {
    for vector in accepted() {
        let name = &vector.name;
        let is_embedded = name.ends_with("Origin");
        let with = |party: RelyingParty<'_>| vector.register(party).err();
        let id = "example.com";
        assert_eq!(
            with(RelyingParty { id, ..PARTY }),
            Some(Invalid::RelyingParty),
            "{name}"
        );
        let origins = Origins::These(&["https://example.com"]);
        assert_eq!(
            with(RelyingParty { origins, ..PARTY }),
            Some(Invalid::Origin),
            "{name}"
        );
        let origins = Origins::OfId;
        assert_eq!(with(RelyingParty { origins, ..PARTY }), None, "{name}");
        let embedding = Embedding::Never;
        let refusal = is_embedded.then_some(Invalid::Embedding);
        assert_eq!(with(RelyingParty { embedding, ..PARTY }), refusal, "{name}");
        let embedding = Embedding::In(&["https://example.com"]);
        let refusal = name.ends_with("crossOrigin").then_some(Invalid::Embedding);
        assert_eq!(with(RelyingParty { embedding, ..PARTY }), refusal, "{name}");

        let registered = vector.register(PARTY).expect("a registration");
        let credential = Credential {
            key: registered.key.cose(),
            counter: 0,
            backup_eligible: registered.flags.backup_eligible(),
        };
        let fitting = expected(PARTY, &vector.challenges[1]);
        let end = |expected: &Expected<'_>, credential: &Credential<'_>| {
            authentication::verify(expected, credential, &vector.assertion()).err()
        };
        assert_eq!(end(&fitting, &credential), None, "{name}");
        let other = expected(PARTY, &vector.challenges[0]);
        assert_eq!(end(&other, &credential), Some(Invalid::Challenge), "{name}");
        let counted = Credential {
            counter: 1,
            ..credential
        };
        assert_eq!(end(&fitting, &counted), Some(Invalid::Counter), "{name}");
        let backup_eligible = !credential.backup_eligible;
        let changed = Credential {
            backup_eligible,
            ..credential
        };
        assert_eq!(end(&fitting, &changed), Some(Invalid::Backup), "{name}");
        let is_verified = vector.authenticator_data[32] & 0x04 != 0;
        let strict = Expected {
            verification: UserVerification::Required,
            ..fitting
        };
        let refusal = (!is_verified).then_some(Invalid::UserVerification);
        assert_eq!(end(&strict, &credential), refusal, "{name}");
    }
}

#[test]
fn no_bit_of_an_assertion_may_change() {
    for vector in accepted() {
        let registered = vector.register(PARTY).expect("a registration");
        let credential = Credential {
            key: registered.key.cose(),
            counter: 0,
            backup_eligible: registered.flags.backup_eligible(),
        };
        let expected = expected(PARTY, &vector.challenges[1]);
        let parts = [
            &vector.client_data[1],
            &vector.authenticator_data,
            &vector.signature,
        ];
        for part in 0..parts.len() {
            for bit in 0..parts[part].len() * 8 {
                let mut changed = parts.map(Clone::clone);
                changed[part][bit / 8] ^= 1 << (bit % 8);
                let [client_data, authenticator_data, signature] = &changed;
                let assertion = Assertion {
                    client_data,
                    authenticator_data,
                    signature,
                };
                let end = authentication::verify(&expected, &credential, &assertion);
                assert!(end.is_err(), "{}: part {part}, bit {bit}", vector.name);
            }
        }
    }
}
