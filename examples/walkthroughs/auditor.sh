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
number=$(traffic-booking explain --request-id week-5 --clerk auditor-1 | awk '$1 == "number" { print $2; exit }')
traffic-booking cancel "$number" --clerk desk-1 --yes >/dev/null
printf '%s\n' "$erased_id" | traffic-booking maintain erase --applicant - --clerk desk-1 --reason 'Form 17' --yes >/dev/null
set +e

# ---- 1. Which rules refused this person's request, and why?
# The request id is all that you need: the portal keeps it, and each refusal prints it. `--clerk` is your own name. Read
# the line "broken rules", then the rows with the result "broken".
ask 1 traffic-booking explain --request-id week-6 --clerk auditor-1
version=$(in_answer '$1 == "rulebook" { sub(",", "", $2); print $2 }')

# ---- 2. What was the limit, and what was observed?
# The columns "observed" and "limit" of the same table. The rule's own page shows the figure with its bounds.
ask 2 traffic-booking rules show BK-07

# ---- 3. From when would the request be granted?
# The column "allowed from" of the same table, in Riyadh's time. As JSON it is "allowed_from", with its offset.
ask 3 traffic-booking explain --request-id week-6 --clerk auditor-1 --json

# ---- 4. Which version of the rulebook decided, and is it still in force?
# The line "rulebook" of an explanation: the version, and its days in force. Give that version here, to read all of its
# rules. For rules of your own add the file: own.toml@2027-01.
ask 4 traffic-booking rules --rulebook "$version"

# ---- 5. Who changed the working calendar, when and why?
# Every declaration and every withdrawal, first to last. The times are those of Riyadh.
ask 5 traffic-booking closures
closure=$(in_answer '/Burst pipe/ { print $1 }')

# ---- 6. Which appointments does a closure affect?
# The active appointments from today on. A cancelled or moved appointment is no longer affected, and is not listed.
ask 6 traffic-booking closures "$closure"

# ---- 7. Would all recorded decisions have the same results today?
# No line with the invariant "rules". Missing versions of the rulebook could not be evaluated again.
ask 7 traffic-booking audit

# ---- 8. Is the store sound, and what does the audit check?
# docs/how-to/audit-a-store.md explains each word of the line "compared", and what is not compared.
ask 8 traffic-booking audit --json

# ---- 9. Where is a person's id stored, and how is it shown to be erased?
# In the table "persons" alone (docs/explanation/storage.md). The appointment keeps the subject, a random name.
ask 9 traffic-booking show "$number" --clerk auditor-1
subject=$(in_answer '$1 == "subject" { print $2 }')
# Nothing leads from the subject to a person: exit code 2. (If it did, your look-up would be logged.)
ask 9 traffic-booking person "$subject" --clerk auditor-1
# The ticket shows "erased".
ask 9 traffic-booking ticket "$number" --clerk auditor-1
# The digits are nowhere in the files: grep finds 0 lines, and its exit code is 1.
ask 9 grep -c -a "$erased_id" week.db
# The other ids are there, in clear, because this store has no pseudonym key: exit code 0.
ask 9 grep -c -a "$kept_id" week.db

# ---- 10. Which figures are unofficial, and where does each official one come from?
# The column "status" is unofficial, published or law. The column "source" names where the figure comes from. All
# shipped figures are unofficial today.
ask 10 traffic-booking rules
# The facts beside the rules (places, calendars, services), with their sources.
ask 10 sed -n '/^| fact/,/^$/p' "$root/docs/explanation/sources.md"

# ---- And which tests show rule BK-07?
# The rows "truth tables", "properties" and "other tests" of the rule in the register.
ask tests sed -n '/^### BK-07/,/^### BK-08/p' "$root/docs/audit/rules.md"
