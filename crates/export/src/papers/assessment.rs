//! The impact assessment: GDPR article 35(7), FADP article 22(3).

use super::facts::Record;
use super::markdown::plain;
use super::page::Page;
use super::{Paper, record, risks, sections};
use sillage_domain::Purposes;
use sillage_domain::codebook::PrivacyClass;

pub(super) fn write(facts: &Record, mut page: Page) -> Paper {
    let title = format!(
        "{} {}",
        page.say("Impact assessment:", "Analyse d'impact :"),
        plain(&facts.study.title)
    );
    page.heading(1, &title);
    record::origin(facts, &mut page);
    needed(facts, &mut page);
    description(facts, &mut page);
    sections::data(facts, &mut page);
    sections::recipients(facts, &mut page);
    sections::retention(facts, &mut page);
    necessity(facts, &mut page);
    dangers(facts, &mut page);
    sections::measures(facts, &mut page);
    opinions(facts, &mut page);
    page.gaps(page.say("What is missing", "Ce qui manque"));
    page.done()
}

fn needed(facts: &Record, page: &mut Page) {
    page.heading(
        2,
        page.say(
            "Is an assessment needed?",
            "Une analyse est-elle nécessaire ?",
        ),
    );
    page.asked_by(facts, "35(1) to (3)", "22(1), (2)", "");
    let header = [
        page.say("Sign", "Indice"),
        page.say("Seen in this study", "Vu dans cette étude"),
    ];
    let (yes, no) = (page.say("yes", "oui"), page.say("no", "non"));
    let mut rows: Vec<_> = risks::signs(facts, page.language)
        .into_iter()
        .map(|(sign, seen)| [sign.to_owned(), if seen { yes } else { no }.to_owned()])
        .collect();
    for (sign, gap) in [
        (
            page.say(
                "Children, or others who can't easily say no",
                "Enfants, ou personnes qui peuvent difficilement refuser",
            ),
            page.say(
                "whether such people take part",
                "si de telles personnes participent",
            ),
        ),
        (
            page.say(
                "Many people, or a long time",
                "Beaucoup de monde, ou une longue durée",
            ),
            page.say(
                "how many people, and for how long",
                "combien de personnes, et combien de temps",
            ),
        ),
        (
            page.say(
                "Evaluation of people: grades, profiles, predictions",
                "Évaluation de personnes : notes, profils, prédictions",
            ),
            page.say(
                "whether people are evaluated by their traces",
                "si des personnes sont évaluées d'après leurs traces",
            ),
        ),
    ] {
        rows.push([sign.to_owned(), page.gap("needed", gap)]);
    }
    page.table(header, rows);
    let gap = page.gap(
        "needed",
        page.say(
            "whether an assessment must be made, and who decided that",
            "si une analyse doit être faite, et qui l'a décidé",
        ),
    );
    page.paragraph(&gap);
}

fn description(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("What is done", "Ce qui est fait"));
    page.asked_by(facts, "35(7)(a)", "22(3)", "");
    let description = plain(&facts.study.description);
    page.paragraph(&description);
    let status = page.language.status(facts.study.status);
    let status = format!("{} {status}.", page.say("The study is", "L'étude est"));
    page.paragraph(&status);
    let missing = page.say("what the data are for", "à quoi servent les données");
    let purpose = page.text_or(facts.purpose.as_deref(), "purpose", missing);
    let purpose = format!("{} {purpose}", page.say("Purpose:", "Finalité :"));
    page.paragraph(&purpose);
    page.paragraph(page.say(
        "A game sends each action to the server of the study: who, when, what, with its details. The server checks the account and, where the study \
         asks, the consent; replaces the account by a pseudonym; compares the entry with the codebook; and stores it, or keeps it aside with the \
         reasons why it does not fit. Members of the study read lists and take exports away, each as far as their role goes.",
        "Un jeu envoie chaque action au serveur de l'étude : qui, quand, quoi, avec ses détails. Le serveur vérifie le compte et, si l'étude le demande, \
         le consentement ; remplace le compte par un pseudonyme ; compare la trace au plan de codage ; et l'enregistre, ou la met de côté avec les \
         raisons pour lesquelles elle ne convient pas. Les membres de l'étude lisent des listes et emportent des exports, chacun selon son rôle.",
    ));
    let others = page.gap(
        "description",
        page.say(
            "what happens outside of the server: questionnaires, lists of names, videos, and how they are joined with the traces",
            "ce qui se passe hors du serveur : questionnaires, listes de noms, vidéos, et comment ils sont rapprochés des traces",
        ),
    );
    page.paragraph(&others);
}

fn necessity(facts: &Record, page: &mut Page) {
    page.heading(
        2,
        page.say(
            "Is it necessary, and in proportion?",
            "Est-ce nécessaire et proportionné ?",
        ),
    );
    page.asked_by(facts, "35(7)(b)", "6(2), 22(3)", "35, 36");
    let missing = page.say(
        "what allows it: a consent, a task in the public interest, a law",
        "ce qui l'autorise : un consentement, une mission d'intérêt public, une loi",
    );
    let basis = page.text_or(facts.legal_basis.as_deref(), "legal_basis", missing);
    let consent = match facts.consent_purposes {
        Purposes::NONE => page
            .say(
                "The study asks for no consent in the game.",
                "L'étude ne demande pas de consentement dans le jeu.",
            )
            .to_owned(),
        purposes => {
            let words: Vec<_> = purposes
                .iter()
                .map(|purpose| format!("`{purpose}`"))
                .collect();
            format!(
                "{} {}.",
                page.say(
                    "Consent is asked for, and checked by the server, for:",
                    "Un consentement est demandé, et vérifié par le serveur, pour :"
                ),
                words.join(", ")
            )
        }
    };
    page.list([
        format!("{} {basis}", page.say("Legal basis:", "Base légale :")),
        consent,
    ]);
    let asking: Vec<_> = facts
        .fields
        .iter()
        .filter(|field| field.privacy != Some(PrivacyClass::Other))
        .collect();
    if asking.is_empty() {
        return;
    }
    page.paragraph(page.say(
        "Of each field that can reveal something:",
        "De chaque champ qui peut révéler quelque chose :",
    ));
    let header = [
        page.say("Field", "Champ"),
        page.say("Class", "Classe"),
        page.say("Actions", "Actions"),
        page.say(
            "Why it is needed, and why nothing coarser does",
            "Pourquoi il est nécessaire, et rien de plus grossier ne suffit",
        ),
    ];
    let all = page.say("all", "toutes");
    let why = page.gap(
        "necessity",
        page.say(
            "why each of these fields is needed",
            "pourquoi chacun de ces champs est nécessaire",
        ),
    );
    let rows: Vec<_> = asking
        .into_iter()
        .map(|field| {
            let actions: Vec<_> = field.actions.iter().map(|name| plain(name)).collect();
            [
                plain(&field.name),
                field.privacy.map_or("–", PrivacyClass::as_str).to_owned(),
                if actions.is_empty() {
                    all.to_owned()
                } else {
                    actions.join(", ")
                },
                why.clone(),
            ]
        })
        .collect();
    page.table(header, rows);
}

fn dangers(facts: &Record, page: &mut Page) {
    page.heading(
        2,
        page.say(
            "Risks for those concerned",
            "Risques pour les personnes concernées",
        ),
    );
    page.asked_by(facts, "35(7)(c), (d)", "22(3)", "");
    let header = [
        page.say("Risk", "Risque"),
        page.say("What the server does against it", "Ce que fait le serveur"),
        page.say("What is left", "Ce qui reste"),
        page.say("Likely? Grave?", "Probable ? Grave ?"),
    ];
    let judged = page.gap(
        "risks",
        page.say(
            "how likely and how grave each risk is, and what else is done",
            "la probabilité et la gravité de chaque risque, et ce qui est fait de plus",
        ),
    );
    let rows: Vec<_> = risks::of(facts, page)
        .into_iter()
        .map(|risk| {
            [
                risk.what.to_owned(),
                risk.against.to_owned(),
                risk.left.to_owned(),
                judged.clone(),
            ]
        })
        .collect();
    page.table(header, rows);
}

fn opinions(facts: &Record, page: &mut Page) {
    page.heading(2, page.say("Opinions and decision", "Avis et décision"));
    page.asked_by(facts, "35(2), 35(9), 36", "22, 23", "");
    let gaps = [
        page.say("the advice of the data protection officer", "l'avis du délégué à la protection des données"),
        page.say("what participants, parents or teachers were asked, and said", "ce que les participants, les parents ou les enseignants ont été invités à dire, et ont dit"),
        page.say("whether a risk remains so high that an authority is asked first", "si un risque reste si élevé qu'une autorité doit d'abord être consultée"),
        page.say("who decided what, and when it is looked at again", "qui a décidé quoi, et quand cela sera revu"),
    ];
    let gaps = gaps.map(|text| page.gap("opinions", text));
    page.list(gaps);
}
