r"""Translation quality beside a Transformer of the size that does best on Multi30k, all but the network being equal.

    python benchmarks/quality.py path/to/multi30k --seeds 1 2 3 --target-tokens 10000000 --output runs/quality

The recipe's recurrent model and a Transformer (width 128, feed-forward 256, 4 + 4 layers, dropout 0.3, one embedding
matrix; Adam and learning rate as in Vaswani et al., 2017) learn from the same batches of the same pieces for as many
target tokens, with the same label smoothing, averaging and validation; the model that validates best is kept. Both are
searched by the same beam search, with the beam size and length penalty that suit each best on `val`. The report is of
`test_2016_flickr`: means over the seeds, spread (highest less lowest), and the paired bootstrap for each seed.

Every run has a folder of its own under --output. What is finished is not done again, what was interrupted goes on.

Options of ours are compared on `val` alone, as differences to the recipe (with --common, to it changed so):

    python benchmarks/quality.py path/to/multi30k --output runs/quality --only ours wide r-drop \
        --candidate wide model.encoder_width=200 model.decoder_width=400 \
        --candidate r-drop training.r_drop=1

--transformer KEY=VALUE changes the peer (also its shape: transformer.dropout=0.2), and --transformer-candidate NAME
KEY=VALUE... adds another one.
"""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

os.environ.setdefault("SACREBLEU_SEED", "12345")

import torch
from rich.console import Console
from systems import Experiment, Text

from nmt.config import EvaluationOptions, SearchOptions
from nmt.errors import NmtError
from nmt.evaluation import evaluate
from nmt.files import replace_file

ROOT = Path(__file__).resolve().parent.parent
OURS, PEER = "ours", "Transformer"
PEER_OPTIONS = (
    "transformer.width=128", "transformer.inner_width=256", "transformer.heads=4", "transformer.encoder_layers=4",
    "transformer.decoder_layers=4", "transformer.dropout=0.3", "training.optimizer=adam", "training.betas=[0.9, 0.98]",
    "training.schedule=inverse_sqrt", "training.learning_rate=0.003", "training.min_learning_rate=0",
    "training.warmup_steps=1000",
)  # fmt: skip
GREEDY, BEAM = SearchOptions(beam_size=1), SearchOptions(beam_size=5)
SEARCHES = (GREEDY, *(SearchOptions(beam_size=k, length_penalty=a) for k in (5, 8) for a in (0.6, 1.0, 1.4)))


@dataclass(frozen=True)
class System:
    """The runs of one set of options, one for each seed."""

    name: str
    runs: tuple[Experiment, ...]

    def bleu(self, text: Text, search: SearchOptions) -> list[float]:
        """Of each seed."""
        return [run.bleu(text, search) for run in self.runs]

    def best_search(self, text: Text) -> SearchOptions:
        """The beam and penalty of the highest mean BLEU; of equal ones the first, which is the narrower."""
        return max(SEARCHES, key=lambda search: mean(self.bleu(text, search)))


def main() -> None:
    arguments = parse()
    console = Console(stderr=True)
    try:
        report = compare(arguments, console)
    except NmtError as error:
        raise SystemExit(f"error: {error}") from None
    replace_file(arguments.output / "report.json", json.dumps(report, indent=2).encode())
    print("\n".join(tables(report)))


def parse(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with train, val and test_2016_flickr in both languages")
    parser.add_argument("--output", type=Path, default=Path("runs/quality"), help="folder of all runs and report.json")
    parser.add_argument("--recipe", type=Path, default=ROOT / "recipes" / "multi30k-en-de.toml")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--target-tokens", type=int, help="budget of each run (default: the recipe's)")
    parser.add_argument("--common", nargs="+", default=[], metavar="KEY=VALUE", help="for all systems")
    parser.add_argument("--transformer", nargs="+", default=[], metavar="KEY=VALUE", help="for the Transformers")
    for flag, what in (("--candidate", "our options changed so"), ("--transformer-candidate", "the peer changed so")):
        parser.add_argument(flag, nargs="+", action="append", default=[], metavar=("NAME", "KEY=VALUE"), help=what)
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help=f"train and report these ({OURS}, {PEER}, candidates)"
    )
    parser.add_argument("--test", default="test_2016_flickr", help="name of the test files")
    return parser.parse_args(given)


def compare(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Train and decode whatever is still to be done; what came out, in the form of report.json."""
    systems = build_systems(arguments)
    for seed in range(len(arguments.seeds)):
        for system in systems:
            system.runs[seed].train(console)
    torch.set_num_threads(systems[0].runs[0].config.training.threads or torch.get_num_threads())
    direction = systems[0].runs[0].config.data.parsed_directions[0]
    languages = (direction.source, direction.target)
    val = Text.read(arguments.data, "val", *languages)
    with console.status("translating val"):
        report: dict[str, Any] = {
            "seeds": arguments.seeds,
            "target_tokens": systems[0].runs[0].config.training.max_target_tokens,
            "systems": {system.name: on_val(system, val) for system in systems},
        }
    finalists = [system for system in systems if system.name in (PEER, OURS)]
    with console.status(f"translating {arguments.test}"):
        report["test"] = on_test(finalists, val, Text.read(arguments.data, arguments.test, *languages))
    return report


def build_systems(arguments: argparse.Namespace) -> list[System]:
    """Ours and the peer, then the candidates. Raises NmtError for names and options that are wrong."""
    peer_options = (*PEER_OPTIONS, *arguments.transformer)
    options: list[tuple[str, tuple[str, ...]]] = [(OURS, ()), (PEER, peer_options)]
    options += [(name, tuple(own)) for name, *own in arguments.candidate]
    options += [(name, (*peer_options, *own)) for name, *own in arguments.transformer_candidate]
    names = [name for name, _ in options]
    if len(set(names)) < len(names) or not all(name and set(name).isdisjoint("/\\= ") for name in names):
        raise NmtError(f"candidates need names that differ and can be folders, got {', '.join(names[2:])}")
    if unknown := set(arguments.only or ()) - set(names):
        raise NmtError(f"--only: got {', '.join(sorted(unknown))}, expected some of {', '.join(names)}")
    common = [f"data.folder={arguments.data.resolve()}", *arguments.common]
    if arguments.target_tokens:
        common.append(f"training.max_target_tokens={arguments.target_tokens}")
    return [
        System(name, tuple(experiment(arguments, name, (*common, *own), seed) for seed in arguments.seeds))
        for name, own in options
        if arguments.only is None or name in arguments.only
    ]


def experiment(arguments: argparse.Namespace, name: str, overrides: tuple[str, ...], seed: int) -> Experiment:
    found = Experiment(name, arguments.recipe, overrides, seed, arguments.output.resolve() / f"{name}-seed{seed}")
    if not found.config.training.max_target_tokens:
        raise NmtError("the recipe has no training.max_target_tokens: give --target-tokens, which all systems get")
    return found


def on_val(system: System, val: Text) -> dict[str, Any]:
    return {
        "parameters": system.runs[0].parameters,
        "target_tokens_per_s": mean(run.tokens_per_s for run in system.runs),
        "nll": mean(run.nll for run in system.runs),
        "val": {"greedy": system.bleu(val, GREEDY), "beam 5": system.bleu(val, BEAM)},
        "curves": [run.curve for run in system.runs],
    }


def on_test(systems: Sequence[System], val: Text, test: Text) -> dict[str, Any]:
    """Scores of each system and seed; the first system is what the others are compared with by the bootstrap."""
    searches = {system.name: system.best_search(val) for system in systems}
    report: dict[str, Any] = {
        system.name: {
            "beam_size": searches[system.name].beam_size,
            "length_penalty": searches[system.name].length_penalty,
            "val": system.bleu(val, searches[system.name]),
        }
        for system in systems
    }
    for seed in range(len(systems[0].runs) if systems else 0):
        texts = {one.name: one.runs[seed].translations(test, searches[one.name]) for one in systems}
        add_scores(report, texts, test.references, EvaluationOptions(), {"BLEU": "BLEU", "chrF2": "chrF"})
        lower = EvaluationOptions(lowercase=True)
        add_scores(report, texts, test.references, lower, {"BLEU": "BLEU, lower-cased"})
    return report


def add_scores(
    report: dict[str, Any], texts: Mapping[str, Sequence[str]], references: Sequence[str], options: EvaluationOptions,
    wanted: Mapping[str, str],
) -> None:  # fmt: skip
    """Append what each metric of `wanted` (by its name in the report) says to the lists of every system."""
    for system, scores in evaluate(texts, references, options).items():
        for score in scores:
            if score.metric in wanted:
                name = wanted[score.metric]
                entry = report[system].setdefault(name, {"scores": [], "p": [], "signature": score.signature})
                entry["scores"].append(score.score)
                entry["p"].append(score.p_value)


def tables(report: dict[str, Any]) -> list[str]:
    """Both tables in Markdown, with what has to be known to read them."""
    many = f"{report['target_tokens']:,} target tokens, seeds {', '.join(map(str, report['seeds']))}"
    lines = [f"BLEU on val after {many}: mean (highest less lowest)", ""]
    lines += ["| system | parameters | target tokens/s | nll | greedy | | beam 5 | |", "|---" * 8 + "|"]
    baseline = next(iter(report["systems"].values()))
    for name, found in report["systems"].items():
        cells = [name, f"{found['parameters']:,}", f"{found['target_tokens_per_s']:,.0f}", f"{found['nll']:.3f}"]
        for kind, scores in found["val"].items():
            cells += [spread(scores), difference(scores, baseline["val"][kind]) if found is not baseline else ""]
        lines.append(f"| {' | '.join(cells)} |")
    if report["test"]:
        lines += ["", f"Test after {many}", "", *test_table(report["test"])]
    return lines


def test_table(test: dict[str, Any]) -> list[str]:
    metrics = ("BLEU", "BLEU, lower-cased", "chrF")
    lines = ["| system | beam, penalty | val BLEU | " + " | ".join(metrics) + " |", "|---" * 6 + "|"]
    first = next(iter(test))
    for name, found in test.items():
        search = f"{found['beam_size']}, {found['length_penalty']:g}" if found["beam_size"] > 1 else "greedy"
        cells = [name, search, spread(found["val"]), *(spread(found[metric]["scores"]) for metric in metrics)]
        lines.append(f"| {' | '.join(cells)} |")
    for name in list(test)[1:]:
        for metric in metrics:
            p_values = ", ".join(f"{p:.3f}" for p in test[name][metric]["p"])
            gap = difference(test[name][metric]["scores"], test[first][metric]["scores"])
            lines += ["", f"{name} against {first}, {metric}: {gap}, p for each seed: {p_values}"]
    return lines + ["", *(f"{metric}: `{test[first][metric]['signature']}`" for metric in metrics)]


def spread(scores: Sequence[float]) -> str:
    return f"{mean(scores):.2f} ({max(scores) - min(scores):.2f})" if len(scores) > 1 else f"{scores[0]:.2f}"


def difference(scores: Sequence[float], baseline: Sequence[float]) -> str:
    return f"{mean(scores) - mean(baseline):+.2f}"


if __name__ == "__main__":
    main()
