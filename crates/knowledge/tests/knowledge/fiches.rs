use std::{fs, io::Write as _, path::Path};

use parvis_kernel::ErrorKind;
use parvis_knowledge::{FichesSummary, import_fiches, read_fiches, read_zip};
use parvis_proto::knowledge::{RecordUseRequest, SearchRequest};

use crate::world::{World, citizen, on_both};

/// A fiche in our own words, in the shape of the distribution.
fn xml(id: &str, title: &str, text: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Publication ID="{id}" type="Fiche" xmlns:dc="x"
        spUrl="https://www.service-public.fr/particuliers/vosdroits/{id}"><dc:title>{title}</dc:title>
        <dc:subject>Animaux</dc:subject><dc:description>À savoir.</dc:description><dc:date>modified 2026-01-02</dc:date>
        <Audience>Particuliers</Audience><Texte><Chapitre><Titre><Paragraphe>Où</Paragraphe></Titre>
        <Paragraphe>{text}</Paragraphe></Chapitre></Texte></Publication>"#
    )
}

fn zip(path: &Path, files: &[(&str, String)]) {
    let mut zip = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

async fn import(world: &World, path: &Path) -> FichesSummary {
    let read = read_fiches(path).unwrap();
    let summary = import_fiches(&world.store, "essai", &read, false).await.unwrap();
    world.knowledge.refresh().await.unwrap();
    summary
}

fn search(query: &str) -> SearchRequest {
    SearchRequest { query: query.into(), ..SearchRequest::default() }
}

on_both!(a_distribution_is_imported_by_what_changed, world => {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vosdroits-latest.zip");
    let link = r#"Voir <LienInterne LienPublication="F902">le hérisson</LienInterne> et <LienInterne LienPublication="F999">ailleurs</LienInterne>."#;
    let first = [
        ("F901.xml", xml("F901", "Héberger un écureuil", link)),
        ("F902.xml", xml("F902", "Nourrir un hérisson", "Des croquettes pour chat.")),
        ("N1.xml", "<Publication ID=\"N1\"/>".to_owned()),
        ("menu.xml", "<menu/>".to_owned()),
    ];
    zip(&path, &first);
    let summary = import(&world, &path).await;
    assert_eq!((summary.added, summary.refused, summary.served), (2, 0, 2));
    let summary = import(&world, &path).await;
    assert_eq!((summary.unchanged, summary.added, summary.changed), (2, 0, 0));
    assert_eq!(world.count("fiche_generation").await, 1);

    let page = world.knowledge.read_page(&citizen(), "f901").await.unwrap();
    assert!(page.body_html.contains("href=\"/infos/f902\""), "{}", page.body_html);
    assert!(page.body_html.contains("href=\"https://www.service-public.fr/particuliers/vosdroits/F999\""));
    assert_eq!((page.licence.as_str(), page.updated.as_str()), ("Licence Ouverte 2.0", "2026-01-02"));
    assert!(page.source.starts_with("service-public.fr") && page.source_url.ends_with("F901"));
    let hits = world.knowledge.search(&citizen(), &search("croquettes hérisson")).await.unwrap();
    assert_eq!((hits[0].slug.as_str(), hits[0].section.as_str(), hits[0].anchor.as_str()), ("f902", "Où", "s-ou"));

    // One changes, one breaks (it stays as it was), one has no theme, one is new.
    let second = [
        ("F901.xml", xml("F901", "Accueillir un écureuil", link)),
        ("F902.xml", xml("F902", "Nourrir", "Cassé").replace("</Texte>", "")),
        ("F903.xml", xml("F903", "Sans thème", "Rien.").replace("<dc:subject>Animaux</dc:subject>", "")),
        ("F904.xml", xml("F904", "Sauver une taupe", "Doucement.")),
    ];
    zip(&path, &second);
    let read = read_fiches(&path).unwrap();
    let refused: Vec<_> = read.refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(refused, ["F902.xml", "F903.xml"]);
    assert_eq!(read_zip(&fs::read(&path).unwrap()).unwrap().fiches, read.fiches);
    let summary = import(&world, &path).await;
    assert_eq!((summary.added, summary.changed, summary.removed, summary.refused, summary.served), (1, 1, 0, 2, 3));
    assert!(world.knowledge.read_page(&citizen(), "f902").await.unwrap().title.contains("hérisson"));

    // One is gone; nothing is left of contents that no generation names.
    zip(&path, &second[..1]);
    assert_eq!(import(&world, &path).await.removed, 2);
    assert_eq!(world.knowledge.read_page(&citizen(), "f904").await.unwrap_err().kind(), ErrorKind::NotFound);
    let third = [("F901.xml", xml("F901", "Encore un écureuil", "Oui."))];
    zip(&path, &third);
    import(&world, &path).await;
    assert_eq!(world.count("fiche_generation").await, 2);
    assert_eq!(world.count("fiche").await, 2);
});

on_both!(an_import_that_stops_half_way_changes_nothing, world => {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.zip");
    zip(&path, &[("F901.xml", xml("F901", "Avant", "Un."))]);
    import(&world, &path).await;
    zip(&path, &[("F901.xml", xml("F901", "Après", "Deux.")), ("F902.xml", xml("F902", "Neuf", "Trois."))]);
    let read = read_fiches(&path).unwrap();
    // Dropped at each of its steps, as a process that is killed drops it.
    for polls in 1..40 {
        let mut importing = Box::pin(import_fiches(&world.store, "essai", &read, false));
        let mut done = false;
        for _ in 0..polls {
            if futures::poll!(&mut importing).is_ready() {
                done = true;
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(importing);
        if done {
            break;
        }
        let another = world.another().await;
        another.refresh().await.unwrap();
        let title = another.read_page(&citizen(), "f901").await.unwrap().title;
        let second = another.read_page(&citizen(), "f902").await.map(|page| page.title);
        // All of it or nothing: the commit may be on its way when the process goes.
        match (title.as_str(), second) {
            ("Avant", Err(error)) => assert_eq!(error.kind(), ErrorKind::NotFound, "after {polls} steps"),
            ("Après", Ok(second)) => assert_eq!(second, "Neuf", "after {polls} steps"),
            other => panic!("after {polls} steps: {other:?}"),
        }
    }
    import(&world, &path).await;
    assert_eq!(world.knowledge.read_page(&citizen(), "f901").await.unwrap().title, "Après");
});

on_both!(a_distribution_with_most_of_it_missing_is_refused, world => {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.jsonl");
    let line = |id: usize| format!(r#"{{"id":"F{id}","title":"Fiche {id}","theme":"Essai","plain_text":"Texte {id}."}}"#);
    fs::write(&path, (1..=120).map(line).collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!(import(&world, &path).await.served, 120);
    fs::write(&path, (1..=20).map(line).collect::<Vec<_>>().join("\n") + "\n{\"id\":\"F7\"").unwrap();
    let read = read_fiches(&path).unwrap();
    assert_eq!(read.refused[0].0, "line 21");
    let error = import_fiches(&world.store, "essai", &read, false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    assert_eq!(world.knowledge.list_pages(&citizen(), "").await.unwrap().fiches, 120);
    assert_eq!(import_fiches(&world.store, "essai", &read, true).await.unwrap().served, 20);
});

on_both!(the_folder_of_the_package_tells_publics_apart, world => {
    let folder = tempfile::tempdir().unwrap();
    let json = |audience: &str| {
        let text = |name: &str, text: &str| {
            serde_json::json!({"type": "element", "name": name, "children": [{"type": "text", "text": text}]})
        };
        serde_json::json!({"id": "F5", "children": [{"type": "element", "name": "Publication",
            "attributes": {"ID": "F5"}, "children": [text("dc:title", &format!("Tombola des {audience}")),
            text("dc:subject", "Loisirs"), text("Audience", audience),
            {"type": "element", "name": "Texte", "children": [text("Paragraphe", "Une déclaration suffit.")]}]}]})
        .to_string()
    };
    for public in ["particuliers", "associations"] {
        let below = folder.path().join("data").join(public);
        fs::create_dir_all(&below).unwrap();
        fs::write(below.join("F5.json"), json(public)).unwrap();
        fs::write(below.join("index.json"), "[]").unwrap();
    }
    fs::write(folder.path().join("data/particuliers/F6.json"), "{").unwrap();
    let read = read_fiches(folder.path()).unwrap();
    assert_eq!(read.refused[0].0, "particuliers/F6.json");
    assert_eq!(import(&world, folder.path()).await.served, 2);
    assert_eq!(world.knowledge.read_page(&citizen(), "f5").await.unwrap().title, "Tombola des particuliers");
    assert_eq!(world.knowledge.read_page(&citizen(), "asso-f5").await.unwrap().title, "Tombola des associations");
    let opened = RecordUseRequest { kind: "opened".into(), slug: "asso-f5".into(), ..Default::default() };
    world.knowledge.record_use(&citizen(), &opened).await.unwrap();
});

#[test]
fn what_is_no_distribution_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read_fiches(folder.path()).unwrap_err().message().contains("holds no fiche"));
    let path = folder.path().join("f.zip");
    fs::write(&path, "not a zip").unwrap();
    assert!(read_fiches(&path).unwrap_err().message().contains("not a sound zip"));
    assert!(read_fiches(&folder.path().join("absent.jsonl")).unwrap_err().message().contains("cannot be read"));
    assert!(read_fiches(&folder.path().join("f.pdf")).is_err());
}
