"""Videos as choices: after any change the same list as one that is made from scratch, but only what changed is made."""

from __future__ import annotations

import random
from dataclasses import replace

from carl_gui.models.rows import Choice
from carl_gui.models.video_choices import VideoChoices
from core.project.rows import VideoRow
from tests.carl_gui.videos import many, row


def test_only_what_changed_is_made_and_the_list_is_that_of_a_new_one() -> None:
    made: list[int] = []

    def make(video: VideoRow) -> Choice:
        made.append(video.id)
        return Choice(video.id, video.name, str(video.num_spans))

    generator = random.Random(3)
    choices = VideoChoices(make)
    videos = {video.id: video for video in many(40)}
    for turn in range(60):
        changed = set[int]()
        videos = dict(videos)
        for key in generator.sample(list(videos), 3):
            action = generator.randrange(4)
            if action == 0:
                del videos[key]
            elif action == 1:
                videos[1000 + 10 * turn + key % 10] = row(1000 + 10 * turn + key % 10, f"new {key}.mp4")
                changed.add(1000 + 10 * turn + key % 10)
            elif action == 2:
                videos[key] = replace(videos[key], name=f"renamed {turn}.mp4")
                changed.add(key)
            else:
                videos[key] = replace(videos[key], num_spans=videos[key].num_spans + 1)
                changed.add(key)
        made.clear()
        found = choices.update(videos)
        assert set(made) == changed or turn == 0
        assert set(found) == set(VideoChoices(make).update(videos))
        names = [choice.text for choice in found]
        assert names == [choice.text for choice in VideoChoices(make).update(videos)]
    assert choices.update({}) == []
