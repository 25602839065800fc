"""`python -m core.localise`: from embeddings and labels to predictions and figures, and what it refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.tensor_files import load_tensors, save_tensors
from core.cli import localise as command
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.label.tables import read_labels
from core.labels.formats import activitynet
from core.labels.segments import write_segments
from core.labels.tracks import Labels, Track
from core.localise.model_file import load_localiser
from tests.core.localise.made import CLASSES, video

Localise = Callable[..., int]
ENCODER = "ab" * 16
KNOWN = [video(f"known{number}.mp4", number) for number in range(6)]
OTHERS = [video(f"other{number}.mp4", 50 + number, fps=12.5) for number in range(3)]


def write_truth(path: Path, made: list[Any], subset: str = "val") -> None:
    """As ActivityNet's JSON."""
    tracks = [Track(one.path, one.edges_seconds, tuple(spans), one.digest, subset=subset) for one, spans in made]
    activitynet.write(path, Labels(CLASSES, tuple(tracks)))


@pytest.fixture
def localise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Localise:
    """Runs the command in a folder with embeddings, labels and truth."""
    monkeypatch.chdir(tmp_path)
    write_embedded(Path("known"), [one for one, _ in KNOWN], ENCODER)
    write_embedded(Path("others"), [one for one, _ in OTHERS], ENCODER)
    write_segments(Path("labels.csv"), [spans for _, spans in KNOWN], [one for one, _ in KNOWN])
    write_truth(Path("truth.json"), OTHERS)

    def run(name: str, *options: str) -> int:
        usual = {
            "train": ("--labels=labels.csv", "--library=known", "--out=model.safetensors", "--steps=2"),
            "predict": ("--model=model.safetensors", "--library=others", "--out=found.json"),
            "evaluate": ("--predictions=found.json", "--labels=truth.json"),
        }[name]
        given = {option.split("=")[0] for option in options}
        return command.main([name, "--events", *(o for o in usual if o.split("=")[0] not in given), *options])

    return run


def told(capsys: pytest.CaptureFixture[str], kind: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [event for event in events if event["event"] == kind]


def failure(capsys: pytest.CaptureFixture[str]) -> str:
    (event,) = told(capsys, "failed")
    assert event["is_bug"] is False
    return str(event["message"])


@pytest.mark.parametrize("detector", ["points", "graph"])
def test_from_labels_to_figures(localise: Localise, capsys: pytest.CaptureFixture[str], detector: str) -> None:
    assert localise("train", f"--detector={detector}") == 0
    assert load_localiser(Path("model.safetensors")).classes == CLASSES
    assert localise("predict", "--spans=best.csv", "--min-score=0", "--max-segments=7") == 0
    results = json.loads(Path("found.json").read_text(encoding="utf-8"))["results"]
    assert list(results) == ["other0", "other1", "other2"]
    for (one, _), own in zip(OTHERS, results.values(), strict=True):
        assert 1 <= len(own) <= 7
        scores = [entry["score"] for entry in own]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= start < end <= one.edges_seconds[-1] + 1e-6 for start, end in (e["segment"] for e in own))
        assert {entry["label"] for entry in own} <= set(CLASSES)
    capsys.readouterr()
    assert localise("evaluate", "--out=figures.csv") == 0
    (figures,) = told(capsys, "eval_done")
    with Path("figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] for row in rows] == ["all", *CLASSES]
    assert {name: f"{value:.4f}" for name, value in figures["values"].items()} == {
        name: rows[0][name] for name in ("mAP@0.5", "mAP@0.75", "mAP@0.95", "mAP")
    }


def test_the_truth_itself_has_figures_of_one(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    """Through ActivityNet's JSON and through frames of a table, in whichever units; a missed video costs its part."""
    results = {
        one.path.stem: [
            {
                "label": s.phase,
                "score": 7.5,
                "segment": [one.edges_seconds[f] for f in (s.start_frame, s.end_frame_exclusive)],
            }
            for s in spans
        ]
        for one, spans in OTHERS
    }
    Path("found.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    write_segments(Path("truth.csv"), [spans for _, spans in OTHERS], [one for one, _ in OTHERS])
    for options in ((), ("--labels=truth.csv", "--library=others"), ("--labels=truth.json", "--library=others")):
        assert localise("evaluate", *options) == 0
        (event,) = told(capsys, "eval_done")
        assert event["values"] == {"mAP@0.5": 1.0, "mAP@0.75": 1.0, "mAP@0.95": 1.0, "mAP": 1.0}
    del results["other1"]
    Path("found.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    assert localise("evaluate") == 0
    heard = capsys.readouterr().out
    assert "No predictions, so all segments are missed: other1." in heard
    assert json.loads(heard.splitlines()[-2])["values"]["mAP"] < 1


def test_activitynet_trains_on_its_training_subset(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    both = {}
    for path, made, subset in ((Path("a.json"), KNOWN, "train"), (Path("b.json"), OTHERS, "val")):
        write_truth(path, made, subset)
        both |= json.loads(path.read_text(encoding="utf-8"))["database"]
    Path("all.json").write_text(json.dumps({"database": both}), encoding="utf-8")
    assert localise("train", "--labels=all.json", "--out=json.safetensors") == 0
    notices = [event["message"] for event in told(capsys, "notice")]
    assert "all.json: subset 'training' is used, 6 of 9 videos." in notices
    assert localise("train") == 0
    ours, theirs = (load_tensors(Path(name))[0] for name in ("model.safetensors", "json.safetensors"))
    assert all(np.array_equal(ours[name].numpy(), theirs[name].numpy()) for name in ours)


def test_predicted_segments_are_no_labels(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    assert localise("train") == 0
    assert localise("predict", "--spans=best.csv", "--min-score=0") == 0
    capsys.readouterr()
    assert localise("train", "--labels=best.csv", "--library=others") == 2
    assert failure(capsys) == "best.csv has no labelled segment. Label some first."
    with pytest.raises(Exception, match="holds only predictions"):
        read_labels(Path("best.csv"), lambda event: None)


def test_what_is_left_out_is_told(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("labels.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in text if not line.startswith("known5")]
    Path("labels.csv").write_text("\n".join([*kept, "gone.mp4,wave,0,5"]) + "\n", encoding="utf-8")
    assert localise("train") == 0
    heard = [event["message"] for event in told(capsys, "notice")]
    assert "labels.csv: left out, because not given with --library: gone.mp4." in heard
    assert "Not trained on, for lack of labelled segments: known5.mp4." in heard
    assert "No video given with --library shows wave, which will never be found. Add one that does." in heard
    assert load_tensors(Path("model.safetensors"))[1]["videos"] == 5


def test_labels_of_another_file_of_that_name_are_told(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    digest = KNOWN[0][0].digest
    text = Path("labels.csv").read_text(encoding="utf-8").replace(digest, "ef" * 16)
    Path("labels.csv").write_text(text, encoding="utf-8")
    assert localise("train") == 0
    heard = [event["message"] for event in told(capsys, "notice")]
    assert any(
        "labels were made for another file than /videos/known0.mp4 (digest efefefef, not" in one for one in heard
    )


def test_a_name_that_may_be_two_videos_is_refused(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    twice = [
        EmbeddedVideo(Path(f"/videos/{day}/known0.mp4"), day * 16, v.edges_seconds, v.embeddings)
        for day, (v, _) in zip(("aa", "bb"), KNOWN, strict=False)
    ]
    write_embedded(Path("twice"), twice, ENCODER)
    Path("labels.csv").write_text(HEAD + "known0.mp4,bow,0,4\n", encoding="utf-8")
    assert localise("train", "--library=twice") == 2
    assert failure(capsys).startswith(
        "labels.csv, line 2: 'known0.mp4' may be /videos/aa/known0.mp4 or /videos/bb/known0.mp4"
    )
    write_segments(Path("labels.csv"), [spans for _, spans in KNOWN[:2]], twice)
    assert localise("train", "--library=twice") == 0


def test_a_video_without_segments_counts(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    """What is found in it is wrong, whether the truth is taken in seconds or by the frames of the videos."""
    one, spans = OTHERS[0]
    true = [
        {
            "label": s.phase,
            "score": 0.5,
            "segment": [one.edges_seconds[f] for f in (s.start_frame, s.end_frame_exclusive)],
        }
        for s in spans
    ]
    false = [{"label": label, "score": 0.9, "segment": [0.5, 1.5]} for label in CLASSES]
    loaded = json.loads(Path("truth.json").read_text(encoding="utf-8"))["database"]
    loaded["other1"]["annotations"], truth = [], {"database": {name: loaded[name] for name in ("other0", "other1")}}
    Path("some.json").write_text(json.dumps(truth), encoding="utf-8")
    figures = []
    for results in ({"other0": true, "other1": []}, {"other0": true, "other1": false}):
        Path("found.json").write_text(json.dumps({"results": results}), encoding="utf-8")
        for options in ((), ("--library=others",)):
            assert localise("evaluate", "--labels=some.json", *options) == 0
            figures.append(told(capsys, "eval_done")[0]["values"]["mAP"])
    assert figures[:2] == [1.0, 1.0]
    assert figures[2] == figures[3] < 1


def test_an_end_a_little_after_the_video_is_cut_and_told(
    localise: Localise, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = KNOWN[0][0].edges_seconds[-1]
    entry = {"subset": "training", "annotations": [{"segment": [1.0, seconds + 0.7], "label": "bow"}]}
    Path("late.json").write_text(json.dumps({"database": {"known0": entry}}), encoding="utf-8")
    assert localise("train", "--labels=late.json") == 0
    assert any("its end was cut" in event["message"] for event in told(capsys, "notice"))


def _broken(made: list[Any], change: Callable[[EmbeddedVideo], EmbeddedVideo], digest: str = ENCODER) -> None:
    write_embedded(Path("broken"), [change(one) for one, _ in made], digest)


def _with_nan(one: EmbeddedVideo) -> EmbeddedVideo:
    rows = one.embeddings.copy()
    rows[4, 2] = np.nan
    return EmbeddedVideo(one.path, one.digest, one.edges_seconds, rows)


def _narrow(one: EmbeddedVideo) -> EmbeddedVideo:
    return EmbeddedVideo(one.path, one.digest, one.edges_seconds, one.embeddings[:, :7])


HEAD = "video,phase,start_frame,end_frame_exclusive\n"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.csv", "", "a.csv is empty. Its first line must name the columns video, phase."),
        ("a.csv", HEAD, "a.csv: it has no labels, so nothing is imported from it."),
        (
            "a.csv",
            HEAD + "else.mp4,bow,0,4\n",
            "a.csv names no video given with --library, such as 'else.mp4': did you mean",
        ),
        ("a.csv", HEAD + "known0.mp4,bow,3,999\n", "a.csv, line 2: 'bow' ends at 999, but known0.mp4 has"),
        (
            "a.json",
            '{"version": 1}',
            'a.json has no "database" with an entry for each video, unlike ActivityNet\'s JSON. Give another file.',
        ),
        ("a.json", '{"database": {"known0": {"annotations": []}}}', "a.json: it has no labels, so nothing is"),
        (
            "a.json",
            '{"results": {}}',
            'a.json holds predictions ("results"), not labels. Give a JSON with a "database".',
        ),
        ("a.json", '{"data', "a.json, line 1: not JSON"),
        (
            "a.json",
            '{"database": {"known0": {"annotations": [{"segment": [1, 99], "label": "bow"}]}}}',
            "a.json, known0, annotation 0: 'bow' ends at 99 s, but known0 has",
        ),
    ],
)
def test_labels_that_cannot_be_learned_from(
    localise: Localise, capsys: pytest.CaptureFixture[str], name: str, text: str, sentence: str
) -> None:
    Path(name).write_text(text, encoding="utf-8")
    assert localise("train", f"--labels={name}") == 2
    assert failure(capsys).startswith(sentence)
    assert not Path("model.safetensors").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--steps=0",), "--steps must be from 1 to 1000000, not 0."),
        (("--seed=-1",), "--seed must be from 0 to 2147483647, not -1."),
        (("--learning-rate=nan",), "--learning-rate must be above 0 and at most 1, not nan."),
        (("--detector=gtad",), "Argument --detector: invalid choice: 'gtad'"),
        (
            ("--out=model.pt",),
            "--out writes SAFETENSORS, but model.pt does not end in .safetensors. Change its suffix.",
        ),
        (("--labels=gone.csv",), "There is no file gone.csv"),
        (("--library=labels.csv",), "labels.csv was not written by core.embed. Pass --encoder to embed it."),
        (("--subset=training",), "labels.csv has no subsets, unlike ActivityNet's JSON. Leave --subset training out."),
        (
            ("--labels=truth.json", "--subset=validatoin"),
            "truth.json has no subset 'validatoin': did you mean 'validation'?",
        ),
    ],
)
def test_what_train_refuses(
    localise: Localise, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], sentence: str
) -> None:
    assert localise("train", *options) == 2
    assert failure(capsys).startswith(sentence)


def test_embeddings_that_cannot_be_used(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    _broken(KNOWN, _with_nan)
    assert localise("train", "--library=broken") == 2
    assert failure(capsys) == (
        "The embeddings of /videos/known0.mp4 are not finite in frame 4 (1 frames in all). Run core.embed again."
    )
    assert localise("train") == 0
    capsys.readouterr()
    _broken(OTHERS, _narrow)
    assert localise("predict", "--library=broken") == 2
    assert failure(capsys) == (
        "model.safetensors was trained on embeddings of 12 numbers, but those of other0.mp4 have 7. Embed the "
        "videos with the encoder that it was trained with (digest abababab)."
    )
    _broken(OTHERS, lambda one: one, digest="cd" * 16)
    assert localise("predict", "--library=broken") == 2
    assert failure(capsys).startswith("model.safetensors was trained with another encoder")
    assert localise("train", "--library", "known", "broken") == 2
    assert failure(capsys).startswith("broken holds embeddings of another encoder (digest cdcdcdcd) than known")


def test_models_that_cannot_be_used(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    assert localise("train") == 0
    capsys.readouterr()
    tensors, meta = load_tensors(Path("model.safetensors"))
    for wrong, sentence in (
        ({**meta, "kind": "carl encoder"}, "other.safetensors is not a detector of CARL Studio"),
        ({**meta, "format_version": 9}, "other.safetensors has format 9, but this program reads up to 1"),
        ({**meta, "detector": "gtad"}, "other.safetensors holds a detector 'gtad' of 2 classes. Train it again."),
        ({**meta, "classes": ["bow"]}, "other.safetensors has another architecture"),
        ({k: v for k, v in meta.items() if k != "classes"}, "The metadata of other.safetensors cannot be read"),
    ):
        save_tensors(Path("other.safetensors"), tensors, wrong)
        assert localise("predict", "--model=other.safetensors") == 2
        assert failure(capsys).startswith(sentence)
    Path("other.safetensors").write_bytes(b"no weights")
    assert localise("predict", "--model=other.safetensors") == 2
    assert failure(capsys).startswith("other.safetensors is damaged or not a safetensors file")
    assert not Path("found.json").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[]", 'found.json has no "results" with a list for each video'),
        (
            '{"results": {"other0": [{"label": "bow", "segment": [1, 2]}]}}',
            "found.json, other0, segment 0 must be like",
        ),
        (
            '{"results": {"other0": [{"label": "bow", "score": NaN, "segment": [1, 2]}]}}',
            "found.json, other0, segment 0: {'label': 'bow', 'score': nan, 'segment': [1, 2]} lacks a label, or",
        ),
        ('{"results": {"z": []}}', "No prediction is of a video in truth.json: they name z, but it names other0"),
    ],
)
def test_predictions_that_cannot_be_scored(
    localise: Localise, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    Path("found.json").write_text(text, encoding="utf-8")
    assert localise("evaluate") == 2
    assert failure(capsys).startswith(sentence)


def test_frames_need_the_videos_to_be_scored(localise: Localise, capsys: pytest.CaptureFixture[str]) -> None:
    Path("found.json").write_text('{"results": {"known0": []}}', encoding="utf-8")
    assert localise("evaluate", "--labels=labels.csv") == 2
    assert failure(capsys) == (
        "labels.csv, line 2 counts frames, but predictions are in seconds. Give the embedded videos with --library."
    )
