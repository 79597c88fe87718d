// A chart: curves over steps or tokens as an inline SVG, with a legend that shows the values at the cursor.

const HEIGHT = 220, LEFT = 50, RIGHT = 10, TOP = 20, BOTTOM = 24;
const DASHES = ["", "7 4", "2 4", "10 3 2 3"];
const COLOURS = 8;
const MOST_DOTS = 40, MANY = 5;
let clips = 0;

/**
 * A chart of `spec` ({title, about, curves, logarithmic}) in `place`. `view` is what all charts share: {axis, smoothing,
 * range, whole(), hidden (runs), best (by run)}; `act` reports {point, zoom} of the reader. Returns {draw, point}.
 */
function chart(spec, place, view, runs, act) {
  const figure = place.appendChild(node("figure", { class: spec.curves.length >= MANY && runs.length === 1 ? "chart wide" : "chart" }));
  const top = figure.appendChild(node("div", { class: "chart-top" }));
  const caption = top.appendChild(node("figcaption"));
  caption.append(node("h3", {}, spec.title), node("p", { class: "faint" }, spec.about));
  const log = top.appendChild(node("button", { type: "button", class: "quiet", "aria-label": `${spec.title}: logarithmic` }, "log"));
  const svg = figure.appendChild(shape("svg", { tabindex: 0, role: "img", height: HEIGHT }));
  const legend = figure.appendChild(node("div", { class: "legend", role: "group", "aria-label": `Curves of ${spec.title}` }));
  const clip = `clip-${clips++}`;
  log.hidden = spec.logarithmic === null;
  const state = { log: Boolean(spec.logarithmic), off: new Set(), at: null, scale: null, from: null };
  const several = runs.length > 1;
  const perRun = Math.max(...runs.map((_, run) => spec.curves.filter((curve) => curve.run === run).length));

  const curves = spec.curves.map((curve, index) => {
    const nth = spec.curves.slice(0, index).filter((one) => one.run === curve.run && !one.faint).length;
    return {
      ...curve,
      label: [several && runs[curve.run].name, (!several || perRun > 1) && curve.name].filter(Boolean).join(" · "),
      colour: `c${(several ? curve.run : index) % COLOURS}`,
      dash: DASHES[(several && !curve.faint ? nth : several ? 0 : Math.floor(index / COLOURS)) % DASHES.length],
    };
  });
  const entries = curves.map((curve) => {
    const entry = legend.appendChild(node("button", { type: "button", class: `entry ${curve.colour}`, "aria-pressed": true }));
    const swatch = entry.appendChild(shape("svg", { class: "swatch", width: 16, height: 8, "aria-hidden": true }));
    swatch.append(shape("line", { x1: 0, x2: 16, y1: 4, y2: 4, "stroke-dasharray": curve.dash }));
    if (curve.label) entry.append(node("span", { class: "entry-name" }, curve.label));
    const value = entry.appendChild(node("span", { class: "entry-value" }));
    entry.addEventListener("click", () => {
      if (!state.off.delete(curve)) state.off.add(curve);
      entry.setAttribute("aria-pressed", !state.off.has(curve));
      draw();
    });
    return { entry, value };
  });

  log.addEventListener("click", () => { state.log = !state.log; draw(); });

  const shown = () => curves.filter((curve) => !state.off.has(curve) && !view.hidden.has(curve.run));
  const position = (curve) => curve[view.axis];

  function draw() {
    const width = Math.max(figure.clientWidth - parseFloat(getComputedStyle(figure).paddingLeft) * 2, 200);
    const seen = shown().map((curve) => ({ curve, smooth: smoothed(curve, view.smoothing) }));
    const [first, last] = view.range ?? view.whole();
    const inside = seen.map(({ curve, smooth }) => {
      const visible = smooth.filter((_, i) => position(curve)[i] >= first && position(curve)[i] <= last);
      return state.log ? visible.filter((value) => value > 0) : visible;
    });
    const raw = seen.map(({ curve }) => curve.values.filter((value, i) => position(curve)[i] >= first && position(curve)[i] <= last && (!state.log || value > 0)));
    const [low, high] = padded(extent([...inside, ...raw], state.log ? [0.1, 1] : [0, 1]), state.log);
    const x = (value) => LEFT + ((value - first) / (last - first || 1)) * (width - LEFT - RIGHT);
    const height = HEIGHT - TOP - BOTTOM;
    const y = state.log ? (value) => TOP + (1 - Math.log(value / low) / Math.log(high / low)) * height
      : (value) => TOP + (1 - (value - low) / (high - low)) * height;
    state.scale = { x, y, first, last, width, inverse: (pixel) => first + ((pixel - LEFT) / (width - LEFT - RIGHT)) * (last - first) };
    set(svg, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    svg.replaceChildren();
    const frame = svg.appendChild(shape("clipPath", { id: clip }));
    frame.append(shape("rect", { x: LEFT - 4, y: TOP - 4, width: width - LEFT - RIGHT + 8, height: height + 8 }));
    drawAxes(svg, state, low, high, width);
    const lines = svg.appendChild(shape("g", { "clip-path": `url(#${clip})` }));
    if (!several) drawBest(lines, view.best[0]?.[view.axis], x);
    for (const { curve, smooth } of seen) drawCurve(lines, curve, smooth, x, y);
    svg.append(shape("rect", { class: "brush", y: TOP, height, visibility: "hidden" }), shape("g", { class: "cursor" }));
    log.setAttribute("aria-pressed", state.log);
    figure.hidden = curves.every((curve) => view.hidden.has(curve.run));
    entries.forEach(({ entry }, index) => { entry.hidden = view.hidden.has(curves[index].run); });
    svg.setAttribute("aria-label", `${spec.title}. Arrow keys read its values, plus and minus zoom.`);
    point(state.at);
  }

  function drawCurve(lines, curve, smooth, x, y) {
    const at = position(curve);
    const path = (values) => values.map((value, i) => (state.log && value <= 0 ? "" : `${x(at[i]).toFixed(1)},${y(value).toFixed(1)}`)).filter(Boolean);
    const group = lines.appendChild(shape("g", { class: `curve ${curve.colour}${curve.faint ? " faint-curve" : ""}` }));
    if (smooth !== curve.values) group.append(shape("polyline", { points: path(curve.values).join(" "), class: "raw" }));
    const points = path(smooth);
    group.append(shape("polyline", { points: points.join(" "), "stroke-dasharray": curve.dash }));
    if (curve.dotted && points.length <= MOST_DOTS) {
      points.forEach((text) => { const [cx, cy] = text.split(","); group.append(shape("circle", { cx, cy, r: 2.5 })); });
    }
  }

  /** Marks the last values up to `at` on the axis, or the last of all where it is null; returns them as text. */
  function point(at) {
    state.at = at;
    const { x, y, first, last, width } = state.scale ?? {};
    const cursor = svg.querySelector(".cursor");
    cursor?.replaceChildren();
    const said = [];
    curves.forEach((curve, index) => {
      const places = position(curve);
      const i = at === null ? places.length - 1 : upTo(places, at);
      const value = smoothed(curve, view.smoothing)[i];
      const on = !state.off.has(curve) && !view.hidden.has(curve.run);
      entries[index].value.textContent = i < 0 ? "–" : number(value);
      if (!on || i < 0) return;
      said.push(`${curve.label} ${number(value)}`.trim());
      if (at !== null && cursor && places[i] >= first && places[i] <= last && (!state.log || value > 0)) {
        cursor.append(shape("circle", { cx: x(places[i]), cy: y(value), r: 4, class: curve.colour }));
      }
    });
    if (at !== null && cursor && at >= first && at <= last) {
      const left = x(at);
      cursor.prepend(shape("line", { x1: left, x2: left, y1: TOP, y2: HEIGHT - BOTTOM }));
      const text = cursor.appendChild(shape("text", { x: Math.min(Math.max(left, LEFT + 30), width - RIGHT - 30), y: 12, "text-anchor": "middle" }));
      text.textContent = view.axis === "steps" ? `step ${counted(at)}` : `${short(at)} tokens`;
    }
    return `${spec.title}: ${said.join(", ")}`;
  }

  const inside = (event) => {
    const { inverse, first, last } = state.scale;
    const pixel = event.clientX - svg.getBoundingClientRect().left;
    return Math.min(Math.max(inverse(pixel), first), last);
  };
  const snapped = (value) => {
    const all = shown().map((curve) => position(curve)[nearest(position(curve), value)]);
    return all.length ? all.reduce((best, one) => (Math.abs(one - value) < Math.abs(best - value) ? one : best)) : value;
  };
  svg.addEventListener("pointerdown", (event) => { if (event.button === 0 && event.pointerType === "mouse") state.from = inside(event); act.point(snapped(inside(event))); });
  svg.addEventListener("pointermove", (event) => {
    const here = inside(event);
    if (state.from !== null) {
      const [a, b] = [state.from, here].map(state.scale.x).sort((one, other) => one - other);
      set(svg.querySelector(".brush"), { x: a, width: b - a, visibility: b - a > 6 ? "visible" : "hidden" });
    }
    act.point(snapped(here));
  });
  svg.addEventListener("pointerup", (event) => {
    if (state.from === null) return;
    const range = [state.from, inside(event)].sort((one, other) => one - other);
    state.from = null;
    if (state.scale.x(range[1]) - state.scale.x(range[0]) > 6) act.zoom(range);
  });
  svg.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "mouse") return;
    state.from = null;
    svg.querySelector(".brush")?.setAttribute("visibility", "hidden");
    act.point(null);
  });
  svg.addEventListener("blur", () => act.point(null));
  svg.addEventListener("dblclick", () => act.zoom(null));
  svg.addEventListener("keydown", (event) => {
    const { first, last } = state.scale;
    const places = [...new Set(shown().flatMap(position))].filter((value) => value >= first && value <= last).sort((a, b) => a - b);
    if (!places.length) return;
    const here = state.at === null ? -1 : nearest(places, state.at);
    const stride = Math.max(1, Math.round(places.length / 50)) * (event.shiftKey ? 5 : 1);
    const moves = { ArrowRight: here < 0 ? 0 : here + stride, ArrowLeft: here < 0 ? places.length - 1 : here - stride, Home: 0, End: places.length - 1 };
    if (event.key in moves) act.point(places[Math.min(Math.max(moves[event.key], 0), places.length - 1)], point);
    else if (event.key === "+") act.zoom(zoomed(first, last, state.at ?? (first + last) / 2));
    else if (event.key === "-" || event.key === "Escape") act.zoom(null);
    else return;
    event.preventDefault();
  });
  return { draw, point };
}

const zoomed = (first, last, at) => [Math.max(first, at - (last - first) / 4), Math.min(last, at + (last - first) / 4)];

function drawAxes(svg, state, low, high, width) {
  const { x, y, first, last } = state.scale;
  for (const value of state.log ? logTicks(low, high) : ticks(low, high, 5)) {
    svg.append(shape("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }));
    svg.appendChild(shape("text", { x: LEFT - 8, y: y(value), "text-anchor": "end", "dominant-baseline": "central" })).textContent = short(value);
  }
  for (const value of ticks(first, last, Math.max(2, Math.floor(width / 75)))) {
    svg.appendChild(shape("text", { x: x(value), y: HEIGHT - 6, "text-anchor": "middle" })).textContent = short(value);
  }
}

function drawBest(lines, at, x) {
  if (at === undefined) return;
  const line = lines.appendChild(shape("line", { class: "best", x1: x(at), x2: x(at), y1: TOP, y2: HEIGHT - BOTTOM }));
  line.appendChild(shape("title", {})).textContent = "the best validation";
}

/** The curve's values with an exponential mean over its points, where it is one that is smoothed. */
function smoothed(curve, weight) {
  if (!curve.smoothed || !weight || curve.values.length < 3) return curve.values;
  if (curve.kept?.weight === weight) return curve.kept.values;
  let sum = 0, share = 0;
  const values = curve.values.map((value) => {
    sum = weight * sum + (1 - weight) * value;
    share = weight * share + (1 - weight);
    return sum / share;
  });
  curve.kept = { weight, values };
  return values;
}

function extent(lists, otherwise) {
  let low = Infinity, high = -Infinity;
  for (const list of lists) for (const value of list) { low = Math.min(low, value); high = Math.max(high, value); }
  return low > high ? otherwise : [low, high];
}

function padded([low, high], isLog) {
  if (isLog) return low === high ? [low / 2, high * 2] : [low / 1.08, high * 1.08];
  if (low === high) return [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  const room = (high - low) * 0.05;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

function ticks(low, high, about) {
  if (!(high > low)) return [low];
  const rough = (high - low) / about, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((part) => part * power).find((size) => size >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return found;
}

function logTicks(low, high) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const part of high / low > 1000 ? [1] : [1, 2, 5]) {
      const value = part * 10 ** power;
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found.length >= 2 ? found : ticks(low, high, 3).filter((value) => value > 0);
}

/** The last place in the ascending `values` that is not above `wanted`, or -1. */
function upTo(values, wanted) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= wanted) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** The place in the ascending `values` whose value is nearest. */
function nearest(values, wanted) {
  const before = Math.max(upTo(values, wanted), 0), after = Math.min(before + 1, values.length - 1);
  return values[after] - wanted < wanted - values[before] ? after : before;
}
