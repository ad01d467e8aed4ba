#!/bin/sh
# Runs once, when the database is made: the role that inference gateways log in with. It may change
# nothing; what it may read `signalpath migrate` says (GATEWAY_DATABASE_ROLE).
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$GATEWAY_POSTGRES_PASSWORD" <<'SQL'
create role signalpath_gateway login password :'password';
alter role signalpath_gateway set default_transaction_read_only = on;
SQL
