//! The bytes of a connection. Whenever it has to wait for its peer, it looks from time to time whether anything moves.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep};

use super::Connection;
use crate::limits::{PROGRESS_BYTES, STALL_PERIOD, STALLS_MOST};

/// A stream that ends where its peer neither asks for anything nor reads what it asked for.
pub(crate) struct GuardedStream {
    stream: TcpStream,
    connection: Arc<Connection>,
    leave: oneshot::Receiver<()>,
    next_look: Pin<Box<Sleep>>,
    seen: Seen,
    written_bytes: u64,
    stalls: u32,
    ended: Option<ErrorKind>,
}

/// How far a connection had come when it was last looked at.
#[derive(Default)]
struct Seen {
    begun: u64,
    taken: u64,
    written_bytes: u64,
}

impl GuardedStream {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>, leave: oneshot::Receiver<()>) -> Self {
        Self {
            stream,
            connection,
            leave,
            next_look: Box::pin(sleep(STALL_PERIOD)),
            seen: Seen::default(),
            written_bytes: 0,
            stalls: 0,
            ended: None,
        }
    }

    /// What to say while the peer is waited for: an error once that has gone on for too long.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if self.ended.is_none() && Pin::new(&mut self.leave).poll(context).is_ready() {
            self.ended = Some(ErrorKind::ConnectionAborted);
        }
        while self.ended.is_none() && self.next_look.as_mut().poll(context).is_ready() {
            self.next_look.as_mut().reset(Instant::now() + STALL_PERIOD);
            self.stalls = if self.moves() { 0 } else { self.stalls + 1 };
            if self.stalls >= STALLS_MOST {
                self.ended = Some(ErrorKind::TimedOut);
            }
        }
        match self.ended {
            Some(kind) => Poll::Ready(Err(kind.into())),
            None => Poll::Pending,
        }
    }

    /// Whether anything has moved since the last look. A request that is not being answered yet has times of its own.
    fn moves(&mut self) -> bool {
        let connection = &self.connection;
        let now = Seen {
            begun: connection.begun.load(Ordering::Relaxed),
            taken: connection.taken.load(Ordering::Relaxed),
            written_bytes: self.written_bytes,
        };
        let before = std::mem::replace(&mut self.seen, now);
        let reads = self.seen.taken != before.taken
            || self.seen.written_bytes - before.written_bytes >= PROGRESS_BYTES;
        if connection.answering.load(Ordering::Relaxed) > 0 {
            return reads;
        }
        reads || self.seen.begun != before.begun || connection.open.load(Ordering::Relaxed) > 0
    }
}

impl Drop for GuardedStream {
    fn drop(&mut self) {
        self.connection.all.seats.leave(&self.connection);
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => Poll::Ready(read),
            Poll::Pending => self.wait(context),
        }
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(wrote, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(wrote, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl GuardedStream {
    fn wrote(
        &mut self,
        wrote: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match wrote {
            Poll::Ready(Ok(bytes)) => {
                self.written_bytes += bytes as u64;
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.wait(context),
        }
    }
}
