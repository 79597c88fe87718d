# syntax=docker/dockerfile:1
# The service with the bundled model. It needs no network once it is built:
#   docker build -t nmt . && docker run --rm -i --network none nmt nmt translate --source en --target de < text.en
#   docker run --rm --read-only -p 127.0.0.1:8000:8000 nmt

ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
# Where pip looks for packages. Name an index with CPU builds of torch here: the default ones are several times larger.
ARG PIP_INDEX_URL=""
ARG PIP_EXTRA_INDEX_URL=""
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY nmt nmt
COPY service service
COPY training training
# What `make install VENV=/opt/nmt PYTHON=python SOURCE=.` runs.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/nmt \
    && /opt/nmt/bin/pip install -c constraints.txt setuptools \
    && /opt/nmt/bin/pip install -c constraints.txt --no-build-isolation .

FROM ${PYTHON_IMAGE}
RUN useradd --create-home --uid 10001 nmt
COPY --from=build /opt/nmt /opt/nmt
ENV PATH=/opt/nmt/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER nmt
WORKDIR /home/nmt
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
CMD ["nmt", "serve", "--host", "0.0.0.0", "--port", "8000"]
