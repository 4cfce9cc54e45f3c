//! From a client id to a client: registered here, or described by its own document.

use playhead_access::oauth::{ClientIdUrl, OAuthError, RedirectUri, Refusal, RegisteredClient, check_document};
use playhead_store::{OAuthClient, StoreError};

use super::fetch::FetchError;
use crate::server::OAuth;

/// How long a document is believed, in milliseconds: 15 minutes.
const FRESH_MS: i64 = 15 * 60_000;

/// Why there is no client.
#[derive(Debug)]
pub(super) enum NoClient {
    /// There is none, or its document is none.
    Refused(Refusal),
    /// Its document would have to be fetched: this server does that for members alone.
    NotFetched,
    Store(StoreError),
}

impl From<StoreError> for NoClient {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for NoClient {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The client of an id. `may_fetch`: whether its document may be fetched now.
pub(super) async fn find(oauth: &OAuth, id: &str, may_fetch: bool) -> Result<RegisteredClient, NoClient> {
    let is_url = ClientIdUrl::is_meant(id);
    let url = if is_url { Some(ClientIdUrl::parse(id)?) } else { None };
    let known = oauth.store.oauth_client(id).await?;
    match (url, known) {
        (None, Some(known)) => Ok(client(known)?),
        (None, None) => {
            let description = "this server does not know the client; remove its saved registration and connect again";
            Err(Refusal::new(OAuthError::InvalidClient, description).into())
        }
        (Some(_), Some(known)) if known.fresh_until.is_some_and(|until| oauth.now() < until) => Ok(client(known)?),
        (Some(_), _) if !may_fetch => Err(NoClient::NotFetched),
        (Some(url), _) => fetch(oauth, &url).await,
    }
}

async fn fetch(oauth: &OAuth, id: &ClientIdUrl) -> Result<RegisteredClient, NoClient> {
    let body = oauth.documents.fetch(id).await.map_err(|error| {
        tracing::info!(client = id.as_str(), %error, "a client's document can't be read");
        refusal(&error)
    })?;
    let client = check_document(id, &body)?;
    let kept = OAuthClient {
        id: client.id.clone(),
        name: client.name.clone(),
        redirect_uris: client.redirect_uris.iter().map(RedirectUri::as_str).map(str::to_owned).collect(),
        created_at: oauth.now(),
        fresh_until: Some(oauth.now().plus_ms(FRESH_MS)),
    };
    oauth.store.store_client_document(kept).await?;
    Ok(client)
}

/// The same words for every address that may not be reached: the server must not tell what it can reach.
fn refusal(error: &FetchError) -> Refusal {
    let description = match error {
        FetchError::Unreachable => "the client's document can't be fetched from a public address",
        FetchError::Status => "the client's document must answer 200, without a redirect",
        FetchError::TooLarge => "the client's document has more than 5 KB",
        FetchError::Busy => "too many documents are being fetched; try again in a moment",
    };
    Refusal::new(OAuthError::InvalidClient, description)
}

fn client(known: OAuthClient) -> Result<RegisteredClient, Refusal> {
    let uris = known.redirect_uris.iter().map(|uri| RedirectUri::parse(uri)).collect::<Result<_, _>>();
    let redirect_uris = uris.map_err(|description| Refusal::new(OAuthError::InvalidClient, description))?;
    Ok(RegisteredClient { id: known.id, name: known.name, redirect_uris })
}
