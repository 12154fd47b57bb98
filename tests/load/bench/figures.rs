//! Times, and what they amount to.

use std::{fmt, process::Command, time::Duration};

use hdrhistogram::Histogram;

/// The times of one measure.
pub struct Figures {
    microseconds: Histogram<u64>,
    lasted: Duration,
}

impl Default for Figures {
    fn default() -> Self {
        Self { microseconds: Histogram::new(3).expect("three digits are allowed"), lasted: Duration::ZERO }
    }
}

impl Figures {
    /// Adds one time.
    pub fn record(&mut self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.record(time).expect("the histogram grows as needed");
    }

    /// Adds another's times.
    pub fn add(&mut self, other: Self) {
        self.microseconds.add(&other.microseconds).expect("both are of three digits and resizable");
    }

    /// How long the whole measure took.
    pub fn lasted(&mut self, time: Duration) {
        self.lasted = time;
    }

    /// How many a second.
    pub fn per_second(&self) -> f64 {
        self.microseconds.len() as f64 / self.lasted.as_secs_f64()
    }

    fn milliseconds(&self, quantile: f64) -> f64 {
        self.microseconds.value_at_quantile(quantile) as f64 / 1000.0
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return write!(f, "{} times", self.microseconds.len());
        }
        write!(f, "{:.0} | {:.2} | {:.2}", self.per_second(), self.milliseconds(0.5), self.milliseconds(0.99))
    }
}

/// Says what the figures were measured on.
pub fn print_machine() {
    let ask = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("unknown");
    println!("machine: {} × {model}, {}", ask("nproc", &[]), ask("uname", &["-sr"]));
    println!("commit: {}", ask("git", &["rev-parse", "--short", "HEAD"]));
    println!("command: make bench");
    println!("figures a line: a second | p50 ms | p99 ms");
}
