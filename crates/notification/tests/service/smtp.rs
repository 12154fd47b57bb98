//! A small SMTP server that keeps what it is sent and fails as told.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server does after a message.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Says this.
    Say(&'static str),
    /// Keeps the message and never answers.
    Hang,
}

#[derive(Default)]
struct State {
    received: Vec<String>,
    after_data: VecDeque<Answer>,
    to_recipients: VecDeque<&'static str>,
}

/// The server; it ends with the test.
#[derive(Clone)]
pub struct SmtpSink {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl SmtpSink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = sink.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        sink
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The next messages are answered so, then accepted.
    pub fn after_data(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().unwrap().after_data.extend(answers);
    }

    /// The next recipients are answered so, then accepted.
    pub fn to_recipients(&self, answers: impl IntoIterator<Item = &'static str>) {
        self.state.lock().unwrap().to_recipients.extend(answers);
    }

    /// Every message whose last dot arrived, in order.
    pub fn received(&self) -> Vec<String> {
        self.state.lock().unwrap().received.clone()
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 sink.example ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned(),
            "RCPT" => state.lock().unwrap().to_recipients.pop_front().unwrap_or("250 2.1.5 ok").to_owned(),
            "HELO" | "MAIL" | "RSET" | "NOOP" => "250 2.1.0 ok".to_owned(),
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut message = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.push_str("\r\n");
                }
                let answer = {
                    let mut state = state.lock().unwrap();
                    state.received.push(message);
                    state.after_data.pop_front().unwrap_or(Answer::Say("250 2.0.0 queued"))
                };
                match answer {
                    Answer::Say(answer) => answer.to_owned(),
                    Answer::Hang => std::future::pending().await,
                }
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "502 5.5.1 what?".to_owned(),
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
