// What the service's names mean, in words.

const WARNINGS = {
  corrected_words: "Words look mistyped, and were read as others.",
  copied_source: "The text came back untranslated.",
  empty_translation: "The translation is empty.",
  length_limit: "The translation was cut off where it reached its greatest length.",
  low_score: "The model is not sure of this translation.",
  numbers_differ: "The numbers differ from those of the text.",
  possible_omission: "Something of the text may be missing.",
  protected_text_added: "A placeholder or address had to be put at the end.",
  repetition: "Words repeat.",
  split_sentence: "The sentence was too long: it was translated in parts.",
  unknown_words: "The model has not learnt some words, and guesses what they mean.",
};

/** A sentence for a warning. */
export const warned = (name) => WARNINGS[name] ?? `${name.replaceAll("_", " ")}.`;

/** "98 %" of a confidence from 0 to 100. */
export const percent = (confidence) => `${Math.round(confidence)} %`;

/** The beginning of a text, to tell it from others. */
export function beginning(text, length = 40) {
  const characters = [...text.trim()];
  return characters.length > length ? `${characters.slice(0, length - 1).join("")}…` : characters.join("");
}
