"""A Home Assistant of its own in a folder: files, process, REST and websocket."""

import contextlib
import json
import pathlib

import aiohttp
import yaml

from world import Process, eventually, free_port


def required(fields):
    """The answers to a form that it cannot do without, as proposed by it."""
    answers = {}
    for field in fields:
        if field.get("type") == "expandable":
            answers[field["name"]] = required(field["schema"])
        elif field.get("required"):
            options = field.get("selector", {}).get("select", {}).get("options", [False])
            first = options[0]["value"] if isinstance(options[0], dict) else options[0]
            answers[field["name"]] = field.get("default", first)
    return answers


class HomeAssistant:
    def __init__(self, folder, python, more):
        """`python`: the words that start its Python; `more`: what is added to its configuration.yaml."""
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.session = self.socket = None
        self.number = 0
        basics = {
            "homeassistant": {
                "name": "Test", "time_zone": "Europe/Berlin", "unit_system": "metric", "currency": "EUR",
                "country": "DE", "latitude": 52.5, "longitude": 13.4, "elevation": 40,
            },
            "http": {"server_host": "127.0.0.1", "server_port": self.port},
            "recorder": {"commit_interval": 1},
            "logger": {"default": "warning"},
        }  # fmt: skip
        for name in ("api", "config", "websocket_api", "frontend", "history", "energy", "system_log"):
            basics[name] = {}
        text = yaml.safe_dump(basics | more, sort_keys=False)
        for name in ("automation", "script"):
            (self.folder / f"{name}s.yaml").write_text("")
            text += f"{name}: !include {name}s.yaml\n"
        (self.folder / "configuration.yaml").write_text(text)
        words = [*python, "-m", "homeassistant", "--config", self.folder, "--skip-pip"]
        self.process = Process(words, self.folder / "output.log")

    async def start(self):
        self.process.start()
        self.session = aiohttp.ClientSession()
        await eventually(lambda: self.answers("/api/websocket", 400), 180, self.process.said)

    async def answers(self, path, wanted):
        if self.process.running.poll() is not None:
            raise AssertionError("Home Assistant ended: " + self.process.said()[-3000:])
        try:
            async with self.session.get(self.url + path) as answer:
                return answer.status == wanted
        except aiohttp.ClientError:
            return False

    async def stop(self):
        if self.socket:
            await self.socket.close()
        if self.session:
            await self.session.close()
        self.session = self.socket = None
        self.process.stop(patience=60)

    async def restart(self, meanwhile=lambda: None):
        await self.stop()
        meanwhile()
        await self.start()
        await self.connect()
        await eventually(self.runs, 120)

    async def runs(self):
        return (await self.get("/api/config"))["state"] == "RUNNING"

    async def post(self, path, body=None, **more):
        headers = {"Authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
        arguments = more or {"json": body if body is not None else {}}
        async with self.session.post(self.url + path, headers=headers, **arguments) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise AssertionError(f"{path}: {answer.status} {text[:500]}")
            return json.loads(text) if text else None

    async def get(self, path):
        async with self.session.get(self.url + path, headers={"Authorization": f"Bearer {self.token}"}) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def onboard(self):
        await eventually(lambda: self.answers("/api/onboarding", 200))
        client = self.url + "/"
        user = {"client_id": client, "name": "Test", "username": "test", "password": "test", "language": "en"}
        code = (await self.post("/api/onboarding/users", user))["auth_code"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": client}
        self.token = (await self.post("/auth/token", data=form))["access_token"]
        # The steps that would follow set up integrations which ask the internet for the weather and the like.
        await self.connect()
        version = (await self.get("/api/config"))["version"]
        self.version = tuple(int(part) for part in version.split(".")[:3])
        # Tokens last half an hour; this one outlives restarts.
        self.token = await self.ask("auth/long_lived_access_token", client_name="test", lifespan=1)
        await eventually(self.runs, 120)

    def end_onboarding(self):
        """To be done while it is down: without that its pages lead nowhere else."""
        file = self.folder / ".storage" / "onboarding"
        stored = json.loads(file.read_text())
        stored["data"]["done"] = ["user", "core_config", "analytics", "integration"]
        file.write_text(json.dumps(stored))

    async def connect(self):
        self.socket = await self.session.ws_connect(self.url + "/api/websocket", max_msg_size=0)
        await self.socket.receive_json()
        await self.socket.send_json({"type": "auth", "access_token": self.token})
        assert (await self.socket.receive_json())["type"] == "auth_ok"
        # Releases of 2026 go back to their usual port unless somebody confirms another; older ones do not know this.
        with contextlib.suppress(AssertionError):
            await self.ask("http/config/promote")

    async def ask(self, command, **fields):
        self.number += 1
        await self.socket.send_json({"id": self.number, "type": command, **fields})
        while True:
            answer = await self.socket.receive_json(timeout=60)
            if answer["id"] == self.number and answer["type"] == "result":
                assert answer["success"], f"{command}: {answer}"
                return answer["result"]

    async def add_mqtt(self, port):
        """Through the form that a user fills in; Home Assistant connects before it accepts it."""
        step = await self.post("/api/config/config_entries/flow", {"handler": "mqtt"})
        fields = {field["name"] for field in step["data_schema"]}
        assert {"broker", "port"} <= fields, step
        answers = required(step["data_schema"]) | {"broker": "127.0.0.1", "port": port}
        step = await self.post(f"/api/config/config_entries/flow/{step['flow_id']}", answers)
        assert step["type"] == "create_entry", step

    async def call(self, service, **data):
        await self.post("/api/services/" + service.replace(".", "/"), data)

    async def states(self):
        return {state["entity_id"]: state for state in await self.get("/api/states")}

    async def entities(self):
        """Those of the MQTT integration, as the registry has them."""
        every = await self.ask("config/entity_registry/list")
        detailed = await self.ask(
            "config/entity_registry/get_entries", entity_ids=[e["entity_id"] for e in every if e["platform"] == "mqtt"]
        )
        return {entity["unique_id"]: entity for entity in detailed.values()}

    async def devices(self):
        return await self.ask("config/device_registry/list")

    def log(self):
        return (self.folder / "home-assistant.log").read_text(errors="replace")
