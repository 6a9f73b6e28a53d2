//! Texts that a spreadsheet would run.

/// Whether a spreadsheet takes the text for a formula (OWASP, "CSV Injection"), also in the full-width forms that some read alike.
pub(crate) fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_a_formula_is_known() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a",
        ] {
            assert!(is_formula(text), "{text:?}");
        }
        for text in ["", "a=1", " =1", "1-1", "'=1", "{\"a\":\"=1\"}", "é"] {
            assert!(!is_formula(text), "{text:?}");
        }
    }
}
