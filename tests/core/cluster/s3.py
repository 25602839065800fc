"""An S3 server on this computer, by moto."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

NEEDED = ("moto.server", "s3fs")


@contextlib.contextmanager
def serving() -> Iterator[tuple[dict[str, str], Any]]:
    """Yield the environment by which it is found, and fsspec's file system with an empty `bucket`."""
    import requests
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environment = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        system = s3fs.S3FileSystem(
            key="testing", secret="testing", endpoint_url=environment["AWS_ENDPOINT_URL"], skip_instance_cache=True
        )
        system.mkdir("bucket")
        yield environment, system
    finally:
        s3fs.S3FileSystem.clear_instance_cache()  # the next server has another port
        requests.post(f"{environment['AWS_ENDPOINT_URL']}/moto-api/reset", timeout=10).close()
        server.stop()
