#!/bin/sh
# Renders everything that deploys Parvis and checks what must hold: each role is there, nobody is root, every container
# is probed and bounded, nothing speaks freely, each is given its own secrets alone, and copies that cannot be shared are
# the same.
#
#     deploy/test/manifests.sh
#
# Needs kubectl, openssl and python3 with PyYAML; checks the Compose file itself too where Docker Compose is there.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "manifests.sh: $*" >&2; exit 1; }

command -v kubectl >/dev/null || fail "kubectl is needed: https://kubernetes.io/docs/tasks/tools/"
python3 -c 'import yaml' 2>/dev/null || fail "PyYAML is needed: apt-get install python3-yaml, or pip install pyyaml"

# kustomize reads nothing above its folder, so these are copies.
same() { cmp -s "$1" "$2" || fail "$2 must be a copy of $1: cp $1 $2"; }
same deploy/postgres/init.sh k8s/overlays/town/postgres-init.sh
same deploy/nats/nats.conf k8s/overlays/town/nats.conf
same deploy/nats/users.conf k8s/overlays/town/users.conf
same deploy/nats/users.conf k8s/overlays/metropolis/users.conf
same deploy/otel/collector.yaml k8s/overlays/metropolis/otel.yaml
same demo/tenants.toml k8s/base/config/tenants.toml

sh -n deploy/postgres/init.sh
# Nothing of what this draws is kept.
cp -R k8s "$work/k8s"
rm -rf "$work/k8s/overlays/town/secrets"
deploy/secrets.sh "$work/k8s/overlays/town/secrets"
before=$(cd "$work/k8s/overlays/town/secrets" && cat ./*)
deploy/secrets.sh "$work/k8s/overlays/town/secrets"
[ "$before" = "$(cd "$work/k8s/overlays/town/secrets" && cat ./*)" ] || fail "secrets.sh draws again what is there"
deploy/secrets.sh --renew "$work/k8s/overlays/town/secrets"
for role in identity gateway nats; do
    openssl verify -CAfile "$work/k8s/overlays/town/secrets/ca.crt" "$work/k8s/overlays/town/secrets/$role.crt" \
        >/dev/null || fail "secrets.sh: the certificate of $role is not of its authority"
done
for drawn in secrets/ca.key k8s/overlays/town/secrets/ca.key; do
    git check-ignore --quiet "$drawn" || fail "git would keep $drawn"
done
nats_server=${PARVIS_TEST_NATS_SERVER:-$(command -v nats-server || echo target/test-tools/nats-server)}
if [ -x "$nats_server" ]; then
    secrets=$work/k8s/overlays/town/secrets
    for overlay in town metropolis; do
        folder=$work/nats-$overlay
        mkdir -p "$folder/secrets"
        cp k8s/overlays/$overlay/users.conf "$folder"
        cp "$secrets/nats-passwords.conf" "$folder/secrets/passwords.conf"
        cp "$secrets/nats.crt" "$folder/secrets/tls.crt"
        cp "$secrets/nats.key" "$folder/secrets/tls.key"
        cp "$secrets/ca.crt" "$folder/secrets/ca.crt"
        sed "s#/etc/nats/#$folder/#" k8s/overlays/$overlay/nats.conf >"$folder/nats.conf"
        POD_NAME=nats-0 "$nats_server" -t -c "$folder/nats.conf" >"$folder/log" 2>&1 ||
            fail "nats-server refuses the settings of $overlay: $(cat "$folder/log")"
    done
else
    echo "manifests.sh: no nats-server here: its settings are not tried" >&2
fi
python3 -m json.tool deploy/grafana/dashboards/parvis.json >/dev/null || fail "the dashboard is not JSON"

for folder in base overlays/town overlays/metropolis; do
    kubectl kustomize "$work/k8s/$folder" >"$work/$(basename "$folder").yaml" || fail "k8s/$folder does not render"
done

if docker compose version >/dev/null 2>&1; then
    docker compose --profile '*' config --quiet || fail "docker-compose.yml is not valid"
else
    echo "manifests.sh: no Docker Compose here: its file is read as YAML only" >&2
fi

python3 - "$work" <<'PYTHON'
import pathlib, sys, yaml

ROLES = ["identity", "intake", "casework", "routing", "knowledge", "notification", "tracking", "gateway"]
errors = []


def need(condition, message):
    if not condition:
        errors.append(message)


def pods(objects):
    for o in objects:
        if o["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield f'{o["kind"]} {o["metadata"]["name"]}', o["kind"], o["spec"]["template"]["spec"]


def check_cluster(name):
    text = (pathlib.Path(sys.argv[1]) / f"{name}.yaml").read_text()
    objects = [o for o in yaml.safe_load_all(text) if o]
    by = {(o["kind"], o["metadata"]["name"]): o for o in objects}
    kinds = [o["kind"] for o in objects]
    for role in ROLES:
        deployment = by.get(("Deployment", role))
        need(deployment, f"{name}: no Deployment {role}")
        need(("Service", role) in by, f"{name}: no Service {role}")
        need(("PodDisruptionBudget", role) in by, f"{name}: no PodDisruptionBudget {role}")
        if not deployment:
            continue
        selector = deployment["spec"]["selector"]["matchLabels"]
        need(selector == {"app.kubernetes.io/component": role}, f"{name}: {role} selects {selector}")
        spec = deployment["spec"]["template"]["spec"]
        container = spec["containers"][0]
        need(container["args"] == ["serve", "--roles", role], f"{name}: {role} runs {container['args']}")
        need(spec["terminationGracePeriodSeconds"] == 30, f"{name}: {role} has no grace period of 30 s")
        need(spec["topologySpreadConstraints"], f"{name}: {role} is not spread")
        env = {e["name"]: e.get("value") for e in container["env"]}
        need(all("valueFrom" not in e for e in container["env"]), f"{name}: {role}: a secret is in the environment")
        need(env.get("PARVIS__BUS__USER") == (None if role == "gateway" else role), f"{name}: {role}: its user of NATS")
        sealing = "PARVIS__IDENTITY__SEALING_KEY_FILE" in env
        need(sealing == (role == "identity"), f"{name}: {role}: identity, and it alone, has the key that seals its keys")
        mounted = {v["secret"]["secretName"].rsplit("-", 1)[0] if name == "town" else v["secret"]["secretName"]
                   for v in spec["volumes"] if "secret" in v}
        need(mounted == {f"parvis-{role}", f"tls-{role}"}, f"{name}: {role} is given {sorted(mounted)}")
        for probe, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            need(container[probe]["httpGet"]["path"] == path, f"{name}: {role}: {probe} must ask {path}")
    for job in ("migrate", "streams"):
        need(("Job", job) in by, f"{name}: no Job {job}")
    need(by["Deployment", "operator"]["spec"]["replicas"] == 0, f"{name}: the operator's pod runs unasked")
    check_policies(name, objects)
    check_settings(name, objects)
    account = by.get(("ServiceAccount", "parvis"), {})
    need(account.get("automountServiceAccountToken") is False, f"{name}: the account has a token")
    denied = by.get(("NetworkPolicy", "deny-all"), {}).get("spec", {})
    need(denied.get("podSelector") == {} and len(denied.get("policyTypes", [])) == 2, f"{name}: no default deny")
    for where, kind, spec in pods(objects):
        where = f"{name}: {where}"
        security = spec.get("securityContext", {})
        need(security.get("runAsNonRoot") is True and security.get("runAsUser", 0) > 0, f"{where} may be root")
        need(security.get("seccompProfile"), f"{where} has no seccomp profile")
        need(spec.get("automountServiceAccountToken") is False, f"{where} has a token")
        for container in spec["containers"]:
            own = container.get("securityContext", {})
            need(own.get("allowPrivilegeEscalation") is False, f"{where} may gain privileges")
            need(own.get("readOnlyRootFilesystem") is True, f"{where} may write its root")
            need(own.get("capabilities", {}).get("drop") == ["ALL"], f"{where} keeps capabilities")
            need("requests" in container.get("resources", {}), f"{where} requests nothing")
            need("memory" in container.get("resources", {}).get("limits", {}), f"{where} has no memory limit")
            need(":" in container["image"] and not container["image"].endswith(":latest"), f"{where}: image not pinned")
            if kind != "Job":
                for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                    need(probe in container, f"{where} has no {probe}")
    if name == "base":
        need("Secret" not in kinds, "base: a Secret is in the base")
    for role in ("gateway", "intake"):
        need((("HorizontalPodAutoscaler", role) in by) == (name != "town"), f"{name}: autoscaling of {role}")
    if name == "town":
        for what in ("postgres", "nats"):
            need(("StatefulSet", what) in by, f"town: no {what}")
        need(by["Deployment", "intake"]["spec"]["strategy"]["type"] == "Recreate", "town: two pods on one volume")
    if name == "metropolis":
        need(by["StatefulSet", "nats"]["spec"]["replicas"] == 3, "metropolis: NATS needs three servers")
        need("Ingress" in kinds, "metropolis: no Ingress")
        need("replicas = 3" in text, "metropolis: streams are not on three servers")
    need('sync_interval: "10s"' in text or name == "base", f"{name}: NATS may lose more than is published again")


# ARCHITECTURE.md's arrows: who opens a connection to whom, by port.
STORED = [role for role in ROLES if role != "gateway"]
ARROWS = {("gateway", role, 8081) for role in STORED}
ARROWS |= {(role, "identity", 8081) for role in STORED if role != "identity"}
ARROWS |= {(role, "intake", 8081) for role in STORED if role != "intake"} | {("intake", "casework", 8081)}
ARROWS |= {(who, "postgres", 5432) for who in [*STORED, "migrate", "operator"]}
ARROWS |= {(who, "nats", 4222) for who in [*STORED, "operator"]}


def components(selector):
    """Whom a selector of pods names; None: everybody."""
    if not selector:
        return None
    if "matchLabels" in selector:
        return [selector["matchLabels"]["app.kubernetes.io/component"]]
    return selector["matchExpressions"][0]["values"]


def check_policies(name, objects):
    leaves, enters = set(), set()
    for policy in (o["spec"] | {"name": o["metadata"]["name"]} for o in objects if o["kind"] == "NetworkPolicy"):
        ours = components(policy["podSelector"])
        for direction, peers in (("egress", "to"), ("ingress", "from")):
            for rule in policy.get(direction, []):
                need(rule.get("ports"), f'{name}: {policy["name"]} opens every port')
                for peer in rule.get(peers, []):
                    if "namespaceSelector" in peer or "podSelector" not in peer:
                        continue
                    for theirs in components(peer["podSelector"]) or ["everybody"]:
                        for we in ours or ["everybody"]:
                            for port in rule["ports"]:
                                arrow = (we, theirs, port["port"]) if direction == "egress" else (theirs, we, port["port"])
                                (leaves if direction == "egress" else enters).add(arrow)
    inside = {arrow for arrow in ARROWS if arrow[1] in ROLES}
    need(inside == {arrow for arrow in leaves if arrow[1] in ROLES}, f"{name}: what roles may open to roles is not ARCHITECTURE's")
    need(inside == {arrow for arrow in enters if arrow[1] in ROLES}, f"{name}: what roles may hear of roles is not ARCHITECTURE's")
    stores = {arrow for arrow in ARROWS if arrow[1] not in ROLES}
    need(stores == {arrow for arrow in leaves if arrow[1] in ("postgres", "nats") and arrow[2] != 6222}, f"{name}: who may reach the stores")
    if name == "town":
        need(stores <= enters, f"town: the stores hear too few: {sorted(stores - enters)}")
        need({a for a in enters if a[1] in ("postgres", "nats")} <= stores, "town: the stores hear somebody more")


def check_settings(name, objects):
    import tomllib
    text = next(o["data"]["parvis.toml"] for o in objects if o["kind"] == "ConfigMap" and "parvis.toml" in o.get("data", {}))
    settings = tomllib.loads(text)
    need(settings["bus"]["url"].startswith("tls://"), f"{name}: NATS without TLS")
    need(settings["bus"]["make_streams"] is False, f"{name}: roles make streams")
    need(all(url.startswith("https://") for url in settings["services"].values()), f"{name}: gRPC without TLS")
    need(all(settings["tls"][key] for key in ("ca", "cert", "key")), f"{name}: gRPC without certificates")
    need("{role}" in settings["store"]["password_file"], f"{name}: one password for every database")
    need("@" in settings["store"]["url"] and ":" not in settings["store"]["url"].split("//")[1].split("@")[0],
         f"{name}: a password is in the address of the databases")
    if name == "metropolis":
        need("sslmode=verify-full" in settings["store"]["url"], "metropolis: whoever answers is taken for PostgreSQL")
        for o in (o for o in objects if o["kind"] in ("Deployment", "Job")):
            component = o["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]
            volumes = {v["name"] for v in o["spec"]["template"]["spec"]["volumes"]}
            need(("postgres-ca" in volumes) == (component in [*STORED, "migrate", "operator"]),
                 f'metropolis: {o["metadata"]["name"]}: the authority of PostgreSQL')


def given(service):
    """The secrets of a service of Compose, by the name that it sees."""
    return {s["target"] if isinstance(s, dict) else s: s["source"] if isinstance(s, dict) else s
            for s in service.get("secrets", [])}


def check_compose_secrets(compose):
    services, all_stores = compose["services"], {f"store-{role}" for role in STORED}
    for role in ROLES:
        secrets = given(services[role])
        stores = {s for s in secrets.values() if s.startswith("store-")}
        need(stores == ({f"store-{role}"} if role in STORED else set()), f"compose: {role} is given {sorted(stores)}")
        need(secrets.get("bus") == (f"bus-{role}" if role in STORED else None), f"compose: {role}: its password of NATS")
        need((secrets["tls.crt"], secrets["tls.key"]) == (f"{role}.crt", f"{role}.key"), f"compose: {role}: its certificate")
        networks = set(services[role]["networks"])
        need(("store" in networks) == ("bus" in networks) == (role in STORED), f"compose: {role} is on {sorted(networks)}")
        need(("front" in networks) == (role == "gateway"), f"compose: {role} is on {sorted(networks)}")
        need(("ports" in services[role]) == (role == "gateway"), f"compose: {role}: the gateway, and it alone, is published")
    for name in ("migrate", "streams", "demo", "operator"):
        secrets = given(services[name])
        need({s for s in secrets.values() if s.startswith("store-")} == all_stores, f"compose: {name} lacks a database")
        need(secrets["bus"] == "bus-operator", f"compose: {name}: its password of NATS")
    for name in ("store", "bus", "rpc"):
        need(compose["networks"][name].get("internal") is True, f"compose: the network {name} reaches the Internet")
    for name, service in services.items():
        sealing = "sealing-key" in given(service)
        need(sealing == (name == "identity"), f"compose: {name}: identity, and it alone, has the key that seals its keys")
        need(service.get("networks"), f"compose: {name} is on the default network")
        for key, value in (service.get("environment") or {}).items():
            open_secret = key.endswith(("PASSWORD", "SEALING_KEY", "SESSION_KEY")) and key != "PARVIS__IDENTITY__DEMO_PASSWORD"
            need(not open_secret, f"compose: {name}: {key} is in the environment")
    need({path["file"] for path in compose["secrets"].values()} == {f"./secrets/{name}" for name in compose["secrets"]},
         "compose: a secret is not the file of its name")
    drawn = {path.name for path in (pathlib.Path(sys.argv[1]) / "k8s/overlays/town/secrets").iterdir()}
    need(set(compose["secrets"]) <= drawn, f'compose: secrets.sh does not draw {sorted(set(compose["secrets"]) - drawn)}')


def check_compose():
    compose = yaml.safe_load(pathlib.Path("docker-compose.yml").read_text())
    services = compose["services"]
    for role in ROLES:
        service = services.get(role)
        need(service, f"compose: no service {role}")
        if not service:
            continue
        need(service["command"] == ["serve", "--roles", role], f"compose: {role} runs {service['command']}")
        need(service["healthcheck"]["test"][1:3] == ["/parvis", "probe"], f"compose: {role} is not probed")
        after = service["depends_on"]["demo"]["condition"]
        need(after == "service_completed_successfully", f"compose: {role} does not wait for the data")
    check_compose_secrets(compose)
    for name in [*ROLES, "migrate", "streams", "demo", "operator"]:
        service = services[name]
        need(service["user"] == "10001:10001", f"compose: {name} is not 10001")
        need(service["read_only"] is True, f"compose: {name} may write its root")
        need("no-new-privileges:true" in service["security_opt"], f"compose: {name} may gain privileges")
    for name, service in services.items():
        image = service["image"].split("/")[-1]
        need(":" in image and not image.endswith(":latest"), f"compose: the image of {name} is not pinned")
    need("observe" in services["grafana"]["profiles"], "compose: grafana starts without being asked for")


def check_image():
    text = pathlib.Path("deploy/Dockerfile").read_text()
    for line in ("USER 10001:10001", 'ENTRYPOINT ["/parvis"]', 'CMD ["serve"]'):
        need(line in text, f"Dockerfile: {line} is missing")
    let_through = pathlib.Path(".dockerignore").read_text().split()
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--"):
            for source in words[1:-1]:
                need(f"!{source}" in let_through, f"Dockerfile: {source} is kept out by .dockerignore")


for name in ("base", "town", "metropolis"):
    check_cluster(name)
check_compose()
check_image()
for error in errors:
    print(f"manifests.sh: {error}", file=sys.stderr)
sys.exit(bool(errors))
PYTHON
echo "manifests: ok"
