//! Members: list, create, remove, restore, administration, one-time passwords.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_access::password;
use playhead_schemas::{ErrorCode, MemberId};
use playhead_store as store;
use playhead_web::openapi::{Answer, Created, path};
use playhead_web::{ApiError, Problem};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{JsonBody, Paging, PathId, page};
use crate::named::{Named, on_conflict};
use crate::types::{CreateMember, CreatedMember, Member, Page, SetAdministrator};

/// What to do when a change would leave no administrator.
const ANOTHER_ADMIN: &str = "POST /api/v1/members/{member}/admin makes another member an administrator";

const SHOWN_ONCE: &str = "The password is in this answer and never again; it must be changed at the first sign-in.";

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/v1/members", get_with(list, list_docs).post_with(create, create_docs))
        .api_route("/api/v1/members/{member}", delete_with(remove, remove_docs))
        .api_route("/api/v1/members/{member}/restore", post_with(restore, restore_docs))
        .api_route("/api/v1/members/{member}/admin", post_with(set_admin, set_admin_docs))
        .api_route("/api/v1/members/{member}/password", post_with(reset_password, reset_password_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("listMembers").summary("List the members")
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    paging: Paging<MemberId>,
) -> Result<Answer<Page<Member>>, ApiError> {
    administrator.must_manage_all("list members")?;
    let (after, limit) = paging.read()?;
    Ok(Answer(page(api.store.members(administrator.workspace, after, limit).await?)))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("createMember").summary("Make a member").description(SHOWN_ONCE)
}

async fn create(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<CreateMember>,
) -> Result<Created<CreatedMember>, ApiError> {
    administrator.must_manage_all("make members")?;
    let CreateMember { email, name, admin } = body.read().await?;
    let (password, phc) = one_time_password().await?;
    let new = store::NewMember {
        workspace: administrator.workspace,
        name: name.unwrap_or_else(|| email.clone()),
        email,
        password_hash: Some(phc),
        must_change_password: true,
        admin,
    };
    let made = api.store.create_member(new).await;
    let advice = "GET /api/v1/members lists the accounts; a removed one can be restored";
    let member = made.map_err(on_conflict(advice))?.into();
    Ok(Answer(CreatedMember { member, password }))
}

fn remove_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("removeMember")
        .summary("Remove a member")
        .description("Whatever acts as this member is refused from the next call on; what it did stays.")
        .with(path::<MemberId>("member", "The member's id."))
}

async fn remove(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    member: PathId<MemberId>,
) -> Result<Answer<Member>, ApiError> {
    let member = member_of(&api, &administrator, &member).await?;
    Ok(Answer(api.store.disable_member(member).await.map_err(on_conflict(ANOTHER_ADMIN))?.into()))
}

fn restore_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("restoreMember")
        .summary("Restore a removed member")
        .with(path::<MemberId>("member", "The member's id."))
}

async fn restore(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    member: PathId<MemberId>,
) -> Result<Answer<Member>, ApiError> {
    let member = member_of(&api, &administrator, &member).await?;
    Ok(Answer(api.store.enable_member(member).await?.into()))
}

fn set_admin_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("setMemberAdmin")
        .summary("Make a member an administrator, or no longer one")
        .description("It holds from the next call on. The last administrator stays one.")
        .with(path::<MemberId>("member", "The member's id."))
}

async fn set_admin(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    member: PathId<MemberId>,
    body: JsonBody<SetAdministrator>,
) -> Result<Answer<Member>, ApiError> {
    let member = member_of(&api, &administrator, &member).await?;
    let SetAdministrator { admin } = body.read().await?;
    let changed = api.store.set_member_admin(member, admin).await;
    Ok(Answer(changed.map_err(on_conflict(ANOTHER_ADMIN))?.into()))
}

fn reset_password_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("resetPassword")
        .summary("Give a member a new password")
        .description(SHOWN_ONCE)
        .with(path::<MemberId>("member", "The member's id."))
}

async fn reset_password(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    member: PathId<MemberId>,
) -> Result<Answer<CreatedMember>, ApiError> {
    let member = member_of(&api, &administrator, &member).await?;
    let (password, phc) = one_time_password().await?;
    let member = api.store.set_one_time_password(member, phc).await?.into();
    Ok(Answer(CreatedMember { member, password }))
}

/// The member of the workspace that a path names.
async fn member_of(api: &Api, administrator: &Administrator, member: &PathId<MemberId>) -> Result<MemberId, ApiError> {
    administrator.must_manage_all("manage members")?;
    let member = Named::Member.found(api.store.member(member.read()?).await)?;
    if member.workspace == administrator.workspace { Ok(member.id) } else { Err(Named::Member.missing()) }
}

/// A password and its PHC string.
async fn one_time_password() -> Result<(String, String), ApiError> {
    let made = tokio::task::spawn_blocking(|| {
        let password = password::generate();
        password::hash(&password).map(|phc| (password, phc))
    });
    made.await
        .ok()
        .and_then(Result::ok)
        .ok_or_else(|| ApiError::new(Problem::new(ErrorCode::Internal, "the password can't be hashed", "try again")))
}

impl From<store::Member> for Member {
    fn from(member: store::Member) -> Self {
        let store::Member { id, email, name, admin, created_at, disabled_at, .. } = member;
        Self { id, email, name, admin, created_at, disabled_at }
    }
}
