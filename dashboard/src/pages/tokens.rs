//! Tokens that a member creates for scripts and for assistants without OAuth. A token acts as its member: it can never
//! do more than the member's role allows at that moment.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use playhead_access::oauth::Resource;
use playhead_schemas::text::one_line;
use playhead_schemas::{Actor, EpochMs, ProjectId, Scope, TokenId};
use playhead_store::{NewToken, Project, Secret, Token};
use playhead_web::Params;

use super::{connect, scopes};
use crate::app::App;
use crate::browser::{
    CsrfForm, Failure, Next, Page, Reply, Section, Visitor, alert, copyable, csrf_field, html as page_of, member_of,
    see_other, time,
};

/// Tokens on one page, and projects to choose from.
const PAGE_ROWS: u32 = 50;
const PROJECTS_MAX: u32 = 200;
const LABEL_CHARS_MAX: usize = 100;
/// How long a token may work, in days.
const LIFETIMES_DAYS: [i64; 4] = [7, 30, 90, 365];
const DAY_MS: i64 = 86_400_000;

/// `GET /account/tokens`
pub(crate) async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let visitor = member_of(&app, &headers, &Next::parse("/account/tokens")).await?;
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let after = params.field("after").parse().ok();
    page(&app, &visitor, after, StatusCode::OK, &Notice::None).await
}

/// `POST /account/tokens`
pub(crate) async fn create(State(app): State<App>, form: CsrfForm) -> Reply {
    let visitor = visitor_of(form.visitor)?;
    let new = match read(&app, &visitor, &form.fields).await? {
        Ok(new) => new,
        Err(problem) => {
            return page(&app, &visitor, None, StatusCode::UNPROCESSABLE_ENTITY, &Notice::Problem(problem)).await;
        }
    };
    let (token, secret) = app.store.create_token(new).await?;
    app.note(Some(&visitor.member), "create token", Some(token.id.to_string()), None);
    page(&app, &visitor, None, StatusCode::OK, &Notice::Secret(&token, &secret)).await
}

/// `POST /account/tokens/{id}/revoke`
pub(crate) async fn revoke(State(app): State<App>, Path(id): Path<String>, form: CsrfForm) -> Reply {
    let visitor = visitor_of(form.visitor)?;
    let token = own(&app, &visitor, &id).await?;
    app.store.revoke_token(token.id).await?;
    app.note(Some(&visitor.member), "revoke token", Some(token.id.to_string()), None);
    Ok(see_other("/account/tokens"))
}

/// `POST /account/tokens/{id}/rotate`: a new secret; the old one stops working at once.
pub(crate) async fn rotate(State(app): State<App>, Path(id): Path<String>, form: CsrfForm) -> Reply {
    let visitor = visitor_of(form.visitor)?;
    let old = own(&app, &visitor, &id).await?;
    let (token, secret) = app.store.rotate_token(old.id).await?;
    app.note(Some(&visitor.member), "rotate token", Some(token.id.to_string()), None);
    page(&app, &visitor, None, StatusCode::OK, &Notice::Secret(&token, &secret)).await
}

/// What stands above the list.
enum Notice<'a> {
    None,
    Problem(&'static str),
    Secret(&'a Token, &'a Secret),
}

fn visitor_of(visitor: Option<Visitor>) -> Result<Visitor, Failure> {
    let next = Next::parse("/account/tokens");
    visitor.ok_or_else(|| Failure::from(see_other(&next.from("/sign-in"))))?.ready(&next)
}

/// The member's own live token of an id; another's is as unknown as none.
async fn own(app: &App, visitor: &Visitor, id: &str) -> Result<Token, Failure> {
    let id: TokenId = id.parse().map_err(|_| Failure::not_found())?;
    let token = app.store.token(id).await?;
    let is_own = token.actor == Some(Actor::Member(visitor.member.id)) && token.revoked_at.is_none();
    if is_own { Ok(token) } else { Err(Failure::not_found()) }
}

async fn read(app: &App, visitor: &Visitor, fields: &Params) -> Result<Result<NewToken, &'static str>, Failure> {
    let label = one_line(fields.field("label"), LABEL_CHARS_MAX);
    if label.is_empty() {
        return Ok(Err("Enter a name for the token."));
    }
    let chosen: Vec<&str> = fields.all("scope").collect();
    let scopes: Vec<Scope> = offered(visitor).filter(|scope| chosen.contains(&scope.as_str())).collect();
    if scopes.is_empty() {
        return Ok(Err("Select at least one permission."));
    }
    let Some(days) = LIFETIMES_DAYS.into_iter().find(|days| fields.field("days") == days.to_string()) else {
        return Ok(Err("Choose when the token expires."));
    };
    let bound_project = match fields.field("project") {
        "" => None,
        id => match projects(app, visitor).await?.iter().find(|project| project.id.to_string() == id) {
            Some(project) => Some(project.id),
            None => return Ok(Err("Choose a project in which you have a role.")),
        },
    };
    Ok(Ok(NewToken {
        workspace: visitor.member.workspace,
        projects: bound_project.map(|project| vec![project]),
        scopes,
        label,
        expires_at: Some(app.now().plus_ms(days * DAY_MS)),
        actor: Some(Actor::Member(visitor.member.id)),
        bound_project,
    }))
}

fn offered(visitor: &Visitor) -> impl Iterator<Item = Scope> {
    let admin = visitor.member.admin;
    Scope::ALL.into_iter().filter(move |scope| *scope != Scope::Admin || admin)
}

async fn projects(app: &App, visitor: &Visitor) -> Result<Vec<Project>, Failure> {
    let Some(actor_roles) = app.store.actor_roles(Actor::Member(visitor.member.id)).await? else {
        return Ok(Vec::new());
    };
    let only: Vec<ProjectId> = actor_roles.roles.keys().copied().collect();
    let only = if actor_roles.admin { None } else { Some(only.as_slice()) };
    Ok(app.store.projects(visitor.member.workspace, only, None, PROJECTS_MAX).await?.items)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    after: Option<TokenId>,
    status: StatusCode,
    notice: &Notice<'_>,
) -> Result<Response, Failure> {
    let projects = projects(app, visitor).await?;
    let tokens = app.store.tokens_of(Actor::Member(visitor.member.id), after, PAGE_ROWS).await?;
    let now = app.now();
    let body = html! {
        (notice_of(app, notice, &projects))
        p {
            "A token gives access to a script, or to an assistant that can't ask you for permission on this site. "
            "Those that can are listed under " a href="/account/apps" { "Connected apps" } ". When you revoke a token or "
            "replace its secret, access with the old secret ends immediately."
        }
        h2 { "Your tokens" }
        @if tokens.items.is_empty() { p { "You have no tokens." } }
        ul.cards { @for token in &tokens.items { li { (card(token, &projects, &visitor.csrf, now)) } } }
        @if let Some(next) = tokens.next { p { a.button href={ "/account/tokens?after=" (next) } { "Next page" } } }
        h2 { "Create a token" }
        (form(visitor, &projects))
    };
    Ok(page_of(
        status,
        &Page::new("Tokens").for_visitor(visitor).section(Section::Tokens).with_copy_buttons().body(body),
    ))
}

fn notice_of(app: &App, notice: &Notice<'_>, projects: &[Project]) -> Markup {
    html! {
        @match notice {
            Notice::None => {},
            Notice::Problem(problem) => (alert(Some(problem))),
            Notice::Secret(token, secret) => {
                div.done role="status" {
                    p { "Copy the token “" bdi { (token.label) } "” now. It is not shown again." }
                    dl {
                        dt { "Token" }
                        dd { div.copyable { code data-copy="token" id="secret" { (secret.expose()) } } }
                        dt { "Endpoint" }
                        dd { (copyable("endpoint", &endpoint(app, token, projects))) }
                    }
                    p { "Send the token in the header " code { "Authorization: Bearer" } "." }
                    details {
                        summary { "Configuration for common clients" }
                        (connect::snippets(&endpoint(app, token, projects), Some(secret.expose())))
                    }
                }
            }
        }
    }
}

fn endpoint(app: &App, token: &Token, projects: &[Project]) -> String {
    let project = projects.iter().find(|project| Some(project.id) == token.bound_project);
    project.map_or(Resource::Workspace, |project| Resource::Project(project.slug.clone())).url(app.issuer())
}

fn card(token: &Token, projects: &[Project], csrf: &str, now: EpochMs) -> Markup {
    let project = projects.iter().find(|project| Some(project.id) == token.bound_project);
    html! {
        h3 { bdi { (token.label) } }
        dl {
            dt { "Starts with" } dd { code { (token.prefix) "…" } }
            dt { "Project" } dd { (project.map_or("Every project in which you have a role", |project| project.name.as_str())) }
            (scopes::given(&token.scopes))
            dt { "Created" } dd { (time(token.created_at)) }
            dt { "Expires" }
            dd {
                @match token.expires_at { Some(at) => (time(at)), None => "Never" }
                @if !token.is_live(now) { " (expired)" }
            }
            dt { "Last used" }
            dd {
                @match token.last_used_at { Some(at) => (time(at)), None => "Never" }
                @if let Some(client) = &token.last_client { " by " bdi { (client) } }
            }
        }
        div.actions {
            form method="post" action={ "/account/tokens/" (token.id) "/rotate" } {
                (csrf_field(csrf))
                button.quiet type="submit" aria-label={ "Replace secret of " (token.label) } { "Replace secret" }
            }
            form method="post" action={ "/account/tokens/" (token.id) "/revoke" } {
                (csrf_field(csrf))
                button.bad type="submit" aria-label={ "Revoke " (token.label) } { "Revoke" }
            }
        }
    }
}

fn form(visitor: &Visitor, projects: &[Project]) -> Markup {
    html! {
        form method="post" action="/account/tokens" {
            (csrf_field(&visitor.csrf))
            p.field {
                label for="label" { "Name" span.hint id="label-hint" { "What the token is for, such as the script that uses it." } }
                input id="label" name="label" type="text" required maxlength=(LABEL_CHARS_MAX) autocomplete="off" aria-describedby="label-hint";
            }
            p.field {
                label for="project" { "Project" }
                select id="project" name="project" {
                    option value="" { "Every project in which you have a role" }
                    @for project in projects { option value=(project.id) { "Only " (project.name) } }
                }
            }
            (scopes::choices(offered(visitor)))
            p.field {
                label for="days" { "Expires" }
                select id="days" name="days" {
                    @for days in LIFETIMES_DAYS { option value=(days) selected[days == 90] { "In " (days) " days" } }
                }
            }
            p { button type="submit" { "Create token" } }
        }
    }
}
