//! Languages by their tags (BCP 47), named in French.

/// Those often spoken at a counter, as in a list.
pub const ALL: [(&str, &str); 24] = [
    ("fr", "français"),
    ("en", "anglais"),
    ("ar", "arabe"),
    ("es", "espagnol"),
    ("pt", "portugais"),
    ("tr", "turc"),
    ("uk", "ukrainien"),
    ("ru", "russe"),
    ("ro", "roumain"),
    ("it", "italien"),
    ("de", "allemand"),
    ("pl", "polonais"),
    ("zh", "chinois"),
    ("vi", "vietnamien"),
    ("ta", "tamoul"),
    ("fa", "persan"),
    ("ps", "pachto"),
    ("ku", "kurde"),
    ("so", "somali"),
    ("wo", "wolof"),
    ("bm", "bambara"),
    ("kab", "kabyle"),
    ("br", "breton"),
    (SIGNS, "langue des signes française"),
];

const SIGNS: &str = "fsl";

/// A language as one says that somebody speaks it: « parle turc », « parle la langue des signes française ». `None` where
/// it is not among [`ALL`].
pub fn spoken(tag: &str) -> Option<&'static str> {
    if primary(tag) == SIGNS { Some("la langue des signes française") } else { named(tag) }
}

/// A language's name, as in a list. `None` where it is not among [`ALL`].
pub fn named(tag: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == primary(tag)).map(|(_, name)| *name)
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_spoken_with_its_article_where_it_needs_one() {
        assert_eq!(spoken("tr"), Some("turc"));
        assert_eq!(spoken("pt-BR"), Some("portugais"));
        assert_eq!(spoken("fsl"), Some("la langue des signes française"));
        assert_eq!(named("fsl"), Some("langue des signes française"));
        assert_eq!((spoken("tlh"), named("tlh")), (None, None));
    }
}
