// Makes intl-times.json: how Intl.DateTimeFormat prints each minute of a day.
//
//     node tests/data/intl_times.mjs > tests/data/intl-times.json
//
// Each form is a pattern with the hours, the parts of the day and the digits that fill it. The script compares every form
// with the output of every minute, and fails if one differs. It needs a Node with all locales
// (`process.config.variables.icu_small` is false). ICU puts U+202F before a part of the day; Node alone prints a space.

const LOCALES = ["ar", "ar-SA", "ar-EG", "ar-MA", "en", "en-SA", "en-GB", "en-CA", "fa", "ur"];
const OPTIONS = {
  short: { timeStyle: "short" },
  medium: { timeStyle: "medium" },
  "short, 12 hours": { timeStyle: "short", hour12: true },
  hour: { hour: "numeric" },
  "part of the day": { hour: "numeric", minute: "2-digit", hour12: true, dayPeriod: "long" },
};
const DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"];

const minutes = [...Array(1440).keys()].map((minute) => new Date(minute * 60_000));
const partsOf = (format, moment) => Object.fromEntries(format.formatToParts(moment).map((part) => [part.type, part.value]));

function formOf(locale, options) {
  const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
  const digits = DIGITS.find((each) => minutes.every((moment) => format.format(moment).match(/\p{Nd}/gu).every((one) => each.includes(one))));
  const hours = [...Array(24).keys()].map((hour) => partsOf(format, minutes[hour * 60]));
  const pattern = format.formatToParts(minutes[0]).map(({ type, value }) => (type === "literal" ? value : `{${type}}`)).join("");
  const form = { pattern, digits, hours: hours.map((each) => each.hour), periods: hours.map((each) => each.dayPeriod ?? "") };
  for (const [minute, moment] of minutes.entries()) {
    const text = printed(form, minute).replaceAll("\u202f", " ");
    if (text !== format.format(moment)) throw new Error(`${locale} ${minute}: ${text}, not ${format.format(moment)}`);
  }
  return form;
}

function printed(form, minute) {
  const figures = String(minute % 60).padStart(2, "0").replace(/[0-9]/g, (each) => form.digits[each]);
  const seconds = "00".replace(/[0-9]/g, (each) => form.digits[each]);
  const hour = Math.floor(minute / 60);
  const values = { hour: form.hours[hour], minute: figures, second: seconds, dayPeriod: form.periods[hour] };
  return form.pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const forms = {};
for (const locale of LOCALES) {
  for (const [name, options] of Object.entries(OPTIONS)) {
    if (name !== "part of the day" || locale === "ar") forms[`${locale}, ${name}`] = formOf(locale, options);
  }
}
const { node, icu, cldr } = process.versions;
const lines = Object.entries(forms).map(([name, form]) => `  ${JSON.stringify(name)}: ${JSON.stringify(form)}`);
console.log(`{\n"node": "${node}", "icu": "${icu}", "cldr": "${cldr}",\n"forms": {\n${lines.join(",\n")}\n}\n}`);
