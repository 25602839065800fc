"""Writes pose.npz: what onnxruntime says of a drawn person, with the ONNX files that the weights were converted from.

Run it from the project's root, with ../shared beside it: `python tests/golden/make_pose.py`.
"""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from tests.core.pose.figures import person

WEIGHTS = Path(__file__).resolve().parents[3] / "shared" / "weights"
OUTPUTS = {
    "detector": ("out441", "out429"),
    "landmark_lite": ("out310", "out315", "out283", "out312"),
}


def outputs(name: str, images: np.ndarray) -> list[np.ndarray]:
    """(N, side, side, 3) in the network's own range -> its outputs."""
    session = onnxruntime.InferenceSession(
        str(WEIGHTS / f"blazepose_{name}_fp16.onnx"), providers=["CPUExecutionProvider"]
    )
    return session.run(list(OUTPUTS[name]), {"frames": np.ascontiguousarray(images.transpose(0, 3, 1, 2))})


def main() -> None:
    source = np.stack([person(256, 256, arm=0.5), person(256, 256, arm=1.4, size=0.6)])
    small = np.stack([cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA) for image in source])
    boxes, scores = outputs("detector", small.astype(np.float32) / 127.5 - 1)
    landmarks, presence, heat, space = outputs("landmark_lite", source.astype(np.float32) / 255)
    surest = np.argsort(-scores[0, :, 0])[:20]
    np.savez_compressed(
        Path(__file__).with_name("pose.npz"),
        source=source,
        small=small,
        surest=surest,
        boxes=boxes[:, surest],
        scores=scores[:, ::9],
        landmarks=landmarks,
        presence=presence,
        heat=heat[:, :, ::8, ::8],
        space=space,
    )


if __name__ == "__main__":
    main()
