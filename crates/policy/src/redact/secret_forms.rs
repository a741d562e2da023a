//! Forms that issuers of keys and tokens gave them: a beginning, an alphabet, and the fewest characters that follow.
//!
//! The facts are those of the rules that gitleaks publishes (MIT, Copyright (c) 2019 Zachary Rice), kept as data instead of
//! expressions: the beginning decides, so that nothing has to be compiled inside a host's process. Lengths are shorter
//! than issued ones, because a key that was cut off is a key.

/// One form.
pub(super) struct SecretForm {
    /// Who issues it, for a failing test.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests say which form failed"))]
    pub name: &'static str,
    /// Its beginning, letter by letter.
    pub beginning: &'static str,
    /// What follows.
    pub alphabet: Alphabet,
    /// The fewest characters of the alphabet that follow.
    pub fewest: usize,
}

/// What a key's characters are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Alphabet {
    /// Digits and letters to `f`.
    Hexadecimal,
    /// Capitals and digits.
    Capitals,
    /// Letters and digits.
    Letters,
    /// Letters, digits, `_` and `-`.
    Words,
    /// Those and `.`.
    Dotted,
    /// Those, `+` and `/`.
    Token,
}

impl Alphabet {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Hexadecimal => byte.is_ascii_hexdigit(),
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Letters => byte.is_ascii_alphanumeric(),
            Self::Words => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
            Self::Dotted => byte.is_ascii_alphanumeric() || b"_-.".contains(&byte),
            Self::Token => byte.is_ascii_alphanumeric() || b"_-.+/".contains(&byte),
        }
    }
}
use Alphabet::{Capitals, Dotted, Hexadecimal, Letters, Token, Words};

const fn form(name: &'static str, beginning: &'static str, alphabet: Alphabet, fewest: usize) -> SecretForm {
    SecretForm { name, beginning, alphabet, fewest }
}

/// All forms.
#[rustfmt::skip]
pub(super) const FORMS: [SecretForm; 113] = [
    form("aws-access-key", "AKIA", Capitals, 12),
    form("aws-temporary-key", "ASIA", Capitals, 12),
    form("aws-role", "AROA", Capitals, 12),
    form("aws-user", "AIDA", Capitals, 12),
    form("aws-bearer", "ABIA", Capitals, 12),
    form("aws-context", "ACCA", Capitals, 12),
    form("github-personal", "ghp_", Letters, 16),
    form("github-oauth", "gho_", Letters, 16),
    form("github-user", "ghu_", Letters, 16),
    form("github-server", "ghs_", Letters, 16),
    form("github-refresh", "ghr_", Letters, 16),
    form("github-fine-grained", "github_pat_", Words, 16),
    form("gitlab-personal", "glpat-", Words, 12),
    form("gitlab-deploy", "gldt-", Words, 12),
    form("gitlab-runner", "glrt-", Words, 12),
    form("gitlab-build", "glcbt-", Words, 12),
    form("gitlab-trigger", "glptt-", Words, 12),
    form("gitlab-feed", "glft-", Words, 12),
    form("gitlab-scim", "glsoat-", Words, 12),
    form("gitlab-mail", "glimt-", Words, 12),
    form("gitlab-agent", "glagent-", Words, 12),
    form("gitlab-registration", "GR1348941", Words, 12),
    form("slack-bot", "xoxb-", Words, 10),
    form("slack-user", "xoxp-", Words, 10),
    form("slack-workspace", "xoxa-", Words, 10),
    form("slack-refresh", "xoxr-", Words, 10),
    form("slack-legacy", "xoxs-", Words, 10),
    form("slack-configuration", "xoxe-", Words, 10),
    form("slack-app", "xapp-", Words, 10),
    form("stripe-live", "sk_live_", Letters, 8),
    form("stripe-test", "sk_test_", Letters, 8),
    form("stripe-prod", "sk_prod_", Letters, 8),
    form("stripe-restricted", "rk_live_", Letters, 8),
    form("stripe-restricted-test", "rk_test_", Letters, 8),
    form("stripe-webhook", "whsec_", Token, 16),
    form("openai", "sk-", Words, 20),
    form("google-api", "AIza", Words, 20),
    form("google-oauth", "ya29.", Words, 20),
    form("google-client", "GOCSPX-", Words, 20),
    form("sendgrid", "SG.", Dotted, 16),
    form("mailgun", "key-", Hexadecimal, 24),
    form("twilio-key", "SK", Hexadecimal, 32),
    form("twilio-account", "AC", Hexadecimal, 32),
    form("npm", "npm_", Letters, 20),
    form("pypi", "pypi-", Words, 16),
    form("rubygems", "rubygems_", Hexadecimal, 24),
    form("huggingface", "hf_", Letters, 20),
    form("huggingface-organisation", "api_org_", Letters, 20),
    form("docker", "dckr_pat_", Words, 20),
    form("digitalocean", "dop_v1_", Hexadecimal, 32),
    form("digitalocean-oauth", "doo_v1_", Hexadecimal, 32),
    form("digitalocean-refresh", "dor_v1_", Hexadecimal, 32),
    form("shopify", "shpat_", Hexadecimal, 24),
    form("shopify-shared", "shpss_", Hexadecimal, 24),
    form("shopify-private", "shppa_", Hexadecimal, 24),
    form("shopify-custom", "shpca_", Hexadecimal, 24),
    form("atlassian", "ATATT3", Token, 20),
    form("atlassian-container", "ATCTT3", Token, 20),
    form("bitbucket", "BBDC-", Token, 20),
    form("databricks", "dapi", Hexadecimal, 32),
    form("vault-service", "hvs.", Words, 20),
    form("vault-batch", "hvb.", Words, 20),
    form("grafana-service", "glsa_", Words, 24),
    form("grafana-cloud", "glc_", Token, 24),
    form("newrelic-user", "NRAK-", Capitals, 20),
    form("newrelic-browser", "NRJS-", Letters, 16),
    form("newrelic-insert", "NRII-", Words, 16),
    form("doppler", "dp.pt.", Letters, 24),
    form("dynatrace", "dt0c01.", Dotted, 24),
    form("linear", "lin_api_", Letters, 24),
    form("notion", "ntn_", Letters, 24),
    form("planetscale", "pscale_tkn_", Dotted, 24),
    form("planetscale-password", "pscale_pw_", Dotted, 24),
    form("planetscale-oauth", "pscale_oauth_", Dotted, 24),
    form("postman", "PMAK-", Words, 24),
    form("pulumi", "pul-", Hexadecimal, 32),
    form("prefect", "pnu_", Letters, 24),
    form("sentry-organisation", "sntrys_", Token, 24),
    form("sentry-user", "sntryu_", Hexadecimal, 32),
    form("square-access", "sq0atp-", Words, 16),
    form("square-secret", "sq0csp-", Words, 24),
    form("alibaba", "LTAI", Letters, 12),
    form("tencent", "AKID", Letters, 13),
    form("artifactory", "AKCp", Letters, 40),
    form("clojars", "CLOJARS_", Letters, 40),
    form("easypost", "EZAK", Letters, 40),
    form("easypost-test", "EZTK", Letters, 40),
    form("frameio", "fio-u-", Words, 40),
    form("flutterwave", "FLWSECK-", Words, 20),
    form("heroku", "HRKU-AA", Words, 40),
    form("infracost", "ico-", Letters, 24),
    form("perplexity", "pplx-", Letters, 24),
    form("replicate", "r8_", Letters, 24),
    form("groq", "gsk_", Letters, 24),
    form("xai", "xai-", Letters, 24),
    form("tailscale", "tskey-", Words, 20),
    form("fly", "fo1_", Words, 30),
    form("sourcegraph", "sgp_", Words, 24),
    form("supabase", "sbp_", Hexadecimal, 32),
    form("typeform", "tfp_", Dotted, 40),
    form("readme", "rdme_", Letters, 40),
    form("shippo", "shippo_live_", Hexadecimal, 24),
    form("shippo-test", "shippo_test_", Hexadecimal, 24),
    form("contentful", "CFPAT-", Words, 30),
    form("figma", "figd_", Words, 24),
    form("openshift", "sha256~", Words, 30),
    form("adobe", "p8e-", Letters, 24),
    form("age", "AGE-SECRET-KEY-1", Capitals, 40),
    form("nuget", "oy2", Letters, 40),
    form("json-web-token", "eyJ", Dotted, 16),
    form("duffel-test", "duffel_test_", Words, 30),
    form("duffel", "duffel_live_", Words, 30),
    form("scalingo", "tk-us-", Words, 30),
];
