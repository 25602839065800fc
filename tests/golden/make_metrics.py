"""Writes metrics.json: the figures of core.metrics by plain loops over Python floats, straight from their definitions.

Nothing of the project takes part, and no library beyond numpy's and scipy's solvers: nearest frames and Kendall's tau-b
are counted pair by pair, AP@K and average precision frame by frame, regressions are solved by their normal equations,
the logistic loss is written out and minimised far beyond scikit-learn's tolerance, the RBF kernel of the support vector
machine is a matrix given to scikit-learn. Run it from the project's root: `python tests/golden/make_metrics.py`.
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.svm import SVC

CLASSES, WIDTH = 4, 6
Video = list[list[float]]


def walks(lengths: list[int], generator: np.random.Generator) -> tuple[list[Video], list[list[int]]]:
    """Videos that go the same way at their own pace and stray as random walks do; rows of norm 1 but for rounding."""
    places = np.cumsum(generator.normal(size=(12, WIDTH)), axis=0)
    videos, labels = [], []
    for length in lengths:
        share = np.sort(generator.uniform(size=length))
        way = np.stack([np.interp(share * 11, np.arange(12), column) for column in places.T], axis=1)
        strayed = way + np.cumsum(generator.normal(scale=0.3, size=way.shape), axis=0)
        videos.append(np.round(strayed / np.linalg.norm(strayed, axis=1, keepdims=True), 5).tolist())
        labels.append(np.minimum((share * CLASSES).astype(int), CLASSES - 1).tolist())
    return videos, labels


def distance(u: list[float], v: list[float]) -> float:
    return math.fsum((a - b) ** 2 for a, b in zip(u, v, strict=True))


def tau_b(y: list[int]) -> float:
    """Of 0, 1, 2, ... and y: (concordant - discordant) / sqrt(pairs not tied in x * pairs not tied in y)."""
    signs = [np.sign(y[j] - y[i]) for i in range(len(y)) for j in range(i + 1, len(y))]
    untied = sum(sign != 0 for sign in signs)
    return float(sum(signs) / math.sqrt(len(signs) * untied)) if untied else math.nan


def tau(videos: list[Video], stride: int) -> float:
    taus = []
    for i, a in enumerate(videos):
        for j, b in enumerate(videos):
            if i != j:
                candidates = b[::stride]
                nearest = [min(range(len(candidates)), key=lambda c: distance(u, candidates[c])) for u in a[::stride]]
                taus.append(tau_b(nearest))
    defined = [value for value in taus if not math.isnan(value)]
    return math.fsum(defined) / len(defined)


def precision_at(videos: list[Video], labels: list[list[int]], k: int, stride: int) -> float:
    of_videos = []
    for i, (video, own) in enumerate(zip(videos, labels, strict=True)):
        candidates = [
            (frame, label)
            for j in range(len(videos))
            if j != i
            for frame, label in zip(videos[j][::stride], labels[j][::stride], strict=True)
        ]
        shares = []
        for frame, label in zip(video[::stride], own[::stride], strict=True):
            near = sorted(candidates, key=lambda candidate: distance(frame, candidate[0]))[:k]
            shares.append(sum(other == label for _, other in near) / len(near))
        of_videos.append(math.fsum(shares) / len(shares))
    return math.fsum(of_videos) / len(of_videos)


def stacked(videos: list[Video], labels: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([np.array(video) for video in videos]), np.concatenate([np.array(own) for own in labels])


def logistic(train: tuple[np.ndarray, np.ndarray], val: tuple[np.ndarray, np.ndarray], classes: int) -> float:
    """Sum over frames of the softmax's cross-entropy + |W|^2 / 2 (C = 1; the intercepts are free), minimised."""
    x, y = train
    cells = classes * WIDTH
    wanted = np.eye(classes)[y]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weight, bias = flat[:cells].reshape(classes, WIDTH), flat[cells:]
        scores = x @ weight.T + bias
        top = scores.max(axis=1, keepdims=True)
        log_sum = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
        off = np.exp(scores - log_sum[:, None]) - wanted
        value = float((log_sum - (scores * wanted).sum(axis=1)).sum() + (weight**2).sum() / 2)
        return value, np.concatenate([(off.T @ x + weight).ravel(), off.sum(axis=0)])

    found = minimize(loss, np.zeros(classes * (WIDTH + 1)), jac=True, method="BFGS", options={"gtol": 1e-7})
    weight, bias = found.x[:cells].reshape(classes, WIDTH), found.x[cells:]
    return float(np.mean(np.argmax(val[0] @ weight.T + bias, axis=1) == val[1]))


def support_vectors(train: tuple[np.ndarray, np.ndarray], val: tuple[np.ndarray, np.ndarray]) -> float:
    """C = 1, gamma = 1 / (width * variance of all numbers)."""
    gamma = 1 / (WIDTH * np.mean((train[0] - np.mean(train[0])) ** 2))

    def kernel(a: np.ndarray) -> np.ndarray:
        return np.exp(-gamma * np.array([[distance(u, v) for v in train[0].tolist()] for u in a.tolist()]))

    machine = SVC(kernel="precomputed").fit(kernel(train[0]), train[1])
    return float(np.mean(machine.predict(kernel(val[0])) == val[1]))


def progression(
    train: list[Video], train_labels: list[list[int]], val: list[Video], val_labels: list[list[int]]
) -> float:
    def targets(labels: list[list[int]], phase: int) -> np.ndarray:
        last = [max(t for t, label in enumerate(own) if label == phase) for own in labels]
        return np.array([(t - at) / len(own) for own, at in zip(labels, last, strict=True) for t in range(len(own))])

    scores = []
    for phase in range(CLASSES - 1):
        x = np.concatenate([np.array(video) for video in train])
        x = np.hstack([x, np.ones((len(x), 1))])
        solution = np.linalg.solve(x.T @ x, x.T @ targets(train_labels, phase))
        val_x = np.concatenate([np.array(video) for video in val])
        off = targets(val_labels, phase) - (val_x @ solution[:-1] + solution[-1])
        around = targets(val_labels, phase) - np.mean(targets(val_labels, phase))
        scores.append(1 - math.fsum(off**2) / math.fsum(around**2))
    return math.fsum(scores) / len(scores)


def first_frames(labels: list[list[int]]) -> list[list[int]]:
    return [[own.index(phase) for phase in range(1, CLASSES)] for own in labels]


def event_error(videos: list[Video], events: list[list[int]]) -> float:
    errors = []
    for i, a in enumerate(videos):
        for j, b in enumerate(videos):
            if i != j:
                for here, there in zip(events[i], events[j], strict=True):
                    nearest = min(range(len(b)), key=lambda c: distance(a[here], b[c]))
                    errors.append(abs(nearest - there) / len(b))
    return math.fsum(errors) / len(errors)


Spans = list[list[tuple[int, int, int, float]]]
"""Of each video: class, start frame, end frame exclusive, confidence."""


def spans(videos: int, seed: int) -> tuple[Spans, Spans]:
    """True spans, and predictions: those spans strayed, some doubled, some missed, some of nothing."""
    generator = np.random.default_rng(seed)
    truth: Spans = []
    predicted: Spans = []
    confidences = iter((generator.permutation(1000) / 1000).tolist())
    for _ in range(videos):
        edges = np.sort(generator.choice(np.arange(300), 10, replace=False)).tolist()
        truth.append([(int(generator.integers(3)), a, b, 1.0) for a, b in zip(edges[::2], edges[1::2], strict=True)])
        found = []
        for phase, a, b, _ in truth[-1]:
            for _ in range(int(generator.integers(3))):
                start, stop = a + int(generator.integers(-4, 5)), b + int(generator.integers(-4, 5))
                found.append((phase, max(start, 0), max(stop, start + 1, 1), next(confidences)))
        start = int(generator.integers(250))
        found.append((int(generator.integers(3)), start, start + 30, next(confidences)))
        predicted.append(found)
    return truth, predicted


def average_precision(truth: Spans, predicted: Spans, phase: int, level: float) -> float:
    """The area under precision over recall, precision made falling from the right (ActivityNet)."""
    ranked = sorted(
        ((span, video) for video, found in enumerate(predicted) for span in found if span[0] == phase),
        key=lambda pair: -pair[0][3],
    )
    wanted = sum(span[0] == phase for own in truth for span in own)
    locked = set()
    precisions, recalls, right = [0.0], [0.0], 0
    for rank, ((_, start, stop, _), video) in enumerate(ranked, 1):
        overlaps = []
        for place, (true_phase, a, b, _) in enumerate(truth[video]):
            shared = max(0, min(stop, b) - max(start, a))
            if true_phase == phase:
                overlaps.append((shared / ((stop - start) + (b - a) - shared), place))
        for overlap, place in sorted(overlaps, reverse=True):
            if overlap >= level and (video, place) not in locked:
                locked.add((video, place))
                right += 1
                break
        precisions.append(right / rank)
        recalls.append(right / wanted)
    for i in range(len(precisions) - 2, -1, -1):
        precisions[i] = max(precisions[i], precisions[i + 1])
    return math.fsum((recalls[i] - recalls[i - 1]) * precisions[i] for i in range(1, len(recalls)))


def main() -> None:
    videos, labels = walks([31, 44, 38, 35, 29, 41, 33], np.random.default_rng(20220619))
    train, train_labels, val, val_labels = videos[:3], labels[:3], videos[3:], labels[3:]
    pairs = stacked(train, train_labels), stacked(val, val_labels)
    truth, predicted = spans(6, 7)
    levels = [twentieth / 20 for twentieth in range(10, 20)]
    figures = {
        "logistic": logistic(*pairs, CLASSES),
        "logistic, first phase": logistic(*((x, (y == 0).astype(int)) for x, y in pairs), 2),
        "svm": support_vectors(*pairs),
        "progression": progression(train, train_labels, val, val_labels),
        "tau": {str(stride): tau(val, stride) for stride in (1, 2, 5)},
        "precision": {
            f"{k},{stride}": precision_at(val, val_labels, k, stride) for k in (1, 5, 15) for stride in (1, 2)
        },
        "event_error": event_error(val, first_frames(val_labels)),
        "localisation": [
            math.fsum(average_precision(truth, predicted, phase, level) for phase in range(3)) / 3 for level in levels
        ],
    }
    text = json.dumps(
        {
            "train": train,
            "train_labels": train_labels,
            "val": val,
            "val_labels": val_labels,
            "events": first_frames(val_labels),
            "truth": truth,
            "predicted": predicted,
            "figures": figures,
        }
    )
    Path(__file__).with_name("metrics.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
