# docker build -t kelvolt . ; docker run --rm -v "$PWD:/cases" kelvolt run rack.yaml
FROM debian:bookworm-slim AS builder
COPY . /source
WORKDIR /source
# the launcher installs what it needs; the libraries of the system stay in this stage
RUN ./kelvolt wheel

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libstdc++6 python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/kelvolt \
    && useradd --create-home --uid 1000 kelvolt
RUN --mount=type=bind,from=builder,source=/source/build/dist,target=/dist \
    /opt/kelvolt/bin/pip install --no-cache-dir "$(echo /dist/*.whl)[plot,telemetry,xlsx]"
ENV PATH=/opt/kelvolt/bin:$PATH
USER 1000
WORKDIR /cases
ENTRYPOINT ["kelvolt"]
CMD ["--help"]
