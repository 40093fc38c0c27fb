"""The roll-up of opportunities, the triggers that keep it, and what there is so far (decision 0021)."""

import django.db.models.deletion
from django.db import migrations, models

_KEY = "state, stage, owner_id, owning_business_unit_id"
_ADDED = (
    "records, estimated_revenue_base, estimated_revenue_base_filled, weighted_revenue_base, weighted_revenue_base_filled"
)
_AMOUNTS = """{sign} coalesce(estimated_revenue_base, 0) AS estimated, {sign} (estimated_revenue_base IS NOT NULL)::int AS estimated_filled,
       {sign} coalesce(weighted_revenue_base, 0) AS weighted, {sign} (weighted_revenue_base IS NOT NULL)::int AS weighted_filled"""


def _part(sign: str, source: str) -> str:
    return f"""
  SELECT {_KEY}, date_trunc('month', estimated_close_date::timestamp)::date AS month, {sign} 1 AS records,
       {_AMOUNTS.format(sign=sign)}
  FROM {source} WHERE deleted_at IS NULL"""


def _writing(*parts: str) -> str:
    return f"""INSERT INTO sales_opportunityrollup ({_KEY}, estimated_close_date, {_ADDED})
  SELECT {_KEY}, month, sum(records), sum(estimated), sum(estimated_filled), sum(weighted), sum(weighted_filled)
  FROM ({" UNION ALL".join(parts)}) changed
  GROUP BY {_KEY}, month
  HAVING sum(records) <> 0 OR sum(estimated) <> 0 OR sum(estimated_filled) <> 0 OR sum(weighted) <> 0
      OR sum(weighted_filled) <> 0;"""


def _function(name: str, *parts: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  {_writing(*parts)}\n  RETURN NULL;\nEND $$;"
    )


_GONE, _COME = _part("-", "gone"), _part("+", "come")
# Once per statement, over all rows it wrote: an import's thousands become as many rows as there are different keys.
_FORWARD = f"""
{_function("sales_opportunity_come", _COME)}
{_function("sales_opportunity_gone", _GONE)}
{_function("sales_opportunity_changed", _GONE, _COME)}
CREATE TRIGGER sales_opportunity_come AFTER INSERT ON sales_opportunity
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION sales_opportunity_come();
CREATE TRIGGER sales_opportunity_gone AFTER DELETE ON sales_opportunity
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sales_opportunity_gone();
CREATE TRIGGER sales_opportunity_changed AFTER UPDATE ON sales_opportunity
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION sales_opportunity_changed();
{_writing(_part("+", "sales_opportunity"))}
"""
_BACKWARD = "".join(
    f"DROP TRIGGER sales_opportunity_{name} ON sales_opportunity; DROP FUNCTION sales_opportunity_{name}();"
    for name in ("come", "gone", "changed")
)


class Migration(migrations.Migration):

    dependencies = [
        ("sales", "0003_body_words"),
        ("security", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpportunityRollup",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=20)),
                ("stage", models.IntegerField(null=True)),
                ("estimated_close_date", models.DateField(null=True)),
                ("records", models.IntegerField()),
                ("estimated_revenue_base", models.DecimalField(decimal_places=4, max_digits=30)),
                ("estimated_revenue_base_filled", models.IntegerField()),
                ("weighted_revenue_base", models.DecimalField(decimal_places=4, max_digits=30)),
                ("weighted_revenue_base_filled", models.IntegerField()),
                ("owner", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="security.principal")),
                ("owning_business_unit", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="security.businessunit")),
            ],
        ),
        migrations.RunSQL(_FORWARD, _BACKWARD),
    ]
