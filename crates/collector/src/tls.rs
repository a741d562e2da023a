//! The certificate that the collector serves HTTPS with, and the cryptography behind it.
//!
//! The provider is named here. Left to itself rustls takes the only one that was compiled in, and where another crate of the
//! same build brings a second one, it refuses to start.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsFiles;

/// The certificate and its key, ready to serve.
///
/// # Errors
/// Where a file cannot be read or understood, or the key is not the certificate's. The message names the file.
pub fn read(files: &TlsFiles) -> anyhow::Result<RustlsConfig> {
    let (certificates, key) = match (certificates(&files.certificate), private_key(&files.key)) {
        (Ok(certificates), Ok(key)) => (certificates, key),
        (Err(fault), Ok(_)) | (Ok(_), Err(fault)) => return Err(fault),
        (Err(one), Err(other)) => anyhow::bail!("{one:#}\n{other:#}"),
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .with_context(|| format!("`tls`: {} and its key do not fit", files.certificate.display()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let pem = read_file("tls.certificate", file)?;
    let what = || format!("`tls.certificate`: {} holds no certificate in PEM form", file.display());
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().with_context(what)?;
    anyhow::ensure!(!certificates.is_empty(), what());
    Ok(certificates)
}

fn private_key(file: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    let pem = read_file("tls.key", file)?;
    PrivateKeyDer::from_pem_slice(&pem)
        .with_context(|| format!("`tls.key`: {} holds no private key in PEM form", file.display()))
}

fn read_file(setting: &str, file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("`{setting}`: {} cannot be read", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_or_holds_nothing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        let files = TlsFiles { certificate: certificate.clone(), key: key.clone() };
        let said = format!("{:#}", read(&files).unwrap_err());
        for wanted in ["certificate.pem cannot be read: No such file", "key.pem cannot be read: No such file"]
        {
            assert!(said.contains(wanted), "{said}");
        }
        std::fs::write(&certificate, "nothing").unwrap();
        std::fs::write(&key, "nothing").unwrap();
        let said = format!("{:#}", read(&files).unwrap_err());
        for wanted in ["certificate.pem holds no certificate", "key.pem holds no private key"] {
            assert!(said.contains(wanted), "{said}");
        }
    }
}
