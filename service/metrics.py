"""What the service counts, for Prometheus. Labels are routes, codes and languages, never anything a user typed."""

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from nmt.errors import NmtError
from nmt.translation import Translation
from service.decoding import Business
from service.errors import ServiceError, status_of
from service.models import Models
from service.processes import DecoderProcesses

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
STAGES = ("prepare", "wait", "decode", "finish")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
STAGE_SECONDS = (0.0005, 0.001, 0.0025, *SECONDS)


class Metrics:
    """Counters in a registry of their own, so that several applications can live in one process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Histogram(
            "nmt_request_seconds", "Requests and the time they took, by route, method and status code",
            ("route", "method", "status"), buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._stages = Histogram(
            "nmt_stage_seconds",
            "Time by stage: prepare and finish of a text; wait for the model and decode of a sentence",
            ("stage",), buckets=STAGE_SECONDS, registry=registry,
        )  # fmt: skip
        for stage in STAGES:
            self._stages.labels(stage)
        direction = ("source", "target")
        self._texts = Counter("nmt_texts", "Texts translated", direction, registry=registry)
        self._source_tokens = Counter("nmt_source_tokens", "Sub-word tokens read", direction, registry=registry)
        self._target_tokens = Counter("nmt_target_tokens", "Sub-word tokens written", direction, registry=registry)
        self._refusals = Counter(
            "nmt_refused", "Requests refused or given up, by reason", ("reason",), registry=registry
        )
        self._models = Gauge(
            "nmt_model_info", "The models that are served", ("name", "version", "directions"), registry=registry
        )
        self._loads = Counter("nmt_model_loads", "Sets of models put to use", registry=registry)
        self._load_failures = Counter("nmt_model_load_failures", "Models that were refused", registry=registry)

        self._losses = Counter("nmt_decoder_losses", "Decoding processes that ended untimely", registry=registry)

    def observe(
        self, business: Callable[[], Business], is_ready: Callable[[], bool], pids: Callable[[], Sequence[int]]
    ) -> None:
        """Show what these say when the metrics are read; `pids` are those of the processes besides this one."""
        self.registry.register(DecoderProcesses(pids))
        gauges = {
            "nmt_ready": ("1 when the models are loaded and warm", lambda: is_ready()),
            "nmt_queue_waiting": ("Requests that wait for the model", lambda: business().waiting_requests),
            "nmt_queue_sentences": ("Sentences that are ready to join", lambda: business().waiting_sentences),
            "nmt_queue_tokens": ("Padded source tokens that wait", lambda: business().waiting_tokens),
            "nmt_running_sentences": ("Sentences that are decoded now", lambda: business().sentences),
            "nmt_running_rows": ("Hypotheses that are decoded now", lambda: business().rows),
            "nmt_running_lanes": ("Searches that run side by side", lambda: business().lanes),
            "nmt_decoders": ("Decoders that are up", lambda: business().decoders),
        }
        for name, (meaning, value) in gauges.items():
            Gauge(name, meaning, registry=self.registry).set_function(value)

    def served(self, models: Models) -> None:
        """Say which models are served."""
        self._loads.inc()
        self._models.clear()
        for model in models.all:
            directions = " ".join(f"{each.source}-{each.target}" for each in model.translator.directions)
            self._models.labels(model.name, model.version, directions).set(1)

    def not_loaded(self) -> None:
        """Count a model that was refused."""
        self._load_failures.inc()

    def decoder_lost(self) -> None:
        """Count a decoding process that has ended before its time."""
        self._losses.inc()

    def passed(self, stage: str, seconds: float) -> None:
        """Count the time that a stage took."""
        self._stages.labels(stage).observe(seconds)

    def refused(self, error: NmtError) -> None:
        """Count a request that got an error instead of an answer."""
        reason = (
            error.reason if isinstance(error, ServiceError) else "bad_input" if status_of(error) == 400 else "fault"
        )
        self._refusals.labels(reason).inc()

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered; `route` is the path's template."""
        known = method if method in METHODS else "other"
        self._requests.labels(route, known, str(status)).observe(seconds)

    def translated(self, directions: Iterable[tuple[str, str]], translations: Sequence[Translation]) -> None:
        """Count what was translated, alternatives left out, special symbols included."""
        for (source, target), translation in zip(directions, translations, strict=True):
            segments = translation.segments
            self._texts.labels(source, target).inc()
            self._source_tokens.labels(source, target).inc(sum(len(segment.source_tokens) for segment in segments))
            self._target_tokens.labels(source, target).inc(sum(len(segment.target_tokens) for segment in segments))

    def rendered(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)
