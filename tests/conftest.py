"""A tokenizer and a model that are small enough to make for each run."""

from pathlib import Path

import pytest
import torch
from hypothesis import settings

from nmt.artifact import Artifact, save_artifact
from nmt.config import ModelConfig
from nmt.direction import Direction
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece
from nmt.translator import Translator
from nmt.vocabulary import language_tag

settings.register_profile("laws", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("laws")

SENTENCES = """
A dog runs across the green field.
Two children play in the sand.
The woman reads a book by the window.
He said: "Come here, please!"
Good morning, how are you?
I don't know where the station is.
There are 12 apples and 3 pears on the table.
An old man sits on a bench (in the park).
The train to Berlin leaves at 7:45.
My sister likes tea; my brother likes coffee.
Is this your first visit?
The cat sleeps under the warm stove.
We went to the market yesterday.
She has never seen the sea.
Please close the door behind you.
They sing a song about the moon.
Ein Hund läuft über die grüne Wiese.
Zwei Kinder spielen im Sand.
Die Frau liest ein Buch am Fenster.
Er sagte: „Komm bitte her!“
Guten Morgen, wie geht es dir?
Ich weiß nicht, wo der Bahnhof ist.
Auf dem Tisch liegen 12 Äpfel und 3 Birnen.
Ein alter Mann sitzt auf einer Bank (im Park).
Der Zug nach Berlin fährt um 7:45 Uhr.
Meine Schwester mag Tee; mein Bruder mag Kaffee.
Ist das Ihr erster Besuch?
Die Katze schläft unter dem warmen Ofen.
Wir gingen gestern auf den Markt.
Sie hat das Meer noch nie gesehen.
Bitte schließen Sie die Tür hinter sich.
Sie singen ein Lied über den Mond.
""".strip().splitlines()


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def sentences() -> list[str]:
    """English sentences, then their German translations in the same order."""
    return SENTENCES


@pytest.fixture(scope="session")
def tokenizer() -> SentencePieceTokenizer:
    """English and German in 400 pieces with byte fallback and the tags `<2de>` and `<2en>`."""
    return train_sentencepiece(SENTENCES, vocabulary_size=400, symbols=[language_tag("de"), language_tag("en")])


@pytest.fixture(scope="session")
def tiny_model(tokenizer: SentencePieceTokenizer) -> Seq2Seq:
    """Random weights, the same in every run."""
    config = ModelConfig(
        vocabulary_size=tokenizer.size, embedding_width=12, encoder_width=8, decoder_width=16, readout_width=12
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Seq2Seq(config).eval()


@pytest.fixture(scope="session")
def artifact(tiny_model: Seq2Seq, tokenizer: SentencePieceTokenizer) -> Artifact:
    directions = (Direction("en", "de"), Direction("de", "en"))
    return Artifact(tiny_model, directions, tokenizer, {"data": "sentences of the tests", "seed": 1})


@pytest.fixture(scope="session")
def artifact_folder(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model, both directions of English and German; read it, never write to it."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_artifact(folder, artifact)
    return folder


@pytest.fixture(scope="session")
def translator(artifact_folder: Path) -> Translator:
    return Translator.load(artifact_folder)


@pytest.fixture(scope="session")
def bundled() -> Translator:
    """The model that comes with the package."""
    return Translator.load()
