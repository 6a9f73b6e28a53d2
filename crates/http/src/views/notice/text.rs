//! Markdown as plain text: what it says, without the signs that say how.

use super::parser;
use pulldown_cmark::{Event, Tag, TagEnd};

/// As text, a line between paragraphs. HTML within is left out.
pub(super) fn text_of(markdown: &str) -> String {
    let mut text = Text::default();
    for event in parser(markdown) {
        text.take(event);
    }
    let mut out = text.out.trim_end().to_owned();
    out.push('\n');
    out
}

#[derive(Default)]
struct Text {
    out: String,
    /// The lists that are open; of a numbered one, the next number.
    lists: Vec<Option<u64>>,
    /// Whether nothing stands after the sign of an item yet.
    item: bool,
    /// Where the links lead that are open.
    links: Vec<String>,
}

impl Text {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(said) | Event::Code(said) => {
                self.item = false;
                self.out.push_str(&said);
            }
            Event::SoftBreak => self.out.push(' '),
            Event::HardBreak => self.out.push('\n'),
            Event::Rule => {
                self.block();
                self.out.push_str("---");
            }
            _ => {}
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                self.line();
                let depth = self.lists.len().saturating_sub(1);
                self.out.push_str(&"  ".repeat(depth));
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        self.out.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => self.out.push_str("- "),
                }
                self.item = true;
            }
            Tag::Link { dest_url, .. } => self.links.push(dest_url.to_string()),
            Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::Table(_) => self.block(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Link => {
                let to = self.links.pop().unwrap_or_default();
                let leads = ["http://", "https://", "mailto:"];
                let leads = leads.iter().any(|scheme| to.starts_with(scheme));
                if leads && !self.out.ends_with(to.trim_start_matches("mailto:")) {
                    self.out.push_str(&format!(" ({to})"));
                }
            }
            TagEnd::TableCell => self.out.push('\t'),
            TagEnd::TableHead | TagEnd::TableRow => {
                while self.out.ends_with('\t') {
                    self.out.pop();
                }
                self.out.push('\n');
            }
            _ => {}
        }
    }

    /// Something begins that stands by itself; within an item, on the line of its sign.
    fn block(&mut self) {
        if self.item || self.out.is_empty() {
            return;
        }
        self.line();
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_notice_reads_as_text() {
        let markdown = "# What we *keep*\n\nYour actions,\nand **when**. See [our page](https://example.org/) or <team@example.org>.\n\n1. first\n2. second\n   - within\n\n- loose\n\n- list\n\n| who | what |\n|-----|------|\n| us | `P-1` |\n\n<script>alert(1)</script>\n\nThe end <b>here</b>.\n";
        let expected = "What we keep\n\nYour actions, and when. See our page (https://example.org/) or team@example.org.\n\n1. first\n2. second\n  - within\n\n- loose\n- list\n\nwho\twhat\nus\tP-1\n\nThe end here.\n";
        assert_eq!(text_of(markdown), expected);
    }

    #[test]
    fn a_link_that_leads_nowhere_good_is_its_text() {
        assert_eq!(text_of("[click](javascript:alert(1))"), "click\n");
    }

    proptest! {
        #[test]
        fn any_text_becomes_text(markdown in "\\PC{0,60}|([-*#>|`1.\\[\\]() \n]|a){0,60}") {
            prop_assert!(text_of(&markdown).ends_with('\n'));
        }
    }
}
