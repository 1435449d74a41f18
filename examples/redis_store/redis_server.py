"""A Redis server for tests: made for one test run, on a socket in a folder of its own."""

import shutil
import subprocess
from pathlib import Path

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

SERVER = shutil.which("redis-server") or shutil.which("valkey-server")


class RedisServer:
    """One that keeps all that it acknowledged; `kill` ends it at once, `start` begins it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{folder}/redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it answers."""
        assert SERVER is not None
        settings = {
            "port": "0",
            "unixsocket": f"{self._folder}/redis.sock",
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "logfile": f"{self._folder}/redis.log",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen([SERVER, *options])
        patience = Retry(ConstantBackoff(0.05), 200)
        with redis.Redis.from_url(self.url, retry=patience) as client:
            client.ping()

    def kill(self) -> None:
        """End at once, with nothing written that wasn't yet."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
