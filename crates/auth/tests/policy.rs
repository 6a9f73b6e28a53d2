//! The access matrix, and what holds for every caller and every study.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;
use sillage_auth::*;
use sillage_domain::{
    Account, AccountId, Enrolment, Membership, ParticipantNumber, PasswordHash, Role, StudyId,
    StudyRole, StudyScope, StudyStatus, SubjectId, Timestamp,
};

const STUDY: StudyId = StudyId(1);
const ELSEWHERE: StudyId = StudyId(2);

fn account(role: Role, plays_in: Option<StudyId>) -> Account {
    Account {
        id: AccountId(7),
        subject: SubjectId::new([7; 16]),
        username: "someone".parse().unwrap(),
        password_hash: PasswordHash::new("none"),
        role,
        enrolment: plays_in.map(|study| Enrolment {
            study,
            number: ParticipantNumber(1),
        }),
        active: true,
        created_at: Timestamp::from_micros(0).unwrap(),
    }
}

fn caller(
    role: Role,
    plays_in: Option<StudyId>,
    member: &[(StudyId, StudyRole)],
    scope: impl Into<Scope>,
) -> Caller {
    let memberships: Vec<_> = member
        .iter()
        .map(|&(study, role)| Membership { study, role })
        .collect();
    Caller::new(&account(role, plays_in), &memberships, scope.into()).unwrap()
}

fn member(study: StudyId, role: StudyRole) -> Caller {
    caller(Role::Researcher, None, &[(study, role)], ScopeWord::All)
}

/// An application that acts for itself.
fn game_server(study: Option<StudyId>, scope: impl Into<Scope>) -> Caller {
    Caller::client(SubjectId::new([8; 16]), study, scope.into())
}

/// What the policy says about everything that there is to ask, in the order of `Action::ALL`.
fn answers(caller: &Caller, study: &StudyRef) -> Vec<(Action, Result<Reach, Refusal>)> {
    macro_rules! ask {
        ($($in_study:ident)+ ; $($on_server:ident)+) => { vec![
            $((Action::$in_study, policy::allows(caller, $in_study, study).map(|granted| granted.reach())),)+
            $((Action::$on_server, policy::allows_on_server(caller, $on_server).map(|granted| granted.reach())),)+
        ] };
    }
    let answers = ask! {
        WriteLogs NameParticipant ReadLogs ReadFullLogs AmendLogs DeleteLogs Export ExportTsadk ReadQuarantine ManageQuarantine ReadCodebook
        ManageCodebook ReadNotice ManageNotice ReadStudy ReadStats ReadAlerts ReadLive ManageStudy DeleteStudy ListMembers ManageMembers ListParticipants
        ReadParticipant ManageParticipants DeleteParticipants ReadIdentity ManageIdentity ReadConsents RecordConsents Reidentify AllowReidentification ReadReidentification ReadRequests ManageRequests ListClients ManageClients;
        CreateStudy ListUsers ReadUser ManageUsers ListPlatformClients ManagePlatformClients ReadServerAlerts ReadAudit IntrospectTokens
        ReadSelf ChangeSelf DeleteSelf ReadOwnLogs DisputeOwnLogs ReadOwnIdentity ChangeOwnIdentity ReadOwnConsents GiveConsent ReadOwnGrants EndOwnGrants
    };
    assert!(
        answers.iter().map(|(action, _)| action).eq(Action::ALL),
        "every action is asked about"
    );
    answers
}

#[test]
fn the_table_is_the_one_that_was_reviewed() {
    insta::assert_snapshot!("table", policy::matrix());
}

#[rstest]
#[case(StudyStatus::Draft)]
#[case(StudyStatus::Open)]
fn everybody_gets_the_answers_that_were_reviewed(#[case] status: StudyStatus) {
    let study = StudyRef { id: STUDY, status };
    let manager_as_player = caller(
        Role::Researcher,
        None,
        &[(STUDY, StudyRole::Manager)],
        ScopeWord::Participant,
    );
    let callers = [
        ("admin", caller(Role::Admin, None, &[], ScopeWord::All)),
        ("manager", member(STUDY, StudyRole::Manager)),
        ("analyst", member(STUDY, StudyRole::Analyst)),
        ("developer", member(STUDY, StudyRole::Developer)),
        ("monitor", member(STUDY, StudyRole::Monitor)),
        (
            "participant",
            caller(Role::Participant, Some(STUDY), &[], ScopeWord::Participant),
        ),
        ("as player", manager_as_player),
        ("manager of B", member(ELSEWHERE, StudyRole::Manager)),
        (
            "player of B",
            caller(
                Role::Participant,
                Some(ELSEWHERE),
                &[],
                ScopeWord::Participant,
            ),
        ),
        (
            "of nothing",
            caller(Role::Researcher, None, &[], ScopeWord::All),
        ),
        ("game server", game_server(Some(STUDY), ScopeWord::All)),
    ];
    let mut lines = vec![format!("{:<21}", format!("study A, {status}"))];
    lines.extend(Action::ALL.iter().map(|action| format!("{action:<21}")));
    for (name, caller) in &callers {
        lines[0].push_str(&format!(" | {name:<12}"));
        for ((_, answer), line) in answers(caller, &study).into_iter().zip(&mut lines[1..]) {
            let answer = match answer {
                Ok(reach) => format!("{reach:?}").to_lowercase(),
                Err(Refusal::Hidden) => "404".to_owned(),
                Err(_) => "403".to_owned(),
            };
            line.push_str(&format!(" | {answer:<12}"));
        }
    }
    let text: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
    insta::assert_snapshot!(format!("answers_{status}"), text.join("\n"));
}

#[test]
fn a_deactivated_account_is_no_caller() {
    let mut account = account(Role::Admin, None);
    account.active = false;
    assert_eq!(
        Caller::new(&account, &[], Scope::of(ScopeWord::All)),
        Err(Inactive)
    );
}

#[test]
fn a_participants_membership_does_not_count() {
    let both = caller(
        Role::Participant,
        Some(STUDY),
        &[(STUDY, StudyRole::Manager)],
        ScopeWord::All,
    );
    assert_eq!(both.memberships(), []);
    let study = StudyRef {
        id: STUDY,
        status: StudyStatus::Open,
    };
    assert_eq!(
        policy::allows(&both, ReadLogs, &study).unwrap_err(),
        Refusal::Forbidden
    );
}

#[test]
fn a_second_membership_in_one_study_does_not_count() {
    let twice = [(STUDY, StudyRole::Analyst), (STUDY, StudyRole::Manager)];
    let caller = caller(Role::Researcher, None, &twice, ScopeWord::All);
    assert_eq!(caller.role_in(STUDY), Some(StudyRole::Analyst));
    assert_eq!(
        policy::across(&caller, ManageStudy).unwrap().reach(STUDY),
        None
    );
}

#[test]
fn a_list_across_studies_covers_what_each_membership_allows() {
    let many = [
        (StudyId(1), StudyRole::Manager),
        (StudyId(2), StudyRole::Analyst),
        (StudyId(3), StudyRole::Developer),
        (StudyId(4), StudyRole::Monitor),
    ];
    let caller = caller(Role::Researcher, None, &many, ScopeWord::All);
    let granted = policy::across(&caller, ReadLogs).unwrap();
    assert_eq!(
        granted.studies(),
        StudyScope::Only(vec![StudyId(1), StudyId(2)])
    );
    assert_eq!(granted.reach(StudyId(1)), Some(Reach::Whole));
    assert_eq!(granted.reach(StudyId(2)), Some(Reach::Deidentified));
    assert_eq!(granted.reach(StudyId(4)), None);
    assert_eq!(policy::readable_studies(&caller), granted.studies());
}

#[test]
fn a_list_across_studies_is_everything_for_an_admin_and_forbidden_to_a_participant() {
    let admin = caller(Role::Admin, None, &[], ScopeWord::All);
    assert_eq!(policy::readable_studies(&admin), StudyScope::All);
    let participant = caller(Role::Participant, Some(STUDY), &[], ScopeWord::Participant);
    assert_eq!(
        policy::across(&participant, ReadLogs).unwrap_err(),
        Refusal::Forbidden
    );
    assert_eq!(
        policy::readable_studies(&participant),
        StudyScope::Only(vec![])
    );
    let seen = policy::across(&participant, ReadStudy).unwrap();
    assert_eq!(
        (seen.studies(), seen.reach(STUDY)),
        (StudyScope::Only(vec![STUDY]), Some(Reach::Public))
    );
}

#[test]
fn a_researcher_without_a_study_gets_an_empty_list_and_no_refusal() {
    let nobody = caller(Role::Researcher, None, &[], ScopeWord::All);
    assert_eq!(
        policy::across(&nobody, ReadLogs).unwrap().studies(),
        StudyScope::Only(vec![])
    );
    let as_player = caller(
        Role::Researcher,
        None,
        &[(STUDY, StudyRole::Manager)],
        ScopeWord::Participant,
    );
    assert_eq!(
        policy::across(&as_player, ReadLogs).unwrap_err(),
        Refusal::Forbidden
    );
}

#[test]
fn a_grant_says_who_may_and_where() {
    let admin = caller(Role::Admin, None, &[], ScopeWord::All);
    let granted = policy::allows(
        &admin,
        Export,
        &StudyRef {
            id: STUDY,
            status: StudyStatus::Closed,
        },
    )
    .unwrap();
    assert_eq!(
        (granted.by(), granted.study(), granted.reach()),
        (Some(AccountId(7)), STUDY, Reach::Whole)
    );
}

fn study_id() -> impl Strategy<Value = StudyId> {
    (1..4_i64).prop_map(StudyId)
}

/// Everything of a caller but the scope.
#[derive(Debug, Clone)]
enum Someone {
    Account(Role, Option<StudyId>, Vec<(StudyId, StudyRole)>),
    GameServer(Option<StudyId>),
}

impl Someone {
    fn with(&self, scope: impl Into<Scope>) -> Caller {
        match self {
            Self::Account(role, plays_in, member) => caller(*role, *plays_in, member, scope),
            Self::GameServer(study) => game_server(*study, scope),
        }
    }

    fn holder(&self) -> Holder {
        match self {
            Self::Account(role, ..) => Holder::Account(*role),
            Self::GameServer(_) => Holder::Client,
        }
    }

    fn plays(&self) -> bool {
        matches!(self, Self::Account(Role::Participant, ..))
    }

    fn knows(&self, study: StudyId) -> bool {
        match self {
            Self::Account(Role::Admin, ..) => true,
            Self::Account(Role::Researcher, _, member) => {
                member.iter().any(|(known, _)| *known == study)
            }
            Self::Account(Role::Participant, own, _) | Self::GameServer(own) => *own == Some(study),
        }
    }
}

fn someone() -> impl Strategy<Value = Someone> {
    let membership = (study_id(), select(StudyRole::ALL));
    let account = (
        select(Role::ALL),
        proptest::option::of(study_id()),
        proptest::collection::vec(membership, 0..4),
    );
    prop_oneof![
        4 => account.prop_map(|(role, plays_in, member)| Someone::Account(role, plays_in, member)),
        1 => proptest::option::of(study_id()).prop_map(Someone::GameServer),
    ]
}

fn study() -> impl Strategy<Value = StudyRef> {
    (study_id(), select(StudyStatus::ALL)).prop_map(|(id, status)| StudyRef { id, status })
}

fn scope() -> impl Strategy<Value = Scope> {
    proptest::collection::vec(select(ScopeWord::ALL), 1..5).prop_map(Scope::from_iter)
}

/// Whether the one is allowed nothing that the other is not.
fn no_more(one: &Caller, other: &Caller, study: &StudyRef) -> Result<(), TestCaseError> {
    let pairs = answers(one, study).into_iter().zip(answers(other, study));
    for ((action, narrow), (_, wide)) in pairs {
        if let Ok(reach) = narrow {
            prop_assert!(wide == Ok(Reach::Whole) || wide == Ok(reach), "{action}");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn nobody_who_plays_is_ever_shown_the_data_of_others(
        someone in someone(), study in study(), scope in scope(),
    ) {
        prop_assume!(someone.plays() || scope == Scope::of(ScopeWord::Participant));
        for (action, answer) in answers(&someone.with(scope), &study) {
            match action {
                Action::WriteLogs | Action::ReadSelf | Action::ChangeSelf | Action::DeleteSelf | Action::ReadOwnLogs
                | Action::DisputeOwnLogs | Action::ReadOwnIdentity | Action::ChangeOwnIdentity | Action::ReadOwnConsents | Action::GiveConsent | Action::ReadOwnGrants | Action::EndOwnGrants => prop_assert!(matches!(answer, Ok(Reach::Own) | Err(_))),
                Action::ReadStudy | Action::ReadNotice => prop_assert!(matches!(answer, Ok(Reach::Public) | Err(_))),
                _ => prop_assert!(answer.is_err(), "{action}"),
            }
        }
    }

    #[test]
    fn a_narrower_scope_never_grants_more(
        someone in someone(), study in study(), wide in scope(), asked in scope(),
    ) {
        if let Ok(narrow) = wide.narrowed(Some(asked)) {
            no_more(&someone.with(narrow), &someone.with(wide), &study)?;
        }
    }

    #[test]
    fn a_token_holds_no_more_than_the_client_and_what_was_asked_for(
        someone in someone(), study in study(), client in scope(), asked in proptest::option::of(scope()),
    ) {
        if let Ok(token) = someone.holder().scope(client, asked) {
            for bound in [Some(client), asked].into_iter().flatten() {
                no_more(&someone.with(token), &someone.with(bound), &study)?;
            }
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }
    }

    #[test]
    fn a_token_holds_no_more_once_its_client_is_narrowed(
        someone in someone(), study in study(), token in scope(), client in scope(),
    ) {
        let now = someone.with(someone.holder().scope_now(client, token));
        for bound in [token, client] {
            no_more(&now, &someone.with(bound), &study)?;
        }
    }

    #[test]
    fn what_is_asked_for_is_got_as_far_as_it_is_of_use(
        someone in someone(), study in study(), asked in scope(),
    ) {
        // With a client that may ask for everything, only words that change nothing are left out.
        let all = Scope::of(ScopeWord::All);
        let got = someone.holder().scope(all, Some(asked)).unwrap_or(Scope::NONE);
        if !asked.has(ScopeWord::All) {
            prop_assert_eq!(answers(&someone.with(got), &study), answers(&someone.with(asked), &study));
        }
    }

    #[test]
    fn a_token_that_did_not_ask_for_it_tells_nobody_who_plays(
        someone in someone(), study in study(), scope in scope(),
    ) {
        prop_assume!(!scope.has(ScopeWord::All) && !scope.has(ScopeWord::Identity));
        for (action, answer) in answers(&someone.with(scope), &study) {
            if matches!(action, Action::ReadOwnIdentity | Action::ChangeOwnIdentity) {
                prop_assert_eq!(answer, Err(Refusal::Forbidden), "{}", action);
            }
        }
    }

    #[test]
    fn a_narrower_token_cannot_change_the_account_behind_it(
        someone in someone(), study in study(), scope in scope(),
    ) {
        let whole = scope.has(ScopeWord::All) || (someone.plays() && scope.has(ScopeWord::Participant));
        prop_assume!(!whole);
        for (action, answer) in answers(&someone.with(scope), &study) {
            if matches!(action, Action::ChangeSelf | Action::DeleteSelf) {
                prop_assert_eq!(answer, Err(Refusal::Forbidden), "{}", action);
            }
        }
    }

    #[test]
    fn a_study_is_hidden_from_strangers_whatever_they_ask_and_from_nobody_else(
        someone in someone(), study in study(), scope in scope(),
    ) {
        for (action, answer) in answers(&someone.with(scope), &study) {
            let hidden = action.is_in_study() && !someone.knows(study.id);
            prop_assert_eq!(answer == Err(Refusal::Hidden), hidden, "{}", action);
        }
    }

    #[test]
    fn only_an_admin_sees_accounts_of_people_who_run_studies(
        someone in someone(), study in study(), scope in scope(),
    ) {
        let enough = scope.has(ScopeWord::All) || scope.has(ScopeWord::ManageUsers);
        let admin = matches!(someone, Someone::Account(Role::Admin, ..)) && enough;
        for (action, answer) in answers(&someone.with(scope), &study) {
            if matches!(action, Action::ListUsers | Action::ReadUser | Action::ManageUsers) {
                prop_assert_eq!(answer.is_ok(), admin, "{}", action);
            }
        }
    }

    #[test]
    fn who_sees_entries_without_the_accounts_never_sees_who_is_connected(someone in someone(), study in study()) {
        let answers = answers(&someone.with(ScopeWord::All), &study);
        let reach = |wanted| answers.iter().find(|(action, _)| *action == wanted).and_then(|(_, answer)| answer.ok());
        if reach(Action::ReadLogs) == Some(Reach::Deidentified) {
            for accounts in [Action::ReadLive, Action::ListParticipants, Action::ReadParticipant, Action::ExportTsadk] {
                prop_assert_eq!(reach(accounts), None, "{}", accounts);
            }
        }
    }

    #[test]
    fn what_is_allowed_at_some_time_is_allowed_in_some_status(
        someone in someone(), id in study_id(), scope in scope(),
    ) {
        let caller = someone.with(scope);
        let in_some_status = StudyStatus::ALL
            .iter()
            .any(|status| policy::allows(&caller, WriteLogs, &StudyRef { id, status: *status }).is_ok());
        prop_assert_eq!(policy::at_some_time(&caller, WriteLogs).covers(id), in_some_status);
    }

    #[test]
    fn a_list_across_studies_agrees_with_each_of_them(
        someone in someone(), id in study_id(), scope in scope(),
    ) {
        let caller = someone.with(scope);
        let study = StudyRef { id, status: StudyStatus::Open };
        macro_rules! agree {
            ($($permission:ident)+) => {$(
                let alone = policy::allows(&caller, $permission, &study).ok().map(|granted| granted.reach());
                let across = policy::across(&caller, $permission).ok();
                prop_assert_eq!(across.as_ref().and_then(|granted| granted.reach(id)), alone);
                prop_assert_eq!(across.is_some_and(|granted| granted.studies().covers(id)), alone.is_some());
            )+};
        }
        agree!(WriteLogs ReadLogs ReadFullLogs AmendLogs DeleteLogs Export ReadQuarantine ReadStudy ManageStudy ListParticipants ListClients);
    }
}
