"""A real Home Assistant, from its onboarding to the bridge's farewell: what it makes of our messages, step by step.

usage: scenario.py [--step STEP]… [--pictures FOLDER] PROGRAM device|component PYTHON…     (PYTHON…: how to run one that has Home Assistant)
"""

import argparse
import asyncio
import json
import pathlib
import re
import signal
import sys
import tempfile
import time
import traceback

import documents
from browser import Browser
from home_assistant import HomeAssistant
from world import World, eventually

# What this machine lacks, not what we say.
NOT_OURS = re.compile(
    r"\[homeassistant\.(setup|bootstrap)\](?!.*mqtt)"  # parts that nobody needs here and that lack something
    r"|zlib_ng and isal are not available|libturbojpeg|Support for the running Python"
    r"|No module named '(numpy|av)'|haffmpeg"  # cameras, without which we can live
    r"|Error returned from MQTT server: The connection was lost|Disconnected from MQTT server|The client is not currently connected"  # we restart the broker
    r"|No device components to cleanup"  # it hears of its own deletion once for each entity
)


def slug(text):
    """As Home Assistant makes entity ids from names like ours."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


class Scenario:
    def __init__(self, folder, program, discovery, python, pictures):
        self.world = World(folder, program, discovery)
        self.discovery = discovery
        self.enabled = set()  # by us, as a user would
        (folder / "home").mkdir()
        self.browser = Browser(folder / "browser")
        self.pictures = pictures
        self.home = HomeAssistant(folder / "home", python, {})

    # What is compared.

    def entity_id(self, component, device):
        if self.home.version >= (2025, 10):
            return component["default_entity_id"]
        return component["platform"] + "." + slug(f"{device['name']} {component['name']}")

    def differences(self, entities, devices):
        """Between the registries and what we announce."""
        expected = {component["unique_id"]: (component, device) for component, device in self.world.components()}
        for missing in sorted(expected.keys() - entities.keys()):
            yield f"{missing} is missing"
        ours = {key for key in entities if key.startswith("twcbridge")}
        for surplus in sorted(ours - expected.keys()):
            yield f"{surplus} is too much"
        for key in expected.keys() & entities.keys():
            entity, (component, device) = entities[key], expected[key]
            enabled = component.get("enabled_by_default", True) or key in self.enabled
            wanted = {
                "entity_id": self.entity_id(component, device),
                "original_name": component["name"],
                "entity_category": component.get("entity_category"),
                "disabled_by": None if enabled else "integration",
                "original_icon": component.get("icon"),
            }
            for field, value in wanted.items():
                if entity[field] != value:
                    yield f"{key}: {field} is {entity[field]}, not {value}"
        announced = {device["identifiers"][0]: device for _, device in self.world.components()}
        ours = {d["identifiers"][0][1]: d for d in devices if d["identifiers"] and d["identifiers"][0][0] == "mqtt"}
        if announced.keys() != ours.keys():
            yield f"devices {sorted(ours)}, not {sorted(announced)}"
            return
        for key, device in announced.items():
            for field in ("name", "manufacturer", "model", "sw_version", "serial_number", "model_id"):
                if field in device and ours[key].get(field) != device[field]:
                    yield f"{key}: {field} is {ours[key].get(field)}, not {device[field]}"
            parent = ours.get(device.get("via_device"), {}).get("id")
            if ours[key]["via_device_id"] != parent:
                yield f"{key}: is not joined to the bridge"

    def shown(self, component, payload):
        """The state that Home Assistant should have for what the topic says."""
        platform = component["platform"]
        if platform == "binary_sensor":
            return {component["payload_on"]: "on", component["payload_off"]: "off"}[payload]
        if platform == "switch":
            return payload.lower()
        return "unknown" if payload in ("None", "") else payload

    def untrue(self, entities, states, retained):
        """What Home Assistant shows otherwise than the broker has it."""
        for component, device in self.world.components():
            entity = entities.get(component["unique_id"])
            if entity is None or entity["disabled_by"] or component["platform"] == "event":
                continue
            state = states.get(entity["entity_id"], {}).get("state", "no state")
            topics = component.get("availability", [])
            available = all(retained.get(a["topic"]) == a["payload_available"] for a in topics)
            payload = retained.get(component["state_topic"])
            wanted = "unavailable" if not available else "unknown" if payload is None else self.shown(component, payload)
            same = state == wanted
            if not same and re.fullmatch(r"-?[0-9.]+", wanted) and re.fullmatch(r"-?[0-9.]+", state):
                same = float(state) == float(wanted)
            if not same:
                yield f"{entity['entity_id']}: {state}, not {wanted}"

    async def settle(self, patience=40):
        """Until the registry is as announced and every state as at the broker."""
        problems = []

        async def settled():
            entities = await self.home.entities()
            problems[:] = self.differences(entities, await self.home.devices())
            problems.extend(self.untrue(entities, await self.home.states(), self.world.ear.retained))
            return not problems

        await eventually(settled, patience, lambda: problems)

    async def state(self, unique_id):
        entity = (await self.home.entities()).get(unique_id)
        return (await self.home.states()).get(entity["entity_id"], {}).get("state") if entity else None

    async def becomes(self, unique_id, wanted, patience=30):
        last = []

        async def there():
            last[:] = [await self.state(unique_id)]
            return last[0] == wanted if isinstance(wanted, str) else wanted(last[0])

        await eventually(there, patience, lambda: f"{unique_id} is {last}")

    async def id_of(self, unique_id):
        return (await self.home.entities())[unique_id]["entity_id"]

    def plug(self, unit, words):
        stdin = self.world.units[unit].running.stdin
        stdin.write(f"{words}\n".encode())
        stdin.flush()

    def topic(self, leaf):
        return leaf.removeprefix("../") if leaf.startswith("../") else "twcbridge/" + leaf

    async def says(self, leaf, wanted, patience=30):
        """The broker has it."""
        retained = self.world.ear.retained
        topic = self.topic(leaf)
        await eventually(
            lambda: wanted(retained.get(topic)) if callable(wanted) else retained.get(topic) == wanted,
            patience,
            lambda: f"{topic} is {retained.get(topic)}",
        )

    # The steps.

    async def begins(self):
        """it is onboarded, joined to the broker, and finds both chargers and the bridge"""
        await self.world.start()
        await self.home.start()
        await self.home.onboard()
        print(f"Home Assistant {'.'.join(map(str, self.home.version))}, discovery: {self.discovery}", flush=True)
        await self.home.add_mqtt(self.world.port)
        await self.says("charger/5893/status", "online")
        await self.says("charger/0417/status", "online")
        await self.says("charger/5893/charging", "ON", 90)
        await self.settle()

    async def number_reaches_the_wire(self):
        """number.set_value becomes a limit in force"""
        number = await self.id_of("twcbridge_bridge_total_limit")
        await self.home.call("number.set_value", entity_id=number, value=14)
        await self.says("total_limit", "14")
        await self.says("charger/5893/limit_in_force", lambda value: value and float(value) <= 8)
        await self.becomes("twcbridge_bridge_total_limit", lambda state: state and float(state) == 14)
        assert self.world.ear.payloads(self.topic("total_limit/set")) == ["14"]
        number = await self.id_of("twcbridge_5893_limit")
        await self.home.call("number.set_value", entity_id=number, value=6.5)
        await self.says("charger/5893/limit", "6.5")
        await self.says("charger/5893/limit_in_force", lambda value: value and float(value) <= 6.5)
        await self.home.call("number.set_value", entity_id=number, value=32)
        await self.says("charger/5893/limit", "32")
        await self.settle()

    async def switch_reaches_the_wire(self):
        """switch.turn_off stops the offer, switch.turn_on brings it back"""
        switch = await self.id_of("twcbridge_0417_charge")
        await self.home.call("switch.turn_off", entity_id=switch)
        await self.says("charger/0417/charge", "OFF")
        await self.says("charger/0417/limit_in_force", "0", 60)
        await self.becomes("twcbridge_0417_state", "paused", 60)
        await self.becomes("twcbridge_0417_charging", "off", 60)
        await self.home.call("switch.turn_on", entity_id=switch)
        await self.becomes("twcbridge_0417_charging", "on", 90)

    async def select_reaches_the_wire(self):
        """select.select_option changes the mode of all, and of one"""
        select = await self.id_of("twcbridge_bridge_mode")
        await self.home.call("select.select_option", entity_id=select, option="off")
        await self.says("mode", "off")
        await self.says("charger/0417/limit_in_force", "0", 60)
        await self.becomes("twcbridge_bridge_mode", "off")
        await self.home.call("select.select_option", entity_id=select, option="fast")
        await self.says("mode", "fast")
        select = await self.id_of("twcbridge_5893_mode")
        for option in ("solar_min", "site"):
            await self.home.call("select.select_option", entity_id=select, option=option)
            await self.becomes("twcbridge_5893_mode", option)
        await self.settle()

    async def text_sets_the_schedule(self):
        """text.set_value is a schedule, and an empty one takes it away"""
        text = await self.id_of("twcbridge_bridge_schedule")
        lines = "mon-fri 23:00-06:00 fast 16 A; sat,sun 12:00-14:00 solar_min"
        for value, wanted in ((lines, lines), ("", "none")):
            await self.home.call("text.set_value", entity_id=text, value=value)
            await self.says("schedule", wanted)
            await self.becomes("twcbridge_bridge_schedule", wanted)
        await self.settle()

    async def shows_events(self):
        """a plug that is pulled and put in again is an event"""
        for word, happened in (("unplug", "vehicle_disconnected"), ("plug", "vehicle_connected")):
            self.plug("yard", f"{word} 0417")
            event = await self.id_of("twcbridge_0417_event")

            async def told():
                attributes = (await self.home.states())[event]["attributes"]
                return attributes.get("event_type") == happened

            await eventually(told, 30, lambda: happened)
        await self.becomes("twcbridge_0417_charging", "on", 120)

    async def takes_solar_values(self):
        """number.set_value on Grid input, once enabled, is a value at the meter"""
        await self.enable("twcbridge_bridge_grid_input")
        number = await self.id_of("twcbridge_bridge_grid_input")
        for value in (-3120, 410.5):
            await self.home.call("number.set_value", entity_id=number, value=value)
            await self.says("grid_power", str(int(value)))
            await self.becomes("twcbridge_bridge_grid_power", lambda state: float(state) == int(value))
        await self.says("input_stale", "OFF")
        await self.settle()

    async def enable(self, unique_id):
        if unique_id in self.enabled:
            return
        self.enabled.add(unique_id)
        entity_id = await self.id_of(unique_id)
        await self.home.ask("config/entity_registry/update", entity_id=entity_id, disabled_by=None)
        # It waits for half a minute in case that more are enabled.
        await self.becomes(unique_id, lambda state: state not in (None, "unavailable"), 60)

    async def foreign(self, platform, name, state, **more):
        """A sensor or switch of somebody else, as the automations name them."""
        key = name.lower().replace(" ", "_")
        document = {"name": name, "unique_id": key, "state_topic": f"house/{key}", **more}
        self.world.publish(f"homeassistant/{platform}/{key}/config", json.dumps(document))
        await eventually(lambda: self.exists(f"{platform}.{key}"), 20, lambda: key)
        self.world.publish(f"house/{key}", state)

    async def exists(self, entity_id):
        return entity_id in await self.home.states()

    async def shown_automations_work(self):
        """every automation of docs/homeassistant.md, the blueprint and the script are loaded, and do it"""
        await self.enable("twcbridge_bridge_grid_input")
        watts = {"unit_of_measurement": "W", "device_class": "power"}
        for name, state, more in (
            ("Grid power", "-500", watts), ("Solar power", "1.5", watts | {"unit_of_measurement": "kW"}),
            ("Oven power", "0", watts), ("Electricity price", "0.31", {}), ("My car battery", "60", {}),
        ):  # fmt: skip
            await self.foreign("sensor", name, state, **more)
        await self.foreign("switch", "My car charge", "ON", command_topic="house/my_car_charge")
        names = await self.names()
        documents.write(self.home.folder, names, ("23:00:00", "06:00:00"))
        checked = await self.home.post("/api/config/core/check_config")
        assert checked["result"] == "valid" and not checked.get("warnings"), checked
        night = documents.soon(40), documents.soon(60)
        aliases = documents.write(self.home.folder, names, night)
        await self.home.call("automation.reload")
        await self.home.call("script.reload")
        loaded = {
            state["attributes"]["friendly_name"]: state["state"]
            for key, state in (await self.home.states()).items()
            if key.startswith("automation.")
        }
        assert loaded == dict.fromkeys(aliases, "on"), loaded

        # At night, and after it.
        await self.says("charger/5893/mode", "fast", 60)
        await self.says("charger/5893/mode", "site", 40)
        # The script.
        await self.home.call("script.charge_now")
        await self.says("charger/5893/boost_minutes", "120")
        await self.home.call(
            "number.set_value", entity_id=await self.id_of("twcbridge_5893_boost_minutes"), value=0
        )
        await self.says("charger/5893/boost_minutes", "0")
        # Values for the input: of the automation, and of the blueprint, which turns the sign and knows kW.
        self.world.publish("house/grid_power", "-640")
        await self.heard("input/grid", "-640")
        self.world.publish("house/solar_power", "1.6")
        await self.heard("input/grid", lambda payload: float(payload) == -1600)
        # The tariff, the oven, the battery, the car.
        for topic, payload, leaf, wanted in (
            ("house/electricity_price", "0.12", "total_limit", "32"),
            ("house/electricity_price", "0.34", "total_limit", "8"),
            ("house/electricity_price", "0.15", "total_limit", "32"),
            ("house/oven_power", "2100", "charger/5893/limit", "6"),
            ("house/oven_power", "20", "charger/5893/limit", "16"),
            ("twcbridge/charger/5893/vehicle_request", "stop", "../house/my_car_charge", "OFF"),
            ("twcbridge/charger/5893/vehicle_request", "start", "../house/my_car_charge", "ON"),
            ("house/my_car_battery", "81", "charger/5893/charge", "OFF"),
        ):
            self.world.publish(topic, payload)
            await self.says(leaf, wanted)
        # The end of the charge, which is notified and ends the stop at 80 %.
        self.plug("garage", "unplug 5893")
        await self.says("charger/5893/charge", "ON", 60)

        async def notified():
            everything = await self.home.ask("persistent_notification/get")
            return [one for one in everything if one["title"] and one["title"].startswith("Wall connector")]

        (notification,) = await eventually(notified, 30)
        assert notification["title"] == "Wall connector: session ended" and "kWh" in notification["message"]
        self.plug("garage", "plug 5893")
        await self.becomes("twcbridge_5893_charging", "on", 120)
        (self.home.folder / "automations.yaml").write_text("[]")
        await self.home.call("automation.reload")

    async def heard(self, leaf, wanted):
        matches = wanted if callable(wanted) else (lambda payload: payload == wanted)
        payloads = self.world.ear.payloads
        await eventually(lambda: any(map(matches, payloads(self.topic(leaf)))), 20, lambda: payloads(self.topic(leaf)))

    async def silence_is_unavailable(self):
        """a charger that goes silent: what it measures is unavailable, its settings and the other charger are not"""
        yard = self.world.units["yard"]
        yard.send(signal.SIGSTOP)
        try:
            await self.becomes("twcbridge_0417_power", "unavailable", 60)
            await self.settle()
            for key in ("limit", "charge", "energy"):
                assert await self.state(f"twcbridge_0417_{key}") != "unavailable", key
            assert await self.state("twcbridge_0417_link") == "off"
            assert await self.state("twcbridge_5893_power") != "unavailable"
        finally:
            yard.send(signal.SIGCONT)
        await self.becomes("twcbridge_0417_link", "on", 60)
        await self.settle()

    async def survives_its_own_restart(self):
        """Home Assistant restarts: all is there again, and the bridge has announced everything once more"""
        await self.home.restart()
        await self.settle()
        await eventually(lambda: "Home Assistant has started" in self.world.bridge.said(), 20)

    async def survives_a_broker_without_memory(self):
        """the broker restarts and has forgotten everything: all is there again"""
        await self.world.restart_broker()
        await self.says("status", "online", 60)
        await self.settle(90)
        await self.calms_down()

    async def sees_the_bridge_go(self):
        """the bridge ends, or dies: unavailable at once, connection off; later all is there again"""
        for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            self.world.bridge.stop(number)
            await self.becomes("twcbridge_bridge_connection", "off", patience)
            await self.becomes("twcbridge_5893_limit", "unavailable", patience)
            await self.says("status", "offline", 5)
            self.world.bridge.start()
            await self.says("status", "online", 60)
            await self.becomes("twcbridge_bridge_connection", "on")
            await self.settle(60)

    async def respects_a_deletion(self):
        """what a user deletes, entity or device, stays away until Home Assistant starts anew, then all is complete again"""
        # A bridge that has just started asks the units for serial number and firmware, and announces what it learns.
        await eventually(lambda: "sw_version" in json.loads(self.world.ear.retained[self.power_topic()])["device"])
        for delete in (self.delete_entity, self.delete_device):
            await self.calms_down()
            begun = len(self.world.ear.heard)
            said = self.world.bridge.said().count("deleted by somebody")
            cleared = await delete()
            await asyncio.sleep(5)
            heard = [message for message in self.world.ear.heard[begun:] if message[0] == self.power_topic()]
            assert {payload for _, payload, _ in heard} <= {""}, heard
            assert cleared == (self.world.bridge.said().count("deleted by somebody") > said)
            assert "twcbridge_5893_power" not in await self.home.entities()
            await self.home.restart()
            await self.settle()

    async def calms_down(self):
        """Until for 10 s nothing has been announced: versions of a document follow each other, and so do births."""
        before = None
        while before != (now := self.announced_so_far()):
            before = now
            await asyncio.sleep(10)

    def announced_so_far(self):
        births = self.world.bridge.said().count("Home Assistant has started")
        return births, sum(topic.endswith("/config") for topic, _, _ in self.world.ear.heard)

    def power_topic(self):
        endings = ("device/twcbridge_5893/config", "sensor/twcbridge_5893/power/config")
        return next(topic for topic in self.world.announcements() if topic.endswith(endings))

    async def delete_entity(self):
        """Whether Home Assistant took back the announcement: releases of 2026 leave it where other entities need it."""
        entity_id = await self.id_of("twcbridge_5893_power")
        await self.home.ask("config/entity_registry/remove", entity_id=entity_id)
        await asyncio.sleep(3)
        return self.world.ear.retained[self.power_topic()] == ""

    async def delete_device(self):
        devices = await self.home.devices()
        (device,) = [device for device in devices if ["mqtt", "twcbridge_5893"] in device["identifiers"]]
        (entry,) = device["config_entries"]
        await self.home.ask(
            "config/device_registry/remove_config_entry", device_id=device["id"], config_entry_id=entry
        )
        await eventually(lambda: self.world.ear.retained[self.power_topic()] == "", 20)
        return True

    async def finds_no_fault_with_energy(self):
        """energy/validate and recorder/validate_statistics have nothing to say after a charge"""
        await self.becomes("twcbridge_5893_energy", lambda state: state and float(state) > 0, 120)
        devices = [{"stat_consumption": await self.id_of(f"twcbridge_{key}_energy")} for key in ("5893", "0417")]
        if self.home.version >= (2025, 12):
            for device, key in zip(devices, ("5893", "0417"), strict=True):
                device["stat_rate"] = await self.id_of(f"twcbridge_{key}_power")
        await self.home.ask("energy/save_prefs", device_consumption=devices)

        issues = []

        # Statistics are made every five minutes, and until then it says that there are none.
        async def valid():
            found = await self.home.ask("energy/validate")
            issues[:] = [issue for part in found.values() for group in part for issue in group]
            return not issues

        await eventually(valid, 330, lambda: issues)
        found = await self.home.ask("recorder/validate_statistics")
        assert not found, found

    async def is_seen_in_a_browser(self):
        """the view of docs/homeassistant.md and the Energy dashboard, drawn by its frontend, show our values"""
        await self.home.restart(meanwhile=self.home.end_onboarding)
        names = await self.names()
        path = "wall-connectors"
        await self.home.ask("lovelace/dashboards/create", url_path=path, title="Wall connectors")
        await self.home.ask("lovelace/config/save", url_path=path, config={"views": [documents.view(names)]})
        metadata = {"has_mean": False, "has_sum": True, "name": None, "source": "recorder", "unit_of_measurement": "kWh",
                    "statistic_id": names["sensor.wall_connector_5893_energy"]}  # fmt: skip
        if self.home.version >= (2025, 11):
            metadata |= {"mean_type": 0, "unit_class": "energy"}
        await self.home.ask("recorder/import_statistics", metadata=metadata, stats=documents.day_of_charging())
        await self.browser.start()
        await self.browser.log_in(self.home.url, self.home.token)
        await self.becomes("twcbridge_5893_state", "charging", 60)
        seen = ["Charging mode", "solar_min", "Garage", "State", "charging", "Why", "This session", "Limit", "Drawn", "Surplus"]
        await self.browser.sees(f"{self.home.url}/{path}/0", [*seen, await self.state("twcbridge_5893_reason")])
        await self.take_picture("dashboard.png", 1000, 620)
        total = f"{documents.day_of_charging()[-1]['sum']:g} kWh"  # earlier releases write it into the chart only
        seen = ["Wall Connector 5893", total] if self.home.version >= (2026, 1) else ["Wall Connector 5893"]
        await self.browser.sees(self.home.url + "/energy", seen)
        await self.take_picture("energy-dashboard.png", 1000, 620)

    async def take_picture(self, name, width, height):
        if self.pictures:
            await self.browser.picture(pathlib.Path(self.pictures) / name, width, height)

    async def names(self):
        """The entity ids of the documents → those that this release made."""
        entities = await self.home.entities()
        return {c["default_entity_id"]: entities[c["unique_id"]]["entity_id"] for c, _ in self.world.components()}

    async def has_nothing_to_complain(self):
        """no warning and no error in its log, and nothing of ours came with less than QoS 1"""
        assert not self.world.ear.careless, self.world.ear.careless
        await self.home.connect()  # nobody listened while the browser was at work
        issues = (await self.home.ask("repairs/list_issues"))["issues"]
        not_ours = ("http", "homeassistant")  # its port and its Python
        assert not [issue for issue in issues if issue["domain"] not in not_ours], issues
        records = re.split(r"^(?=\d{4}-\d\d-\d\d )", self.home.log(), flags=re.MULTILINE)
        complaints = [
            record
            for record in records
            if re.match(r"\S+ \S+ (WARNING|ERROR|CRITICAL)", record) and not NOT_OURS.search(record)
        ]
        assert not complaints, "\n".join(complaints)

    steps = (
        begins, number_reaches_the_wire, switch_reaches_the_wire, select_reaches_the_wire,
        text_sets_the_schedule, shows_events,
        silence_is_unavailable, survives_its_own_restart, survives_a_broker_without_memory, sees_the_bridge_go,
        respects_a_deletion, takes_solar_values, shown_automations_work, finds_no_fault_with_energy, is_seen_in_a_browser,
        has_nothing_to_complain,
    )  # fmt: skip

    async def run(self, wanted):
        failures = 0
        try:
            for step in self.steps:
                if wanted and step.__name__ not in ("begins", *wanted):
                    continue
                # Automations and cards are shown in the words of later releases.
                of_today = (Scenario.shown_automations_work, Scenario.is_seen_in_a_browser)
                if self.discovery == "component" and step in of_today:
                    continue
                began = time.monotonic()
                try:
                    await step(self)
                    verdict = "passed"
                except Exception:  # one step's failure must not hide the others
                    failures += 1
                    verdict = "FAILED"
                    traceback.print_exc(limit=-4)
                print(f"  {verdict:6} {time.monotonic() - began:4.0f} s  {step.__doc__}", flush=True)
                if failures and step is self.steps[0]:
                    break
        finally:
            await self.browser.stop()
            await self.home.stop()
            await self.world.stop()
        return failures


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--step", action="append", default=[])
    arguments.add_argument("--pictures", metavar="FOLDER", help="where to put what the browser shows")
    arguments.add_argument("program")
    arguments.add_argument("discovery", choices=("device", "component"))
    arguments.add_argument("python", nargs="+")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="twcbridge-home-") as name:
        folder = pathlib.Path(name)
        scenario = Scenario(folder, given.program, given.discovery, given.python, given.pictures)
        failures = asyncio.run(scenario.run(given.step))
        if failures:
            for log in (folder / "bridge.log", folder / "home" / "home-assistant.log"):
                if log.exists():
                    print(f"-- the end of {log.name}:\n" + log.read_text(errors="replace")[-6000:])
    sys.exit(1 if failures else 0)


main()
