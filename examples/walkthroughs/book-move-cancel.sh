#!/bin/sh
# A walk from the shell: find a slot, hold it, book it, print its ticket, move it, be refused, cancel, and ask why.
# The command `traffic-booking` has to be on the path: `. .venv/bin/activate`. It writes to a temporary folder only.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TRAFFIC_BOOKING_DB="sqlite:///$folder/walk.db"
export TRAFFIC_BOOKING_APPLICANT=1000000008 # made up; its check digit is right
export TRAFFIC_BOOKING_LANGUAGE=en          # the search below is read by columns; in Arabic they start at the right

step() { printf '\n== %s\n' "$*"; }

# Runs a command that has to be refused: exit code 1.
refused() {
    code=0
    "$@" || code=$?
    test "$code" -eq 1
}

step "Find a slot"
# Of 200 times the last are days ahead. Shortly before its start an appointment can't be moved or cancelled.
traffic-booking slots --service licence-renewal --branch riyadh-traffic --limit 200 >"$folder/slots"
tail -n 5 "$folder/slots"
start=$(tail -n 5 "$folder/slots" | awk 'NR == 1 { print $2 }')
later=$(awk 'END { print $2 }' "$folder/slots")

step "Hold it, while the instructions are read"
traffic-booking hold --service licence-renewal --branch riyadh-traffic --at "$start"

step "Without --agree, rule BK-06 refuses, and the instructions are shown"
refused traffic-booking book --service licence-renewal --branch riyadh-traffic --at "$start"

step "Book it"
traffic-booking book --service licence-renewal --branch riyadh-traffic --at "$start" --agree >"$folder/ticket"
cat "$folder/ticket"
number=$(awk '$1 == "Number" { print $2 }' "$folder/ticket")

step "Print the ticket in Arabic, and as a page in English"
traffic-booking ticket "$number" --language ar
traffic-booking ticket "$number" --form html --output "$folder/ticket.html"

step "Move it: first the preview, then the move"
traffic-booking move "$number" --at "$later"
traffic-booking move "$number" --at "$later" --yes

step "A second booking of the same time: two rules refuse it"
refused traffic-booking book --service licence-renewal --branch riyadh-traffic --at "$later" --agree \
    --request-id walk-second

step "Cancel it: first the preview, then the cancellation"
traffic-booking cancel "$number"
traffic-booking cancel "$number" --yes
traffic-booking ticket "$number" # now the proof of the cancellation

step "Ask why: the refused request, and what happened to the appointment"
traffic-booking explain --request-id walk-second
traffic-booking show "$number"
