"""A headless Chromium, driven over its DevTools port: what a user would see."""

import asyncio
import base64
import json
import pathlib
import re

import aiohttp

from world import Process, eventually

# The frontend is made of web components, each with a tree of its own.
ALL_TEXT = """(() => {
  const texts = [];
  const walk = node => {
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent.trim());
    if (node.tagName === 'STYLE' || node.tagName === 'SCRIPT') return;
    for (const child of (node.shadowRoot ? node.shadowRoot.childNodes : [])) walk(child);
    for (const child of node.childNodes) walk(child);
  };
  walk(document.documentElement);
  return texts.filter(text => text).join('\\n');
})()"""


class Browser:
    def __init__(self, folder):
        self.folder, self.number = pathlib.Path(folder), 0
        words = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en",
                 "--hide-scrollbars", "--remote-debugging-port=0", f"--user-data-dir={self.folder}", "about:blank"]  # fmt: skip
        self.process = Process(words, self.folder.with_suffix(".log"))
        self.session = self.socket = None

    async def start(self):
        self.process.start()
        port = self.folder / "DevToolsActivePort"
        await eventually(lambda: port.exists() and port.read_text().count("\n"), 60, self.process.said)
        self.session = aiohttp.ClientSession()
        async with self.session.get(f"http://127.0.0.1:{port.read_text().split()[0]}/json/list") as answer:
            pages = [target for target in await answer.json() if target["type"] == "page"]
        self.socket = await self.session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0)

    async def stop(self):
        if self.session:
            await self.session.close()
        self.process.stop()

    async def ask(self, method, **parameters):
        self.number += 1
        await self.socket.send_json({"id": self.number, "method": method, "params": parameters})
        while True:
            answer = await self.socket.receive_json(timeout=60)
            if answer.get("id") == self.number:
                assert "result" in answer, f"{method}: {answer}"
                return answer["result"]

    async def evaluate(self, script):
        return (await self.ask("Runtime.evaluate", expression=script, returnByValue=True))["result"].get("value")

    async def log_in(self, url, token):
        """As a user who ticked "keep me logged in"."""
        await self.ask("Page.navigate", url=url + "/manifest.json")
        tokens = {"access_token": token, "token_type": "Bearer", "refresh_token": "", "expires_in": 86400,
                  "expires": 1 << 45, "hassUrl": url, "clientId": url + "/"}  # fmt: skip

        async def stored():
            return await self.evaluate(
                f"location.href.startsWith('{url}') && (localStorage.hassTokens = {json.dumps(json.dumps(tokens))}, true)"
            )

        await eventually(stored, 30)

    async def sees(self, url, texts, patience=120):
        """Opens the page and waits until each of the texts begins a line of it."""
        await self.ask("Page.navigate", url=url)
        page = []

        async def there():
            page[:] = [re.sub(r"[\u00a0\u202f]", " ", await self.evaluate(ALL_TEXT) or "")]
            return all("\n" + text in page[0] for text in texts)

        await eventually(there, patience, lambda: f"{texts} are not all on {url}:\n{page[0]}")

    async def picture(self, file, width, height):
        await self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        await asyncio.sleep(5)  # until what moves and what loads late are at rest
        shot = await self.ask("Page.captureScreenshot", format="png")
        pathlib.Path(file).write_bytes(base64.b64decode(shot["data"]))
