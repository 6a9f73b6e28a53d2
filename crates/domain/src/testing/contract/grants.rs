//! Log-ins, and the keys of their tokens.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    Account, Grant, GrantId, MAX_GRANTS, NewGrant, Paged, RefreshHashes, Renewal, TokenHash,
};
use uuid::Uuid;

fn id(n: u32) -> GrantId {
    GrantId(Uuid::from_u128(u128::from(n) << 64 | 7))
}

fn hash(n: u8) -> TokenHash {
    TokenHash::new([n; 32])
}

fn token(family: u8, token: u8) -> RefreshHashes {
    RefreshHashes {
        family: hash(family),
        token: hash(token),
    }
}

fn user(ports: &Ports, name: &str) -> Account {
    ports
        .accounts
        .create_user(&new_account(name), Role::Researcher, at(0))
        .expect("made")
}

/// A log-in at that second, without refresh tokens.
fn log_in(ports: &Ports, account: &Account, n: u32, second: i64) -> GrantId {
    begin(ports, account, n, second, None, None)
}

fn begin(
    ports: &Ports,
    account: &Account,
    n: u32,
    second: i64,
    refresh: Option<RefreshHashes>,
    ends: Option<i64>,
) -> GrantId {
    let new = NewGrant {
        id: id(n),
        account: Some(account.id),
        client: Some("sillage".into()),
        scope: "all".into(),
        ends_at: ends.map(at),
        refresh,
    };
    ports.grants.begin_grant(&new, at(second)).expect("begun");
    new.id
}

fn found(ports: &Ports, id: GrantId) -> Option<Grant> {
    ports.grants.grant(id).expect("read")
}

fn of(ports: &Ports, account: &Account, now: i64, number: u64, size: u32) -> Paged<GrantId> {
    let found = ports
        .grants
        .grants_of(account.id, at(now), &page(number, size))
        .expect("a page");
    Paged {
        items: found.items.iter().map(|grant| grant.id).collect(),
        total: found.total,
    }
}

pub fn a_grant_remembers_the_log_in_and_nothing_else(ports: &Ports) {
    let user = user(ports, "r");
    let with = begin(ports, &user, 1, 10, Some(token(1, 2)), Some(100));
    let grant = found(ports, with).expect("there");
    assert_eq!(
        (grant.account, grant.client.as_deref(), grant.scope.as_str()),
        (Some(user.id), Some("sillage"), "all")
    );
    assert_eq!(
        (grant.created_at, grant.used_at, grant.ends_at, grant.round),
        (at(10), at(10), Some(at(100)), 0)
    );
    let chain = grant.refresh.expect("it has refresh tokens");
    assert_eq!(
        (chain.family, chain.current, chain.spent),
        (hash(1), hash(2), None)
    );
    let without = log_in(ports, &user, 2, 11);
    assert_eq!(found(ports, without).expect("there").refresh, None);
    let by_family = |n| ports.grants.grant_by_family(&hash(n)).expect("read");
    assert_eq!(by_family(1), Some(grant));
    assert_eq!(by_family(2), None);
    assert_eq!(found(ports, id(3)), None);
}

pub fn a_grant_belongs_to_an_account_and_a_client_that_are_there(ports: &Ports) {
    let mut new = NewGrant {
        id: id(1),
        account: None,
        client: None,
        scope: "all".into(),
        ends_at: None,
        refresh: None,
    };
    ports.grants.begin_grant(&new, at(0)).expect("of nobody");
    new.id = id(2);
    new.account = Some(crate::AccountId(999));
    let nobody = ports.grants.begin_grant(&new, at(0));
    assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
    new.account = None;
    new.client = Some("nothing".into());
    let nothing = ports.grants.begin_grant(&new, at(0));
    assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
    assert_eq!(found(ports, id(2)), None);
}

pub fn a_refresh_token_is_good_once(ports: &Ports) {
    let user = user(ports, "r");
    let grant = begin(ports, &user, 1, 0, Some(token(1, 1)), None);
    let present = |token: RefreshHashes, successor, second| {
        ports
            .grants
            .renew_grant(&token, &hash(successor), Some(at(second + 9)), at(second))
            .expect("presented")
    };
    let renewed = Renewal::Renewed { round: 0 };
    assert_eq!(present(token(1, 1), 2, 5), renewed);
    let now = found(ports, grant).expect("there");
    assert_eq!(
        (now.created_at, now.used_at, now.ends_at),
        (at(0), at(5), Some(at(14)))
    );
    assert_eq!(now.refresh.map(|chain| chain.current), Some(hash(2)));
    assert_eq!(present(token(1, 2), 3, 6), renewed);
    // The first one again: somebody else has what was made from it.
    assert_eq!(present(token(1, 1), 4, 7), Renewal::Reused);
    assert_eq!(found(ports, grant), None);
    assert_eq!(present(token(1, 3), 5, 8), Renewal::Unknown);
}

pub fn a_lost_answer_is_given_again_while_nobody_has_used_it(ports: &Ports) {
    let user = user(ports, "r");
    let present = |token: RefreshHashes, successor, second| {
        ports
            .grants
            .renew_grant(&token, &hash(successor), None, at(second))
            .expect("presented")
    };
    let renewed = Renewal::Renewed { round: 0 };
    begin(ports, &user, 1, 0, Some(token(1, 1)), None);
    assert_eq!(present(token(1, 1), 2, 100), renewed);
    assert_eq!(present(token(1, 1), 3, 160), renewed);
    assert_eq!(present(token(1, 3), 4, 161), renewed);
    let late = begin(ports, &user, 2, 0, Some(token(2, 1)), None);
    assert_eq!(present(token(2, 1), 2, 100), renewed);
    assert_eq!(present(token(2, 1), 3, 161), Renewal::Reused);
    assert_eq!(found(ports, late), None);
    let dead = begin(ports, &user, 3, 0, Some(token(3, 1)), None);
    assert_eq!(present(token(3, 1), 2, 100), renewed);
    assert_eq!(present(token(3, 1), 3, 101), renewed);
    assert_eq!(present(token(3, 2), 4, 102), Renewal::Reused);
    assert_eq!(found(ports, dead), None);
}

pub fn of_one_refresh_token_presented_by_many_one_successor_is_left(ports: &Ports) {
    let user = user(ports, "r");
    let grant = begin(ports, &user, 1, 0, Some(token(1, 1)), None);
    let renewed: Vec<_> = std::thread::scope(|scope| {
        let present = |n: u8| {
            let ports = &ports;
            scope.spawn(move || {
                ports
                    .grants
                    .renew_grant(&token(1, 1), &hash(n), None, at(1))
            })
        };
        let threads: Vec<_> = (2..8).map(present).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic").expect("presented"))
            .collect()
    });
    assert_eq!(renewed, [Renewal::Renewed { round: 0 }; 6]);
    let chain = found(ports, grant).and_then(|grant| grant.refresh);
    let chain = chain.expect("there");
    assert_eq!(chain.spent.map(|spent| spent.token), Some(hash(1)));
    assert!((2..8).any(|n| chain.current == hash(n)));
}

pub fn an_account_s_grants_are_listed_the_newest_first(ports: &Ports) {
    let (one, other) = (user(ports, "one"), user(ports, "other"));
    for (n, second) in [(1, 10), (2, 30), (3, 20)] {
        log_in(ports, &one, n, second);
    }
    begin(ports, &one, 4, 5, None, Some(40));
    log_in(ports, &other, 5, 15);
    let first = of(ports, &one, 39, 1, 3);
    assert_eq!((first.items, first.total), (vec![id(2), id(3), id(1)], 4));
    assert_eq!(of(ports, &one, 39, 2, 3).items, [id(4)]);
    // One that has ended is not shown.
    assert_eq!(of(ports, &one, 40, 1, 10).total, 3);
}

pub fn an_ended_grant_is_gone_and_no_other(ports: &Ports) {
    let (one, other) = (user(ports, "one"), user(ports, "other"));
    for n in 1..4 {
        log_in(ports, &one, n, 0);
    }
    log_in(ports, &other, 4, 0);
    assert!(ports.grants.end_grant(id(2)).expect("ended"));
    assert!(!ports.grants.end_grant(id(2)).expect("gone already"));
    assert_eq!(of(ports, &one, 1, 1, 10).items, [id(3), id(1)]);
    ports.grants.end_grants_of(one.id).expect("ended");
    assert_eq!(of(ports, &one, 1, 1, 10).total, 0);
    assert_eq!(of(ports, &other, 1, 1, 10).total, 1);
}

pub fn access_tokens_end_without_the_refresh_tokens(ports: &Ports) {
    let user = user(ports, "r");
    let with = begin(ports, &user, 1, 0, Some(token(1, 1)), None);
    let other = begin(ports, &user, 2, 0, Some(token(2, 1)), None);
    let without = log_in(ports, &user, 3, 0);
    let round = |id| found(ports, id).map(|grant| grant.round);
    ports.grants.end_tokens(with).expect("ended");
    assert_eq!((round(with), round(other)), (Some(1), Some(0)));
    ports.grants.end_tokens_of(user.id).expect("ended");
    assert_eq!((round(with), round(other)), (Some(2), Some(1)));
    // Of a grant that has nothing else nothing is left.
    assert_eq!(round(without), None);
    let renewed = ports
        .grants
        .renew_grant(&token(1, 1), &hash(2), None, at(1))
        .expect("presented");
    assert_eq!(renewed, Renewal::Renewed { round: 2 });
}

pub fn another_password_and_a_deactivation_end_every_grant(ports: &Ports) {
    let (one, other) = (user(ports, "one"), user(ports, "other"));
    let kept = log_in(ports, &other, 99, 0);
    let change = |change: AccountChange| {
        ports
            .accounts
            .change_account(one.id, &change, None)
            .expect("changed");
    };
    let hash = || Some(PasswordHash::new("$2b$04$another"));
    let stays = log_in(ports, &one, 1, 0);
    let renewed = ports.accounts.renew_password_hash(
        one.id,
        &one.password_hash,
        &PasswordHash::new("$2b$04$anew"),
    );
    assert!(renewed.expect("renewed"));
    change(AccountChange {
        active: Some(true),
        ..AccountChange::default()
    });
    assert!(found(ports, stays).is_some());
    change(AccountChange {
        password_hash: hash(),
        ..AccountChange::default()
    });
    assert_eq!(found(ports, stays), None);
    let next = log_in(ports, &one, 2, 0);
    change(AccountChange {
        active: Some(false),
        ..AccountChange::default()
    });
    assert_eq!(found(ports, next), None);
    assert!(found(ports, kept).is_some());
}

pub fn the_grants_of_an_account_are_bounded(ports: &Ports) {
    let (one, other) = (user(ports, "one"), user(ports, "other"));
    let kept = log_in(ports, &other, 5_000, 0);
    // The first is used again after the others, so the second is the one that goes.
    begin(ports, &one, 0, 0, Some(token(1, 1)), None);
    for n in 1..MAX_GRANTS {
        log_in(ports, &one, n, i64::from(n));
    }
    let later = i64::from(MAX_GRANTS);
    ports
        .grants
        .renew_grant(&token(1, 1), &hash(2), None, at(later))
        .expect("presented");
    let total = || of(ports, &one, later, 1, 1).total;
    assert_eq!(total(), u64::from(MAX_GRANTS));
    let newest = log_in(ports, &one, MAX_GRANTS, later);
    assert_eq!(total(), u64::from(MAX_GRANTS));
    assert_eq!(found(ports, id(1)), None);
    for id in [id(0), id(2), newest, kept] {
        assert!(found(ports, id).is_some());
    }
}

pub fn ended_grants_are_forgotten_a_few_at_a_time(ports: &Ports) {
    let user = user(ports, "r");
    for n in 1..6 {
        begin(ports, &user, n, 0, None, Some(i64::from(n)));
    }
    let for_ever = log_in(ports, &user, 6, 0);
    let forget = |second, at_most| {
        ports
            .grants
            .forget_ended_grants(at(second), at_most)
            .expect("forgotten")
    };
    assert_eq!(forget(4, 3), 3);
    assert_eq!(forget(4, 3), 1);
    assert_eq!(forget(4, 3), 0);
    assert!(found(ports, id(5)).is_some() && found(ports, for_ever).is_some());
}

pub fn a_signing_key_is_kept_once_and_can_be_forgotten(ports: &Ports) {
    let key = |kid: &str, byte: u8| SealedSigningKey {
        kid: kid.into(),
        sealed: vec![byte],
        created_at: at(1),
    };
    let add = |key| ports.server.add_signing_key(&key).expect("asked");
    assert!(add(key("a", 1)));
    assert!(add(key("b", 2)));
    // Another node was faster: its key is the one.
    assert!(!add(key("a", 3)));
    ports.server.remove_signing_key("b").expect("forgotten");
    ports.server.remove_signing_key("b").expect("gone already");
    assert_eq!(ports.server.signing_keys().expect("read"), [key("a", 1)]);
}
