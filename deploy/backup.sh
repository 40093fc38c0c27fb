#!/usr/bin/env bash
# The whole installation: every database object and every uploaded file. Packages of single workspaces are made daily
# by the product itself (KONTOR_BACKUPS); this is for losing the machine.
#   DATABASE_URL=postgresql://… KONTOR_DATA=/var/lib/kontor deploy/backup.sh /mnt/backups
# DATABASE_URL must lead to the server itself, not to PgBouncer: a dump is one long session.
set -euo pipefail
umask 077

target=${1:?"usage: backup.sh FOLDER"}
: "${DATABASE_URL:?}" "${KONTOR_DATA:?}"
keep_days=${KONTOR_BACKUP_DAYS:-35}

stamp=$(date -u +%Y%m%dT%H%M%SZ)
folder="$target/$stamp"
unfinished="$folder.unfinished"
mkdir -p "$unfinished"
trap 'rm -rf "$unfinished"' EXIT

# The directory format dumps tables side by side and can restore single schemas. The product's own statement timeout
# does not hold for it: pg_dump turns it off.
pg_dump --dbname="$DATABASE_URL" --format=directory --jobs="${JOBS:-2}" --lock-wait-timeout=60s \
  --file="$unfinished/database"
# Files after the database: a row whose file is missing is worse than a file without its row.
tar --create --gzip --directory="$KONTOR_DATA" --file="$unfinished/files.tar.gz" \
  --ignore-failed-read files
pg_restore --list "$unfinished/database" >"$unfinished/contents.txt"
(cd "$unfinished" && find database files.tar.gz contents.txt -type f -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
sync
mv "$unfinished" "$folder"
trap - EXIT

find "$target" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -mtime "+$keep_days" -exec rm -rf {} +
echo "$folder"
