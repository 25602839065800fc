#!/usr/bin/env bash
# With PyAV 18.1 the side data of a frame cannot be read at all if the picture carries EXIF.
#
# One would guess: frame.side_data can be asked for "DISPLAYMATRIX" whatever else the frame carries; kinds that this PyAV
# does not know are passed over.
# What happens: FFmpeg 8.1 hands the EXIF of a JPEG on as side data of kind 31. PyAV 18.1.0 has no name for it and raises a
# ValueError as soon as side_data is looked at, so that the display matrix beside it (a photo that a phone turned) is out of
# reach. frame.rotation still works. PyAV 19.0.2 knows the kind.
# Versions: av 18.1.0 (the newest for Python 3.11), av 19.0.2 (Python 3.12 and newer). Source: av/sidedata/sidedata.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/look.py" <<'PROGRAM'
import sys

import av
from PIL import Image

path = f"{sys.argv[1]}/turned.jpg"
exif = Image.Exif()
exif[0x0112] = 6  # orientation: turned by a quarter
Image.new("RGB", (64, 48), (200, 30, 30)).save(path, exif=exif)
with av.open(path) as file:
    frame = next(file.decode(video=0))
    try:
        said = " ".join(sorted(str(kind) for kind in frame.side_data.keys()))
    except ValueError as error:
        said = f"ValueError: {error}"
print(f"av {av.__version__}: rotation {frame.rotation}; side data: {said}")
PROGRAM
for version in 18.1.0 19.0.2; do
    "${PYTHON:-python3}" -m venv --clear "$folder/venv"
    "$folder/venv/bin/python" -m pip install --quiet "av==$version" pillow==13.0.0
    "$folder/venv/bin/python" "$folder/look.py" "$folder" | tee -a "$folder/seen"
done
grep -q "^av 18.1.0: rotation -90; side data: ValueError" "$folder/seen"
grep -q "^av 19.0.2: rotation -90; side data: .*DISPLAYMATRIX.*EXIF" "$folder/seen"
# Output seen (Linux x86_64, Python 3.13.0):
# av 18.1.0: rotation -90; side data: ValueError: 31 is not a valid Type
# av 19.0.2: rotation -90; side data: Type.DISPLAYMATRIX Type.EXIF
