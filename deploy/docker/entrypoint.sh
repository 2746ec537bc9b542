#!/bin/sh
# PostgreSQL's client takes its password from PGPASSWORD; here that comes from a secret's file, so that it stands in no
# address, no argument and no description of the container.
set -eu
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    PGPASSWORD=$(cat "$PGPASSWORD_FILE")
    export PGPASSWORD
fi
exec czt "$@"
