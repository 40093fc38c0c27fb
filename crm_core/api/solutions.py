"""Solutions: pick, export, preview, import, roll back, uninstall (PLT-12)."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse

from crm_core.api.customization import CustomizeEndpoint
from crm_core.api.jobs import uploaded_file
from crm_core.exchange.solutions import catalogue, installing, package, solutions
from crm_core.metadata.errors import Invalid, Malformed


class SolutionsEndpoint(CustomizeEndpoint):
    """GET and POST /solutions"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(solutions.listed(self.actor))

    def post(self, request: Any) -> HttpResponse:
        row = solutions.create(self.body(solutions.KEYS), self.actor)
        return self.answer(solutions.solution_json(row, catalogue.definitions()), 201)


class SolutionComponentsEndpoint(CustomizeEndpoint):
    """GET /solutions/components: everything that can be in a solution"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": catalogue.described()})


class SolutionEndpoint(CustomizeEndpoint):
    """GET, PATCH and DELETE /solutions/{id}"""

    def get(self, request: Any, solution_id: str) -> HttpResponse:
        row = solutions.find(self.identifier(solution_id))
        return self.answer(solutions.solution_json(row, catalogue.definitions()))

    def patch(self, request: Any, solution_id: str) -> HttpResponse:
        row = solutions.change(self.identifier(solution_id), self.body(solutions.KEYS), self.actor)
        return self.answer(solutions.solution_json(row, catalogue.definitions()))

    def delete(self, request: Any, solution_id: str) -> HttpResponse:
        solutions.forget(self.identifier(solution_id), self.actor)
        return self.answer(None, 204)


class SolutionExportEndpoint(CustomizeEndpoint):
    """GET /solutions/{id}/export?managed="""

    parameters = frozenset({"managed"})

    def get(self, request: Any, solution_id: str) -> HttpResponse:
        content, name = solutions.export(self.identifier(solution_id), self.flag("managed"), self.actor)
        response = HttpResponse(content, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response


class _PackageEndpoint(CustomizeEndpoint):
    """Base: a package as multipart field `file`, decisions about conflicts as JSON in `decisions`."""

    def package(self, request: Any) -> tuple[bytes, Any]:
        upload = uploaded_file(request._request)
        if unknown := set(request._request.POST) - {"decisions"}:
            raise Malformed(
                "request.unknown_parameter", "Send file and decisions.", field=sorted(unknown)[0][:60]
            )
        if upload.size > package.MAX_PACKAGE:
            raise Invalid(
                "solution.too_large",
                "At most 5 MB.",
                field="file",
                details={"max_bytes": package.MAX_PACKAGE},
            )
        try:
            decisions = orjson.loads(request._request.POST.get("decisions") or "[]")
        except orjson.JSONDecodeError:
            raise Malformed("solution.decisions", "Decisions are a list.", field="decisions") from None
        return upload.read(), decisions


class SolutionPreviewEndpoint(_PackageEndpoint):
    """POST /solutions/preview: what the import of a package would do"""

    def post(self, request: Any) -> HttpResponse:
        return self.answer(installing.preview(*self.package(request), self.actor))


class SolutionImportEndpoint(_PackageEndpoint):
    """POST /solutions/import"""

    def post(self, request: Any) -> HttpResponse:
        return self.answer(solutions.import_json(installing.install(*self.package(request), self.actor)), 201)


class SolutionUninstallEndpoint(CustomizeEndpoint):
    """POST /solutions/{id}/actions/uninstall"""

    def post(self, request: Any, solution_id: str) -> HttpResponse:
        self.body(set())
        installing.uninstall(self.identifier(solution_id), self.actor)
        return self.answer(None, 204)


class SolutionRollBackEndpoint(CustomizeEndpoint):
    """POST /solution_imports/{id}/actions/roll_back"""

    def post(self, request: Any, import_id: str) -> HttpResponse:
        self.body(set())
        return self.answer(
            solutions.import_json(installing.roll_back(self.identifier(import_id), self.actor))
        )
