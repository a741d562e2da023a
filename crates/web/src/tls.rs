//! The certificate that a server shows, the cryptography behind it, and taking it up anew when its files change.
//!
//! The provider is named here. Left to itself rustls takes the only one that was compiled in, and where another crate of the
//! same build brings a second one, it refuses to start. TLS 1.2 is named in `Cargo.toml` for the same reason: a version that
//! only another crate's features bring is gone where a program is built by its own package.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::signals::AskedToReload;

/// Files in PEM form.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those between it and the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What is wrong with the files: a line for each, which names the setting and the file.
#[derive(Debug, PartialEq, Eq)]
pub struct TlsError(Vec<String>);

impl fmt::Display for TlsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for TlsError {}

/// The certificate that is shown now; cloning it is cheap.
#[derive(Clone)]
pub struct Tls {
    config: RustlsConfig,
    shared: Arc<Shared>,
}

struct Shared {
    files: TlsFiles,
    /// What the first certificate was read from: a change before somebody follows the files is one, too.
    first: Contents,
    expires: AtomicI64,
}

/// Both files as they were read.
#[derive(Clone, PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Tls {
    /// Reads the certificate and its key, and holds them against each other. `tls.certificate` and `tls.key` are the settings that
    /// the messages name.
    ///
    /// # Errors
    /// [`TlsError`] where a file cannot be read or understood, or the key is not the certificate's.
    pub fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let first = Contents::read(&files)?;
        let (config, expires) = first.parse(&files)?;
        let shared = Shared { files, first, expires: AtomicI64::new(expires) };
        Ok(Self { config: RustlsConfig::from_config(Arc::new(config)), shared: Arc::new(shared) })
    }

    pub(crate) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// When the certificate that is shown ends, seconds since 1970.
    pub fn expires_seconds(&self) -> i64 {
        self.shared.expires.load(Ordering::Relaxed)
    }

    /// Takes the certificate up anew, for good: at every SIGHUP, and within `period` after its files have changed. Files that are
    /// not valid are logged, and the certificate before them stays. Connections that are open keep theirs.
    pub async fn follow_files(self, period: Duration) {
        let mut asked = AskedToReload::listen();
        let mut held = self.shared.first.clone();
        loop {
            let by_signal = tokio::select! {
                () = asked.next() => true,
                () = tokio::time::sleep(period) => false,
            };
            match Contents::read(&self.shared.files) {
                Ok(read) if by_signal || held != read => {
                    self.take_up(&read);
                    held = read;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the certificate's files cannot be read; the last one stays");
                }
            }
        }
    }

    fn take_up(&self, contents: &Contents) {
        match contents.parse(&self.shared.files) {
            Ok((config, expires)) => {
                self.config.reload_from_config(Arc::new(config));
                self.shared.expires.store(expires, Ordering::Relaxed);
                tracing::info!(file = %self.shared.files.certificate.display(), "the certificate was read anew");
            }
            Err(error) => tracing::warn!(%error, "the certificate's files are not valid; the last one stays"),
        }
    }
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let (certificate, key) =
            both(read_file("tls.certificate", &files.certificate), read_file("tls.key", &files.key))?;
        Ok(Self { certificate, key })
    }

    /// A configuration, and when its certificate ends.
    fn parse(&self, files: &TlsFiles) -> Result<(ServerConfig, i64), TlsError> {
        let (certificates, key) = both(self.certificates(&files.certificate), self.private_key(&files.key))?;
        let fault = |error: &dyn fmt::Display| {
            TlsError(vec![format!("`tls`: {} and its key do not fit: {error}", files.certificate.display())])
        };
        let expires = certificates.first().map_or(0, expires);
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| fault(&error))?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(|error| fault(&error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok((config, expires))
    }

    fn certificates(&self, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        read.ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| format!("`tls.certificate`: {} holds no certificate in PEM form", file.display()))
    }

    fn private_key(&self, file: &Path) -> Result<PrivateKeyDer<'static>, String> {
        PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| format!("`tls.key`: {} holds no private key in PEM form", file.display()))
    }
}

fn read_file(setting: &str, file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("`{setting}`: {} cannot be read: {error}", file.display()))
}

fn expires(certificate: &CertificateDer<'_>) -> i64 {
    X509Certificate::from_der(certificate).map_or(0, |(_, parsed)| parsed.validity().not_after.timestamp())
}

/// Both values, or the faults of both.
fn both<A, B>(one: Result<A, String>, other: Result<B, String>) -> Result<(A, B), TlsError> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(fault), Ok(_)) | (Ok(_), Err(fault)) => Err(TlsError(vec![fault])),
        (Err(one), Err(other)) => Err(TlsError(vec![one, other])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often these tests look at the files.
    const OFTEN: Duration = Duration::from_millis(20);

    /// A certificate for this name that ends in this year, and its key.
    fn certificate(year: i32) -> (String, String) {
        let mut parameters = rcgen::CertificateParams::new(vec!["collector.example".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        (parameters.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    struct Files {
        folder: tempfile::TempDir,
    }

    impl Files {
        fn new(year: i32) -> (Self, Tls) {
            let files = Self { folder: tempfile::tempdir().unwrap() };
            files.put(&certificate(year));
            let tls = Tls::read(TlsFiles { certificate: files.path("cert.pem"), key: files.path("key.pem") });
            (files, tls.unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn put(&self, (certificate, key): &(String, String)) {
            std::fs::write(self.path("cert.pem"), certificate).unwrap();
            std::fs::write(self.path("key.pem"), key).unwrap();
        }
    }

    fn year(tls: &Tls) -> i16 {
        jiff::Timestamp::from_second(tls.expires_seconds()).unwrap().to_zoned(jiff::tz::TimeZone::UTC).year()
    }

    /// Waits until the certificate that is shown ends in this year, and another configuration is served.
    async fn until(tls: &Tls, wanted: i16, before: &Arc<ServerConfig>) {
        let reached = async {
            while year(tls) != wanted || Arc::ptr_eq(&tls.config().get_inner(), before) {
                tokio::time::sleep(OFTEN).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), reached).await.expect("it is taken up");
    }

    #[tokio::test]
    async fn a_certificate_whose_files_changed_is_taken_up_without_a_signal() {
        let (files, tls) = Files::new(2031);
        let following = tokio::spawn(tls.clone().follow_files(OFTEN));
        let before = tls.config().get_inner();
        files.put(&certificate(2032));
        until(&tls, 2032, &before).await;
        following.abort();
    }

    /// Guards against a renewal that writes one file after the other, and is looked at in between.
    #[tokio::test]
    async fn a_certificate_without_its_key_yet_is_taken_up_once_the_key_is_there() {
        let (files, tls) = Files::new(2031);
        let following = tokio::spawn(tls.clone().follow_files(OFTEN));
        let before = tls.config().get_inner();
        let (renewed, key) = certificate(2032);
        std::fs::write(files.path("cert.pem"), renewed).unwrap();
        tokio::time::sleep(OFTEN * 10).await;
        assert_eq!(year(&tls), 2031, "the two do not fit, and the last one stays");
        std::fs::write(files.path("key.pem"), key).unwrap();
        until(&tls, 2032, &before).await;
        following.abort();
    }

    /// Guards against a link that is turned to the next certificate, as ACME clients do: the file's own time is older then.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_that_is_turned_to_another_certificate_is_followed() {
        let (files, first) = Files::new(2033);
        drop(first);
        let (live, renewed) = (files.path("live"), certificate(2032));
        for (name, pair) in [("old", certificate(2031)), ("new", renewed)] {
            let folder = files.path(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("cert.pem"), pair.0).unwrap();
            std::fs::write(folder.join("key.pem"), pair.1).unwrap();
        }
        std::os::unix::fs::symlink("old", &live).unwrap();
        let tls =
            Tls::read(TlsFiles { certificate: live.join("cert.pem"), key: live.join("key.pem") }).unwrap();
        let following = tokio::spawn(tls.clone().follow_files(OFTEN));
        let before = tls.config().get_inner();
        std::os::unix::fs::symlink("new", files.path("turned")).unwrap();
        std::fs::rename(files.path("turned"), &live).unwrap();
        until(&tls, 2032, &before).await;
        following.abort();
    }

    #[test]
    fn a_file_that_is_not_there_or_holds_nothing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        let read = || {
            let files = TlsFiles { certificate: certificate.clone(), key: key.clone() };
            Tls::read(files).map(|_| ()).unwrap_err().to_string()
        };
        let said = read();
        for wanted in ["certificate.pem cannot be read: No such file", "key.pem cannot be read: No such file"]
        {
            assert!(said.contains(wanted), "{said}");
        }
        std::fs::write(&certificate, "nothing").unwrap();
        std::fs::write(&key, "nothing").unwrap();
        let said = read();
        for wanted in ["certificate.pem holds no certificate", "key.pem holds no private key"] {
            assert!(said.contains(wanted), "{said}");
        }
    }
}
