//! `parvis probe`

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

#[derive(Args)]
pub struct Arguments {
    /// `http://127.0.0.1:8082/readyz`
    url: String,
}

pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let rest = arguments.url.strip_prefix("http://").context("the address must begin with http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let answer = tokio::time::timeout(Duration::from_secs(3), ask(host, path)).await.context("no answer in 3 s")??;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!("{} answers {status}", arguments.url);
    }
    Ok(())
}

async fn ask(host: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = vec![0; 64];
    let read = stream.read(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer[..read]).into_owned())
}
