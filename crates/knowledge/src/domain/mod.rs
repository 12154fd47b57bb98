//! Rules of articles, templates, fiches and counting. Pure: no transport, no store, no clock but a parameter.

pub mod article;
pub mod articles_file;
pub mod content;
pub mod fiche;
pub mod markdown;
pub mod placeholder;
pub mod question;
pub mod slug;
pub mod uncovered;
