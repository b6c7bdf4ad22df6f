"""What docs/homeassistant.md shows, as Home Assistant would get it from somebody who copied it."""

import datetime
import pathlib
import re
import shutil
import zoneinfo

import yaml

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")  # see home_assistant.py
DOCS = pathlib.Path(__file__).parents[2] / "docs"


def shown():
    """Every YAML block, by its alias or title."""
    text = (DOCS / "homeassistant.md").read_text()
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]
    return {block.get("alias") or block["title"]: block for block in blocks}


def renamed(value, names):
    """With the entity ids that this Home Assistant gave them."""
    if isinstance(value, dict):
        return {key: renamed(child, names) for key, child in value.items()}
    if isinstance(value, list):
        return [renamed(child, names) for child in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\b[a-z_]+\.wall_connector_[a-z0-9_]+", lambda found: names.get(found[0], found[0]), value)


def view(names):
    """The dashboard, as of the last minutes: this house is younger than a day."""
    shown_view = renamed(shown()["Charging"], names)
    for card in shown_view["cards"]:
        if "hours_to_show" in card:
            card["hours_to_show"] = 0.25
    return shown_view


def day_of_charging():
    """Hourly statistics of an energy counter up to now, so that the Energy dashboard has something to draw."""
    hour = datetime.datetime.now(ZONE).replace(minute=0, second=0, microsecond=0)
    drawn = [0.75, 1.5, 2.75, 3.5, 2.25, 1.25][-max(1, hour.hour) :]  # of today
    total, rows = 0, []
    for number, amount in enumerate(drawn):
        total += amount
        start = hour - datetime.timedelta(hours=len(drawn) - number if hour.hour else 0)
        rows.append({"start": start.isoformat(), "state": total, "sum": total})
    return rows


def soon(seconds):
    """A time of the day in Home Assistant's zone."""
    return (datetime.datetime.now(ZONE) + datetime.timedelta(seconds=seconds)).strftime("%H:%M:%S")


def write(folder, names, night):
    """automations.yaml and scripts.yaml; `night` are the times in place of 23:00 and 6:00."""
    folder = pathlib.Path(folder)
    automations = [block for block in shown().values() if "triggers" in block]
    for number, automation in enumerate(automations):
        automation["id"] = f"shown_{number}"
    by_alias = {automation["alias"]: automation for automation in automations}
    for trigger, at in zip(by_alias["Charge at night"]["triggers"], night, strict=True):
        trigger["at"] = at
    automations.append({
        "id": "by_blueprint", "alias": "By blueprint",
        "use_blueprint": {
            "path": "twcbridge/solar_values.yaml",
            "input": {
                "source": "sensor.solar_power", "target": "number.wall_connector_bridge_grid_input",
                "export_is_positive": True,
            },
        },
    })  # fmt: skip
    script = shown()["Charge now for two hours"]
    (folder / "automations.yaml").write_text(yaml.safe_dump(renamed(automations, names)))
    (folder / "scripts.yaml").write_text(yaml.safe_dump({"charge_now": renamed(script, names)}))
    target = folder / "blueprints" / "automation" / "twcbridge"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(DOCS / "blueprints" / "solar_values.yaml", target)
    return [automation["alias"] for automation in automations]
