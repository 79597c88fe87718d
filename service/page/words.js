// A text whose words can be pointed at, and are linked with the words of another one.

const STRONG = 0.1;

/**
 * Fills `node` with `text`, its words in elements of their own. `segments` are the service's; `side` is "source" or
 * "target". Spans count in code points.
 */
export function showWords(node, text, segments, side) {
  const characters = [...text];
  const parts = [];
  let done = 0;
  segments.forEach((segment, index) => segment[side].words.forEach((word, place) => {
    if (word.start < done) return;
    parts.push(characters.slice(done, word.start).join(""));
    const span = document.createElement("span");
    span.className = "word";
    span.textContent = characters.slice(word.start, word.end).join("");
    Object.assign(span.dataset, { segment: index, word: place });
    parts.push(span);
    done = word.end;
  }));
  node.replaceChildren(...parts, characters.slice(done).join(""));
}

/** Marks the words of both sides that belong to the word `place` of `side` of segment `index`; no word, no marks. */
export function markLinks(source, target, segments, side, index, place) {
  for (const node of [source, target]) node.querySelectorAll(".word").forEach(unmark);
  const weights = segments[index]?.wordAttention;
  if (place === undefined || !segments[index]) return;
  const [here, there] = side === "target" ? [target, source] : [source, target];
  find(here, index, place)?.classList.add("pointed");
  const count = segments[index][side === "target" ? "source" : "target"].words.length;
  for (let other = 0; other < count; other += 1) {
    const weight = !weights ? 0 : side === "target" ? weights[place][other] : weights[other][place];
    const word = find(there, index, other);
    if (!word || weight < STRONG) continue;
    word.classList.add("linked");
    word.style.setProperty("--weight", `${Math.round(20 + 80 * weight)}%`);
  }
}

/** The source words that the word `place` of the target of `segment` looked at. */
export function seenBy(segment, place) {
  const weights = segment.wordAttention?.[place] ?? [];
  return segment.source.words.filter((_, other) => weights[other] >= STRONG).map(({ text }) => text);
}

/** {segment, word} of the word that `element` shows, or null. */
export function wordOf(element) {
  const word = element?.closest?.(".word");
  return word ? { segment: Number(word.dataset.segment), word: Number(word.dataset.word) } : null;
}

const find = (node, segment, word) => node.querySelector(`.word[data-segment="${segment}"][data-word="${word}"]`);

function unmark(word) {
  word.classList.remove("pointed", "linked");
  word.style.removeProperty("--weight");
}
