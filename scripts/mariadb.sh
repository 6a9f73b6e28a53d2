# shellcheck shell=bash disable=SC2034
# A private MariaDB server, for tests: its own data directory, socket and free loopback port. Sourced, not run.
#
#   mariadb_find               sets TEST_MARIADBD and TEST_MARIADB_INSTALL_DB; fails when MariaDB is not installed
#   mariadb_create DIR         makes a data directory in DIR/data
#   mariadb_start DIR          starts the server of DIR; sets MARIADB_PID, MARIADB_PORT and MARIADB_URL
#   mariadb_stop               stops the server that mariadb_start started, by its process id
#
# A server that runs already is never looked at: no configuration file is read, no default port or socket used.

# Debian keeps the server in /usr/sbin, which is not on everybody's PATH.
mariadb_find() {
    TEST_MARIADBD=$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mariadbd) || return 1
    TEST_MARIADB_INSTALL_DB=$(command -v mariadb-install-db) || return 1
    export TEST_MARIADBD TEST_MARIADB_INSTALL_DB
}

mariadb_create() {
    local dir=$1
    mkdir -p "$dir/data" "$dir/tmp"
    "$TEST_MARIADB_INSTALL_DB" --no-defaults --datadir="$dir/data" --user="$(id -un)" \
        --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve >"$dir/install.log" 2>&1 || {
        cat "$dir/install.log" >&2
        return 1
    }
    # The password lives as long as the server. It makes sure that whoever answers is the server started here.
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password"
    printf "CREATE USER IF NOT EXISTS 'sillage'@'127.0.0.1' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO 'sillage'@'127.0.0.1';\n" \
        "$(cat "$dir/password")" >"$dir/init.sql"
}

mariadb_start() {
    local dir=$1 attempt
    for attempt in 1 2 3 4 5; do
        # Below the range that Linux gives to outgoing connections.
        MARIADB_PORT=$((RANDOM % 12000 + 20000))
        if (exec 3<>"/dev/tcp/127.0.0.1/$MARIADB_PORT") 2>/dev/null; then
            continue
        fi
        # Durable, as the server asks of a database that it acknowledges from; small, since it lives beside a build.
        "$TEST_MARIADBD" --no-defaults --user="$(id -un)" \
            --datadir="$dir/data" --tmpdir="$dir/tmp" --pid-file="$dir/pid" --socket="$dir/socket" \
            --bind-address=127.0.0.1 --port="$MARIADB_PORT" --skip-name-resolve --init-file="$dir/init.sql" \
            --innodb-flush-log-at-trx-commit=1 --innodb-immediate-scrub-data-uncompressed=ON \
            --innodb-buffer-pool-size=128M --innodb-log-file-size=64M \
            --character-set-server=utf8mb4 --max-connections=500 --performance-schema=OFF \
            </dev/null >>"$dir/server.log" 2>&1 &
        MARIADB_PID=$!
        if mariadb_wait "$dir"; then
            MARIADB_URL="mysql://sillage:$(cat "$dir/password")@127.0.0.1:$MARIADB_PORT"
            return 0
        fi
        mariadb_stop
    done
    tail -n 30 "$dir/server.log" >&2
    return 1
}

# Waits until the server answers to its own password, at most a minute.
mariadb_wait() {
    local dir=$1 attempt
    for ((attempt = 0; attempt < 300; attempt++)); do
        if MYSQL_PWD=$(cat "$dir/password") mariadb --no-defaults --protocol=tcp --host=127.0.0.1 \
            --port="$MARIADB_PORT" --user=sillage --execute='SELECT 1' >/dev/null 2>&1; then
            return 0
        fi
        kill -0 "$MARIADB_PID" 2>/dev/null || return 1
        sleep 0.2
    done
    return 1
}

mariadb_stop() {
    local attempt
    [[ -n ${MARIADB_PID:-} ]] || return 0
    kill -TERM "$MARIADB_PID" 2>/dev/null || true
    for ((attempt = 0; attempt < 150; attempt++)); do
        kill -0 "$MARIADB_PID" 2>/dev/null || break
        sleep 0.2
    done
    kill -KILL "$MARIADB_PID" 2>/dev/null || true
    wait "$MARIADB_PID" 2>/dev/null || true
    MARIADB_PID=
}
