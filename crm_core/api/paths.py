"""Routes of the OpenAPI document that do not belong to one object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_core.api.field_security import KEYS as PROFILE_KEYS
from crm_core.api.schemas import NAMES, TEXT, UUID, object_schema
from crm_core.records import audit, general_settings
from crm_core.records.duplicates import editing


def fixed_paths(operation: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Routes that do not belong to one object."""

    def ref(name: str) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/{name}"}

    identifier = [{"name": "id", "in": "path", "required": True, "schema": UUID}]
    empty = {"type": "object", "additionalProperties": False}
    rule = object_schema({name: {} for name in sorted(editing.FIELDS)})
    currency = {"code": TEXT, "rate": TEXT, "precision": {"type": "integer", "minimum": 0, "maximum": 4}}
    profile = object_schema({name: {} for name in sorted(PROFILE_KEYS)})
    app = {
        "name": TEXT,
        "publisher": TEXT,
        "redirect_uris": {"type": "array", "items": TEXT, "maxItems": 10},
        "may_write": {"type": "boolean"},
        "service_user": {"type": ["string", "null"], "format": "uuid"},
    }
    retention = object_schema(
        {
            "object": TEXT,
            "state": {"type": ["string", "null"]},
            "months": {"type": "integer", "minimum": 1, "maximum": 240},
        },
        ["object", "months"],
    )
    solution = object_schema(
        {
            "name": TEXT,
            "label": TEXT,
            "version": TEXT,
            "description": TEXT,
            "components": {"type": "array", "items": {"type": "object"}},
        }
    )
    carried = {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": object_schema(
                    {"file": {"type": "string", "format": "binary"}, "decisions": TEXT}, ["file"]
                )
            }
        },
    }
    query = lambda *names: [{"name": n, "in": "query", "schema": TEXT} for n in names]  # noqa: E731
    return {
        "/openapi.json": {"get": operation("This document", "Metadata")},
        "/session": {
            "get": operation("Who am I", "Session"),
            "patch": operation("Change language, time zone, first day of the week, theme and preferences", "Session", body=object_schema({"language": TEXT, "time_zone": TEXT, "theme": TEXT, "week_start": {"type": ["integer", "null"], "minimum": 1, "maximum": 7}, "preferences": {"type": "object"}})),
            "delete": operation("Sign out", "Session", ok="204"),
        },
        "/session/view_as": {
            "post": operation("See the workspace as somebody else, read-only", "Session", body=object_schema({"user": UUID}, ["user"])),
            "delete": operation("See it as oneself again", "Session"),
        },
        "/preferences": {"get": operation("My preferences", "Session"), "patch": operation("Change preferences", "Session", body={"type": "object"})},
        "/me/sessions": {"get": operation("Where I am signed in", "Own access")},
        "/me/sessions/actions/end_others": {"post": operation("Sign out everywhere else", "Own access", body=empty)},
        "/me/sessions/{id}": {"parameters": identifier, "delete": operation("Sign out there", "Own access", ok="204")},
        "/me/password": {"post": operation("Change my password", "Own access", body=object_schema({"current": TEXT, "new": TEXT}, ["current", "new"]))},
        "/me/second_factor": {"get": operation("My second factor", "Own access")},
        "/me/second_factor/actions/begin": {"post": operation("A new secret for an authenticator app", "Own access", body=object_schema({"password": TEXT}, ["password"]))},
        "/me/second_factor/actions/confirm": {"post": operation("Turn my second factor on", "Own access", body=object_schema({"code": TEXT}, ["code"]))},
        "/me/second_factor/actions/renew_codes": {"post": operation("New recovery codes", "Own access", body=object_schema({"code": TEXT}, ["code"]))},
        "/me/second_factor/actions/turn_off": {"post": operation("Turn my second factor off", "Own access", body=object_schema({"password": TEXT, "code": TEXT}, ["password", "code"]))},
        "/single_sign_on": {
            "get": operation("The provider people sign in with", "People"),
            "patch": operation("Change the provider people sign in with", "People", body=object_schema({**dict.fromkeys(("name", "issuer", "client_id", "client_secret"), TEXT), "domains": {"type": "array", "items": TEXT, "maxItems": 20}, "joining_role": {"type": ["string", "null"], "format": "uuid"}, "is_enforced": {"type": "boolean"}, "is_active": {"type": "boolean"}})),
        },
        "/second_factors": {
            "get": operation("Whom the workspace asks a second factor, and who has one", "People"),
            "patch": operation("Ask people for a second factor", "People", body=object_schema({"required": {"type": "string", "enum": ["nobody", "everybody", "roles"]}, "roles": {"type": "array", "items": UUID, "maxItems": 50}}, ["required"])),
        },
        "/second_factors/{id}/actions/reset": {
            "parameters": identifier,
            "post": operation("Reset somebody's second factor", "People", body=object_schema({"reason": TEXT}, ["reason"])),
        },
        "/me/tokens": {
            "get": operation("My access tokens", "Own access"),
            "post": operation("Make an access token", "Own access", ok="201", body=object_schema({"name": TEXT, "days": {"type": ["integer", "null"], "enum": [30, 90, 365, None]}, "may_write": {"type": "boolean"}}, ["name"])),
        },
        "/me/tokens/{id}": {"parameters": identifier, "delete": operation("Revoke a token", "Own access", ok="204")},
        "/me/apps": {"get": operation("Apps that may act for me", "Own access")},
        "/me/apps/{id}": {"parameters": identifier, "delete": operation("Take an app's access back", "Own access", ok="204")},
        "/oauth_applications": {
            "get": operation("Registered apps", "Apps"),
            "post": operation("Register an app", "Apps", ok="201", body=object_schema({**app, "confidential": {"type": "boolean"}}, ["name"])),
        },
        "/oauth_applications/{id}": {
            "parameters": identifier,
            "patch": operation("Change an app", "Apps", body=object_schema(app)),
            "delete": operation("Remove an app and its access", "Apps", ok="204"),
        },
        "/oauth_applications/{id}/actions/rotate_secret": {
            "parameters": identifier,
            "post": operation("Give an app a new secret", "Apps", body=empty),
        },
        "/search": {"get": operation("Search everything", "Search", parameters=query("q", "objects"))},
        "/search/recent": {"get": operation("Recently opened records", "Search")},
        "/search/opened": {"post": operation("Note an opened record", "Search", ok="204", body=ref("Addressed"))},
        "/recycle_bin": {"get": operation("Deleted records", "Recycle bin", parameters=query("object", "cursor", "limit"))},
        "/recycle_bin/restore": {"post": operation("Restore", "Recycle bin", body=ref("Addressed"))},
        "/recycle_bin/purge": {"post": operation("Destroy", "Recycle bin", ok="204", body=ref("Addressed"))},
        "/metadata/objects": {"get": operation("Objects", "Metadata")},
        "/metadata/objects/{name}": {
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": TEXT}],
            "get": operation("One object's description", "Metadata"),
        },
        "/option_lists": {"get": operation("Option lists", "Metadata")},
        "/views": {"get": operation("Views of an object", "Views", parameters=query("object")), "post": operation("Save a view", "Views", ok="201", body=ref("View"))},
        "/views/{id}": {"parameters": identifier, "patch": operation("Change a view", "Views", body=ref("View")), "delete": operation("Delete a view", "Views", ok="204")},
        "/views/{id}/actions/make_standard": {"parameters": identifier, "post": operation("Make a view a standard one", "Views", body=object_schema({"object": TEXT, "label": TEXT, "default": {"type": "boolean"}}, ["object"]))},
        "/jobs": {"get": operation("Jobs", "Jobs", parameters=query("mine", "state", "undoable"))},
        "/jobs/{id}": {"parameters": identifier, "get": operation("One job", "Jobs")},
        "/jobs/{id}/undo": {"parameters": identifier, "get": operation("What an undo would do", "Jobs")},
        "/files": {
            "post": {
                **operation("Upload a file", "Files", ok="201"),
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": object_schema({"file": {"type": "string", "format": "binary"}}, ["file"])}}},
            },
        },
        "/files/{id}/download": {"parameters": identifier, "get": operation("Download a file by its signed address", "Files", parameters=query("signature"))},
        "/personal_requests": {"get": operation("Access requests and erasures that were done", "Personal data")},
        "/retention_rules": {
            "get": operation("Retention rules of personal data", "Personal data"),
            "post": operation("Erase people who were not touched for so many months", "Personal data", body=retention, ok="201"),
        },
        "/retention_rules/preview": {"post": operation("How many people a rule would erase", "Personal data", body=retention)},
        "/retention_rules/{id}": {"parameters": identifier, "delete": operation("Delete a rule", "Personal data", ok="204")},
        "/personal_requests/actions/release": {"post": operation("Allow the address of an erased person again", "Personal data", body=object_schema({"email": TEXT}, ["email"]), ok="204")},
        "/workspace_settings": {
            "get": operation("General settings", "Workspace"),
            "patch": operation("Change general settings", "Workspace", body=object_schema({**dict.fromkeys(sorted(general_settings.KEYS), TEXT), "fiscal_start": {"type": "integer", "minimum": 1, "maximum": 12}})),
        },
        "/currencies": {"get": operation("Currencies and their rates", "Workspace"), "post": operation("Add a currency", "Workspace", ok="201", body=object_schema(currency, ["code", "rate"]))},
        "/currencies/{code}": {
            "parameters": [{"name": "code", "in": "path", "required": True, "schema": TEXT}],
            "patch": operation("Change rate or precision", "Workspace", body=object_schema({n: s for n, s in currency.items() if n != "code"})),
            "delete": operation("Delete a currency", "Workspace", ok="204"),
        },
        "/workspace_export": {
            "get": operation("The archive of everything", "Export"),
            "post": operation("Write the archive of everything", "Export", ok="202", body=object_schema({"audit": {"type": "boolean"}})),
            "delete": operation("Stop writing it", "Export"),
        },
        "/workspace_export/download": {"get": operation("Download the archive by its signed address", "Export", parameters=query("signature"))},
        "/sandboxes": {
            "get": operation("Sandboxes of the workspace", "Workspace"),
            "post": operation("Create a sandbox", "Workspace", ok="202", body=object_schema({"name": TEXT, "slug": TEXT, "with_data": {"type": "boolean"}}, ["name", "slug", "with_data"])),
        },
        "/sandboxes/{id}": {"parameters": identifier, "delete": operation("Delete a sandbox", "Workspace", ok="202")},
        "/sandboxes/{id}/actions/refresh": {"parameters": identifier, "post": operation("Make a sandbox a copy of today", "Workspace", ok="202", body=object_schema({"with_data": {"type": "boolean"}}, ["with_data"]))},
        "/workspace_import": {
            "get": operation("Whether an archive can be imported, and how far an import is", "Export"),
            "post": {
                **operation("Upload an archive of everything and look it through", "Export", ok="202"),
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": object_schema({"file": {"type": "string", "format": "binary"}}, ["file"])}}},
            },
            "delete": operation("Stop and remove the archive", "Export"),
        },
        "/workspace_import/actions/start": {"post": operation("Import the archive that was looked through", "Export", ok="202", body=empty)},
        "/duplicates": {"get": operation("Possible duplicates", "Duplicates", parameters=query("object", "state", "cursor", "limit"))},
        "/duplicates/decide": {"post": operation("Decide about pairs", "Duplicates", body=object_schema({"pairs": {"type": "array", "items": UUID}, "decision": TEXT}, ["pairs", "decision"]))},
        "/duplicates/scan": {"post": operation("Look for duplicates now", "Duplicates", ok="202", body=object_schema({"object": {"type": ["string", "null"]}}))},
        "/duplicate_rules": {"get": operation("Duplicate rules", "Duplicates"), "post": operation("Create a duplicate rule", "Duplicates", ok="201", body=rule)},
        "/duplicate_rules/suffixes": {"put": operation("Legal forms that are left out", "Duplicates", body=object_schema({"suffixes": {"type": ["array", "null"], "items": TEXT}}, ["suffixes"]))},
        "/duplicate_rules/{id}": {"parameters": identifier, "patch": operation("Change a duplicate rule", "Duplicates", body=rule), "delete": operation("Delete a duplicate rule", "Duplicates", ok="204")},
        **{f"/duplicate_rules/{{id}}/actions/{a}": {"parameters": identifier, "post": operation(f"{a.capitalize()} a duplicate rule", "Duplicates", body=empty)} for a in ("publish", "unpublish")},
        "/audit": {"get": operation("Who changed what", "Audit", parameters=query(*sorted(audit.KEYS), "cursor", "limit"))},
        "/audit/export": {"post": operation("Export the audit", "Audit", ok="201", body=object_schema(dict.fromkeys(sorted(audit.KEYS), TEXT)))},
        "/audit/{id}/restore": {"parameters": identifier, "post": operation("Put a former value back", "Audit", body=object_schema({"attribute": TEXT}, ["attribute"]))},
        "/field_security": {"get": operation("Secured attributes and profiles", "Field security")},
        "/field_security/attributes": {"put": operation("Secure attributes or open them", "Field security", body=object_schema({"attributes": {"type": "object", "additionalProperties": {"type": "boolean"}}}, ["attributes"]))},
        "/field_security/profiles": {"post": operation("Create a profile", "Field security", ok="201", body=profile)},
        "/field_security/profiles/{id}": {"parameters": identifier, "patch": operation("Change a profile", "Field security", body=profile), "delete": operation("Delete a profile", "Field security", ok="204")},
        "/announcements": {"get": operation("What the provider announces", "Announcements")},
        "/sharing_rules": {
            "get": operation("Access of former owners and of managers", "People"),
            "patch": operation("Change them", "People", body=object_schema({"share_with_previous_owner": {"type": "boolean"}, "manager_depth": {"type": "integer", "minimum": 0, "maximum": 10}})),
        },
        "/custom_domains": {"get": operation("Domains of the workspace's own", "Custom domains"), "post": operation("Add a domain", "Custom domains", ok="201", body=object_schema({"domain": TEXT}, ["domain"]))},
        "/custom_domains/actions/use_subdomain": {"post": operation("Make the sub-domain the main address", "Custom domains", body=empty)},
        "/custom_domains/{id}": {"parameters": identifier, "delete": operation("Give a domain up", "Custom domains")},
        "/custom_domains/{id}/actions/check": {"parameters": identifier, "post": operation("Look for the proof now", "Custom domains", body=empty)},
        "/custom_domains/{id}/actions/make_primary": {"parameters": identifier, "post": operation("Make a domain the main address", "Custom domains", body=empty)},
        "/support_access": {
            "get": operation("Consent to support", "Support access"),
            "post": operation("Let support in for some hours", "Support access", ok="201", body=object_schema({"hours": {"type": "integer", "minimum": 1}, "may_write": {"type": "boolean"}, "note": TEXT}, ["hours"])),
            "delete": operation("Take the consent back", "Support access"),
        },
        "/jobs/{id}/failures": {"parameters": identifier, "get": operation("What failed", "Jobs")},
        **{f"/jobs/{{id}}/actions/{a}": {"parameters": identifier, "post": operation(f"{a.capitalize()} a job", "Jobs", body=empty)} for a in ("undo", "cancel", "retry")},
        "/imports": {
            "get": operation("My imports", "Imports"),
            "post": {
                **operation("Upload a file", "Imports", ok="201"),
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": object_schema({"file": {"type": "string", "format": "binary"}, "object": TEXT}, ["file"])}}},
            },
        },
        "/imports/{id}": {
            "parameters": identifier,
            "get": operation("One import", "Imports"),
            "patch": operation("Change object, mapping, match rule or format", "Imports", body=object_schema({"object": TEXT, "mapping": {"type": "object"}, "match": {"type": "object"}, "format": {"type": "object"}})),
            "delete": operation("Forget an import", "Imports", ok="204"),
        },
        "/imports/{id}/values": {"parameters": identifier, "get": operation("Distinct values of a column", "Imports", parameters=query("column"))},
        **{f"/imports/{{id}}/actions/{a}": {"parameters": identifier, "post": operation(f"{a.capitalize()} an import", "Imports", body=empty)} for a in ("check", "run", "undo", "cancel")},
        "/imports/{id}/rows": {"parameters": identifier, "get": operation("Rows of an import", "Imports", parameters=query("status", "cursor", "limit"))},
        "/imports/{id}/rows/{number}": {
            "parameters": [*identifier, {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "patch": operation("Correct a row", "Imports", body=object_schema({"values": {"type": "object", "additionalProperties": TEXT}}, ["values"])),
        },
        "/imports/{id}/failures": {"parameters": identifier, "get": operation("Failed rows as a file", "Imports", parameters=query("format"))},
        "/import_maps": {"get": operation("Saved mappings", "Imports", parameters=query("object")), "post": operation("Save a mapping", "Imports", ok="201", body=ref("ImportMap"))},
        "/import_maps/{id}": {"parameters": identifier, "delete": operation("Delete a saved mapping", "Imports", ok="204")},
        "/batch": {"post": operation("Several operations at once", "Batch", body=ref("Batch"))},
        "/customization": {"get": operation("Customization", "Customization")},
        "/customization/changes": {"post": operation("Add a draft change", "Customization", ok="201", body=ref("Change"))},
        "/customization/changes/{id}": {"parameters": identifier, "delete": operation("Drop a draft change", "Customization", ok="204")},
        "/customization/impact": {"get": operation("Impact of the draft", "Customization")},
        "/customization/options": {"get": operation("Who has which option of a list", "Customization", parameters=query("name", "object"))},
        "/customization/option_lists": {"get": operation("Shared option lists as the draft would have them", "Customization")},
        "/customization/publish": {"post": operation("Publish the draft", "Customization", body=empty)},
        "/customization/rollback": {"post": operation("Roll back", "Customization", body=object_schema({"version": {"type": "integer"}, "replacements": {"type": "object"}}, ["version"]))},
        "/customization/versions/{version}": {
            "parameters": [{"name": "version", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": operation("What a version changed", "Customization"),
        },
        "/customization/discard": {"post": operation("Drop the draft", "Customization", ok="204", body=empty)},
        "/solutions": {"get": operation("Solutions and their imports", "Solutions"), "post": operation("Create a solution", "Solutions", ok="201", body=solution)},
        "/solutions/components": {"get": operation("What can be in a solution", "Solutions")},
        "/solutions/{id}": {"parameters": identifier, "get": operation("One solution", "Solutions"), "patch": operation("Change a solution", "Solutions", body=solution), "delete": operation("Forget a solution, its components stay", "Solutions", ok="204")},
        "/solutions/{id}/export": {"parameters": identifier, "get": operation("The solution as a file", "Solutions", parameters=query("managed"))},
        "/solutions/preview": {"post": {**operation("What the import of a solution would do", "Solutions"), "requestBody": carried}},
        "/solutions/import": {"post": {**operation("Import a solution", "Solutions", ok="201"), "requestBody": carried}},
        "/solutions/{id}/actions/uninstall": {"parameters": identifier, "post": operation("Uninstall a managed solution", "Solutions", ok="204", body=empty)},
        "/solution_imports/{id}/actions/roll_back": {"parameters": identifier, "post": operation("Roll an import back", "Solutions", body=empty)},
        "/roles/{id}/privileges": {
            "parameters": identifier,
            "get": operation("Privileges of a role", "People"),
            "put": operation("Change privileges", "People", body=object_schema({"privileges": {"type": "object"}, "capabilities": NAMES})),
        },
        "/roles/{id}/actions/copy": {"parameters": identifier, "post": operation("A role with the same rights", "People", ok="201", body=object_schema({"name": {"type": "string"}}, ["name"]))},
        "/role_assignments": {"get": operation("Who holds which role", "People")},
        "/users/{id}/roles": {"parameters": identifier, "get": operation("Roles of a user", "People"), "put": operation("Change roles", "People", body=object_schema({"roles": NAMES}, ["roles"]))},
        "/users/{id}/actions/disable": {"parameters": identifier, "post": operation("Disable a user, and give away what he owns", "People", body=object_schema({"owner": UUID}))},
        "/users/{id}/actions/enable": {"parameters": identifier, "post": operation("Enable a user", "People", body=empty)},
        "/licences": {"get": operation("Kinds of seats and who takes which", "People")},
        "/users/{id}/licence": {"parameters": identifier, "put": operation("Give another kind of seat", "People", body=object_schema({"licence": {"type": "string", "enum": ["full", "read_only"]}}, ["licence"]))},
        "/teams/{id}/roles": {"parameters": identifier, "get": operation("Roles of a team", "People"), "put": operation("Change roles", "People", body=object_schema({"roles": NAMES}, ["roles"]))},
        **{f"/{kind}/{{id}}/owned": {"parameters": [*identifier, *query("to")], "get": operation(f"What a {kind[:-1]} owns", "People")} for kind in ("users", "teams")},
        **{f"/{kind}/{{id}}/actions/reassign": {"parameters": identifier, "post": operation(f"Give away what a {kind[:-1]} owns", "People", ok="202", body=object_schema({"owner": UUID}, ["owner"]))} for kind in ("users", "teams")},
        "/teams/{id}/members": {"parameters": identifier, "get": operation("Members", "People"), "put": operation("Change members", "People", body=object_schema({"members": NAMES}, ["members"]))},
    }  # fmt: skip
