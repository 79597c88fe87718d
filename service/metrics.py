"""What the service counts, for Prometheus. Labels are routes, codes and languages, never anything a user typed."""

from collections.abc import Sequence

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from nmt.translation import Translation
from service.worker import Worker

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counters in a registry of their own, so that several applications can live in one process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, worker: Worker) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Histogram(
            "nmt_request_seconds", "Requests and the time they took, by route, method and status code",
            ("route", "method", "status"), buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        direction = ("source", "target")
        self._texts = Counter("nmt_texts", "Texts translated", direction, registry=self.registry)
        self._source_tokens = Counter("nmt_source_tokens", "Sub-word tokens read", direction, registry=self.registry)
        self._target_tokens = Counter("nmt_target_tokens", "Sub-word tokens written", direction, registry=self.registry)
        self._model = Info("nmt_model", "The model that is served", registry=self.registry)
        waiting = Gauge("nmt_queue_waiting", "Requests that wait for the model", registry=self.registry)
        waiting.set_function(lambda: worker.waiting)
        ready = Gauge("nmt_ready", "1 when the model is loaded and warm", registry=self.registry)
        ready.set_function(lambda: worker.state == "ready")

    def served(self, name: str, directions: Sequence[str]) -> None:
        """Say which model is served."""
        self._model.info({"name": name, "directions": " ".join(directions)})

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered; `route` is the path's template."""
        known = method if method in METHODS else "other"
        self._requests.labels(route, known, str(status)).observe(seconds)

    def translated(self, source: str, target: str, translations: Sequence[Translation]) -> None:
        """Count what was translated, alternatives left out, special symbols included."""
        segments = [segment for translation in translations for segment in translation.segments]
        self._texts.labels(source, target).inc(len(translations))
        self._source_tokens.labels(source, target).inc(sum(len(segment.source_tokens) for segment in segments))
        self._target_tokens.labels(source, target).inc(sum(len(segment.target_tokens) for segment in segments))

    def rendered(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)
