"""What a GPU makes of training and embedding; every part runs on a CPU too, in tiny sizes.

* `finetune`, frames/s: the trainer's steps with frames that stay on the device, that are sent ahead, and with the
  backbone's fixed part compiled; beside them the released way: videos decoded whole and augmented frame by frame
  through PIL in a data loader's processes, the step in float32 (and under autocast) with anomaly detection. The same
  batches' sizes, network and clips.
* Embedding, frames/s: of files and of stored frames as `core.embed` does it, and of frames in memory; as a fraction of
  the bare backbone's forward pass on frames that are on the device already, in the same precision, at its best batch
  size; and how much of the rate of a large matrix product that is.
* One process under torchrun (NCCL; gloo on a CPU): the losses of a process without it.
* The losses in bfloat16 beside those in float32. Memory at its peak. The tests marked `gpu`.

Exit status 1 where a part fails, or where on a GPU what is asked is not reached.

    python benchmarks/gpu.py [--tiny] [--device auto] [--out gpu.json] [--minutes 8]
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from device.embedding import embedding_rates, measure_roofline, runner_rate
from device.sizes import TINY, Sizes, draw_clips
from device.training import finetune, num_workers, released

from core.model.device import choose_device, describe
from core.video.frame_store import FrameStore

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Bench:
    """The run of the program: what was measured, and what was asked."""

    sizes: Sizes
    device: torch.device
    folder: Path
    ends: float
    """By the clock of `time.monotonic`."""
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    """What, how much, what was asked."""
    values: dict[str, Any] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    """Parts that failed, and what was asked and not reached."""
    train_paths: list[Path] = field(default_factory=list)
    embed_paths: list[Path] = field(default_factory=list)

    def add(self, name: str, value: float, shown: str, asked: float | None = None, *, is_upper: bool = False) -> None:
        """Note a value; `asked` is judged on a GPU alone."""
        self.values[name] = value
        sign = "<=" if is_upper else ">="
        self.rows.append((name, shown, "" if asked is None else f"{sign} {asked:g}"))
        print(f"  {name}: {shown}", flush=True)
        is_short = asked is not None and (value > asked if is_upper else value < asked)
        if is_short and self.device.type == "cuda":
            self.missed.append(f"{name}: {shown}, asked {sign} {asked:g}")

    def part(self, name: str, work: Callable[[Bench], None]) -> None:
        """Do a part as long as there is time; one that fails does not keep the others from being measured."""
        started = time.monotonic()
        if started > self.ends:
            self.missed.append(f"{name}: no time was left")
            return
        print(f"{name} ...", flush=True)
        try:
            work(self)
        except Exception:  # noqa: BLE001 - each part is a program of its own
            traceback.print_exc()
            self.missed.append(f"{name}: failed")
        self.values[f"seconds of {name}"] = round(time.monotonic() - started, 1)


def training(bench: Bench) -> None:
    """Frames a second of `finetune`, and its memory."""
    sizes, device = bench.sizes, bench.device
    videos = FrameStore(bench.folder / "frames", short_side=sizes.short_side, max_bytes=10**11).add(bench.train_paths)
    rates = {}
    ways = {
        "frames kept on the device": {},
        "frames sent ahead": {"frames__gpu_fraction": 0.0},
        "frames kept, compiled": {"train__compile": "on"},
    }
    for way, changed in ways.items():
        trained = finetune(sizes.config(**changed), videos, device)
        rates[way] = trained.rate(sizes.warm_steps)
        bench.add(f"finetune, {way}, frames/s", rates[way], f"{rates[way]:.1f}")
        if trained.peak_bytes:
            bench.add(f"finetune, {way}, peak GB", trained.peak_bytes / 1e9, f"{trained.peak_bytes / 1e9:.2f}")
        bench.values[f"finetune, {way}, notices"] = trained.notices
    bench.add("compiled / uncompiled", *_ratio(rates["frames kept, compiled"], rates["frames kept on the device"]))
    bench.values["processes of the released data loader"] = num_workers(sizes)
    base = 0.0
    for name, is_mixed in (("float32", False), ("autocast", True)):
        rate = released(sizes, bench.train_paths, device, is_mixed=is_mixed)
        base = max(base, rate)
        bench.add(f"as released, {name}, frames/s", rate, f"{rate:.1f}")
    bench.add("finetune / as released (its faster row)", *_ratio(rates["frames kept on the device"], base), asked=5.0)


def _ratio(one: float, other: float) -> tuple[float, str]:
    return one / other, f"{one / other:.2f}"


def precisions(bench: Bench) -> None:
    """The largest relative difference between the losses in bfloat16 and in float32."""
    sizes = bench.sizes
    videos = FrameStore(bench.folder / "frames", short_side=sizes.short_side, max_bytes=10**11).add(bench.train_paths)
    losses = {}
    for precision in ("float32", "bfloat16"):
        config = sizes.config(train__min_steps_per_epoch=sizes.loss_steps, train__precision=precision)
        losses[precision] = finetune(config, videos, bench.device).losses
        bench.values[f"losses in {precision}"] = losses[precision]
    pairs = zip(losses["bfloat16"], losses["float32"], strict=True)
    worst = max(abs(half - single) / abs(single) for half, single in pairs)
    bench.add(f"bfloat16 against float32 losses, {sizes.loss_steps} steps, largest difference", worst, f"{worst:.2%}")


def embedding(bench: Bench) -> None:
    """Frames a second of embedding as a fraction of the backbone's roofline."""
    roof = measure_roofline(bench.sizes, bench.device)
    name = str(roof.precision).removeprefix("torch.")
    best = roof.frames_per_second
    bench.add(f"bare backbone, {name}, {roof.batch} frames at once, frames/s", best, f"{best:.1f}")
    bench.add("bare backbone, fraction of the matrix product's rate", roof.fraction, f"{roof.fraction:.0%}")
    bench.values["matrix product, operations/s"] = roof.products_per_second
    bench.values["backbone, operations per frame"] = roof.operations_per_frame
    for row, compiles in (("frames in memory", False), ("frames in memory, compiled", True)):
        rate = runner_rate(bench.sizes, bench.device, compiles)
        bench.add(f"{row}, frames/s", rate, f"{rate:.1f}")
        bench.add(f"{row}, fraction of the bare backbone", rate / best, f"{rate / best:.0%}")
    for row, rate in embedding_rates(bench.sizes, bench.embed_paths, bench.device, bench.folder).items():
        bench.add(f"embedding {row}, frames/s", rate, f"{rate:.1f}")
        asked = 0.85 if row == "from stored frames" else None
        bench.add(f"embedding {row}, fraction of the bare backbone", rate / best, f"{rate / best:.0%}", asked)


def processes(bench: Bench) -> None:
    """The losses of one process under torchrun, beside those of one without."""
    program = Path(__file__).parent / "device" / "one_process.py"
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "1"]
    losses = {}
    for name, before in (("alone", []), ("torchrun", launcher)):
        out = bench.folder / f"{name}.json"
        words = ["tiny" if bench.sizes is TINY else "full", bench.device.type, bench.folder / "frames", out]
        command = [sys.executable, *before, program, *words, *bench.train_paths]
        paths = os.pathsep.join([str(Path(__file__).parent), str(ROOT), os.environ.get("PYTHONPATH", "")])
        subprocess.run(list(map(str, command)), check=True, env=os.environ | {"PYTHONPATH": paths}, cwd=ROOT)
        found = json.loads(out.read_text())
        assert found["is_group"] == (name == "torchrun"), "torchrun was not noticed"
        losses[name] = found["losses"]
    worst = max(abs(one - other) / abs(other) for one, other in zip(losses["torchrun"], losses["alone"], strict=True))
    backend = "NCCL" if bench.device.type == "cuda" else "gloo"
    bench.add(f"{backend}, one process: largest difference of losses", worst, f"{worst:.1e}", 1e-3, is_upper=True)


def marked_tests(bench: Bench) -> None:
    """The tests marked `gpu`."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider", "-n", "0"]
    done = subprocess.run(
        [*command, "--basetemp", str(bench.folder / "pytest"), "tests/core/test_gpu.py"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or ["pytest said nothing"])[-1].strip("= ")
    bench.add("tests marked gpu, exit status", float(done.returncode), last)
    if done.returncode:
        print(done.stdout, done.stderr)
        bench.missed.append(f"tests marked gpu: {last}")


PARTS: dict[str, Callable[[Bench], None]] = {
    "training": training,
    "embedding": embedding,
    "precisions": precisions,
    "one process": processes,
    "tests": marked_tests,
}


def main() -> int:
    """Measure and print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--tiny", action="store_true", help="small sizes, as on a CPU: whether it runs, not how fast")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--minutes", type=float, default=8.0, help="no part is begun after nine tenths of them")
    parser.add_argument("--out", type=Path, help="write the values as JSON")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    chosen = parser.parse_args()
    began = time.monotonic()
    device = choose_device(chosen.device)
    sizes = TINY if chosen.tiny or device.type == "cpu" else Sizes()
    if sizes is TINY:
        torch.set_num_threads(1)
        torch.compile = functools.partial(torch.compile, backend="eager")  # its compiler would take a minute
    with tempfile.TemporaryDirectory(prefix="carl-gpu-", ignore_cleanup_errors=True) as name:
        train_paths, embed_paths = draw_clips(Path(name), sizes)
        print(
            f"{describe(device)}; torch {torch.__version__}, {os.cpu_count()} cores; clips drawn "
            f"in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        bench = Bench(sizes, device, Path(name), began + 54 * chosen.minutes)
        bench.train_paths, bench.embed_paths = train_paths, embed_paths
        for part in chosen.only:
            bench.part(part, PARTS[part])
    report(bench, time.monotonic() - began, chosen.out)
    return 1 if bench.missed else 0


def report(bench: Bench, seconds: float, out: Path | None) -> None:
    """Print the table, and write all values."""
    print(f"\n{describe(bench.device)}, {'tiny sizes' if bench.sizes is TINY else 'full sizes'}, {seconds:.0f} s\n")
    width = max(len(name) for name, _, _ in bench.rows) if bench.rows else 0
    for name, shown, asked in bench.rows:
        print(f"{name:{width}}  {shown:>12}  {asked}")
    for sentence in bench.missed:
        print(f"NOT REACHED  {sentence}")
    if out:
        about = {"device": describe(bench.device), "torch": torch.__version__, "cuda": torch.version.cuda}
        counts = {"cores": os.cpu_count(), "tiny": bench.sizes is TINY, "seconds": round(seconds, 1)}
        out.write_text(json.dumps({**about, **counts, **bench.values, "not reached": bench.missed}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
