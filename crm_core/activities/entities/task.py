"""Task."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.entities.base import DESCRIPTION, PLANNING, SORTING, declare_activity
from crm_core.activities.models import Task
from crm_core.activities.option_lists import TASK_STATES
from crm_core.metadata.conditions import MINE, OPEN, all_of
from crm_core.metadata.entity import Board, Form, Section, View

COLUMNS = ("subject", "regarding", "scheduled_end", "priority", "status_reason", "owner")

TASK = declare_activity(
    Task,
    TASK_STATES,
    name="task",
    plural="tasks",
    label=_("Task"),
    label_plural=_("Tasks"),
    description=_("Things to do, with a due date."),
    order=10,
    icon="checkbox",
    color="indigo",
    features=frozenset({"kanban"}),
    quick_create=("subject", "regarding", "scheduled_end", "priority", "owner"),
    board=Board("status_reason", card=("regarding", "scheduled_end", "priority", "owner"), filter=OPEN,
                drop=(("complete", _("Completed")),)),
    form=Form(
        (
            Section(_("Task"), ("subject", "regarding", "priority", "percent_complete", "parties")),
            PLANNING,
            DESCRIPTION,
            SORTING,
        ),
        header=("regarding", "scheduled_end", "priority", "owner"),
        path="status_reason",
    ),
    columns=COLUMNS,
    due="scheduled_end",
    lists=(_("My open tasks"), _("Open tasks"), _("All tasks")),
    views=(
        View(_("Board by status"), COLUMNS, filter=all_of(OPEN, MINE), layout="kanban", board_attribute="status_reason", key="board"),
    ),
)  # fmt: skip
