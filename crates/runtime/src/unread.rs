//! Bodies that nobody read to their end.
//!
//! Whoever is refused while they are still sending must get the answer: a connection that is closed at once is broken
//! under what they send, and their program tells of a network failure instead of what was wrong.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

/// What is still taken after the answer, and thrown away; beyond, the connection is closed.
const MOST: u64 = 64 << 20;
/// For how long.
const PATIENCE: Duration = Duration::from_secs(15);

/// A body that is taken to its end after whoever read it let it go.
pub struct TakenToItsEnd(Option<Incoming>);

impl TakenToItsEnd {
    /// Of a request.
    pub const fn new(body: Incoming) -> Self {
        Self(Some(body))
    }
}

impl Body for TakenToItsEnd {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for TakenToItsEnd {
    fn drop(&mut self) {
        let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        // At the end of the process there is nobody to answer.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(tokio::time::timeout(PATIENCE, take(body)));
    }
}

async fn take(mut body: Incoming) {
    let mut taken = 0;
    while taken < MOST {
        match std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            Some(Ok(frame)) => taken += frame.data_ref().map_or(0, |data| data.len() as u64),
            Some(Err(_)) | None => return,
        }
    }
}
