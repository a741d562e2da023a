//! Connections: how many an address may have, what their requests and answers may hold, and when one that makes no progress ends.
//!
//! Nothing is measured per byte or per request: a connection counts as it goes, and is looked at every few seconds.

mod seats;
mod stream;
mod watched;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::limits::{
    ANSWERS_BYTES, ANSWERS_BYTES_PER_ADDRESS, CONNECTION_SHARE, CONNECTIONS, OPEN_PER_ADDRESS,
};
use crate::sender::{ClientAddress, Sender, TrustedProxy};
use seats::Seats;
use stream::GuardedStream;
use watched::Guarded;

/// Lets connections in, and watches over them; cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Guard(Arc<Connections>);

struct Connections {
    /// How many there may be.
    most: usize,
    proxy: Option<TrustedProxy>,
    seats: Seats,
    load: Load,
}

/// What the requests of an address, or of all of them, hold at this moment.
#[derive(Debug)]
struct Load {
    open: AtomicUsize,
    open_most: usize,
    answer_bytes: AtomicUsize,
    answer_bytes_most: usize,
}

/// One connection, as its stream and its requests know it.
struct Connection {
    number: u64,
    sender: Sender,
    all: Arc<Connections>,
    address: Arc<Load>,
    /// Requests from their head to the end of their answer.
    open: AtomicUsize,
    /// Those of them that are being answered.
    answering: AtomicUsize,
    /// Requests that were begun.
    begun: AtomicU64,
    /// Parts of answers that were taken for sending.
    taken: AtomicU64,
}

impl Guard {
    /// Lets in as many connections as there may be open files.
    pub(crate) fn new(proxy: Option<TrustedProxy>) -> Self {
        Self::with_most(connections_most(), proxy)
    }

    fn with_most(most: usize, proxy: Option<TrustedProxy>) -> Self {
        let load = Load::new(most, ANSWERS_BYTES);
        Self(Arc::new(Connections { most, proxy, seats: Seats::default(), load }))
    }
}

/// A connection each is an open file, and other files must be opened beside them.
fn connections_most() -> usize {
    #[cfg(unix)]
    if let Some(files) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        let files = usize::try_from(files).unwrap_or(usize::MAX);
        return CONNECTIONS.min(files.saturating_sub(crate::limits::OTHER_FILES).max(files / 2));
    }
    CONNECTIONS
}

impl<S> Accept<TcpStream, S> for Guard {
    type Stream = GuardedStream;
    type Service = Guarded<S>;
    type Future = std::future::Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let entered = stream.peer_addr().and_then(|peer| self.enter(peer));
        std::future::ready(entered.map(|(connection, leave)| {
            let service = Guarded::new(service, connection.clone());
            (GuardedStream::new(stream, connection, leave), service)
        }))
    }
}

impl Guard {
    /// A place for a connection, and what tells it to give the place up to a newer one while it has no request.
    fn enter(&self, peer: SocketAddr) -> io::Result<(Arc<Connection>, oneshot::Receiver<()>)> {
        let Self(all) = self;
        let address = peer.ip().to_canonical();
        let is_proxy = all.proxy.as_ref().is_some_and(|proxy| proxy.trusts(address));
        let most = if is_proxy { all.most } else { (all.most / CONNECTION_SHARE).max(1) };
        let new_load = || {
            if is_proxy { Load::new(all.most, ANSWERS_BYTES) } else { Load::of_address() }
        };
        let seat = all.seats.take(ClientAddress(Some(address)).sender(), most, all.most, new_load);
        let seat = seat.ok_or_else(|| io::Error::other("too many connections are open"))?;
        let connection = Connection {
            number: seat.number,
            sender: seat.sender,
            all: all.clone(),
            address: seat.load,
            open: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        };
        let connection = Arc::new(connection);
        all.seats.sit(&connection);
        Ok((connection, seat.leave))
    }
}

impl Load {
    fn new(open_most: usize, answer_bytes_most: usize) -> Self {
        let (open, answer_bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { open, open_most, answer_bytes, answer_bytes_most }
    }

    fn of_address() -> Self {
        Self::new(OPEN_PER_ADDRESS, ANSWERS_BYTES_PER_ADDRESS)
    }

    /// Counts one request; not where there are too many.
    fn open(&self) -> bool {
        let fits = self.open.fetch_add(1, Ordering::Relaxed) < self.open_most;
        if !fits {
            self.close();
        }
        fits
    }

    fn close(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Holds bytes of an answer; not where there are too many.
    fn hold(&self, bytes: usize) -> bool {
        let before = self.answer_bytes.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= self.answer_bytes_most;
        if !fits {
            self.release(bytes);
        }
        fits
    }

    fn release(&self, bytes: usize) {
        self.answer_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::with_most(2 * CONNECTION_SHARE, None)
    }

    fn peer(address: &str) -> SocketAddr {
        format!("{address}:4711").parse().unwrap()
    }

    #[test]
    fn an_address_that_is_full_gives_up_its_oldest_connection_without_a_request() {
        let guard = guard();
        let enter = || guard.enter(peer("203.0.113.7"));
        let (at_work, mut first) = enter().unwrap();
        at_work.open.store(1, Ordering::Relaxed);
        let (_silent, mut second) = enter().unwrap();
        let (newest, mut third) = enter().unwrap();
        assert!(first.try_recv().is_err() && third.try_recv().is_err());
        assert!(second.try_recv().is_ok(), "the one that says nothing leaves");
        newest.open.store(1, Ordering::Relaxed);
        assert!(enter().is_err(), "all are at work");
        assert!(guard.enter(peer("203.0.113.8")).is_ok(), "others have places of their own");
    }

    #[test]
    fn where_all_places_are_taken_the_address_with_the_most_silent_ones_makes_room() {
        let guard = guard();
        let mut told: Vec<_> = (0..2 * u8::try_from(CONNECTION_SHARE).unwrap())
            .map(|number| guard.enter(peer(&format!("203.0.113.{}", number / 2))).unwrap())
            .collect();
        for (connection, _) in told.iter().skip(2) {
            connection.open.store(1, Ordering::Relaxed);
        }
        let _newest = guard.enter(peer("198.51.100.1")).unwrap();
        let left: Vec<bool> = told.iter_mut().map(|(_, leave)| leave.try_recv().is_ok()).collect();
        assert!(left[0] && !left[1..].contains(&true), "{left:?}");
    }

    #[test]
    fn a_trusted_proxy_has_as_many_connections_as_there_are() {
        let proxy = TrustedProxy::new("Forwarded", &["10.0.0.1".into()]).unwrap();
        let guard = Guard::with_most(2 * CONNECTION_SHARE, Some(proxy));
        let entered: Vec<_> = (0..2 * CONNECTION_SHARE)
            .map(|_| {
                let (connection, leave) = guard.enter(peer("10.0.0.1")).unwrap();
                connection.open.store(1, Ordering::Relaxed);
                (connection, leave)
            })
            .collect();
        assert!(guard.enter(peer("10.0.0.1")).is_err());
        drop(entered);
    }
}
