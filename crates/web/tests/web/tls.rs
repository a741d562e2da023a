//! HTTPS with real certificates: both versions of TLS, and a certificate that is renewed while the server runs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use candor_web::server::{self, Serving};
use candor_web::tls::{Tls, TlsFiles};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use tempfile::TempDir;

/// A certificate for `localhost`, and the files that hold it.
struct Authority {
    folder: TempDir,
    certificate: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let certificate = write_certificate(&folder);
        Self { folder, certificate }
    }

    fn files(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.folder.path().join("certificate.pem"),
            key: self.folder.path().join("key.pem"),
        }
    }

    fn renew(&mut self) {
        self.certificate = write_certificate(&self.folder);
    }
}

fn write_certificate(folder: &TempDir) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("certificate.pem"), cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(cert.pem().as_bytes()).unwrap()
}

fn start(tls: &Tls) -> (Serving, SocketAddr) {
    let router = Router::new().route("/", get(|| async { "ok" }));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (server::serve(listener, Some(tls), Duration::from_secs(5), None, router).unwrap(), address)
}

/// Asks for `/` over one version of TLS, trusting this certificate alone.
fn ask(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<String> {
    let mut stream = connect(address, trusted, version)?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    Ok(StreamOwned::new(connection, TcpStream::connect(address)?))
}

/// Nothing at all, half a handshake, and a finished one after which nothing comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_ends() {
    let authority = Authority::new();
    let tls = Tls::read(authority.files()).unwrap();
    let (_serving, address) = start(&tls);
    let certificate = authority.certificate.clone();
    let finished = tokio::task::spawn_blocking(move || {
        let mut stream = connect(address, &certificate, &TLS13).unwrap();
        stream.conn.complete_io(&mut stream.sock).unwrap();
        ends(stream.sock);
    });
    let others = [b"".as_slice(), &[0x16, 3, 1, 2, 0, 1]].map(|bytes| {
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(bytes).unwrap();
            ends(stream);
        })
    });
    finished.await.unwrap();
    for other in others {
        other.await.unwrap();
    }
}

/// Reads until the other side has ended it.
fn ends(mut stream: TcpStream) {
    stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
    let mut received = Vec::new();
    if let Err(error) = stream.read_to_end(&mut received) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_of_tls_are_spoken() {
    let authority = Authority::new();
    let tls = Tls::read(authority.files()).unwrap();
    let (_serving, address) = start(&tls);
    for version in [&TLS12, &TLS13] {
        let certificate = authority.certificate.clone();
        let asked = tokio::task::spawn_blocking(move || ask(address, &certificate, version));
        let answer = asked.await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{version:?}: {answer}");
    }
    assert!(tls.expires_seconds() > 1_700_000_000, "{}", tls.expires_seconds());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_changes_nothing() {
    let mut authority = Authority::new();
    let tls = Tls::read(authority.files()).unwrap();
    let (_serving, address) = start(&tls);
    let follower = tokio::spawn(tls.follow_files(Duration::from_millis(20)));
    // The follower reads what it holds before the files change.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let first = authority.certificate.clone();
    authority.renew();
    let second = authority.certificate.clone();
    let shown = async {
        while asked(address, &second).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), shown).await.expect("the new certificate is shown");
    assert!(asked(address, &first).await.is_err(), "the old one is shown no more");

    std::fs::write(authority.files().key, "not a key").unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(asked(address, &second).await.is_ok(), "the last one that was valid stays");
    follower.abort();
}

async fn asked(address: SocketAddr, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
    let trusted = trusted.clone();
    tokio::task::spawn_blocking(move || ask(address, &trusted, &TLS13)).await.unwrap()
}
