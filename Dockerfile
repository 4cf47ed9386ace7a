FROM python:3.13-slim AS packages
WORKDIR /build
COPY requirements.txt .
RUN sed '/^# --- development and tests ---$/,$d' requirements.txt > production.txt
# The environment gets no pip of its own: the final image has nothing that installs or compiles.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --no-cache-dir --only-binary :all: -r production.txt
# The wheel of the password hash runs on every x86; compiled for a newer one it takes less time, and runs nowhere else.
ARG HASH_CFLAGS
RUN if [ -n "$HASH_CFLAGS" ]; then \
        apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev \
        && CFLAGS="$HASH_CFLAGS" python -m pip --python /opt/venv/bin/python install --no-cache-dir --force-reinstall \
            --no-deps --no-binary argon2-cffi-bindings "$(grep --only-matching '^argon2-cffi-bindings==[0-9.]*' production.txt)"; \
    fi

FROM python:3.13-slim AS server
RUN python -m pip uninstall --yes pip \
    && useradd --system --uid 10001 --home-dir /app darezone \
    && install --directory --owner darezone /var/lib/darezone/media
ENV ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    MEDIA_ROOT=/var/lib/darezone/media \
    STATIC_ROOT=/app/static \
    DAREZONE_PYTHON=/opt/venv/bin/python \
    PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Settings refuse to load without these; the values stay in this one command.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    JWT_SIGNING_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    PUBLIC_BASE_URL=https://build.invalid \
    DATABASE_URL=postgresql://build.invalid/none \
    REDIS_URL=redis://build.invalid/0 \
    python manage.py collectstatic --no-input
USER darezone
EXPOSE 8000
CMD ["bin/serve"]

# Only `docker compose run backup` builds this one. pg_dump must be as new as the server: Debian's own is not.
FROM server AS backup
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner darezone --mode 700 /var/backups/darezone
USER darezone
CMD ["python", "manage.py", "backup", "/var/backups/darezone"]

FROM server
