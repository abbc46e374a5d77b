# Build: docker build --pull -t mentor-status .     (--pull takes the latest patch of Python and Debian)
# Run:   docker run -d --name mentor-status --restart unless-stopped --ulimit nofile=65536 -p 127.0.0.1:8000:8000
#          -e API_TOKENS=ITEM -v mentor-status:/data mentor-status
FROM python:3.13-slim AS build

WORKDIR /build
COPY requirements.txt .
# Wheels alone, held to their hashes: nothing is compiled, so no compiler is needed. What the service never loads goes.
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt \
    && find /opt/venv \( -name tests -o -name sqlite_extra_binaries -o -name '*.pyi' \
        -o -name swagger-ui.js -o -name swagger-ui-standalone-preset.js \) -prune -exec rm -r {} +


FROM python:3.13-slim

ENV PATH=/opt/venv/bin:$PATH \
    DATABASE_URL=sqlite:////data/mentor-status.db \
    PORT=8000 \
    MALLOC_ARENA_MAX=1

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin mentors \
    && install --directory --owner mentors --mode 700 /data

COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Now, since whom it runs as may not write here later: the bytecode of the service and of what it loads.
RUN python -m compileall -q . && gunicorn --check-config

# By number, so that Kubernetes can tell that it is not root.
USER 10001
VOLUME /data
EXPOSE 8000
# Without the proxies of the environment, if there are any: they do not reach this address.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '/readyz', timeout=4)"]
# The shell puts PORT in and is then replaced: gunicorn is process 1, and gets the SIGTERM.
CMD ["sh", "-c", "exec gunicorn --bind 0.0.0.0:$PORT"]
