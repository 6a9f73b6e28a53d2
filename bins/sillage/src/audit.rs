//! What commands leave in the audit log.

use crate::failure::Failure;
use crate::settings::Settings;
use crate::site::Site;
use crate::witness::FileWitness;
use sillage_cli::{
    AdminCommand, ClientCommand, Command, ImportCommand, KeysCommand, MemberCommand, NoticeCommand,
    ParticipantsCommand, RequestAnswer, RequestClose, RequestPutOff, RequestsCommand, StudyCommand,
    UserCommand,
};
use sillage_domain::{
    AuditAction, AuditChain, AuditEvent, AuditKeys, AuditOutcome, AuditReference, AuditRole,
    AuditTrail, AuditWitness, Slug, Testimony, Timestamp, Username,
};
use sillage_pseudonym::random_bytes;
use std::path::PathBuf;
use std::sync::Arc;

/// What a command is about to do.
struct Doing {
    action: AuditAction,
    /// Something else that goes with it.
    also: Option<AuditAction>,
    study: Option<Slug>,
    /// Of these accounts, a record each.
    about: Vec<Username>,
    /// Whether it hands something out, which it does not if that can't be recorded.
    hands_out: bool,
}

/// The end of the audit log, for one command.
pub(crate) struct Recorder {
    trail: AuditTrail,
    doing: Option<Doing>,
    about: Vec<AuditReference>,
    now: Timestamp,
}

impl Recorder {
    /// Finds out what the command is about. What it hands out is recorded before.
    pub(crate) fn begin(
        command: &Command,
        site: &Site,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let trail = trail(site, settings)?;
        // Where that can't be known, the export is taken for one of everything.
        let has_codebook = |slug: &Slug| {
            let study = site.ports.studies.study_by_slug(slug);
            study.is_ok_and(|study| study.is_some_and(|study| study.codebook.is_some()))
        };
        let doing = doing(command, has_codebook);
        let mut about = Vec::new();
        for name in doing.iter().flat_map(|doing| &doing.about) {
            let account = site.ports.accounts.account_by_username(name)?;
            about.extend(account.map(|account| trail.keys().account(&account.subject)));
        }
        let recorder = Self {
            trail,
            doing,
            about,
            now: Timestamp::now(),
        };
        if recorder.doing.as_ref().is_some_and(|doing| doing.hands_out) {
            recorder.record(AuditOutcome::Done)?;
        }
        Ok(recorder)
    }

    /// Records what was done, or failed.
    pub(crate) fn end(mut self, site: &Site, done: bool) -> Result<(), Failure> {
        let Some(doing) = &self.doing else {
            return Ok(());
        };
        if !doing.hands_out {
            if self.about.is_empty() {
                // An account that was made by the command.
                for name in &doing.about {
                    let account = site.ports.accounts.account_by_username(name)?;
                    self.about
                        .extend(account.map(|account| self.trail.keys().account(&account.subject)));
                }
            }
            self.record(match done {
                true => AuditOutcome::Done,
                false => AuditOutcome::Failed,
            })?;
        }
        if let Err(error) = self.trail.checkpoint(self.now) {
            tracing::warn!(%error, "the checkpoint of the audit log waits for the next time");
        }
        Ok(())
    }

    fn record(&self, outcome: AuditOutcome) -> Result<(), Failure> {
        let Some(doing) = &self.doing else {
            return Ok(());
        };
        let event = |action, subject| AuditEvent {
            at: self.now,
            actor: None,
            role: AuditRole::Operator,
            action,
            study: doing.study.clone(),
            subject,
            outcome,
            request: None,
        };
        let events: Vec<_> = match self.about.is_empty() {
            true => {
                let actions = std::iter::once(doing.action).chain(doing.also);
                actions.map(|action| event(action, None)).collect()
            }
            false => self
                .about
                .iter()
                .map(|one| event(doing.action, Some(*one)))
                .collect(),
        };
        Ok(self.trail.record(&events)?)
    }
}

/// The end of the audit log of this data directory.
pub(crate) fn trail(site: &Site, settings: &Settings) -> Result<AuditTrail, Failure> {
    let witness = Arc::new(FileWitness::in_folder(&settings.server.data_dir));
    let keys = AuditKeys::of(&site.root);
    let new = AuditChain::new(random_bytes()?);
    let store = Arc::clone(&site.ports.audit);
    AuditTrail::open(store, keys, Some(witness), new).map_err(|source| unreadable(settings, source))
}

/// What the server does by itself.
pub(crate) fn by_itself(action: AuditAction, outcome: AuditOutcome, at: Timestamp) -> AuditEvent {
    AuditEvent {
        at,
        actor: None,
        role: AuditRole::Server,
        action,
        study: None,
        subject: None,
        outcome,
        request: None,
    }
}

/// What was kept outside of the database; `None` if nothing was.
pub(crate) fn testimony(settings: &Settings) -> Result<Option<Testimony>, Failure> {
    let text = FileWitness::in_folder(&settings.server.data_dir).recall();
    let read = text.and_then(|text| text.as_deref().map(Testimony::read).transpose());
    read.map_err(|source| unreadable(settings, source))
}

fn unreadable(settings: &Settings, source: std::io::Error) -> Failure {
    Failure::File {
        path: PathBuf::from(FileWitness::in_folder(&settings.server.data_dir)),
        what: "the checkpoints of the audit log can't be read or written",
        source,
    }
}

/// What is recorded of a command; `None` for one that tells nothing of anybody.
fn doing(command: &Command, has_codebook: impl Fn(&Slug) -> bool) -> Option<Doing> {
    let doing = |action, study: Option<&Slug>, about: &[Username]| {
        Some(Doing {
            action,
            also: None,
            study: study.cloned(),
            about: about.to_vec(),
            hands_out: false,
        })
    };
    let handing = |action, study: Option<&Slug>| {
        Some(Doing {
            hands_out: true,
            ..doing(action, study, &[])?
        })
    };
    let one = std::slice::from_ref::<Username>;
    match command {
        Command::Study(StudyCommand::Create(wanted)) => {
            doing(AuditAction::CreateStudy, Some(&wanted.slug), &[])
        }
        Command::Study(StudyCommand::Open(name) | StudyCommand::Close(name)) => {
            doing(AuditAction::ChangeStudy, name.slug().ok(), &[])
        }
        Command::Codebook(_) => doing(AuditAction::ChangeCodebook, None, &[]),
        Command::Participants(wanted) => match wanted {
            ParticipantsCommand::List(wanted) => {
                handing(AuditAction::ReadParticipants, wanted.study.slug().ok())
            }
            ParticipantsCommand::Generate(wanted) => doing(
                AuditAction::CreateParticipants,
                wanted.study.slug().ok(),
                &[],
            ),
            ParticipantsCommand::Import(wanted) if wanted.dry_run => None,
            ParticipantsCommand::Import(wanted) => {
                doing(AuditAction::CreateParticipants, Some(&wanted.study), &[])
            }
            ParticipantsCommand::Reset(wanted) => doing(
                AuditAction::ResetPassword,
                wanted.named.study.as_ref(),
                &wanted.named.usernames,
            ),
            ParticipantsCommand::Deactivate(named) | ParticipantsCommand::Activate(named) => doing(
                AuditAction::ChangeParticipant,
                named.study.as_ref(),
                &named.usernames,
            ),
            ParticipantsCommand::Delete(wanted) if wanted.dry_run => None,
            ParticipantsCommand::Delete(wanted) => doing(
                AuditAction::DeleteParticipant,
                wanted.named.study.as_ref(),
                &wanted.named.usernames,
            ),
            _ => doing(AuditAction::Other, None, &[]),
        },
        Command::Admin(AdminCommand::Create(new)) => {
            doing(AuditAction::CreateUser, None, one(&new.username))
        }
        Command::User(wanted) => match wanted {
            UserCommand::List(_) => handing(AuditAction::ReadUsers, None),
            UserCommand::Create(new) => doing(AuditAction::CreateUser, None, one(&new.username)),
            UserCommand::Reset(of) => doing(AuditAction::ResetPassword, None, one(&of.username)),
            UserCommand::Delete(of) if of.dry_run => None,
            UserCommand::Delete(of) => doing(AuditAction::DeleteUser, None, one(&of.username)),
            UserCommand::Deactivate(of) | UserCommand::Activate(of) => {
                doing(AuditAction::ChangeUser, None, one(&of.username))
            }
            _ => doing(AuditAction::Other, None, &[]),
        },
        Command::Member(wanted) => match wanted {
            MemberCommand::List(wanted) => handing(AuditAction::ReadMembers, Some(&wanted.study)),
            MemberCommand::Add(new) => doing(
                AuditAction::ChangeMembers,
                Some(&new.study),
                one(&new.username),
            ),
            MemberCommand::Remove(of) => doing(
                AuditAction::ChangeMembers,
                Some(&of.study),
                one(&of.username),
            ),
            _ => doing(AuditAction::Other, None, &[]),
        },
        Command::Client(ClientCommand::List(wanted)) => {
            handing(AuditAction::ReadClients, wanted.study.as_ref())
        }
        Command::Client(_) => doing(AuditAction::ChangeClients, None, &[]),
        Command::Keys(KeysCommand::Export(_)) => handing(AuditAction::ManageKeys, None),
        Command::Keys(_) => doing(AuditAction::ManageKeys, None, &[]),
        Command::Import(ImportCommand::Tsadk(wanted)) if !wanted.dry_run => {
            doing(AuditAction::Import, Some(&wanted.study), &[])
        }
        Command::Export(wanted) => {
            let slug = wanted.study.slug().ok();
            // Without a codebook there is no other view than the full one.
            let is_full = match wanted.view {
                Some(view) => view.as_str() == "full",
                None => wanted.codebook.is_none() && !slug.is_some_and(has_codebook),
            };
            let action = match is_full {
                true => AuditAction::ExportFull,
                false => AuditAction::Export,
            };
            handing(action, slug)
        }
        Command::Archive(wanted) => {
            let slug = wanted.study.slug().ok();
            let is_full = match wanted.view {
                Some(view) => view.as_str() == "full",
                None => !slug.is_some_and(has_codebook),
            };
            let action = match is_full {
                true => AuditAction::ExportFull,
                false => AuditAction::Export,
            };
            Some(Doing {
                also: wanted.yes.then_some(AuditAction::ChangeStudy),
                ..handing(action, slug)?
            })
        }
        Command::Quality(wanted) => handing(AuditAction::ReadReport, wanted.study().ok().as_ref()),
        Command::Retention(wanted) if !wanted.dry_run => {
            doing(AuditAction::Retention, wanted.study.as_ref(), &[])
        }
        // It counts, and names nobody.
        Command::Retention(_) => None,
        Command::Audit(_) => handing(AuditAction::ReadAudit, None),
        Command::Notice(NoticeCommand::Put(wanted)) => {
            doing(AuditAction::ChangeNotice, Some(&wanted.study), &[])
        }
        Command::Requests(wanted) => match wanted {
            RequestsCommand::List(wanted) => {
                handing(AuditAction::ReadRequests, wanted.study.slug().ok())
            }
            RequestsCommand::Record(wanted) => doing(
                AuditAction::RecordRequests,
                wanted.study.slug().ok(),
                wanted.participant.as_slice(),
            ),
            RequestsCommand::PutOff(RequestPutOff { named, .. })
            | RequestsCommand::Answer(RequestAnswer { named, .. })
            | RequestsCommand::Close(RequestClose { named, .. }) => {
                doing(AuditAction::RecordRequests, Some(&named.study), &[])
            }
            _ => doing(AuditAction::Other, None, &[]),
        },
        Command::Backup(_) => handing(AuditAction::ManageBackups, None),
        Command::Restore(_) => doing(AuditAction::ManageBackups, None, &[]),
        // It says what the study says of itself.
        Command::Papers(_) | Command::Notice(_) => None,
        Command::Import(_) => None,
        _ => doing(AuditAction::Other, None, &[]),
    }
}
