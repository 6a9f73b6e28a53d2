//! The two languages of papers, and the words for what the API has words for.

use sillage_domain::codebook::PrivacyClass;
use sillage_domain::{LegalRegime, Purpose, Removal, Retention, RetentionStart, StudyStatus};

/// The language of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaperLanguage {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl PaperLanguage {
    /// Its tag (RFC 5646).
    pub const fn tag(self) -> &'static str {
        self.say("en", "fr")
    }

    pub(super) const fn say(self, english: &'static str, french: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// A law by its name.
    pub(super) const fn law(self, regime: LegalRegime) -> &'static str {
        match regime {
            LegalRegime::Lipad => self.say(
                "law of the canton of Geneva (LIPAD, rsGE A 2 08)",
                "loi genevoise sur l'information du public, l'accès aux documents et la protection des données personnelles (LIPAD, rsGE A 2 08)",
            ),
            LegalRegime::Gdpr => self.say(
                "General Data Protection Regulation of the European Union (GDPR, Regulation (EU) 2016/679)",
                "règlement général sur la protection des données de l'Union européenne (RGPD, règlement (UE) 2016/679)",
            ),
            LegalRegime::Fadp => self.say(
                "Swiss Federal Act on Data Protection (FADP, SR 235.1)",
                "loi fédérale suisse sur la protection des données (LPD, RS 235.1)",
            ),
        }
    }

    pub(super) const fn status(self, status: StudyStatus) -> &'static str {
        match status {
            StudyStatus::Draft => self.say("in preparation", "en préparation"),
            StudyStatus::Open => self.say("open: it collects", "ouverte : elle recueille"),
            StudyStatus::Closed => self.say("closed", "close"),
            StudyStatus::Archived => self.say("archived", "archivée"),
        }
    }

    pub(super) const fn class(self, class: Option<PrivacyClass>) -> &'static str {
        match class {
            Some(PrivacyClass::Identifier) => self.say(
                "names one person by itself",
                "désigne à elle seule une personne",
            ),
            Some(PrivacyClass::QuasiIdentifier) => self.say(
                "narrows down who it is, together with others",
                "aide, avec d'autres, à reconnaître une personne",
            ),
            Some(PrivacyClass::Sensitive) => self.say("sensitive", "sensible"),
            Some(PrivacyClass::FreeText) => self.say(
                "text that people type, which may hold anything",
                "texte libre, qui peut contenir n'importe quoi",
            ),
            Some(PrivacyClass::Other) => self.say("none of these", "rien de tout cela"),
            None => self.say("not classified", "non classée"),
        }
    }

    pub(super) const fn purpose(self, purpose: Purpose) -> &'static str {
        match purpose {
            Purpose::Collection => self.say(
                "that your traces are collected",
                "que vos traces soient recueillies",
            ),
            Purpose::Research => self.say(
                "that the study uses them for its research",
                "que l'étude s'en serve pour sa recherche",
            ),
            Purpose::Reuse => self.say(
                "that other researchers use them",
                "que d'autres chercheuses et chercheurs s'en servent",
            ),
            Purpose::Publication => self.say(
                "that they are published, without your name",
                "qu'elles soient publiées, sans votre nom",
            ),
        }
    }

    /// How long something is kept, as a part of a sentence.
    pub(super) fn retention(self, retention: Retention) -> String {
        let months = retention.months;
        let unit = match (self, months) {
            (Self::English, 1) => "month",
            (Self::English, _) => "months",
            (Self::French, _) => "mois",
        };
        let from = match retention.from {
            RetentionStart::Closing => self.say(
                "from the closing of the study",
                "à compter de la clôture de l'étude",
            ),
            RetentionStart::Reception => self.say(
                "from the arrival of each entry",
                "à compter de l'arrivée de chaque trace",
            ),
        };
        let then = match retention.then {
            Removal::Anonymise => self.say(
                "then the link to the account is destroyed, and the entries stay without it",
                "puis le lien avec le compte est détruit, et les traces restent sans lui",
            ),
            Removal::Erase => self.say(
                "then the content of the entries is erased with the account",
                "puis le contenu des traces est effacé avec le compte",
            ),
        };
        format!("{months} {unit} {from}, {then}")
    }
}
