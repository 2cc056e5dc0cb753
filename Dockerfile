# syntax=docker/dockerfile:1
# One image for the service and every command: docker build --tag leads .
# deploy/README.md says how it is run, and what of it was tried where no container engine runs.
ARG PYTHON=3.11-slim-trixie

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY deploy/requirements.txt ./
RUN python -m venv /opt/leads \
    && /opt/leads/bin/pip install --require-hashes --only-binary :all: --requirement requirements.txt
COPY . .
RUN python -m venv /opt/builder \
    && /opt/builder/bin/pip install hatchling==1.33.0 \
    && /opt/builder/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /build/wheel . \
    && /opt/leads/bin/pip install --no-deps /build/wheel/lead_scoring-*.whl \
    && /opt/leads/bin/python -m compileall -q /opt/leads/lib

FROM python:${PYTHON}
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 leads \
    && useradd --uid 10001 --gid leads --home-dir /data --shell /usr/sbin/nologin leads \
    && install --directory --owner leads --group leads /data /keys /mlflow
COPY --from=build /opt/leads /opt/leads

# /data and /tmp are all that is written: `docker run --read-only --tmpfs /tmp --volume leads:/data leads`
ENV PATH=/opt/leads/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    NUMBA_CACHE_DIR=/data/.numba \
    MPLCONFIGDIR=/tmp/matplotlib \
    LEADS_HOST=0.0.0.0 \
    LEADS_CHAMPION_FILE=/data/last-champion.zip
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["leads"]
CMD ["serve"]
