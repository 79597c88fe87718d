"""Serve on the loopback, ask for one translation, check the answer, and stop the service.

python .ci/try_service.py PATH/TO/nmt

"""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from typing import Any

READY_WITHIN_S = 120
STOPPED_WITHIN_S = 30


def main(command: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    port = free_port()
    server = subprocess.Popen([command, "serve", "--host", "127.0.0.1", "--port", str(port)])
    try:
        seconds = wait_until_ready(server, port)
        status, answer = translate(port, "A dog runs across the grass.")
        print(f"ready after {seconds:.1f} s; {status}: {answer.get('translatedText')}")
        check(status, answer)
        server.terminate()
        server.wait(STOPPED_WITHIN_S)
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(server: subprocess.Popen[bytes], port: int) -> float:
    started = time.monotonic()
    while time.monotonic() - started < READY_WITHIN_S:
        if server.poll() is not None:
            sys.exit(f"the service ended with exit code {server.returncode}")
        try:
            if ask(port, "GET", "/readyz")[0] == http.client.OK:
                return time.monotonic() - started
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"the service was not ready within {READY_WITHIN_S} s")


def translate(port: int, text: str) -> tuple[int, dict[str, Any]]:
    return ask(port, "POST", "/translate", json.dumps({"q": text, "source": "en", "target": "de"}))


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text) if text.startswith(b"{") else {}


def check(status: int, answer: dict[str, Any]) -> None:
    if status != http.client.OK or not answer["translatedText"].strip():
        sys.exit(f"no translation came back: {answer}")
    rows = answer["segments"][0]["attention"]
    if not rows or any(abs(sum(row) - 1) > 0.01 for row in rows):
        sys.exit(f"attention is missing or does not sum to 1: {rows}")


main(sys.argv[1])
