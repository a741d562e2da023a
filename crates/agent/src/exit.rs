//! How the process ends: one table of codes, from which the help, the manual page and the documentation are made.

/// Declares the exit codes.
macro_rules! exit_codes {
    ($($variant:ident = $code:literal, $name:literal, $meaning:literal;)*) => {
        /// How a command ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Exit {
            $(#[doc = $meaning] $variant,)*
        }

        impl Exit {
            /// All of them, by code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The process's exit code.
            pub fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            /// Its name in `--json` output.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

exit_codes! {
    Done = 0, "done", "Done; or there was quietly nothing to do: denied, not asked, or the report waits in the spool.";
    Failed = 1, "failed", "The command itself failed: an unreadable file, a broken ledger. Submissions: with --strict.";
    Usage = 2, "usage", "Bad arguments, or a policy or settings file with faults.";
    NotAllowed = 3, "not-allowed", "With --strict: collection is denied here, nobody was asked, or --ask was not answered with yes.";
    NotDelivered = 4, "not-delivered", "With --strict: not delivered within the deadline; the report waits in the spool.";
    Refused = 5, "refused", "With --strict: the collector refused the report for good; it is kept in the refused folder.";
    NotMeasured = 6, "not-measured", "With --strict: something that the policy names could not be measured; the rest was sent.";
}

/// The table for people, as `--help` and the manual page close with it.
pub fn table() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        text.push_str(&format!("  {}  {}\n", exit.code(), exit.meaning()));
    }
    text
}
