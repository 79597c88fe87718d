"""Text in, text out: what surrounds sentences, and what is protected in them, comes back whatever the model says."""

import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nmt.artifact import Artifact
from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.known_words import KnownWords
from nmt.model import Seq2Seq
from nmt.passage import Kept
from nmt.text.edits import edit
from nmt.text.options import TextOptions
from nmt.text.protect import find_protected
from nmt.translation import Translation
from nmt.translator import Translator
from nmt.writer import put_back

SHORT = SearchOptions(beam_size=1, max_length=12)
WORDS = "A dog runs . The cat sleeps , please ! Is this 12 apples ? Tom MARY".split()  # noqa: SIM905
KEPT = [
    "https://x.org/a?b=c&d",
    "a.b@c.org",
    "{{name}}",
    "%1$s",
    "%(count)d",
    "${x}",
    "`code x`",
    "😀",
    "👨‍👩‍👧",
    "{0}",
    "<b>",
    "</b>",
]
GAPS = [" ", "  ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\n- "]
TAGS = [
    "<b>",
    "</b>",
    "<i class='a b'>",
    "</i>",
    "<br>",
    "<p>",
    "</p>",
    "<img src=x>",
    "<!-- note -->",
    "<code>a  b</code>",
]
ENTITIES = ["&amp;", "&lt;", "&nbsp;", "&eacute;", "&#8364;", "&nothing;"]
texts = st.lists(st.tuples(st.sampled_from(WORDS + KEPT), st.sampled_from(GAPS)), max_size=14).map(
    lambda parts: "".join(part for pair in parts for part in pair)
)
markup = st.lists(
    st.tuples(st.sampled_from(WORDS + TAGS + ENTITIES), st.sampled_from(["", " ", "\n"])), max_size=16
).map(lambda parts: "".join(part for pair in parts for part in pair))


def kept_in(text: str) -> list[str]:
    return sorted(text[one.start : one.end] for one in find_protected(text))


def check_surroundings(text: str, translation: Translation) -> None:
    done_source = done_target = 0
    for segment in translation.segments:
        assert text[done_source : segment.source_start] == translation.text[done_target : segment.target_start]
        done_source, done_target = segment.source_end, segment.target_end
        for part in (*segment.target_tokens, *segment.target_words):
            assert segment.target_start <= part.start <= part.end <= segment.target_end
        for part in (*segment.source_tokens, *segment.source_words):
            assert segment.source_start <= part.start <= part.end <= segment.source_end
    assert text[done_source:] == translation.text[done_target:]


@settings(max_examples=150)
@given(texts)
@example("😀😀 {{a}}{{a}} %s")
@example("{{a}}{{b}}{{c}}{{d}} dog {{e}}{{f}}{{g}}{{h}}{{i}}{{j}}{{k}}{{l}}{{m}}{{n}}{{o}} runs.")
def test_each_protected_span_stands_exactly_once_in_the_translation(bundled: Translator, text: str) -> None:
    translation = bundled.translate(text, source="en", target="de", options=SHORT)
    check_surroundings(text, translation)
    kept = kept_in(text)
    for one in set(kept):
        assert translation.text.count(one) >= kept.count(one)
    assert all(translation.text.count(one) == kept.count(one) for one in set(kept) if len(one) > 4)


@settings(max_examples=60)
@given(texts)
def test_a_model_that_knows_no_stand_ins_keeps_everything_too(translator: Translator, text: str) -> None:
    translation = translator.translate(text, source="en", target="de", options=SHORT)
    check_surroundings(text, translation)
    kept = kept_in(text)
    assert all(translation.text.count(one) == kept.count(one) for one in set(kept) if len(one) > 4)


class Tags(HTMLParser):
    """The tags and comments of a text, as they were written."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")


@settings(max_examples=150)
@given(markup)
@example("<b>A dog</b><i>runs</b></i>. The cat")
@example("A <b>dog runs. The cat</b> sleeps!")
def test_markup_comes_back_tag_for_tag(translator: Translator, text: str) -> None:
    options = TextOptions(format="html")
    translation = translator.translate(text, source="en", target="de", options=SHORT, text_options=options)
    check_surroundings(text, translation)
    assert sorted(Tags(translation.text).found) == sorted(Tags(text).found)
    assert translation.text.count("<code>a  b</code>") == text.count("<code>a  b</code>")


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&;/!-\"'= a"), max_size=40))
def test_no_html_breaks_it(translator: Translator, text: str) -> None:
    options = TextOptions(format="html")
    check_surroundings(text, translator.translate(text, source="en", target="de", options=SHORT, text_options=options))


def test_a_glossary_is_said(bundled: Translator) -> None:
    options = TextOptions(glossary=(("old house", "Schloss Neuschwanstein"), ("cat", "Kater"), ("absent", "nie")))
    translation = bundled.translate(
        "The cat sleeps in the Old House.",
        source="en",
        target="de",
        options=SearchOptions(n_best=3),
        text_options=options,
    )
    assert translation.text.count("Schloss Neuschwanstein") == translation.text.count("Kater") == 1
    assert "nie" not in translation.text
    assert translation.alternatives
    for alternative in translation.alternatives:
        assert "Schloss Neuschwanstein" in alternative.text


def test_a_glossary_may_say_the_word_of_a_stand_in(bundled: Translator) -> None:
    options = TextOptions(glossary=(("Huck", "Tom Sawyer Mary"),))
    for source in ("{user} is friends with Huck.", "Huck is friends with {user} and {other}."):
        text = bundled.translate(source, source="en", target="de", text_options=options).text
        assert text.count("Tom Sawyer Mary") == text.count("{user}") == 1


def test_a_prefix_may_say_the_word_of_a_stand_in(bundled: Translator) -> None:
    text = bundled.translate("{user} is a dog.", source="en", target="de", prefix="Tom ist").text
    assert text.startswith("Tom ist") and text.count("{user}") == 1


def test_a_term_that_stands_in_the_prefix_is_not_said_again(bundled: Translator) -> None:
    options = TextOptions(glossary=(("dog", "Köter"),))
    said = bundled.translate("A dog runs.", source="en", target="de", prefix="Ein Köter", text_options=options)
    assert said.text.count("Köter") == 1


@pytest.mark.parametrize("kept", ["$HOME/x", "{size}MB", "{a}/{b}", "%s%s"])
def test_what_stands_right_beside_a_placeholder_stays_there(bundled: Translator, kept: str) -> None:
    assert kept in bundled.translate(f"I have {kept} and a dog.", source="en", target="de").text


@pytest.mark.parametrize(
    ("kept", "target", "expected"),
    [
        (Kept("{x}"), "Ein Tomhaus", "Ein {x} haus"),
        (Kept("{x}", before="s"), "Ein Toms Haus", "Ein {x}s Haus"),
        (Kept("{x}", before="s"), "Ein Tom soll", "Ein {x} soll"),
        (Kept("{x}", before="."), "Ein Tom .", "Ein {x}."),
        (Kept("{x}", after="("), "( Tom", "({x}"),
        (Kept("{x}", after="v"), "Das Motiv Tom", "Das Motiv {x}"),
        (Kept("{x}", after="v"), "Das v Tom", "Das v{x}"),
    ],
)
def test_spaces_beside_a_stand_in(kept: Kept, target: str, expected: str) -> None:
    start = target.index("Tom")
    assert edit(target, [put_back(kept, target, (start, start + 3), 0)]).text == expected


def test_tags_inside_an_address_stand_there_once(bundled: Translator) -> None:
    options = TextOptions(format="html")
    for address in ("http://x.de/a<b>b</b>", "http://x.de/<wbr>a/<wbr>b", "<i>{na</i>me}", "&lt;a x<wbr>y&gt;"):
        text = f"<p>A dog runs to {address} now.</p>"
        found = bundled.translate(text, source="en", target="de", text_options=options).text
        assert sorted(re.findall("<.*?>", found)) == sorted(re.findall("<.*?>", text))


def test_more_addresses_with_tags_than_there_are_stand_ins(bundled: Translator) -> None:
    for unit in ("{a<wbr>b} x ", "{a<b>b}</b> x ", "<b>x {a</b>b} ", "{a<b>b</b>c} x "):
        text = f"<p>{unit * 25}</p>"
        options = TextOptions(format="html")
        found = bundled.translate(text, source="en", target="de", options=SHORT, text_options=options).text
        assert sorted(re.findall("<.*?>", found)) == sorted(re.findall("<.*?>", text))


def test_an_invisible_space_behind_a_mention_stays(bundled: Translator) -> None:
    assert bundled.translate("#tag\u200bA dog runs.", source="en", target="de").text.startswith("#tag\u200b")


def test_what_is_kept_may_end_in_white_space(bundled: Translator) -> None:
    options = TextOptions(protect=("T-[0-9]+ ",))
    assert bundled.translate("The T-12 ", source="en", target="de", text_options=options).text.count("T-12 ") == 1
    invisible = "See https://a.de/b\u200b"
    assert "https://a.de/b" in bundled.translate(invisible, source="en", target="de", options=SHORT).text


@pytest.mark.parametrize("unit", ["😀", "😀\\n", "See https://a.de/x now. "])
def test_a_long_text_is_read_in_little_time(bundled: Translator, unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    started = time.process_time()
    bundled.draft(text, bundled.check_direction("en", "de"))
    assert time.process_time() - started < 30


def test_patterns_of_the_caller_are_kept(bundled: Translator) -> None:
    options = TextOptions(protect=(r"[A-Z]{3}-\d+",))
    translation = bundled.translate("The ticket ABC-12345 is mine.", source="en", target="de", text_options=options)
    assert translation.text.count("ABC-12345") == 1
    with pytest.raises(InputError, match=r"the pattern '\(' is no regular expression"):
        bundled.translate("x", source="en", target="de", text_options=TextOptions(protect=("(",)))


def test_capitals_come_back(bundled: Translator) -> None:
    small = bundled.translate("I am tired.", source="en", target="de").text
    assert bundled.translate("I AM TIRED.", source="en", target="de").text == small.upper()
    titled = bundled.translate("The Old Man Reads A Book", source="en", target="de").text
    assert all(word[0].isupper() for word in re.findall(r"\w{4,}", titled))


def test_mentions_and_hashtags_at_the_edges_stay_outside(bundled: Translator) -> None:
    translation = bundled.translate("@anna @bob@x.org I am tired. #tag", source="en", target="de")
    assert translation.text.startswith("@anna @bob@x.org ") and translation.text.endswith(" #tag")
    (segment,) = translation.segments
    assert [word.text for word in segment.source_words] == ["I", "am", "tired", "."]


def test_spans_of_markup_lead_to_the_raw_text(bundled: Translator) -> None:
    text = "<p>I &amp; <b>Tom</b> sleep.</p>"
    options = TextOptions(format="html")
    translation = bundled.translate(text, source="en", target="de", text_options=options)
    (segment,) = translation.segments
    assert [text[word.start : word.end] for word in segment.source_words] == ["I", "&amp;", "Tom", "sleep", "."]
    assert [word.text for word in segment.source_words] == ["I", "&", "Tom", "sleep", "."]
    for word in segment.target_words:
        assert translation.text[word.start : word.end].replace("&amp;", "&") == word.text.replace("&amp;", "&")


def test_a_glossarys_term_never_runs_on(artifact: Artifact) -> None:
    """Even where the model would go on with letters, as if the term were half a word."""
    model = Seq2Seq(artifact.config).eval()
    piece = artifact.tokenizer.id_of("s")
    assert piece is not None
    model.output_bias.data[piece] = 50
    translator = Translator(model, artifact.tokenizer, artifact.directions, name="lisping")
    options = TextOptions(glossary=(("dog", "Hund"),))
    text = translator.translate("A dog.", source="en", target="de", options=SHORT, text_options=options).text
    assert re.search(r"\bHund\b", text)


def knowing(artifact: Artifact, *english: str) -> Translator:
    known = KnownWords.of({("en", word): 10_000 for word in english})
    return Translator(artifact.model, artifact.tokenizer, artifact.directions, name="knowing", known_words=known)


def unknown_in(translator: Translator, text: str, **options: Any) -> list[str]:
    translation = translator.translate(text, source="en", target="de", text_options=TextOptions(**options))
    (segment,) = translation.segments
    found = [segment.source_words[place].text for place in segment.unknown_words]
    assert ("unknown_words" in segment.warnings) == bool(found)
    return found


def test_words_that_were_not_learnt_are_told(artifact: Artifact) -> None:
    translator = knowing(artifact, "the", "dog", "sees")
    assert unknown_in(translator, "The dog sees the dog.") == []
    assert unknown_in(translator, "The Zyrkon sees 12 frumious dogs!") == ["Zyrkon", "frumious", "dogs"]


def test_a_name_that_was_not_learnt_is_said_as_it_is(bundled: Translator) -> None:
    text = bundled.translate("My friend lives in Zyrbeldorf-Quint.", source="en", target="de").text
    assert text.count("Zyrbeldorf-Quint") == 1
    assert bundled.translate("Where is Fjolnar?", source="en", target="fr").text.endswith(" Fjolnar ?")
    options = TextOptions(glossary=(("zyrbeldorf", "Bielefeld"),))
    text = bundled.translate("My friend lives in Zyrbeldorf.", source="en", target="de", text_options=options).text
    assert "Bielefeld" in text and "Zyrbeldorf" not in text


def test_what_is_kept_or_given_is_not_unknown(artifact: Artifact) -> None:
    translator = knowing(artifact, "see")
    assert unknown_in(translator, "See https://frumious.example/zyrkon") == []
    assert unknown_in(translator, "See <b>{{frumious}}</b> &amp; see", format="html") == []
    assert unknown_in(translator, "See zyrkon", glossary=(("zyrkon", "Zirkon"),)) == []


def test_mistyped_words_are_read_as_those_that_were_meant(artifact: Artifact) -> None:
    translator = knowing(artifact, "the", "dog", "sees", "we", "believe", "zyrkon")

    def read(text: str, **options: Any) -> tuple[str, list[tuple[str, str]]]:
        passages = translator.draft(text, translator.directions[0], text_options=TextOptions(**options)).passages
        (passage,) = passages
        return passage.plain, [(passage.words[place].text, meant) for place, meant in passage.corrected]

    assert read("The dgo sees, we beleive!") == ("The dog sees, we believe!", [("dgo", "dog"), ("beleive", "believe")])
    assert read("THE DOG SEES TEH ZYRKON") == ("The dog sees the zyrkon", [("TEH", "the")])
    assert read("The <b>d</b>go sees.", format="html") == ("The dog sees.", [("dgo", "dog")])
    assert read("The dgo sees.", glossary=(("dgo", "Hund"),)) == ("The dgo sees.", [])
    assert read("The dog sees `teh`.", protect=("teh",))[1] == []
    assert read("The dgo sees.", spelling=False) == ("The dgo sees.", [])
    assert read("The dgo/teh dog.") == ("The dog/the dog.", [("dgo/teh", "dog/the")])
    assert read("We believe, wasnt frumious/teh dog.")[1] == [("frumious/teh", "frumious/the")]


@pytest.mark.parametrize(
    ("source", "text", "read"),
    [
        ("en", "I beleive you, I dont know.", "I believe you, I don't know."),
        ("de", "Mein Fruend wohnt in Hagen.", "Mein Freund wohnt in Hagen."),
        ("de", "Das moechte ich nicht.", "Das möchte ich nicht."),
        ("fr", "Jai recu ta lettre.", "J'ai reçu ta lettre."),
        ("es", "¿Qeu hacen los ninos?", "¿Que hacen los niños?"),
        ("en", "The podcast is about wolves and widgets.", "The podcast is about wolves and widgets."),
    ],
)
def test_how_the_bundled_model_reads_what_is_mistyped(bundled: Translator, source: str, text: str, read: str) -> None:
    target = "en" if source != "en" else "de"
    (passage,) = bundled.draft(text, bundled.check_direction(source, target)).passages
    assert passage.plain == read and bool(passage.corrected) == (text != read)


def test_a_mistyped_word_may_stand_beside_what_is_protected(bundled: Translator) -> None:
    (passage,) = bundled.draft("I beleive/{{name}} you.", bundled.check_direction("en", "de")).passages
    assert [(passage.words[place].text, meant) for place, meant in passage.corrected] == [
        ("beleive/{{name}}", "believe/{{name}}")
    ]


def test_a_part_of_a_long_sentence_does_not_begin_one(bundled: Translator) -> None:
    text = "I was very happy with the house that we bought; Teh came with us and we went home, " * 6
    passages = bundled.draft(text, bundled.check_direction("en", "de")).passages
    assert [passage.plain.split()[0] for passage in passages] == ["I", "Teh"]
    assert not any(passage.corrected for passage in passages)


def test_what_is_said_of_mistyped_words(artifact: Artifact) -> None:
    translator = knowing(artifact, "the", "dog", "sees")
    text = "The dog sees the dgo, the dog sees teh frumious dog frumious/teh."
    (segment,) = translator.translate(text, source="en", target="de", options=SHORT).segments
    found = [(text[segment.source_words[place].start :][:3], meant) for place, meant in segment.corrected_words]
    assert found == [("dgo", "dog"), ("teh", "the"), ("fru", "frumious/the")]
    assert [segment.source_words[place].text for place in segment.unknown_words] == ["frumious", "frumious/teh"]
    assert {"corrected_words", "unknown_words"} <= set(segment.warnings)


def test_nobody_says_what_a_model_knows_that_does_not_tell(translator: Translator) -> None:
    assert unknown_in(translator, "The Zyrkon sees 12 frumious dogs!") == []


def test_a_glossary_does_not_lengthen_a_translation(bundled: Translator) -> None:
    options = TextOptions(glossary=(("dog", "der beste Freund des Menschen"),))
    with pytest.raises(InputError, match=r"asks for in 'The dog sees the dog\.' takes \d+ tokens; max_length is 8"):
        bundled.translate(
            "The dog sees the dog.", source="en", target="de", options=SearchOptions(max_length=8), text_options=options
        )
