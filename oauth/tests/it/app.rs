//! One authorization server for each test, with a clock to move and a member who allows what is asked.

use std::ops::Deref;

use playhead_oauth::{Authorization, OAuth, OAuthConfig};
use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, Scope};
use playhead_store::{Member, NewMember, Store, StoreConfig};
use playhead_web::testing::oauth::{ISSUER, Site, authorization_query};
use tempfile::TempDir;
use url::form_urlencoded;

/// A running application.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) member: Member,
    oauth: OAuth,
    site: Site,
    _dir: TempDir,
}

impl Deref for TestApp {
    type Target = Site;
    fn deref(&self) -> &Site {
        &self.site
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(OAuthConfig::default()).await
    }

    /// With other settings; the public URL is always [`ISSUER`], and the clock this app's own.
    pub(crate) async fn with(config: OAuthConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(StoreConfig::for_tests(dir.path())).await.unwrap();
        let workspace = store.default_workspace().await.unwrap().id;
        let new = NewMember {
            workspace,
            email: "ann@example.com".to_owned(),
            name: "Ann".to_owned(),
            password_hash: None,
            must_change_password: false,
            admin: true,
        };
        let member = store.create_member(new).await.unwrap();
        let clock = Clock::manual(EpochMs::now());
        let config = OAuthConfig { public_url: ISSUER.to_owned(), clock: clock.clone(), ..config };
        let oauth = OAuth::new(store.clone(), config).unwrap();
        Self { store, site: Site::new(oauth.router()), oauth, clock, member, _dir: dir }
    }

    /// A code that the member let the client have.
    pub(crate) async fn code(&self, client: &str) -> String {
        let Ok(Authorization::Ask(request)) = self.oauth.authorization(&authorization_query(client, &[]), true).await
        else {
            panic!("the request can't be asked")
        };
        let grantable = request.grantable(&self.oauth, &self.member).await.unwrap().unwrap();
        let chosen = [Scope::BugsRead, Scope::BugsWrite];
        let location = request.allow(&self.oauth, &self.member, &grantable, &chosen).await.unwrap().unwrap();
        let (_, query) = location.split_once('?').unwrap();
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").unwrap().1.into_owned()
    }
}
