"""A contact of 25 columns, and what its record page, the board and the dashboard need beside it."""

from django.db import models


class Contact(models.Model):
    id = models.UUIDField(primary_key=True)
    first_name = models.CharField(max_length=100, null=True)
    last_name = models.CharField(max_length=100)
    full_name = models.CharField(max_length=200)
    email = models.CharField(max_length=100, null=True)
    email2 = models.CharField(max_length=100, null=True)
    business_phone = models.CharField(max_length=50, null=True)
    mobile_phone = models.CharField(max_length=50, null=True)
    job_title = models.CharField(max_length=100, null=True)
    department = models.CharField(max_length=100, null=True)
    account_name = models.CharField(max_length=200, null=True)
    street = models.CharField(max_length=200, null=True)
    city = models.CharField(max_length=100, null=True)
    postal_code = models.CharField(max_length=20, null=True)
    country = models.CharField(max_length=100, null=True)
    website = models.CharField(max_length=200, null=True)
    birth_date = models.DateField(null=True)
    source = models.IntegerField(null=True)
    role = models.IntegerField(null=True)
    do_not_email = models.BooleanField(default=False)
    do_not_phone = models.BooleanField(default=False)
    credit_limit = models.DecimalField(max_digits=17, decimal_places=2, null=True)
    description = models.TextField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("created_at", "id"), name="contact_created"),
            models.Index(fields=("full_name",), name="contact_name"),
        )


class Opportunity(models.Model):
    id = models.UUIDField(primary_key=True)
    topic = models.CharField(max_length=300)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="opportunities")
    stage = models.IntegerField()
    state = models.CharField(max_length=20)
    estimated_revenue = models.DecimalField(max_digits=17, decimal_places=2, null=True)
    estimated_close_date = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("state", "stage", "created_at"), name="opportunity_stage"),)


class Task(models.Model):
    id = models.UUIDField(primary_key=True)
    subject = models.CharField(max_length=200)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="tasks")
    state = models.CharField(max_length=20)
    scheduled_end = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
