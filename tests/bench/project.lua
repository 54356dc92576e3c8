-- project.lua BYTES: a compose file of at least that many bytes, of services such as people write: both syntaxes, variables,
-- an anchor that all of them merge, comments.
local head = [[
name: bench
x-common: &common
  restart: unless-stopped
  logging: {driver: json-file, options: {max-size: 10m, max-file: "3"}}
networks:
  front:
  back: {driver: bridge, internal: true}
volumes:
]]
local service = [[
  # service %d of many
  app%d:
    <<: *common
    image: "registry.example.com/team/app%d:${TAG:-1.%d}"
    command: ["serve", "--listen", "0.0.0.0:8080", "--name=app%d"]
    environment:
      DATABASE_URL: postgres://app:${DB_PASSWORD:-secret}@db%d:5432/app%d?sslmode=disable
      LOG_LEVEL: info
      WORKERS: %d
      FEATURE_FLAGS: "one,two,three"
      TZ: Europe/Berlin
    labels:
      - traefik.enable=true
      - traefik.http.routers.app%d.rule=Host(`app%d.example.com`)
      - traefik.http.services.app%d.loadbalancer.server.port=8080
    ports:
      - "%d:8080"
      - {target: 9090, published: "%d", protocol: udp, mode: host}
    volumes:
      - data%d:/var/lib/app
      - ./config/app%d.toml:/etc/app/config.toml:ro
    networks: [front, back]
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://localhost:8080/health"]
      interval: 30s
      timeout: 5s
      retries: 3
    deploy:
      resources:
        limits: {cpus: "0.50", memory: 256M}
]]
local size = 0
local volumes, services = {}, {}
local want = tonumber((...))
local i = 0
while size + #head < want do
  i = i + 1
  local args = {}
  for k = 1, 17 do
    args[k] = i
  end
  args[12], args[13] = 10000 + i, 20000 + i
  services[i] = service:format(table.unpack(args))
  if i > 1 and i % 3 == 0 then
    services[i] = services[i] .. ("    depends_on:\n      app%d: {condition: service_healthy}\n"):format(i - 1)
  end
  volumes[i] = ("  data%d:\n"):format(i)
  size = size + #services[i] + #volumes[i]
end
io.write(head, table.concat(volumes), "services:\n", table.concat(services))
