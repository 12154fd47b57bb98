//! The units whose cases nobody else reads, from a counter for instance: social services, police, whistle-blowing,
//! complaints about agents.

use parvis_kernel::UnitId;

use crate::model::{DirectoryFile, Unit};

/// In the name or the code of a unit that says nothing of itself. Better one too many: `sensitive = false` opens it.
const WORDS: [&str; 7] = ["social", "ccas", "cias", "police", "alerte", "déontolog", "deontolog"];

/// How many units may stand above one another.
const DEEPEST: usize = 32;

impl DirectoryFile {
    /// Whether the cases of `unit` are closed to everybody else: as the file says, else by its name, else as the unit
    /// above. A unit that is not in the file is.
    pub fn is_sensitive(&self, unit: &UnitId) -> bool {
        let mut asked = Some(unit);
        for _ in 0..DEEPEST {
            let Some(code) = asked else { return false };
            let Some(unit) = self.units.iter().find(|known| known.code == *code) else { return true };
            match unit.sensitive {
                Some(said) => return said,
                None if by_its_name(unit) => return true,
                None => asked = unit.parent.as_ref(),
            }
        }
        true
    }
}

fn by_its_name(unit: &Unit) -> bool {
    let name = unit.name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word) || unit.code.as_str().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_says_it_else_its_name_else_the_one_above() {
        let text = "tenant = \"ici\"\ndefault_unit = \"mairie\"\n".to_owned()
            + &[
                ("mairie", "Mairie", ""),
                ("ccas", "Action communale", "parent = \"mairie\""),
                ("habitat", "Logement", "parent = \"ccas\""),
                ("seniors", "Animation des seniors", "parent = \"ccas\"\nsensitive = false"),
                ("police-municipale", "Sécurité", ""),
                ("deontologue", "Référent", ""),
                ("rh", "Ressources humaines", "sensitive = true"),
                ("paie", "Paie", "parent = \"rh\""),
                ("voirie", "Voirie", "parent = \"mairie\""),
            ]
            .map(|(code, name, more)| format!("[[unit]]\ncode = \"{code}\"\nname = \"{name}\"\n{more}\n"))
            .concat();
        let file = crate::parse("directory.toml", &text).unwrap();
        let sensitive = |code: &str| file.is_sensitive(&UnitId::parse(code).unwrap());
        for closed in ["ccas", "habitat", "police-municipale", "deontologue", "rh", "paie", "not-there"] {
            assert!(sensitive(closed), "{closed}");
        }
        for open in ["mairie", "seniors", "voirie"] {
            assert!(!sensitive(open), "{open}");
        }
    }
}
