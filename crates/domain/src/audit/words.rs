//! The words of records: what was done, as what, and what came of it.

use crate::account::words;
use std::fmt;

words!(
    /// What was done.
    AuditAction {
        /// Somebody logged in, with a password, or an application with its secret; or failed to.
        LogIn = "log-in",
        /// One's log-ins or tokens were ended.
        EndLogIns = "end-log-ins",
        /// One's own password was changed.
        ChangeOwnPassword = "change-own-password",
        /// What is held of oneself was taken away as a file.
        ExportOwn = "export-own",
        /// One's own entries were looked at; noted once an hour.
        ReadOwn = "read-own",
        /// One's own account was deleted.
        DeleteOwn = "delete-own",
        /// Entries were read, one or a list.
        ReadLogs = "read-logs",
        /// Quarantined texts were read.
        ReadQuarantine = "read-quarantine",
        /// A report was read that is made from entries.
        ReadReport = "read-report",
        /// It was looked who plays.
        ReadLive = "read-live",
        /// A de-identified file of entries was taken.
        Export = "export",
        /// A file of entries with all that they hold was taken.
        ExportFull = "export-full",
        /// A file was taken in which participants' numbers stand beside what they did.
        ExportTsadk = "export-tsadk",
        /// Entries were corrected.
        AmendLogs = "amend-logs",
        /// Entries were deleted.
        DeleteLogs = "delete-logs",
        /// Entries were brought in from another program.
        Import = "import",
        /// Quarantined texts were let out or thrown away.
        ManageQuarantine = "manage-quarantine",
        /// Somebody who runs a study sent entries in the name of a participant; noted once a minute.
        ActForParticipant = "act-for-participant",
        /// Accounts of participants were looked at.
        ReadParticipants = "read-participants",
        /// Accounts of participants were made.
        CreateParticipants = "create-participants",
        /// An account of a participant was changed.
        ChangeParticipant = "change-participant",
        /// Somebody was given another password by somebody else.
        ResetPassword = "reset-password",
        /// A participant was taken out.
        DeleteParticipant = "delete-participant",
        /// It was looked who consented to what.
        ReadConsents = "read-consents",
        /// Consents were written down for others.
        RecordConsents = "record-consents",
        /// Requests of people about their data were read.
        ReadRequests = "read-requests",
        /// Such a request was written down, put off or answered.
        RecordRequests = "record-requests",
        /// It was looked who somebody is.
        ReadIdentity = "read-identity",
        /// Who somebody is was written down, corrected or erased.
        ChangeIdentity = "change-identity",
        /// A study was made.
        CreateStudy = "create-study",
        /// The settings of a study were changed.
        ChangeStudy = "change-study",
        /// A study was deleted.
        DeleteStudy = "delete-study",
        /// A codebook was put.
        ChangeCodebook = "change-codebook",
        /// An information notice was put.
        ChangeNotice = "change-notice",
        /// It was looked who runs a study.
        ReadMembers = "read-members",
        /// Somebody was let into a study, put out, or made something else in it.
        ChangeMembers = "change-members",
        /// Accounts of people who run studies were looked at.
        ReadUsers = "read-users",
        /// Such an account was made.
        CreateUser = "create-user",
        /// Such an account was changed.
        ChangeUser = "change-user",
        /// Such an account was deleted.
        DeleteUser = "delete-user",
        /// Registered applications were looked at.
        ReadClients = "read-clients",
        /// Applications were registered, changed, deleted, or given another secret.
        ChangeClients = "change-clients",
        /// It was asked what a token is good for.
        IntrospectToken = "introspect-token",
        /// It was asked whose a pseudonym is.
        RequestReidentification = "request-reidentification",
        /// That was allowed or refused by a second person.
        DecideReidentification = "decide-reidentification",
        /// Somebody was told whose a pseudonym is.
        Reidentify = "reidentify",
        /// Requests to be told were looked at.
        ReadReidentifications = "read-reidentifications",
        /// The audit log was read.
        ReadAudit = "read-audit",
        /// What a study had kept for as long as it said was taken out.
        Retention = "retention",
        /// Records that were kept for as long as the settings say were taken away at the beginning of the chains.
        CutAudit = "cut-audit",
        /// Keys were looked at, changed, or taken away.
        ManageKeys = "manage-keys",
        /// The database was copied, or a copy put in its place.
        ManageBackups = "manage-backups",
        /// Something else was done that this table has no word for.
        Other = "other",
        /// Records could not be written, and were given up; something was done meanwhile.
        Lost = "lost",
    }
);

words!(
    /// What the one was who did it, where it was done.
    AuditRole {
        /// Runs the server.
        Admin = "admin",
        /// Runs the study.
        Manager = "manager",
        /// Reads de-identified data of the study.
        Analyst = "analyst",
        /// Builds the study's game.
        Developer = "developer",
        /// Sees who plays in the study.
        Monitor = "monitor",
        /// Runs studies, and nothing in the one in question.
        Researcher = "researcher",
        /// Plays.
        Participant = "participant",
        /// An application that acts for itself.
        Client = "client",
        /// Whoever has the machine, and typed a command there.
        Operator = "operator",
        /// The server, by itself.
        Server = "server",
        /// Somebody who did not say who he is, or not truly.
        Nobody = "nobody",
    }
);

words!(
    /// What came of it.
    AuditOutcome {
        /// It was done.
        Done = "done",
        /// It was not allowed.
        Refused = "refused",
        /// It failed.
        Failed = "failed",
    }
);
