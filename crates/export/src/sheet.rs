//! Accounts on paper: a page of cards to print and cut, one a participant.

use std::fmt::Write;

/// What a browser may do with a sheet: show it in its own style, and nothing else. It stands in the page, and is meant for its
/// `Content-Security-Policy` too (CSP level 3), where `frame-ancestors 'none'` may be added.
pub const SHEET_POLICY: &str = "default-src 'none'; \
     style-src 'sha256-XF+vowPmwH2M75w9M9YQxu2o2lW+XQpjbEyxpiUBBf0='; base-uri 'none'; form-action 'none'";

/// Its hash stands in [`SHEET_POLICY`].
const STYLE: &str = include_str!("sheet.css");

/// The language of what stands around the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SheetLanguage {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

/// An account on a sheet.
#[derive(Clone, Copy)]
pub struct Card<'a> {
    /// What its holder types to log in.
    pub username: &'a str,
    /// The password, if it is known: one that somebody chose is not.
    pub password: Option<&'a str>,
}

/// A page of cards. Whoever holds it can log in with all of them.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    /// Of the study.
    pub title: &'a str,
    /// Where to play: of the game, or of the server.
    pub address: &'a str,
    /// In the order in which they are printed.
    pub cards: &'a [Card<'a>],
    /// Of the words around.
    pub language: SheetLanguage,
}

/// The words of a sheet.
struct Words {
    tag: &'static str,
    accounts: &'static str,
    account: &'static str,
    /// For whoever prints it; is not printed.
    note: &'static str,
    /// Of passwords that were made here.
    spelling: &'static str,
    address: &'static str,
    username: &'static str,
    password: &'static str,
    chosen: &'static str,
}

const ENGLISH: Words = Words {
    tag: "en",
    accounts: "accounts",
    account: "account",
    note: "Print this page and cut along the dashed lines. The passwords are shown this once: keep a copy in a safe place \
           until the study ends, and close this page. Do not write names on the cards.",
    spelling: "In the passwords there is no letter l or o and no digit 0 or 1; the hyphens count.",
    address: "Address",
    username: "Username",
    password: "Password",
    chosen: "(as it was chosen)",
};

const FRENCH: Words = Words {
    tag: "fr",
    accounts: "comptes",
    account: "compte",
    note: "Imprimez cette page et découpez le long des tirets. Les mots de passe ne sont montrés que cette fois : gardez-en un \
           exemplaire en lieu sûr jusqu’à la fin de l’étude, et fermez cette page. N’écrivez pas de noms sur les cartes.",
    spelling: "Les mots de passe n’ont ni lettre l ou o, ni chiffre 0 ou 1 ; les traits d’union comptent.",
    address: "Adresse",
    username: "Nom d’utilisateur",
    password: "Mot de passe",
    chosen: "(celui qui a été choisi)",
};

impl Sheet<'_> {
    /// The page, as HTML that needs nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        let words = match self.language {
            SheetLanguage::English => ENGLISH,
            SheetLanguage::French => FRENCH,
        };
        let (count, title) = (self.cards.len(), Escaped(self.title));
        let accounts = if count == 1 {
            words.account
        } else {
            words.accounts
        };
        let made_here = self.cards.iter().all(|card| card.password.is_some());
        let spelling = if made_here { words.spelling } else { "" };
        let mut page = String::with_capacity(2048 + 384 * count);
        // Writing to a String does not fail.
        let _ = write!(
            page,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{SHEET_POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<h1>{title}</h1>\n<p>{count} {accounts}. {} {}</p>\n</header>\n<main>\n",
            words.tag, words.note, spelling,
        );
        for card in self.cards {
            self.card(&mut page, &words, card);
        }
        page.push_str("</main>\n</body>\n</html>\n");
        page
    }

    fn card(&self, page: &mut String, words: &Words, card: &Card<'_>) {
        let password = card.password.unwrap_or(words.chosen);
        let lines = [
            (words.address, self.address, ""),
            (
                words.username,
                card.username,
                " class=\"key\" translate=\"no\"",
            ),
            (words.password, password, " class=\"key\" translate=\"no\""),
        ];
        let _ = write!(page, "<article>\n<h2>{}</h2>\n<dl>\n", Escaped(self.title));
        for (name, value, attributes) in lines {
            let _ = writeln!(
                page,
                "<dt>{name}</dt><dd{attributes}>{}</dd>",
                Escaped(value)
            );
        }
        page.push_str("</dl>\n</article>\n");
    }
}

impl std::fmt::Debug for Sheet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("title", &self.title)
            .field("cards", &self.cards.len())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Card<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// A text within an element or a quoted attribute, whatever it holds.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // No character of HTML (WHATWG HTML section 13.5 replaces or drops them); a reader would see others.
                c if c.is_control() && c != '\n' && c != '\t' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
