// Attention between words as an inline SVG: a row for each word of the translation, a column for each of the source.

const CELL = 24, GAP = 2, SLANT = 48, LONGEST = 16;
const ruler = document.createElement("canvas").getContext("2d");

/** Draws `map` ({source, target, weights}) into `place`, with a line below that says what is pointed at. */
function heatmap(map, place) {
  const clipped = (word) => ([...word].length > LONGEST ? `${[...word].slice(0, LONGEST - 1).join("")}…` : word);
  ruler.font = `13px ${getComputedStyle(document.body).fontFamily}`;
  const widest = (words) => Math.ceil(Math.max(...words.map((word) => ruler.measureText(clipped(word)).width)));
  const slope = (SLANT * Math.PI) / 180;
  const left = widest(map.target) + 10, top = Math.ceil(widest(map.source) * Math.sin(slope)) + 18;
  const width = left + map.source.length * CELL + Math.ceil(widest(map.source) * Math.cos(slope)) + 4;
  const height = top + map.target.length * CELL + 2;
  const scroller = place.appendChild(node("div", { class: "scroller" }));
  const svg = scroller.appendChild(shape("svg", { class: "heatmap", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: 0,
    "aria-label": "Attention. Arrow keys move between the words." }));
  const said = place.appendChild(node("p", { class: "faint said", "aria-live": "polite" }, "\u00a0"));

  const columns = map.source.map((word, j) => label(word, { transform: `translate(${left + j * CELL + CELL / 2} ${top - 7}) rotate(${-SLANT})` }));
  const rows = map.target.map((word, i) => label(word, { x: left - 7, y: top + i * CELL + CELL / 2 - 1, "text-anchor": "end", "dominant-baseline": "central" }));
  function label(word, attributes) {
    const text = svg.appendChild(shape("text", attributes));
    text.textContent = clipped(word);
    return text;
  }
  map.weights.forEach((line, i) => line.forEach((weight, j) => {
    const box = { x: left + j * CELL, y: top + i * CELL, width: CELL - GAP, height: CELL - GAP, rx: 3 };
    svg.append(shape("rect", { ...box, class: "ground" }));
    if (weight > 0) svg.append(shape("rect", { ...box, class: "cell", "fill-opacity": weight }));
  }));
  const cursor = svg.appendChild(shape("rect", { class: "at", width: CELL - GAP, height: CELL - GAP, rx: 3, visibility: "hidden" }));

  let at = null;
  const move = (i, j) => {
    if (i < 0 || j < 0 || i >= rows.length || j >= columns.length) return;
    if (at) [rows[at[0]], columns[at[1]]].forEach((text) => text.classList.remove("near"));
    at = [i, j];
    [rows[i], columns[j]].forEach((text) => text.classList.add("near"));
    set(cursor, { x: left + j * CELL, y: top + i * CELL, visibility: "visible" });
    said.replaceChildren(node("b", {}, map.target[i]), " looked at ", node("b", {}, map.source[j]), ` with ${map.weights[i][j].toFixed(3)}`);
  };
  const pointed = (event) => {
    const box = svg.getBoundingClientRect();
    move(Math.floor((event.clientY - box.top - top) / CELL), Math.floor((event.clientX - box.left - left) / CELL));
  };
  svg.addEventListener("pointermove", pointed);
  svg.addEventListener("pointerdown", pointed);
  svg.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!way) return;
    event.preventDefault();
    if (at) move(at[0] + way[0], at[1] + way[1]); else move(0, 0);
  });
}
