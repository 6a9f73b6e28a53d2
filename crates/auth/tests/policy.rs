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
    word: ScopeWord,
) -> Caller {
    let memberships: Vec<_> = member
        .iter()
        .map(|&(study, role)| Membership { study, role })
        .collect();
    Caller::new(&account(role, plays_in), &memberships, Scope::of(word)).unwrap()
}

fn member(study: StudyId, role: StudyRole) -> Caller {
    caller(Role::Researcher, None, &[(study, role)], ScopeWord::All)
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
        WriteLogs NameParticipant ReadLogs ReadFullLogs Export ExportTsadk ReadQuarantine ReadStudy ManageStudy
        ListParticipants ManageParticipants;
        CreateStudy ReadSelf
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
    ];
    let mut lines = vec![format!("{:<18}", format!("study A, {status}"))];
    lines.extend(Action::ALL.iter().map(|action| format!("{action:<18}")));
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
        (AccountId(7), STUDY, Reach::Whole)
    );
}

fn study_id() -> impl Strategy<Value = StudyId> {
    (1..4_i64).prop_map(StudyId)
}

/// Role, study played in, memberships: everything of a caller but the scope.
type Someone = (Role, Option<StudyId>, Vec<(StudyId, StudyRole)>);

fn someone() -> impl Strategy<Value = Someone> {
    let membership = (study_id(), select(StudyRole::ALL));
    (
        select(Role::ALL),
        proptest::option::of(study_id()),
        proptest::collection::vec(membership, 0..4),
    )
}

fn study() -> impl Strategy<Value = StudyRef> {
    (study_id(), select(StudyStatus::ALL)).prop_map(|(id, status)| StudyRef { id, status })
}

proptest! {
    #[test]
    fn nobody_who_plays_is_ever_shown_the_data_of_others(
        (role, plays_in, member) in someone(), study in study(), word in select(ScopeWord::ALL),
    ) {
        prop_assume!(role == Role::Participant || word == ScopeWord::Participant);
        for (action, answer) in answers(&caller(role, plays_in, &member, word), &study) {
            match action {
                Action::WriteLogs | Action::ReadSelf => prop_assert!(matches!(answer, Ok(Reach::Own) | Err(_))),
                Action::ReadStudy => prop_assert!(matches!(answer, Ok(Reach::Public) | Err(_))),
                _ => prop_assert!(answer.is_err(), "{action}"),
            }
        }
    }

    #[test]
    fn a_narrower_scope_never_grants_more((role, plays_in, member) in someone(), study in study()) {
        let wide = answers(&caller(role, plays_in, &member, ScopeWord::All), &study);
        let narrow = answers(&caller(role, plays_in, &member, ScopeWord::Participant), &study);
        for ((action, wide), (_, narrow)) in wide.into_iter().zip(narrow) {
            if let Ok(reach) = narrow {
                prop_assert!(wide == Ok(Reach::Whole) || wide == Ok(reach), "{action}");
            }
        }
    }

    #[test]
    fn a_study_is_hidden_from_strangers_and_from_nobody_else(
        (role, plays_in, member) in someone(), study in study(), word in select(ScopeWord::ALL),
    ) {
        let related = match role {
            Role::Admin => true,
            Role::Researcher => member.iter().any(|(known, _)| *known == study.id),
            Role::Participant => plays_in == Some(study.id),
        };
        for (action, answer) in answers(&caller(role, plays_in, &member, word), &study) {
            if !matches!(action, Action::CreateStudy | Action::ReadSelf) {
                prop_assert_eq!(answer == Err(Refusal::Hidden), !related, "{}", action);
            }
        }
    }

    #[test]
    fn a_list_across_studies_agrees_with_each_of_them(
        (role, plays_in, member) in someone(), id in study_id(), word in select(ScopeWord::ALL),
    ) {
        let caller = caller(role, plays_in, &member, word);
        let study = StudyRef { id, status: StudyStatus::Open };
        macro_rules! agree {
            ($($permission:ident)+) => {$(
                let alone = policy::allows(&caller, $permission, &study).ok().map(|granted| granted.reach());
                let across = policy::across(&caller, $permission).ok();
                prop_assert_eq!(across.as_ref().and_then(|granted| granted.reach(id)), alone);
                prop_assert_eq!(across.is_some_and(|granted| granted.studies().covers(id)), alone.is_some());
            )+};
        }
        agree!(WriteLogs ReadLogs ReadFullLogs Export ReadQuarantine ReadStudy ManageStudy ListParticipants);
    }
}
