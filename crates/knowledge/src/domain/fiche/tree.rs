//! The tree of a fiche: the same from its XML and from the JSON made of it.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use serde::Deserialize;

use super::MAX_BYTES;

/// Elements within elements at most: a fiche has twenty or so.
const MAX_DEPTH: usize = 200;

/// An element, or a text (its name is then empty).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The element's name.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
    /// What it contains.
    pub children: Vec<Node>,
    /// The words of a text.
    pub text: String,
}

impl Node {
    /// An attribute; empty where absent.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Every word inside, spaces made one.
    pub fn words(&self) -> String {
        let mut all = String::new();
        self.gather(&mut all);
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn gather(&self, all: &mut String) {
        all.push_str(&self.text);
        for child in &self.children {
            child.gather(all);
        }
        if matches!(self.name.as_str(), "Paragraphe" | "Titre" | "Item" | "Cellule") {
            all.push(' ');
        }
    }

    /// The words of the first child of that name; empty where absent.
    pub fn words_of(&self, name: &str) -> String {
        self.child(name).map(Self::words).unwrap_or_default()
    }
}

/// Reads XML. Entities other than XML's own are refused, so nothing outside is ever fetched.
pub fn from_xml(bytes: &[u8]) -> Result<Node, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes"));
    }
    let mut reader = Reader::from_reader(bytes);
    let mut open: Vec<Node> = Vec::new();
    loop {
        let at = reader.buffer_position();
        let broken = |why: String| format!("is not well-formed XML at byte {at}: {why}");
        let event = reader.read_event().map_err(|error| broken(error.to_string()))?;
        match event {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH {
                    return Err(format!("has more than {MAX_DEPTH} elements within each other"));
                }
                open.push(element(&start).map_err(broken)?);
            }
            Event::Empty(start) => {
                let node = element(&start).map_err(broken)?;
                if let Some(root) = close(&mut open, node) {
                    return Ok(root);
                }
            }
            Event::End(_) => {
                let node = open.pop().ok_or_else(|| broken("an element ends that was not begun".to_owned()))?;
                if let Some(root) = close(&mut open, node) {
                    return Ok(root);
                }
            }
            Event::Text(text) => {
                let words = text.xml_content(XmlVersion::Explicit1_0).map_err(|error| broken(error.to_string()))?;
                write(&mut open, &words);
            }
            Event::CData(text) => {
                let words = text.decode().map_err(|error| broken(error.to_string()))?;
                write(&mut open, &words);
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| broken(error.to_string()))?;
                match character {
                    Some(character) => write(&mut open, character.encode_utf8(&mut [0; 4])),
                    None => {
                        let name = reference.decode().map_err(|error| broken(error.to_string()))?;
                        let known = quick_xml::escape::resolve_predefined_entity(&name);
                        write(&mut open, known.ok_or_else(|| broken(format!("the entity « {name} » is not known")))?);
                    }
                }
            }
            Event::Eof => return Err(broken("it ends before its last element does".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Node, String> {
    let name = std::str::from_utf8(start.name().as_ref()).map_err(|error| error.to_string())?.to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let value =
            attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| error.to_string())?.into_owned();
        attributes.push((key, value));
    }
    Ok(Node { name, attributes, ..Node::default() })
}

/// Puts a closed element in the one that contains it; gives it back where it is the root.
fn close(open: &mut [Node], node: Node) -> Option<Node> {
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(node);
            None
        }
        None => Some(node),
    }
}

fn write(open: &mut [Node], words: &str) {
    let Some(parent) = open.last_mut() else { return };
    if let Some(last) = parent.children.last_mut().filter(|last| last.name.is_empty()) {
        last.text.push_str(words);
    } else {
        parent.children.push(Node { text: words.to_owned(), ..Node::default() });
    }
}

#[derive(Deserialize)]
struct JsonNode {
    #[serde(default)]
    name: String,
    #[serde(default)]
    attributes: std::collections::BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    children: Vec<JsonNode>,
    #[serde(default)]
    text: String,
}

/// Reads JSON: the root, or a document whose only element it is.
pub fn from_json(bytes: &[u8]) -> Result<Node, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes"));
    }
    let mut node: JsonNode = serde_json::from_slice(bytes).map_err(|error| format!("is not its JSON: {error}"))?;
    if node.name.is_empty() {
        node = node.children.into_iter().find(|child| !child.name.is_empty()).ok_or("holds no element")?;
    }
    Ok(node.into())
}

impl From<JsonNode> for Node {
    fn from(json: JsonNode) -> Self {
        let value = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        Self {
            name: json.name,
            attributes: json.attributes.into_iter().map(|(key, it)| (key, value(it))).collect(),
            children: json.children.into_iter().map(Self::from).collect(),
            text: json.text,
        }
    }
}
