//! A browser, as far as the pages need one: cookies, forms, redirections.

use http::header;

use crate::{Answer, fakes::*, get, markup, send};

/// A browser: keeps its cookies, reads its forms.
pub struct Browser<'a> {
    world: &'a World,
    cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world, cookies: Vec::new() }
    }

    pub fn agent(world: &'a World, roles: &[&str]) -> Self {
        let mut claims = serde_json::to_value(claims("clairval", 0, 600)).unwrap();
        claims["roles"] = serde_json::json!(roles);
        claims["units"] = serde_json::json!(["etat-civil", "voirie"]);
        Self::with(world, &world.token(&serde_json::from_value(claims).unwrap()))
    }

    /// With the cookie of this token.
    pub fn with(world: &'a World, token: &str) -> Self {
        Self { world, cookies: vec![("parvis_session".into(), token.into())] }
    }

    /// Whether it keeps a cookie of this name.
    pub fn has(&self, name: &str) -> bool {
        self.cookies.iter().any(|(known, _)| known == name)
    }

    /// Forgets a cookie, as a browser does in its time.
    pub fn forget(&mut self, name: &str) {
        self.cookies.retain(|(known, _)| known != name);
    }

    fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub fn keep(&mut self, answer: &Answer) {
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = value.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.into(), value.into()));
            }
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = get(&self.world.router, path, &[("cookie", &self.cookie())]).await;
        self.keep(&answer);
        answer
    }

    /// Follows the redirection of `answer`.
    pub async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let to = answer.headers["location"].to_str().unwrap().to_owned();
        self.get(&to).await
    }

    /// Sends the form of `page` to `path`, with these fields more.
    pub async fn send(&mut self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", hidden(&page.text(), "csrf"));
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let answer = send(&self.world.router, "POST", path, &headers, body.finish()).await;
        self.keep(&answer);
        answer
    }

    /// The same with a form that carries files; a name with `@` is a file.
    pub async fn send_files(&mut self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        let csrf = hidden(&page.text(), "csrf").to_owned();
        for (name, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
            let part = match name.split_once('@') {
                Some((name, file)) => format!("name=\"{name}\"; filename=\"{file}\"\r\ncontent-type: application/pdf"),
                None => format!("name=\"{name}\""),
            };
            body += &format!("--limite\r\ncontent-disposition: form-data; {part}\r\n\r\n{value}\r\n");
        }
        body += "--limite--\r\n";
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("content-type", "multipart/form-data; boundary=limite")];
        let answer = send(&self.world.router, "POST", path, &headers, body).await;
        self.keep(&answer);
        answer
    }
}

/// The value of a hidden field.
pub fn hidden<'a>(html: &'a str, name: &str) -> &'a str {
    let from = html.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {html}")).1;
    from.split('"').next().unwrap()
}

/// The page, whatever its status, checked.
pub fn page(path: &str, answer: &Answer, status: u16) -> String {
    let text = answer.text();
    assert_eq!(answer.status, status, "{path}: {text}");
    markup::check(path, &text);
    text
}
