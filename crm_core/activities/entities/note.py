"""Note (CUS-6)."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.activities.models import Note
from crm_core.metadata.conditions import MINE, condition
from crm_core.metadata.declaration import declare, regarding_attribute
from crm_core.metadata.entity import Form, Section, View

COLUMNS = ("title", "regarding", "attachment", "created_by", "created_at")

NOTE = declare(
    Note,
    name="note",
    plural="notes",
    label=_("Note"),
    label_plural=_("Notes"),
    description=_("Text and files about any record."),
    group="activities",
    icon="note",
    in_navigation=False,
    color="yellow",
    primary="title",
    features=frozenset({"export", "audit", "bulk", "quick_create"}),
    facts=("regarding", "created_at"),
    extra=(regarding_attribute(on_delete="cascade"),),
    quick_create=("title", "body", "regarding", "attachment"),
    form=Form(
        (
            Section(_("Note"), ("title", "regarding", "attachment", "owner")),
            Section(_("Text"), ("body",), columns=1),
        ),
        header=("regarding", "created_by", "created_at"),
    ),
    views=(
        View(_("Recent notes"), COLUMNS, filter=condition("created_at", "last_n_days", 30), default=True, key="recent"),
        View(_("My notes"), COLUMNS, filter=MINE, key="mine"),
        View(_("All notes"), COLUMNS, key="all"),
    ),
    derived={"title": ("body", "attachment")},
    rules=(rules.regarding_allows, rules.note_has_content, rules.note_title_from_body, rules.note_is_ones_own),
)  # fmt: skip
