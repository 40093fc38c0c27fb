#!/usr/bin/env bash
# Brings a backup of backup.sh back into an EMPTY database and an empty data directory. For one workspace use the
# operator console instead (runbook restore-one-tenant).
#   DATABASE_URL=postgresql://… KONTOR_DATA=/var/lib/kontor deploy/restore.sh /mnt/backups/20261122T020000Z
set -euo pipefail
umask 077

folder=${1:?"usage: restore.sh BACKUP"}
: "${DATABASE_URL:?}" "${KONTOR_DATA:?}"

(cd "$folder" && sha256sum --check --quiet SHA256SUMS)

tables=$(psql "$DATABASE_URL" --no-psqlrc --tuples-only --no-align --command \
  "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')")
if [ "$tables" != 0 ]; then
  echo "The database has $tables tables. Restore into an empty one: createdb, then change DATABASE_URL." >&2
  exit 1
fi
if [ -n "$(find "$KONTOR_DATA/files" -mindepth 1 -print -quit 2>/dev/null)" ]; then
  echo "$KONTOR_DATA/files is not empty." >&2
  exit 1
fi

pg_restore --dbname="$DATABASE_URL" --no-owner --no-privileges --exit-on-error --jobs="${JOBS:-2}" "$folder/database"
mkdir -p "$KONTOR_DATA"
tar --extract --gzip --directory="$KONTOR_DATA" --file="$folder/files.tar.gz"
# Control data and workspaces to the level of the release that is installed; ends with an error when one fails.
python -m saas migrate
echo "Restored. Keys and passwords are not in a backup: KONTOR_SECRET_KEY has to be the one of then."
