package dev.tunesmith.core.support

import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.readText
import kotlin.io.path.writeText

private const val PERCEPTRON = """
from torch import nn


def perceptron(outputs: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, outputs))


def digits():
    from importlib.util import find_spec
    from pathlib import Path

    import numpy as np

    # scikit-learn's file, without scikit-learn: to import it takes longer than to train on it.
    file = Path(find_spec("sklearn").origin).parent / "datasets" / "data" / "digits.csv.gz"
    return [{"image": row[:64].reshape(8, 8).astype("float32") / 16, "label": str(int(row[64]))}
            for row in np.loadtxt(file, delimiter=",", max_rows=600)]
"""

/** A project with a job on real, scanned digits that trains [epochs] times 8 steps; the job's path. */
internal fun digitsProject(folder: Path, epochs: Int): Path {
    folder.createDirectories().resolve("perceptron.py").writeText(PERCEPTRON)
    val job = folder.resolve("digits.job.yaml")
    job.writeText(
        """
        task: image-classification
        model: perceptron:perceptron
        data: {train: 'perceptron:digits', image: image, label: label, validation: 20%}
        training: {epochs: $epochs, batch_size: 60, learning_rate: 1e-2}
        evaluation: {every: 50 steps}
        """.trimIndent(),
    )
    return job
}

/** A project with a job on real sentences: whose docstring is it, of Python's own packages? The job's path. */
internal fun notesProject(folder: Path, epochs: Int): Path {
    val template = root.resolve("runtime/tunesmith/templates/text-classification/prepare.py")
    val data = madeOnce("docstrings", listOf(template), "${python.toRealPath()}") { making ->
        val script = making.resolve("prepare.py")
        val few = """PACKAGES = ("asyncio", "email", "logging", "unittest")"""
        script.writeText(template.readText().replace(Regex("PACKAGES = .*"), few))
        output(python.toString(), script.toString())
    }
    data.toFile().copyRecursively(folder.toFile())
    val job = folder.resolve("packages.job.yaml")
    job.writeText(
        """
        task: text-classification
        model: {scratch: {layers: 1, width: 64, heads: 2, vocabulary: 2000, window: 64}}
        data: {train: data/docstrings.csv, validation: 15%, text: text, label: package}
        training: {epochs: $epochs, batch_size: 32, learning_rate: 3e-3}
        evaluation: {every: 20 steps, metric: f1_macro}
        checkpoints: {every: 40 steps, keep: 3}
        """.trimIndent(),
    )
    return job
}
