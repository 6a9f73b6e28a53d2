#!/bin/sh
# What the game asks of its collector, request by request: a token for the player's name and password, then one POST an action, with the
# token in the place of the name. Nothing here knows that the collector is Sillage.
#
#   ./play.sh http://127.0.0.1:8080/tsadk/api joueur-2 'the password on the card' 2 < session.ndjson
set -eu
collector=$1 name=$2 password=$3 number=$4

token=$(curl -sS --fail-with-body -A TSADK -u "$name:$password" "$collector/v1/utils/token" | sed 's/.*"token":"\([^"]*\)".*/\1/')

while IFS= read -r action; do
    # The game says whose the action is.
    printf '%s' "$action" | sed "s/^{/{\"userID\":$number,/" |
        curl -sS --fail-with-body -A TSADK -u "$token:unused" -H 'Content-Type: application/json' --data-binary @- "$collector/v1/logs"
    echo
done
