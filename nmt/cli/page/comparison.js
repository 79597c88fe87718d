"use strict";

const STEP = 100;
const report = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

/** An element with a class and children; texts among them are text, never markup. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A description of text, in the direction that its letters have. */
function description(className, ...children) {
  const element = make("dd", className, ...children);
  element.dir = "auto";
  return element;
}

/** A bar of `share` (0 to 1) of its full length. */
function bar(share, isBase) {
  const draw = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = draw("svg", { viewBox: "0 0 90 10", "aria-hidden": "true", preserveAspectRatio: "none" });
  const width = 90 * Math.max(0, Math.min(1, share));
  svg.append(draw("rect", { class: "track", x: 0, y: 4, width: 90, height: 2 }));
  svg.append(draw("rect", { class: isBase ? "bar base" : "bar", x: 0, y: 0, width, height: 10 }));
  return svg;
}

const shown = (number, decimals = 2) => (number === null ? "–" : number.toFixed(decimals));
const signed = (number) => (number > 0 ? "+" : number < 0 ? "−" : "±") + Math.abs(number).toFixed(1);

/** Fill `table`; a column is [heading, whether it holds names], a row [cells, whether a group begins with it]. */
function fill(table, columns, rows) {
  const heads = columns.map(([text, isName]) => {
    const head = make("th", isName ? "name" : "", text);
    head.scope = "col";
    return head;
  });
  const lines = rows.map(([cells, begins]) =>
    make("tr", begins ? "begins" : "", ...cells.map((cell, index) => make("td", columns[index][1] ? "name" : "", ...[cell].flat()))),
  );
  table.replaceChildren(make("thead", "", make("tr", "", ...heads)), make("tbody", "", ...lines));
}

function showScores(test) {
  const metrics = test.systems[0].scores;
  const columns = [["system", true], ...metrics.map((one) => [`${one.metric} ${one.metric === "TER" ? "↓" : "↑"}`, false])];
  const cell = (score, system) => {
    const interval = score.interval === null ? "" : ` ± ${shown(score.interval)}`;
    const p = score.p_value === null ? "" : ` p = ${shown(score.p_value, 3)}${score.p_value < 0.05 ? " *" : ""}`;
    return [shown(score.score), make("span", "faint", interval + p), bar(score.score / 100, system.baseline)];
  };
  fill($("overall"), columns, test.systems.map((system) => [[system.name, ...system.scores.map((score) => cell(score, system))], false]));
  const compared = metrics.some((one) => one.interval !== null);
  $("legend").textContent = compared
    ? `±: 95 % interval; p: paired bootstrap against ${test.systems[0].name}, * where below 0.05. The pale bar is the baseline.`
    : "No intervals and no significance: there was no bootstrap.";
  $("signatures").replaceChildren(...metrics.map((one) => make("li", "", `${one.metric}: ${one.signature}`)));
  if (report.search) {
    const options = Object.entries(report.search).map(([key, value]) => `${key} ${value}`).join(", ");
    $("signatures").append(make("li", "", `search: ${options}`));
  }
}

function showLengths(test) {
  const columns = [["words", false], ["sentences", false], ["system", true], ["BLEU ↑", false], ["chrF2 ↑", false], ["length ratio", false]];
  const rows = test.lengths.flatMap((band) =>
    band.systems.map((system, index) => [
      [
        index ? "" : band.words.name,
        index ? "" : `${band.sentences}`,
        system.name,
        [shown(system.bleu), bar(system.bleu / 100, !index)],
        [shown(system.chrf), bar(system.chrf / 100, !index)],
        shown(system.length_ratio, 3),
      ],
      !index,
    ]),
  );
  fill($("by-length"), columns, rows);
}

function showFrequencies(test) {
  $("frequencies").hidden = !test.frequencies;
  const columns = [["occurrences", false], ["in references", false], ["system", true], ["precision ↑", false], ["recall ↑", false], ["F1 ↑", false]];
  const percent = (share) => (share === null ? "–" : shown(100 * share, 1));
  const rows = (test.frequencies ?? []).flatMap((band) =>
    band.systems.map((system, index) => [
      [
        index ? "" : band.occurrences.name,
        index ? "" : `${system.in_references}`,
        system.name,
        percent(system.precision),
        percent(system.recall),
        [percent(system.f1), bar(system.f1 ?? 0, !index)],
      ],
      !index,
    ]),
  );
  fill($("by-frequency"), columns, rows);
}

function showChallenge({ systems }) {
  const categories = [...new Set(systems.flatMap((system) => system.categories.map((one) => one.category)))];
  const cell = (rate, index) =>
    rate ? [`${rate.passed} of ${rate.asked}`, bar(rate.passed / rate.asked, !index)] : "";
  const rows = categories.map((category) => [
    [category, ...systems.map((system, index) => cell(system.categories.find((one) => one.category === category), index))],
    false,
  ]);
  rows.push([["all", ...systems.map((system, index) => (system.asked ? cell(system, index) : "none asked"))], true]);
  fill($("by-category"), [["category", true], ...systems.map((system) => [system.name, false])], rows);
  const failed = systems.flatMap((system) => system.cases.filter((one) => !one.passed).map((one) => [system.name, one]));
  const skipped = systems.filter((one) => one.skipped).map((one) => `${one.name} skipped ${one.skipped} of other directions`);
  $("failures-title").textContent = [`${failed.length} failed`, ...skipped].join("; ");
  const line = (name, ...content) => [make("dt", "", name), description("", ...content)];
  $("failures").replaceChildren(
    ...failed.map(([name, one]) =>
      make(
        "dl",
        "case",
        ...line(`${one.category}, ${one.direction}`, one.text),
        ...line(name, one.answer),
        ...line("what is wrong", one.faults.join("; ")),
      ),
    ),
  );
  $("challenge").hidden = false;
}

/** `runs` are by turns own and shared; own words are marked, white space around them is not. */
function marked(runs, className) {
  return runs.flatMap((run, index) => {
    const [, before, words, after] = /^(\s*)([^]*?)(\s*)$/.exec(run);
    return index % 2 || !words ? [run] : [before, make("mark", className, words), after];
  });
}

const choices = { set: 0, other: 1, order: "place", text: "", differs: false };
let chosen = [];

function search() {
  const wanted = choices.text.normalize("NFC").toLowerCase();
  const texts = (one) => [one.source, one.reference, ...one.systems.map((system) => system.text)];
  const has = (one) => texts(one).some((text) => text.normalize("NFC").toLowerCase().includes(wanted));
  const differs = (one) => one.systems[choices.other]?.text !== one.systems[0].text;
  const gain = (one) => (one.systems.length > 1 ? one.systems[choices.other].chrf - one.systems[0].chrf : 0);
  const lowest = (one) => Math.min(...one.systems.map((system) => system.chrf));
  const orders = {
    place: (a, b) => a.place - b.place,
    worse: (a, b) => gain(a) - gain(b),
    better: (a, b) => gain(b) - gain(a),
    poor: (a, b) => lowest(a) - lowest(b),
  };
  const all = report.tests[choices.set].sentence_results.map((one, index) => ({ ...one, place: index + 1 }));
  chosen = all.filter((one) => (!wanted || has(one)) && (!choices.differs || differs(one)));
  chosen.sort((a, b) => orders[choices.order](a, b) || a.place - b.place);
  $("count").textContent = `${chosen.length} of ${all.length} sentences`;
  $("list").replaceChildren();
  showMore();
}

function showMore() {
  const begin = $("list").children.length;
  $("list").append(...chosen.slice(begin, begin + STEP).map(sentence));
  const left = chosen.length - $("list").children.length;
  $("more").hidden = left === 0;
  $("more").textContent = `Show ${Math.min(left, STEP)} more of ${left}`;
}

function sentence(one) {
  const [base, ...others] = one.systems;
  const line = (name, text) => [make("dt", "", name), description("text", text)];
  const scored = (system, content, gain) => [
    make("dt", "", system.name),
    make("dd", "score", shown(system.chrf, 1), gain === undefined ? "" : ` (${signed(gain)})`),
    description("own", ...content),
  ];
  const against = one.systems[choices.other];
  const baseContent = against?.differences ? marked(against.differences[0], "base") : [base.text];
  return make(
    "li",
    "",
    make(
      "dl",
      "",
      ...line(`${one.place}`, one.source),
      ...line("reference", one.reference),
      ...scored(base, baseContent),
      ...others.flatMap((system) => scored(system, marked(system.differences[1], ""), system.chrf - base.chrf)),
    ),
  );
}

function options(select, names, first) {
  select.replaceChildren(...names.map((name, index) => Object.assign(make("option", "", name), { value: index + first })));
}

function showSet() {
  const test = report.tests[choices.set];
  for (const id of ["scores", "lengths", "sentences"]) $(id).hidden = false;
  showScores(test);
  showLengths(test);
  showFrequencies(test);
  search();
}

function start() {
  const languages = report.source && report.target ? `${report.source} to ${report.target}; ` : "";
  const sets = report.tests.map((test) => `${test.name}: ${test.sentences} sentences`).join(", ");
  $("about").textContent = languages + (sets || "a challenge") + `; nmt ${report.nmt}`;
  if (report.challenge) showChallenge(report.challenge);
  if (!report.tests.length) return;
  const names = report.tests[0].systems.map((system) => system.name);
  options($("set"), report.tests.map((test) => test.name), 0);
  options($("other"), names.slice(1), 1);
  $("set-choice").hidden = report.tests.length < 2;
  $("other-choice").hidden = names.length < 3;
  if (names.length < 2) {
    $("order").querySelectorAll('[value="worse"], [value="better"]').forEach((option) => option.remove());
    $("differs").parentElement.hidden = true;
  }
  $("set").addEventListener("change", (event) => { choices.set = Number(event.target.value); showSet(); });
  $("other").addEventListener("change", (event) => { choices.other = Number(event.target.value); search(); });
  $("order").addEventListener("change", (event) => { choices.order = event.target.value; search(); });
  $("differs").addEventListener("change", (event) => { choices.differs = event.target.checked; search(); });
  $("text").addEventListener("input", (event) => { choices.text = event.target.value; search(); });
  $("controls").addEventListener("submit", (event) => event.preventDefault());
  $("more").addEventListener("click", () => {
    const begin = $("list").children.length;
    showMore();
    const next = $("list").children[begin];
    if (next && $("more").hidden) { next.tabIndex = -1; next.focus(); }
  });
  showSet();
}

start();
