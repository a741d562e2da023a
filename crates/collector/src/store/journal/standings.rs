//! Standings: which installations a voucher verifies, and which of them are blocked.

use candor_policy::InstallationId;
use candor_policy::voucher::{Certificate, VoucherAnswer};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::entry::{Action, NewEntry};
use super::following::Follower;
use super::seal::Seal;
use super::{Journal, StoreError, moment, read_moment};

/// A voucher that the collector knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownVoucher {
    /// Its name.
    pub id: String,
    /// The customer that it names.
    pub customer: Option<String>,
    /// How many installations may enrol with it; unknown where it was revoked before anybody used it.
    pub installations: Option<u32>,
    /// How many have, the last voucher of each counted.
    pub enrolled: u64,
    /// The last day on which one can.
    pub expires: Option<Date>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// An installation, as staff see it on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownInstallation {
    /// Its name.
    pub name: InstallationId,
    /// When its key became known.
    pub enrolled_at: Timestamp,
    /// The voucher that verifies it.
    pub voucher: Option<String>,
    /// The customer that the voucher names.
    pub customer: Option<String>,
    /// When it was blocked.
    pub blocked_at: Option<Timestamp>,
}

/// Where an installation stands, as pages need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Standing {
    pub installation: i64,
    pub is_verified: bool,
    /// The customer that its voucher names.
    pub customer: Option<String>,
}

/// What revoking a voucher did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoking {
    /// So many installations are unverified from now on.
    Revoked(u64),
    /// It had been revoked before.
    AlreadyRevoked,
}

/// What blocking an installation did, or letting it in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// It is as asked.
    Done,
    /// It was before.
    AlreadyDone,
    /// No such installation has enrolled.
    NoSuchInstallation,
}

/// Vouchers and blocked installations in the journal.
#[derive(Clone, Copy)]
pub struct Standings<'a> {
    pub(in crate::store) journal: &'a Journal,
    pub(in crate::store) seal: &'a Seal,
}

const NEXT_CHANGE: &str = "(SELECT coalesce(max(change), 0) + 1 FROM standings)";

impl Standings<'_> {
    /// All vouchers that were used or revoked, by their last day.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn vouchers(&self) -> Result<Vec<KnownVoucher>, StoreError> {
        let list = |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached(
                "SELECT v.*, (SELECT count(*) FROM standings s WHERE s.voucher = v.voucher) AS enrolled \
                 FROM vouchers v ORDER BY v.expires_on, v.voucher",
            )?;
            select.query_and_then([], read_voucher)?.collect()
        };
        self.journal.connections.read(list).await
    }

    /// Revokes a voucher, also one that nobody has used yet: nobody enrols with it any more, and who did is unverified.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn revoke(&self, voucher: &str, by: &str, at: Timestamp) -> Result<Revoking, StoreError> {
        let (voucher, actor) = (voucher.to_owned(), by.to_owned());
        let revoke = move |writer: &Transaction<'_>| {
            let revoked = writer.execute(
                "INSERT INTO vouchers (voucher, revoked_at) VALUES ($1, $2) \
                 ON CONFLICT (voucher) DO UPDATE SET revoked_at = $2 WHERE revoked_at IS NULL",
                params![voucher, moment(at)],
            )?;
            if revoked == 0 {
                return Ok((Revoking::AlreadyRevoked, None));
            }
            let mut held = writer.prepare_cached("SELECT installation FROM standings WHERE voucher = $1")?;
            let held: Vec<i64> = held.query_map([&voucher], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for installation in &held {
                touch(writer, *installation)?;
            }
            let entry = NewEntry { at, actor, action: Action::VoucherRevoked, subject: voucher };
            Ok((Revoking::Revoked(held.len() as u64), Some(entry)))
        };
        self.journal.write_audited(self.seal, revoke).await
    }

    /// All installations, by when they enrolled, the newest first; at most so many.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn installations(&self, most: u32) -> Result<Vec<KnownInstallation>, StoreError> {
        let list = move |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached(
                "SELECT i.name, i.enrolled_at, s.blocked_at, v.voucher, v.customer FROM installations i \
                 LEFT JOIN standings s ON s.installation = i.installation \
                 LEFT JOIN vouchers v ON v.voucher = s.voucher AND v.revoked_at IS NULL \
                 ORDER BY i.installation DESC LIMIT $1",
            )?;
            select.query_and_then([most], read_installation)?.collect()
        };
        self.journal.connections.read(list).await
    }

    /// Blocks an installation, or lets it in again.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn block(
        &self,
        name: &InstallationId,
        blocked: bool,
        by: &str,
        at: Timestamp,
    ) -> Result<Blocking, StoreError> {
        let (name, actor) = (name.clone(), by.to_owned());
        let block = move |writer: &Transaction<'_>| {
            let mut find = writer.prepare_cached("SELECT installation FROM installations WHERE name = $1")?;
            let found: Option<i64> = find.query_row([name.as_str()], |row| row.get(0)).optional()?;
            let Some(installation) = found else { return Ok((Blocking::NoSuchInstallation, None)) };
            if is_blocked(writer, installation)? == blocked {
                return Ok((Blocking::AlreadyDone, None));
            }
            touch(writer, installation)?;
            writer.execute(
                "UPDATE standings SET blocked_at = $1 WHERE installation = $2",
                params![blocked.then(|| moment(at)), installation],
            )?;
            let action = if blocked { Action::InstallationBlocked } else { Action::InstallationUnblocked };
            Ok((Blocking::Done, Some(NewEntry { at, actor, action, subject: name.to_string() })))
        };
        self.journal.write_audited(self.seal, block).await
    }

    /// The numbers of all installations that are blocked.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn blocked(&self) -> Result<Vec<i64>, StoreError> {
        let list = |reader: &Transaction<'_>| {
            let mut select =
                reader.prepare_cached("SELECT installation FROM standings WHERE blocked_at IS NOT NULL")?;
            Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        };
        self.journal.connections.read(list).await
    }

    /// Notes in the audit log that what an installation had sent was erased.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn note_removal(
        &self,
        name: &InstallationId,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = NewEntry {
            at,
            actor: by.to_owned(),
            action: Action::InstallationRemoved,
            subject: name.to_string(),
        };
        self.journal.write_audited(self.seal, move |_| Ok(((), Some(entry)))).await
    }
}

/// Gives an installation's standing the next number, making it where there is none.
fn touch(writer: &Transaction<'_>, installation: i64) -> rusqlite::Result<()> {
    let mut touch = writer.prepare_cached(&format!(
        "INSERT INTO standings (installation, change) VALUES ($1, {NEXT_CHANGE}) \
         ON CONFLICT (installation) DO UPDATE SET change = excluded.change"
    ))?;
    touch.execute([installation]).map(drop)
}

pub(super) fn is_blocked(connection: &Connection, installation: i64) -> rusqlite::Result<bool> {
    let mut select =
        connection.prepare_cached("SELECT blocked_at IS NOT NULL FROM standings WHERE installation = $1")?;
    Ok(select.query_row([installation], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Verifies an installation by a voucher whose signatures hold, unless it was revoked or is used up.
pub(super) fn verify(
    writer: &Transaction<'_>,
    installation: i64,
    certificate: &Certificate,
    at: Timestamp,
) -> rusqlite::Result<VoucherAnswer> {
    let id = certificate.id();
    writer.execute(
        "INSERT INTO vouchers (voucher, customer, installations, expires_on, first_used_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (voucher) DO NOTHING",
        params![id, certificate.customer, certificate.installations, certificate.expires.to_string(), moment(at)],
    )?;
    let (is_revoked, others, is_known): (bool, u32, bool) = writer.query_row(
        "SELECT v.revoked_at IS NOT NULL, \
                (SELECT count(*) FROM standings s WHERE s.voucher = v.voucher AND s.installation <> $1), \
                EXISTS (SELECT 1 FROM standings s WHERE s.voucher = v.voucher AND s.installation = $1) \
         FROM vouchers v WHERE v.voucher = $2",
        params![installation, id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if is_revoked {
        return Ok(VoucherAnswer::Revoked);
    }
    if is_known {
        return Ok(VoucherAnswer::Accepted);
    }
    if others >= certificate.installations {
        return Ok(VoucherAnswer::UsedUp);
    }
    touch(writer, installation)?;
    writer.execute("UPDATE standings SET voucher = $1 WHERE installation = $2", params![id, installation])?;
    Ok(VoucherAnswer::Accepted)
}

impl Follower {
    /// Standings that were changed after a number, in order, with the last number; at most so many.
    pub(in crate::store) fn standings_after(
        &self,
        change: i64,
        most: usize,
    ) -> Result<(Vec<Standing>, i64), StoreError> {
        let mut select = self.connection().prepare_cached(
            "SELECT s.installation, s.change, v.customer, v.voucher IS NOT NULL AS is_verified FROM standings s \
             LEFT JOIN vouchers v ON v.voucher = s.voucher AND v.revoked_at IS NULL \
             WHERE s.change > ? ORDER BY s.change LIMIT ?",
        )?;
        let mut rows = select.query(params![change, most as i64])?;
        let (mut standings, mut last) = (Vec::new(), change);
        while let Some(row) = rows.next()? {
            last = row.get("change")?;
            standings.push(Standing {
                installation: row.get("installation")?,
                is_verified: row.get("is_verified")?,
                customer: row.get("customer")?,
            });
        }
        Ok((standings, last))
    }
}

fn read_voucher(row: &Row<'_>) -> Result<KnownVoucher, StoreError> {
    let expires: Option<String> = row.get("expires_on")?;
    let expires = expires.map(|day| {
        day.parse().map_err(|_| StoreError::Unreadable(format!("`{day}` is not a day, such as 2027-06-30")))
    });
    Ok(KnownVoucher {
        id: row.get("voucher")?,
        customer: row.get("customer")?,
        installations: row.get("installations")?,
        enrolled: row.get::<_, i64>("enrolled")?.unsigned_abs(),
        expires: expires.transpose()?,
        revoked_at: row.get::<_, Option<i64>>("revoked_at")?.map(read_moment).transpose()?,
    })
}

fn read_installation(row: &Row<'_>) -> Result<KnownInstallation, StoreError> {
    let name: String = row.get("name")?;
    Ok(KnownInstallation {
        name: InstallationId::parse(&name)
            .ok_or_else(|| StoreError::Unreadable(format!("invalid installation name `{name}`")))?,
        enrolled_at: read_moment(row.get("enrolled_at")?)?,
        voucher: row.get("voucher")?,
        customer: row.get("customer")?,
        blocked_at: row.get::<_, Option<i64>>("blocked_at")?.map(read_moment).transpose()?,
    })
}
