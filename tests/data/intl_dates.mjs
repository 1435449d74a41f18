// Makes intl-dates.json: how Intl.DateTimeFormat prints each day of 1444 to 1446 AH.
//
//     node tests/data/intl_dates.mjs > tests/data/intl-dates.json
//
// Each form is a pattern with the names and digits that fill it. The script compares every form with the output of every
// day, and fails if one differs. It needs a Node with all locales (`process.config.variables.icu_small` is false).

const LOCALES = ["ar", "ar-SA", "ar-EG", "en", "en-SA", "fa", "ur"];
const CALENDARS = ["", "islamic-umalqura", "gregory"]; // "": the default of the locale
const STYLES = ["full", "long", "medium", "short"];
const DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"];
const WIDTHS = { d: ["day", 0, 1], dd: ["day", 0, 2], M: ["month", 0, 1], MM: ["month", 0, 2], y: ["year", 0, 1], yy: ["year", 2, 2] };

const numbers = (calendar) =>
  new Intl.DateTimeFormat(`en-u-ca-${calendar}`, { timeZone: "UTC", day: "numeric", month: "numeric", year: "numeric" });
const partsOf = (format, day) => Object.fromEntries(format.formatToParts(day).map((part) => [part.type, part.value]));

function dateIn(calendar, day) {
  const { day: d, month, year, relatedYear } = partsOf(numbers.cache[calendar], day);
  return { day: Number(d), month: Number(month), year: Number(year ?? relatedYear) };
}
numbers.cache = Object.fromEntries(["islamic-umalqura", "gregory", "persian"].map((each) => [each, numbers(each)]));

const days = [];
for (let day = new Date("2022-01-01"); day < new Date("2026-01-01"); day = new Date(day.getTime() + 86_400_000)) {
  const { year } = dateIn("islamic-umalqura", day);
  if (year >= 1444 && year <= 1446) days.push(day);
}
const iso = (day) => day.toISOString().slice(0, 10);
const inDigits = (text, digits) => text.replace(/[0-9]/g, (each) => digits[each]);

function fieldOf(type, values, digits) {
  for (const [field, [part, last, width]] of Object.entries(WIDTHS)) {
    const printed = (number) => inDigits(String(last ? number % 100 : number).padStart(width, "0"), digits);
    if (part === type && values.every(([number, value]) => printed(number) === value)) return field;
  }
  return null;
}

function formOf(locale, style) {
  const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", dateStyle: style });
  const calendar = format.resolvedOptions().calendar;
  const digits = DIGITS.find((each) => days.every((day) => format.format(day).match(/\p{Nd}/gu).every((one) => each.includes(one))));
  const form = { calendar, pattern: "", digits, weekdays: null, months: null };
  for (const { type, value } of format.formatToParts(days[0])) {
    const values = days.map((day) => [dateIn(calendar, day)[type], partsOf(format, day)[type]]);
    if (type === "literal" || type === "era") form.pattern += value;
    else if (type === "weekday") {
      form.weekdays = days.slice(0, 7).sort((a, b) => ((a.getUTCDay() + 6) % 7) - ((b.getUTCDay() + 6) % 7)).map((day) => partsOf(format, day).weekday);
      form.pattern += "{weekday}";
    } else {
      const field = fieldOf(type, values, digits);
      if (field === null) form.months = [...Array(12).keys()].map((at) => values.find(([number]) => number === at + 1)[1]);
      form.pattern += `{${field ?? "month"}}`;
    }
  }
  for (const day of days) {
    if (printed(form, day) !== format.format(day)) throw new Error(`${locale} ${style} ${iso(day)}: ${printed(form, day)}, not ${format.format(day)}`);
  }
  return form;
}

function printed(form, day) {
  const date = dateIn(form.calendar, day);
  return form.pattern.replace(/\{(\w+)\}/g, (_, field) => {
    if (field === "weekday") return form.weekdays[(day.getUTCDay() + 6) % 7];
    if (field === "month") return form.months[date.month - 1];
    const [part, last, width] = WIDTHS[field];
    return inDigits(String(last ? date[part] % 100 : date[part]).padStart(width, "0"), form.digits);
  });
}

const forms = new Map();
for (const locale of LOCALES) {
  for (const calendar of CALENDARS) {
    for (const style of STYLES) {
      const name = calendar ? `${locale}-u-ca-${calendar}` : locale;
      const key = JSON.stringify(formOf(name, style));
      forms.set(key, [...(forms.get(key) ?? []), `${name} ${style}`]);
    }
  }
}
const starts = {};
for (const calendar of ["islamic-umalqura", "persian"]) {
  starts[calendar] = days.map((day) => [iso(day), dateIn(calendar, day)]).filter(([, date], at) => at === 0 || date.day === 1);
}
const lines = [...forms].map(([form, by]) => `  ${JSON.stringify({ ...JSON.parse(form), printed_by: by })}`);
const months = Object.entries(starts).map(([calendar, all]) => `  "${calendar}": ${JSON.stringify(all.map(([day, date]) => [day, date.year, date.month, date.day]))}`);
console.log(`{
"node": "${process.version}", "icu": "${process.versions.icu}", "cldr": "${process.versions.cldr}",
"first": "${iso(days[0])}", "last": "${iso(days.at(-1))}",
"starts": {
${months.join(",\n")}
},
"forms": [
${lines.join(",\n")}
]
}`);
