import { heatmap } from "./heatmap.js";
import { ask, translated } from "./server.js";
import { beginning, percent, warned } from "./wording.js";
import { markLinks, seenBy, showWords, wordOf } from "./words.js";

const by = (id) => document.getElementById(id);
const form = by("form"), q = by("q"), source = by("source"), target = by("target"), format = by("format");
const beam = by("beam"), alternatives = by("alternatives"), output = by("translation"), mirror = by("mirror");
const state = { languages: [], limit: 0, asked: null, detected: null, variants: [], chosen: 0, pending: null, at: null };
const AUTO = "auto";
const READY_POLL_MS = 1000;
const KEY = "nmt-api-key";

// Asking ------------------------------------------------------------------------------------------------------------

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
  output.classList.add("waiting");
  by("error").hidden = true;
  form.setAttribute("aria-busy", "true");
  try {
    const asked = request();
    const pieces = [];
    const reply = await translated(asked, pending.signal, (event, piece) => showPiece(asked, pieces, piece));
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

function request() {
  const asked = {
    q: q.value, source: source.value, target: target.value, format: format.value, attention: true,
    beam_size: Number(beam.value), alternatives: Number(alternatives.value),
  };
  const terms = glossary();
  if (Object.keys(terms).length) asked.glossary = terms;
  if (by("key").value) asked.api_key = by("key").value;
  return asked;
}

function glossary() {
  const lines = by("glossary").value.split("\n").filter((line) => line.trim());
  return Object.fromEntries(lines.map((line, index) => {
    const [term, translation] = line.split("=").map((part) => part.trim());
    if (!term || !translation) throw new Error(`Glossary, line ${index + 1}: expected a term = its translation.`);
    return [term, translation];
  }));
}

// What was found ----------------------------------------------------------------------------------------------------

function showPiece(asked, pieces, { index, text, translatedText }) {
  pieces[index] = translatedText ?? text;
  output.textContent = pieces.filter((piece) => piece !== undefined).join(" ");
  output.lang = asked.target;
}

function show(asked, reply) {
  const others = (reply.alternatives ?? []).map((text, i) => ({ text, segments: reply.alternativeSegments[i] }));
  state.asked = asked;
  state.variants = [{ text: reply.translatedText, segments: reply.segments }, ...others];
  by("link").hidden = by("copy").hidden = false;
  const found = reply.detectedLanguage;
  state.detected = found?.language ?? null;
  if (found) {
    source.querySelector(`option[value=${AUTO}]`).text = `Detected: ${nameOf(found.language)}, ${percent(found.confidence)}`;
  }
  choose(0);
}

function choose(index) {
  state.chosen = index;
  state.at = null;
  const { text, segments } = state.variants[index];
  showWords(output, text, segments, "target");
  output.lang = state.asked.target;
  output.tabIndex = segments.length ? 0 : -1;
  output.setAttribute("aria-label", "Translation. Arrow keys move between its words and show what each is linked with.");
  if (q.value === state.asked.q) showWords(mirror, q.value, segments, "source");
  by("score").textContent = segments.length ? inWords(segments) : "Nothing to translate: the text comes back as it is.";
  listWarnings(segments);
  listChoices();
  listSegments(segments);
  drawAttention();
}

function inWords(segments) {
  const sum = segments.reduce((total, segment) => total + segment.score.logProbability, 0);
  const tokens = segments.reduce((total, segment) => total + segment.score.tokens.length, 0);
  return `log-probability ${sum.toFixed(2)}, ${(sum / tokens).toFixed(2)} per token`;
}

function textOf(segment) {
  return [...state.asked.q].slice(segment.source.start, segment.source.end).join("");
}

function unknownIn(segment) {
  return segment.unknownWords.map((place) => segment.source.words[place].text);
}

function correctedIn(segment) {
  return segment.correctedWords.map(({ word, text }) => `${segment.source.words[word].text} → ${text}`);
}

function listWarnings(segments) {
  const items = segments.flatMap((segment) => segment.warnings.map((name) => {
    const item = document.createElement("li");
    if (segments.length > 1) item.append(span(beginning(textOf(segment)), "quoted"), " ");
    item.append(warned(name));
    const words = { corrected_words: correctedIn, unknown_words: unknownIn }[name]?.(segment) ?? [];
    if (words.length) item.append(" ", ...words.map((word) => span(word, "quoted")));
    return item;
  }));
  by("warnings").replaceChildren(...items);
  by("warnings").hidden = items.length === 0;
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
    button.addEventListener("click", () => {
      choose(index);
      by("choice-list").children[index].focus();
    });
    return button;
  }));
}

function span(text, className) {
  const node = document.createElement("span");
  node.textContent = text;
  node.className = className;
  return node;
}

function listSegments(segments) {
  by("segment-label").hidden = segments.length < 2;
  fill(by("segment"), segments.map((segment, index) => [index, `${index + 1}. ${beginning(textOf(segment))}`]), 0);
}

function drawAttention() {
  const { segments } = state.variants[state.chosen];
  const segment = segments[Number(by("segment").value || 0)];
  const units = document.querySelector("input[name=units]:checked").value;
  by("link").href = linkTo(state.asked, units);
  by("attention").hidden = !segment?.attention;
  by("readout").textContent = "";
  if (!segment?.attention) return by("maps").replaceChildren();
  const rows = unitsOf(segment.target, units), columns = unitsOf(segment.source, units);
  const weights = units === "words" ? segment.wordAttention : segment.attention;
  const map = document.createElement("div");
  map.className = "map";
  if (rows.length && columns.length) {
    map.append(heatmap(rows, columns, weights, (row, column) => {
      by("readout").textContent = `${rows[row].text} ← ${columns[column].text}  ${weights[row][column].toFixed(4)}`;
    }));
  }
  by("maps").replaceChildren(map);
}

function linkTo(asked, units) {
  const { q, source, target, format, beam_size: beam, alternatives } = asked;
  return "./?" + new URLSearchParams({ q, source, target, format, beam, alternatives, units });
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
  mirror.textContent = output.textContent = by("score").textContent = "";
  output.tabIndex = -1;
  ["error", "warnings", "choices", "attention", "link", "copy"].forEach((id) => { by(id).hidden = true; });
}

// Words that are pointed at -----------------------------------------------------------------------------------------

function point(side, found) {
  const segments = state.variants[state.chosen]?.segments ?? [];
  state.at = side === "target" ? found : null;
  markLinks(mirror, output, segments, side, found?.segment, found?.word);
}

function pointAtSource(event) {
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  point("source", under.map(wordOf).find((found) => found) ?? null);
}

function chooseSegment(found) {
  if (!found) return;
  by("segment").value = found.segment;
  drawAttention();
}

function moveWord(event) {
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (event.key === "Escape") return point("target", null);
  const words = [...output.querySelectorAll(".word")].map(wordOf);
  if (!step || !words.length) return;
  event.preventDefault();
  const now = words.findIndex(({ segment, word }) => segment === state.at?.segment && word === state.at?.word);
  const next = now < 0 ? 0 : Math.min(Math.max(now + step, 0), words.length - 1);
  point("target", words[next]);
  chooseSegment(words[next]);
  sayLinks(words[next]);
}

function sayLinks({ segment, word }) {
  const found = state.variants[state.chosen].segments[segment];
  by("readout").textContent = `${found.target.words[word].text} ← ${seenBy(found, word).join(", ")}`;
}

// Controls ----------------------------------------------------------------------------------------------------------

function fill(select, values, chosen) {
  select.replaceChildren(...values.map(([value, text]) => new Option(text, value)));
  if (values.some(([value]) => String(value) === String(chosen))) select.value = chosen;
}

const nameOf = (code) => state.languages.find((language) => language.code === code)?.name ?? code;

function targetsOf(code) {
  if (code !== AUTO) return state.languages.find((language) => language.code === code)?.targets ?? [];
  return [...new Set(state.languages.flatMap(({ targets }) => targets))];
}

function fillTargets(wanted) {
  fill(target, targetsOf(source.value).map((code) => [code, nameOf(code)]), wanted);
  by("swap").disabled = source.value !== AUTO && !targetsOf(target.value).includes(source.value);
  source.querySelector(`option[value=${AUTO}]`).text = "Detect language";
  if (source.value === AUTO) q.removeAttribute("lang");
  else q.lang = source.value;
}

function swap() {
  const back = targetsOf(target.value);
  const detected = back.includes(state.detected) ? state.detected : back[0];
  const [from, to] = [source.value === AUTO ? detected : source.value, target.value];
  const text = state.variants[state.chosen]?.text ?? "";
  source.value = to;
  fillTargets(from);
  if (!text) return;
  q.value = text;
  typed();
  translate();
}

function typed() {
  const length = [...q.value].length;
  by("count").textContent = `${length.toLocaleString("en")} of ${state.limit.toLocaleString("en")} characters`;
  by("count").classList.toggle("over", length > state.limit);
  if (q.value !== state.asked?.q) mirror.textContent = "";
}

function moveChoice(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  choose((state.chosen + step + state.variants.length) % state.variants.length);
  by("choice-list").children[state.chosen].focus();
}

async function copy() {
  await navigator.clipboard.writeText(state.variants[state.chosen].text);
  by("copy").textContent = "Copied";
  setTimeout(() => { by("copy").textContent = "Copy"; }, 1500);
}

function numbers(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => [from + i, String(from + i)]);
}

async function start() {
  await untilReady();
  const [languages, settings] = await Promise.all([ask("languages"), ask("frontend/settings")]);
  const given = new URLSearchParams(location.search);
  state.languages = languages;
  state.limit = settings.charLimit;
  by("status").textContent = `${languages.length} languages`;
  const sources = languages.filter(({ targets }) => targets.length).map(({ code, name }) => [code, name]);
  fill(source, [[AUTO, "Detect language"], ...sources], given.get("source") ?? settings.language.source.code);
  fillTargets(given.get("target") ?? settings.language.target.code);
  fill(beam, numbers(1, settings.maxBeamSize), given.get("beam") ?? settings.beamSize);
  beam.options[0].text = "1 (greedy)";
  fill(alternatives, numbers(0, settings.maxAlternatives), given.get("alternatives") ?? 0);
  if (given.get("format") === "html") format.value = "html";
  if (given.get("units") === "tokens") document.querySelector("input[name=units][value=tokens]").checked = true;
  by("key-label").hidden = !settings.apiKeys;
  by("key").value = settings.apiKeys ? sessionStorage.getItem(KEY) ?? "" : "";
  by("translate").disabled = false;
  q.value = given.get("q") ?? q.value;
  typed();
  if (q.value.trim()) await translate();
}

form.addEventListener("submit", (event) => { event.preventDefault(); translate(); });
q.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); translate(); }
});
q.addEventListener("input", typed);
q.addEventListener("scroll", () => { mirror.scrollTop = q.scrollTop; });
q.addEventListener("pointermove", pointAtSource);
q.addEventListener("pointerleave", () => point("source", null));
output.addEventListener("pointermove", (event) => point("target", wordOf(event.target)));
output.addEventListener("click", (event) => chooseSegment(wordOf(event.target)));
output.addEventListener("pointerleave", () => point("target", null));
output.addEventListener("keydown", moveWord);
output.addEventListener("blur", () => point("target", null));
source.addEventListener("change", () => fillTargets(target.value));
target.addEventListener("change", () => fillTargets(target.value));
by("segment").addEventListener("change", drawAttention);
by("key").addEventListener("change", () => sessionStorage.setItem(KEY, by("key").value));
by("swap").addEventListener("click", swap);
by("clear").addEventListener("click", () => { q.value = ""; typed(); clear(); q.focus(); });
by("copy").addEventListener("click", () => copy().catch(() => fail("The browser did not allow copying.")));
by("choice-list").addEventListener("keydown", moveChoice);
document.querySelectorAll("input[name=units]").forEach((input) => input.addEventListener("change", drawAttention));
start().catch((error) => fail(error.message));
