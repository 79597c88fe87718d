"""Text in, translation out: in order, nothing lost around it, and all spans where they say."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nmt.translator
from nmt.artifact import Artifact, load_artifact, save_artifact
from nmt.config import ModelConfig, SearchOptions
from nmt.direction import Direction
from nmt.errors import ArtifactError, DirectionError, InputError
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece
from nmt.translation import Segment, Token, Translation, Word
from nmt.translator import Translator

GREEDY = SearchOptions(beam_size=1, max_length=12)
BEAM = SearchOptions(beam_size=3, n_best=3, max_length=12)


def check_same(translations: list[Translation], others: list[Translation]) -> None:
    """Same text and tokens, scores to 1e-5."""
    assert [one.text for one in translations] == [other.text for other in others]
    for one, other in zip(translations, others, strict=True):
        for mine, theirs in zip(one.segments, other.segments, strict=True):
            check_same_segment(mine, theirs)


def check_same_segment(one: Segment, other: Segment) -> None:
    assert one.source_tokens == other.source_tokens
    assert one.target_tokens == other.target_tokens
    assert one.token_log_probabilities == pytest.approx(other.token_log_probabilities, abs=1e-5)
    assert one.attention_TS is not None
    assert other.attention_TS is not None
    np.testing.assert_allclose(one.attention_TS, other.attention_TS, atol=1e-5)


def check_spans(text: str, start: int, end: int, tokens: tuple[Token, ...], words: tuple[Word, ...]) -> None:
    assert text[start:end] == text.strip()
    assert all(start <= token.start <= token.end <= end for token in tokens)
    assert all(start <= word.start < word.end <= end for word in words)
    assert all(text[word.start : word.end] == word.text for word in words)
    assert tokens[-1] == Token("</s>", end, end, special=True)


def check_segment(text: str, translation: Translation) -> None:
    """What a segment promises, for a text of one segment."""
    (segment,) = translation.segments
    check_spans(text, segment.source_start, segment.source_end, segment.source_tokens, segment.source_words)
    check_spans(translation.text, segment.target_start, segment.target_end, segment.target_tokens, segment.target_words)
    assert segment.source_tokens[0].special
    assert len(segment.token_log_probabilities) == len(segment.target_tokens)
    assert segment.log_probability == pytest.approx(sum(segment.token_log_probabilities))
    assert segment.attention_TS is not None
    assert segment.word_attention is not None
    assert segment.attention_TS.shape == (len(segment.target_tokens), len(segment.source_tokens))
    np.testing.assert_allclose(segment.attention_TS.sum(axis=1), 1, atol=1e-5)
    assert segment.word_attention.shape == (len(segment.target_words), len(segment.source_words))
    assert all(segment.word_attention[target].argmax() == source for source, target in segment.links), (
        "each target word is linked with the source word it looked at most"
    )


@pytest.mark.parametrize("options", [GREEDY, BEAM])
def test_a_batch_is_as_one_by_one(translator: Translator, sentences: list[str], options: SearchOptions) -> None:
    texts = ["", *sentences[:12], "  😀 ", *sentences[4:6], "x"]
    together = translator.translate_batch(texts, target="de", options=options)
    alone = [translator.translate(text, target="de", options=options) for text in texts]
    check_same(together, alone)
    for one, other in zip(together, alone, strict=True):
        check_same(list(one.alternatives), list(other.alternatives))


def test_small_batches_change_nothing(
    translator: Translator, sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = translator.translate_batch(sentences, target="de", options=GREEDY)
    monkeypatch.setattr(nmt.translator, "BATCH_TOKENS", 40)
    check_same(translator.translate_batch(sentences, target="de", options=GREEDY), at_once)


@given(
    lengths=st.lists(st.integers(1, 50), max_size=40),
    tokens=st.integers(1, 200),
    rows=st.integers(1, 40),
    beam_size=st.integers(1, 8),
)
def test_batches_hold_every_sentence_once_within_the_limits(
    lengths: list[int], tokens: int, rows: int, beam_size: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nmt.translator, "BATCH_TOKENS", tokens)
        patched.setattr(nmt.translator, "BATCH_ROWS", rows)
        batches = list(nmt.translator._batches(lengths, beam_size))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= tokens
        assert len(batch) == 1 or len(batch) * beam_size <= rows


def test_a_wide_beam_takes_fewer_sentences_at_once(
    translator: Translator, sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    step = translator.model.step
    monkeypatch.setattr(nmt.translator, "BATCH_ROWS", 24)
    monkeypatch.setattr(translator.model, "step", lambda *given: rows.append(len(given[2])) or step(*given))
    for beam_size in (1, 8, 30):
        options = SearchOptions(beam_size=beam_size, max_length=4)
        translator.translate_batch(sentences, target="de", options=options)
        assert max(rows) <= max(24, beam_size)
        rows.clear()


def test_every_promise_of_a_segment(translator: Translator, sentences: list[str]) -> None:
    for text in (f" \t{sentence}\n" for sentence in sentences[:8]):
        translation = translator.translate(text, target="de", options=BEAM)
        for found in (translation, *translation.alternatives):
            check_segment(text, found)


def check_surroundings(text: str, translation: Translation) -> None:
    """Segments stand in order on both sides, and all that lies between them is the same."""
    done_source = done_target = 0
    for segment in translation.segments:
        assert text[done_source : segment.source_start] == translation.text[done_target : segment.target_start]
        assert done_source <= segment.source_start < segment.source_end
        done_source, done_target = segment.source_end, segment.target_end
        for token in (*segment.source_tokens, *segment.source_words):
            assert segment.source_start <= token.start <= token.end <= segment.source_end
        for token in (*segment.target_tokens, *segment.target_words):
            assert segment.target_start <= token.start <= token.end <= segment.target_end
    assert text[done_source:] == translation.text[done_target:]


@settings(max_examples=80)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@example("\x00")
@example("a\x00b\x01\x7f\x85")
@example("\x85 A dog\u2028 \x1c")
@example("1️⃣ half ½ ﷺ e\u0301 😀 A")
@example("\u3164\ufdd0\uffff\U0010ffff x")
def test_any_text_is_translated_between_what_is_kept(translator: Translator, text: str) -> None:
    translation = translator.translate(text, target="de", options=SearchOptions(beam_size=1, max_length=5))
    check_surroundings(text, translation)
    assert translation.segments or translation == Translation(text, ())


def test_a_text_of_several_sentences(translator: Translator) -> None:
    text = "  - A dog runs. The cat sleeps!\n\n\t* Is this your first visit? 😀\r\n"
    translation = translator.translate(text, target="de", options=GREEDY)
    check_surroundings(text, translation)
    sources = [text[segment.source_start : segment.source_end] for segment in translation.segments]
    assert sources == ["A dog runs.", "The cat sleeps!", "Is this your first visit?"]
    for source, segment in zip(sources, translation.segments, strict=True):
        (alone,) = translator.translate(source, target="de", options=GREEDY).segments
        assert [token.piece for token in segment.target_tokens] == [token.piece for token in alone.target_tokens]


def test_an_alternative_is_made_of_each_segments_own(translator: Translator) -> None:
    text = "A dog runs. The cat sleeps."
    whole = translator.translate(text, target="de", options=BEAM)
    parts = [translator.translate(part, target="de", options=BEAM) for part in ("A dog runs.", "The cat sleeps.")]
    for rank, alternative in enumerate(whole.alternatives):
        assert alternative.text == " ".join(part.alternatives[rank].text for part in parts)


@pytest.mark.parametrize("text", ["", " ", "\n\t\n", "😀", " 👨‍👩‍👧 \n", "...", "→ € §", "\x00", "\u200b", "--- * ---"])
def test_what_holds_nothing_to_translate_comes_back(translator: Translator, text: str) -> None:
    assert translator.translate(text, target="de") == Translation(text, ())
    assert translator.translate_batch([text, text], target="de") == [Translation(text, ())] * 2


def test_no_translation_breaks_a_line(artifact: Artifact, tokenizer: SentencePieceTokenizer) -> None:
    """Even of a model that says nothing but line breaks."""
    model = Seq2Seq(artifact.config).eval()
    for piece in ("<0x0A>", "<0x0D>"):
        model.output_bias.data[tokenizer.id_of(piece)] = 50
    translator = Translator(model, tokenizer, artifact.directions, name="breaker")
    translation = translator.translate("\nA dog.\n", target="de", options=SearchOptions(beam_size=1, max_length=3))
    assert translation.text == "\n\n"
    assert {"length_limit", "empty_translation"} <= set(translation.segments[0].warnings)
    check_segment("\nA dog.\n", translation)


def test_what_goes_round_in_circles_is_tried_again(artifact: Artifact, tokenizer: SentencePieceTokenizer) -> None:
    """A model that would say one word for ever says it less often, or says that it repeats itself."""
    model = Seq2Seq(artifact.config).eval()
    model.output_bias.data[tokenizer.encode("dog").ids[0]] = 50
    translator = Translator(model, tokenizer, artifact.directions, name="stammerer")
    (segment,) = translator.translate("A dog.", target="de", options=GREEDY).segments
    pieces = [token.piece for token in segment.target_tokens[:-1]]
    windows = [tuple(pieces[at : at + 3]) for at in range(len(pieces) - 2)]
    assert len(set(windows)) == len(windows)
    allowed = SearchOptions(beam_size=1, max_length=12, no_repeat_ngram=10)
    (segment,) = translator.translate("A dog.", target="de", options=allowed).segments
    assert "repetition" in segment.warnings


def test_control_symbols_are_never_said(artifact: Artifact, tokenizer: SentencePieceTokenizer) -> None:
    """Not even by a model that likes them best."""
    model = Seq2Seq(artifact.config).eval()
    model.output_bias.data[[0, 1, 2, tokenizer.id_of("<2de>"), tokenizer.id_of("<2en>")]] = 50
    translator = Translator(model, tokenizer, artifact.directions, name="controlled")
    translation = translator.translate("A dog.", target="de", options=BEAM)
    for found in (translation, *translation.alternatives):
        assert [token.special for token in found.segments[0].target_tokens[:-1]].count(True) == 0
        check_segment("A dog.", found)


def test_rules_that_leave_nothing_are_named(artifact: Artifact) -> None:
    model = Seq2Seq(artifact.config).eval()
    model.output_bias.data[3] = -float("inf")
    translator = Translator(model, artifact.tokenizer, artifact.directions, name="endless")
    options = SearchOptions(beam_size=2, max_length=4, min_length=2, no_repeat_ngram=1)
    message = r"^the model has no translation of 'A dog\.' under min_length = 2 and no_repeat_ngram = 1: lower them$"
    with pytest.raises(InputError, match=message):
        translator.translate("A dog.", target="de", options=options)
    with pytest.raises(InputError, match=message):
        translator.translate_batch(["A dog.", ""], target="de", options=options)


def test_a_vocabulary_that_is_used_up_ends_the_translation(translator: Translator) -> None:
    options = SearchOptions(beam_size=1, max_length=500, max_length_ratio=200, min_length=500, no_repeat_ngram=1)
    (segment,) = translator.translate("A dog runs.", target="de", options=options).segments
    assert len(segment.target_tokens) == translator.tokenizer.size - 5
    assert "length_limit" not in segment.warnings


def test_the_length_limit_is_said(translator: Translator) -> None:
    for limit in (3, 12):
        options = SearchOptions(beam_size=2, n_best=2, max_length=limit)
        translation = translator.translate("A dog runs.", target="de", options=options)
        for found in (translation, *translation.alternatives):
            (segment,) = found.segments
            assert ("length_limit" in segment.warnings) == (len(segment.target_tokens) == limit)


def test_alternatives_differ_and_are_ordered(translator: Translator, sentences: list[str]) -> None:
    options = SearchOptions(beam_size=6, n_best=6, max_length=10)
    for translation in translator.translate_batch(sentences[:6], target="de", options=options):
        found = [translation, *translation.alternatives]
        assert len({one.text for one in found}) == len(found) <= 6
        scores = [one.segments[0].rank_score for one in found]
        assert scores == sorted(scores, reverse=True)
        assert not any(one.alternatives for one in translation.alternatives)


def test_a_prefix_is_kept(translator: Translator) -> None:
    translation = translator.translate("A dog runs.", target="de", options=BEAM, prefix="Ein Hund")
    assert translation.text.startswith("Ein Hund")
    assert all(other.text.startswith("Ein Hund") for other in translation.alternatives)
    check_segment("A dog runs.", translation)
    with pytest.raises(InputError, match="prefix"):
        translator.translate("A dog.", target="de", options=GREEDY, prefix="Ein Hund " * 20)


@pytest.mark.parametrize("window", [1, 3, 100])
def test_a_stream_is_as_a_batch(translator: Translator, sentences: list[str], window: int) -> None:
    lines = [*sentences[:8], "", "  x\n"]
    found = translator.translate_lines(iter(lines), target="de", options=GREEDY, window=window)
    check_same(list(found), translator.translate_batch(lines, target="de", options=GREEDY))


def test_a_stream_is_read_a_window_ahead(translator: Translator) -> None:
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "A dog."

    translations = translator.translate_lines(lines(), target="de", options=GREEDY, window=4)
    for given_out in range(1, 10):
        next(translations)
        assert given_out <= read <= given_out + 4


def test_a_faulty_line_is_named_after_those_before_it(translator: Translator) -> None:
    lines = ["A dog.", "", "x", "y", "a\ud800", "never"]
    found = translator.translate_lines(lines, target="de", options=GREEDY, window=3)
    assert len([next(found) for _ in range(4)]) == 4
    with pytest.raises(InputError, match=r"^line 5: the text is not valid Unicode: a lone surrogate"):
        next(found)


def test_a_direction_is_checked_before_the_stream_is_read(translator: Translator) -> None:
    with pytest.raises(DirectionError):
        translator.translate_lines(iter(["A dog."]), target="fr")


def test_a_long_sentence_is_translated_in_parts(artifact_folder: Path) -> None:
    translator = Translator.load(artifact_folder, max_source_tokens=12)
    text = "  We went to the market yesterday, and the cat sleeps; " + "apple" * 10 + " is\tthis your first visit?"
    translation = translator.translate(text, target="de", options=GREEDY)
    check_surroundings(text, translation)
    assert len(translation.segments) > 2
    assert all(len(segment.source_tokens) <= 12 for segment in translation.segments)
    assert all("split_sentence" in segment.warnings for segment in translation.segments)
    words = "".join(text[segment.source_start : segment.source_end] for segment in translation.segments)
    assert "".join(words.split()) == "".join(text.split())


def test_a_very_long_text_is_translated_whole(translator: Translator) -> None:
    text = "word " * 2_000
    translation = translator.translate(text, target="de", options=SearchOptions(beam_size=1, max_length=2))
    check_surroundings(text, translation)
    assert sum(len(segment.source_words) for segment in translation.segments) == 2_000


@pytest.mark.parametrize("text", ["\ud800", "A dog \udfff.", "a" * 20_000 + "\ud800"], ids=len)
def test_half_a_surrogate_pair_is_refused(translator: Translator, text: str) -> None:
    with pytest.raises(InputError, match="lone surrogate"):
        translator.translate(text, target="de")
    with pytest.raises(InputError, match="lone surrogate"):
        translator.translate_batch(["a", text], target="de")
    with pytest.raises(InputError, match="lone surrogate"):
        translator.score(["a"], [text], target="de")


def test_directions(translator: Translator) -> None:
    assert translator.check_direction("en", "de") == translator.check_direction(None, "de") == Direction("en", "de")
    assert translator.check_direction(None, "en") == Direction("de", "en")
    for source, target in (("de", "de"), ("fr", "de"), (None, "fr"), ("en", "xx")):
        with pytest.raises(DirectionError, match=r"^tiny does not translate .*; it serves en-de, de-en"):
            translator.check_direction(source, target)


def test_an_ambiguous_direction_asks_for_the_source(artifact: Artifact) -> None:
    directions = (Direction("en", "de"), Direction("fr", "de"))
    translator = Translator(artifact.model, artifact.tokenizer, directions, name="two")
    assert translator.check_direction("fr", "de") == Direction("fr", "de")
    with pytest.raises(DirectionError, match=r"into 'de' from en, fr: say which, as the source"):
        translator.check_direction(None, "de")


def test_the_target_language_is_told_to_the_model(translator: Translator) -> None:
    (to_german,) = translator.translate("Hand", source="en", target="de", options=GREEDY).segments
    (to_english,) = translator.translate("Hand", source="de", target="en", options=GREEDY).segments
    assert to_german.source_tokens[0] == Token("<2de>", 0, 0, special=True)
    assert to_english.source_tokens[0] == Token("<2en>", 0, 0, special=True)
    assert to_german.log_probability != to_english.log_probability


def test_scores_of_pairs(translator: Translator, sentences: list[str]) -> None:
    sources, targets = [*sentences[:6], ""], [*sentences[16:22], ""]
    segments = translator.score(sources, targets, source="en", target="de")
    for source, target, segment in zip(sources, targets, segments, strict=True):
        check_segment(source, Translation(target, (segment,)))
        (alone,) = translator.score([source], [target], source="en", target="de")
        check_same_segment(segment, alone)
    with pytest.raises(InputError, match="got 2 sources and 1 targets"):
        translator.score(["a", "b"], ["c"], target="de")


def test_a_translation_scores_as_the_search_said(translator: Translator, sentences: list[str]) -> None:
    translations = translator.translate_batch(sentences, target="de", options=SearchOptions(max_length=3))
    checked = 0
    for text, translation in zip(sentences, translations, strict=True):
        (found,) = translation.segments
        (scored,) = translator.score([text], [translation.text], target="de")
        if scored.target_tokens == found.target_tokens:
            check_same_segment(scored, found)
            checked += 1
    assert checked, "of some translations the tokenizer makes the same tokens again"


def test_without_attention_there_are_words_but_no_links(tokenizer: SentencePieceTokenizer) -> None:
    config = ModelConfig(
        vocabulary_size=tokenizer.size, attention="none", embedding_width=6, encoder_width=4, decoder_width=6
    )
    translator = Translator(Seq2Seq(config), tokenizer, [Direction("en", "de")], name="plain")
    (segment,) = translator.translate("A dog runs.", target="de", options=GREEDY).segments
    assert segment.attention_TS is None
    assert segment.word_attention is None
    assert segment.links == ()
    assert [word.text for word in segment.source_words] == ["A", "dog", "runs", "."]


def test_threads_share_a_translator(translator: Translator, sentences: list[str]) -> None:
    expected = translator.translate_batch(sentences[:4], target="de", options=BEAM)
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(translator.translate_batch, sentences[:4], target="de", options=BEAM) for _ in range(8)]
        for run in runs:
            check_same(run.result(), expected)


def test_a_loaded_translator_describes_itself(translator: Translator, artifact: Artifact) -> None:
    described = translator.describe()
    assert json.loads(json.dumps(described)) == described
    assert described["name"] == translator.name == "tiny"
    assert described["directions"] == [{"source": "en", "target": "de"}, {"source": "de", "target": "en"}]
    assert described["parameters"] == sum(parameter.numel() for parameter in artifact.model.parameters())
    assert described["vocabulary"] == 400
    assert described["provenance"] == artifact.provenance


def test_float16_models_translate(artifact: Artifact, tmp_path: Path) -> None:
    save_artifact(tmp_path / "half", artifact, dtype="float16")
    rounded = load_artifact(tmp_path / "half")
    in_memory = Translator(rounded.model, rounded.tokenizer, rounded.directions, name="half")
    loaded = Translator.load(str(tmp_path / "half"))
    texts = ["A dog runs.", "The sea."]
    check_same(
        loaded.translate_batch(texts, target="de", options=GREEDY),
        in_memory.translate_batch(texts, target="de", options=GREEDY),
    )


def test_a_missing_bundled_model_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nmt.translator, "BUNDLED", tmp_path / "en-de")
    with pytest.raises(ArtifactError, match="no bundled model; name the folder"):
        Translator.load()


def test_no_texts_no_translations(translator: Translator) -> None:
    assert translator.translate_batch([], target="de") == []
    assert list(translator.translate_lines([], target="de")) == []
    assert translator.score([], [], target="de") == []


def test_an_ensemble_of_a_model_with_itself_is_the_model(translator: Translator, artifact_folder: Path) -> None:
    ensemble = Translator.load(artifact_folder, artifact_folder)
    alone, together = (one.translate("A dog runs.", source="en", target="de") for one in (translator, ensemble))
    assert together.text == alone.text
    assert together.segments[0].log_probability == pytest.approx(alone.segments[0].log_probability, abs=1e-4)


def test_partners_of_another_tokenizer_or_other_directions_are_refused(
    artifact: Artifact, artifact_folder: Path, sentences: list[str], tmp_path: Path
) -> None:
    save_artifact(tmp_path / "one-way", replace(artifact, directions=artifact.directions[:1]))
    other = train_sentencepiece(
        sentences[::-1][:20], vocabulary_size=artifact.tokenizer.size, symbols=["<2de>", "<2en>"]
    )
    save_artifact(tmp_path / "other-pieces", replace(artifact, tokenizer=other))
    with pytest.raises(ArtifactError, match="one-way serves other directions"):
        Translator.load(artifact_folder, tmp_path / "one-way")
    with pytest.raises(ArtifactError, match="other-pieces has another tokenizer"):
        Translator.load(artifact_folder, tmp_path / "other-pieces")
