//! RS256 against signatures that others made: OpenSSL's, and the example of RFC 7515.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

use serde_json::Value;
use userpool_crypto::base64;
use userpool_crypto::integer::{hex, parse_hex};
use userpool_crypto::rs256::{PublicKey, SigningKey};

const OPENSSL: &str = include_str!("../../vectors/rs256.json");

#[test]
fn a_key_of_openssl_signs_as_openssl_does() {
    let vector: Value = serde_json::from_str(OPENSSL).unwrap();
    let key = SigningKey::from_pkcs8(&bytes(&vector, "key_pkcs8_hex")).unwrap();
    let message = vector["message"].as_str().unwrap().as_bytes();
    let signature = key.sign(message, &[1; 32]).unwrap();
    assert_eq!(hex(&signature), vector["signature_hex"].as_str().unwrap());
    assert_eq!(
        hex(&key.public().modulus()),
        vector["modulus_hex"].as_str().unwrap()
    );
}

#[test]
fn a_key_is_written_as_openssl_writes_it() {
    let vector: Value = serde_json::from_str(OPENSSL).unwrap();
    let der = bytes(&vector, "key_pkcs8_hex");
    let key = SigningKey::from_pkcs8(&der).unwrap();
    assert_eq!(key.to_pkcs8().expose(), der);
}

#[test]
fn a_signature_of_openssl_verifies() {
    let vector: Value = serde_json::from_str(OPENSSL).unwrap();
    let key = PublicKey::new(
        &bytes(&vector, "modulus_hex"),
        &bytes(&vector, "exponent_hex"),
    )
    .unwrap();
    let message = vector["message"].as_str().unwrap().as_bytes();
    assert!(key.verify(message, &bytes(&vector, "signature_hex")));
    assert!(!key.verify(
        b"The quick brown fox jumps over the lazy cog",
        &bytes(&vector, "signature_hex")
    ));
}

#[test]
fn the_example_of_rfc_7515_verifies() {
    // RFC 7515 appendix A.2.
    let modulus = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL\
        -yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UT\
        o7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91k\
        zk2PAcDTW9gb54h4FRWyuXpoQ";
    let signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc\
        19yb290Ijp0cnVlfQ";
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5juj\
        Gbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9\
        383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlV\
        mtVrBp0igcN_IoypGlUPQGe77Rw";
    let key = PublicKey::new(&base64::decode_url(modulus).unwrap(), &[1, 0, 1]).unwrap();
    assert!(key.verify(signed.as_bytes(), &base64::decode_url(signature).unwrap()));
}

#[test]
fn the_thumbprint_of_rfc_7638_names_its_key() {
    // RFC 7638 section 3.1.
    let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZ\
        CiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d\
        0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFC\
        ur-kEgU8awapJzKnqDKgw";
    let key = PublicKey::new(&base64::decode_url(modulus).unwrap(), &[1, 0, 1]).unwrap();
    let thumbprint = base64::decode(key.key_id()).unwrap();
    assert_eq!(
        base64::encode_url(&thumbprint),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

fn bytes(vector: &Value, member: &str) -> Vec<u8> {
    parse_hex(vector[member].as_str().unwrap(), 10_000).unwrap()
}
