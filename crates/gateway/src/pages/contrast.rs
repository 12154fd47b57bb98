//! Every pair of the theme's colours that a page puts together is readable: 4.5 to 1 for text, 3 to 1 for edges, in
//! each town's accent, by day and by night.

use std::collections::HashMap;

const CSS: &str = include_str!("../../assets/css/1-base.css");

const TEXT: [(&str, &str); 24] = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink", "accent-soft"),
    ("ink", "warn-soft"),
    ("ink", "good-soft"),
    ("ink", "info-soft"),
    ("ink", "error-soft"),
    ("muted", "paper"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("muted", "accent-soft"),
    ("muted", "warn-soft"),
    ("accent", "paper"),
    ("accent", "surface"),
    ("accent", "accent-soft"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("error", "error-soft"),
    ("error", "paper"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("info", "info-soft"),
];
const EDGES: [(&str, &str); 4] =
    [("line-strong", "surface"), ("line-strong", "paper"), ("accent", "surface"), ("error", "surface")];

type Colours = HashMap<String, [f64; 3]>;

fn colours(rule: &str) -> Colours {
    let declared = rule.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
    declared
        .filter(|(_, hex)| hex.len() == 6)
        .map(|(name, hex)| {
            let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            (name.to_owned(), [part(0), part(2), part(4)])
        })
        .collect()
}

/// The rule of `selector`, from its brace to the next.
fn rule<'a>(css: &'a str, selector: &str) -> &'a str {
    css.split_once(&format!("{selector} {{")).unwrap().1.split('}').next().unwrap()
}

fn luminance(colour: [f64; 3]) -> f64 {
    let [r, g, b] = colour.map(|c| if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_pair_of_colours_is_readable() {
    let (day, night) = CSS.split_once("@media (prefers-color-scheme: dark)").unwrap();
    for (when, css) in [("day", day), ("night", night)] {
        let base = colours(rule(css, ":root"));
        for accent in ["", ".accent-ardoise", ".accent-tuile", ".accent-tilleul", ".accent-prune", ".accent-nuit"] {
            let mut all = base.clone();
            if !accent.is_empty() {
                all.extend(colours(rule(css, accent)));
            }
            for (pairs, least) in [(&TEXT[..], 4.5), (&EDGES[..], 3.0)] {
                for (front, back) in pairs {
                    let ratio = contrast(all[*front], all[*back]);
                    assert!(ratio >= least, "{when} {accent}: {front} on {back}: {ratio:.2}");
                }
            }
        }
    }
}
