//! What can be allowed, each a type.

use std::fmt;

use sillage_domain::StudyId;

mod sealed {
    use sillage_domain::StudyId;

    pub trait Sealed {}

    /// What a permission is about.
    pub(super) trait About {
        const A_STUDY: bool;
    }

    impl About for StudyId {
        const A_STUDY: bool = true;
    }

    impl About for () {
        const A_STUDY: bool = false;
    }
}

/// Something that the policy allows or refuses: one of the types of this crate, and of no other.
pub trait Permission: sealed::Sealed + Copy + fmt::Debug {
    /// What it is about: [`StudyId`] for a permission in a study, `()` for one on the server.
    type On: Copy + fmt::Debug;

    /// Its row in the policy.
    const ACTION: Action;
}

macro_rules! permissions {
    ($($on:ty { $($(#[doc = $doc:literal])+ $name:ident),+ $(,)? })+) => {
        /// Everything that the policy decides about, for reports; handlers name the type of the same name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Action {
            $($($(#[doc = $doc])+ $name),+),+
        }

        impl Action {
            /// Every action, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$($(Self::$name),+),+];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$name => stringify!($name)),+),+ }
            }

            /// What it is, as a sentence for people.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $($(Self::$name => concat!($($doc),+)),+),+ }.trim()
            }

            /// Whether it is about a study, and not about the server.
            #[must_use]
            pub const fn is_in_study(self) -> bool {
                match self { $($(Self::$name => <$on as sealed::About>::A_STUDY),+),+ }
            }
        }

        impl fmt::Display for Action {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        $($(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl sealed::Sealed for $name {}

            impl Permission for $name {
                type On = $on;
                const ACTION: Action = Action::$name;
            }
        )+)+
    };
}

permissions! {
    StudyId {
        /// Send log entries.
        WriteLogs,
        /// Send log entries in the name of a participant whom the request names.
        NameParticipant,
        /// Read log entries, one by one or in lists.
        ReadLogs,
        /// Read log entries with all fields, whatever the codebook says about their privacy.
        ReadFullLogs,
        /// Correct log entries, with a reason; what was sent stays.
        AmendLogs,
        /// Delete log entries, with a reason; tombstones without content stay.
        DeleteLogs,
        /// Take the study's entries away as a file.
        Export,
        /// Take them away in TSADK's form, which puts the participants' numbers back.
        ExportTsadk,
        /// Read what lies in quarantine, and why.
        ReadQuarantine,
        /// Let what fits by now out of quarantine, and throw away what never will.
        ManageQuarantine,
        /// Read the study's codebook, in each of its versions.
        ReadCodebook,
        /// Put another version of the codebook.
        ManageCodebook,
        /// Read the information notice, in each of its versions.
        ReadNotice,
        /// Put another version of the information notice.
        ManageNotice,
        /// See the study.
        ReadStudy,
        /// See how much the study holds.
        ReadStats,
        /// See what is wrong in the study: that it fell silent, or that much goes to quarantine.
        ReadAlerts,
        /// See who is connected, when each account last sent something, and how much.
        ReadLive,
        /// Change the study, open and close it.
        ManageStudy,
        /// Delete the study with all that belongs to it.
        DeleteStudy,
        /// See who runs the study, and as what.
        ListMembers,
        /// Let people into the study, change what they are in it, and put them out.
        ManageMembers,
        /// See the study's accounts of participants.
        ListParticipants,
        /// See one of them.
        ReadParticipant,
        /// Make and change them, give them a new password, let them log in or not.
        ManageParticipants,
        /// Delete them, and what they sent or whose it was.
        DeleteParticipants,
        /// See who a participant is, where the study keeps it, and find one by an address.
        ReadIdentity,
        /// Write down who a participant is, and erase it.
        ManageIdentity,
        /// See who consented to what, on which notice, and whose entries may not be used.
        ReadConsents,
        /// Write down what somebody consented to on paper, or who asked that entries be not used.
        RecordConsents,
        /// Ask whose a pseudonym is, and be told once another person has allowed it.
        Reidentify,
        /// Allow or refuse what another person asks so.
        AllowReidentification,
        /// See what was asked so, and what became of it.
        ReadReidentification,
        /// See the requests of people about their data that came by letter, and by when they must be answered.
        ReadRequests,
        /// Write such requests down, put them off with a reason, and say how they were answered.
        ManageRequests,
        /// See the applications that are registered for the study.
        ListClients,
        /// Register applications for the study, change and delete them, give them a new secret.
        ManageClients,
    }
    () {
        /// Make a study.
        CreateStudy,
        /// See the accounts of people who run studies.
        ListUsers,
        /// See one of them.
        ReadUser,
        /// Make, change and delete them.
        ManageUsers,
        /// See the applications that are registered for every study.
        ListPlatformClients,
        /// Register applications for every study, change and delete them, give them a new secret.
        ManagePlatformClients,
        /// See what is wrong on the server and in any study.
        ReadServerAlerts,
        /// Read the audit log.
        ReadAudit,
        /// Ask what a token is good for (RFC 7662).
        IntrospectTokens,
        /// See one's own account.
        ReadSelf,
        /// Change it, its password above all.
        ChangeSelf,
        /// Delete it.
        DeleteSelf,
        /// Read what one sent.
        ReadOwnLogs,
        /// Say of what one sent that it is wrong, and what would be right.
        DisputeOwnLogs,
        /// See what the study keeps of who one is.
        ReadOwnIdentity,
        /// Correct it.
        ChangeOwnIdentity,
        /// See what one consented to, and whether one's entries may be used.
        ReadOwnConsents,
        /// Consent, refuse, take a consent back, have the use of one's entries restricted, and object to it.
        GiveConsent,
        /// See where one is logged in.
        ReadOwnGrants,
        /// End one's log-ins and tokens.
        EndOwnGrants,
    }
}
