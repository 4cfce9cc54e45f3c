//! The routes of administrators that concern people, agents and what they did.

use axum::routing::{delete, get, post};
use http::Method;
use playhead_schemas::{AgentId, InvitationId, MemberId};

use super::table::{AFTER, LIMIT, PROJECT, json, operation};
use super::{AdminApp, agents, audit, members, page::PageView};
use crate::openapi::{Operation, Param, schema_of};
use crate::routes::{Route, route};

const MEMBER: &[Param] =
    &[Param { name: "member", place: "path", about: "The member's id.", schema: schema_of::<MemberId> }];
const AGENT: &[Param] =
    &[Param { name: "agent", place: "path", about: "The agent's id.", schema: schema_of::<AgentId> }];
const INVITATION: &[Param] =
    &[Param { name: "invitation", place: "path", about: "The invitation's id.", schema: schema_of::<InvitationId> }];

const fn text(name: &'static str, about: &'static str) -> Param {
    Param { name, place: "query", about, schema: schema_of::<String> }
}

/// The routes of members, invitations, agents, roles and the audit log.
pub(super) fn table() -> Vec<Route<AdminApp>> {
    let mut routes = member_routes();
    routes.extend(invitation_routes());
    routes.extend(agent_routes());
    routes.push(audit_route());
    routes
}

fn member_routes() -> Vec<Route<AdminApp>> {
    type Page = PageView<members::MemberView>;
    type One = members::MemberView;
    const SHOWN_ONCE: &str = "The password is in this answer and never again; it must be changed at the first sign-in.";
    vec![
        route(
            Method::GET,
            "/v1/admin/members",
            get(members::list),
            Operation {
                params: &[AFTER, LIMIT],
                ..operation("listMembers", "List the members", 200, "A page.", schema_of::<Page>)
            },
        ),
        route(
            Method::POST,
            "/v1/admin/members",
            post(members::create),
            Operation {
                about: SHOWN_ONCE,
                bodies: const { &[json::<members::MemberToMake>()] },
                ..operation("createMember", "Make a member", 201, "Made.", schema_of::<members::NewMemberView>)
            },
        ),
        route(
            Method::DELETE,
            "/v1/admin/members/{member}",
            delete(members::remove),
            Operation {
                about: "Whatever acts as this member is refused from the next call on; what it did stays.",
                params: MEMBER,
                ..operation("removeMember", "Remove a member", 200, "Removed.", schema_of::<One>)
            },
        ),
        route(
            Method::POST,
            "/v1/admin/members/{member}/restore",
            post(members::restore),
            Operation {
                params: MEMBER,
                ..operation("restoreMember", "Take a removed member back", 200, "Back.", schema_of::<One>)
            },
        ),
        route(
            Method::POST,
            "/v1/admin/members/{member}/admin",
            post(members::set_admin),
            Operation {
                about: "It holds from the next call on. The last administrator stays one.",
                params: MEMBER,
                bodies: const { &[json::<members::AdminToSet>()] },
                ..operation(
                    "setMemberAdmin",
                    "Make a member an administrator, or no more",
                    200,
                    "Set.",
                    schema_of::<One>,
                )
            },
        ),
        route(
            Method::POST,
            "/v1/admin/members/{member}/password",
            post(members::reset_password),
            Operation {
                about: SHOWN_ONCE,
                params: MEMBER,
                ..operation(
                    "resetPassword",
                    "Give a member a new password",
                    200,
                    "Set.",
                    schema_of::<members::NewMemberView>,
                )
            },
        ),
    ]
}

fn invitation_routes() -> Vec<Route<AdminApp>> {
    type Page = PageView<members::InvitationView>;
    vec![
        route(
            Method::GET,
            "/v1/admin/invitations",
            get(members::invitations),
            Operation {
                params: &[AFTER, LIMIT],
                ..operation("listInvitations", "List the invitations", 200, "A page.", schema_of::<Page>)
            },
        ),
        route(
            Method::POST,
            "/v1/admin/invitations",
            post(members::invite),
            Operation {
                about: "The path to open is in this answer and never again; whoever opens it first gets the account.",
                bodies: const { &[json::<members::InvitationToMake>()] },
                ..operation("invite", "Invite a person", 201, "Made.", schema_of::<members::NewInvitationView>)
            },
        ),
        route(
            Method::DELETE,
            "/v1/admin/invitations/{invitation}",
            delete(members::call_back),
            Operation {
                params: INVITATION,
                ..operation(
                    "callInvitationBack",
                    "Call an invitation back",
                    200,
                    "It can't be taken any more.",
                    schema_of::<members::InvitationView>,
                )
            },
        ),
    ]
}

fn agent_routes() -> Vec<Route<AdminApp>> {
    type Page = PageView<agents::AgentView>;
    type One = agents::AgentView;
    vec![
        route(
            Method::GET,
            "/v1/admin/agents",
            get(agents::list),
            Operation {
                params: &[AFTER, LIMIT],
                ..operation("listAgents", "List the agents", 200, "A page.", schema_of::<Page>)
            },
        ),
        route(
            Method::POST,
            "/v1/admin/agents",
            post(agents::create),
            Operation {
                bodies: const { &[json::<agents::AgentToMake>()] },
                ..operation("createAgent", "Make an agent", 201, "Made.", schema_of::<One>)
            },
        ),
        route(
            Method::DELETE,
            "/v1/admin/agents/{agent}",
            delete(agents::remove),
            Operation {
                about: "Its tokens are refused from the next call on.",
                params: AGENT,
                ..operation("removeAgent", "Remove an agent", 200, "Removed.", schema_of::<One>)
            },
        ),
        route(
            Method::GET,
            "/v1/admin/roles",
            get(agents::roles),
            Operation {
                params: &[PROJECT],
                ..operation("listRoles", "List the roles in a project", 200, "All.", schema_of::<agents::RolesView>)
            },
        ),
        route(
            Method::POST,
            "/v1/admin/roles",
            post(agents::set_role),
            Operation {
                about: "It holds from the next call on.",
                bodies: const { &[json::<agents::RoleToSet>()] },
                ..operation("setRole", "Give or take a role", 200, "Set.", schema_of::<agents::RolesView>)
            },
        ),
    ]
}

fn audit_route() -> Route<AdminApp> {
    const PARAMS: &[Param] = &[
        PROJECT,
        text("principal", "Such as token 01J.."),
        text("client", "The name of a client."),
        text("tool", "The name of a tool."),
        text("code", "Refused with this code."),
        text("refused", "1: only what was refused."),
        text("since", "Not before, epoch milliseconds."),
        text("until", "Before, epoch milliseconds."),
        AFTER,
        LIMIT,
    ];
    type Page = PageView<audit::AuditView>;
    route(
        Method::GET,
        "/v1/admin/audit",
        get(audit::list),
        Operation {
            about: "Every call of a tool and of these routes, newest first.",
            params: PARAMS,
            ..operation("listAudit", "List the audit log", 200, "A page.", schema_of::<Page>)
        },
    )
}
