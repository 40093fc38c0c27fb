"""Packages over the console: hand one out, take one in as a new workspace (ASP-30 export package, import)."""

from __future__ import annotations

from uuid import UUID, uuid4

from django import forms
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tenants import slugs
from tenants.backup import loading, storage
from tenants.errors import TenantRefusal
from tenants.lifecycle import operations
from tenants.models import Backup, Operation
from tenants.operator import audit
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show


@operator_page(needs=Capability.MANAGE_TENANTS)
@require_safe
def download(request: OperatorRequest, pk: UUID) -> HttpResponseBase:
    """The file of a package. It holds everything a customer entered, so each download is in the audit."""
    row = get_object_or_404(Backup.objects.select_related("tenant"), pk=pk)
    path = storage.absolute(row.path)
    if not path.is_file():
        raise Http404
    audit.record(request.operator.email, "tenant.package_downloaded", row.tenant, backup=str(row.pk))
    slug = row.tenant.domains.filter(is_primary=True).values_list("slug", flat=True).first() or row.tenant_id
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{slug}-{row.created_at:%Y-%m-%d}.zip")


class ImportForm(forms.Form):
    """A package and where it opens."""

    package = forms.FileField(label=gettext_lazy("Package"))
    slug = forms.CharField(label=gettext_lazy("Sub-domain"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Display name"), max_length=160, required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), min_length=5, max_length=500)

    def clean_slug(self) -> str:
        try:
            return slugs.check_name(self.cleaned_data["slug"])
        except TenantRefusal as error:
            raise forms.ValidationError(str(error.message)) from error


@operator_page(needs=Capability.MANAGE_TENANTS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_package(request: OperatorRequest) -> HttpResponse:
    """Take a package in; its signature and list are checked before anything is queued."""
    form, status = ImportForm(request.POST or None, request.FILES or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            relative = f"incoming/{uuid4()}.zip"
            path = storage.absolute(relative)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("wb") as stream:
                for chunk in form.cleaned_data["package"].chunks():
                    stream.write(chunk)
            try:
                manifest = loading.read_manifest(path)
            except loading.BadPackage as error:
                path.unlink(missing_ok=True)
                form.add_error("package", str(error))
            else:
                values = {
                    "path": relative,
                    "slug": form.cleaned_data["slug"],
                    "name": form.cleaned_data["name"],
                }
                row = operations.start(Operation.Kind.IMPORT, None, request.operator.email, **values)
                facts = {
                    "operation": str(row.pk),
                    "slug": values["slug"],
                    "origin": manifest["workspace"]["id"],
                }
                audit.record(
                    request.operator.email, "tenant.imported", reason=form.cleaned_data["reason"], **facts
                )
                say(request, _("The package is being loaded as “%(slug)s”.") % {"slug": values["slug"]})
                return redirect("operator:operations")
    return show(request, "operator/import.html", "tenants", {"form": form}, status)


@operator_page
def operation_list(request: OperatorRequest) -> HttpResponse:
    """Backups, restores, exports, imports and destructions of all workspaces, newest first."""
    rows = list(Operation.objects.select_related("tenant")[:100])
    is_busy = any(row.state in {Operation.State.QUEUED, Operation.State.RUNNING} for row in rows)
    return show(request, "operator/operations.html", "operations", {"operations": rows, "is_busy": is_busy})
