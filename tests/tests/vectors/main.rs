//! Published test vectors and other implementations, which judge the arithmetic.

mod passkeys;
mod peer_openssl;
mod rs256;
mod srp;
mod webauthn;
mod wycheproof;
