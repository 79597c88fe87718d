import { heatmap } from "./heatmap.js";

const by = (id) => document.getElementById(id);
const form = by("form"), q = by("q"), source = by("source"), target = by("target");
const beam = by("beam"), alternatives = by("alternatives"), output = by("translation");
const state = { languages: [], limit: 0, asked: null, variants: [], chosen: 0, pending: null };
const READY_POLL_MS = 1000;
const WARNINGS = {
  empty_translation: "the translation is empty",
  length_limit: "the translation was cut off where it reached its greatest length",
  repetition: "words repeat",
};

// Server ------------------------------------------------------------------------------------------------------------

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server can't be reached.");
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  throw Object.assign(new Error(body?.error ?? `The server answered with status ${response.status}.`), { body });
}

async function untilReady() {
  for (;;) {
    try {
      return await ask("readyz");
    } catch (error) {
      by("status").textContent = error.message;
      if (error.body?.status === "failed") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

async function translate() {
  if (by("translate").disabled) return;
  state.pending?.abort();
  if (!q.value.trim()) return clear();
  const pending = (state.pending = new AbortController());
  const asked = {
    q: q.value, source: source.value, target: target.value, attention: true,
    beam_size: Number(beam.value), alternatives: Number(alternatives.value),
  };
  output.classList.add("waiting");
  by("error").hidden = true;
  form.setAttribute("aria-busy", "true");
  try {
    const headers = { "Content-Type": "application/json" };
    const reply = await ask("translate", { method: "POST", headers, body: JSON.stringify(asked), signal: pending.signal });
    show(asked, reply);
  } catch (error) {
    if (error.name === "AbortError") return;
    clear();
    fail(error.message);
  } finally {
    if (state.pending === pending) {
      output.classList.remove("waiting");
      form.removeAttribute("aria-busy");
    }
  }
}

// What was found ----------------------------------------------------------------------------------------------------

function show(asked, reply) {
  const others = (reply.alternatives ?? []).map((text, i) => ({ text, segments: reply.alternativeSegments[i] }));
  state.asked = asked;
  state.variants = [{ text: reply.translatedText, segments: reply.segments }, ...others];
  by("link").hidden = by("copy").hidden = false;
  choose(0);
}

function choose(index) {
  state.chosen = index;
  const { text, segments } = state.variants[index];
  output.textContent = text;
  output.lang = state.asked.target;
  by("score").textContent = segments.length ? inWords(segments) : "Nothing to translate: the text comes back as it is.";
  const warnings = [...new Set(segments.flatMap((segment) => segment.warnings))];
  const said = warnings.map((warning) => WARNINGS[warning] ?? warning.replaceAll("_", " "));
  by("warnings").textContent = said.length ? `Please check: ${said.join("; ")}.` : "";
  by("warnings").hidden = warnings.length === 0;
  listChoices();
  drawAttention();
}

function inWords(segments) {
  const sum = segments.reduce((total, segment) => total + segment.score.logProbability, 0);
  const tokens = segments.reduce((total, segment) => total + segment.score.tokens.length, 0);
  return `log-probability ${sum.toFixed(2)}, ${(sum / tokens).toFixed(2)} per token`;
}

function listChoices() {
  by("choices").hidden = state.variants.length < 2;
  by("choice-list").replaceChildren(...state.variants.map(({ text, segments }, index) => {
    const button = document.createElement("button");
    const score = segments.reduce((total, segment) => total + segment.score.rank, 0) / Math.max(1, segments.length);
    button.type = "button";
    button.className = "choice";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(index === state.chosen));
    button.tabIndex = index === state.chosen ? 0 : -1;
    button.append(span(text, ""), span(score.toFixed(3), "faint"));
    button.addEventListener("click", () => choose(index));
    return button;
  }));
}

function span(text, className) {
  const node = document.createElement("span");
  node.textContent = text;
  node.className = className;
  return node;
}

function drawAttention() {
  const { segments } = state.variants[state.chosen];
  const units = document.querySelector("input[name=units]:checked").value;
  by("link").href = linkTo(state.asked, units);
  const drawable = segments.filter((segment) => segment.attention);
  by("attention").hidden = drawable.length === 0;
  by("readout").textContent = "";
  by("maps").replaceChildren(...drawable.map((segment) => {
    const rows = unitsOf(segment.target, units), columns = unitsOf(segment.source, units);
    const weights = units === "words" ? segment.wordAttention : segment.attention;
    const map = document.createElement("div");
    map.className = "map";
    map.append(heatmap(rows, columns, weights, (row, column) => {
      by("readout").textContent = `${rows[row].text} ← ${columns[column].text}  ${weights[row][column].toFixed(4)}`;
    }));
    return map;
  }));
}

function linkTo(asked, units) {
  const { q, source, target, beam_size: beam, alternatives } = asked;
  return "./?" + new URLSearchParams({ q, source, target, beam, alternatives, units });
}

function unitsOf(side, units) {
  if (units === "words") return side.words.map(({ text }) => ({ text, special: false }));
  return side.tokens.map(({ piece, special }) => ({ text: piece, special }));
}

function fail(message) {
  by("error").textContent = message;
  by("error").hidden = false;
}

function clear() {
  state.pending?.abort();
  state.variants = [];
  output.textContent = by("score").textContent = "";
  ["error", "warnings", "choices", "attention", "link", "copy"].forEach((id) => { by(id).hidden = true; });
}

// Controls ----------------------------------------------------------------------------------------------------------

function fill(select, values, chosen) {
  select.replaceChildren(...values.map(([value, text]) => new Option(text, value)));
  if (values.some(([value]) => String(value) === String(chosen))) select.value = chosen;
}

function targetsOf(code) {
  return state.languages.find((language) => language.code === code)?.targets ?? [];
}

function fillTargets(wanted) {
  const names = new Map(state.languages.map(({ code, name }) => [code, name]));
  fill(target, targetsOf(source.value).map((code) => [code, names.get(code)]), wanted);
  by("swap").disabled = !targetsOf(target.value).includes(source.value);
  q.lang = source.value;
}

function swap() {
  const [from, to] = [source.value, target.value];
  const text = output.textContent;
  source.value = to;
  fillTargets(from);
  if (!text) return;
  q.value = text;
  count();
  translate();
}

function count() {
  const length = [...q.value].length;
  by("count").textContent = `${length.toLocaleString("en")} of ${state.limit.toLocaleString("en")} characters`;
}

function moveChoice(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  choose((state.chosen + step + state.variants.length) % state.variants.length);
  by("choice-list").children[state.chosen].focus();
}

async function copy() {
  await navigator.clipboard.writeText(output.textContent);
  by("copy").textContent = "Copied";
  setTimeout(() => { by("copy").textContent = "Copy"; }, 1500);
}

function numbers(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => [from + i, String(from + i)]);
}

async function start() {
  const ready = await untilReady();
  const [languages, settings] = await Promise.all([ask("languages"), ask("frontend/settings")]);
  const given = new URLSearchParams(location.search);
  state.languages = languages;
  state.limit = settings.charLimit;
  by("status").textContent = `Model ${ready.model}`;
  const sources = languages.filter(({ targets }) => targets.length).map(({ code, name }) => [code, name]);
  fill(source, sources, given.get("source") ?? settings.language.source.code);
  fillTargets(given.get("target") ?? settings.language.target.code);
  fill(beam, numbers(1, settings.maxBeamSize), given.get("beam") ?? settings.beamSize);
  beam.options[0].text = "1 (greedy)";
  fill(alternatives, numbers(0, settings.maxAlternatives), given.get("alternatives") ?? 0);
  if (given.get("units") === "tokens") document.querySelector("input[name=units][value=tokens]").checked = true;
  by("translate").disabled = false;
  q.value = given.get("q") ?? q.value;
  count();
  if (q.value.trim()) await translate();
}

form.addEventListener("submit", (event) => { event.preventDefault(); translate(); });
q.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); translate(); }
});
q.addEventListener("input", count);
source.addEventListener("change", () => fillTargets(target.value));
target.addEventListener("change", () => fillTargets(target.value));
by("swap").addEventListener("click", swap);
by("clear").addEventListener("click", () => { q.value = ""; count(); clear(); q.focus(); });
by("copy").addEventListener("click", () => copy().catch(() => fail("The browser did not allow copying.")));
by("choice-list").addEventListener("keydown", moveChoice);
document.querySelectorAll("input[name=units]").forEach((input) => input.addEventListener("change", drawAttention));
start().catch((error) => fail(error.message));
