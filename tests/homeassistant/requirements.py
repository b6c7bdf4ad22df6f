"""Writes what pip needs to know beside the package homeassistant itself: constraints.txt and requirements.txt.

usage: requirements.py FOLDER     (the Python of an environment that has the bare package)
"""

import importlib.metadata
import importlib.util
import json
import pathlib
import shutil
import sys

# What the test configures, and what Home Assistant always loads.
WANTED = """mqtt frontend recorder history energy automation script template system_log api config websocket_api
analytics application_credentials backup hardware labs logger network system_health homeassistant
person scene tag zone counter input_boolean input_button input_datetime input_number input_select input_text schedule
timer persistent_notification hassio conversation camera tts assist_pipeline infrared""".split()

folder = pathlib.Path(sys.argv[1])
package = pathlib.Path(importlib.util.find_spec("homeassistant").origin).parent
components = package / "components"
seen, needed = set(), set()


def collect(name):
    manifest = components / name / "manifest.json"
    if name in seen or not manifest.exists():
        return
    seen.add(name)
    content = json.loads(manifest.read_text())
    needed.update(content.get("requirements", []))
    for other in content.get("dependencies", []):
        collect(other)


for integration in WANTED:
    collect(integration)
# What releases of that time forgot to forbid.
year, month = map(int, importlib.metadata.version("homeassistant").split(".")[:2])
if (year, month) < (2025, 5):
    needed.add("josepy<2")
(folder / "requirements.txt").write_text("\n".join(sorted(needed)) + "\n")
shutil.copy(package / "package_constraints.txt", folder / "constraints.txt")
