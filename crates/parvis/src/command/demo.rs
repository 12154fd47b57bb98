//! `parvis demo`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use parvis_runtime::{Config, Tenants};

use super::{import, migrate, serve};
use crate::roles;

/// Password of the demonstration's accounts where the settings give none.
const PASSWORD: &str = "bienvenue-a-clairval";

/// Where links lead where the settings say nothing.
const PUBLIC_URL: &str = "http://localhost:8080";

/// The demonstration towns as delivered: they are read from a folder where one is named.
const FILES: [(&str, &str); 7] = [
    ("tenants.toml", include_str!("../../../../demo/tenants.toml")),
    ("clairval/directory.toml", include_str!("../../../../demo/clairval/directory.toml")),
    ("clairval/procedures.toml", include_str!("../../../../demo/clairval/procedures.toml")),
    ("clairval/articles.toml", include_str!("../../../../demo/clairval/articles.toml")),
    ("petit-ormeau/directory.toml", include_str!("../../../../demo/petit-ormeau/directory.toml")),
    ("petit-ormeau/procedures.toml", include_str!("../../../../demo/petit-ormeau/procedures.toml")),
    ("petit-ormeau/articles.toml", include_str!("../../../../demo/petit-ormeau/articles.toml")),
];

const TOWNS: [&str; 2] = ["clairval", "petit-ormeau"];

#[derive(Args)]
pub struct Arguments {
    /// Folder of the towns' files; those delivered with this program when absent.
    #[arg(long)]
    files: Option<PathBuf>,
    /// Create the towns and leave: the roles are served elsewhere.
    #[arg(long)]
    prepare_only: bool,
    /// Move the clock by so many seconds.
    #[arg(long, hide = true, default_value_t = 0, allow_negative_numbers = true)]
    clock_shift: i64,
}

pub async fn run(file: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = settings(file)?;
    let tenants_file = Path::new(&config.tenants_file);
    if !tenants_file.exists() {
        let text = town_file(arguments.files.as_deref(), "tenants.toml")?;
        std::fs::write(tenants_file, text).with_context(|| format!("{} cannot be written", tenants_file.display()))?;
    }
    if arguments.prepare_only {
        return prepare(&config, arguments.files.as_deref()).await;
    }
    prepare_elsewhere(file, arguments.files.as_deref()).await?;
    let roles = roles::all();
    let public_url = config.server.public_url.clone();
    let password = config.text("identity.demo_password").unwrap_or_default();
    serve::serve(config, &roles, serve::clock(arguments.clock_shift), move |_| print_welcome(&public_url, &password))
        .await
}

/// The settings, with a password for the demonstration's accounts, and the address that it really listens to.
fn settings(file: Option<&Path>) -> anyhow::Result<Config> {
    let config = Config::load(file)?;
    let mut ours = vec![("server.demonstration", "true".to_owned())];
    if config.text("identity.demo_password").is_none_or(|password| password.is_empty()) {
        ours.push(("identity.demo_password", PASSWORD.to_owned()));
    }
    let port = config.server.http_listen.port();
    if config.server.public_url == PUBLIC_URL && port != 0 {
        ours.push(("server.public_url", format!("http://localhost:{port}")));
    }
    Ok(Config::load_with(file, &ours)?)
}

/// The same in a process of its own: hashing a town's passwords takes memory that serving it does not need.
async fn prepare_elsewhere(file: Option<&Path>, folder: Option<&Path>) -> anyhow::Result<()> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    if let Some(file) = file {
        command.arg("--config").arg(file);
    }
    command.args(["demo", "--prepare-only"]);
    if let Some(folder) = folder {
        command.arg("--files").arg(folder);
    }
    let status = command.status().await.context("the towns cannot be prepared")?;
    anyhow::ensure!(status.success(), "the towns were not prepared: see above");
    Ok(())
}

/// Schemas, then the files. Doing it again changes nothing.
async fn prepare(config: &Config, folder: Option<&Path>) -> anyhow::Result<()> {
    for role in roles::with_store(&[])? {
        migrate::migrate(config, role).await?;
    }
    let tenants = Tenants::load(Path::new(&config.tenants_file))?;
    for town in TOWNS {
        let (directory, procedures) = (format!("{town}/directory.toml"), format!("{town}/procedures.toml"));
        let directory = import::read_directory(&directory, &town_file(folder, &directory)?)?;
        let procedures = import::read_procedures(&procedures, &town_file(folder, &procedures)?)?;
        import::check_names(&procedures, &directory)?;
        // First: the directory's rules are checked against them.
        import::import_procedures(config, &tenants, &procedures).await?;
        import::import_directory(config, &tenants, &directory).await?;
        let articles = format!("{town}/articles.toml");
        let articles = import::read_articles(&articles, &town_file(folder, &articles)?)?;
        import::check_articles(&articles, &directory)?;
        import::import_articles(config, &tenants, &articles).await?;
    }
    Ok(())
}

fn town_file(folder: Option<&Path>, name: &str) -> anyhow::Result<String> {
    if let Some(folder) = folder {
        let path = folder.join(name);
        return std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()));
    }
    FILES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| (*text).to_owned())
        .with_context(|| format!("{name} is not among the delivered files"))
}

fn print_welcome(url: &str, password: &str) {
    println!(
        "
Clairval-sur-Loire vous accueille.

  Habitants         {url}/
  Agents            {url}/agent      accueil (guichet), agent (voirie), responsable
  Élus              {url}/elus       elu
  Administration    {url}/admin      admin
  API               {url}/api/docs   gRPC avec réflexion : voir server.grpc_listen
  Petit-Ormeau      {} (accueil, agent, maire, admin)

  Mot de passe de tous les comptes : {password}
  Il est public : il n’ouvre ces comptes que dans cette démonstration.
  Les courriels sont écrits dans data/mail. Ctrl-C arrête ; les données restent.
",
        url.replace("localhost", "petit-ormeau.localhost"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_compared_with_is_the_default_one() {
        let config = Config::load(None).expect("the defaults");
        assert_eq!(config.server.public_url, PUBLIC_URL);
    }
}
