//! What the record of processing and the impact assessment both say.

use super::PaperLanguage;
use super::facts::{Measure, Record};
use super::markdown::plain;
use super::page::Page;
use sillage_domain::codebook::{PrivacyClass, Undeclared};

/// The data, by where they come from and by class.
pub(super) fn data(record: &Record, page: &mut Page) {
    page.heading(2, page.say("Which data", "Quelles données"));
    page.asked_by(record, "30(1)(c)", "12(2)(c)", "43");
    page.paragraph(page.say(
        "What the server keeps of itself of each participant:",
        "Ce que le serveur garde de lui-même de chaque participant :",
    ));
    let kept = [
        page.say(
            "the account: a username (a code, not a name), the hash of a password, a random number",
            "le compte : un identifiant (un code, pas un nom), l'empreinte d'un mot de passe, un nombre aléatoire",
        ),
        page.say(
            "each trace: a pseudonym, the session, the action, its time and that of its arrival, what the game sends with it",
            "chaque trace : un pseudonyme, la session, l'action, son instant et celui de son arrivée, ce que le jeu y joint",
        ),
        page.say(
            "each decision about consent: what, on which notice, when, by whom",
            "chaque décision sur le consentement : laquelle, sur quelle notice, quand, par qui",
        ),
        page.say(
            "the log-ins that have not ended: since when, by which application",
            "les connexions en cours : depuis quand, par quelle application",
        ),
    ];
    let identity = (!record.identity.is_empty()).then(|| match page.language {
        PaperLanguage::English => format!(
            "who the participant is, sealed and apart from the traces: {}",
            record.identity
        ),
        PaperLanguage::French => format!(
            "qui est le participant, scellé et à part des traces : {}",
            record.identity
        ),
    });
    page.list(kept.map(str::to_owned).into_iter().chain(identity));
    let Some(version) = record.codebook_version else {
        let gap = page.gap(
            "codebook",
            page.say(
                "what the game sends with its actions: the study has no codebook, so that no field is described nor classified",
                "ce que le jeu joint à ses actions : l'étude n'a pas de plan de codage, et aucun champ n'est décrit ni classé",
            ),
        );
        return page.paragraph(&gap);
    };
    let what = match page.language {
        PaperLanguage::English => format!(
            "What the game sends with its {} actions, by version {version} of the codebook:",
            record.actions.len()
        ),
        PaperLanguage::French => format!(
            "Ce que le jeu joint à ses {} actions, d'après la version {version} du plan de codage :",
            record.actions.len()
        ),
    };
    page.paragraph(&what);
    let header = [
        page.say("What a field can reveal", "Ce qu'un champ peut révéler"),
        page.say("Class", "Classe"),
        page.say("Fields", "Champs"),
    ];
    let classes = PrivacyClass::ALL.iter().copied().map(Some).chain([None]);
    let rows: Vec<_> = classes
        .filter_map(|class| {
            let fields: Vec<_> = record
                .of_class(class)
                .map(|field| plain(&field.name))
                .collect();
            let word = class.map_or("", PrivacyClass::as_str).to_owned();
            let what = page.language.class(class).to_owned();
            (!fields.is_empty()).then(|| [what, word, fields.join(", ")])
        })
        .collect();
    match rows.is_empty() {
        true => page.paragraph(page.say("No field at all.", "Aucun champ.")),
        false => page.table(header, rows),
    }
    if record.of_class(None).next().is_some() {
        let gap = page.gap(
            "fields",
            page.say(
                "the privacy class of the fields that have none",
                "la classe de confidentialité des champs qui n'en ont pas",
            ),
        );
        page.paragraph(&gap);
    }
    if record.undeclared == Some(Undeclared::Keep) {
        let gap = page.gap(
            "undeclared",
            page.say(
                "what else a game may send: the codebook keeps fields that it does not declare, and nobody classified them",
                "ce qu'un jeu peut envoyer d'autre : le plan de codage garde des champs qu'il ne déclare pas, et que personne n'a classés",
            ),
        );
        page.paragraph(&gap);
    }
}

pub(super) fn recipients(record: &Record, page: &mut Page) {
    page.heading(2, page.say("To whom", "À qui"));
    page.asked_by(record, "30(1)(d), (e)", "12(2)(d), (g)", "43");
    match record.recipients.as_deref() {
        None => {
            let gap = page.gap(
                "recipients",
                page.say(
                    "to whom data go, or that they go to nobody",
                    "à qui vont les données, ou qu'elles ne vont à personne",
                ),
            );
            page.paragraph(&gap);
        }
        Some([]) => page.paragraph(page.say("To nobody.", "À personne.")),
        Some(recipients) => {
            let header = [
                page.say("Recipient", "Destinataire"),
                page.say("Country", "Pays"),
                page.say("What for", "Dans quel but"),
            ];
            let (country, purpose) = (
                page.say("in which country", "dans quel pays"),
                page.say("what for", "dans quel but"),
            );
            let rows: Vec<_> = recipients
                .iter()
                .map(|one| {
                    [
                        plain(&one.name),
                        page.text_or(one.country.as_deref(), "recipients", country),
                        page.text_or(one.purpose.as_deref(), "recipients", purpose),
                    ]
                })
                .collect();
            page.table(header, rows);
        }
    }
    for transfer in &record.transfers {
        let whom = plain(&transfer.recipient);
        let text = match page.language {
            PaperLanguage::English => format!(
                "what allows data to go to {whom}, in a country of none of the controllers: a decision of adequacy or safeguards (GDPR articles 44 to \
                 49, FADP articles 16 and 17)"
            ),
            PaperLanguage::French => format!(
                "ce qui permet de communiquer des données à {whom}, dans un pays qui n'est celui d'aucun responsable : une décision d'adéquation ou des \
                 garanties (RGPD articles 44 à 49, LPD articles 16 et 17)"
            ),
        };
        let gap = page.gap("transfers", text);
        page.paragraph(&gap);
    }
    let host = page.gap(
        "recipients",
        page.say(
            "who runs the machine and keeps the backups, if it is somebody else than a controller, and by which contract (GDPR article 28, FADP \
             article 9)",
            "qui exploite la machine et garde les sauvegardes, si ce n'est pas un responsable, et par quel contrat (RGPD article 28, LPD article 9)",
        ),
    );
    page.paragraph(&host);
}

pub(super) fn retention(record: &Record, page: &mut Page) {
    page.heading(2, page.say("How long", "Combien de temps"));
    page.asked_by(record, "30(1)(f)", "12(2)(e)", "43");
    let text = match record.retention {
        Some(retention) => format!(
            "{} {}.",
            page.say("Entries:", "Traces :"),
            page.language.retention(retention)
        ),
        None => page.gap(
            "retention",
            page.say(
                "how long entries are kept, and what becomes of them then",
                "combien de temps les traces sont gardées, et ce qu'elles deviennent ensuite",
            ),
        ),
    };
    page.paragraph(&text);
    let gap = page.gap(
        "retention",
        page.say(
            "how long backups, exported files and papers (lists of accounts, signed consents) are kept, and whether archives must be asked first",
            "combien de temps sont gardés les sauvegardes, les fichiers exportés et les papiers (listes de comptes, consentements signés), et si les \
             archives doivent d'abord être consultées",
        ),
    );
    page.paragraph(&gap);
}

/// What the server does, and what is left to those who run it.
pub(super) fn measures(record: &Record, page: &mut Page) {
    page.heading(
        2,
        page.say("How they are protected", "Comment elles sont protégées"),
    );
    page.asked_by(record, "30(1)(g)", "12(2)(f)", "43");
    let language = page.language;
    page.list(
        record
            .measures
            .iter()
            .map(|measure| measure.text(language).to_owned()),
    );
    page.paragraph(page.say("Beside the server:", "En dehors du serveur :"));
    let gaps = [
        page.say(
            "encryption on the way (TLS, before the server) and of the disks",
            "le chiffrement des communications (TLS, devant le serveur) et des disques",
        ),
        page.say(
            "who holds the root key, where its copy lies, and apart from which backups",
            "qui détient la clé racine, où se trouve sa copie, et à l'écart de quelles sauvegardes",
        ),
        page.say(
            "who has which role in the study, and who looks at that again",
            "qui a quel rôle dans l'étude, et qui le revoit",
        ),
        page.say(
            "what is done when something goes wrong, and who tells whom in 72 hours",
            "ce qui se fait en cas d'incident, et qui avertit qui dans les 72 heures",
        ),
    ];
    let gaps = gaps.map(|text| page.gap("measures", text));
    page.list(gaps);
}

impl Measure {
    pub(super) const fn text(self, language: PaperLanguage) -> &'static str {
        match self {
            Self::Pseudonyms => language.say(
                "Traces stand under a keyed code, not under an account. To link both takes the table of accounts, the random salt of the study and \
                 the root key, which is never in the database nor in its backup.",
                "Les traces sont rangées sous un code, pas sous un compte. Les relier demande la table des comptes, le sel aléatoire de l'étude et la \
                 clé racine, qui n'est jamais dans la base de données ni dans sa sauvegarde.",
            ),
            Self::NoNetworkAddresses => language.say(
                "No IP address and no user agent is kept with a trace.",
                "Aucune adresse IP ni aucun navigateur n'est gardé avec une trace.",
            ),
            Self::HashedPasswords => language.say(
                "Passwords are kept as bcrypt hashes; attempts to guess them are slowed down.",
                "Les mots de passe sont gardés sous forme d'empreintes bcrypt ; les essais pour les deviner sont ralentis.",
            ),
            Self::Roles => language.say(
                "Each role sees what it needs and no more; nobody is shown a pseudonym beside an account.",
                "Chaque rôle voit ce dont il a besoin et rien de plus ; personne ne voit un pseudonyme à côté d'un compte.",
            ),
            Self::DeidentifiedView => language.say(
                "Analysts see of payloads only what the codebook classifies as revealing nothing.",
                "Les analystes ne voient des contenus que ce que le plan de codage classe comme ne révélant rien.",
            ),
            Self::CheckedConsent => language.say(
                "Consent is checked when an entry arrives and when entries are exported; every decision is kept as a proof.",
                "Le consentement est vérifié à l'arrivée de chaque trace et à chaque export ; chaque décision est gardée comme preuve.",
            ),
            Self::Erasure => language.say(
                "A participant is unlinked or erased on request, by those who run the study or by the participant, without anybody's help; on SQLite \
                 the bytes are overwritten.",
                "Un participant est délié ou effacé sur demande, par celles et ceux qui mènent l'étude ou par lui-même, sans l'aide de personne ; avec \
                 SQLite, les octets sont écrasés.",
            ),
            Self::Audit => language.say(
                "Who looked, exported, changed or logged in leaves a record without personal data, in a chain that shows whether one was changed or is missing.",
                "Qui a consulté, exporté, modifié ou s'est connecté laisse un enregistrement sans donnée personnelle, dans une chaîne qui montre si l'un d'eux a été \
                 modifié ou manque.",
            ),
            Self::SilentLog => language.say(
                "The server's log holds no token, no password and no content.",
                "Le journal du serveur ne contient ni jeton, ni mot de passe, ni contenu.",
            ),
            Self::Durability => language.say(
                "What was acknowledged is on the disk; every answer, list and export is made from it.",
                "Ce qui a été accusé est sur le disque ; chaque réponse, liste et export en provient.",
            ),
        }
    }
}
