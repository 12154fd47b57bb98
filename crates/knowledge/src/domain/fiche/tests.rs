use super::*;

/// A small fiche in the shape of the distribution; its words are ours.
const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Publication ID="F900001" type="Fiche d'information" xmlns:dc="http://purl.org/dc/elements/1.1/"
  spUrl="https://www.service-public.fr/particuliers/vosdroits/F900001">
 <dc:title>Adopter un &#233;cureuil &amp; le nourrir</dc:title>
 <dc:subject>Animaux</dc:subject>
 <dc:description>Ce qu'il faut savoir.</dc:description>
 <dc:date>modified 2026-02-03</dc:date>
 <Audience>Particuliers</Audience>
 <SousThemePere ID="N1">Rongeurs</SousThemePere>
 <DossierPere ID="N2"><Titre>Petits animaux</Titre></DossierPere>
 <Introduction><Texte><Paragraphe>L'&#233;cureuil vit <MiseEnEvidence>dans les bois</MiseEnEvidence>.</Paragraphe></Texte></Introduction>
 <ListeSituations affichage="onglet"><Situation><Titre>En ville</Titre><Texte>
  <Chapitre><Titre><Paragraphe>Nourriture</Paragraphe></Titre>
   <Paragraphe>Voir <LienInterne LienPublication="F900002">les noisettes</LienInterne>, et <LienExterne URL="https://exemple.example/a b">ce site</LienExterne>.</Paragraphe>
   <Liste type="puce"><Item><Paragraphe>des noix</Paragraphe></Item><Item><Paragraphe>de l'eau</Paragraphe></Item></Liste>
   <Attention><Titre>Attention</Titre><Paragraphe>pas de sel.</Paragraphe></Attention>
   <Tableau><Rangée type="header"><Cellule><Paragraphe>Mois</Paragraphe></Cellule><Cellule><Paragraphe>Ration</Paragraphe></Cellule></Rangée>
   <Rangée type="normal"><Cellule><Paragraphe>Mai</Paragraphe></Cellule><Cellule><Liste><Item><Paragraphe>2 noix</Paragraphe></Item><Item><Paragraphe>1 gland</Paragraphe></Item></Liste></Cellule></Rangée></Tableau>
  </Chapitre></Texte></Situation></ListeSituations>
 <OuSAdresser ID="R1" type="Local"><Titre>Mairie</Titre></OuSAdresser>
 <ServiceEnLigne ID="R2" URL="https://exemple.example/demande" type="Téléservice"><Titre>Demander un abri</Titre></ServiceEnLigne>
 <QuestionReponse ID="F900003" audience="Particuliers">Un écureuil peut-il voter ?</QuestionReponse>
</Publication>"#;

/// The same tree as the npm package writes it.
fn json_of(xml: &str) -> String {
    fn value(node: &Node) -> serde_json::Value {
        if node.name.is_empty() {
            return serde_json::json!({ "type": "text", "text": node.text });
        }
        let attributes: serde_json::Map<_, _> =
            node.attributes.iter().map(|(key, it)| (key.clone(), it.as_str().into())).collect();
        let children: Vec<_> = node.children.iter().map(value).collect();
        serde_json::json!({ "type": "element", "name": node.name, "attributes": attributes, "children": children })
    }
    let root = tree::from_xml(xml.as_bytes()).unwrap();
    serde_json::json!({ "id": "F900001", "children": [value(&root)] }).to_string()
}

#[test]
fn the_xml_and_the_json_give_the_same_fiche() {
    let from_xml = Fiche::from_xml(XML.as_bytes(), None).unwrap().unwrap();
    let from_json = Fiche::from_json(json_of(XML).as_bytes(), None).unwrap().unwrap();
    assert_eq!(from_xml, from_json);
    assert_eq!(from_xml.title, "Adopter un écureuil & le nourrir");
    assert_eq!((from_xml.theme.as_str(), from_xml.sub_theme.as_str()), ("Animaux", "Rongeurs"));
    assert_eq!(from_xml.dossier, "Petits animaux");
    assert_eq!(from_xml.updated, "2026-02-03");
    assert_eq!(from_xml.slug(), "f900001");
    assert_eq!(from_xml.bodies, ["Mairie"]);
    assert_eq!(from_xml.related[0].href, "fiche:F900003");
    assert_eq!(from_xml.online[0].title, "Demander un abri");
}

#[test]
fn the_text_keeps_headings_lists_tables_and_links() {
    let body = Fiche::from_xml(XML.as_bytes(), None).unwrap().unwrap().body;
    for expected in [
        "L'écureuil vit **dans les bois**.",
        "## En ville",
        "### Nourriture",
        "Voir [les noisettes](fiche:F900002), et [ce site](https://exemple.example/a%20b).",
        "- des noix\n\n- de l'eau",
        "> **Attention**\n>\n> pas de sel.",
        "| Mois | Ration |\n| --- | --- |\n| Mai | 2 noix ; 1 gland |",
    ] {
        assert!(body.contains(expected), "« {expected} » is not in:\n{body}");
    }
    let sections = crate::domain::markdown::sections(&body);
    assert_eq!(sections.last().unwrap().path, ["En ville", "Nourriture"]);
}

#[test]
fn what_is_broken_says_why() {
    let cut = &XML[..XML.len() - 30];
    assert!(Fiche::from_xml(cut.as_bytes(), None).unwrap_err().contains("well-formed"));
    let crossed = XML.replace("</Chapitre>", "</Texte>");
    assert!(Fiche::from_xml(crossed.as_bytes(), None).unwrap_err().contains("well-formed"));
    let bomb = XML.replace("&amp;", "&lol;");
    assert!(Fiche::from_xml(bomb.as_bytes(), None).unwrap_err().contains("entity"));
    let without = XML.replace("<dc:subject>Animaux</dc:subject>", "");
    assert!(Fiche::from_xml(without.as_bytes(), None).unwrap_err().contains("theme"));
    let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
    assert!(Fiche::from_xml(deep.as_bytes(), None).unwrap_err().contains("within each other"));
    assert!(Fiche::from_json(b"{", None).unwrap_err().contains("JSON"));
    assert_eq!(Fiche::from_xml(b"<ServiceComplementaire ID=\"R1\"/>", None), Ok(None));
}

#[test]
fn a_guided_search_and_a_situation_are_fiches_too() {
    let guided = r#"<Publication ID="F900009" type="Recherche guidée"><dc:title>Quel arbre choisir ?</dc:title>
      <Audience>Particuliers</Audience><FilDAriane><Niveau ID="P">Accueil</Niveau><Niveau ID="N1">Jardin</Niveau>
      <Niveau ID="F900009">Quel arbre choisir ?</Niveau></FilDAriane>
      <Problematiques><Problematique><Titre>Au soleil</Titre><SiSelectionne><affecteVrai var="T1"/></SiSelectionne>
      <Branche><Titre>Petit jardin</Titre><LienInterne LienPublication="F900010">Le figuier</LienInterne></Branche>
      </Problematique></Problematiques></Publication>"#;
    let fiche = Fiche::from_xml(guided.as_bytes(), None).unwrap().unwrap();
    assert_eq!(fiche.theme, "Jardin");
    assert_eq!(fiche.body, "## Au soleil\n\n### Petit jardin\n\n[Le figuier](fiche:F900010)");
}

#[test]
fn a_line_of_json_is_a_fiche() {
    let line = r##"{"id":"F7","title":"Planter un arbre","theme":"Logement","plain_text":"Avant tout.\n\n## Où\n- au jardin\n- sur *le* balcon","audience":"particuliers","where_to_go":[{"title":"Mairie"}],"related_questions":[{"id":"F8","q":"Et un arbuste ?"}]}"##;
    let fiche = from_line(line).unwrap();
    assert_eq!(fiche.url, "https://www.service-public.fr/particuliers/vosdroits/F7");
    assert!(fiche.body.contains("## Où") && fiche.body.contains("- sur \\*le\\* balcon"), "{}", fiche.body);
    assert_eq!(
        from_line(r#"{"id":"F7","title":"x","plain_text":"y"}"#).unwrap_err(),
        ("F7".into(), "has no theme".into())
    );
    assert!(from_line("{").unwrap_err().1.contains("JSON"));
}

#[test]
fn a_slug_names_a_public_and_an_id() {
    for public in Public::ALL {
        assert_eq!(of_slug(&slug_of(public, "F12")), Some((public, "F12".to_owned())));
    }
    for wrong in ["f", "fx1", "encombrants", "f123456789", "pro-x"] {
        assert_eq!(of_slug(wrong), None, "{wrong}");
    }
}
