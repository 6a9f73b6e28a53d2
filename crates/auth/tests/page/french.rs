//! In French.

use super::Words;
use sillage_auth::policy::Standing;
use sillage_auth::{Action, Reach};

pub(crate) const WORDS: Words = Words {
    file: "fr/regles-d-acces.md",
    before: BEFORE,
    in_study: "## Dans une étude",
    on_server: "## Sur le serveur",
    after: AFTER,
    what: "quoi",
    standing,
    reach,
    in_draft: "tant qu'elle est en préparation",
    summary,
};

const BEFORE: &str = "
<!-- Fait à partir de la table de crates/auth/src/policy.rs : UPDATE_PAGES=1 cargo test -p sillage-auth --test page -->

# Qui peut faire quoi

Un compte est une seule chose sur le serveur : `admin`, `researcher` (qui mène des études) ou `participant` (qui joue). Dans
chaque étude, un chercheur est ce que le responsable l'y a fait : responsable (`manager`), analyste (`analyst`),
développeur du jeu (`developer`) ou surveillant (`monitor`, un enseignant par exemple), ou rien. Un participant appartient à
une étude. Une application qui agit pour elle-même (le serveur d'un jeu) appartient à la sienne.

Cette page est faite à partir de la table selon laquelle le serveur décide ; un test compare les deux. Une case vide est un
refus, et ce qui n'a pas de ligne aussi. *oui* : le tout ; *désidentifié* : ce que les classes de confidentialité du plan de
codage laissent ; *le sien* : ce qu'on a fait ou envoyé soi-même ; *la face publique* : ce que voient ceux qui participent.
";

const AFTER: &str = "
## À quoi ressemble un refus

| | |
|---|---|
| 401 | pas d'identification, ou aucune qui vaille : inconnue, expirée, révoquée, ou d'un compte désactivé |
| 404 | l'étude, ou la chose dans l'étude, n'est pas à vous : c'est comme si elle n'existait pas, quoi que vous demandiez |
| 403 | vous pouvez voir la chose, ou quiconque a votre rôle en voit de telles, mais pas faire cela |

## Ce qui retire

La portée (*scope*) d'un jeton ne fait que retirer. `all` : tout ce que le compte peut faire. `participant` : seulement ce
qu'un participant peut faire aussi, pour qu'un responsable voie ce que voit un joueur ; un tel jeton ne change ni le compte
ni son mot de passe, puisqu'un nouveau mot de passe rendrait tout.

## Pourquoi certaines lignes sont ainsi

- Les analystes ne voient ni les comptes des participants ni qui est connecté. L'heure du dernier envoi d'un compte, à côté
  des traces, dirait quel pseudonyme est à qui.
- Les surveillants voient qui est connecté et combien est arrivé, et aucune donnée. Ceux qui mènent l'étude
  lisent aussi les traces : les nombres leur sont donnés par paliers, car le nombre exact des traces d'un compte, à côté des
  traces, dirait quel pseudonyme est à qui.
- Les développeurs enregistrent les applications du jeu, envoient des traces d'essai tant que l'étude est en préparation, et
  lisent de la quarantaine ce qu'ils ont envoyé eux-mêmes. Une application qu'ils enregistrent pour `client_credentials`
  peut écrire au nom de participants, comme le serveur d'un jeu le doit, et ne lit rien.
- Personne, quel que soit son rôle, ne voit un pseudonyme à côté d'un compte.
";

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Admin => "admin",
        Standing::Manager => "responsable",
        Standing::Analyst => "analyste",
        Standing::Developer => "développeur",
        Standing::Monitor => "surveillant",
        Standing::Researcher => "chercheur",
        Standing::Participant => "participant",
        Standing::Client => "application",
    }
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Whole => "oui",
        Reach::Deidentified => "désidentifié",
        Reach::Own => "le sien",
        Reach::Public => "la face publique",
        _ => panic!("{reach:?} has no word"),
    }
}

fn summary(action: Action) -> &'static str {
    match action {
        Action::WriteLogs => "Envoyer des traces",
        Action::NameParticipant => {
            "Envoyer des traces au nom d'un participant que la requête nomme"
        }
        Action::ReadLogs => "Lire les traces, une à une ou en liste",
        Action::ReadFullLogs => {
            "Lire les traces avec tous leurs champs, quoi que dise le plan de codage"
        }
        Action::AmendLogs => "Corriger des traces, avec un motif ; ce qui a été envoyé reste",
        Action::DeleteLogs => {
            "Supprimer des traces, avec un motif ; il reste une trace sans contenu"
        }
        Action::Export => "Emporter les traces de l'étude en un fichier",
        Action::ExportTsadk => {
            "Les emporter sous la forme de TSADK, qui remet les numéros des participants"
        }
        Action::ReadQuarantine => "Lire ce qui est en quarantaine, et pourquoi",
        Action::ManageQuarantine => {
            "Faire sortir de quarantaine ce qui convient désormais, et jeter ce qui ne conviendra jamais"
        }
        Action::ReadCodebook => "Lire le livre de codes de l'étude, dans chacune de ses versions",
        Action::ManageCodebook => "Déposer une autre version du livre de codes",
        Action::ReadNotice => "Lire la notice d'information, dans chacune de ses versions",
        Action::ManageNotice => "Déposer une autre version de la notice d'information",
        Action::ReadStudy => "Voir l'étude",
        Action::ReadStats => "Voir combien l'étude contient",
        Action::ReadAlerts => {
            "Voir ce qui ne va pas dans l'étude : qu'elle se tait, ou que beaucoup va en quarantaine"
        }
        Action::ReadLive => {
            "Voir qui est connecté, quand chaque compte a envoyé pour la dernière fois, et combien"
        }
        Action::ManageStudy => "Changer l'étude, l'ouvrir et la clore",
        Action::DeleteStudy => "Supprimer l'étude avec tout ce qui lui appartient",
        Action::ListMembers => "Voir qui mène l'étude, et à quel titre",
        Action::ManageMembers => {
            "Faire entrer des gens dans l'étude, changer leur titre, les en faire sortir"
        }
        Action::ListParticipants => "Voir les comptes des participants de l'étude",
        Action::ReadParticipant => "Voir l'un d'eux",
        Action::ManageParticipants => {
            "Les créer et les changer, leur donner un nouveau mot de passe, les laisser entrer ou non"
        }
        Action::DeleteParticipants => "Les supprimer, et ce qu'ils ont envoyé ou le lien avec eux",
        Action::ReadIdentity => {
            "Voir qui est un participant, si l'étude le garde, et en retrouver un par une adresse"
        }
        Action::ManageIdentity => "Noter qui est un participant, et l'effacer",
        Action::ReadConsents => {
            "Voir qui a consenti à quoi, sur quelle notice, et de qui les traces ne peuvent pas servir"
        }
        Action::RecordConsents => {
            "Consigner ce à quoi quelqu'un a consenti sur papier, ou qui a demandé que ses traces ne servent pas"
        }
        Action::ReadRequests => {
            "Voir les demandes reçues par lettre au sujet de données, et jusqu'à quand y répondre"
        }
        Action::ManageRequests => {
            "Consigner ces demandes, les reporter avec un motif, et dire comment il y a été répondu"
        }
        Action::Reidentify => {
            "Demander à qui est un pseudonyme, et l'apprendre une fois qu'une autre personne l'a autorisé"
        }
        Action::AllowReidentification => {
            "Autoriser ou refuser ce qu'une autre personne demande ainsi"
        }
        Action::ReadReidentification => {
            "Voir ce qui a été demandé ainsi, et ce qu'il en est advenu"
        }
        Action::ListClients => "Voir les applications enregistrées pour l'étude",
        Action::ManageClients => {
            "Enregistrer des applications pour l'étude, les changer, les supprimer, leur donner un nouveau secret"
        }
        Action::CreateStudy => "Créer une étude",
        Action::ListUsers => "Voir les comptes de ceux qui mènent des études",
        Action::ReadUser => "Voir l'un de ces comptes",
        Action::ManageUsers => "Créer, changer et supprimer ces comptes",
        Action::ListPlatformClients => "Voir les applications enregistrées pour toutes les études",
        Action::ManagePlatformClients => {
            "Enregistrer des applications pour toutes les études, les changer, les supprimer, leur donner un nouveau secret"
        }
        Action::ReadServerAlerts => "Voir ce qui ne va pas sur le serveur et dans toute étude",
        Action::ReadAudit => "Lire le journal d'audit",
        Action::IntrospectTokens => "Demander ce que vaut un jeton (RFC 7662)",
        Action::ReadSelf => "Voir son propre compte",
        Action::ChangeSelf => "Le changer, son mot de passe surtout",
        Action::DeleteSelf => "Le supprimer",
        Action::ReadOwnLogs => "Lire ce qu'on a envoyé",
        Action::DisputeOwnLogs => "Contester ce qu'on a envoyé, et dire ce qui serait juste",
        Action::ReadOwnIdentity => "Voir ce que l'étude garde de qui l'on est",
        Action::ChangeOwnIdentity => "Le corriger",
        Action::ReadOwnConsents => "Voir ce à quoi on a consenti, et si ses traces peuvent servir",
        Action::GiveConsent => {
            "Consentir, refuser, revenir sur son consentement, faire limiter l'usage de ses traces, s'y opposer"
        }
        Action::ReadOwnGrants => "Voir où l'on est connecté",
        Action::EndOwnGrants => "Mettre fin à ses connexions et à ses jetons",
        _ => panic!("{action} has no French words"),
    }
}
