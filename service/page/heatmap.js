// A matrix of weights as an inline SVG: a row for each target unit, a column for each source unit.

const SMALLEST_CELL = 22;
const LARGEST_CELL = 44;
const ROOM = 640;
const GAP = 2;
const LONGEST_LABEL = 20;
const LONGEST_LABEL_ON_PHONES = 13;
const SLANT = -50;

/**
 * Draws `weights[row][column]` (0 to 1). `rows` and `columns` are {text, special}. `report(row, column)` is called when
 * the pointer or an arrow key has moved to a cell.
 */
export function heatmap(rows, columns, weights, report) {
  const cell = Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, Math.floor(ROOM / columns.length)));
  const left = Math.max(...rows.map(labelWidth)) + 12;
  const slope = (-SLANT * Math.PI) / 180;
  const longest = Math.max(...columns.map(labelWidth));
  const top = Math.ceil(longest * Math.sin(slope)) + 28;
  const overhang = Math.ceil(longest * Math.cos(slope)) + 10;
  const width = left + columns.length * cell + overhang;
  const height = top + rows.length * cell + 4;
  const svg = element("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: 0 });
  svg.setAttribute("aria-label", "Attention weights. Move between cells with the arrow keys.");

  const columnLabels = columns.map((unit, column) => {
    const x = left + column * cell + cell / 2;
    return svg.appendChild(label(unit, { transform: `translate(${x} ${top - 8}) rotate(${SLANT})` }));
  });
  const rowLabels = rows.map((unit, row) => {
    const y = top + row * cell + cell / 2;
    return svg.appendChild(label(unit, { x: left - 8, y, "text-anchor": "end", "dominant-baseline": "central" }));
  });
  weights.forEach((line, row) => line.forEach((weight, column) => {
    const place = { x: left + column * cell, y: top + row * cell, width: cell - GAP, height: cell - GAP, rx: 4 };
    svg.append(element("rect", { ...place, class: "ground" }));
    svg.append(element("rect", { ...place, class: "cell", "fill-opacity": weight }));
  }));
  const cursor = element("rect", { class: "cursor", width: cell - GAP, height: cell - GAP, rx: 4, visibility: "hidden" });
  svg.append(cursor);

  let at = null;
  const moveTo = (row, column) => {
    if (at && at.row === row && at.column === column) return;
    if (at) [rowLabels[at.row], columnLabels[at.column]].forEach((near) => near.classList.remove("near"));
    [rowLabels[row], columnLabels[column]].forEach((near) => near.classList.add("near"));
    at = { row, column };
    set(cursor, { x: left + column * cell, y: top + row * cell, visibility: "visible" });
    report(row, column);
  };
  svg.addEventListener("pointermove", (event) => pointed(event));
  svg.addEventListener("pointerdown", (event) => pointed(event));
  const pointed = (event) => {
    const box = svg.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - left) / cell);
    const row = Math.floor((event.clientY - box.top - top) / cell);
    if (row >= 0 && row < rows.length && column >= 0 && column < columns.length) moveTo(row, column);
  };
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  svg.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = at ? [at.row + step[0], at.column + step[1]] : [0, 0];
    moveTo(clamped(row, rows.length), clamped(column, columns.length));
  });
  return svg;
}

const clamped = (index, length) => Math.min(Math.max(index, 0), length - 1);

const measure = document.createElement("canvas").getContext("2d");

function labelWidth(unit) {
  measure.font = `650 14px ${getComputedStyle(document.body).fontFamily}`;
  return Math.ceil(measure.measureText(shown(unit.text)).width);
}

function shown(text) {
  const characters = [...text];
  const longest = matchMedia("(max-width: 720px)").matches ? LONGEST_LABEL_ON_PHONES : LONGEST_LABEL;
  return characters.length > longest ? characters.slice(0, longest - 1).join("") + "…" : text;
}

function label(unit, attributes) {
  const text = element("text", { ...attributes, class: unit.special ? "special" : "" });
  text.textContent = shown(unit.text);
  const title = element("title", {});
  title.textContent = unit.text;
  text.append(title);
  return text;
}

function element(name, attributes) {
  return set(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
}

function set(node, attributes) {
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  return node;
}
