// The page: what its charts share, and the pictures of attention, drawn when they are first seen.

const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const FEW_POINTS = 100;
const points = Math.max(0, ...data.charts.flatMap((spec) => spec.curves.map((curve) => curve.values.length)));
by("smoothing").value = points < FEW_POINTS ? 0 : 0.6;
const view = { axis: "steps", smoothing: Number(by("smoothing").value), range: null, hidden: new Set(), best: data.best, whole };
const charts = [];

/** The first and the last place on the axis of any curve that is shown. */
function whole() {
  const shown = data.charts.flatMap((spec) => spec.curves).filter((curve) => !view.hidden.has(curve.run));
  return extent(shown.map((curve) => [curve[view.axis][0], curve[view.axis].at(-1)]), [0, 1]);
}

const act = {
  point(at, speaker) {
    charts.forEach((one) => one.point(at));
    if (speaker) by("spoken").textContent = `${view.axis === "steps" ? "step" : "tokens"} ${counted(at)}; ${speaker(at)}`;
  },
  zoom(range) {
    view.range = range;
    by("whole").hidden = range === null;
    drawAll();
  },
};

const drawAll = () => charts.forEach((one) => one.draw());

function addCharts() {
  const more = by("more");
  data.charts.forEach((spec) => charts.push(chart(spec, spec.section ? more.querySelector(".charts") : by("charts"), view, data.runs, act)));
  const section = data.charts.find((spec) => spec.section)?.section;
  if (section) {
    more.hidden = false;
    more.querySelector("summary").textContent = section;
    more.addEventListener("toggle", drawAll);
  }
  by("controls").hidden = by("hint").hidden = false;
  drawAll();
  let width = by("charts").clientWidth;
  new ResizeObserver(() => {
    if (by("charts").clientWidth !== width) { width = by("charts").clientWidth; drawAll(); }
  }).observe(by("charts"));
}

function addRuns() {
  if (data.runs.length < 2) return;
  data.runs.forEach(({ name }, run) => {
    const entry = by("runs").appendChild(node("button", { type: "button", class: `entry c${run % COLOURS}`, "aria-pressed": true }));
    const swatch = entry.appendChild(shape("svg", { class: "swatch", width: 16, height: 8, "aria-hidden": true }));
    swatch.append(shape("line", { x1: 0, x2: 16, y1: 4, y2: 4 }));
    entry.append(node("span", { class: "entry-name" }, name));
    entry.addEventListener("click", () => {
      if (!view.hidden.delete(run)) view.hidden.add(run);
      entry.setAttribute("aria-pressed", !view.hidden.has(run));
      drawAll();
    });
  });
}

function drawMaps(within) {
  within.querySelectorAll("[data-map]:not([data-drawn])").forEach((place) => {
    place.dataset.drawn = "";
    heatmap(data.maps[Number(place.dataset.map)], place);
  });
}

// Nodes and numbers -------------------------------------------------------------------------------------------------

function node(name, attributes = {}, text = "") {
  const made = set(document.createElement(name), attributes);
  made.textContent = text;
  return made;
}

function shape(name, attributes) {
  return set(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
}

function set(made, attributes) {
  Object.entries(attributes).forEach(([key, value]) => { if (value !== "") made.setAttribute(key, value); });
  return made;
}

const counted = (value) => Math.round(value).toLocaleString("en");

/** A value to four digits. */
function number(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 10000) return counted(value);
  return size < 0.001 ? value.toExponential(2).replace("e-", "e−") : value.toPrecision(4);
}

/** A round value for an axis. */
function short(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}\u202fM`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}\u202fk`;
  if (size && size < 0.0001) return Number(value.toPrecision(3)).toExponential().replace("e-", "e−");
  return String(Number(value.toPrecision(6)));
}

by("controls").addEventListener("submit", (event) => event.preventDefault());
document.querySelectorAll("input[name=axis]").forEach((input) => input.addEventListener("change", () => {
  view.axis = input.value;
  act.zoom(null);
}));
by("smoothing").addEventListener("input", (event) => { view.smoothing = Number(event.target.value); drawAll(); });
by("whole").addEventListener("click", () => act.zoom(null));
document.querySelectorAll("details").forEach((details) => {
  if (details.open) drawMaps(details);
  details.addEventListener("toggle", () => drawMaps(details));
});
addRuns();
if (data.charts.length) addCharts();
