//! `parvis import`

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use parvis_directory::{DirectoryFile, Located};
use parvis_intake::domain::{
    procedure::{Content, Field},
    procedures_file::{ProceduresFile, parse_procedures},
};
use parvis_kernel::SystemClock;
use parvis_knowledge::{ArticlesFile, ProcedureCard, ReadFiches};
use parvis_routing::domain::rules::{Catalogue, FormField, ProcedureForm};
use parvis_runtime::{Config, Node, Tenants};
use parvis_store::Store;
use secrecy::{ExposeSecret as _, SecretString};

use super::summary;

/// Bytes of a zip read from the standard input at most.
const MAX_ZIP: u64 = 200_000_000;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sites, units, teams, agents with their accounts, rules.
    Directory {
        /// The file: see docs/reference/data-files.md.
        file: PathBuf,
    },
    /// Procedures with their forms.
    Procedures {
        /// The file: see docs/reference/data-files.md.
        file: PathBuf,
        /// Check the units and skills that it names against this directory file.
        #[arg(long)]
        directory: Option<PathBuf>,
    },
    /// The town's own articles and response templates.
    Articles {
        /// The file: see docs/reference/data-files.md.
        file: PathBuf,
        /// Check the units that it names against this directory file.
        #[arg(long)]
        directory: Option<PathBuf>,
    },
    /// The national fiches of service-public.fr, for every authority served here.
    Fiches {
        /// The State's zip (vosdroits-latest.zip), the npm package's folder, or lines of JSON (.jsonl, .jsonl.gz);
        /// "-" reads the zip from the standard input.
        file: PathBuf,
        /// Import even where most of what is served would go.
        #[arg(long)]
        force: bool,
    },
}

pub async fn run(settings: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(settings)?;
    let tenants = Tenants::load(Path::new(&config.tenants_file))?;
    match arguments.command {
        Command::Directory { file } => {
            let directory = read_directory(&file.display().to_string(), &read(&file)?)?;
            import_directory(&config, &tenants, &directory).await
        }
        Command::Procedures { file, directory } => {
            let procedures = read_procedures(&file.display().to_string(), &read(&file)?)?;
            if let Some(path) = directory {
                let directory = read_directory(&path.display().to_string(), &read(&path)?)?;
                check_names(&procedures, &directory)?;
            }
            import_procedures(&config, &tenants, &procedures).await
        }
        Command::Articles { file, directory } => {
            let articles = read_articles(&file.display().to_string(), &read(&file)?)?;
            if let Some(path) = directory {
                let directory = read_directory(&path.display().to_string(), &read(&path)?)?;
                check_articles(&articles, &directory)?;
            }
            import_articles(&config, &tenants, &articles).await
        }
        Command::Fiches { file, force } => import_fiches(&config, &file, force).await,
    }
}

/// Reads a directory; every error by its line.
pub fn read_directory(name: &str, text: &str) -> anyhow::Result<DirectoryFile> {
    let directory = parvis_directory::parse(name, text).or_else(refuse)?;
    for warning in &directory.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(directory)
}

/// Reads procedures; every error by its line.
pub fn read_procedures(name: &str, text: &str) -> anyhow::Result<ProceduresFile> {
    parse_procedures(name, text).or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        bail!("nothing was loaded; {} to mend:\n{}", errors.len(), errors.join("\n"))
    })
}

/// Reads articles; every error by its line.
pub fn read_articles(name: &str, text: &str) -> anyhow::Result<ArticlesFile> {
    parvis_knowledge::parse_articles(name, text).or_else(refuse)
}

/// Refuses articles that name a unit the directory does not have.
pub fn check_articles(articles: &ArticlesFile, directory: &DirectoryFile) -> anyhow::Result<()> {
    let unknown = articles.units.iter().filter(|(code, _)| !directory.units.iter().any(|it| it.code.as_str() == code));
    let errors: Vec<Located> = unknown.map(|(_, located)| located.clone()).collect();
    if errors.is_empty() { Ok(()) } else { refuse(errors) }
}

/// Refuses procedures that name a unit the directory does not have.
pub fn check_names(procedures: &ProceduresFile, directory: &DirectoryFile) -> anyhow::Result<()> {
    let errors: Vec<String> = procedures
        .units_named()
        .iter()
        .filter(|named| !directory.units.iter().any(|unit| unit.code.as_str() == named.code))
        .map(|named| {
            let message =
                format!("unit: « {} » is not a unit of the directory; add it there or correct it", named.code);
            procedures.error_at(named.line, message).to_string()
        })
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    bail!("nothing was loaded; {} to mend:\n{}", errors.len(), errors.join("\n"))
}

/// Loads a directory: routing's part, then the accounts. Each is all or nothing, and can be done again.
pub async fn import_directory(config: &Config, tenants: &Tenants, directory: &DirectoryFile) -> anyhow::Result<()> {
    let routing = open(config, "routing").await?;
    let identity = open(config, "identity").await?;
    let summary = parvis_routing::usecase::import_directory(&routing, tenants, directory).await?;
    println!("{}: directory: {}", directory.tenant, summary::of_directory(&summary));
    for line in summary::of_findings(&summary.findings) {
        eprintln!("{line}");
    }
    let password: String = config.section::<IdentitySection>("identity")?.demo_password.expose_secret().to_owned();
    let password = (!password.is_empty()).then(|| SecretString::from(password));
    let summary = parvis_identity::usecase::import_accounts(&identity, tenants, directory, password).await?;
    println!("{}: accounts: {}", directory.tenant, summary::of_accounts(&summary));
    routing.close().await;
    identity.close().await;
    Ok(())
}

/// Loads procedures, all or nothing.
pub async fn import_procedures(config: &Config, tenants: &Tenants, procedures: &ProceduresFile) -> anyhow::Result<()> {
    let intake = open(config, "intake").await?;
    let summary = parvis_intake::usecase::import_procedures::import_procedures(&intake, tenants, procedures).await?;
    println!("{}: procedures: {}", procedures.tenant(), summary::of_procedures(&summary));
    intake.close().await;
    // Knowledge proposes them by their titles.
    let cards: Vec<ProcedureCard> = procedures.procedures().iter().map(card).collect();
    let knowledge = open(config, "knowledge").await?;
    parvis_knowledge::import_procedures(&knowledge, procedures.tenant(), &cards).await?;
    knowledge.close().await;
    tell_routing(config, procedures).await
}

/// Routing checks rules against the procedures, and learns from their titles.
async fn tell_routing(config: &Config, procedures: &ProceduresFile) -> anyhow::Result<()> {
    let routing = open(config, "routing").await?;
    parvis_routing::import_catalogue(&routing, procedures.tenant(), &catalogue(procedures)).await?;
    routing.close().await;
    Ok(())
}

/// What routing knows of procedures.
pub fn catalogue(procedures: &ProceduresFile) -> Catalogue {
    let field = |field: &Field| FormField {
        code: field.code.clone(),
        kind: field.kind.to_string(),
        choices: field.choices.iter().map(|choice| choice.code.clone()).collect(),
    };
    let form = |procedure: &Content| ProcedureForm {
        code: procedure.code.clone(),
        title: procedure.title.clone(),
        summary: procedure.summary.clone(),
        unit: procedure.unit.clone(),
        keywords: procedure.keywords.clone(),
        fields: procedure.fields.iter().map(&field).collect(),
    };
    Catalogue { procedures: procedures.procedures().iter().map(form).collect() }
}

fn card(procedure: &parvis_intake::domain::procedure::Content) -> ProcedureCard {
    ProcedureCard {
        code: procedure.code.clone(),
        title: procedure.title.clone(),
        summary: procedure.summary.clone(),
        theme: procedure.theme.clone(),
        keywords: procedure.keywords.clone(),
    }
}

/// Loads articles and response templates, all or nothing.
pub async fn import_articles(config: &Config, tenants: &Tenants, articles: &ArticlesFile) -> anyhow::Result<()> {
    let knowledge = open(config, "knowledge").await?;
    let summary = parvis_knowledge::import_articles(&knowledge, tenants, articles).await?;
    println!("{}: articles: {}", articles.tenant, summary::of_articles(&summary));
    knowledge.close().await;
    Ok(())
}

fn read_fiches(path: &Path) -> anyhow::Result<ReadFiches> {
    if path != Path::new("-") {
        return Ok(parvis_knowledge::read_fiches(path)?);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_ZIP).read_to_end(&mut bytes).context("the standard input cannot be read")?;
    Ok(parvis_knowledge::read_zip(&bytes)?)
}

/// Serves another distribution of the fiches. Those that are wrong are named, the rest imported.
async fn import_fiches(config: &Config, path: &Path, force: bool) -> anyhow::Result<()> {
    let knowledge = open(config, "knowledge").await?;
    let from = path.to_owned();
    let read = tokio::task::spawn_blocking(move || read_fiches(&from)).await??;
    for (name, why) in &read.refused {
        eprintln!("warning: {name}: {why}; left out");
    }
    let source = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let summary = parvis_knowledge::import_fiches(&knowledge, &source, &read, force).await?;
    println!("fiches: {}", summary::of_fiches(&summary));
    knowledge.close().await;
    Ok(())
}

#[derive(serde::Deserialize)]
struct IdentitySection {
    demo_password: SecretString,
}

async fn open(config: &Config, role: &str) -> anyhow::Result<Store> {
    Node::open_store(config, role, Arc::new(SystemClock))
        .await
        .with_context(|| format!("the database of {role} cannot be opened"))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn refuse<T>(errors: Vec<Located>) -> anyhow::Result<T> {
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    bail!("nothing was loaded; {} to mend:\n{}", errors.len(), errors.join("\n"))
}
