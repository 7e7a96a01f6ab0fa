"""As much of the Hugging Face Hub's HTTP API as publishing to it takes, in memory."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class HubServer:
    """Repositories, each a list of commits; a commit is all of its files."""

    def __init__(self) -> None:
        self.repos: dict[str, list[dict[str, bytes]]] = {}
        self.private: dict[str, bool] = {}
        self.tokens: set[str | None] = set()
        self.refuse_commits = False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def files(self, repo: str) -> dict[str, bytes]:
        """What the last commit holds."""
        return self.repos[repo][-1]

    def sha(self, repo: str) -> str:
        return f"{len(self.repos[repo]):040x}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def create(self, asked: dict[str, Any]) -> tuple[int, Any]:
        repo = f"{asked.get('organization') or 'me'}/{asked['name']}"
        if repo in self.repos:
            return 409, {
                "error": "You already created this model repo",
                "url": f"{self.url}/{repo}",
            }
        self.repos[repo], self.private[repo] = [{}], asked["visibility"] == "private"
        return 200, {"url": f"{self.url}/{repo}", "name": repo}

    def commit(self, repo: str, lines: bytes) -> tuple[int, Any]:
        if self.refuse_commits:
            return 400, {"error": "no room"}
        files = dict(self.files(repo))
        for line in map(json.loads, lines.splitlines()):
            if line["key"] == "file":
                files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
        self.repos[repo].append(files)
        oid = self.sha(repo)
        return 200, {"commitUrl": f"{self.url}/{repo}/commit/{oid}", "commitOid": oid}

    def entries(self, repo: str) -> list[dict[str, Any]]:
        made = [
            {
                "type": "file",
                "path": path,
                "size": len(content),
                "oid": hashlib.sha1(content).hexdigest(),
            }
            for path, content in self.files(repo).items()
        ]
        folders = {
            "/".join(path.split("/")[:depth])
            for path in self.files(repo)
            for depth in range(1, path.count("/") + 1)
        }
        return made + [
            {"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in folders
        ]

    def post(self, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        _, _, kind, *repo, verb, _ = path.split("/")
        name = "/".join(repo)
        if kind != "models" or name not in self.repos:
            return 404, {"error": "Repository not found"}
        if verb == "preupload":
            modes = [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in json.loads(body)["files"]
            ]
            return 200, {"files": modes}
        if verb == "commit":
            return self.commit(name, body)
        if verb == "paths-info":
            asked = parse_qs(body.decode())["paths"]
            return 200, [entry for entry in self.entries(name) if entry["path"] in asked]
        return 404, {"error": f"{verb}?"}

    def get(self, path: str) -> tuple[int, Any, dict[str, str]]:
        parts = path.strip("/").split("/")
        api = parts[0] == "api"
        repo = "/".join(parts[2:4] if api else parts[:2])
        if repo not in self.repos:
            return 404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"}
        if not api:
            content = self.files(repo).get("/".join(parts[4:]))
            if content is None:
                return 404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound"}
            etag = f'"{hashlib.sha1(content).hexdigest()}"'
            return 200, content, {"ETag": etag, "X-Repo-Commit": self.sha(repo)}
        if len(parts) > 4 and parts[4] == "tree":
            below = "/".join(parts[6:])
            found = [
                entry for entry in self.entries(repo) if entry["path"].rpartition("/")[0] == below
            ]
            return (200, found, {}) if found or not below else (404, {}, _NO_ENTRY)
        return 200, {"id": repo, "sha": self.sha(repo), "private": True, "siblings": []}, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                hub.tokens.add(self.headers.get("Authorization"))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._answer(*hub.post(unquote(urlsplit(self.path).path), body), {})

            def do_GET(self) -> None:
                self._answer(*hub.get(unquote(urlsplit(self.path).path)))

            do_HEAD = do_GET

            def _answer(self, status: int, content: Any, headers: dict[str, str]) -> None:
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        return Handler


_NO_ENTRY = {"X-Error-Code": "EntryNotFound"}
