//! What codes are called in this town.

use parvis_proto::routing::Directory;

/// A name from a list of codes and names; the code itself where the list does not know it.
pub fn named<'a>(mut of: impl Iterator<Item = (&'a str, &'a str)>, code: &str) -> String {
    of.find(|(known, _)| *known == code).map_or(code, |(_, name)| name).to_owned()
}

/// A service.
pub fn unit_name(directory: &Directory, code: &str) -> String {
    named(directory.units.iter().map(|it| (&*it.code, &*it.name)), code)
}

/// A team.
pub fn team_name(directory: &Directory, code: &str) -> String {
    named(directory.teams.iter().map(|it| (&*it.code, &*it.name)), code)
}
