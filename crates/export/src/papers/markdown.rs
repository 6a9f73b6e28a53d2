//! Texts of people, put into Markdown so that they stay what they are.

/// The text as one line of Markdown that shows it, and does nothing else: what means something to Markdown or to HTML is escaped, line ends
/// become spaces, and characters that nobody sees and that change how others are shown are left out. It may stand at the beginning of a line,
/// in a heading, in a list, and in a cell of a table.
pub(super) fn plain(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.map(|word| word.chars().filter(|c| !steers(*c)).collect::<String>());
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    let text = words.join(" ");
    let mut line = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_letter = |c: &char| c.is_alphanumeric();
        let within_word =
            before.as_ref().is_some_and(is_letter) && rest.peek().is_some_and(is_letter);
        let escaped = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' => true,
            '_' => !within_word,
            // What begins a list, if it begins a line.
            '-' | '+' | '=' => before.is_none(),
            '.' | ')' => line.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        if escaped {
            line.push('\\');
        }
        line.push(c);
        before = Some(c);
    }
    line
}

/// Whether it steers the direction in which others are written (UAX 9), and so could make a text look like another.
fn steers(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::plain;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, TagEnd};
    use rstest::rstest;

    /// All that is shown of it, and what there is beside paragraphs and texts.
    fn shown(markdown: &str) -> (String, usize) {
        let (mut text, mut paragraphs) = (String::new(), 0);
        for event in Parser::new_ext(
            markdown,
            Options::ENABLE_TABLES
                | Options::ENABLE_STRIKETHROUGH
                | Options::ENABLE_FOOTNOTES
                | Options::ENABLE_TASKLISTS,
        ) {
            match event {
                Event::Text(part) => text.push_str(&part),
                Event::Start(_) => {}
                Event::End(TagEnd::Paragraph) => paragraphs += 1,
                Event::End(TagEnd::Heading(_)) => {}
                other => panic!("{other:?} in {markdown:?}"),
            }
        }
        (text, paragraphs)
    }

    #[rstest]
    #[case("Université de Genève", "Université de Genève")]
    #[case("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>")]
    #[case("castle@example.org", "castle@example.org")]
    #[case("level_completed _it_", r"level_completed \_it\_")]
    #[case("1. one", r"1\. one")]
    #[case("- one", r"\- one")]
    #[case("a\r\n\r\n# b", r"a \# b")]
    #[case("one | two", r"one \| two")]
    #[case("\u{202e}evil", "evil")]
    #[case(" \n ", "")]
    fn what_people_wrote_stays_what_it_is(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(plain(text), expected);
    }

    proptest! {
        #[test]
        fn any_text_is_shown_as_it_is_and_does_nothing(text in "(?s)[ -~\n\té«»’\u{202e}\u{a0}|<&*_`#\\[\\]()!~-]{0,60}") {
            let words: Vec<String> = text
                .split(|c: char| c.is_whitespace() || c.is_control())
                .map(|word| word.replace('\u{202e}', ""))
                .filter(|word| !word.is_empty())
                .collect();
            let line = plain(&text);
            prop_assert!(!line.contains('\n'));
            let (seen, paragraphs) = shown(&line);
            prop_assert_eq!(seen, words.join(" "));
            prop_assert_eq!(paragraphs, usize::from(!words.is_empty()));
            let (seen, _) = shown(&format!("# The text: {line}"));
            let wanted = format!("The text: {}", words.join(" "));
            prop_assert_eq!(seen, wanted.trim_end());
        }

        #[test]
        fn any_text_stays_in_its_cell(text in "(?s)[ -~\n]{0,40}") {
            let table = format!("| a | b |\n|---|---|\n| {} | second |\n", plain(&text));
            let cells = Parser::new_ext(&table, Options::ENABLE_TABLES)
                .filter(|event| matches!(event, Event::End(TagEnd::TableCell)))
                .count();
            prop_assert_eq!(cells, 4);
        }
    }
}
