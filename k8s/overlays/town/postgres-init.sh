#!/bin/sh
# One database and one login a role: no role reads another's tables. Run once, by the image, on an empty volume.
set -eu

: "${PARVIS_STORE_PASSWORD:?set PARVIS_STORE_PASSWORD, the password of the logins parvis_ROLE}"

for role in identity intake casework routing knowledge notification tracking; do
    # Both variables of psql are quoted by it (:'…'), whatever characters the password has.
    psql --username "$POSTGRES_USER" --dbname postgres --quiet --set ON_ERROR_STOP=1 \
        --set name="parvis_$role" --set password="$PARVIS_STORE_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
