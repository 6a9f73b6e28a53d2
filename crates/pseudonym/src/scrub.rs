//! The search for what names or reaches a person, in texts that people wrote.

mod address;
mod fold;
mod number;
mod roster;

use std::borrow::Cow;
use std::ops::Range;

use fold::Folded;
pub use roster::{Roster, RosterError};

/// After so many rounds that each found something, a text is not worth keeping.
const ROUNDS: usize = 16;
/// What stands for a whole text that is not worth keeping.
const REDACTED: &str = "[redacted]";

/// Something that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// An e-mail address, also with `(at)`, and those of the roster.
    Email,
    /// A web address: with a scheme, from `www.` on, or a host with a path.
    Url,
    /// A telephone number: of E.164 with `+` or `00`, and Swiss and French ones as they are dialled at home.
    Phone,
    /// An account number of ISO 13616, of the length of its country and with the right check digits (ISO 7064, modulo 97).
    Iban,
    /// A Swiss social security number (AVS, AHV): 756 and ten digits, the last of which checks the others as in EAN-13.
    Avs,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A name of the roster.
    Name,
    /// A login of the roster.
    Login,
}

impl Finding {
    /// All that there are.
    pub const ALL: [Self; 8] = [
        Self::Email,
        Self::Url,
        Self::Phone,
        Self::Iban,
        Self::Avs,
        Self::Ip,
        Self::Name,
        Self::Login,
    ];

    /// The word for it, as rules have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Url => "url",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Avs => "avs",
            Self::Ip => "ip",
            Self::Name => "name",
            Self::Login => "login",
        }
    }

    /// What is written in its place.
    #[must_use]
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Email => "[email]",
            Self::Url => "[url]",
            Self::Phone => "[phone]",
            Self::Iban => "[iban]",
            Self::Avs => "[avs]",
            Self::Ip => "[ip]",
            Self::Name => "[name]",
            Self::Login => "[login]",
        }
    }
}

/// What was found, and where.
type Span = (Range<usize>, Finding);

/// Takes what names or reaches a person out of texts.
///
/// Upper and lower case, accents, full-width letters, soft hyphens and characters without width make no difference. What is found is
/// replaced by a [placeholder](Finding::placeholder); a placeholder that stands in a text already is left as it is, so that a text
/// that was scrubbed once does not change any more. Time grows with the length of a text, and so does memory.
#[derive(Debug)]
pub struct Scrubber {
    roster: Option<Roster>,
    folded: Folded,
    spans: Vec<Span>,
}

impl Default for Scrubber {
    /// One without a roster.
    fn default() -> Self {
        Self::new(None)
    }
}

impl Scrubber {
    /// One that looks for everything, and for the people of a roster if there is one.
    #[must_use]
    pub fn new(roster: Option<Roster>) -> Self {
        Self {
            roster,
            folded: Folded::for_many(),
            spans: Vec::new(),
        }
    }

    /// The roster that it goes by.
    #[must_use]
    pub fn roster(&self) -> Option<&Roster> {
        self.roster.as_ref()
    }

    /// The text without all that can be found; the text itself, if there is nothing.
    pub fn scrub<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        self.scrub_for(text, |_| true)
    }

    /// The same for some findings only.
    pub fn scrub_for<'t>(
        &mut self,
        text: &'t str,
        wanted: impl Fn(Finding) -> bool,
    ) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for _ in 0..ROUNDS {
            match self.round(&text, &wanted) {
                Some(changed) => text = Cow::Owned(changed),
                None => return text,
            }
        }
        Cow::Borrowed(REDACTED)
    }

    /// What comes of the text when everything is replaced that is found in it at once; `None` if nothing is. What stands beside a
    /// placeholder may be something by itself, so that there may be more to find.
    fn round(&mut self, text: &str, wanted: &impl Fn(Finding) -> bool) -> Option<String> {
        let mut out: Option<String> = None;
        let mut written = 0;
        let mut start = 0;
        loop {
            let rest = &text[start..];
            let (length, placeholder) = next_placeholder(rest).unwrap_or((rest.len(), 0));
            self.find(&rest[..length], wanted);
            let mut spans = self.spans.drain(..).peekable();
            while let Some((mut range, finding)) = spans.next() {
                while let Some((more, _)) = spans.next_if(|(more, _)| more.start < range.end) {
                    range.end = range.end.max(more.end);
                }
                let out = out.get_or_insert_default();
                out.push_str(&text[written..start + range.start]);
                out.push_str(finding.placeholder());
                written = start + range.end;
            }
            drop(spans);
            start += length + placeholder;
            if start >= text.len() {
                break;
            }
        }
        out.map(|mut out| {
            out.push_str(&text[written..]);
            out
        })
    }

    /// Fills `spans`, in the order of the text and with the widest of those that begin at one place first.
    fn find(&mut self, text: &str, wanted: &impl Fn(Finding) -> bool) {
        self.spans.clear();
        if text.is_empty() {
            return;
        }
        self.folded.fold(text);
        let folded = self.folded.text();
        let marks = Marks::of(folded);
        let mut found = |range: Range<usize>, finding: Finding| {
            if wanted(finding) {
                let range = self.folded.place(range, text.len());
                self.spans.push((range, finding));
            }
        };
        if marks.at {
            address::emails(folded, &mut found);
        }
        if marks.slash || marks.dots > 0 {
            address::urls(folded, &mut found);
        }
        if marks.digits >= 7 {
            number::phones(folded, &mut found);
        }
        if marks.digits >= 13 {
            number::avs(folded, &mut found);
        }
        if marks.digits >= 2 && folded.len() >= 15 {
            number::ibans(folded, &mut found);
        }
        if marks.dots >= 3 && marks.digits >= 4 {
            address::ipv4(folded, &mut found);
        }
        if marks.colons >= 2 {
            address::ipv6(folded, &mut found);
        }
        if let Some(roster) = &self.roster {
            roster.find(folded, &mut found);
        }
        self.spans.sort_unstable_by_key(|(range, finding)| {
            (range.start, usize::MAX - range.end, *finding)
        });
    }
}

/// What a text has that something to be found needs.
#[derive(Default)]
struct Marks {
    at: bool,
    slash: bool,
    dots: usize,
    colons: usize,
    digits: usize,
}

impl Marks {
    const AT: u8 = 1;
    const SLASH: u8 = 2;
    const DOT: u8 = 4;
    const COLON: u8 = 8;
    const DIGIT: u8 = 16;
    /// Which of them a byte is.
    const KINDS: [u8; 256] = {
        let mut kinds = [0; 256];
        // Brackets are what `(at)` and its like begin with.
        kinds[b'@' as usize] = Self::AT;
        kinds[b'(' as usize] = Self::AT;
        kinds[b'[' as usize] = Self::AT;
        kinds[b'{' as usize] = Self::AT;
        kinds[b'/' as usize] = Self::SLASH;
        kinds[b'.' as usize] = Self::DOT;
        kinds[b':' as usize] = Self::COLON;
        let mut digit = b'0';
        while digit <= b'9' {
            kinds[digit as usize] = Self::DIGIT;
            digit += 1;
        }
        kinds
    };

    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let seen = bytes
            .iter()
            .fold(0, |seen, byte| seen | Self::KINDS[usize::from(*byte)]);
        // Most texts have few of them: they are counted only where there is one.
        let count = |kind: u8, is: fn(&u8) -> bool| match seen & kind {
            0 => 0,
            _ => bytes.iter().filter(|byte| is(byte)).count(),
        };
        Self {
            at: seen & Self::AT != 0,
            slash: seen & Self::SLASH != 0,
            dots: count(Self::DOT, |byte| *byte == b'.'),
            colons: count(Self::COLON, |byte| *byte == b':'),
            digits: count(Self::DIGIT, u8::is_ascii_digit),
        }
    }
}

/// Where the next placeholder begins, and how long it is.
fn next_placeholder(text: &str) -> Option<(usize, usize)> {
    memchr::memchr_iter(b'[', text.as_bytes()).find_map(|at| {
        let known = Finding::ALL.iter().map(|finding| finding.placeholder());
        known
            .chain([REDACTED])
            .find(|placeholder| text[at..].starts_with(placeholder))
            .map(|placeholder| (at, placeholder.len()))
    })
}
