#!/bin/bash
# Accounts and rights of everybody at a Kafka that runs with secure.properties. Safe to run again; a second run with another
# password file changes that password.
#
#   access.sh users FOLDER   one account for each party; the one line of FOLDER/kafka-password-NAME is its password
#   access.sh acls           what each account may read and write
#
# With docker-compose.yml: docker compose exec kafka /opt/czt/access.sh users /run/secrets, then the same with acls.
# Elsewhere say where Kafka's scripts, the broker and an administrator's client settings are: KAFKA_BIN, BOOTSTRAP, ADMIN.
# Where other cities take part, name them all: CITIES="changsha zhuzhou xiangtan loudi".
set -euo pipefail

bin=${KAFKA_BIN:-/opt/kafka/bin}
bootstrap=${BOOTSTRAP:-localhost:9094}
admin=${ADMIN:-/opt/czt/admin.properties}

cities=${CITIES:-changsha zhuzhou xiangtan}
sources="$cities joint-office"

users() {
    local name
    # `admin` makes the topics (czt init) and may do anything; the others may do what `acls` gives them.
    for name in admin $sources hub console; do
        # From a file, because arguments can be read by every process of the machine.
        "$bin/kafka-configs.sh" --bootstrap-server "$bootstrap" --command-config "$admin" --alter --entity-type users \
            --entity-name "$name" --add-config-file <(echo "SCRAM-SHA-512=password=$(cat "$1/kafka-password-$name")")
    done
}

allow() { # NAME OPERATION TOPIC…
    local name=$1 operation=$2 topics=()
    shift 2
    for topic in "$@"; do topics+=(--topic "$topic"); done
    "$bin/kafka-acls.sh" --bootstrap-server "$bootstrap" --command-config "$admin" \
        --add --allow-principal "User:$name" --operation "$operation" --operation Describe "${topics[@]}"
}

acls() {
    local city
    # A source writes its own topic, and nobody else does. It reads it back before it sends, and reads its receipts.
    for city in $cities; do
        allow "$city" Write "czt.register.$city"
        allow "$city" Read "czt.register.$city" "czt.receipts.$city" czt.joint czt.recognized-products
    done
    allow joint-office Write czt.joint
    allow joint-office Read czt.joint czt.receipts.joint-office czt.recognized-products
    # The hub reads what the sources say and writes what it answers, never the other way round.
    for city in $cities; do
        allow hub Read "czt.register.$city"
        allow hub Write "czt.receipts.$city"
    done
    allow hub Read czt.joint czt.recognized-products
    # The console asks how far each topic goes, and reads none.
    for city in $cities; do allow console Describe "czt.register.$city"; done
    allow console Describe czt.joint
    allow hub Write czt.receipts.joint-office czt.recognized-products czt.dead-letters czt.checkpoints
}

case ${1:-} in
users) users "${2:?the folder of the password files}" ;;
acls) acls ;;
*)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
