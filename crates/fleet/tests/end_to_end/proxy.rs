//! A CONNECT proxy, small enough to read: it lets through, refuses, or asks for a password.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the proxy does with a CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Connects, whatever the name, to this port of this machine.
    LetThrough(u16),
    /// The same, for those who say name and password.
    AskFirst(u16),
    /// Answers 403.
    Refuse,
}

/// A proxy that runs until the test's process ends.
pub struct Proxy {
    /// Its host and port.
    pub address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts one.
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                thread::spawn(move || serve(stream, manner, &noted));
            }
        });
        Self { address, seen }
    }

    /// The heads of all requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("nobody panics with it").clone()
    }
}

fn serve(stream: TcpStream, manner: Manner, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    seen.lock().expect("nobody panics with it").push(head.clone());
    let mut stream = stream;
    let port = match manner {
        Manner::LetThrough(port) => port,
        // "name:secret" in Base64.
        Manner::AskFirst(port) if head.contains("Proxy-Authorization: Basic bmFtZTpzZWNyZXQ=") => port,
        Manner::AskFirst(_) => {
            let ask =
                "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n";
            return write!(stream, "{ask}Content-Length: 0\r\n\r\n").ok();
        }
        Manner::Refuse => return write!(stream, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").ok(),
    };
    let mut beyond = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let (mut back, mut here) = (beyond.try_clone().ok()?, stream.try_clone().ok()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut here);
        let _ = here.shutdown(Shutdown::Both);
    });
    let _ = std::io::copy(&mut reader, &mut beyond);
    beyond.shutdown(Shutdown::Both).ok()
}
