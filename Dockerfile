# The server alone; the speech model is elsewhere (ULTRAVOX_URL). With vLLM beside it: Dockerfile.engine.
#   docker build -t twilio-ultravox-agent .
# What must be set and mounted: docs/deploy.md. test/container.test.ts builds the same tree from this file.

FROM node:24.21.0-bookworm-slim AS server
WORKDIR /app
COPY package.json package-lock.json ./
# Optional are only the npm packages of Node itself, and the image has Node. No package needs an install
# script. onnxruntime comes for five platforms: this one stays, and 243 of 288 MiB go.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -type d \
    -not -path "*/linux/$(node -p process.arch)" -prune -exec rm -r {} + \
 && install -d -o 10001 -g 10001 /compiled
COPY machines ./machines
COPY docs/call.svg docs/call.json docs/call.mmd docs/engine.svg docs/engine.json docs/engine.mmd ./docs/
COPY src ./src
ENV NODE_COMPILE_CACHE=/compiled
# As the user that the server runs as: Node keeps a cache for each.
USER 10001:10001
RUN node src/fill-compile-cache.ts \
 && chmod -R a+rX /compiled

FROM node:24.21.0-bookworm-slim AS orchestrator
# Nothing is installed any more. Only /data can be written to, and it is all that the server writes to.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn \
 && install -d -o 10001 -g 10001 /data
WORKDIR /app
COPY --from=server /app ./
# Root's, like all of it: the server reads its own program and cannot change it.
COPY --from=server /compiled /compiled
ENV NODE_ENV=production NODE_COMPILE_CACHE=/compiled DATA_DIRECTORY=/data PORT=8080
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "src/check-health.ts"]
# The image's own entry point is a script. Node is the first process and gets the signals; it starts no
# other, so there is nobody to reap.
ENTRYPOINT []
CMD ["node", "src/main.ts"]
