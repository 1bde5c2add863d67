"""Answers /sum?a=1&b=2 with JSON, everything else with 404."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlparse(self.path)
        if url.path != "/sum":
            return self.send_error(404)
        words = parse_qs(url.query)
        try:
            body = json.dumps({"sum": sum(int(words[k][0]) for k in ("a", "b"))}).encode()
        except (KeyError, ValueError):
            return self.send_error(400)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
