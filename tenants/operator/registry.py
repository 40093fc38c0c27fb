"""What the console is made of: acts, panels, columns and figures (decision 0009).

The console belongs to `tenants`, the lowest package. Packages above it (billing, onboarding, saas) add what they
know here, in `AppConfig.ready`; the console never imports them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant
from tenants.operator import wording
from tenants.operator.models import Capability, Operator

Words = Any  # a text, translated or lazily so

#: Under which heading of a workspace's menu an act stands.
WORKSPACE, SUBSCRIPTION, DATA, DANGER = "workspace", "subscription", "data", "danger"
ACT_GROUPS: tuple[tuple[str, Words], ...] = (
    (WORKSPACE, _("Workspace")),
    (SUBSCRIPTION, _("Subscription")),
    (DATA, _("Data")),
    (DANGER, _("Danger")),
)


class ReasonForm(forms.Form):
    """Base of every form that does something: why. Without a reason nothing is done."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the audit for good."),
    )


class ActForm(ReasonForm):
    """Base of the forms of acts on a workspace: what is to be done, and why."""

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant
        self.fields["reason"].help_text = _(
            "Kept in the audit for good. The owner reads it where a mail is sent."
        )

    def values(self) -> dict[str, Any]:
        """The cleaned input but the reason, as JSON can hold it: kept in the audit and with a request for approval."""
        kept = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in kept.items()
            if not hasattr(value, "read")
        }


def _flat(choices: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """{value: label} of a select's choices, those in groups too."""
    flat: dict[Any, Any] = {}
    for value, label in choices:
        flat.update(_flat(label) if isinstance(label, (list, tuple)) else {value: label})
    return flat


@dataclass(frozen=True)
class ActContext:
    """Who does an act to whom and why. ``values`` are the form's, as JSON."""

    operator: Operator
    tenant: Tenant
    reason: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Act:
    """Something an operator does to a workspace.

    ``run(context)`` performs it inside a transaction and returns facts for the audit, ``None`` for none; it raises
    ``operator.errors.Refused`` or ``tenants.errors.TenantRefusal`` when it can't be done. With ``four_eyes`` the
    first operator's form only asks, and ``run`` happens when a second one approves.
    """

    name: str
    label: Words
    intro: Words
    run: Callable[[ActContext], dict[str, Any] | None]
    form: type[ActForm] = ActForm
    needs: str = Capability.MANAGE_TENANTS
    is_shown: Callable[[Tenant], bool] = lambda _tenant: True
    four_eyes: bool = False
    #: Raises what stands against it already when a second operator is asked; ``run`` asks the same once more.
    check: Callable[[Tenant], None] = lambda _tenant: None
    is_dangerous: bool = False
    #: It goes on in a worker after the answer: the page tells of a beginning.
    is_long: bool = False
    #: A sandbox has no life of its own: what is done to its workspace holds for it as well.
    for_sandboxes: bool = False
    group: str = WORKSPACE
    #: Among the few beside the menu: what is used most, or what ends a state somebody is waiting in.
    is_first: bool = False
    order: int = 500

    def shown_values(self, tenant: Tenant, values: dict[str, Any]) -> list[tuple[Words, Any]]:
        """(label, value) of a form that was filled in, as people read them: who approves has to know what he approves."""
        form = self.form(tenant)
        shown = []
        for name, value in values.items():
            field = form.fields.get(name)
            words = _flat(getattr(field, "choices", ())).get(value, value)
            shown.append((field.label if field is not None and field.label else wording.plain(name), words))
        return shown

    def is_possible(self, tenant: Tenant) -> bool:
        """Whether it can be done to ``tenant`` as it is now."""
        return (self.for_sandboxes or not tenant.is_sandbox) and self.is_shown(tenant)


@dataclass(frozen=True)
class Subject:
    """What an act on the installation is about: ``key`` names it for good, ``title`` and ``url`` are for people."""

    key: str
    title: str
    url: str


@dataclass(frozen=True)
class InstallationAct:
    """Something two operators do to what all workspaces share, a plan for example; it always takes both (ASP-30).

    ``run(operator, values, reason)`` performs it inside a transaction as ``Act.run`` does. ``subject(values)`` says what
    it is about, ``shown(values)`` what whoever approves has to know, as (label, value).
    """

    name: str
    label: Words
    intro: Words
    run: Callable[[Operator, dict[str, Any], str], dict[str, Any] | None]
    subject: Callable[[dict[str, Any]], Subject]
    shown: Callable[[dict[str, Any]], list[tuple[Words, Any]]]
    needs: str
    is_dangerous: bool = False


@dataclass(frozen=True)
class Panel:
    """A block on a workspace's page: ``template`` with what ``context(tenant)`` gives; None leaves it out. The page
    leads to it by ``label``."""

    name: str
    label: Words
    template: str
    context: Callable[[Tenant], dict[str, Any] | None]
    needs: str = Capability.VIEW
    order: int = 500


@dataclass(frozen=True)
class Column:
    """A column of the list of workspaces, and of its CSV export.

    ``values(tenants)`` gives {tenant id: text or number} for one page in a constant number of queries.
    """

    name: str
    label: Words
    values: Callable[[Sequence[Tenant]], dict[Any, Any]]
    is_number: bool = False
    order: int = 500


@dataclass(frozen=True)
class Figure:
    """One number, or one series over time, on the page of figures.

    ``value()`` gives {"value": text, "hint": text}, {"series": [(label, number), …]} for bars, or {"lines": [{"unit",
    "points": [(label, number), …], "shown": [text, …]}, …]} for lines over time.
    """

    name: str
    label: Words
    value: Callable[[], dict[str, Any]]
    is_chart: bool = False
    order: int = 500


@dataclass(frozen=True)
class Mark:
    """What an operator should look at: ``tone`` is bad or warn, ``words`` fit the list, ``details`` a line of the page;
    ``url`` is where something is done about it."""

    tone: str
    words: str
    details: str
    url: str = ""


@dataclass(frozen=True)
class Attention:
    """A reason to look at workspaces. ``marks(tenants)`` gives {tenant id: what} in a constant number of queries, of
    all workspaces for None."""

    name: str
    marks: Callable[[Sequence[Tenant] | None], dict[Any, list[Mark]]]
    order: int = 500


_acts: dict[str, Act] = {}
_installation_acts: dict[str, InstallationAct] = {}
_panels: dict[str, Panel] = {}
_columns: dict[str, Column] = {}
_figures: dict[str, Figure] = {}
_attentions: dict[str, Attention] = {}
Finder = Callable[[str], Iterable[Any]]
_finders: list[Finder] = []


def register_act(act: Act) -> None:
    """Offer an act on every workspace's page. The same name replaces."""
    _acts[act.name] = act


def register_installation_act(act: InstallationAct) -> None:
    """Let two operators do an act on what all workspaces share. The same name replaces."""
    _installation_acts[act.name] = act


def register_panel(panel: Panel) -> None:
    """Add a block to every workspace's page. The same name replaces."""
    _panels[panel.name] = panel


def register_column(column: Column) -> None:
    """Add a column to the list of workspaces. The same name replaces."""
    _columns[column.name] = column


def register_figure(figure: Figure) -> None:
    """Add a figure or chart. The same name replaces."""
    _figures[figure.name] = figure


def register_attention(attention: Attention) -> None:
    """Add a reason to look at workspaces. The same name replaces."""
    _attentions[attention.name] = attention


def marks(tenants: Sequence[Tenant] | None) -> dict[Any, list[Mark]]:
    """{tenant id: what to look at}, of these workspaces or of all that have something."""
    found: dict[Any, list[Mark]] = {}
    for attention in sorted(_attentions.values(), key=lambda a: (a.order, a.name)):
        for key, noted in attention.marks(tenants).items():
            found.setdefault(key, []).extend(noted)
    return found


def register_finder(finder: Finder) -> None:
    """Let the list's search find workspaces by more than what stands on them, an invoice's number for example."""
    if finder not in _finders:
        _finders.append(finder)


def found(query: str) -> set[Any]:
    """Ids of the workspaces the finders know by these words."""
    return {key for finder in _finders for key in finder(query)}


def act(name: str) -> Act:
    """The act of that name. Raises KeyError."""
    return _acts[name]


def installation_act(name: str) -> InstallationAct:
    """The act on the installation of that name. Raises KeyError."""
    return _installation_acts[name]


def acts_for(operator: Operator, tenant: Tenant) -> list[Act]:
    """What ``operator`` may do to ``tenant`` now, in order."""
    shown = [act for act in _acts.values() if operator.can(act.needs) and act.is_possible(tenant)]
    return sorted(shown, key=lambda act: (act.is_dangerous, act.order, act.name))


def menu_of(acts: Sequence[Act]) -> list[tuple[Words, list[Act]]]:
    """The acts that do not stand beside the menu, under their headings; headings without an act are left out."""
    rest = [act for act in acts if not act.is_first]
    grouped = ((heading, [act for act in rest if act.group == group]) for group, heading in ACT_GROUPS)
    return [(heading, found) for heading, found in grouped if found]


def act_label(name: str) -> Words:
    """What an act is called, empty for what is none of a workspace or of the installation."""
    return act_labels().get(name, "")


def act_labels() -> dict[str, Words]:
    """{act: what it is called} of all acts of workspaces and of the installation."""
    named = {act.name: act.label for act in _acts.values()}
    return named | {act.name: act.label for act in _installation_acts.values()}


def panels_for(operator: Operator) -> list[Panel]:
    """The blocks of a workspace's page ``operator`` sees."""
    return sorted((p for p in _panels.values() if operator.can(p.needs)), key=lambda p: (p.order, p.name))


def columns() -> list[Column]:
    """The added columns of the list, in order."""
    return sorted(_columns.values(), key=lambda c: (c.order, c.name))


def figures() -> list[Figure]:
    """The figures, in order."""
    return sorted(_figures.values(), key=lambda f: (f.order, f.name))
