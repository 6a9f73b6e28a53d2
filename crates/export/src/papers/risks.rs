//! The risks that a study with Sillage always has, and what stands against each.

use super::PaperLanguage;
use super::facts::Record;
use super::page::Page;
use sillage_domain::codebook::{PrivacyClass, Undeclared};

/// A risk: what could happen, what the server does against it, and what remains.
pub(super) struct Risk {
    pub(super) what: &'static str,
    pub(super) against: &'static str,
    pub(super) left: &'static str,
}

/// Those that the settings show, in the language of the page.
pub(super) fn of(record: &Record, page: &Page) -> Vec<Risk> {
    let risk = |what: [&'static str; 2], against: [&'static str; 2], left: [&'static str; 2]| {
        let say = |[english, french]: [&'static str; 2]| page.say(english, french);
        Risk {
            what: say(what),
            against: say(against),
            left: say(left),
        }
    };
    let mut risks = vec![
        risk(
            [
                "Somebody is recognised by a trace: by rare actions, times, or what a teacher saw",
                "Une personne est reconnue à sa trace : des actions rares, des heures, ce qu'une enseignante a vu",
            ],
            [
                "Pseudonyms, another for each study; no address of the network; the de-identified view",
                "Pseudonymes, différents pour chaque étude ; aucune adresse réseau ; la vue désidentifiée",
            ],
            [
                "A rich trace points at a person without a name: share as little as the question needs",
                "Une trace riche désigne une personne sans la nommer : ne partager que ce que la question demande",
            ],
        ),
        risk(
            [
                "The database or a backup is stolen",
                "La base de données ou une sauvegarde est volée",
            ],
            [
                "Nobody can be linked to a trace without the root key, which lies elsewhere; passwords are hashes",
                "Personne ne peut être relié à une trace sans la clé racine, qui est ailleurs ; les mots de passe sont des empreintes",
            ],
            [
                "What the payloads themselves say; the encryption of disks and backups",
                "Ce que disent les contenus eux-mêmes ; le chiffrement des disques et des sauvegardes",
            ],
        ),
        risk(
            [
                "The root key is stolen, with the database",
                "La clé racine est volée, avec la base de données",
            ],
            [
                "The key is in a file that only the server reads, and in no backup of the database",
                "La clé est dans un fichier que seul le serveur lit, et dans aucune sauvegarde de la base",
            ],
            [
                "Every trace can be linked to its account then: who keeps the key, and where",
                "Chaque trace peut alors être reliée à son compte : qui garde la clé, et où",
            ],
        ),
        risk(
            [
                "Somebody of the team looks at more than they need",
                "Quelqu'un de l'équipe regarde plus que nécessaire",
            ],
            [
                "Roles in each study, denied by default; accounts and pseudonyms are never shown together",
                "Des rôles dans chaque étude, refus par défaut ; comptes et pseudonymes ne sont jamais montrés ensemble",
            ],
            [
                "Who may do what is for the study to give, and to take back",
                "Donner et reprendre les droits revient à l'étude",
            ],
        ),
        risk(
            [
                "A file that was exported goes further than it should",
                "Un fichier exporté va plus loin qu'il ne devrait",
            ],
            [
                "Exports leave out those who withdrew; rules take what identifies people out of a file",
                "Les exports omettent celles et ceux qui se sont retirés ; des règles ôtent d'un fichier ce qui identifie",
            ],
            [
                "What has left can't be called back: agreements with recipients, and a list of them",
                "Ce qui est sorti ne revient pas : des accords avec les destinataires, et leur liste",
            ],
        ),
        risk(
            [
                "Something that was erased is still there: in a backup, in a log of the database",
                "Ce qui a été effacé est encore là : dans une sauvegarde, dans un journal de la base",
            ],
            [
                "On SQLite the bytes are overwritten; what is on its way meanwhile is looked for",
                "Avec SQLite les octets sont écrasés ; ce qui est en chemin pendant ce temps est recherché",
            ],
            [
                "Backups and the logs of a MariaDB server keep it until they are rotated",
                "Les sauvegardes et les journaux d'un serveur MariaDB le gardent jusqu'à leur rotation",
            ],
        ),
        risk(
            [
                "Traces are lost or wrong",
                "Des traces sont perdues ou fausses",
            ],
            [
                "Acknowledged means on the disk; corrections stand beside what was sent, with a reason",
                "Accusé veut dire sur le disque ; une correction est gardée à côté de ce qui a été envoyé, avec sa raison",
            ],
            [
                "Backups, and trying to restore them",
                "Les sauvegardes, et l'essai de leur restauration",
            ],
        ),
    ];
    if record.has(PrivacyClass::FreeText) || record.undeclared == Some(Undeclared::Keep) {
        risks.push(risk(
            ["Players type names, addresses or secrets of their own or of others", "Des joueurs écrivent des noms, des adresses ou des secrets, les leurs ou ceux d'autres"],
            ["Free text is in no de-identified view; a search takes names of the roster, addresses and numbers out of a file", "Le texte libre n'est dans aucune vue désidentifiée ; une recherche ôte d'un fichier les noms de la liste, les adresses et les numéros"],
            ["Nicknames and hints are not found: read a sample, or do without the field", "Les surnoms et les allusions ne sont pas trouvés : lire un échantillon, ou se passer du champ"],
        ));
    }
    if record.has(PrivacyClass::Sensitive) {
        risks.push(risk(
            ["Sensitive data become known and harm somebody", "Des données sensibles sont connues et nuisent à quelqu'un"],
            ["The study does not open before it says under which authorisation, for how long and for whom it collects", "L'étude n'ouvre pas avant d'avoir dit sous quelle autorisation, pour combien de temps et pour qui elle recueille"],
            ["Whether the question can be answered without them", "Savoir si l'on peut répondre à la question sans elles"],
        ));
    }
    if record.has(PrivacyClass::Identifier) {
        risks.push(risk(
            ["A field names people beside their traces, so that pseudonyms hide nothing", "Un champ nomme des personnes à côté de leurs traces, et les pseudonymes ne cachent plus rien"],
            ["Such fields are in no de-identified view, and the gate of the study asks for its reasons", "Ces champs ne sont dans aucune vue désidentifiée, et l'étude doit s'en expliquer avant d'ouvrir"],
            ["Whether the field is needed at all", "Savoir si le champ est vraiment nécessaire"],
        ));
    }
    risks
}

/// A sign that an assessment must be made, and where it is seen.
pub(super) fn signs(record: &Record, language: PaperLanguage) -> Vec<(&'static str, bool)> {
    vec![
        (
            language.say(
                "Sensitive data (class `sensitive`)",
                "Données sensibles (classe `sensitive`)",
            ),
            record.has(PrivacyClass::Sensitive),
        ),
        (
            language.say(
                "Data that name people (class `identifier`)",
                "Données qui nomment des personnes (classe `identifier`)",
            ),
            record.has(PrivacyClass::Identifier),
        ),
        (
            language.say(
                "Texts that people type (class `free-text`)",
                "Textes libres (classe `free-text`)",
            ),
            record.has(PrivacyClass::FreeText),
        ),
        (
            language.say(
                "Fields that nobody classified, or no codebook at all",
                "Champs que personne n'a classés, ou aucun plan de codage",
            ),
            record.codebook_version.is_none()
                || record.of_class(None).next().is_some()
                || record.undeclared == Some(Undeclared::Keep),
        ),
        (
            language.say("Data that go abroad", "Données qui partent à l'étranger"),
            !record.transfers.is_empty(),
        ),
    ]
}
