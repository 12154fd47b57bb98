#!/bin/sh
# One database, one login and one password a role: no role reads another's tables. Run once, by the image, on an empty
# volume; the password of the login parvis_ROLE is the file /run/secrets/store-ROLE.
set -eu

for role in identity intake casework routing knowledge notification tracking; do
    password=$(cat "/run/secrets/store-$role")
    : "${password:?/run/secrets/store-$role is empty}"
    # Both variables of psql are quoted by it (:'…'), whatever characters the password has.
    psql --username "$POSTGRES_USER" --dbname postgres --quiet --set ON_ERROR_STOP=1 \
        --set name="parvis_$role" --set password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
