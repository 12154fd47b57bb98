//! What the workspace promises of itself: layers, licences, known advisories.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform"])
        .arg("x86_64-unknown-linux-gnu")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

fn packages(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().expect("a list of packages")
}

const ROLES: [&str; 8] =
    ["identity", "intake", "casework", "routing", "knowledge", "notification", "tracking", "gateway"];

#[test]
fn no_role_depends_on_another_and_nothing_below_depends_on_a_role() {
    let metadata = metadata();
    let is_role = |name: &str| ROLES.iter().any(|role| name == format!("parvis-{role}"));
    for package in packages(&metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        if !name.starts_with("parvis-") || name == "parvis-tests" {
            continue;
        }
        for dependency in package["dependencies"].as_array().expect("a list") {
            let dependency = dependency["name"].as_str().unwrap_or_default();
            assert!(!is_role(dependency), "{name} depends on {dependency}: roles speak through parvis-proto");
        }
    }
}

#[test]
fn the_kernel_and_the_rules_know_no_transport_and_no_store() {
    let metadata = metadata();
    for pure in ["parvis-kernel", "parvis-calendar", "parvis-directory", "parvis-search"] {
        let Some(package) = packages(&metadata).iter().find(|package| package["name"] == pure) else {
            panic!("{pure} is gone")
        };
        for dependency in package["dependencies"].as_array().expect("a list") {
            let dependency = dependency["name"].as_str().unwrap_or_default();
            for banned in ["tokio", "tonic", "sea-orm", "axum", "async-nats", "prost"] {
                assert_ne!(dependency, banned, "{pure} must not depend on {dependency}");
            }
        }
    }
}

#[test]
fn a_domain_module_names_no_transport_no_store_and_no_ambient_clock() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut seen = 0;
    for role in ROLES {
        let domain = crates.join(role).join("src/domain");
        for file in rust_files(&domain) {
            seen += 1;
            let text = std::fs::read_to_string(&file).expect("a source file");
            for banned in ["use tonic", "use sea_orm", "tonic::", "sea_orm::", "SystemClock", "parvis_store"] {
                assert!(!text.contains(banned), "{} names {banned}", file.display());
            }
        }
    }
    assert!(seen > 10, "only {seen} domain files were found");
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { rust_files(&path) } else { vec![path] }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// Licences that a town may redistribute with EUPL-1.2 code.
const LICENCES: [&str; 15] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "CC0-1.0",
    "0BSD",
    "Unlicense",
    "CDLA-Permissive-2.0",
    "BSL-1.0",
    // Of its files alone, which are used as they are; the annex of EUPL-1.2 names it as compatible.
    "MPL-2.0",
];

#[test]
fn every_dependency_has_a_licence_that_lets_a_town_use_it() {
    let metadata = metadata();
    let mut refused = BTreeMap::new();
    for package in packages(&metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        if name.starts_with("parvis") {
            continue;
        }
        let licence = package["license"].as_str().unwrap_or("none");
        if !is_allowed(licence) {
            refused.insert(name, licence);
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

/// Whether an SPDX expression can be met by the list: each part of an AND, one part of an OR.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    expression.split(" AND ").all(|part| {
        part.split(" OR ").any(|licence| {
            let licence = licence.trim().trim_matches(|c| c == '(' || c == ')').trim();
            LICENCES.contains(&licence)
        })
    })
}

#[test]
fn no_dependency_has_a_known_advisory_that_was_not_looked_at() {
    let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("workspace/advisories.toml"))
        .expect("the list is there");
    let list: toml::Table = list.parse().expect("TOML");
    let metadata = metadata();
    for advisory in list["advisory"].as_array().expect("a list") {
        let text = |key: &str| advisory.get(key).and_then(toml::Value::as_str).unwrap_or_default();
        if !text("accepted").is_empty() {
            continue;
        }
        for package in packages(&metadata).iter().filter(|package| package["name"] == text("package")) {
            let version = package["version"].as_str().unwrap_or_default();
            assert!(
                version_parts(version) >= version_parts(text("fixed")),
                "{} {version}: {} ({}), mended in {}",
                text("package"),
                text("id"),
                text("title"),
                text("fixed")
            );
        }
    }
}

fn version_parts(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

#[test]
fn the_tests_that_the_page_on_security_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/explanation/security.md")).expect("the page");
    let sources: String = [rust_files(&root.join("crates")), rust_files(&root.join("tests"))]
        .concat()
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("a source file"))
        .collect();
    let names = page.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() >= 3);
    let mut seen = 0;
    for name in names {
        seen += 1;
        // Plain, or of a suite that runs on both databases.
        let there = sources.contains(&format!("fn {name}(")) || sources.contains(&format!("_both!({name},"));
        assert!(there, "security.md names {name}, which is no test");
    }
    assert!(seen > 15, "only {seen} names were found");
}
