#!/bin/sh
# Makes the font and the voices of adapters/image_captcha. Run it from the tree's root, and look and listen afterwards.
# Needs espeak-ng (its output has no licence of its own), sox, pyftsubset of fonttools, and NotoSansArabic-Regular.ttf
# (OFL), in Debian: apt-get install espeak-ng sox fonttools fonts-noto-core
set -eu

media=src/traffic_booking/adapters/image_captcha
font=${1:-/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf}
spoken=$(mktemp)
trap 'rm -f "$spoken"' EXIT

# The digits 2 to 9 and the blank between them.
pyftsubset "$font" --unicodes=U+0020,U+0662-0669 --no-hinting --layout-features= --output-file="$media/digits.ttf"

# speak LANGUAGE VOICE WORDS_A_MINUTE WORD…: the words for 2 to 9, without silence at their ends.
# Not at the 8,000 samples a second of telephones: f, s and th sound alike there.
speak() {
  folder=$media/voices/$1 voice=$2 speed=$3 digit=2
  shift 3
  mkdir -p "$folder"
  for word in "$@"; do
    espeak-ng -v "$voice" -s "$speed" -w "$spoken" "$word"
    sox -D "$spoken" --rate 11025 --channels 1 --bits 8 --encoding unsigned-integer "$folder/$digit.wav" \
      norm -3 silence 1 0.01 1% reverse silence 1 0.01 1% reverse
    digit=$((digit + 1))
  done
}

# Arabic by its sounds: espeak-ng would read the final ة as t.
speak ar ar 130 "[[?iTn'a:n]]" "[[Tal'a:Ta]]" "[[?'aRbaAa]]" "[[X'amsa]]" "[[s'it:a]]" "[[s'abAa]]" "[[Tam'a:nija]]" \
  "[[t'isAa]]"
speak en en-us 140 two three four five six seven eight nine
