#!/usr/bin/env python3
"""Hours of use, with the memory looked at: the explorer answers pages, searches, own images and changes to the network, makes pictures by order, while a sweep
trains dictionaries of another copy of the run in one process. Both must stay as large as they were when warm (±5 % by default).

    tests/soak.py RUN [--minutes 120] [--fovea src/Fovea.Cli/bin/Release/net10.0/fovea] [--csv soak.csv]

RUN is a finished run (fovea demo); it is copied, not changed. A process is measured by its anonymous resident memory (RssAnon of /proc/PID/status): what it
holds, without the files that it looks at. Linux, Python 3.9 or newer, nothing else.
"""
import argparse, csv, json, os, pathlib, random, re, shutil, signal, statistics, subprocess, sys, tempfile, threading, time, urllib.error, urllib.request

arguments = argparse.ArgumentParser()
arguments.add_argument("run")
arguments.add_argument("--minutes", type=float, default=120)
arguments.add_argument("--fovea", default="src/Fovea.Cli/bin/Release/net10.0/fovea")
arguments.add_argument("--threads", type=int, default=1)
arguments.add_argument("--within", type=float, default=0.05)
arguments.add_argument("--csv", default="soak.csv")
options = arguments.parse_args()
fovea, seconds = str(pathlib.Path(options.fovea).resolve()), options.minutes * 60
work = pathlib.Path(tempfile.mkdtemp(prefix="fovea-soak-"))
ended, counts, failures = threading.Event(), {}, []
began = time.time()


def count(what):
    counts[what] = counts.get(what, 0) + 1


def anonymous(process):
    """Mebibytes of a process and of those that it started, itself first."""
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        number, parent = int(status.parent.name), int(re.search(r"PPid:\s*(\d+)", text)[1])
        size = re.search(r"RssAnon:\s*(\d+)", text)
        if size and process in (number, parent):
            found.insert(0 if number == process else len(found), int(size[1]) / 1024)
    return found


class Explorer:
    """A running explorer and what is asked of it."""

    def __init__(self, run):
        self.process = subprocess.Popen([fovea, "explore", "--run", run, "--json"], stdout=subprocess.PIPE, stderr=open(work / "explore.log", "w"), text=True)
        lines = ""
        while True:
            lines += self.process.stdout.readline()
            try:
                address = json.loads(lines)["url"]
                break
            except ValueError:
                if self.process.poll() is not None:
                    sys.exit((work / "explore.log").read_text())
        self.base, self.token = re.match(r"(http://[^/]+)/.*?(?:token=|#|/)([A-Za-z0-9_-]{16,})", address).groups()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def ask(self, address, body=None, kind="application/json", method=None):
        headers = {"Authorization": "Bearer " + self.token}
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.base + address, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return answer.read()
        except urllib.error.HTTPError as problem:
            failures.append(f"{address}: {problem.code} {problem.read()[:300]!r}")
            return b"{}"

    def json(self, address, body=None, method=None):
        return json.loads(self.ask(address, body, method=method))

    def loop(self, what, chance):
        """Does something over and over; a failure is told, not fatal."""
        while not ended.is_set():
            try:
                what(chance)
            except Exception as problem:
                if not ended.is_set():
                    failures.append(f"{what.__name__}: {problem!r}")
                    time.sleep(5)

    # What a reader does.

    def units(self):
        for layer in self.json("/api").get("layers", []):
            contents, place = self.json(layer["address"]), layer["address"].removeprefix("/api")
            yield place, contents["neurons"]["count"], layer["name"], "neurons"
            for one in contents["dictionaries"]:
                yield one["address"].removeprefix("/api"), self.json(one["address"])["latents"]["count"], layer["name"], one["name"]

    def warm(self):
        """Every unit's page and neighbours once: what is kept of each is then kept, and what grows afterwards grows."""
        for place, units, _, _ in self.sources:
            for unit in range(units):
                for address in (f"{place}/f/{unit}", f"/near{place}/f/{unit}"):
                    self.ask(address)
                    count("warming")

    def pages(self, chance):
        place, units, layer, source = chance.choice(self.sources)
        unit = chance.randrange(units)
        for address in (place, f"{place}/f/{unit}", f"/near{place}/f/{unit}", f"/search?q={chance.choice(['disc', 'red', 'unit', 'striped', '7'])}", "/notes", "/pictures", "/api"):
            self.ask(address)
            count("pages")
        address = f"/api/notes{place}/f/{unit}"
        known = {(note["layer"], note["source"], note["unit"]): note["revision"] for note in self.json("/api/notes")["notes"]}
        self.json(address, {"revision": known.get((layer, source, unit), 0), "text": f"seen {time.time():.0f}", "rating": chance.randrange(1, 6)}, "PUT")
        count("notes")
        ended.wait(chance.random())

    def images(self, chance):
        place, units, layer, source = chance.choice(self.sources)
        picture = chance.choice(self.photographs).read_bytes()
        address = json.loads(self.ask("/api/images?name=soak.png", picture, "image/png"))["address"]
        query = f"?layer={layer}&source={source}&unit={chance.randrange(units)}"
        for part in ("", "/units", "/grid", "/heat", "/heat.png", "/compare"):
            self.ask(f"/api{address}{part}{query}")
            count("images")
        self.json(f"/api{address}/steer{query}", [{"unit": chance.randrange(units), "scale": chance.choice([0, 2])}])
        self.ask(address + query)
        count("changes")
        ended.wait(chance.random())

    def pictures(self, chance):
        _, units, layer, source = chance.choice(self.sources)
        order = self.json("/api/pictures", {"layer": layer, "source": source, "unit": chance.randrange(units), "steps": 24, "seed": chance.randrange(1 << 20)})
        while not ended.wait(1):
            state = self.json(f"/api/pictures/{order['job']['id']}")["job"]
            if state["state"] not in ("waiting", "running"):
                count("pictures" if state["state"] == "done" else "pictures " + state["state"])
                break
        ended.wait(5)


def sweeps(run, log):
    """One process that trains as long as the soak takes: a dictionary after the other."""
    return subprocess.Popen(
        [fovea, "sae", "sweep", "--run", run, "--name", "soak", "--threads", str(options.threads), "--arch", "topk", "l1", "batchtopk", "gated", "jumprelu",
         "--epochs", os.environ.get("SOAK_EPOCHS", "400"), "--batch-size", "512"], stdout=log, stderr=log)


explored, swept = work / "explored", work / "swept"
shutil.copytree(options.run, explored, ignore=shutil.ignore_patterns(".lock"))
shutil.copytree(options.run, swept, ignore=shutil.ignore_patterns(".lock", "report", "features"))
explorer = Explorer(explored)
explorer.sources = list(explorer.units())
explorer.photographs = [file for file in explored.rglob("*.png") if file.stat().st_size > 300]
explorer.warm()
print(f"{(time.time() - began) / 60:.0f} min: every unit was asked for; explorer {anonymous(explorer.process.pid)[0]:.1f} MB; {len(failures)} failures", flush=True)
began = time.time()
rows, training = [], None
with open(work / "sweep.log", "w") as log:
    for number, what in enumerate((explorer.pages, explorer.images, explorer.pictures)):
        threading.Thread(target=explorer.loop, args=(what, random.Random(number)), daemon=True).start()
    while time.time() - began < seconds:
        if training is None or training.poll() is not None:
            if training is not None:
                count("sweeps ended")
                if training.returncode:
                    failures.append(f"sweep: exit code {training.returncode}")
                shutil.rmtree(swept / "sweeps", ignore_errors=True)
            training = sweeps(swept, log)
        time.sleep(15)
        own, sweep = anonymous(explorer.process.pid), anonymous(training.pid)
        if explorer.process.poll() is not None:
            failures.append(f"the explorer ended: {explorer.process.returncode}")
            break
        rows.append([round(time.time() - began), round(own[0], 1), round(sum(own[1:]), 1), round(sweep[0], 1) if sweep else 0])
        if len(rows) % 20 == 0:
            print(f"{rows[-1][0] / 60:.0f} min: explorer {rows[-1][1]} MB, its workers {rows[-1][2]} MB, sweep {rows[-1][3]} MB; {counts}; {len(failures)} failures", flush=True)
    ended.set()
    for process in (training, explorer.process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
with open(options.csv, "w", newline="") as file:
    csv.writer(file).writerows([["seconds", "explorer_mb", "explorer_workers_mb", "sweep_mb"], *rows])


def flat(name, column):
    """The middle of the last sixth beside that of the second sixth: what came after the warming up."""
    values = [row[column] for row in rows if row[column]]
    sixth = max(1, len(values) // 6)
    early, late = statistics.median(values[sixth:2 * sixth]), statistics.median(values[-sixth:])
    print(f"{name:10} {early:8.1f} MB early, {late:8.1f} MB late: {late / early - 1:+.1%}; largest {max(values):.1f} MB")
    return late / early - 1 <= options.within


good = [flat("explorer", 1), flat("sweep", 3)]
print(f"{(time.time() - began) / 60:.0f} minutes; {counts}; {len(failures)} failures")
for line in failures[:20]:
    print("  " + line)
shutil.rmtree(work, ignore_errors=True)
sys.exit(0 if all(good) and not failures else 1)
