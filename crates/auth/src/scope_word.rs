//! The words of scopes, and what each is about.

use crate::Action;

macro_rules! scope_words {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal),+ $(,)?) => {
        /// A word of a [`Scope`](crate::Scope).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ScopeWord { $($(#[doc = $doc])+ $variant),+ }

        impl ScopeWord {
            /// Every word, in the order in which a scope writes them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as tokens and requests write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it is about, as a sentence for people.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }.trim()
            }
        }
    };
}

scope_words! {
    /// All that the roles allow; what changes or deletes the account itself needs this word.
    All = "all",
    /// Only what a participant may do as well: for a manager who wants to see what a player sees.
    Participant = "participant",
    /// See one's own account, entries, consents and log-ins, consent, dispute, restrict and object, and end the log-ins.
    Me = "me",
    /// See and correct who one is, where the study keeps it: no token has this that did not ask for it.
    Identity = "identity",
    /// Send log entries; in the name of a participant too, for those who may.
    WriteLogs = "logs:write",
    /// Read log entries and the quarantine.
    ReadLogs = "logs:read",
    /// Correct and delete log entries, with `logs:read`.
    ManageLogs = "logs:manage",
    /// Take a study away as a file.
    Export = "export",
    /// See studies, how much they hold, and what is wrong in them.
    ReadStudy = "study:read",
    /// See who is connected.
    ReadLive = "live:read",
    /// Make, change and delete studies, and say who runs them.
    ManageStudy = "study:manage",
    /// See, make, change and delete accounts of participants, and write down who they are, their consents and requests.
    ManageParticipants = "participants:manage",
    /// See, register, change and delete clients.
    ManageClients = "clients:manage",
    /// See, make, change and delete the accounts of people who run studies.
    ManageUsers = "users:manage",
}

impl ScopeWord {
    /// The word that an action needs; [`All`](Self::All) for what no narrower token may do, such as a new password for the
    /// account behind it, which would give back what the scope took away.
    #[must_use]
    pub const fn of(action: Action) -> Self {
        match action {
            Action::WriteLogs | Action::NameParticipant => Self::WriteLogs,
            Action::ReadLogs | Action::ReadFullLogs | Action::ReadQuarantine => Self::ReadLogs,
            Action::AmendLogs | Action::DeleteLogs => Self::ManageLogs,
            Action::Export | Action::ExportTsadk => Self::Export,
            Action::ReadStudy
            | Action::ReadStats
            | Action::ReadAlerts
            | Action::ReadServerAlerts
            | Action::ReadCodebook
            | Action::ReadNotice => Self::ReadStudy,
            Action::ReadLive => Self::ReadLive,
            Action::CreateStudy
            | Action::ManageStudy
            | Action::ManageCodebook
            | Action::ManageNotice
            | Action::ManageQuarantine
            | Action::DeleteStudy
            | Action::ListMembers
            | Action::ManageMembers => Self::ManageStudy,
            Action::ListParticipants
            | Action::ReadParticipant
            | Action::ManageParticipants
            | Action::DeleteParticipants
            | Action::ReadIdentity
            | Action::ManageIdentity
            | Action::ReadConsents
            | Action::RecordConsents
            | Action::ReadRequests
            | Action::ManageRequests => Self::ManageParticipants,
            Action::ListClients
            | Action::ManageClients
            | Action::ListPlatformClients
            | Action::ManagePlatformClients => Self::ManageClients,
            Action::ListUsers | Action::ReadUser | Action::ManageUsers => Self::ManageUsers,
            Action::ReadSelf
            | Action::ReadOwnLogs
            | Action::DisputeOwnLogs
            | Action::ReadOwnConsents
            | Action::GiveConsent
            | Action::ReadOwnGrants
            | Action::EndOwnGrants => Self::Me,
            // A game needs no name, and the token that it gets without asking for anything tells none.
            Action::ReadOwnIdentity | Action::ChangeOwnIdentity => Self::Identity,
            Action::ChangeSelf
            | Action::DeleteSelf
            | Action::IntrospectTokens
            | Action::ReadAudit
            | Action::Reidentify
            | Action::AllowReidentification
            | Action::ReadReidentification => Self::All,
        }
    }

    pub(crate) const fn bit(self) -> u16 {
        1 << self as u16
    }
}
