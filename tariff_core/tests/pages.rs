//! The pages of policies and findings say what the tables in the code say.
//!
//! After a change to a table: `UPDATE_PAGES=1 cargo test --package tariff-core --test pages`.

use std::fmt::Write as _;
use std::path::Path;

use tariff_core::columns::FINDING_BITS;
use tariff_core::error::Refusal;
use tariff_core::finding::{Code, Kind};
use tariff_core::policy::Policy;

fn check(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} is not current; see the head of tests/pages.rs");
}

#[test]
fn the_page_of_policies_is_current() {
    let mut page = String::from(
        "# Policies\n\nEvery point that OCPI leaves open, or settles twice, is a named choice. The \
         defaults are what the\nspecification's worked examples need, or what most parties do. Each \
         report prints all of them.\n\nThis page is made from the table in `src/policy.rs`.\n",
    );
    for row in Policy::TABLE {
        let _ = write!(page, "\n## `{}`\n\n{}\n\n", row.name, row.question);
        for (value, meaning) in row.values {
            let default = if *value == row.default { " (default)" } else { "" };
            let _ = writeln!(page, "- `{value}`{default}: {meaning}");
        }
    }
    check("POLICIES.md", &page);
}

#[test]
fn the_page_of_findings_is_current() {
    let mut page = String::from(
        "# Findings and refusals\n\nA finding has a code, a place (a JSON path; `tariffs` instead of \
         `$` for a tariffs document of its own) and a\nsentence. It never changes a price. A refusal \
         is the reason for which there is no price.\n\nThis page is made from the tables in \
         `src/finding.rs` and `src/error.rs`.\n",
    );
    for (kind, title) in [
        (Kind::Warning, "On the price (`warnings` of a report)"),
        (Kind::Mismatch, "Declared figures that are not ours"),
        (Kind::Document, "On documents"),
        (Kind::Lint, "On tariffs (`lint`)"),
    ] {
        let _ = write!(page, "\n## {title}\n\n| code | meaning |\n|---|---|\n");
        for row in Code::TABLE.iter().filter(|row| row.2 == kind) {
            let _ = writeln!(page, "| `{}` | {} |", row.1, row.3);
        }
    }
    page.push_str("\n## Refusals (`error` of a report; `status` of a row is the number)\n\n");
    page.push_str("| status | code | meaning |\n|---|---|---|\n| 0 | `priced` | |\n");
    for (index, row) in Refusal::TABLE.iter().enumerate() {
        let _ = writeln!(page, "| {} | `{}` | {} |", index + 1, row.1, row.2);
    }
    page.push_str("\n## Bits of the column `findings`\n\n| bit | finding |\n|---|---|\n");
    for (bit, name) in FINDING_BITS.iter().enumerate() {
        let _ = writeln!(page, "| {bit} | `{name}` |");
    }
    check("FINDINGS.md", &page);
}
