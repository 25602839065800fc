"""Placeholder of the Explore page while there is nothing to see yet."""

from __future__ import annotations

from carl_gui.panels.empty_state import EmptyState


class ExploreEmpty(EmptyState):
    """Says what is missing, and offers the next step."""

    def say_no_videos(self) -> None:
        """The project has none."""
        self.say(
            self.tr("No videos yet"),
            self.tr("Compare two performances frame by frame. Add some videos first."),
            self.tr("Add videos"),
        )

    def say_looking(self) -> None:
        """It is not known yet what there is."""
        self.say(self.tr("Looking for embeddings…"), "")

    def say_lost(self) -> None:
        """The project's folder is gone."""
        sentence = self.tr("It was moved or deleted. Its runs and embeddings can be read once it is back.")
        self.say(self.tr("Project folder missing"), sentence)

    def say_no_encoder(self) -> None:
        """No run has learned anything."""
        self.say(
            self.tr("No encoder yet"),
            self.tr("An encoder learns which moments of your videos match. Train one to compare performances."),
            self.tr("Train an encoder"),
        )

    def say_being_embedded(self, name: str) -> None:
        """With the run of that name."""
        title = self.tr("Embedding with {0}").format(name)
        self.say(title, self.tr("Two videos appear here as soon as they are ready."))

    def say_nothing_embedded(self, name: str, action: str) -> None:
        """With the run of that name; `action` is what the button is called that changes it, empty: nothing does."""
        title = self.tr("Nothing is embedded with {0} yet").format(name)
        sentence = self.tr("Embedding reads every frame once; after that, any two videos can be compared instantly.")
        self.say(title, sentence, action)

    def say_damaged(self, problem: str, action: str) -> None:
        """Embeddings are there, and cannot be opened."""
        self.say(self.tr("The embeddings cannot be opened"), problem, action)
