"""Writes scl.json: the sequence contrastive loss by plain loops over Python floats, from the paper's equations 1 to 3.

No tensor library takes part, so that the values stand on their own. Run it from the project's root:
`python tests/golden/make_scl.py`.
"""

import json
import math
import random
from pathlib import Path

VARIANCE, TEMPERATURE = 10.0, 0.1


def cosine(u: list[float], v: list[float]) -> float:
    dot = math.fsum(a * b for a, b in zip(u, v, strict=True))
    return dot / math.sqrt(math.fsum(a * a for a in u) * math.fsum(b * b for b in v))


def one_way(
    z: list[list[float]], other: list[list[float]], s: list[int], s_other: list[int], valid: list[int], ok: list[int]
) -> float:
    rows = []
    columns = [j for j, use in enumerate(ok) if use]
    for i, use in enumerate(valid):
        if not use:
            continue
        near = [math.exp(-((s[i] - s_other[j]) ** 2) / (2 * VARIANCE)) for j in columns]
        alike = [math.exp(cosine(z[i], other[j]) / TEMPERATURE) for j in columns]
        rows.append(
            -math.fsum(n / math.fsum(near) * math.log(a / math.fsum(alike)) for n, a in zip(near, alike, strict=True))
        )
    return math.fsum(rows) / len(rows)


def main() -> None:
    numbers = random.Random(20220619)
    videos = []
    for first, second in ((9, 7), (9, 4), (2, 7)):
        videos.append(
            {
                "z1": [[round(numbers.gauss(0, 1), 4) for _ in range(5)] for _ in range(9)],
                "z2": [[round(numbers.gauss(0, 1), 4) for _ in range(5)] for _ in range(7)],
                "s1": sorted(numbers.sample(range(100, 120), 9)),
                "s2": sorted(numbers.sample(range(104, 124), 7)),
                "valid1": [int(i < first) for i in range(9)],
                "valid2": [int(i < second) for i in range(7)],
            }
        )
    for video in videos:
        z1, z2, s1, s2, valid1, valid2 = video.values()
        video["loss"] = one_way(z1, z2, s1, s2, valid1, valid2) + one_way(z2, z1, s2, s1, valid2, valid1)
    text = json.dumps({"variance": VARIANCE, "temperature": TEMPERATURE, "videos": videos})
    Path(__file__).with_name("scl.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
