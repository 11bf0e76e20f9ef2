"""The steps of one job that need not run: laid in, shown, and dropped if they were wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ciforge.engines.protocol import Image, Machine, MachineSpec
from ciforge.model.job import Job, Step
from ciforge.model.log_marks import mark
from ciforge.model.saved_step import SavedStep
from ciforge.render.paths import SOURCE
from ciforge.run.job_settings import Archive
from ciforge.run.saved_steps import JobSteps, Replay, SavedSteps, write_archive
from ciforge.run.step_record import StepRecord


class ReplayedSteps:
    """Replays saved steps in the machines of a job, one machine after the other."""

    def __init__(
        self, job: Job, saved: SavedSteps | None, record: StepRecord, folder: Path
    ) -> None:
        self._job = job
        self._all = saved
        self._record = record
        self._folder = folder
        self.saved: JobSteps | None = None
        """Those of the machine of the moment, and those that it saves; None if none can be."""

    @property
    def used(self) -> Sequence[SavedStep]:
        """The steps that were not run in the machine of the moment."""
        return self.saved.used if self.saved else ()

    def begin(
        self, image: Image, machine: Machine, plan: MachineSpec, source: Archive
    ) -> Mapping[str, Replay]:
        """Lays in the results of the first steps that need not run; the steps by their names."""
        self.saved = None
        if self._all and not source.git and not self._job.needs:  # git's answers are not observed
            self.saved = self._all.of(self._job, image, machine, plan, source.file)
        replays = self.saved.leading(self._job.steps) if self.saved else {}
        self._lay_in(machine, tuple(replays.values()))
        return replays

    def later(self, machine: Machine, step: Step) -> Replay | None:
        """Lays in the results of a step that need not run after one that ran; None if it has to run."""
        replay = self.saved.find(step) if self.saved else None
        if replay:
            self._lay_in(machine, (replay,))
        return replay

    def _lay_in(self, machine: Machine, replays: Sequence[Replay]) -> None:
        if replays:
            archive = self._folder / "steps.tar"
            try:
                write_archive(replays, archive)
                machine.put(archive, SOURCE)
            finally:
                archive.unlink(missing_ok=True)

    def show(self, step: Step, replay: Replay) -> None:
        """Emits the events, and writes the log, of a step as if it ran again."""
        with self._record.timed(step.name) as ended:
            text = f"not run: all that it reads is as it was in run {replay.saved.run}, of which this is the output"
            self._record.on_output(f"{mark(text)}\n".encode() + replay.log)
            ended(0)

    def drop(self, used: Sequence[SavedStep]) -> list[str]:
        """Removes saved steps with which the job failed, although it passes without them; a sentence for each."""
        if not self._all:
            return []
        texts = []
        for saved in used:
            removed = self._all.files.drop(saved)
            texts.append(
                f"the saved step {saved.step} of run {saved.run} was wrong: removed {removed}"
            )
            self._record.note(texts[-1])
            self._all.on_message(f"{self._job.id}: {texts[-1]}")
        return texts
