from __future__ import annotations

import contextlib
import hashlib
import http.server
import io
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision import models

from core.base.control import Control, Stopped
from core.base.errors import CheckpointError, ConfigError
from core.base.events import Event, Progress, ignore
from core.base.files import cache_folder
from core.base.tensor_files import read_state_dict
from core.model import weights
from core.model.backbone import Backbone, build_backbone
from core.settings.config import BackboneConfig
from tests.core.model.tiny import stir

Tensors = dict[str, Tensor]


def trunk() -> nn.Module:
    """The first half of a small ResNet, as torchvision names it."""
    model = models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1])
    model.layer3 = model.layer4 = model.fc = nn.Identity()  # type: ignore[assignment]
    return model


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    """The state dict of such a trunk, with a classifier."""
    torch.manual_seed(9)
    model = trunk()
    stir(model)
    return model.state_dict() | {"fc.weight": torch.ones(10, 128), "fc.bias": torch.ones(10)}


def built(weights_setting: str) -> Backbone:
    return build_backbone(BackboneConfig(name="resnet18", weights=weights_setting, trainable_blocks="none"))


class Server:
    """Answers each path with its bytes, on 127.0.0.1, and counts."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                body = outer.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                half = len(body or b"") // 2
                self.wfile.write((body or b"")[:half])
                self.wfile.flush()
                outer.goes_on.wait(60)
                with contextlib.suppress(OSError):  # nobody wants it any more
                    self.wfile.write((body or b"")[half:])

            def log_message(self, *words: object) -> None:
                pass

        self.goes_on = threading.Event()
        """Until then only the first half of each file is sent."""
        self.goes_on.set()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.goes_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    made = Server()
    yield made
    made.close()


def published(server: Server, body: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put the bytes on the server as torchvision would; returns the file's name."""
    name = f"resnet18-{hashlib.sha256(body).hexdigest()[:8]}.pth"
    server.files[f"/{name}"] = body
    monkeypatch.setattr(weights, "imagenet_url", lambda backbone: f"{server.url}/{name}")
    return name


BODY = bytes(range(256)) * 4000


def test_imagenet_weights_are_downloaded_once_with_progress(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = published(server, BODY, monkeypatch)
    events: list[Event] = []
    file = weights.imagenet_file("resnet18", events.append)
    assert file == cache_folder("weights") / name
    assert file.read_bytes() == BODY
    last = events[-1]
    assert isinstance(last, Progress)
    assert (last.stage, last.unit, last.done, last.total) == ("download weights", "byte", len(BODY), len(BODY))
    assert weights.imagenet_file("resnet18", ignore) == file
    assert server.asked == 1


def test_a_network_that_falls_silent_is_paused_and_stopped(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = published(server, BODY, monkeypatch)
    server.goes_on.clear()
    control, told = Control(), list[bool]()

    def hear(paused: bool) -> None:
        told.append(paused)
        if paused:
            threading.Thread(target=control.stop).start()

    with control.reporting_pauses(hear), pytest.raises(Stopped):
        weights.imagenet_file("resnet18", lambda event: control.pause(), control)
    assert told == [True, False]
    folder = cache_folder("weights")
    assert [file.name for file in folder.iterdir() if file.suffix != ".lock"] == []
    server.goes_on.set()
    assert weights.imagenet_file("resnet18", ignore).read_bytes() == BODY
    assert (folder / name).exists()


def test_who_waits_for_the_download_of_another_process_can_be_stopped(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = published(server, BODY, monkeypatch)
    control = Control()
    folder = cache_folder("weights")
    folder.mkdir(parents=True)
    with FileLock((folder / name).with_suffix(".lock")):
        threading.Timer(0.3, control.stop).start()
        with pytest.raises(Stopped):
            weights.imagenet_file("resnet18", ignore, control)
    assert server.asked == 0


def test_a_backbone_takes_what_was_downloaded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(9)
    model = models.resnet18(weights=None).eval()
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    published(server, buffer.getvalue(), monkeypatch)
    backbone = build_backbone(BackboneConfig(name="resnet18", weights="imagenet", trainable_blocks="layer4"))
    assert torch.equal(backbone.learnable.layer4[1].conv2.weight, model.layer4[1].conv2.weight)
    assert server.asked == 1


def test_a_damaged_file_in_the_cache_is_downloaded_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = published(server, BODY, monkeypatch)
    file = cache_folder("weights") / name
    file.parent.mkdir(parents=True)
    file.write_bytes(BODY[:-100])
    assert weights.imagenet_file("resnet18", ignore).read_bytes() == BODY
    assert server.asked == 1


@pytest.mark.parametrize("fault", ["closed port", "not there", "damaged"])
def test_a_failed_download_says_which_file_to_put_where(
    fault: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = published(server, BODY, monkeypatch)
    url = f"{server.url}/{name}"
    if fault == "closed port":
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}/{name}"
        monkeypatch.setattr(weights, "imagenet_url", lambda backbone: url)
    elif fault == "not there":
        server.files.clear()
    else:
        server.files[f"/{name}"] = BODY[:1000] + b"x" + BODY[1001:]
    with pytest.raises(CheckpointError) as caught:
        weights.imagenet_file("resnet18", ignore)
    folder = cache_folder("weights")
    sentence = str(caught.value)
    assert url in sentence
    assert f"Put the file {name} into {folder}" in sentence
    assert "(--weights FILE) or none" in sentence
    assert [file.name for file in folder.iterdir() if file.suffix != ".lock"] == []
    (folder / name).write_bytes(BODY)  # the user does as told
    assert weights.imagenet_file("resnet18", ignore) == folder / name


def test_torchvision_is_asked_for_the_first_edition() -> None:
    for name in ("resnet18", "resnet50"):
        assert re.fullmatch(rf"https://.*/{name}-[0-9a-f]{{8}}\.pth", weights.imagenet_url(name))
    assert weights.imagenet_url("resnet50").endswith("resnet50-0676ba61.pth")


def numbered(tensors: Tensors) -> Tensors:
    """As `nn.Sequential(*list(resnet.children())[:-1])` names them."""
    stages = dict(zip(("conv1", "bn1", "layer1", "layer2"), "0145", strict=True))
    return {
        f"{stages[stage]}.{rest}": value
        for (stage, _, rest), value in ((name.partition("."), value) for name, value in tensors.items())
        if stage != "fc"
    }


def prefixed(prefix: str, tensors: Tensors) -> Tensors:
    return {prefix + name: value for name, value in tensors.items()}


def zeroed(tensors: Tensors) -> Tensors:
    return {name: torch.zeros_like(value) for name, value in tensors.items()}


LAYOUTS: dict[str, Callable[[Tensors], object]] = {
    "torchvision": lambda own: own,
    "without counters": lambda own: {name: own[name] for name in own if not name.endswith("tracked")},
    "lightning": lambda own: {"epoch": 3, "state_dict": prefixed("backbone.", own), "optimizer": {"state": {0: own}}},
    "moco": lambda own: {
        "state_dict": prefixed("module.encoder_k.", zeroed(own)) | prefixed("module.encoder_q.", own),
        "arch": "resnet18",
    },
    "byol, numbered": lambda own: {
        "target_network_state_dict": prefixed("encoder.", numbered(zeroed(own))),
        "online_network_state_dict": prefixed("encoder.", numbered(own))
        | {"projetion.net.0.weight": torch.zeros(3, 3), "projetion.net.1.weight": torch.zeros(3)},
    },
    "byol, two encoders": lambda own: {
        "model": prefixed("module.target_encoder.net.", zeroed(own)) | prefixed("module.online_encoder.net.", own)
    },
    "byol, online encoder numbered": lambda own: prefixed("module.online_encoder.encoder.", numbered(own)),
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_every_layout_gives_the_same_weights(layout: str, suffix: str, tensors: Tensors, tmp_path: Path) -> None:
    path = tmp_path / f"weights{suffix}"
    torch.save(LAYOUTS[layout](tensors), tmp_path / "weights.pth")
    if suffix == ".safetensors":
        flat = read_state_dict(tmp_path / "weights.pth")
        save_file({name: value.clone() for name, value in flat.items()}, path)
    model = trunk()
    weights.fit_resnet(model, read_state_dict(path), str(path), "small")
    fitted = model.state_dict()
    assert set(fitted) == {name for name in tensors if not name.startswith("fc.")}
    assert all(torch.equal(value, tensors[name]) for name, value in fitted.items())


@pytest.mark.parametrize(("given", "asked"), [("resnet34", "resnet18"), ("resnet18", "resnet34")])
def test_another_architecture_is_named_with_the_first_difference(given: str, asked: str) -> None:
    with torch.device("meta"):
        file, model = (models.get_model(name, weights=None) for name in (given, asked))
    with pytest.raises(CheckpointError, match=rf"f.pth does not fit {asked}: layer1\.2\.conv1\.weight is .*absent.*"):
        weights.fit_resnet(model, file.state_dict(), "f.pth", asked)


def test_a_file_without_a_resnet_says_so(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(nn.Linear(2, 3).state_dict(), path)
    with pytest.raises(CheckpointError, match=r"is not a ResNet.*it has weight"):
        built(str(path))


def test_a_misspelt_setting_is_no_file() -> None:
    with pytest.raises(ConfigError, match=r"backbone.weights = 'imagnet' is neither imagenet, none nor a file"):
        built("imagnet")


class Payload:
    """Makes a folder when unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.marker),)


def test_a_pickle_with_code_is_refused_and_does_not_run(tensors: Tensors, tmp_path: Path) -> None:
    path, marker = tmp_path / "weights.pth", tmp_path / "it ran"
    torch.save({"state_dict": tensors, "args": Payload(marker)}, path)
    with pytest.raises(CheckpointError, match="holds more than tensors"):
        built(str(path))
    assert not marker.exists()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("content", [b"", b"hello world\n" * 9, b"PK\x03\x04 not a zip", b"\x80\x02}q\x00."])
def test_a_damaged_file_is_one_sentence(suffix: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=re.escape(str(path))):
        read_state_dict(path)


def test_a_missing_file_and_a_folder_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="There is no file"):
        read_state_dict(tmp_path / "none.pth")
    with pytest.raises(CheckpointError, match="is a folder"):
        read_state_dict(tmp_path)
