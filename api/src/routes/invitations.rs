//! Invitations: list, create, withdraw, administration.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::InvitationId;
use playhead_store as store;
use playhead_web::openapi::{Answer, Created, path};
use playhead_web::{ApiError, Problem};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{JsonBody, Paging, PathId, page};
use crate::named::{Named, on_conflict};
use crate::types::{CreatedInvitation, Invitation, Invite, Page, SetAdministrator};

/// How long an invitation can be accepted, in days, unless it says otherwise, and at most.
const DAYS: u32 = 7;
const DAYS_MAX: u32 = 90;
const DAY_MS: i64 = 86_400_000;
/// The most roles of one invitation.
const ROLES_MAX: usize = 100;

/// What to do instead of inviting somebody who has an account.
const HAS_ACCOUNT: &str = "POST /api/v1/roles gives the member a role; a removed one is restored with POST \
    /api/v1/members/{member}/restore";

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/v1/invitations", get_with(list, list_docs).post_with(create, create_docs))
        .api_route("/api/v1/invitations/{invitation}", delete_with(withdraw, withdraw_docs))
        .api_route("/api/v1/invitations/{invitation}/admin", post_with(set_admin, set_admin_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("listInvitations").summary("List the invitations")
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    paging: Paging<InvitationId>,
) -> Result<Answer<Page<Invitation>>, ApiError> {
    administrator.must_manage_all("list invitations")?;
    let (after, limit) = paging.read()?;
    Ok(Answer(page(api.store.invitations(administrator.workspace, after, limit).await?)))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("invite").summary("Invite a person").description(
        "The path to open is in this answer and never again; whoever opens it first gets the account. An address that \
             has an account is refused.",
    )
}

async fn create(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<Invite>,
) -> Result<Created<CreatedInvitation>, ApiError> {
    administrator.must_manage_all("invite members")?;
    let wanted = body.read().await?;
    let days = wanted.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) || wanted.roles.len() > ROLES_MAX {
        let message = format!("days is 1 to {DAYS_MAX}, and roles are at most {ROLES_MAX}");
        return Err(Problem::invalid(message, "give less").into());
    }
    let mut roles = Vec::new();
    for wanted in wanted.roles {
        roles.push((administrator.project(&api, &wanted.project).await?.id, wanted.role));
    }
    let new = store::NewInvitation {
        workspace: administrator.workspace,
        email: wanted.email,
        admin: wanted.admin,
        roles,
        expires_at: api.clock.now().plus_ms(i64::from(days) * DAY_MS),
    };
    let made = api.store.create_invitation(new).await;
    let (invitation, secret) = made.map_err(on_conflict(HAS_ACCOUNT))?;
    let path = format!("/invitations/{}", secret.expose());
    Ok(Answer(CreatedInvitation { invitation: invitation.into(), path }))
}

fn withdraw_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("withdrawInvitation")
        .summary("Withdraw an invitation")
        .description("It can't be accepted any more.")
        .with(path::<InvitationId>("invitation", "The invitation's id."))
}

async fn withdraw(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    invitation: PathId<InvitationId>,
) -> Result<Answer<Invitation>, ApiError> {
    administrator.must_manage_all("withdraw invitations")?;
    let invitation = invitation_of(&api, &administrator, &invitation).await?;
    Ok(Answer(api.store.revoke_invitation(invitation).await?.into()))
}

fn set_admin_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("setInvitationAdmin")
        .summary("Make the invited person an administrator, or no longer one")
        .description(
            "It applies when the invitation is accepted. An accepted one is refused: change the member instead.",
        )
        .with(path::<InvitationId>("invitation", "The invitation's id."))
}

async fn set_admin(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    invitation: PathId<InvitationId>,
    body: JsonBody<SetAdministrator>,
) -> Result<Answer<Invitation>, ApiError> {
    administrator.must_manage_all("change invitations")?;
    let invitation = invitation_of(&api, &administrator, &invitation).await?;
    let SetAdministrator { admin } = body.read().await?;
    let changed = api.store.set_invitation_admin(invitation, admin, api.clock.now()).await;
    let advice = "GET /api/v1/members says whether it was accepted; POST /api/v1/invitations invites again";
    Ok(Answer(changed.map_err(on_conflict(advice))?.into()))
}

/// The invitation of the path, if it belongs to the administrator's workspace.
async fn invitation_of(
    api: &Api,
    administrator: &Administrator,
    invitation: &PathId<InvitationId>,
) -> Result<InvitationId, ApiError> {
    let invitation = Named::Invitation.found(api.store.invitation(invitation.read()?).await)?;
    if invitation.workspace != administrator.workspace {
        return Err(Named::Invitation.missing());
    }
    Ok(invitation.id)
}

impl From<store::Invitation> for Invitation {
    fn from(invitation: store::Invitation) -> Self {
        let store::Invitation { id, email, admin, roles, created_at, expires_at, used_at, .. } = invitation;
        Self { id, email, admin, roles, created_at, expires_at, used_at }
    }
}
