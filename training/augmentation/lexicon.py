"""Words and short phrases with their translations, from sentences whose words are aligned."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from nmt.text.listed import word_set
from training.alignment import UNLINKED, Aligner, Side
from training.augmentation.config import LexiconConfig
from training.augmentation.text import Case, Pair, Token, tokens

Links = Sequence[int]
"""For each target token, the place of the source token that it translates, or UNLINKED."""

Span = tuple[int, int]

DISCOUNT = 1.0
"""What is taken from each count: three times out of three is not yet certainty (Ney, Essen and Kneser, 1994)."""

CLAUSE_WORDS = {
    "de": word_set(
        "ich du er sie es wir ihr man wer was dass ob wenn weil als bin bist ist sind seid war waren wäre sei habe "
        "hast hat haben habt hatte hatten wird werden wurde kann können konnte muss müssen will wollen soll"
    ),
    "en": word_set(
        "i you he she it we they who what that if because when which am is are was were be been has have had do "
        "does did will would can could should must may might i'm it's he's she's that's don't didn't i'll "
        "i've can't cannot won't isn't aren't wasn't weren't doesn't haven't hasn't hadn't couldn't wouldn't "
        "shouldn't not"
    ),
    "es": word_set(
        "yo tú él ella ello usted nosotros ellos ellas ustedes que quien si porque cuando es son era eran fue está "
        "están estaba he has ha han había hay no me te se nos le les"
    ),
    "fr": word_set(
        "je tu il elle on nous vous ils elles qui que si quand ce c' j' qu' n' s' m' t' ne se me te suis es est "
        "sommes êtes sont étais était étaient ai as a avons avez ont avait sera peut"
    ),
}
"""Words of clauses, which are put together in one order alone and in another inside of others."""

OBLIQUE = {
    "de": re.compile(r"(?:den|dem|des|(?:m|d|s|k)?ein(?:en|em|er|es)|ihr(?:en|em|er|es)|unser(?:en|em|er|es)) ", re.I),
}
"""What a phrase begins with that only a verb or a preposition calls for: no translation of a phrase by itself."""

LONGEST = 200
"""Tokens of a sentence that is looked at: what aligning two takes grows with the product of their lengths."""


@dataclass(frozen=True)
class Entry:
    """A phrase, its best translation, and how many times they were found together."""

    source: str
    target: str
    count: int


class PhraseTable:
    """Phrases of two languages and how often they translate each other in these sentences.

    A pair of phrases is counted where no word of it is linked to one outside of it (Koehn, Och and Marcu, 2003, section
    4.5). It has words alone, and its first and last ones are linked, so that none is there by chance.
    """

    def __init__(self, pairs: Sequence[Pair], languages: tuple[str, str], options: LexiconConfig) -> None:
        self._languages, self.options = languages, options
        both = [tuple(map(tokens, pair, languages)) for pair in pairs]
        short = [index for index, sides in enumerate(both) if max(map(len, sides)) <= LONGEST]
        pairs = [pairs[index] for index in short]
        tokenized = [[both[index][side] for index in short] for side in (0, 1)]
        cases = [Case(sentences) for sentences in tokenized]
        sources, targets = (
            [Sentence(pair[side], found, cases[side]) for pair, found in zip(pairs, tokenized[side], strict=True)]
            for side in (0, 1)
        )
        groups = _same_side(pairs)
        counts: Counter[Pair] = Counter()
        links = align(tokenized[0], tokenized[1], options.agreement)
        for group in groups:
            found: dict[Pair, None] = {}
            for number in group:
                source, target = sources[number], targets[number]
                for ours, theirs in phrase_spans(source, target, links[number], options.max_words):
                    found[source.phrase(*ours), target.phrase(*theirs)] = None
            counts.update(found.keys())
        self._counts = {pair: count for pair, count in counts.items() if count >= options.min_count}
        self._uses = [
            _Uses(
                [[sentences[number] for number in group] for group in groups],
                {pair[side] for pair in self._counts},
                options.max_words,
                languages[side],
            )
            for side, sentences in enumerate((sources, targets))
        ]

    def entries(self, *, swapped: bool = False) -> Iterator[Entry]:
        """The translation of each phrase of the first language (of the second one if `swapped`) that is sure enough.

        p(t|s) and p(s|t) are the pair's count over that of all places where s, or t, stands. The best t has the highest
        p(t|s) p(s|t)^(1/2): of a word's many forms the one that says this and little else.
        """
        uses_source, uses_target = self._uses[::-1] if swapped else self._uses
        oblique = OBLIQUE.get(self._languages[0 if swapped else 1])
        found: dict[str, list[tuple[float, float, float, Entry]]] = defaultdict(list)
        for pair, count in self._counts.items():
            source, target = pair[::-1] if swapped else pair
            if oblique is not None and oblique.match(target):
                continue
            ahead, back = (count - DISCOUNT) / uses_source.seen[source], (count - DISCOUNT) / uses_target.seen[target]
            found[source].append((ahead * math.sqrt(back), ahead, back, Entry(source, target, count)))
        for source in sorted(found):
            _, ahead, back, entry = max(found[source], key=lambda one: (one[0], one[3].target))
            is_sure = ahead >= self.options.min_share and back >= self.options.min_share_back
            if is_sure and uses_source.can_stand_alone(entry.source) and uses_target.can_stand_alone(entry.target):
                yield entry


class _Uses:
    """How many groups of sentences have a phrase, and in how many it stands so that it could stand alone.

    That is a phrase that a sentence or a mark ends with, and that one begins with, too, if it has a word of
    CLAUSE_WORDS: "we bought" is said alone in another way than in "the house that we bought".
    """

    def __init__(
        self, groups: Iterable[Sequence["Sentence"]], wanted: Collection[str], max_words: int, language: str
    ) -> None:
        self.seen: Counter[str] = Counter()
        self._whole: Counter[str] = Counter()
        clause_words = CLAUSE_WORDS.get(language, frozenset())
        is_clause = {
            phrase: " " in phrase and any(one.text.casefold() in clause_words for one in tokens(phrase, language))
            for phrase in wanted
        }
        for group in groups:
            found: dict[str, bool] = {}
            for phrase, begins, ends in chain.from_iterable(sentence.phrases(max_words, wanted) for sentence in group):
                whole = ends and (begins or not is_clause[phrase])
                found[phrase] = whole or found.get(phrase, False)
            self.seen.update(found.keys())
            self._whole.update(phrase for phrase, whole in found.items() if whole)

    def can_stand_alone(self, phrase: str) -> bool:
        """Whether it has been seen so; not where it is a number, or a French word that has lost its end (`l'`)."""
        return self._whole[phrase] > 0 and any(map(str.isalpha, phrase)) and not phrase.endswith(("'", "’"))


class Sentence:
    """The phrases of a sentence, without the capital that only its beginning asked for."""

    def __init__(self, text: str, found: Sequence[Token], case: Case) -> None:
        self._text, self._tokens = text, found
        self.is_word = [token.is_word for token in found]
        self._first = self.is_word.index(True) if True in self.is_word else -1
        self._usual = case.usual(found[self._first].text) if found else ""
        self.is_sayable = list(self.is_word)  # what a phrase may hold: words whose case is known
        if self._first >= 0 and case.is_ambiguous(found[self._first].text):
            self.is_sayable[self._first] = False

    def phrase(self, start: int, end: int) -> str:
        """The text from token `start` up to token `end`."""
        first, last = self._tokens[start], self._tokens[end - 1]
        if start == self._first:
            return self._usual + self._text[first.end : last.end]
        return self._text[first.start : last.end]

    def phrases(self, max_words: int, wanted: Container[str]) -> Iterator[tuple[str, bool, bool]]:
        """Those of `wanted` that stand here; whether no word stands before, and none behind."""
        for start in range(len(self.is_word)):
            for end in range(start + 1, min(start + max_words, len(self.is_word)) + 1):
                if not self.is_sayable[end - 1]:
                    break
                if (phrase := self.phrase(start, end)) in wanted:
                    begins = start == 0 or not self.is_word[start - 1]
                    yield phrase, begins, end == len(self.is_word) or not self.is_word[end]


def align(sources: Sequence[Sequence[Token]], targets: Sequence[Sequence[Token]], agreement: float) -> list[list[int]]:
    """The links of each pair of sentences, by an aligner that learns from all of them; case is not looked at.

    A link is kept if the product of its probabilities in both directions is at least `agreement`.
    """
    if not sources:
        return []
    ids: dict[str, int] = {}
    source, target = (_side(sentences, ids) for sentences in (sources, targets))
    links = Aligner(len(ids), source, target).links(source, target, agreement)
    return [one.tolist() for one in np.split(links, np.cumsum(target.lengths)[:-1])]


def phrase_spans(source: Sentence, target: Sentence, links: Links, max_words: int) -> Iterator[tuple[Span, Span]]:
    """Half-open spans of tokens that translate each other, of up to `max_words` words on either side."""
    places: list[list[int]] = [[] for _ in source.is_word]
    for place, origin in enumerate(links):
        if origin != UNLINKED:
            places[origin].append(place)
    for start, begun in enumerate(places):
        low, high = len(links), -1
        for end in range(start + 1, min(start + max_words, len(places)) + 1):
            if not begun or not source.is_sayable[end - 1]:
                break
            if not places[end - 1]:
                continue
            low, high = min(low, places[end - 1][0]), max(high, places[end - 1][-1])
            if high - low >= max_words:
                break
            inside = range(low, high + 1)
            if all(target.is_sayable[j] and (links[j] == UNLINKED or start <= links[j] < end) for j in inside):
                yield (start, end), (low, high + 1)


def _side(sentences: Sequence[Sequence[Token]], ids: dict[str, int]) -> Side:
    numbers = [ids.setdefault(token.text.casefold(), len(ids)) for sentence in sentences for token in sentence]
    lengths = np.array([len(sentence) for sentence in sentences])
    return Side(np.array(numbers), np.cumsum(lengths) - lengths, lengths)


def _same_side(pairs: Sequence[Pair]) -> list[list[int]]:
    """The numbers of the pairs that share a side: that of which there are fewer sentences.

    A sentence translated in ten ways is one witness, not ten.
    """
    groups: list[dict[str, list[int]]] = [{}, {}]
    for number, pair in enumerate(pairs):
        for side in (0, 1):
            groups[side].setdefault(pair[side], []).append(number)
    return list(min(groups, key=len).values())
