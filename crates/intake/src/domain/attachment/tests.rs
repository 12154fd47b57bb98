use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;

/// Shows `bytes` in chunks of `chunk`.
fn inspect(file_name: &str, declared: &str, bytes: &[u8], chunk: usize) -> Result<Verdict, Refused> {
    let mut inspector = Inspector::new(file_name, declared);
    for chunk in bytes.chunks(chunk) {
        inspector.update(chunk)?;
    }
    inspector.finish()
}

/// The type found, whatever the chunks.
fn found(file_name: &str, declared: &str, bytes: &[u8]) -> Result<&'static str, Refused> {
    let results: Vec<_> =
        [1, 7, 5000, usize::MAX].map(|chunk| inspect(file_name, declared, bytes, chunk).map(|it| it.media_type)).into();
    assert!(results.windows(2).all(|pair| pair[0].is_ok() == pair[1].is_ok()), "{results:?}");
    results.into_iter().next().unwrap()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let method = if *name == "mimetype" { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx() -> Vec<u8> {
    archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")])
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n";

#[test]
fn each_accepted_kind_is_recognised() {
    let ods = archive(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>")]);
    let xlsx = archive(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>")]);
    let mail =
        b"From: zoe@exemple.fr\r\nSubject: Bonjour\r\nDate: Sun, 31 May 2026 10:00:00 +0200\r\n\r\nVoil\xe0 <html>\r\n";
    for (name, bytes, expected) in [
        ("photo.png", PNG, "image/png"),
        ("photo.JPG", b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
        ("a.gif", b"GIF89a\x01\0\x01\0", "image/gif"),
        ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "image/heic"),
        ("a.tiff", b"II*\0\x08\0\0\0\0\0\0\0", "image/tiff"),
        ("acte.pdf", PDF, "application/pdf"),
        ("lettre.docx", &docx(), ALLOWED[7].0),
        ("compte.xlsx", &xlsx, ALLOWED[8].0),
        ("compte.ods", &ods, ALLOWED[10].0),
        ("note.txt", "Été à Clairval\r\n\tmerci".as_bytes(), "text/plain"),
        ("note", "BMW mal garée".as_bytes(), "text/plain"),
        ("courrier.eml", mail, "message/rfc822"),
    ] {
        for declared in ["", "application/octet-stream", expected] {
            assert_eq!(found(name, declared, bytes), Ok(expected), "{name}");
        }
    }
}

#[test]
fn what_runs_or_renders_is_refused() {
    for (name, bytes) in [
        ("setup.exe", &b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"[..]),
        ("a", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"),
        ("page.txt", b"  <!DOCTYPE html><title>x</title>"),
        ("page", b"bonjour <script>alert(1)</script>"),
        ("dessin", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("dessin.png", b"<?xml version='1.0'?><svg/>"),
        ("lance", b"#!/bin/sh\nrm -rf /\n"),
        ("macro.vbs", b"MsgBox 1"),
        ("acte.html", PDF),
        ("latin.txt", b"\xe9t\xe9"),
        ("binaire.txt", b"a\0b"),
        ("vide.pdf", b""),
    ] {
        assert!(found(name, "", bytes).is_err(), "{name}");
    }
}

#[test]
fn a_lie_about_the_type_is_named() {
    let why = found("acte.pdf", "application/pdf", PNG).unwrap_err();
    let why = why.message;
    assert!(why.contains("pdf") && why.contains("image/png"), "{why}");
    let why = found("acte", "application/pdf", PNG).unwrap_err();
    let why = why.message;
    assert!(why.contains("application/pdf") && why.contains("image/png"), "{why}");
    assert!(found("photo", "text/html", PNG).is_err());
    assert!(found("photo", "application/x-msdownload", PNG).is_err());
    // A picture called by the name of another kind of picture is nobody's danger.
    assert_eq!(found("photo.jpg", "image/jpeg; q=1", PNG), Ok("image/png"));
    assert_eq!(found("liste.csv", "text/csv", b"a;b\n1;2\n"), Ok("text/plain"));
}

#[test]
fn an_archive_that_is_no_document_or_a_bomb_is_refused() {
    assert!(found("a.zip", "application/zip", &archive(&[("photo.png", PNG)])).is_err());
    assert!(found("a.docx", "", b"PK\x03\x04 not a zip at all").is_err());
    let macros = archive(&[("[Content_Types].xml", b"x"), ("word/document.xml", b"x"), ("word/vbaProject.bin", b"x")]);
    assert!(found("a.docx", "", &macros).unwrap_err().message.contains("macros"));
    let zeros = vec![0_u8; 40_000_000];
    let bomb = archive(&[("[Content_Types].xml", b"x"), ("word/document.xml", &zeros)]);
    assert!(bomb.len() < 100_000);
    let why = inspect("a.docx", "", &bomb, 4096).unwrap_err();
    let why = why.message;
    assert!(why.contains("fill too much"), "{why}");
    let mut cut = docx();
    cut.truncate(cut.len() - 30);
    assert!(found("a.docx", "", &cut).is_err());
}

#[test]
fn a_large_document_is_read_from_its_end_in_bounded_memory() {
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..5_000_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        })
        .collect();
    let bytes = archive(&[("[Content_Types].xml", b"x"), ("word/media/a.png", &noise), ("word/document.xml", b"x")]);
    assert!(bytes.len() > 3 * 1_200_000, "{}", bytes.len());
    let verdict = inspect("a.docx", "", &bytes, 65_536).unwrap();
    assert_eq!((verdict.media_type, verdict.size), (ALLOWED[7].0, bytes.len() as u64));
}

#[test]
fn the_hash_is_that_of_the_bytes() {
    let verdict = inspect("a.txt", "", b"abc", 2).unwrap();
    assert_eq!(verdict.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn names_and_paths_are_safe() {
    assert_eq!(base_name("C:\\Mes documents\\acte.pdf"), "acte.pdf");
    assert_eq!(base_name("../../etc/passwd"), "passwd");
    let tenant = parvis_kernel::TenantId::parse("clairval").unwrap();
    let id = parvis_kernel::AttachmentId::new();
    let path = object_path(&tenant, id, "2026-05-31T23:30:00Z".parse().unwrap());
    assert_eq!(path, format!("clairval/2026/05/{id}"));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        start in proptest::sample::select(vec![&b"PK\x03\x04"[..], b"", b"%PDF-", b"From: a\n", b"PK\x05\x06"]),
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400),
        at in 0..400_usize,
        chunk in 1..64_usize,
    ) {
        let _ = inspect("a", "", &[start, &bytes].concat(), chunk);
        let mut broken = docx();
        let at = at % broken.len();
        broken[at] ^= bytes.first().copied().unwrap_or(1) | 1;
        let _ = inspect("a.docx", "", &broken, chunk);
    }
}
