"""What the provider tells the people of its workspaces and the public (ASP-30 Announcements)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Announcement(models.Model):
    """One notice with its texts per language, whom it is for and from when until when it is shown.

    ``texts`` is {language: {"title", "text"}}, English always there. ``audience`` is {"plans", "states", "regions",
    "levels"}, each a list; an empty or missing one means all. ``updates`` is [{"at": ISO instant, "texts": {language:
    text}}], oldest first. ``work_starts_at`` and ``work_ends_at`` are when the maintenance itself happens or the
    incident happened, which is rarely when it is announced.
    """

    class Kind(models.TextChoices):
        INFO = "info", _("Information")
        MAINTENANCE = "maintenance", _("Maintenance")
        INCIDENT = "incident", _("Incident")

    class Recipients(models.TextChoices):
        ADMINISTRATORS = "administrators", _("Administrators")
        EVERYBODY = "everybody", _("Everybody")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    texts = models.JSONField()
    audience = models.JSONField(default=dict, blank=True)
    recipients = models.CharField(max_length=16, choices=Recipients.choices, default=Recipients.EVERYBODY)
    on_status_page = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    work_starts_at = models.DateTimeField(null=True, blank=True)
    work_ends_at = models.DateTimeField(null=True, blank=True)
    updates = models.JSONField(default=list, blank=True)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_announcement"
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["ends_at"], name="announcement_end")]

    def state(self, now: datetime | None = None) -> str:
        """``scheduled``, ``shown`` or ``over``."""
        now = now or timezone.now()
        if self.ended_at is not None or self.ends_at <= now:
            return "over"
        return "scheduled" if self.starts_at > now else "shown"

    def title(self, *languages: str) -> str:
        """The title in the first of ``languages`` it was written in, else in English."""
        return self._in(languages)["title"]

    def text(self, *languages: str) -> str:
        """The text likewise."""
        return self._in(languages)["text"]

    def told(self, *languages: str) -> list[tuple[datetime, str]]:
        """(when, text) of the updates, newest first."""
        return [
            (datetime.fromisoformat(row["at"]), _first(row["texts"], languages))
            for row in reversed(self.updates)
        ]

    def _in(self, languages: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = _first(self.texts, languages)
        return found


def _first(texts: dict, languages: tuple[str, ...]):
    return next((texts[language] for language in languages if language in texts), texts["en"])


class AnnouncementCopy(models.Model):
    """That a workspace's administrators get an announcement by mail: once, however often it is asked for."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WRITTEN = "written", _("Written")
        LEFT_OUT = "left_out", _("Left out")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="copies")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    #: Mails written for it, and administrators who do not want any.
    mails = models.PositiveIntegerField(default=0)
    opted_out = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "tenants_announcement_copy"
        constraints = [
            models.UniqueConstraint(fields=["announcement", "tenant"], name="announcement_copy_once"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=models.Q(state="waiting"), name="announcement_copy_due"
            )
        ]


class AnnouncementOptOut(models.Model):
    """An administrator who wants no information by mail; maintenance and incidents reach him all the same.

    Kept with the control data: a workspace that waits for a migration has to be read without its newest columns.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    email = models.CharField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "tenants_announcement_opt_out"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "email"], name="announcement_opt_out_once"),
        ]
