//! The signatures and digests of the framework, by ring.

use ring::digest;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sigstore_crypto::{CryptoProvider, Error, HashContext, Result, SigningScheme};
use sigstore_types::HashAlgorithm;

#[derive(Debug)]
struct Ring;

struct Context(digest::Context);

impl HashContext for Context {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

impl CryptoProvider for Ring {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        let algorithm = match algorithm {
            HashAlgorithm::Sha2256 => &digest::SHA256,
            HashAlgorithm::Sha2384 => &digest::SHA384,
            HashAlgorithm::Sha2512 => &digest::SHA512,
            other => return Err(Error::UnsupportedAlgorithm(other.to_string())),
        };
        Ok(Box::new(Context(digest::Context::new(algorithm))))
    }

    fn verify_raw(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        message: &[u8],
        signed: &[u8],
    ) -> Result<()> {
        UnparsedPublicKey::new(algorithm(scheme)?, key)
            .verify(message, signed)
            .map_err(|_| Error::Verification(format!("{} signature invalid", scheme.name())))
    }

    fn verify_prehashed(
        &self,
        scheme: SigningScheme,
        _key: &[u8],
        _digest: &[u8],
        _signed: &[u8],
    ) -> Result<()> {
        // The framework signs messages, not digests.
        Err(Error::UnsupportedAlgorithm(scheme.name().to_owned()))
    }
}

/// The two schemes that our author signs by or could; fewer is safer.
fn algorithm(scheme: SigningScheme) -> Result<&'static dyn VerificationAlgorithm> {
    match scheme {
        SigningScheme::Ed25519 => Ok(&signature::ED25519),
        SigningScheme::EcdsaP256Sha256 => Ok(&signature::ECDSA_P256_SHA256_ASN1),
        other => Err(Error::UnsupportedAlgorithm(other.name().to_owned())),
    }
}

/// Hands ring to the framework's verifier, once for the process. Whoever reads metadata calls it first.
pub fn install_crypto() {
    // An error says that it was there already.
    let _ = sigstore_crypto::install_default_provider(&Ring);
}
