use std::path::Path;

use parvis_kernel::UnitId;
use proptest::prelude::*;

use super::*;

const TOWN: &str = r#"
tenant = "clairval"
default_unit = "accueil"

[[calendar]]
code = "bureaux"
name = "Horaires de bureau"
monday = ["08:30-12:00", "13:30-17:30"]

[[unit]]
code = "etat-civil"
name = "État civil"
parent = "population"

[[unit]]
code = "population"
name = "Population"
calendar = "bureaux"

[[unit]]
code = "accueil"
name = "Accueil"
parent = "population"

[[team]]
code = "elections"
name = "Élections"
unit = "etat-civil"

[[agent]]
code = "claire-martin"
first_name = "Claire"
last_name = "Martin"
email = "claire.martin@clairval.example"
roles = ["case_worker"]
units = ["etat-civil"]
teams = ["elections"]
skills = { etat-civil = 3 }
languages = ["fr", "pt-BR"]
capacity = 15

[[absence]]
agent = "claire-martin"
from = "2026-12-21"
until = "2026-12-31"

[[rule]]
code = "elections"
name = "Élections"
words = ["carte d'électeur"]
unit = "etat-civil"
team = "elections"
skill = "etat-civil"
priority = "high"
"#;

fn errors(text: &str) -> Vec<String> {
    parse("d.toml", text).unwrap_err().iter().map(ToString::to_string).collect()
}

/// The one error of the town with `from` replaced by `to`.
fn the_error(from: &str, to: &str) -> String {
    assert!(TOWN.contains(from), "{from}");
    let errors = errors(&TOWN.replacen(from, to, 1));
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors.into_iter().next().unwrap()
}

#[test]
fn a_right_file_is_read_whole() {
    let file = parse("d.toml", TOWN).unwrap();
    assert_eq!(file.warnings, []);
    assert_eq!(file.agents[0].skills["etat-civil"], 3);
    assert_eq!(file.rules[0].words, ["carte d'électeur"]);
    let below = file.units_below(&UnitId::parse("population").unwrap());
    assert_eq!(below.len(), 3);
    assert!(file.units_below(&UnitId::parse("nowhere").unwrap()).is_empty());
    let kept: DirectoryFile = serde_json::from_str(&serde_json::to_string(&file).unwrap()).unwrap();
    assert_eq!(kept, file);
}

#[test]
fn each_mistake_is_named_with_its_line() {
    for (from, to, line, part) in [
        ("parent = \"population\"", "parent = \"poulation\"", 13, "no unit is called « poulation »"),
        ("\"13:30-17:30\"", "\"11:30-17:30\"", 8, "overlap"),
        ("\"13:30-17:30\"", "\"17:30-13:30\"", 8, "empty"),
        ("until = \"2026-12-31\"", "until = \"2026-12-20\"", 45, "ends (2026-12-20) before it begins"),
        ("until = \"2026-12-31\"", "until = \"31/12/2026\"", 45, "like 2026-12-21"),
        ("units = [\"etat-civil\"]\nteams = [\"elections\"]", "units = []", 36, "at least one unit"),
        ("roles = [\"case_worker\"]", "roles = [\"case_worker\", \"chief\"]", 35, "« chief » is not one of"),
        ("capacity = 15", "capacity = -1", 40, "whole number from 0"),
        ("etat-civil = 3", "etat-civil = 9", 38, "from 1 to 5"),
        ("code = \"accueil\"", "code = \"accueil\"\ncolour = \"red\"", 22, "unknown key « colour »"),
        (
            "unit = \"etat-civil\"\nteam",
            "unit = \"accueil\"\nteam",
            52,
            "belongs to unit « etat-civil », not to « accueil »",
        ),
        ("default_unit = \"accueil\"", "default_unit = \"accueille\"", 3, "no unit is called"),
        ("agent = \"claire-martin\"", "agent = \"clair-martin\"", 43, "no agent is called"),
        ("priority = \"high\"", "priority = \"haute\"", 54, "low, normal, high, urgent"),
        ("calendar = \"bureaux\"", "", 30, "needs a calendar"),
        ("email = \"claire.martin@clairval.example\"", "email = \"claire.martin\"", 34, "not an e-mail"),
        (
            "email = \"claire.martin@clairval.example\"",
            "email = \"claire martin@clairval.example\"",
            34,
            "not an e-mail",
        ),
    ] {
        let error = the_error(from, to);
        assert!(error.starts_with(&format!("d.toml:{line}: ")) && error.contains(part), "{to}: {error}");
    }
}

#[test]
fn cycles_and_duplicates_are_refused() {
    let found = errors(&TOWN.replacen("calendar = \"bureaux\"", "calendar = \"bureaux\"\nparent = \"etat-civil\"", 1));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|error| error.contains("above itself")));
    let twice = format!("{TOWN}\n[[unit]]\ncode = \"accueil\"\nname = \"Accueil bis\"\n");
    assert!(errors(&twice)[0].contains("a second unit is called « accueil »"));
}

#[test]
fn an_outline_that_crosses_itself_is_refused_with_its_two_sides() {
    let district =
        |corners: &str| format!("{TOWN}\n[[district]]\ncode = \"centre\"\nname = \"Centre\"\npolygon = [{corners}]\n");
    let walk = "\"47.21,-1.56\", \"47.22,-1.56\", \"47.22,-1.55\", \"47.21,-1.55\", \"47.21,-1.56\"";
    assert!(parse("d.toml", &district(walk)).is_ok());
    let found = errors(&district("\"47.21,-1.56\", \"47.22,-1.55\", \"47.22,-1.56\", \"47.21,-1.55\""));
    assert_eq!(found.len(), 1, "{found:#?}");
    let line = district("").lines().position(|line| line.starts_with("polygon")).unwrap() + 1;
    assert!(found[0].starts_with(&format!("d.toml:{line}: ")), "{}", found[0]);
    assert!(
        found[0]
            .contains("« centre » crosses itself: side 1 (47.210000,-1.560000 → 47.220000,-1.550000) meets side 3 ("),
        "{}",
        found[0]
    );
}

#[test]
fn all_the_mistakes_come_at_once_in_the_order_of_the_file() {
    let text =
        TOWN.replace("08:30-12:00", "8h30").replace("capacity = 15", "capacity = \"15\"").replace("2026-12-21", "?");
    let found = parse("d.toml", &text).unwrap_err();
    let lines: Vec<_> = found.iter().map(|error| error.line).collect();
    assert_eq!(lines, [8, 40, 44]);
}

#[test]
fn a_skill_nobody_has_is_a_warning() {
    let file = parse("d.toml", &TOWN.replace("skill = \"etat-civil\"", "skill = \"grec\"")).unwrap();
    assert_eq!(file.warnings.len(), 1);
    assert_eq!(file.warnings[0].line, 53);
}

#[test]
fn broken_toml_has_a_line_too() {
    let found = errors("tenant = \"clairval\"\ndefault_unit = \n[[unit\n");
    assert!(found[0].starts_with("d.toml:2: not valid TOML"), "{found:?}");
}

#[test]
fn the_demonstration_towns_are_right() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo");
    for town in ["clairval", "petit-ormeau"] {
        let path = demo.join(town).join("directory.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let file = parse(&path.display().to_string(), &text)
            .unwrap_or_else(|errors| panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()));
        assert_eq!(file.tenant.as_str(), town);
        assert_eq!(file.warnings, []);
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(at in 0usize..1400, junk in "[\\PC\"\n\\[\\]=]{0,12}") {
        let at = (0..=at.min(TOWN.len())).rev().find(|at| TOWN.is_char_boundary(*at)).unwrap();
        let text = format!("{}{junk}{}", &TOWN[..at], &TOWN[at..]);
        if let Err(errors) = parse("d.toml", &text) {
            prop_assert!(!errors.is_empty());
        }
    }
}

#[test]
fn handling_weights_levels_and_deputies_are_read() {
    let text = TOWN
        .replacen("default_unit", "weights = { phone = 150, email = 50 }\ndefault_unit", 1)
        .replacen(
            "name = \"Accueil\"",
            "name = \"Accueil\"\noffer = [\"phone\"]\noffer_seconds = 90\nresponse = \"4h\"\nreplaces = [\"guichet\"]\n\
             ladder = [{ after = \"30min\", step = \"widen\" }, { after = \"4h\", step = \"supervisor\" }]",
            1,
        )
        .replacen("skill = \"etat-civil\"\n", "skill = \"etat-civil\"\nlevel = 2\n", 1);
    let file = parse("d.toml", &text).unwrap();
    assert_eq!(file.weights[&parvis_kernel::Channel::Phone], 150);
    let handling = &file.unit(&UnitId::parse("accueil").unwrap()).unwrap().handling;
    assert_eq!((handling.ladder.len(), handling.ladder[0].after.minutes()), (2, 30));
    assert_eq!((handling.offer_seconds, handling.response), (Some(90), Some(crate::Delay::hours(4))));
    assert_eq!((file.rules[0].level, file.warnings.len()), (2, 0));
    let kept: DirectoryFile = serde_json::from_str(&serde_json::to_string(&file).unwrap()).unwrap();
    assert_eq!(kept, file);
    // A level that nobody has is a warning, like a skill that nobody has.
    let high = parse("d.toml", &text.replace("level = 2", "level = 4")).unwrap();
    assert!(high.warnings[0].message.contains("at level 4"), "{:?}", high.warnings);
}

#[test]
fn each_mistake_of_handling_is_named_with_its_line() {
    for (from, to, line, part) in [
        ("default_unit", "weights = { pigeon = 3 }\ndefault_unit", 3, "« pigeon » is not one of"),
        ("default_unit", "weights = { phone = 0 }\ndefault_unit", 3, "from 1 to 1000"),
        ("name = \"Accueil\"", "name = \"Accueil\"\nladder = []", 23, "has no step"),
        (
            "name = \"Accueil\"",
            "name = \"Accueil\"\nladder = [{ after = \"soon\", step = \"wait\" }]",
            23,
            "30min or 4h",
        ),
        ("name = \"Accueil\"", "name = \"Accueil\"\nladder = [{ after = \"4h\", step = \"pray\" }]", 23, "« pray »"),
        ("name = \"Accueil\"", "name = \"Accueil\"\nreplaces = [\"etat-civil\"]", 23, "still in the file"),
        ("capacity = 15", "capacity = 15\ndeputies = [\"claire-martin\"]", 41, "not their own deputy"),
        ("capacity = 15", "capacity = 15\ndeputies = [\"nobody-here\"]", 41, "no agent is called « nobody-here »"),
        ("skill = \"etat-civil\"\n", "level = 2\n", 53, "a level needs its skill"),
        ("monday = [\"08:30-12:00\", \"13:30-17:30\"]", "sunday = []", 6, "the calendar « bureaux » has no open hour"),
    ] {
        let error = the_error(from, to);
        assert!(error.starts_with(&format!("d.toml:{line}: ")) && error.contains(part), "{to}: {error}");
    }
}

#[test]
fn deputies_that_go_round_are_refused() {
    let agent = |code: &str, deputies: &str| {
        format!(
            "\n[[agent]]\ncode = \"{code}\"\nfirst_name = \"A\"\nlast_name = \"B\"\nemail = \"a@b.example\"\n\
             roles = [\"case_worker\"]\nunits = [\"etat-civil\"]\ncalendar = \"bureaux\"\ncapacity = 3\n\
             deputies = [{deputies}]\n"
        )
    };
    let round = format!(
        "{TOWN}{}{}{}",
        agent("anne-a", "\"bea-b\""),
        agent("bea-b", "\"claire-martin\", \"carl-c\""),
        agent("carl-c", "\"anne-a\"")
    );
    let found = errors(&round);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("anne-a → bea-b → carl-c → anne-a"), "{found:#?}");
    let line =
        format!("{TOWN}{}{}", agent("anne-a", "\"bea-b\", \"claire-martin\""), agent("bea-b", "\"claire-martin\""));
    assert_eq!(parse("d.toml", &line).unwrap().agents[1].deputies.len(), 2);
    let useless = line.replace("capacity = 15", "capacity = 0");
    assert!(parse("d.toml", &useless).unwrap().warnings.iter().any(|w| w.message.contains("receives no cases")));
}

#[test]
fn a_street_of_two_districts_and_an_outline_turned_round_are_warnings() {
    let two = format!(
        "{TOWN}\n[[district]]\ncode = \"nord\"\nname = \"Nord\"\nstreets = [\"boulevard Jean Jaurès\", \"de la\"]\n\
         polygon = [\"-1.55,47.21\", \"-1.54,47.21\", \"-1.54,47.22\"]\n\
         [[district]]\ncode = \"sud\"\nname = \"Sud\"\nstreets = [\"bd. Jean-Jaurès\"]\n"
    );
    let warnings = parse("d.toml", &two).unwrap().warnings;
    let told: Vec<_> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for words in ["names no street", "a street of « nord » too", "latitude first"] {
        assert!(told.iter().any(|message| message.contains(words)), "{words}: {told:?}");
    }
}

#[test]
fn addresses_of_the_file_are_put_right_or_refused() {
    let file = parse("d.toml", &TOWN.replacen("email = \"", "email = \"mailto:", 1)).unwrap();
    let all = file.units.iter().map(|unit| &unit.email).chain(file.agents.iter().map(|agent| &agent.email));
    assert!(all.into_iter().all(|email| !email.contains("mailto")));
    assert!(parse("d.toml", &TOWN.replacen("email = \"", "email = \"a:", 1)).is_err());
}
