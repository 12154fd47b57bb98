//! What an operator meets first: help, a wrong setting, a missing file, a schema that is not there.

use std::process::{Command, Output};

fn parvis(arguments: &[&str], settings: &[(&str, &str)], folder: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parvis"))
        .args(arguments)
        .envs(settings.iter().copied())
        .current_dir(folder)
        .output()
        .expect("the binary runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn help_names_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    for (of, commands) in [
        (
            &["--help"][..],
            "serve migrate demo config import account dlq outbox bus stand-by deadline routing knowledge probe",
        ),
        (&["routing", "--help"], "explain simulate move evaluate"),
        (&["knowledge", "--help"], "evaluate"),
    ] {
        let help = said(&parvis(of, &[], folder.path()));
        for command in commands.split(' ') {
            // At the start of its line: other lines may use the word.
            let listed = help.lines().any(|line| line.split_whitespace().next() == Some(command));
            assert!(listed, "{command} is not in:\n{help}");
        }
    }
}

#[test]
fn config_check_says_what_to_mend_before_a_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = parvis(&["config", "check"], &[], folder.path());
    assert!(!before.status.success());
    let text = said(&before);
    assert!(text.contains("tenants.toml") && text.contains("parvis migrate"), "{text}");

    let prepared =
        parvis(&["demo", "--prepare-only"], &[("PARVIS__IDENTITY__DEMO_PASSWORD", "un-mot-de-passe")], folder.path());
    assert!(prepared.status.success(), "{}", said(&prepared));
    let after = parvis(&["config", "check"], &[], folder.path());
    assert!(after.status.success(), "{}", said(&after));
}

#[test]
fn published_secrets_stop_a_start_and_what_is_unsafe_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tenants.toml"), include_str!("../../../demo/tenants.toml")).expect("written");
    let published = ("PARVIS__BUS__PASSWORD", "parvis");
    for arguments in [&["serve", "--roles", "intake"][..], &["config", "check"]] {
        let output = parvis(arguments, &[published], folder.path());
        let text = said(&output);
        assert!(!output.status.success() && text.contains("bus.password") && text.contains("published"), "{text}");
    }
    let tried =
        said(&parvis(&["config", "check"], &[published, ("PARVIS__SERVER__DEMONSTRATION", "true")], folder.path()));
    assert!(!tried.contains("bus.password") && tried.contains("unsafe: server.demonstration"), "{tried}");
}

#[test]
fn a_wrong_setting_is_named_with_what_it_should_be() {
    let folder = tempfile::tempdir().expect("a folder");
    for (key, value, expected) in [
        ("PARVIS__BUS__KIND", "kafka", "kind"),
        ("PARVIS__STORE__URL", "mysql://x", "store.url"),
        ("PARVIS__SERVER__HTTP_LISTEN", "here", "http_listen"),
        ("PARVIS__TELEMETRY__TRACE_RATIO", "7", "trace_ratio"),
        ("PARVIS__IDENTITY__ACCESS_LOG_DAYS", "3651", "identity.access_log_days"),
        ("PARVIS__CASEWORK__ACCESS_LOG_DAYS", "0", "casework.access_log_days"),
        ("PARVIS__TLS__CERT", "role.crt", "tls.ca"),
        ("PARVIS__SERVICES__INTAKE", "https://intake:8081", "services.intake"),
        ("PARVIS__NOTIFICATION__BODY_DAYS", "0", "notification.body_days"),
        ("PARVIS__NOTIFICATION__BODY_DAYS", "4000", "notification.body_days"),
    ] {
        let output = parvis(&["config", "check"], &[(key, value)], folder.path());
        let text = said(&output);
        assert!(!output.status.success() && text.contains(expected), "{key}={value}: {text}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

#[test]
fn identity_on_postgresql_asks_for_the_key_that_seals_its_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tenants.toml"), include_str!("../../../demo/tenants.toml")).expect("written");
    let check = |key: &str| {
        // Nobody listens on port 1.
        let store = ("PARVIS__STORE__URL", "postgres://parvis_{role}:x@127.0.0.1:1/parvis_{role}");
        said(&parvis(
            &["config", "check", "--roles", "identity"],
            &[store, ("PARVIS__IDENTITY__SEALING_KEY", key)],
            folder.path(),
        ))
    };
    let asked = check("");
    assert!(asked.contains("identity.sealing_key") && asked.contains("openssl rand -base64 32"), "{asked}");
    let asked = check("not-a-key");
    assert!(asked.contains("identity.sealing_key") && !asked.contains("not-a-key"), "{asked}");
    let given = check("Xl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl4=");
    assert!(!given.contains("sealing") && given.contains("to mend"), "{given}");
}

#[test]
fn a_command_over_every_database_names_those_it_cannot_open_and_does_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let password = [("PARVIS__IDENTITY__DEMO_PASSWORD", "un-mot-de-passe")];
    let prepared = parvis(&["demo", "--prepare-only"], &password, folder.path());
    assert!(prepared.status.success(), "{}", said(&prepared));
    let routing = folder.path().join("data/routing.db");
    std::fs::write(&routing, "not a database").expect("written");
    for arguments in [&["outbox", "status"][..], &["outbox", "republish", "--since", "2026-01-01T00:00:00Z"]] {
        let output = parvis(arguments, &[], folder.path());
        let text = said(&output);
        assert!(!output.status.success() && text.contains("1 of 7 databases") && text.contains("routing: "), "{text}");
        assert!(text.contains("tracking: ") && text.contains("casework: "), "the others are done: {text}");
    }
    let listed = said(&parvis(&["dlq", "list"], &[], folder.path()));
    assert!(listed.contains("1 of 7 databases") && listed.contains("routing: "), "{listed}");
    let named = parvis(&["outbox", "status", "--roles", "intake"], &[], folder.path());
    assert!(named.status.success(), "{}", said(&named));
}

#[test]
fn a_secret_is_read_from_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tenants.toml"), include_str!("../../../demo/tenants.toml")).expect("written");
    let check = |settings: &[(&str, &str)]| {
        said(&parvis(&["config", "check", "--roles", "notification"], settings, folder.path()))
    };
    let missing = check(&[("PARVIS__NOTIFICATION__SMTP_URL_FILE", "smtp-url")]);
    assert!(missing.contains("notification.smtp_url_file") && missing.contains("smtp-url"), "{missing}");

    // Nobody listens on port 1.
    let store = ("PARVIS__STORE__URL", "postgres://parvis_{role}@127.0.0.1:1/parvis_{role}");
    let missing = check(&[store, ("PARVIS__STORE__PASSWORD_FILE", "store-{role}")]);
    assert!(missing.contains("store.password_file") && missing.contains("store-notification"), "{missing}");
    let files = ["CA", "CERT", "KEY"].map(|name| (format!("PARVIS__TLS__{name}"), format!("{name}.pem")));
    let unread = check(&files.each_ref().map(|(key, value)| (key.as_str(), value.as_str())));
    assert!(unread.contains("tls.ca") && unread.contains("CA.pem"), "{unread}");
    let none = check(&[("PARVIS__IDENTITY__SEALING_KEY_BEFORE_FILE", "nowhere")]);
    assert!(!none.contains("sealing"), "{none}");
}

#[test]
fn the_shipped_users_of_nats_are_those_that_the_roles_need() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = parvis(&["bus", "users"], &[], folder.path());
    let shipped = include_str!("../../../deploy/nats/users.conf");
    assert!(said(&printed) == shipped, "parvis bus users > deploy/nats/users.conf");
}

#[test]
fn a_role_refuses_a_schema_it_does_not_know() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tenants.toml"), include_str!("../../../demo/tenants.toml")).expect("written");
    let settings =
        ["HTTP", "GRPC", "PROBES"].map(|port| (format!("PARVIS__SERVER__{port}_LISTEN"), "127.0.0.1:0".to_owned()));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let output = parvis(&["serve", "--roles", "intake"], &settings, folder.path());
    let text = said(&output);
    assert!(!output.status.success() && text.contains("run `parvis migrate`"), "{text}");
}

#[test]
fn an_import_with_errors_names_each_by_line_and_loads_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let prepared =
        parvis(&["demo", "--prepare-only"], &[("PARVIS__IDENTITY__DEMO_PASSWORD", "un-mot-de-passe")], folder.path());
    assert!(prepared.status.success(), "{}", said(&prepared));
    let broken = "tenant = \"clairval\"\ndefault_unit = \"absent\"\n\n[[unit]]\ncode = \"Mal\"\nname = \"Mal\"\ncouleur = \"bleu\"\n";
    std::fs::write(folder.path().join("broken.toml"), broken).expect("written");
    let output = parvis(&["import", "directory", "broken.toml"], &[], folder.path());
    let text = said(&output);
    assert!(!output.status.success(), "{text}");
    for expected in ["broken.toml:5:", "broken.toml:7:"] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
}

#[test]
fn deadlines_are_those_of_the_law() {
    let folder = tempfile::tempdir().expect("a folder");
    for (received, months, due) in
        [("2026-03-01", "2", "2026-05-01"), ("2025-12-31", "2", "2026-02-28"), ("2023-12-31", "2", "2024-02-29")]
    {
        let output = parvis(&["deadline", "legal", received, "--months", months], &[], folder.path());
        assert_eq!(said(&output).trim(), due);
    }
}

#[test]
fn a_partner_is_made_once_and_its_secret_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let password = [("PARVIS__IDENTITY__DEMO_PASSWORD", "un-mot-de-passe")];
    let prepared = parvis(&["demo", "--prepare-only"], &password, folder.path());
    assert!(prepared.status.success(), "{}", said(&prepared));
    let create = |tenant: &str, id: &str| {
        parvis(
            &["account", "create-partner", "--tenant", tenant, id, "--name", "Appli de la ville"],
            &[],
            folder.path(),
        )
    };
    let made = create("clairval", "appli-ville");
    let text = said(&made);
    assert!(made.status.success() && text.contains("client_id=appli-ville"), "{text}");
    let secret = text.lines().find_map(|line| line.strip_prefix("client_secret=")).expect("a secret");
    assert!(secret.len() > 30, "{text}");
    for (tenant, id, expected) in [
        ("clairval", "appli-ville", "taken"),
        ("clairval", "Appli ville", "client_id"),
        ("nulle-part", "appli", "nulle-part"),
    ] {
        let refused = create(tenant, id);
        assert!(!refused.status.success() && said(&refused).contains(expected), "{}", said(&refused));
    }
}

/// Three themes of four articles, the smallest that teach anything.
fn small_town() -> String {
    let themes = [
        ("Logement", ["loyer impayé", "logement social", "bail de location", "appartement insalubre"]),
        ("Transports", ["permis de conduire", "carte grise", "stationnement résidentiel", "véhicule en fourrière"]),
        ("Enfance", ["cantine scolaire", "place en crèche", "école maternelle", "centre de loisirs"]),
    ];
    let mut lines = String::new();
    for (number, (theme, titles)) in themes.iter().enumerate() {
        for (rank, title) in titles.iter().enumerate() {
            let body = if *theme == "Transports" { "prefecture" } else { "mairie" };
            lines.push_str(&format!(
                r#"{{"id":"A{number}{rank}","title":"{title}","theme":"{theme}","plain_text":"Ce qu'il faut savoir : {title}.","where_to_go":[{{"title":"","pivot":"{body}"}}]}}"#
            ));
            lines.push('\n');
        }
    }
    lines
}

#[test]
fn routing_evaluate_prints_one_line_of_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("fiches.jsonl", &small_town());
    let question =
        r#"{"text":"bonjour, comment refaire ma carte grize svp","gold_fiches":["A11"],"themes":["Transports"]}"#;
    write("questions.jsonl", &format!("{question}\n\n{}\n", r#"{"text":"?","gold_fiches":["B9"]}"#));
    let evaluate = |more: &[&str]| {
        let arguments = ["routing", "evaluate", "--fiches", "fiches.jsonl", "--questions", "questions.jsonl"];
        parvis(&[&arguments, more].concat(), &[], folder.path())
    };
    let output = evaluate(&["--threshold", "0.1"]);
    let text = said(&output);
    assert!(output.status.success() && text.trim().lines().count() == 1, "{text}");
    let line: serde_json::Value = serde_json::from_str(text.trim()).expect("JSON");
    for key in ["gold@1", "gold@3", "gold@5", "mrr@10", "theme@1", "coverage", "precision"] {
        assert_eq!(line[key], 1.0, "{key} in {text}");
    }
    assert_eq!(line["n"], 1, "{text}");
    assert!(line["ms_per_query"].as_f64().is_some_and(|time| time > 0.0), "{text}");

    let refused = evaluate(&["--threshold", "7"]);
    assert!(!refused.status.success() && said(&refused).contains("from 0 to 1"), "{}", said(&refused));
    write("fiches.jsonl", "{\"id\":\"A\"}\nnot JSON\n");
    let broken = evaluate(&[]);
    let text = said(&broken);
    assert!(!broken.status.success() && text.contains("fiches.jsonl") && text.contains("line 2"), "{text}");
    write("fiches.jsonl", "");
    assert!(said(&evaluate(&[])).contains("holds nothing"));
}

#[test]
fn work_is_moved_only_when_confirmed_and_rules_are_explained_as_the_role_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let password = [("PARVIS__IDENTITY__DEMO_PASSWORD", "un-mot-de-passe")];
    let prepared = parvis(&["demo", "--prepare-only"], &password, folder.path());
    assert!(prepared.status.success(), "{}", said(&prepared));
    let routing = |arguments: &[&str]| parvis(&[&["routing"], arguments].concat(), &[], folder.path());

    let merge = ["move", "--tenant", "clairval", "--unit", "voirie", "--to", "proprete"];
    let preview = routing(&merge);
    let text = said(&preview);
    assert!(preview.status.success() && text.contains("nothing was changed"), "{text}");
    let plan = text.split("--plan ").nth(1).map(str::trim).expect("the plan to confirm").to_owned();
    let silent = routing(&[&merge[..], &["--confirm"]].concat());
    assert!(!silent.status.success() && said(&silent).contains("--reason"), "{}", said(&silent));
    let confirm = |plan: &str| routing(&[&merge[..], &["--reason", "Fusion", "--confirm", "--plan", plan]].concat());
    let other = confirm("abc");
    assert!(!other.status.success() && said(&other).contains("look at it again"), "{}", said(&other));
    let done = confirm(&plan);
    assert!(done.status.success() && said(&done).contains("0 cases of voirie moved"), "{}", said(&done));
    for wrong in [
        &["move", "--tenant", "clairval"][..],
        &["move", "--tenant", "clairval", "--unit", "voirie"],
        &["move", "--tenant", "clairval", "--agent", "personne-du-tout"],
        &["move", "--tenant", "nulle-part", "--agent", "claire-martin"],
    ] {
        let refused = routing(wrong);
        assert!(!refused.status.success() && !said(&refused).contains("panicked"), "{wrong:?}: {}", said(&refused));
    }

    let explain = ["explain", "--tenant", "clairval", "--text", "je n'ai pas reçu mes allocations familiales"];
    let explained = routing(&explain);
    let text = said(&explained);
    assert!(explained.status.success(), "{text}");
    assert!(!text.contains("classifier version 0;"), "the classifier is asked as the role asks it: {text}");
}
