//! Connections of strangers: how many, and how long they may say nothing.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use futures::Stream;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::transport::server::{Connected, TcpConnectInfo};
use tower::ServiceExt as _;

use crate::{
    client::{Networks, network},
    unread::TakenToItsEnd,
};

/// How long a connection may take to say its next request: one that is kept open and says nothing is closed too.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// After a failure to accept that is not the client's (no file descriptor left).
const PAUSE: Duration = Duration::from_millis(100);

/// Counts connections.
pub struct Connections {
    most: usize,
    most_of_address: usize,
    uncounted: Networks,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

impl Connections {
    /// At most `most`, and `most_of_address` from one network but from those of `uncounted`, which stand for many.
    pub fn new(most: usize, most_of_address: usize, uncounted: Networks) -> Arc<Self> {
        Arc::new(Self { most, most_of_address, uncounted, now: Mutex::default() })
    }

    /// A place for a connection from there; `None` where there is none.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = (!self.uncounted.contain(address)).then(|| network(address));
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.all >= self.most {
            return None;
        }
        if let Some(address) = address {
            let held = now.of.entry(address).or_default();
            if *held >= self.most_of_address {
                return None;
            }
            *held += 1;
        }
        now.all += 1;
        Some(Place { of: self.clone(), address })
    }
}

/// The place of one connection.
pub struct Place {
    of: Arc<Connections>,
    address: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut now = self.of.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.all -= 1;
        let Some(address) = self.address else { return };
        if let Some(held) = now.of.get_mut(&address) {
            *held -= 1;
            if *held == 0 {
                now.of.remove(&address);
            }
        }
    }
}

/// The next connection that has a place; the others are closed at once.
async fn accept(listener: &TcpListener, connections: &Arc<Connections>, door: &'static str) -> (Held, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => match connections.enter(peer.ip()) {
                Some(place) => {
                    // Whatever it is for, a small answer must not wait for the next.
                    let _ = stream.set_nodelay(true);
                    return (Held { stream, _place: place }, peer);
                }
                None => metrics::counter!("parvis_connections_refused_total", "door" => door).increment(1),
            },
            Err(error) => {
                tracing::debug!(%error, door, "a connection was not accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Serves `router` until `shutdown`, then lets what is in hand end.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    connections: Arc<Connections>,
    shutdown: CancellationToken,
) {
    let tasks = TaskTracker::new();
    while let Some((stream, peer)) = shutdown.run_until_cancelled(accept(&listener, &connections, "http")).await {
        tasks.spawn(converse(stream, peer, router.clone(), shutdown.clone()));
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

async fn converse(stream: Held, peer: SocketAddr, router: Router, shutdown: CancellationToken) {
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(|body| Body::new(TakenToItsEnd::new(body))))
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}

/// The connections of a gRPC port.
pub fn incoming(
    listener: TcpListener,
    connections: Arc<Connections>,
) -> impl Stream<Item = io::Result<Held>> + Send + 'static {
    futures::stream::unfold((listener, connections), |(listener, connections)| async move {
        let (held, _) = accept(&listener, &connections, "grpc").await;
        Some((Ok(held), (listener, connections)))
    })
}

/// A connection with its place.
pub struct Held {
    stream: TcpStream,
    _place: Place,
}

impl Connected for Held {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const ASKED: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn places_are_counted_by_network_and_given_back() {
        let proxy = Networks::parse("10.0.0.1", "x").unwrap();
        let connections = Connections::new(5, 2, proxy);
        let from = |address: &str| connections.enter(address.parse().unwrap());
        let one = from("2001:db8:1:2::1").unwrap();
        let _two = from("2001:db8:1:2:9::9").unwrap();
        assert!(from("2001:db8:1:2::3").is_none(), "the same subscriber");
        let _proxied = [from("10.0.0.1").unwrap(), from("10.0.0.1").unwrap(), from("10.0.0.1").unwrap()];
        assert!(from("192.0.2.1").is_none(), "no place at all");
        drop(one);
        assert!(from("2001:db8:1:2::3").is_some());
    }

    async fn server(most_of_address: usize) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let said = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
        let refused = || async { http::StatusCode::PAYLOAD_TOO_LARGE };
        let router = Router::new().route("/", axum::routing::get(said).post(refused));
        let shutdown = CancellationToken::new();
        let connections = Connections::new(100, most_of_address, Networks::default());
        let serving = tokio::spawn(serve_http(listener, router, connections, shutdown.clone()));
        (address, shutdown, serving)
    }

    async fn answered(stream: &mut TcpStream) -> bool {
        let mut answer = [0; 1024];
        let asked = stream.write_all(ASKED).await.is_ok();
        asked && matches!(stream.read(&mut answer).await, Ok(read) if answer[..read].ends_with(b"127.0.0.1"))
    }

    #[tokio::test]
    async fn one_address_holds_few_and_gives_them_back() {
        let (address, shutdown, serving) = server(3).await;
        let mut held = Vec::new();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            assert!(answered(&mut stream).await && answered(&mut stream).await, "kept between requests");
            held.push(stream);
        }
        let mut refused = TcpStream::connect(address).await.unwrap();
        assert!(!answered(&mut refused).await);
        drop(held);
        // The server sees them go in its own time.
        loop {
            let mut stream = TcpStream::connect(address).await.unwrap();
            if answered(&mut stream).await {
                break;
            }
        }
        shutdown.cancel();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn who_is_refused_while_sending_gets_the_answer() {
        let (address, _shutdown, _serving) = server(10).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let size = 8_000_000;
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'a'; size]).await.unwrap();
        let mut answer = [0; 1024];
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 413"));
        // And the connection serves on.
        assert!(answered(&mut stream).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_let_go() {
        let (address, _shutdown, _serving) = server(10).await;
        let silent = TcpStream::connect(address).await.unwrap();
        let mut halfway = TcpStream::connect(address).await.unwrap();
        halfway.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(ASKED).await.unwrap();
        for mut stream in [silent, halfway, idle] {
            // Each ends by itself, after what was answered.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    }
}
