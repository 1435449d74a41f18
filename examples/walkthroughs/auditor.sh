#!/bin/sh
# Ten questions of an auditor, each with the commands that answer it, and the tests of a rule. You need no Python.
#
# The script makes a store with a week of bookings in a temporary folder, and removes it at the end. It runs in a
# checkout, with `traffic-booking` on the PATH or in .venv/bin (`make demo` installs it there). Each command is printed
# with its output and its exit code.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit
PATH="$PATH:$root/.venv/bin"
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit
export TRAFFIC_BOOKING_DB=sqlite:///week.db TRAFFIC_BOOKING_LANGUAGE=en
unset TRAFFIC_BOOKING_APPLICANT TRAFFIC_BOOKING_PSEUDONYM_KEY

ask() { # ask QUESTION COMMAND...; prints the answer and keeps it
  printf '\n== question %s: ' "$1"
  shift
  printf '%s\n' "$*"
  answer=$("$@" 2>&1)
  printf '%s\n== exit code %s\n' "$answer" "$?"
}

in_answer() { # in_answer AWK-PROGRAM: reads the last answer
  printf '%s\n' "$answer" | awk "$1"
}

# ---- A week of bookings. People are made up.

set -e
service='--service licence-renewal --branch riyadh-traffic'

# The first free time of five working days. The first two days are left out: they may be too near to be cancelled.
# shellcheck disable=SC2086  # $service holds several options
times=$(traffic-booking slots $service --limit 500 |
  awk '$2 ~ /T/ && !seen[substr($2, 1, 10)]++ { print $2 }' | sed -n '3,7p')

time_of() { # the time of the first, second, … of these days
  printf '%s\n' "$times" | sed -n "$1p"
}

book() { # book ID TIME REQUEST; the id goes in on standard input: others can read the arguments of a command
  # shellcheck disable=SC2086
  printf '%s\n' "$1" | traffic-booking book $service --applicant - --at "$2" --agree --request-id "$3" >/dev/null
}

kept_id=1000000008
erased_id=1000000040
day=0
for id in "$kept_id" 1000000016 1000000024 1000000032 "$erased_id"; do
  day=$((day + 1))
  book "$id" "$(time_of "$day")" "week-$day"
done

# The first person asks for a second appointment. It is refused: exit code 1.
book "$kept_id" "$(time_of 2)" week-6 || [ $? -eq 1 ]

# Two clerks close the branch, each on one day. The second closure is withdrawn.
shut=$(time_of 3)
open_again=$(time_of 4)
traffic-booking close --branch riyadh-traffic --from "${shut%T*}" --reason 'Burst pipe' --clerk desk-1 >/dev/null
traffic-booking close --branch riyadh-traffic --from "${open_again%T*}" --reason 'Power cut' --clerk desk-2 >closing
withdrawn=$(awk '$1 == "closure" { print $2; exit }' closing)
traffic-booking reopen "$withdrawn" --reason 'Power is back' --clerk desk-3 >/dev/null

# The last person cancels, and is erased.
number=$(traffic-booking explain --request-id week-5 --clerk desk-1 | awk '$1 == "number" { print $2; exit }')
traffic-booking cancel "$number" --clerk desk-1 --yes >/dev/null
printf '%s\n' "$erased_id" | traffic-booking maintain erase --applicant - --clerk desk-1 --reason 'Form 17' --yes >/dev/null
set +e

# The operator seals the log. An auditor gets log.key.pub; the private key log.key stays with the operator.
traffic-booking seal --log log --key log.key >/dev/null
# Keep a copy of the checkpoint on a machine of your own.
cp log/checkpoint kept-checkpoint

# ---- 1. Why was this person's request refused, and from when would it be granted?
# The request id is all that you need: the portal keeps it, and each refusal prints it. Read the line "broken rules",
# then the row with the result "broken": what was observed, the limit, and "allowed from", in Riyadh's time.
ask 1 traffic-booking explain --request-id week-6 --auditor auditor-1
# The rule's own page has the sentence, the figure with its bounds, and where the figure comes from.
ask 1 traffic-booking rules show BK-07

# ---- 2. Which requests were refused, and how often did each rule refuse?
# Give --from, --until or --day for a time, --branch and --service for a place. --excel makes a file for a spreadsheet.
ask 2 traffic-booking audit refusals --branch riyadh-traffic --auditor auditor-1
ask 2 traffic-booking audit counts rule --auditor auditor-1 --csv

# ---- 3. Which rulebook was in force, and who installed it?
ask 3 traffic-booking audit rulebooks --auditor auditor-1
version=$(in_answer '$4 ~ /^[0-9]+-[0-9]+-[0-9]+$/ { print $3; exit }')
# All rules of that version. For rules of your own add the file: own.toml@2027-01.
ask 3 traffic-booking rules --rulebook "$version"

# ---- 4. Who changed the working calendar, when and why, and which appointments does that affect?
# Every declaration and every withdrawal, first to last.
ask 4 traffic-booking closures
closure=$(in_answer '/Burst pipe/ { print $1 }')
# The active appointments from today on. A cancelled or moved appointment is no longer affected, and is not listed.
ask 4 traffic-booking closures "$closure"

# ---- 5. What did this clerk do?
# Appointments, refused requests, the calendar, look-ups of ids, maintenance.
ask 5 traffic-booking audit clerk desk-1 --auditor auditor-1

# ---- 6. What happened to this appointment, and who asked about it?
ask 6 traffic-booking audit appointment "$number" --auditor auditor-1
subject=$(in_answer '$1 ~ /^[0-9]/ && $3 == "booked" { print $6; exit }')

# ---- 7. Is the store sound, is it what the log says, and would every decision have the same result today?
# The command opens the store for reading alone. The first line is the verdict.
ask 7 traffic-booking audit --log log --key log.key.pub

# ---- 8. Where is a person's id stored, and how is it shown to be erased?
# In the table "persons" alone (docs/explanation/storage.md). Everything else has the subject, a random name.
# Nothing leads from the subject to a person: exit code 2. (If it did, your look-up would be logged.)
ask 8 traffic-booking person "$subject" --clerk desk-1
# The digits are nowhere in the files: grep finds 0 lines, and its exit code is 1.
ask 8 grep -c -a "$erased_id" week.db
# The other ids are there, in clear, because this store has no pseudonym key: exit code 0.
ask 8 grep -c -a "$kept_id" week.db

# ---- 9. Which figures are unofficial, and where does each official one come from?
# The column "status" is unofficial, published or law. The column "source" names where the figure comes from. All
# shipped figures are unofficial today.
ask 9 traffic-booking rules
# The facts beside the rules (places, calendars, services), with their sources.
ask 9 sed -n '/^| fact/,/^$/p' "$root/docs/explanation/sources.md"

# ---- 10. How is evidence handed over, and how does the reader know that nobody changed it?
# The operator seals again, so that your questions are in the log too, and exports.
traffic-booking seal --log log --key log.key >/dev/null
# The log of now continues the checkpoint that you kept: the store is sound. Else the invariant "seal" is broken.
ask 10 traffic-booking audit --log log --key log.key.pub --checkpoint kept-checkpoint
ask 10 traffic-booking audit export --number "$number" --log log --key log.key --out case --auditor auditor-1
# The reader needs the folder and log.key.pub, and neither the store nor its key.
ask 10 traffic-booking audit check case --key log.key.pub
# Without this program: the SHA-256 of each file. (docs/how-to/answer-an-auditor.md goes on with Go's programs.)
ask 10 sh -c 'cd case && sha256sum --check --quiet manifest 2>/dev/null && echo unchanged'
# One word is changed in one file: exit code 1, and the file is named.
sed -i.before 's/BK-07/BK-08/' case/rules/01.txt && rm case/rules/01.txt.before
ask 10 traffic-booking audit check case --key log.key.pub

# ---- And which tests show rule BK-07?
# The rows "truth tables", "properties" and "other tests" of the rule in the register.
ask tests sed -n '/^### BK-07/,/^### BK-08/p' "$root/docs/audit/rules.md"
