#!/usr/bin/env bash
# PyAV 19 hands out rates and time bases as av.rational.AVRational, where PyAV 18 handed out fractions.Fraction.
#
# One would guess: isinstance(rate, numbers.Rational) is true, so that everything of that abstract class works as with a
# Fraction: round(), int(), //, %, and exact products.
# What happens: round, int, // and % raise a TypeError, since the class is registered with numbers.Rational
# instead of deriving from it. A product of two of them is rounded to 32-bit numerator and denominator without a word:
# the square of a time base of 1/90000 (MPEG-TS) is 0.
# Fraction * AVRational and int * AVRational are exact Fractions, so that most code works until two of them meet.
# Version: av 19.0.2, Python 3.12 or newer (19 needs it). Source: av/rational.py in the wheel (Rational.register; av_mul_q).
# Remedy: Fraction(value.numerator, value.denominator) where such a value enters.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet av==19.0.2 numpy==2.5.5
cat > "$folder/look.py" <<'PROGRAM'
import numbers
import sys
from fractions import Fraction

import av
import numpy as np

path = f"{sys.argv[1]}/clip.ts"
with av.open(path, "w") as target:
    stream = target.add_stream("mpeg2video", rate=Fraction(30000, 1001))
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for number in range(30):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * number, np.uint8), format="rgb24")
        frame.pts = number
        target.mux(stream.encode(frame))
    target.mux(stream.encode(None))


def attempt(what, work):
    try:
        said = repr(work())
    except Exception as error:
        said = type(error).__name__
    print(f"{what}: {said}")
    seen.append(said)


seen = []
with av.open(path) as source:
    video = source.streams.video[0]
    rate, tick = video.average_rate, video.time_base
    attempt("av", lambda: av.__version__)
    attempt("average_rate, time_base", lambda: (rate, tick))
    attempt("isinstance(rate, numbers.Rational)", lambda: isinstance(rate, numbers.Rational))
    attempt("round(rate)", lambda: round(rate))
    attempt("int(rate)", lambda: int(rate))
    attempt("rate // 1", lambda: rate // 1)
    attempt("tick * tick", lambda: tick * tick)
    attempt("Fraction(1, 90000) * tick", lambda: Fraction(1, 90000) * tick)
sys.exit(seen[2:7] != ["True", "TypeError", "TypeError", "TypeError", "AVRational(0, 1)"])
PROGRAM
"$folder/venv/bin/python" "$folder/look.py" "$folder"
# Output seen (Linux x86_64, Python 3.13.0):
# av: '19.0.2'
# average_rate, time_base: (AVRational(30000, 1001), AVRational(1, 90000))
# isinstance(rate, numbers.Rational): True
# round(rate): TypeError
# int(rate): TypeError
# rate // 1: TypeError
# tick * tick: AVRational(0, 1)
# Fraction(1, 90000) * tick: Fraction(1, 8100000000)
