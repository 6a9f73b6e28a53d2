//! A server over the store in memory, with people of every role, for the tests of the routes.

pub(crate) use crate::client::{Answer, Client, Request, entry, get, gzip, link, post};

use actix_web::dev::{Service, ServiceResponse};
use actix_web::{App, Error, test};
use sillage_auth::{Claims, Cost, GrantRound, Passwords, Scope, Secret, SigningKey, SigningKeys};
use sillage_domain::testing::{MemoryKeyPlace, MemoryStore};
use sillage_domain::{
    Account, Contact, Controller, GrantId, LegalRegime, NewAccount, NewGrant, NewNotice, NewStudy,
    PasswordHash, Ports, ProtectionChange, Removal, Retention, RetentionStart, Role, Study,
    StudyChange, StudyRole, StudySalt, StudyStatus, SubjectId, Timestamp, Validation,
    VaultKeyPlace, VaultSecret, VaultVersion,
};
use sillage_http::{Api, HttpSettings, Keys, Rates, configure};
use sillage_pseudonym::{Code, RootKey, random_bytes};
use std::num::NonZeroUsize;
use std::sync::{Arc, Once};
use std::time::Duration;
use uuid::Uuid;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse";
const ROOT: [u8; 32] = [7; 32];
const SIGNING: [u8; 32] = [9; 32];

/// Settings that do not make a test wait.
pub(crate) fn settings() -> HttpSettings {
    let mut rates = Rates::default();
    rates.failed_log_ins.duration = Duration::from_millis(1);
    HttpSettings {
        rates,
        public_url: "http://sillage.test".to_owned(),
        password_cost: Cost::new(4).unwrap(),
        generated_password_cost: Cost::new(4).unwrap(),
        hashing_threads: NonZeroUsize::MIN,
        ..HttpSettings::default()
    }
}

pub(crate) fn now() -> Timestamp {
    "2024-06-01T12:00:00Z".parse().unwrap()
}

/// A store with people in it, and the API over it.
pub(crate) struct World {
    pub(crate) ports: Ports,
    pub(crate) api: Api,
    pub(crate) study: Study,
}

/// Has every level wanted by somebody for as long as the tests run: what nobody wants when it is first come by is skipped, and a test that reads the log
/// begins while others end.
fn hear_everything() {
    static HEARD: Once = Once::new();
    HEARD.call_once(|| {
        let nowhere = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(std::io::sink);
        tracing::subscriber::set_global_default(nowhere.finish()).unwrap();
    });
}

impl World {
    /// With an open study `tsadk`, its participants `ada` and `bob`, its manager `mia`, analyst `ann`, developer `dev` and monitor
    /// `mon`, the admin `admin`, and `out`, a researcher who has no study.
    pub(crate) fn new() -> Self {
        Self::with(settings(), |ports| ports)
    }

    pub(crate) fn with(settings: HttpSettings, around: impl FnOnce(Ports) -> Ports) -> Self {
        hear_everything();
        let ports = Ports::of(Arc::new(MemoryStore::default()));
        let study = new_study(&ports, "tsadk", StudyStatus::Open);
        for name in ["ada", "bob"] {
            ports
                .accounts
                .enrol(study.id, &[new_account(name)], now())
                .unwrap();
        }
        ports
            .accounts
            .create_user(&new_account("admin"), Role::Admin, now())
            .unwrap();
        let members = [
            ("mia", StudyRole::Manager),
            ("ann", StudyRole::Analyst),
            ("dev", StudyRole::Developer),
            ("mon", StudyRole::Monitor),
        ];
        for (name, role) in members {
            let account = ports
                .accounts
                .create_user(&new_account(name), Role::Researcher, now())
                .unwrap();
            ports
                .accounts
                .put_member(study.id, account.id, role)
                .unwrap();
        }
        ports
            .accounts
            .create_user(&new_account("out"), Role::Researcher, now())
            .unwrap();
        let api = Api::new(around(ports.clone()), keys(), settings)
            .unwrap()
            .with_clock(now);
        Self { ports, api, study }
    }

    pub(crate) fn account(&self, username: &str) -> Account {
        self.ports
            .accounts
            .account_by_username(&username.parse().unwrap())
            .unwrap()
            .unwrap()
    }

    /// An access token of that account, good for a day, as it is got by who asks for nothing in particular.
    pub(crate) fn token(&self, username: &str) -> String {
        self.token_of(username, now(), signing())
    }

    /// One that was asked for with everything that the account may do.
    pub(crate) fn whole_token(&self, username: &str) -> String {
        let account = self.account(username);
        let scope = Scope::whole_of(account.role);
        self.token_with(&account, scope, now(), &signing())
    }

    pub(crate) fn token_of(
        &self,
        username: &str,
        issued: Timestamp,
        signing: SigningKeys,
    ) -> String {
        let account = self.account(username);
        let scope = Scope::of_role(account.role);
        self.token_with(&account, scope, issued, &signing)
    }

    fn token_with(
        &self,
        account: &Account,
        scope: Scope,
        issued: Timestamp,
        signing: &SigningKeys,
    ) -> String {
        let grant = GrantId(Uuid::new_v4());
        let new = NewGrant {
            id: grant,
            account: Some(account.id),
            client: None,
            scope: scope.to_string(),
            ends_at: None,
            refresh: None,
        };
        self.ports.grants.begin_grant(&new, issued).unwrap();
        let claims = Claims::new(
            account.subject,
            scope,
            GrantRound { grant, round: 0 },
            issued,
            86_400,
            Uuid::new_v4(),
        );
        signing.issue(&claims).unwrap().expose().to_owned()
    }

    pub(crate) fn set_status(&self, status: StudyStatus) {
        let change = StudyChange {
            status: Some(status),
            ..StudyChange::default()
        };
        self.ports
            .studies
            .change_study(self.study.id, &change, None, now())
            .unwrap();
    }

    pub(crate) fn set_validation(&self, validation: Validation) {
        let change = StudyChange {
            validation: Some(validation),
            ..StudyChange::default()
        };
        self.ports
            .studies
            .change_study(self.study.id, &change, None, now())
            .unwrap();
    }

    /// Has the study say all that it must before it collects identifiers and sensitive data.
    pub(crate) fn say_everything(&self) {
        let contact = Contact {
            name: "The team".to_owned(),
            email: "team@example.org".to_owned(),
        };
        let controller = Controller {
            name: "A university".to_owned(),
            address: None,
            country: None,
            contact: None,
        };
        let retention = Retention {
            months: 60,
            from: RetentionStart::Closing,
            then: Removal::Erase,
        };
        let change = StudyChange {
            protection: ProtectionChange {
                legal_regimes: Some(LegalRegime::ALL.to_vec()),
                controllers: Some(vec![controller]),
                contact: Some(contact),
                purpose: Some("research".to_owned()),
                recipients: Some(Vec::new()),
                retention: Some(retention),
                ethics_reference: Some("17".to_owned()),
                authorisation_reference: Some("12".to_owned()),
                ..ProtectionChange::default()
            },
            ..StudyChange::default()
        };
        let studies = &self.ports.studies;
        let id = self.study.id;
        studies.change_study(id, &change, None, now()).unwrap();
        let notice = NewNotice {
            language: "en".to_owned(),
            text: "We keep this.".to_owned(),
            by: None,
        };
        let notices = &self.ports.notices;
        notices.put_notice(id, &notice, None, now()).unwrap();
    }

    /// The pseudonym of a participant.
    pub(crate) fn pseudonym(&self, username: &str) -> Code {
        let key = RootKey::from_bytes(ROOT).study_key(self.study.salt.as_bytes());
        key.pseudonym(self.account(username).subject.as_bytes())
    }

    pub(crate) fn hash(&self, password: &str) -> PasswordHash {
        Passwords::new(Cost::new(4).unwrap())
            .unwrap()
            .hash(&Secret::new(password))
            .unwrap()
    }

    /// Sends requests to the API.
    pub(crate) async fn client(
        &self,
    ) -> Client<impl Service<actix_http::Request, Response = ServiceResponse, Error = Error> + use<>>
    {
        Client::new(test::init_service(App::new().configure(configure(self.api.clone()))).await)
    }
}

/// Another API over the same store.
pub(crate) fn over(world: &World, settings: HttpSettings) -> World {
    let api = Api::new(world.ports.clone(), keys(), settings)
        .unwrap()
        .with_clock(now);
    World {
        ports: world.ports.clone(),
        api,
        study: world.study.clone(),
    }
}

pub(crate) fn signing() -> SigningKeys {
    SigningKeys::new(&[SigningKey::new("test", SIGNING)]).unwrap()
}

/// A place with the first secret, the same for every server.
fn vault_keys() -> Arc<MemoryKeyPlace> {
    let place = MemoryKeyPlace::default();
    let put = place.change(&mut |secrets| {
        secrets.insert(VaultVersion(1), VaultSecret::from_bytes([5; 32]));
        Ok(())
    });
    put.unwrap();
    Arc::new(place)
}

pub(crate) fn keys() -> Keys {
    Keys {
        root: RootKey::from_bytes(ROOT),
        signing: signing(),
        vault: vault_keys(),
    }
}

pub(crate) fn new_account(username: &str) -> NewAccount {
    let password_hash = Passwords::new(Cost::new(4).unwrap())
        .unwrap()
        .hash(&Secret::new(PASSWORD))
        .unwrap();
    NewAccount {
        subject: SubjectId::new(random_bytes().unwrap()),
        username: username.parse().unwrap(),
        password_hash,
    }
}

pub(crate) fn new_study(ports: &Ports, slug: &str, status: StudyStatus) -> Study {
    let new = NewStudy {
        slug: slug.parse().unwrap(),
        title: slug.to_uppercase(),
        description: String::new(),
        game_url: None,
        validation: Validation::Quarantine,
        salt: StudySalt::new(random_bytes().unwrap()),
    };
    let study = ports.studies.create_study(&new, None, now()).unwrap();
    let change = StudyChange {
        status: Some(status),
        ..StudyChange::default()
    };
    ports
        .studies
        .change_study(study.id, &change, None, now())
        .unwrap()
}
