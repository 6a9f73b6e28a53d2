//! The record of processing: GDPR article 30(1), FADP article 12(2), the register of LIPAD.

use super::facts::Record;
use super::markdown::plain;
use super::page::Page;
use super::{Paper, PaperLanguage, sections};
use sillage_domain::LegalRegime;
use sillage_domain::codebook::PrivacyClass;

pub(super) fn write(record: &Record, mut page: Page) -> Paper {
    let title = format!(
        "{} {}",
        page.say(
            "Record of processing:",
            "Registre des activités de traitement :"
        ),
        plain(&record.study.title)
    );
    page.heading(1, &title);
    origin(record, &mut page);
    laws(record, &mut page);
    controllers(record, &mut page);
    purposes(record, &mut page);
    people(record, &mut page);
    sections::data(record, &mut page);
    sections::recipients(record, &mut page);
    sections::retention(record, &mut page);
    sections::measures(record, &mut page);
    references(record, &mut page);
    page.gaps(page.say("What is missing", "Ce qui manque"));
    page.done()
}

/// What the paper was made from, and that it decides nothing.
pub(super) fn origin(record: &Record, page: &mut Page) {
    let made = match page.language {
        PaperLanguage::English => format!(
            "Made by {} on {} from what the study `{}` says of itself and from its codebook. It is a draft: what the server can't know is marked \
             *To be completed*, and the controller, the data protection officer and a lawyer have the last word.",
            record.made_with,
            day(&record.made_at.to_string()),
            record.study.slug
        ),
        PaperLanguage::French => format!(
            "Établi par {} le {} d'après ce que l'étude `{}` dit d'elle-même et d'après son plan de codage. C'est un projet : ce que le serveur ne \
             peut pas savoir est marqué *À compléter*, et le dernier mot revient au responsable du traitement, à la personne déléguée à la \
             protection des données et à une ou un juriste.",
            record.made_with,
            day(&record.made_at.to_string()),
            record.study.slug
        ),
    };
    page.quote(&made);
}

/// The day of an instant, as ISO 8601 writes it.
pub(super) fn day(instant: &str) -> &str {
    instant.get(..10).unwrap_or(instant)
}

fn laws(record: &Record, page: &mut Page) {
    page.heading(2, page.say("The laws", "Les lois"));
    if record.legal_regimes.is_empty() {
        let gap = page.gap(
            "legal_regimes",
            page.say(
                "which law holds for the study",
                "quelle loi s'applique à l'étude",
            ),
        );
        return page.paragraph(&gap);
    }
    let language = page.language;
    let laws = record.legal_regimes.iter();
    page.list(laws.map(|regime| language.law(*regime).to_owned()));
    if record.under(LegalRegime::Lipad) {
        let gap = page.gap(
            "legal_regimes",
            page.say(
                "the announcement to the register of the cantonal Préposé (LIPAD article 43), in the form that holds on the day it is made; the \
                 revision of 3 May 2024 makes it a register of processing activities",
                "l'annonce au registre tenu par la ou le Préposé cantonal (LIPAD article 43), dans la forme en vigueur le jour où elle est faite ; la \
                 révision du 3 mai 2024 en fait un registre des activités de traitement",
            ),
        );
        page.paragraph(&gap);
    }
}

fn controllers(record: &Record, page: &mut Page) {
    page.heading(2, page.say("Who decides", "Qui décide"));
    page.asked_by(record, "30(1)(a)", "12(2)(a)", "43");
    if record.controllers.is_empty() {
        let gap = page.gap(
            "controllers",
            page.say("who decides about the study", "qui décide de l'étude"),
        );
        page.paragraph(&gap);
    } else {
        let header = [
            page.say("Controller", "Responsable du traitement"),
            page.say("Address", "Adresse"),
            page.say("Country", "Pays"),
            page.say("Contact", "Contact"),
        ];
        let (address, country, contact) = (
            page.say("address", "l'adresse"),
            page.say("country", "le pays"),
            page.say("whom to write to", "à qui écrire"),
        );
        let rows: Vec<_> = record
            .controllers
            .iter()
            .map(|one| {
                [
                    plain(&one.name),
                    page.text_or(one.address.as_deref(), "controllers", address),
                    page.text_or(one.country.as_deref(), "controllers", country),
                    page.text_or(one.contact.as_deref(), "controllers", contact),
                ]
            })
            .collect();
        page.table(header, rows);
    }
    if record.controllers.len() > 1 {
        let gap = page.gap(
            "controllers",
            page.say(
                "the arrangement by which they decide together, and who answers to participants (GDPR article 26)",
                "l'accord par lequel ils décident ensemble, et qui répond aux participants (RGPD article 26)",
            ),
        );
        page.paragraph(&gap);
    }
    let officer = record.data_protection_officer.as_ref();
    let officer = match officer {
        Some(officer) => format!("{}, {}", plain(&officer.name), plain(&officer.email)),
        None => page.gap(
            "data_protection_officer",
            page.say(
                "who looks after data protection there, if there is somebody",
                "qui y est délégué à la protection des données, s'il y a quelqu'un",
            ),
        ),
    };
    let contact = match &record.contact {
        Some(contact) => format!("{}, {}", plain(&contact.name), plain(&contact.email)),
        None => page.gap(
            "contact",
            page.say(
                "whom participants ask",
                "à qui s'adressent les participants",
            ),
        ),
    };
    page.list([
        format!(
            "{} {officer}",
            page.say(
                "Data protection officer:",
                "Délégué à la protection des données :"
            )
        ),
        format!(
            "{} {contact}",
            page.say(
                "Contact for participants:",
                "Contact pour les participants :"
            )
        ),
    ]);
}

fn purposes(record: &Record, page: &mut Page) {
    page.heading(2, page.say("What for", "Dans quel but"));
    page.asked_by(record, "30(1)(b)", "12(2)(b)", "43");
    let missing = page.say("what the data are for", "à quoi servent les données");
    let purpose = page.text_or(record.purpose.as_deref(), "purpose", missing);
    let missing = page.say(
        "what allows it: a consent, a task in the public interest, a law",
        "ce qui l'autorise : un consentement, une mission d'intérêt public, une loi",
    );
    let basis = page.text_or(record.legal_basis.as_deref(), "legal_basis", missing);
    page.list([
        format!("{} {purpose}", page.say("Purpose:", "Finalité :")),
        format!("{} {basis}", page.say("Legal basis:", "Base légale :")),
    ]);
}

fn people(record: &Record, page: &mut Page) {
    page.heading(2, page.say("About whom", "Sur qui"));
    page.asked_by(record, "30(1)(c)", "12(2)(c)", "43");
    let who = page.gap(
        "data_subjects",
        page.say(
            "who they are and about how many: pupils of which age, students, adults",
            "qui ils sont et combien environ : élèves de quel âge, étudiants, adultes",
        ),
    );
    page.list([
        format!(
            "{} {who}",
            page.say(
                "Participants: those who play.",
                "Participants : celles et ceux qui jouent."
            )
        ),
        page.say(
            "Those who run the study: their accounts, and what they did with them.",
            "Celles et ceux qui mènent l'étude : leurs comptes, et ce qu'ils en ont fait.",
        )
        .to_owned(),
    ]);
}

fn references(record: &Record, page: &mut Page) {
    page.heading(2, page.say("References", "Références"));
    let missing = page.say(
        "under which a commission of ethics let the study pass",
        "sous laquelle une commission d'éthique a accepté l'étude",
    );
    let ethics = page.text_or(
        record.ethics_reference.as_deref(),
        "ethics_reference",
        missing,
    );
    let mut items = vec![format!("{} {ethics}", page.say("Ethics:", "Éthique :"))];
    let geneva = record.legal_regimes.is_empty() || record.under(LegalRegime::Lipad);
    let needed = geneva && record.has(PrivacyClass::Sensitive);
    if record.authorisation_reference.is_some() || needed {
        let missing = page.say(
            "the authorisation to collect sensitive data (LIPAD article 41)",
            "l'autorisation de recueillir des données sensibles (LIPAD article 41)",
        );
        let text = page.text_or(
            record.authorisation_reference.as_deref(),
            "authorisation_reference",
            missing,
        );
        items.push(format!(
            "{} {text}",
            page.say("Authorisation:", "Autorisation :")
        ));
    }
    for notice in &record.notices {
        items.push(format!(
            "{} {} ({}), {} {}, SHA-256 `{}`",
            page.say("Notice", "Notice"),
            notice.version,
            plain(&notice.language),
            page.say("since", "depuis le"),
            day(&notice.created_at.to_string()),
            notice.sha256
        ));
    }
    if record.notices.is_empty() {
        let gap = page.gap(
            "notices",
            page.say(
                "the information notice for participants",
                "la notice d'information des participants",
            ),
        );
        items.push(gap);
    }
    page.list(items);
}
