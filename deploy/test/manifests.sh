#!/bin/sh
# Renders everything that deploys Parvis and checks what must hold: each role is there, nobody is root, every container
# is probed and bounded, nothing speaks freely, and copies that cannot be shared are the same.
#
#     deploy/test/manifests.sh
#
# Needs kubectl and python3 with PyYAML; checks the Compose file itself too where Docker Compose is there.
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
same deploy/otel/collector.yaml k8s/overlays/metropolis/otel.yaml
same demo/tenants.toml k8s/base/config/tenants.toml

sh -n deploy/postgres/init.sh
python3 -m json.tool deploy/grafana/dashboards/parvis.json >/dev/null || fail "the dashboard is not JSON"

for folder in base overlays/town overlays/metropolis; do
    kubectl kustomize "k8s/$folder" >"$work/$(basename "$folder").yaml" || fail "k8s/$folder does not render"
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
        keys = {e["name"] for e in container["env"]}
        kept = "PARVIS__STORE__URL" in keys
        need(kept == (role != "gateway"), f"{name}: {role}: the gateway, and it alone, has no database")
        sealing = "PARVIS__IDENTITY__SEALING_KEY" in keys
        need(sealing == (role == "identity"), f"{name}: {role}: identity, and it alone, has the key that seals its keys")
        for probe, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            need(container[probe]["httpGet"]["path"] == path, f"{name}: {role}: {probe} must ask {path}")
    need(("Job", "migrate") in by, f"{name}: no migration Job")
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
    for name, service in services.items():
        sealing = "PARVIS__IDENTITY__SEALING_KEY" in service.get("environment", {})
        need(sealing == (name == "identity"), f"compose: {name}: identity, and it alone, has the key that seals its keys")
    for name in [*ROLES, "migrate", "demo"]:
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
