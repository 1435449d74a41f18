// What the pages do beside htmx. Each page works without this file.
"use strict";

const digits = (text) => (document.getElementById("digits")?.textContent.includes("123") ? text.replace(/\d/g, (d) => "٠١٢٣٤٥٦٧٨٩"[d]) : text);

// The countdown of a hold: counted from what the server says is left, and announced at five, two and one minutes.
function countDown(box) {
  const clock = box.querySelector(".clock"), meter = box.querySelector("progress"), says = box.querySelector("#hold-says");
  const end = performance.now() + Number(box.dataset.seconds) * 1000;
  clock.hidden = false;
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    const text = digits(`${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`);
    clock.textContent = text;
    meter.value = left;
    if ([300, 120, 60].includes(left)) says.textContent = text;
    if (left === 0) { clearInterval(timer); setTimeout(() => location.reload(), 1500); }
  };
  const timer = setInterval(tick, 1000);
  tick();
}

function start() {
  document.querySelectorAll("#hold").forEach(countDown);
  document.querySelector("[data-focus]")?.focus();
  document.querySelectorAll("[data-show]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.show);
      field.type = field.type === "password" ? "text" : "password";
      [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
    });
  });
  const near = document.getElementById("near");
  if (near && "geolocation" in navigator) {
    near.hidden = false;
    near.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
      ({ coords }) => location.assign(`${near.dataset.near}?lat=${coords.latitude.toFixed(2)}&lon=${coords.longitude.toFixed(2)}`),
      () => { document.getElementById("near-says").textContent = near.dataset.no; },
      { maximumAge: 600000, timeout: 10000 },
    ));
  }
  // The sheet to print is loaded beside the page and printed from there; without this, its link opens it.
  document.querySelectorAll("[data-print]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(".paper")?.remove();
    const sheet = document.createElement("iframe");
    sheet.className = "paper";
    sheet.title = link.textContent;
    sheet.addEventListener("load", () => { sheet.contentWindow.focus(); sheet.contentWindow.print(); });
    sheet.src = link.href;
    document.body.append(sheet);
  }));
  // The ticks at documents stay in this browser while it is open.
  document.querySelectorAll("[data-keep] input").forEach((box) => {
    const key = `${box.closest("[data-keep]").dataset.keep} ${box.name}`;
    box.checked = sessionStorage.getItem(key) === "1";
    box.addEventListener("change", () => sessionStorage.setItem(key, box.checked ? "1" : "0"));
  });
}

// A second click on a button that has been pressed sends nothing; the server would do nothing twice anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  else { form.dataset.sent = "1"; setTimeout(() => delete form.dataset.sent, 4000); }
});
addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") document.querySelectorAll(".menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); }); });
// A chosen day brings its times into view on a small screen, and an old fault goes away with the next choice.
let dayChosen = false;
document.addEventListener("click", (event) => { dayChosen = Boolean(event.target.closest?.("a.day")); });
document.addEventListener("htmx:after:swap", () => {
  document.getElementById("errors")?.remove();
  if (dayChosen && matchMedia("(max-width: 63.99rem)").matches) document.getElementById("times")?.scrollIntoView({ block: "start" });
});
start();
