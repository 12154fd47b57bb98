//! Why a command failed, on one line.

/// The error and what caused it, each thing said once: a cause is often told by what it caused already.
pub fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.contains(&cause) {
            continue;
        }
        if !told.is_empty() {
            told.push_str(": ");
        }
        told.push_str(&cause);
    }
    told
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow!("pool timed out").context("no answer (pool timed out)").context("cannot open identity");
        assert_eq!(told(&error), "cannot open identity: no answer (pool timed out)");
        assert_eq!(told(&anyhow!("no such file").context("cannot read")), "cannot read: no such file");
    }
}
