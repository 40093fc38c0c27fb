"""Task."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.entities.base import (
    ACTIVITY_FEATURES,
    PLANNING,
    SORTING,
    activity_rules,
    activity_views,
    regarding,
)
from crm_core.activities.models import Task
from crm_core.activities.option_lists import TASK_STATES
from crm_core.activities.services.closing import closing_actions
from crm_core.activities.services.conversion import conversion_actions
from crm_core.metadata.conditions import MINE, OPEN, all_of
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Board, Form, Section, View

COLUMNS = ("subject", "regarding", "scheduled_end", "priority", "status_reason", "owner")

TASK = declare(
    Task,
    name="task",
    plural="tasks",
    label=_("Task"),
    label_plural=_("Tasks"),
    description=_("Things to do, with a due date."),
    group="activities",
    order=10,
    icon="checkbox",
    color="indigo",
    primary="subject",
    states=TASK_STATES,
    features=ACTIVITY_FEATURES | {"kanban"},
    is_activity=True,
    calendar=("scheduled_start", "scheduled_end"),
    facts=("regarding", "scheduled_end"),
    extra=(regarding(),),
    quick_create=("subject", "regarding", "scheduled_end", "priority", "owner"),
    board=Board("status_reason", card=("regarding", "scheduled_end", "priority", "owner"), filter=OPEN,
                drop=(("complete", _("Completed")),)),
    form=Form(
        (
            Section(_("Task"), ("subject", "regarding", "priority", "percent_complete", "parties")),
            PLANNING,
            Section(_("Description"), ("description",), columns=1),
            SORTING,
        ),
        header=("regarding", "scheduled_end", "priority", "owner"),
        path="status_reason",
    ),
    views=(
        *activity_views(TASK_STATES, COLUMNS, due="scheduled_end",
                        names={"mine": _("My open tasks"), "open": _("Open tasks"), "all": _("All tasks")}),
        View(_("Board by status"), COLUMNS, filter=all_of(OPEN, MINE), layout="kanban", board_attribute="status_reason", key="board"),
    ),
    rules=activity_rules(),
    actions=(*closing_actions(TASK_STATES), *conversion_actions(TASK_STATES)),
)  # fmt: skip
