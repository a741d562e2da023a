//! What goes wrong is a page to a browser and problem details to a program, with the request's name in both.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::http::request::Parts;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Form, Router};
use candor_policy::ProblemCode;
use candor_web::Refused;
use candor_web::errors::{Framing, answer_errors};
use candor_web::headers::SecurityHeaders;
use candor_web::page::{Frame, Place, Visitor};
use candor_web::request_id::{RequestIds, name_request};
use candor_web::server::{self, Serving};
use reqwest::{Method, Response};

/// A program whose visitor is whoever the cookie names.
#[derive(Clone)]
struct Program;

impl Framing for Program {
    async fn frame(&self, request: &Parts) -> Frame {
        let name = request.headers.get("cookie").map(|value| value.to_str().unwrap().to_owned());
        let visitor = name.map(|name| Visitor::SignedIn {
            name,
            account: "/account".into(),
            csrf: "token".into(),
            sign_out: "/logout".into(),
        });
        Frame {
            name: "Program".into(),
            navigation: vec![Place::new("First", "/first")],
            visitor: visitor.unwrap_or_default(),
            ..Frame::default()
        }
    }

    fn headers(&self) -> SecurityHeaders {
        SecurityHeaders { https: true }
    }
}

/// What a form of this program holds.
#[derive(serde::Deserialize)]
struct Number {
    #[expect(dead_code, reason = "only whether it can be read is asked")]
    number: u32,
}

fn start() -> (Serving, SocketAddr) {
    let refused = || async { Refused::later(ProblemCode::Unavailable, "the <disk> is full", 7) };
    let router = Router::new()
        .route("/", get(|| async { "ok" }))
        .route("/refused", get(refused))
        .route("/form", post(|_: Form<Number>| async { "ok" }))
        .layer(from_fn_with_state(Program, answer_errors::<Program>))
        .layer(from_fn_with_state(RequestIds::new(1), name_request));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (server::serve(listener, None, Duration::from_secs(5), None, router).unwrap(), address)
}

async fn ask(address: SocketAddr, method: Method, path: &str, fields: &[(&'static str, &str)]) -> Response {
    let mut request = reqwest::Client::new().request(method, format!("http://{address}{path}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn field<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml");

#[tokio::test]
async fn a_program_gets_problem_details_that_name_the_request() {
    let (_serving, address) = start();
    let response = ask(address, Method::GET, "/refused", &[("x-request-id", "from-the-proxy")]).await;
    assert_eq!(response.status(), 503);
    assert_eq!(field(&response, "content-type"), "application/problem+json");
    assert_eq!((field(&response, "retry-after"), field(&response, "x-request-id")), ("7", "from-the-proxy"));
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "unavailable");
    assert_eq!(problem["request_id"], "from-the-proxy");
}

#[tokio::test]
async fn a_browser_gets_a_page_with_the_navigation_of_whoever_is_signed_in() {
    let (_serving, address) = start();
    let response = ask(address, Method::GET, "/refused", &[BROWSER, ("cookie", "Ada")]).await;
    assert_eq!(response.status(), 503);
    assert_eq!(field(&response, "content-type"), "text/html; charset=utf-8");
    assert_eq!(
        (field(&response, "retry-after"), field(&response, "x-request-id")),
        ("7", "00000001-00000001")
    );
    assert_eq!(field(&response, "strict-transport-security"), "max-age=31536000");
    assert!(field(&response, "permissions-policy").contains("geolocation=()"));
    let page = response.text().await.unwrap();
    for wanted in
        ["The &lt;disk&gt; is full.", "href=\"/first\"", "Signed in as ", "Ada", "00000001-00000001"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
}

/// What axum itself refuses, with a line of text or without any.
#[tokio::test]
async fn what_the_router_and_the_extractors_refuse_is_answered_alike() {
    let (_serving, address) = start();
    for (method, path, fields, status, code, text) in [
        (Method::GET, "/nowhere", vec![], 404, "not-found", "/nowhere"),
        (Method::DELETE, "/form", vec![], 405, "method-not-allowed", "Allow"),
        (Method::POST, "/form", vec![], 415, "unsupported-media-type", "type"),
        (
            Method::POST,
            "/form",
            vec![("content-type", "application/x-www-form-urlencoded")],
            422,
            "malformed-request",
            "cannot be read",
        ),
    ] {
        let response = ask(address, method.clone(), path, &fields).await;
        assert_eq!(response.status(), status, "{method} {path}");
        if status == 405 {
            assert_eq!(field(&response, "allow"), "POST");
        }
        let problem: serde_json::Value = response.json().await.unwrap();
        assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.into()), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(text), "{problem}");
        let response = ask(address, method, path, &[fields, vec![BROWSER]].concat()).await;
        assert_eq!(response.status(), status);
        let page = response.text().await.unwrap();
        assert!(page.contains("<h1>") && page.contains("href=\"/first\""), "{page}");
    }
}

#[tokio::test]
async fn what_went_well_is_left_alone_and_has_a_name() {
    let (_serving, address) = start();
    let response = ask(address, Method::GET, "/", &[BROWSER, ("x-request-id", "with a space")]).await;
    assert_eq!(field(&response, "x-request-id"), "00000001-00000001");
    assert_eq!(response.text().await.unwrap(), "ok");
}
