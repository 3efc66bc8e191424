//! Every published vector of Cognito's SRP, computed by the server side and by the client side.
//!
//! The vectors agree with four client implementations; `vectors/srp.json` says how it is laid out.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

use serde_json::Value;
use userpool_crypto::base64;
use userpool_crypto::digest::hmac_sha256;
use userpool_crypto::integer::{hex, padded, parse_hex, to_hex};
use userpool_crypto::secret::{SecretArray, SecretText};
use userpool_crypto::secret_hash::{secret_hash, secret_hash_matches};
use userpool_crypto::srp::{
    ClientPublic, ClientSecret, DeviceConfig, DeviceEnrolment, ServerPublic, Verifier, claim,
    claim_matches, client_key, client_public, format_timestamp, parse_timestamp, password_matches,
    private_key, server_key, server_public, verifier,
};

const VECTORS: &str = include_str!("../../vectors/srp.json");

#[test]
fn the_server_side_computes_every_vector() {
    let (mut users, mut devices) = (0, 0);
    for vector in all(&mut users, &mut devices) {
        let name = vector.text("name");
        let x = vector.private_key();
        assert_eq!(to_hex(x.expose()), vector.text("x"), "{name}");
        let kept = verifier(&x);
        assert_eq!(to_hex(kept.bytes()), vector.text("v"), "{name}");
        assert!(password_matches(&kept, &x), "{name}");
        assert_eq!(
            Verifier::from_bytes(&vector.integer("v")).unwrap().bytes(),
            kept.bytes(),
            "{name}"
        );

        let b = vector.fixed("b");
        let sent_b = server_public(&kept, &b).unwrap();
        assert_eq!(sent_b.to_hex(), vector.text("B"), "{name}");

        let sent_a = ClientPublic::parse(vector.text("A")).unwrap();
        let key = server_key(&sent_a, &sent_b, &kept, &b).unwrap();
        assert_eq!(hex(key.expose()), vector.text("hkdf_key"), "{name}");

        assert!(
            vector.accepts(
                &key,
                vector.text("timestamp"),
                &vector.block(),
                vector.text("signature")
            ),
            "{name}"
        );
    }
    assert_eq!((users, devices), (24, 6));
}

#[test]
fn the_client_side_computes_every_vector() {
    for vector in all(&mut 0, &mut 0) {
        let name = vector.text("name");
        let a = vector.client_secret();
        let sent_a = client_public(&a);
        assert_eq!(sent_a.to_hex(), vector.text("A"), "{name}");
        let received = ServerPublic::parse(vector.text("B")).unwrap();
        let key = client_key(&a, &sent_a, &received, &vector.private_key()).unwrap();
        assert_eq!(hex(key.expose()), vector.text("hkdf_key"), "{name}");
        let (group, user) = vector.names();
        let signature = claim(
            &key_of(&key),
            group,
            user,
            &vector.block(),
            vector.text("timestamp"),
        );
        assert_eq!(hex(&signature), vector.text("signature_hex"), "{name}");
        assert_eq!(
            base64::encode(&signature),
            vector.text("signature"),
            "{name}"
        );
    }
}

#[test]
fn integers_are_hashed_in_the_form_of_every_vector() {
    for vector in all(&mut 0, &mut 0) {
        for (integer, form) in [
            ("A", "A_hashed"),
            ("B", "B_hashed"),
            ("salt", "salt_hashed"),
            ("u", "u_hashed"),
            ("S", "S_hashed"),
            ("v", "v_padded"),
        ] {
            if let Some(expected) = vector.0[form].as_str() {
                assert_eq!(
                    hex(&padded(&vector.integer(integer))),
                    expected,
                    "{} {form}",
                    vector.text("name")
                );
            }
        }
    }
}

#[test]
fn the_time_of_every_vector_is_written_and_read() {
    for vector in all(&mut 0, &mut 0) {
        let epoch = vector.0["epoch"].as_i64().unwrap();
        assert_eq!(format_timestamp(epoch), vector.text("timestamp"));
        assert_eq!(parse_timestamp(vector.text("timestamp")), Some(epoch));
    }
}

#[test]
fn secret_hashes_of_an_alias_sign_in_are_those_of_the_vector() {
    let vector = user("alias-to-uuid-sub");
    let secret = SecretText::new(vector.text("client_secret").into());
    let client = vector.text("client_id");
    for (username, expected) in [
        (
            vector.text("username_sent"),
            vector.text("secret_hash_initiate"),
        ),
        (
            vector.text("user_id_for_srp"),
            vector.text("secret_hash_respond"),
        ),
    ] {
        assert_eq!(secret_hash(&secret, username, client), expected);
        assert!(secret_hash_matches(&secret, username, client, expected));
    }
    assert!(!secret_hash_matches(
        &secret,
        vector.text("username_sent"),
        client,
        vector.text("secret_hash_respond")
    ));
}

#[test]
fn confirm_device_is_made_and_read_as_in_every_vector() {
    for vector in list("device") {
        let sent = &vector.0["confirm_device"];
        let verifier_text = sent["PasswordVerifier"].as_str().unwrap();
        let salt_text = sent["Salt"].as_str().unwrap();
        let read = DeviceConfig::parse(verifier_text, salt_text).unwrap();
        assert_eq!(to_hex(read.verifier().bytes()), vector.text("v"));
        assert_eq!(to_hex(read.salt()), vector.text("salt"));

        let password = parse_hex(vector.text("device_password_bytes_hex"), 80).unwrap();
        let mut fixed = [0; 40];
        fixed[40 - password.len()..].copy_from_slice(&password);
        let (group, device) = vector.names();
        let made = DeviceEnrolment::new(group, device, &fixed, &vector.fixed("salt"));
        assert_eq!(made.password.expose(), vector.text("device_password"));
        assert_eq!(made.password_verifier, verifier_text);
        assert_eq!(made.salt, salt_text);
    }
}

#[test]
fn every_wrong_signature_is_refused() {
    let mut refused = 0;
    for wrong in list("reject_signature") {
        let base = user(wrong.text("base"));
        let b = base.fixed("b");
        let kept = verifier(&base.private_key());
        let sent_b = server_public(&kept, &b).unwrap();
        let key = server_key(
            &ClientPublic::parse(base.text("A")).unwrap(),
            &sent_b,
            &kept,
            &b,
        )
        .unwrap();
        let timestamp = wrong.0["timestamp_sent"]
            .as_str()
            .unwrap_or(base.text("timestamp"));
        if wrong.text("name") == "timestamp-padded-day" {
            assert_eq!(parse_timestamp(timestamp), None);
            assert!(base.accepts(&key, timestamp, &base.block(), wrong.text("signature")));
        } else {
            // The block that was issued is the one that the state belongs to, whatever was sent.
            assert!(
                !base.accepts(&key, timestamp, &base.block(), wrong.text("signature")),
                "{}",
                wrong.text("name")
            );
        }
        refused += 1;
    }
    assert_eq!(refused, 7);
}

#[test]
fn a_signature_over_the_changed_things_is_what_the_vector_says() {
    let base = user("ascii-basic");
    let wrong = list("reject_signature")
        .into_iter()
        .find(|wrong| wrong.text("name") == "wrong-password")
        .unwrap();
    let x = private_key(
        base.text("pool_name"),
        base.text("user_id_for_srp"),
        b"this-is-my-test-99!",
        &base.integer("salt"),
    );
    let a = base.client_secret();
    let key = client_key(
        &a,
        &client_public(&a),
        &ServerPublic::parse(base.text("B")).unwrap(),
        &x,
    )
    .unwrap();
    assert!(base.accepts(
        &key,
        base.text("timestamp"),
        &base.block(),
        wrong.text("signature")
    ));
}

#[test]
fn every_public_value_to_refuse_is_refused() {
    let vectors = list("reject_A");
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        assert!(
            ClientPublic::parse(vector.text("SRP_A")).is_err(),
            "{}",
            vector.text("name")
        );
    }
}

#[test]
fn a_salt_sent_without_leading_zeros_is_read_alike_by_all_clients() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let forms = Vector(vectors["salt_text_forms"].clone());
    let base = user(forms.text("example"));
    let salt = parse_hex(forms.text("fixed32"), 32).unwrap();
    assert_eq!(to_hex(&salt), base.text("salt"));
    assert_eq!(forms.text("javascript_signature"), base.text("signature"));

    // A client that hashes the digits as they come sees another salt in the fixed form.
    let sixteen: [u8; 16] = std::array::from_fn(|at| {
        u8::from_str_radix(&forms.text("fixed32")[2 * at..2 * at + 2], 16).unwrap()
    });
    let (pool, name) = base.names();
    let inner = userpool_crypto::digest::sha256(&[
        pool.as_bytes(),
        name.as_bytes(),
        b":",
        base.text("password").as_bytes(),
    ]);
    let x = SecretArray::new(userpool_crypto::digest::sha256(&[&sixteen, &inner]));
    let a = base.client_secret();
    let key = client_key(
        &a,
        &client_public(&a),
        &ServerPublic::parse(base.text("B")).unwrap(),
        &x,
    )
    .unwrap();
    assert!(base.accepts(
        &key,
        base.text("timestamp"),
        &base.block(),
        forms.text("pycognito_signature")
    ));
}

#[test]
fn a_key_is_the_two_hmacs_of_the_protocol() {
    let vector = user("ascii-basic");
    let prk = hmac_sha256(
        &padded(&vector.integer("u")),
        &[&padded(&vector.integer("S"))],
    );
    assert_eq!(hex(&prk), vector.text("prk"));
    let key = hmac_sha256(&prk, &[b"Caldera Derived Key", &[1]]);
    assert_eq!(hex(&key[..16]), vector.text("hkdf_key"));
}

struct Vector(Value);

impl Vector {
    fn text(&self, member: &str) -> &str {
        self.0[member]
            .as_str()
            .unwrap_or_else(|| panic!("{member} is text"))
    }

    fn integer(&self, member: &str) -> Vec<u8> {
        parse_hex(self.text(member), 4_096).unwrap()
    }

    fn fixed<const N: usize>(&self, member: &str) -> [u8; N] {
        let integer = self.integer(member);
        let mut bytes = [0; N];
        bytes[N - integer.len()..].copy_from_slice(&integer);
        bytes
    }

    fn client_secret(&self) -> ClientSecret {
        ClientSecret::new(&self.fixed::<128>("a")).unwrap()
    }

    fn block(&self) -> Vec<u8> {
        base64::decode(self.text("secret_block")).unwrap()
    }

    /// What stands for pool and user in the formulas.
    fn names(&self) -> (&str, &str) {
        match self.0["pool_name"].as_str() {
            Some(pool) => (pool, self.text("user_id_for_srp")),
            None => (self.text("device_group_key"), self.text("device_key")),
        }
    }

    fn private_key(&self) -> SecretArray<32> {
        let password = self.0["password"]
            .as_str()
            .unwrap_or_else(|| self.text("device_password"));
        let (group, user) = self.names();
        private_key(group, user, password.as_bytes(), &self.integer("salt"))
    }

    fn accepts(
        &self,
        key: &SecretArray<16>,
        timestamp: &str,
        block: &[u8],
        signature: &str,
    ) -> bool {
        let (group, user) = self.names();
        let signature = base64::decode(signature).unwrap();
        claim_matches(&key_of(key), group, user, block, timestamp, &signature)
    }
}

fn key_of(key: &SecretArray<16>) -> [u8; 16] {
    *key.expose()
}

fn list(name: &str) -> Vec<Vector> {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    vectors[name]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(Vector)
        .collect()
}

fn user(name: &str) -> Vector {
    list("user")
        .into_iter()
        .find(|vector| vector.text("name") == name)
        .unwrap()
}

fn all(users: &mut usize, devices: &mut usize) -> Vec<Vector> {
    let mut vectors = list("user");
    *users = vectors.len();
    let device = list("device");
    *devices = device.len();
    vectors.extend(device);
    vectors
}
