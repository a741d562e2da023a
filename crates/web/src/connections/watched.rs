//! The requests of a connection: counted from their head to the last byte of their answer, and what their answers hold.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use candor_policy::ProblemCode;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tower::Service;

use super::Connection;
use crate::Refused;
use crate::limits::{ANSWER_FREE_BYTES, RETRY_AFTER_SECONDS};

/// A service whose requests are counted.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    service: S,
    connection: Arc<Connection>,
}

impl<S> Guarded<S> {
    pub(super) fn new(service: S, connection: Arc<Connection>) -> Self {
        Self { service, connection }
    }
}

impl<S, R> Service<R> for Guarded<S>
where
    S: Service<R, Response = Response>,
{
    type Response = axum::http::Response<Watched>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let open = Open::new(&self.connection);
        Answering { answer: open.is_some().then(|| self.service.call(request)), open }
    }
}

pin_project! {
    /// A request on its way to an answer; without one where there are too many.
    pub(crate) struct Answering<F> {
        #[pin]
        answer: Option<F>,
        open: Option<Open>,
    }
}

impl<F: Future<Output = Result<Response, E>>, E> Future for Answering<F> {
    type Output = Result<axum::http::Response<Watched>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = match this.answer.as_pin_mut() {
            Some(answer) => std::task::ready!(answer.poll(context))?,
            None => busy(),
        };
        Poll::Ready(Ok(watched(answer, this.open.take())))
    }
}

fn busy() -> Response {
    let detail = "too many requests or answers of this address are open; read the answers first";
    Refused::later(ProblemCode::Unavailable, detail, RETRY_AFTER_SECONDS).into_response()
}

/// Counts an answer until it is read, and refuses one where too much is waiting to be read.
fn watched(answer: Response, mut open: Option<Open>) -> axum::http::Response<Watched> {
    let bytes = http_body::Body::size_hint(answer.body()).exact().unwrap_or_default();
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let fits = bytes <= ANSWER_FREE_BYTES || open.as_mut().is_none_or(|open| open.hold(bytes));
    let answer = if fits { answer } else { busy() };
    if let Some(open) = &mut open {
        open.begin_to_answer();
    }
    answer.map(|body| Watched { body, open })
}

/// A request that is open until this is dropped.
struct Open {
    connection: Arc<Connection>,
    answering: bool,
    answer_bytes: usize,
}

impl Open {
    fn new(connection: &Arc<Connection>) -> Option<Self> {
        if !connection.all.load.open() {
            return None;
        }
        if !connection.address.open() {
            connection.all.load.close();
            return None;
        }
        connection.open.fetch_add(1, Ordering::Relaxed);
        connection.begun.fetch_add(1, Ordering::Relaxed);
        Some(Self { connection: connection.clone(), answering: false, answer_bytes: 0 })
    }

    fn begin_to_answer(&mut self) {
        self.answering = true;
        self.connection.answering.fetch_add(1, Ordering::Relaxed);
        self.connection.taken.fetch_add(1, Ordering::Relaxed);
    }

    fn hold(&mut self, bytes: usize) -> bool {
        if !self.connection.all.load.hold(bytes) {
            return false;
        }
        if !self.connection.address.hold(bytes) {
            self.connection.all.load.release(bytes);
            return false;
        }
        self.answer_bytes = bytes;
        true
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection.open.fetch_sub(1, Ordering::Relaxed);
        if self.answering {
            connection.answering.fetch_sub(1, Ordering::Relaxed);
        }
        for load in [&connection.all.load, &*connection.address] {
            load.close();
            load.release(self.answer_bytes);
        }
    }
}

/// The body of an answer.
pub(crate) struct Watched {
    body: Body,
    open: Option<Open>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(open) = &self.open {
            open.connection.taken.fetch_add(1, Ordering::Relaxed);
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}
