//! Streets as compared: written out, without the small words that people leave out.

use crate::text::fold;

/// Left out of both: « rue de la Gare » is « rue Gare ».
const SMALL: [&str; 8] = ["d", "l", "de", "du", "des", "la", "le", "les"];

/// What an abbreviation stands for, sorted by it.
const WRITTEN_OUT: [(&str, &str); 77] = [
    ("1er", "1"),
    ("1ere", "1"),
    ("adj", "adjudant"),
    ("al", "allee"),
    ("all", "allee"),
    ("allees", "allee"),
    ("amal", "amiral"),
    ("asp", "aspirant"),
    ("av", "avenue"),
    ("ave", "avenue"),
    ("aven", "avenue"),
    ("bd", "boulevard"),
    ("bld", "boulevard"),
    ("blvd", "boulevard"),
    ("bould", "boulevard"),
    ("boul", "boulevard"),
    ("bvd", "boulevard"),
    ("cal", "caporal"),
    ("cap", "capitaine"),
    ("car", "carrefour"),
    ("carr", "carrefour"),
    ("cdt", "commandant"),
    ("ch", "chemin"),
    ("che", "chemin"),
    ("chem", "chemin"),
    ("chm", "chemin"),
    ("chs", "chaussee"),
    ("cite", "cite"),
    ("cmdt", "commandant"),
    ("col", "colonel"),
    ("cne", "capitaine"),
    ("cr", "cours"),
    ("crs", "cours"),
    ("ct", "commandant"),
    ("doct", "docteur"),
    ("dom", "domaine"),
    ("dr", "docteur"),
    ("esc", "escalier"),
    ("esp", "esplanade"),
    ("fbg", "faubourg"),
    ("fg", "faubourg"),
    ("gal", "general"),
    ("gen", "general"),
    ("gl", "general"),
    ("ham", "hameau"),
    ("imp", "impasse"),
    ("impa", "impasse"),
    ("lieut", "lieutenant"),
    ("lot", "lotissement"),
    ("lt", "lieutenant"),
    ("mal", "marechal"),
    ("mar", "marechal"),
    ("mgr", "monseigneur"),
    ("mte", "montee"),
    ("pass", "passage"),
    ("pas", "passage"),
    ("pce", "place"),
    ("pdt", "president"),
    ("pl", "place"),
    ("plce", "place"),
    ("pr", "professeur"),
    ("premier", "1"),
    ("pres", "president"),
    ("prof", "professeur"),
    ("prom", "promenade"),
    ("qr", "quartier"),
    ("quart", "quartier"),
    ("r", "rue"),
    ("res", "residence"),
    ("rle", "ruelle"),
    ("rpt", "rondpoint"),
    ("rt", "route"),
    ("rte", "route"),
    ("sgt", "sergent"),
    ("sq", "square"),
    ("st", "saint"),
    ("ste", "sainte"),
];
/// Days of streets, as written in letters.
const DAYS: [(&str, &str); 8] = [
    ("deux", "2"),
    ("quatre", "4"),
    ("cinq", "5"),
    ("huit", "8"),
    ("onze", "11"),
    ("quatorze", "14"),
    ("dixneuf", "19"),
    ("vingtcinq", "25"),
];

/// The words of a text as streets are compared: folded, abbreviations written out, small words left out.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let all: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut words: Vec<String> = Vec::with_capacity(all.len());
    let mut at = 0;
    while let Some(word) = all.get(at) {
        let next = all.get(at + 1).copied();
        let (word, taken) = match (*word, next) {
            ("rond", Some("point")) => ("rondpoint", 2),
            ("dix", Some("neuf")) => ("19", 2),
            ("vingt", Some("cinq")) => ("25", 2),
            ("grand" | "gde" | "gd", Some("rue" | "r")) => ("grande", 1),
            ("grandrue", _) => ("grande rue", 1),
            ("grd", _) => ("grand", 1),
            // « Pierre et Marie Curie », « Pierre & Marie Curie ».
            ("et", _) => ("", 1),
            (word, _) => (written_out(word), 1),
        };
        if !SMALL.contains(&word) {
            words.extend(word.split_whitespace().map(str::to_owned));
        }
        at += taken;
    }
    words
}

fn written_out(word: &str) -> &str {
    let of = |list: &'static [(&'static str, &'static str)]| list.iter().find(|(short, _)| *short == word);
    of(&WRITTEN_OUT).or_else(|| of(&DAYS)).map_or(word, |(_, long)| long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_street_is_the_same_however_it_is_shortened() {
        for (typed, whole) in [
            ("bd Jean Jaurès", "Boulevard Jean-Jaurès"),
            ("Bld. Jean Jaures", "boulevard Jean Jaurès"),
            ("av. de la Gare", "avenue de la Gare"),
            ("AV GARE", "Avenue de la Gare"),
            ("rue St-Martin", "rue Saint-Martin"),
            ("r. Ste Anne", "rue Sainte-Anne"),
            ("chem. des Prés", "chemin des Prés"),
            ("ch des pres", "Chemin des Prés"),
            ("rte de Nantes", "route de Nantes"),
            ("pl. de l’Église", "Place de l'Église"),
            ("imp. du Port", "impasse du Port"),
            ("all. des Lilas", "allée des Lilas"),
            ("fg St Antoine", "Faubourg Saint-Antoine"),
            ("sq. du 8 mai 1945", "square du Huit-Mai-1945"),
            ("rue du Gal Leclerc", "rue du Général-Leclerc"),
            ("rue du Dr Roux", "rue du Docteur Roux"),
            ("rue P. et M. Curie", "rue P & M Curie"),
            ("Grand'Rue", "Grande Rue"),
            ("rond-point de l'Europe", "Rpt Europe"),
        ] {
            assert_eq!(words(typed), words(whole), "{typed}");
        }
        assert_ne!(words("rue du Port"), words("quai du Port"));
        assert_eq!(words("rue du Port"), ["rue", "port"]);
    }

    #[test]
    fn written_out_twice_changes_nothing() {
        for (short, long) in WRITTEN_OUT.iter().chain(&DAYS) {
            assert_eq!(words(long).join(" "), words(&words(short).join(" ")).join(" "), "{short}");
        }
    }
}
