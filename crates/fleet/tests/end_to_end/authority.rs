//! A certificate authority of the test's own, and the certificate that it gives to a collector.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};

/// Certificates and keys, PEM.
pub struct Authority {
    /// The authority's own certificate, for those who trust it.
    pub certificate: String,
    /// What it has signed for the collector.
    pub of_the_collector: String,
    /// The key to that.
    pub key_of_the_collector: String,
}

impl Authority {
    /// An authority that has vouched for one name or address.
    pub fn vouching_for(name: &str) -> Self {
        let mut own = CertificateParams::new(Vec::new()).expect("parameters");
        own.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        own.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(own, key).expect("a certificate");
        let key = KeyPair::generate().expect("a key");
        let collector = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let collector = collector.signed_by(&key, &issuer).expect("a certificate");
        Self {
            certificate: issuer.pem(),
            of_the_collector: collector.pem(),
            key_of_the_collector: key.serialize_pem(),
        }
    }
}
