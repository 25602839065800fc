#!/usr/bin/env bash
# Importing torchvision changes PyAV for the whole process, up to torchvision 0.25.
#
# One would guess: `import torchvision` leaves PyAV, which the program uses on its own, as it is: its log is off by default
# (av.logging.get_level() is None: FFmpeg's messages are dropped in C).
# What happens: torchvision/io/video.py calls av.logging.set_level(av.logging.ERROR) on import. From then on FFmpeg's errors
# go through a Python callback, which takes the GIL in FFmpeg's own decoding threads. PyAV frees a decoder with the GIL held
# and waits there for these threads. We saw a process stand still for ever in that place (PyAV 18.1.0, torchvision 0.24.0,
# Python 3.11, a damaged H.264 file; stacks: avcodec_free_context in the main thread, log_callback in a decoding thread).
# PyAV's documentation of av.logging warns that logging to Python "sometimes doesn't play nicely" with threads.
# Versions: torchvision 0.24.0 and 0.25.0 do it; 0.26.0 no longer does (io/video.py is gone).
# Remedy: av.logging.set_level(None) after the import, or torchvision 0.26.
# Downloads some 3 GB (PyTorch with CUDA) on Linux.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet torch==2.10.0 torchvision==0.25.0 av==18.1.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PROGRAM'
import sys

import av

print("av", av.__version__)
before = av.logging.get_level()
print("log level before:", before)
import torchvision

after = av.logging.get_level()
print("torchvision", torchvision.__version__.split("+")[0])
print("log level after:", after, f"(av.logging.ERROR is {av.logging.ERROR})")
sys.exit(not (before is None and after == av.logging.ERROR))
PROGRAM
# Output seen (Linux x86_64, Python 3.11.7):
# av 18.1.0
# log level before: None
# torchvision 0.25.0
# log level after: 16 (av.logging.ERROR is 16)
