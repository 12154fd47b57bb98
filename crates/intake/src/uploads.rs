//! Who may send files, and how many at the same time.
//!
//! An upload holds little memory while it waits for its sender (what is less than a part), and one of few slots only
//! while bytes are written: strangers who send nothing stop nobody. An address has few uploads and a number of bytes an
//! hour, so that one does not take everybody's place.

use std::{
    collections::HashMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use parvis_kernel::{Error, Refusal, Result, TenantId};
use parvis_runtime::{client::network, limits::Allowances};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::IntakeConfig;

/// Writes at the same time.
const WRITES: usize = 16;
/// How long to wait for a place before refusing.
const WAIT: Duration = Duration::from_secs(3);
const HOUR: Duration = Duration::from_secs(3600);

/// Bytes of a part, and uploads at the same time: to S3, which takes no smaller part but the last.
const TO_S3: (usize, usize) = (5 << 20, 32);
/// The same to a folder.
const TO_FOLDER: (usize, usize) = (256 << 10, 256);

/// The uploads of this process.
pub struct Uploads {
    part: usize,
    open: Semaphore,
    writes: Semaphore,
    by_address: usize,
    bytes_by_address: u64,
    sent: Allowances,
    now: Mutex<Now>,
    folder: Option<PathBuf>,
    full_percent: u8,
}

#[derive(Default)]
struct Now {
    /// Uploads of each network.
    of: HashMap<IpAddr, usize>,
    /// Bytes of each town on their way.
    arriving: HashMap<TenantId, u64>,
}

impl Uploads {
    /// As configured.
    pub fn new(config: &IntakeConfig) -> Self {
        let folder = config.attachments_url.strip_prefix("file://").map(|folder| Path::new(folder).to_owned());
        let (part, open) = if folder.is_some() { TO_FOLDER } else { TO_S3 };
        Self {
            part,
            open: Semaphore::new(open),
            writes: Semaphore::new(WRITES),
            by_address: config.uploads_by_address,
            bytes_by_address: config.upload_bytes_by_address,
            sent: Allowances::default(),
            now: Mutex::default(),
            folder,
            full_percent: config.full_disk_percent,
        }
    }

    /// Bytes of a part: what an upload keeps in memory.
    pub fn part_bytes(&self) -> usize {
        self.part
    }

    /// A place for an upload to `tenant` from `address`; `None` for whoever signed in.
    ///
    /// # Errors
    /// "Unavailable" where there is none after a short wait.
    pub async fn enter(&self, tenant: &TenantId, address: Option<IpAddr>) -> Result<Place<'_>> {
        let address = address.map(network);
        {
            let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(address) = address {
                let held = now.of.entry(address).or_default();
                if *held >= self.by_address {
                    return Err(busy("address", "too many files come from this address at the same time; try again"));
                }
                *held += 1;
            }
            now.arriving.entry(tenant.clone()).or_default();
        }
        // From here on, giving up gives back what was counted.
        let mut place = Place { uploads: self, address, tenant: tenant.clone(), bytes: 0, open: None };
        place.open = Some(soon(&self.open).await?);
        Ok(place)
    }

    /// One of the slots that are held while bytes are written.
    ///
    /// # Errors
    /// "Unavailable" where none is free after a short wait.
    pub async fn writing(&self) -> Result<SemaphorePermit<'_>> {
        soon(&self.writes).await
    }

    /// Whether the disk of the files is as full as it may be for their sake. What cannot be measured is not full.
    pub fn disk_is_full(&self) -> bool {
        let Some(disk) = self.folder.as_ref().and_then(|folder| rustix::fs::statvfs(folder).ok()) else { return false };
        let used = u128::from(disk.f_blocks.saturating_sub(disk.f_bavail));
        disk.f_blocks > 0 && used * 100 >= u128::from(disk.f_blocks) * u128::from(self.full_percent)
    }
}

async fn soon(places: &Semaphore) -> Result<SemaphorePermit<'_>> {
    match tokio::time::timeout(WAIT, places.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) => Err(Error::unavailable("the service is stopping")),
        Err(_) => Err(busy("places", "too many files come at the same time; try again")),
    }
}

fn busy(why: &'static str, message: &str) -> Error {
    metrics::counter!("parvis_uploads_refused_total", "why" => why).increment(1);
    Error::unavailable(message).refused(Refusal::Busy)
}

/// The place of one upload.
pub struct Place<'a> {
    uploads: &'a Uploads,
    address: Option<IpAddr>,
    tenant: TenantId,
    bytes: u64,
    open: Option<SemaphorePermit<'a>>,
}

impl Place<'_> {
    /// Counts bytes that came.
    ///
    /// # Errors
    /// "Unavailable" where the address has sent as much as it may in an hour.
    pub fn took(&mut self, bytes: u64) -> Result<()> {
        if let Some(address) = self.address {
            let sent = self.uploads.sent.spend(address, bytes, self.uploads.bytes_by_address, HOUR);
            sent.map_err(|_| {
                busy("bytes", "this address has sent as many files as it may in an hour; try again later")
            })?;
        }
        self.bytes += bytes;
        let mut now = self.uploads.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now.arriving.entry(self.tenant.clone()).or_default() += bytes;
        Ok(())
    }

    /// Bytes of the town's files on their way through this process.
    pub fn arriving(&self) -> u64 {
        let now = self.uploads.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.arriving.get(&self.tenant).copied().unwrap_or_default()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut now = self.uploads.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = self.address.and_then(|address| now.of.get_mut(&address)) {
            *held -= 1;
        }
        if let Some(bytes) = now.arriving.get_mut(&self.tenant) {
            *bytes -= self.bytes.min(*bytes);
        }
        now.of.retain(|_, held| *held > 0);
        self.open.take();
    }
}
