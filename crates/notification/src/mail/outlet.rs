//! Where e-mails go: an SMTP server, or files.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{Error as SmtpError, PoolConfig},
};
use parvis_kernel::{Error, NoticeId, Result, text::excerpt};
use secrecy::ExposeSecret as _;

use crate::{NotificationConfig, domain::schedule};

/// Messages sent at the same time, each over its own connection (or into its own file).
pub const PARALLEL: usize = 8;
/// How long the server may take for one command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);
/// How long one message may take in all. Four rounds of it fit in the lease.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// How a try went. The text never holds an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted.
    Sent(String),
    /// Not now.
    Later(String),
    /// Never.
    Refused(String),
}

/// Where e-mails go.
pub enum Outlet {
    /// A server.
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    /// A folder.
    Files(PathBuf),
}

impl Outlet {
    /// As configured. Does not connect: a server that is down keeps nobody from starting.
    pub fn new(config: &NotificationConfig) -> Result<Self> {
        let url = config.smtp_url.expose_secret();
        if url.is_empty() {
            let folder = PathBuf::from(&config.eml_dir);
            parvis_store::make_private_folder(&folder).map_err(|error| {
                Error::invalid("notification.eml_dir", format!("{} cannot be created: {error}", folder.display()))
            })?;
            return Ok(Self::Files(folder));
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| {
                Error::invalid(
                    "notification.smtp_url",
                    "must be smtp://user:password@host:587?tls=required or smtps://user:password@host:465",
                )
            })?
            .timeout(Some(COMMAND_TIMEOUT))
            .pool_config(PoolConfig::new().max_size(u32::try_from(PARALLEL).unwrap_or(8)))
            .build();
        Ok(Self::Smtp(Box::new(transport)))
    }

    /// How many messages to claim at once: what surely goes within the lease.
    pub fn batch(&self) -> u64 {
        match self {
            Self::Smtp(_) => 4 * PARALLEL as u64,
            Self::Files(_) => 512,
        }
    }

    /// How long a claimed batch is ours.
    pub fn lease(&self) -> SignedDuration {
        match self {
            Self::Smtp(_) => schedule::LEASE,
            Self::Files(_) => schedule::FILE_LEASE,
        }
    }

    /// Sends one message.
    pub async fn send(&self, id: NoticeId, message: Message) -> Outcome {
        match self {
            Self::Smtp(transport) => match tokio::time::timeout(MESSAGE_TIMEOUT, transport.send(message)).await {
                Ok(Ok(response)) => {
                    let lines: Vec<&str> = response.message().collect();
                    Outcome::Sent(clean(&format!("{} {}", response.code(), lines.join(" "))))
                }
                Ok(Err(error)) => failure(&error),
                Err(_) => Outcome::Later("the mail server takes too long".to_owned()),
            },
            Self::Files(folder) => {
                let folder = folder.clone();
                let written = tokio::task::spawn_blocking(move || write(&folder, id, &message.formatted())).await;
                match written {
                    Ok(Ok(())) => Outcome::Sent("written to a file".to_owned()),
                    Ok(Err(error)) => Outcome::Later(format!("the file cannot be written: {}", error.kind())),
                    Err(_) => Outcome::Later("the file was not written".to_owned()),
                }
            }
        }
    }

    /// Deletes the files of messages, where messages are files.
    pub async fn forget(&self, ids: Vec<NoticeId>) -> Result<()> {
        let Self::Files(folder) = self else { return Ok(()) };
        let folder = folder.clone();
        let deleted = tokio::task::spawn_blocking(move || ids.iter().try_for_each(|id| delete(&folder, *id)));
        deleted.await.map_err(Error::internal)?.map_err(|error| {
            Error::unavailable(format!("an old file of notification.eml_dir cannot be deleted: {}", error.kind()))
        })
    }
}

/// Perhaps somebody took it already.
fn delete(folder: &Path, id: NoticeId) -> std::io::Result<()> {
    match std::fs::remove_file(folder.join(format!("{id}.eml"))) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes the whole file or none: it appears under its name once complete. Not synchronised to the disk, as files are
/// not how a town sends its mail.
fn write(folder: &Path, id: NoticeId, bytes: &[u8]) -> std::io::Result<()> {
    let part = folder.join(format!(".{id}.part"));
    let mut file = std::fs::File::create(&part)?;
    file.write_all(bytes)?;
    drop(file);
    std::fs::rename(part, folder.join(format!("{id}.eml")))
}

/// A 5xx about this message is for good. A 5xx about our login is ours to mend and concerns every message: later.
fn failure(error: &SmtpError) -> Outcome {
    let detail = clean(&error.to_string());
    let code = error.status().map(u16::from);
    let ours = matches!(code, Some(530 | 534 | 535 | 538));
    if error.is_permanent() && !ours { Outcome::Refused(detail) } else { Outcome::Later(detail) }
}

/// What a server says, short, without whatever looks like an address.
fn clean(text: &str) -> String {
    let words: Vec<&str> =
        text.split_whitespace().map(|word| if word.contains('@') { "[adresse]" } else { word }).collect();
    excerpt(&words.join(" "), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_without_addresses() {
        let kept = clean("550 5.1.1 <zoe@example.org>: user\r\n unknown in zoe@example.org;");
        assert_eq!(kept, "550 5.1.1 [adresse] user unknown in [adresse]");
    }
}
