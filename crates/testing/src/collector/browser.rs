//! A browser without a screen: it keeps cookies, follows redirects, and reads pages as text.

use super::{Answer, TestApp};

/// A browser.
pub struct Browser {
    client: reqwest::Client,
    base: String,
}

/// A page, read whole.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Where it was found in the end, without the origin.
    pub path: String,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Browser {
    /// A browser that nobody has signed in with.
    pub fn new(app: &TestApp) -> Self {
        let client = reqwest::Client::builder().cookie_store(true).build().unwrap();
        Self { client, base: app.url("") }
    }

    /// A browser in which the collector's first account was made, through its pages.
    pub async fn signed_in(app: &TestApp) -> Self {
        let browser = Self::new(app);
        let token = app.setup_token();
        let form = [("token", token.as_str()), ("name", "ada"), ("password", "correct horse battery")];
        let page = browser.send("/setup", &form).await;
        assert_eq!((page.status, page.path.as_str()), (200, "/"), "{}", page.text);
        browser
    }

    pub async fn open(&self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.base)).header("accept", "text/html");
        Page::read(request.send().await.unwrap()).await
    }

    /// Sends a form.
    pub async fn send(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request.header("accept", "text/html").header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let pairs: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        Page::read(request.body(pairs.join("&")).send().await.unwrap()).await
    }
}

/// Percent-encoding of everything but letters and digits.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

impl Page {
    async fn read(response: reqwest::Response) -> Self {
        let url = response.url();
        let path = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let answer = Answer::read(response).await;
        Self {
            status: answer.status,
            path,
            headers: answer.headers,
            text: String::from_utf8(answer.body).unwrap(),
        }
    }

    /// Fails where the page lacks one of these.
    pub fn shows(&self, expected: &[&str]) {
        for text in expected {
            assert!(self.text.contains(text), "{} lacks {text:?}:\n{}", self.path, self.text);
        }
    }

    /// The value of the first hidden field of this name.
    pub fn hidden(&self, name: &str) -> String {
        let field = self.text.split_once(&format!("name=\"{name}\" value=\"")).expect("the field is there").1;
        field.split('"').next().unwrap_or_default().to_owned()
    }
}
