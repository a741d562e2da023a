//! What can be asked of a table, written once for both products.

use candor_policy::{Entry, Reason};

use super::connection::kind_said;
use super::table::{Column, Table, Texts, entry, quoted};
use super::{Connection, Failure, limits};

/// One row of a table of settings.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingRow {
    /// The setting's name, without spaces around it: fixed-width columns pad with spaces.
    pub name: String,
    /// Its value.
    pub value: Entry,
}

/// One kind of device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceCount {
    /// The columns' values, in the order asked for.
    pub values: Vec<Entry>,
    /// How many devices there are of it.
    pub count: i64,
}

impl Connection {
    /// How many rows a table holds, exactly.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn row_count(&mut self, table: &Table) -> Result<i64, Failure> {
        match self.row_count_in_steps(table).await? {
            Some(count) => Ok(count),
            None => self.count(table, "").await,
        }
    }

    async fn count(&mut self, table: &Table, condition: &str) -> Result<i64, Failure> {
        let what = format!("counting {}", table.name);
        let sql = format!("SELECT {} FROM {}{condition}", self.text("count(*)", 20), table.sql);
        let rows = self.rows(&what, sql, None).await?;
        let count = rows.into_iter().flatten().flatten().next().and_then(|text| text.parse().ok());
        count.ok_or_else(|| Failure::new(Reason::Failed, format!("{what}: the answer is not a number")))
    }

    /// The values of a table of options, which holds one row, in the columns' order; `None` where it holds no row yet.
    ///
    /// # Errors
    /// [`Failure`], also where the table holds more than one row: which of them counts is not ours to guess.
    pub async fn only_row(
        &mut self,
        table: &Table,
        columns: &[Column],
    ) -> Result<Option<Vec<Entry>>, Failure> {
        let what = format!("reading {}", table.name);
        let values: Vec<String> = columns.iter().map(|column| self.value(column)).collect();
        let sql = format!("SELECT {} FROM {} LIMIT 2", values.join(", "), table.sql);
        let rows = self.rows(&what, sql, None).await?;
        if rows.len() > 1 {
            let advice =
                "a table of options holds one; name it in the policy as `database.rows`, or take it out";
            return Err(Failure::new(
                Reason::Failed,
                format!("{what}: it holds more than one row, and {advice}"),
            ));
        }
        Ok(rows.into_iter().next().map(|row| entries(row).collect()))
    }

    /// The names in a table of settings, as they stand there; at most [`limits::SETTING_ROWS`] and one. No value is read.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn setting_names(&mut self, table: &Table, names: &Column) -> Result<Vec<String>, Failure> {
        let what = format!("reading the names in {}", table.name);
        let text = self.text(&quoted(&names.name), candor_policy::limits::KEY_LENGTH + 1);
        let (is_text, limit) = (self.is_text(names), limits::SETTING_ROWS + 1);
        let sql = format!(
            "SELECT {text} FROM {} WHERE {is_text} AND trim({text}) <> '' ORDER BY 1 LIMIT {limit}",
            table.sql
        );
        let rows = self.rows(&what, sql, None).await?;
        Ok(rows.into_iter().flatten().flatten().collect())
    }

    /// How many rows of a table of settings have no name, or bytes in its place.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn unnamed_settings(&mut self, table: &Table, names: &Column) -> Result<i64, Failure> {
        let text = self.text(&quoted(&names.name), candor_policy::limits::KEY_LENGTH + 1);
        let is_text = self.is_text(names);
        self.count(table, &format!(" WHERE NOT ({is_text}) OR coalesce(trim({text}), '') = ''")).await
    }

    /// The values under these names, and under no others: what a policy excepts never leaves the database.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn settings(
        &mut self,
        table: &Table,
        (names, values): (&Column, &Column),
        wanted: &[String],
    ) -> Result<Vec<SettingRow>, Failure> {
        let what = format!("reading {}", table.name);
        let name = self.text(&quoted(&names.name), candor_policy::limits::KEY_LENGTH + 1);
        let value = self.value(values);
        let (wanted_here, limit) = (self.bound_list(), limits::SETTING_ROWS + 1);
        let is_text = self.is_text(names);
        let sql = format!(
            "SELECT {name}, {value} FROM {} WHERE {is_text} AND {name} IN {wanted_here} LIMIT {limit}",
            table.sql
        );
        let list = serde_json::Value::from(wanted).to_string();
        let rows = self.rows(&what, sql, Some(list)).await?;
        Ok(rows
            .into_iter()
            .filter_map(|mut row| {
                let name = row.first_mut()?.take()?.trim().to_owned();
                let value = entries(row.split_off(1)).next()?;
                Some(SettingRow { name, value })
            })
            .collect())
    }

    /// Devices counted by columns, the commonest first; at most [`limits::DEVICE_ROWS`] and one.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn devices(&mut self, table: &Table, columns: &[Column]) -> Result<Vec<DeviceCount>, Failure> {
        let what = format!("counting the devices in {}", table.name);
        let length = candor_policy::limits::TEXT_LENGTH + 1;
        let groups: Vec<String> = columns.iter().map(|column| self.text_or_bytes(column, length)).collect();
        let places: Vec<String> = (1..=2 * columns.len()).map(|place| place.to_string()).collect();
        let sql = format!(
            "SELECT {}, {} FROM {} GROUP BY {} ORDER BY count(*) DESC, {} LIMIT {}",
            groups.join(", "),
            self.text("count(*)", 20),
            table.sql,
            places.join(", "),
            places.join(", "),
            limits::DEVICE_ROWS + 1,
        );
        let rows = self.rows(&what, sql, None).await?;
        Ok(rows
            .into_iter()
            .filter_map(|mut row| {
                let count = row.pop()??.parse().ok()?;
                let values = entries(row).collect();
                Some(DeviceCount { values, count })
            })
            .collect())
    }
}

/// Entries from cells in pairs: a kind and a text.
fn entries(row: Texts) -> impl Iterator<Item = Entry> {
    let mut cells = row.into_iter();
    std::iter::from_fn(move || {
        let kind = cells.next()?;
        Some(entry(kind_said(kind.as_deref()), cells.next()?))
    })
}
