//! One name for each version of a database, whatever a site calls it: figures, bands and requirements all use it.

/// Products that go by several names; the first is ours.
const PRODUCTS: &[&[&str]] = &[
    &["SQL Server", "Microsoft SQL Server", "mssql", "MSSQLSERVER"],
    &["PostgreSQL", "postgres", "Postgres"],
    &["Oracle", "Oracle Database"],
];

/// What SQL Server's own version numbers are called. (Microsoft, "Determine the version, edition, and update level of SQL
/// Server and its components".)
const SQL_SERVER: &[(&str, &str)] = &[
    ("8.0", "2000"),
    ("9.0", "2005"),
    ("10.0", "2008"),
    ("10.50", "2008 R2"),
    ("11.0", "2012"),
    ("12.0", "2014"),
    ("13.0", "2016"),
    ("14.0", "2017"),
    ("15.0", "2019"),
    ("16.0", "2022"),
    ("17.0", "2025"),
];

/// A version with its product's name before it: "PostgreSQL 15.4", "SQL Server 2008 R2" for 10.50.4000. A version that names
/// its product itself says it once.
pub(super) fn named(version: &str, product: Option<&str>) -> String {
    let version = version.split_whitespace().collect::<Vec<_>>().join(" ");
    let product = product.map(|product| product.split_whitespace().collect::<Vec<_>>().join(" "));
    let said =
        product.or_else(|| known_names().find(|name| without(&version, name).is_some()).map(str::to_owned));
    let Some(said) = said else { return version };
    let product = ours(&said);
    let mut names = known_names().filter(|name| ours(name) == product);
    let rest = names.find_map(|name| without(&version, name)).or_else(|| without(&version, product));
    let version = rest.unwrap_or(&version);
    let release = if product == "SQL Server" { sql_server(version) } else { version };
    format!("{product} {release}").trim_end().to_owned()
}

/// All names of products, the longest first.
fn known_names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = PRODUCTS.iter().flat_map(|names| names.iter().copied()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.into_iter()
}

/// Our name of a product.
fn ours(product: &str) -> &str {
    let is_of = |names: &&&[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(product));
    PRODUCTS.iter().find(is_of).and_then(|names| names.first().copied()).unwrap_or(product)
}

/// What follows a product's name, where the text begins with it as a word.
fn without<'v>(version: &'v str, product: &str) -> Option<&'v str> {
    let (start, rest) = version.split_at_checked(product.len())?;
    let is_whole = rest.is_empty() || rest.starts_with(' ');
    (is_whole && start.eq_ignore_ascii_case(product)).then(|| rest.trim_start())
}

/// The release that a version number of SQL Server belongs to; a name is left as it is.
fn sql_server(version: &str) -> &str {
    let mut numbers = version.split('.');
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else { return version };
    let leading = |known: &&(&str, &str)| {
        let (known_major, known_minor) = known.0.split_once('.').unwrap_or((known.0, "0"));
        // 10.50 and its service packs, 10.51 to 10.53, are one release.
        major == known_major && minor.get(..1) == known_minor.get(..1)
    };
    SQL_SERVER.iter().find(leading).map_or(version, |(_, release)| release)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn one_version_has_one_name() {
        for (version, product) in [
            ("2008 R2", Some("SQL Server")),
            ("2008  R2", Some("Microsoft SQL Server")),
            ("SQL Server 2008 R2", Some("SQL Server")),
            ("Microsoft SQL Server 2008 R2", None),
            ("Microsoft SQL Server 2008 R2", Some("SQL Server")),
            ("10.50.4000", Some("mssql")),
            ("10.52.4000.0", Some("SQL Server")),
        ] {
            assert_eq!(named(version, product), "SQL Server 2008 R2", "{version} {product:?}");
        }
        assert_eq!(named("10.0.6000", Some("SQL Server")), "SQL Server 2008");
        assert_eq!(named("15.4", Some("postgres")), "PostgreSQL 15.4");
        for (version, product) in
            [("12c R2", "Oracle Database"), ("Oracle Database 12c R2", "Oracle"), ("Oracle 12c R2", "oracle")]
        {
            assert_eq!(named(version, Some(product)), "Oracle 12c R2", "{version} {product}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_as_it_is() {
        assert_eq!(named("3.45.1", Some("SQLite")), "SQLite 3.45.1");
        assert_eq!(named("SQLite 3.45.1", Some("SQLite")), "SQLite 3.45.1");
        assert_eq!(named("12.1", None), "12.1");
        assert_eq!(named("Oracles 9", None), "Oracles 9");
        assert_eq!(named("99.0", Some("SQL Server")), "SQL Server 99.0");
        assert_eq!(named("", Some("SQLite")), "SQLite");
        assert_eq!(named("ü", Some("SQL Server")), "SQL Server ü");
    }
}
