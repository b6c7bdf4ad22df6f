"""What surrounds a Home Assistant under test: a broker, simulated wall connectors, the bridge, an ear at the broker."""

import asyncio
import contextlib
import json
import pathlib
import signal
import socket
import subprocess


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def eventually(condition, patience=30, what=None):
    """Waits until condition() is true and returns its value; what() tells what is wrong otherwise."""
    end = asyncio.get_running_loop().time() + patience
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"not within {patience} s" + (f": {what()}" if what else ""))
        await asyncio.sleep(0.2)


class Process:
    """A program that ends with the test; what it says is in a file."""

    def __init__(self, words, log):
        self.words, self.log, self.running = [str(word) for word in words], log, None

    def start(self):
        with open(self.log, "ab") as log:
            self.running = subprocess.Popen(
                self.words, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def send(self, number):
        self.running.send_signal(number)

    def stop(self, number=signal.SIGTERM, patience=30):
        if self.running is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.send(signal.SIGCONT)
            self.send(number)
        try:
            self.running.wait(patience)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        self.running.stdin.close()
        self.running = None

    def said(self):
        return pathlib.Path(self.log).read_text(errors="replace")


class Ear:
    """Every message at the broker; `retained` is what a new subscriber would be told."""

    def __init__(self, port):
        self.port, self.heard, self.retained, self.child = port, [], {}, None
        self.careless = set()  # topics of the bridge that came with QoS 0

    async def start(self):
        self.child = await asyncio.create_subprocess_exec(
            "mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-t", "#", "-q", "1", "-F", "%j",
            stdout=asyncio.subprocess.PIPE, limit=1 << 20,
        )  # fmt: skip
        self.task = asyncio.create_task(self.listen(self.child.stdout))

    async def listen(self, lines):
        async for line in lines:
            message = json.loads(line)
            topic, payload = message["topic"], message.get("payload") or ""
            self.heard.append((topic, payload, bool(message["retain"])))
            ours = topic.startswith("twcbridge/") and "/input/" not in topic and not topic.endswith("/set")
            announced = topic.endswith("/config") and payload  # Home Assistant clears them with QoS 0
            if message["qos"] == 0 and (ours or announced):
                self.careless.add(topic)
            # A live message does not say whether it is to be kept; whoever needs to know asks again.
            self.retained[topic] = payload

    def payloads(self, topic):
        return [payload for name, payload, _ in self.heard if name == topic]

    async def stop(self):
        if self.child and self.child.returncode is None:
            self.child.terminate()
            await self.child.wait()
        self.child = None


class World:
    """Two buses: 5893 speaks protocol 2 and has a car that charges, 0417 speaks protocol 1."""

    def __init__(self, folder, program, discovery):
        self.folder, self.program = pathlib.Path(folder), program
        self.port = free_port()
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        )
        self.broker = Process(["mosquitto", "-c", self.folder / "mosquitto.conf"], self.folder / "mosquitto.log")
        self.units = {
            name: Process([program, "simulate", "--link", self.folder / name, "--charger", charger],
                          self.folder / f"{name}.log")
            for name, charger in (("garage", "5893:32:2"), ("yard", "0417:32:1"))
        }  # fmt: skip
        self.config = self.folder / "config.json"
        self.config.write_text(json.dumps(self.configuration(discovery)))
        self.bridge = Process([program, "run", "--config", self.config], self.folder / "bridge.log")
        self.ear = Ear(self.port)

    def configuration(self, discovery):
        return {
            "buses": [{"name": name, "port": str(self.folder / name)} for name in self.units],
            "wiringMaxAmpsAllTWCs": 40,
            "wiringMaxAmpsPerTWC": 32,
            "chargers": {"5893": {"area": "Garage"}, "0417": {}},
            "mqtt": {"url": f"mqtt://127.0.0.1:{self.port}"},
            "homeAssistant": {"discovery": discovery},
            "inputs": {"grid": {}},
            "mode": "fast",
            "stop": {"command": ["zero", "vehicle", "contactor"]},
            "settingsPath": str(self.folder / "settings"),
        }

    async def start(self):
        self.broker.start()
        await asyncio.sleep(0.5)
        await self.ear.start()
        for unit in self.units.values():
            unit.start()
        await eventually(lambda: all((self.folder / name).exists() for name in self.units))
        self.bridge.start()

    async def stop(self):
        await self.ear.stop()
        for process in (self.bridge, *self.units.values(), self.broker):
            process.stop()

    async def restart_broker(self):
        await self.ear.stop()
        self.broker.stop()
        await asyncio.sleep(2)
        self.broker.start()
        await asyncio.sleep(0.5)
        self.ear = Ear(self.port)
        await self.ear.start()

    def publish(self, topic, payload):
        """What belongs to other devices is retained, as they do."""
        words = ["mosquitto_pub", "-h", "127.0.0.1", "-p", self.port, "-q", 1, "-t", topic, "-m", payload]
        if not topic.startswith("twcbridge/"):
            words.append("-r")
        subprocess.run([str(word) for word in words], check=True)

    def announcements(self):
        """What `twcbridge discovery` says, by topic."""
        printed = subprocess.run(
            [self.program, "discovery", "--config", self.config], check=True, capture_output=True, text=True
        ).stdout
        return {line.split(" ", 1)[0]: json.loads(line.split(" ", 1)[1]) for line in printed.splitlines()}

    def components(self):
        """(component, its device) for each entity, in either form of discovery."""
        for topic, document in self.announcements().items():
            if "components" in document:
                for component in document["components"].values():
                    yield component, document["device"]
            else:
                yield {"platform": topic.split("/")[1], **document}, document["device"]
