//! The information notice: GDPR article 13, FADP article 19(2), LIPAD article 38.

use super::facts::Record;
use super::markdown::plain;
use super::page::Page;
use super::{Paper, PaperLanguage};
use sillage_domain::LegalRegime;
use sillage_domain::codebook::{Codebook, PrivacyClass};

/// How many of a kind are named, so that a notice stays one that somebody reads.
const NAMED: usize = 20;

pub(super) fn write(facts: &Record, codebook: Option<&Codebook>, mut page: Page) -> Paper {
    let title = format!(
        "{} {}",
        page.say("Information about the study", "Information sur l'étude"),
        plain(&facts.study.title)
    );
    page.heading(1, &title);
    responsible(facts, &mut page);
    recorded(facts, codebook, &mut page);
    purpose(facts, &mut page);
    choice(facts, &mut page);
    secrecy(&mut page);
    readers(facts, &mut page);
    time(facts, &mut page);
    rights(facts, &mut page);
    page.done()
}

fn responsible(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("Who is responsible", "Qui est responsable"));
    if facts.controllers.is_empty() {
        let gap = page.gap(
            "controllers",
            page.say("who decides about the study", "qui décide de l'étude"),
        );
        page.paragraph(&gap);
    } else {
        let controllers = facts.controllers.iter().map(|one| {
            let parts = [
                Some(&one.name),
                one.address.as_ref(),
                one.country.as_ref(),
                one.contact.as_ref(),
            ];
            let parts: Vec<_> = parts
                .into_iter()
                .flatten()
                .map(|part| plain(part))
                .collect();
            parts.join(", ")
        });
        let named = first(controllers, page, "controllers");
        page.list(named);
    }
    let contact = match &facts.contact {
        Some(contact) => format!("{}, {}", plain(&contact.name), plain(&contact.email)),
        None => page.gap(
            "contact",
            page.say("whom you can ask", "à qui vous pouvez vous adresser"),
        ),
    };
    let contact = format!("{} {contact}", page.say("Questions:", "Questions :"));
    page.paragraph(&contact);
    if let Some(officer) = &facts.data_protection_officer {
        let officer = format!(
            "{} {}, {}",
            page.say(
                "Data protection officer:",
                "Délégué à la protection des données :"
            ),
            plain(&officer.name),
            plain(&officer.email)
        );
        page.paragraph(&officer);
    }
}

fn recorded(facts: &Record, codebook: Option<&Codebook>, page: &mut Page) {
    page.heading(2, page.say("What is recorded", "Ce qui est enregistré"));
    page.paragraph(page.say(
        "What you do in the game, and when. You log in with a code: the server is not told your name.",
        "Ce que vous faites dans le jeu, et quand. Vous vous connectez avec un code : le serveur ne connaît pas votre nom.",
    ));
    let Some(codebook) = codebook else {
        let gap = page.gap(
            "codebook",
            page.say(
                "which actions the game records, and what with each",
                "quelles actions le jeu enregistre, et quoi avec chacune",
            ),
        );
        return page.paragraph(&gap);
    };
    let tag = page.language.tag();
    let actions = codebook.actions().iter().map(|action| {
        let label = action.label().get(tag).unwrap_or(action.name());
        match action.description().get(tag) {
            Some(description) => format!("{}: {}", plain(label), plain(description)),
            None => plain(label),
        }
    });
    let actions = first(actions, page, "actions");
    page.list(actions);
    for (class, english, french) in [
        (
            PrivacyClass::Identifier,
            "With it, what says who you are:",
            "S'y ajoute ce qui dit qui vous êtes :",
        ),
        (
            PrivacyClass::QuasiIdentifier,
            "With it, what could help to recognise you:",
            "S'y ajoute ce qui pourrait aider à vous reconnaître :",
        ),
        (
            PrivacyClass::Sensitive,
            "With it, what is sensitive:",
            "S'y ajoute ce qui est sensible :",
        ),
        (
            PrivacyClass::FreeText,
            "With it, what you type. Do not write names or addresses there:",
            "S'y ajoute ce que vous écrivez. N'y mettez ni nom ni adresse :",
        ),
    ] {
        let names: Vec<_> = facts
            .of_class(Some(class))
            .map(|field| labelled(&field.name, codebook, tag))
            .collect();
        if names.is_empty() {
            continue;
        }
        page.paragraph(page.say(english, french));
        let names = first(names.into_iter(), page, "fields");
        page.list(names);
    }
}

/// A field by its label in that language, or by its name; what lies inside of it by its place as well.
fn labelled(name: &str, codebook: &Codebook, tag: &str) -> String {
    let (outer, inner) = name.split_once('/').unwrap_or((name, ""));
    let field = codebook.all_fields().find(|field| field.name() == outer);
    match (field.and_then(|field| field.label().get(tag)), inner) {
        (None, _) => plain(name),
        (Some(label), "") => plain(label),
        (Some(label), inner) => format!("{} ({})", plain(label), plain(inner)),
    }
}

fn purpose(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("What for", "Dans quel but"));
    let missing = page.say("what the data are for", "à quoi servent les données");
    let purpose = page.text_or(facts.purpose.as_deref(), "purpose", missing);
    page.paragraph(&purpose);
    let missing = page.say(
        "what allows it: a consent, a task in the public interest, a law",
        "ce qui l'autorise : un consentement, une mission d'intérêt public, une loi",
    );
    let basis = page.text_or(facts.legal_basis.as_deref(), "legal_basis", missing);
    let basis = format!(
        "{} {basis}",
        page.say("What allows it:", "Ce qui l'autorise :")
    );
    page.paragraph(&basis);
    page.paragraph(page.say(
        "The server decides nothing about you.",
        "Le serveur ne décide rien à votre sujet.",
    ));
}

fn choice(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("Your choice", "Votre choix"));
    let gap = page.gap(
        "choice",
        page.say(
            "whether taking part is free, what happens to whoever does not, and from which age a parent decides as well",
            "si la participation est libre, ce qui arrive à qui ne participe pas, et jusqu'à quel âge un parent décide aussi",
        ),
    );
    if facts.consent_purposes.is_empty() {
        return page.paragraph(&gap);
    }
    page.paragraph(page.say(
        "You are asked whether you agree:",
        "On vous demande si vous acceptez :",
    ));
    let language = page.language;
    page.list(
        facts
            .consent_purposes
            .iter()
            .map(|purpose| language.purpose(purpose).to_owned()),
    );
    page.paragraph(page.say(
        "Without the first, nothing is recorded. You can take back what you agreed to at any time, as easily as you gave it and without a reason: what \
         was recorded then is in no later export. It is not deleted by that; you can ask for that too.",
        "Sans le premier accord, rien n'est enregistré. Vous pouvez à tout moment revenir sur votre accord, aussi simplement que vous l'avez donné et \
         sans raison : ce qui a été enregistré n'est alors plus dans aucun export. Cela ne l'efface pas ; vous pouvez le demander aussi.",
    ));
    page.paragraph(&gap);
}

fn secrecy(page: &mut Page) {
    page.heading(
        2,
        page.say(
            "A code instead of your name",
            "Un code à la place de votre nom",
        ),
    );
    page.paragraph(page.say(
        "What you do is kept under a pseudonym. To link it to your account takes a secret key, which lies apart from the data. As long as the account \
         and the key exist, the link can be made, and the data remain personal.",
        "Ce que vous faites est gardé sous un pseudonyme. Le relier à votre compte demande une clé secrète, gardée à part des données. Tant que le compte \
         et la clé existent, ce lien peut être fait, et les données restent personnelles.",
    ));
    let gap = page.gap(
        "secrecy",
        page.say(
            "who keeps a list of names and codes, if there is one, and until when",
            "qui garde une liste de noms et de codes, s'il y en a une, et jusqu'à quand",
        ),
    );
    page.paragraph(&gap);
}

fn readers(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("Who sees them", "Qui les voit"));
    page.paragraph(page.say(
        "Those who run the study, each as far as their task needs.",
        "Celles et ceux qui mènent l'étude, chacun pour ce que sa tâche demande.",
    ));
    match facts.recipients.as_deref() {
        None => {
            let gap = page.gap(
                "recipients",
                page.say(
                    "to whom else data go, or that they go to nobody",
                    "à qui d'autre vont les données, ou qu'elles ne vont à personne",
                ),
            );
            page.paragraph(&gap);
        }
        Some([]) => page.paragraph(page.say("Nobody else.", "Personne d'autre.")),
        Some(recipients) => {
            page.paragraph(page.say("Besides them:", "Et aussi :"));
            let all = recipients.iter().map(|one| {
                let parts = [Some(&one.name), one.country.as_ref(), one.purpose.as_ref()];
                let parts: Vec<_> = parts
                    .into_iter()
                    .flatten()
                    .map(|part| plain(part))
                    .collect();
                parts.join(", ")
            });
            let all = first(all, page, "recipients");
            page.list(all);
        }
    }
    if !facts.transfers.is_empty() {
        let gap = page.gap(
            "transfers",
            page.say(
                "what protects the data in the countries abroad to which they go",
                "ce qui protège les données dans les pays étrangers où elles vont",
            ),
        );
        page.paragraph(&gap);
    }
}

fn time(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("How long", "Combien de temps"));
    let text = match facts.retention {
        Some(retention) => format!("{}.", page.language.retention(retention)),
        None => page.gap(
            "retention",
            page.say(
                "how long the data are kept, and what becomes of them then",
                "combien de temps les données sont gardées, et ce qu'elles deviennent ensuite",
            ),
        ),
    };
    page.paragraph(&text);
}

fn rights(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("Your rights", "Vos droits"));
    page.paragraph(page.say(
        "You can see everything that is held of you and take it away, have it corrected, object to its use, have it restricted, and have your account \
         deleted, with or without what you did. With your code and password you can do much of it yourself; for the rest, write to the address above. \
         You get an answer within a month.",
        "Vous pouvez voir tout ce qui est gardé de vous et l'emporter, le faire corriger, vous opposer à son usage, le faire limiter, et faire supprimer \
         votre compte, avec ou sans ce que vous avez fait. Avec votre code et votre mot de passe, vous pouvez en faire beaucoup vous-même ; pour le \
         reste, écrivez à l'adresse ci-dessus. Vous avez une réponse dans le mois.",
    ));
    let by_law = |regime: &LegalRegime| match (page.language, regime) {
        (PaperLanguage::English, LegalRegime::Lipad) => {
            "Law of Geneva (LIPAD, articles 44 to 49): the cantonal Préposé for data protection and transparency advises you."
        }
        (PaperLanguage::French, LegalRegime::Lipad) => {
            "Loi genevoise (LIPAD, articles 44 à 49) : la ou le Préposé cantonal à la protection des données et à la transparence vous conseille."
        }
        (PaperLanguage::English, LegalRegime::Gdpr) => {
            "GDPR (articles 15 to 22): you can lodge a complaint with the authority of your country, in France the CNIL (article 77)."
        }
        (PaperLanguage::French, LegalRegime::Gdpr) => {
            "RGPD (articles 15 à 22) : vous pouvez déposer une réclamation auprès de l'autorité de votre pays, en France la CNIL (article 77)."
        }
        (PaperLanguage::English, LegalRegime::Fadp) => {
            "FADP (articles 25 to 32): you can turn to the Federal Data Protection and Information Commissioner."
        }
        (PaperLanguage::French, LegalRegime::Fadp) => {
            "LPD (articles 25 à 32) : vous pouvez vous adresser au Préposé fédéral à la protection des données et à la transparence."
        }
    };
    let laws: Vec<_> = facts
        .legal_regimes
        .iter()
        .map(|regime| by_law(regime).to_owned())
        .collect();
    if laws.is_empty() {
        let gap = page.gap(
            "legal_regimes",
            page.say(
                "which law holds, and to whom one can complain",
                "quelle loi s'applique, et auprès de qui se plaindre",
            ),
        );
        return page.paragraph(&gap);
    }
    page.list(laws);
}

/// The first of them; where there are more, that is said, for somebody to sum them up.
fn first(all: impl Iterator<Item = String>, page: &mut Page, about: &'static str) -> Vec<String> {
    let mut all = all;
    let mut named: Vec<_> = all.by_ref().take(NAMED).collect();
    let more = all.count();
    if more > 0 {
        let text = match page.language {
            PaperLanguage::English => format!("{more} more, to be summed up"),
            PaperLanguage::French => format!("{more} de plus, à résumer"),
        };
        named.push(page.gap(about, text));
    }
    named
}
