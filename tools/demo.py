"""The main job, from nothing: sets everything up, then tunes a real model on real, human-rated sentences."""

from __future__ import annotations

import subprocess
import sys

from environment import prepare

if __name__ == "__main__":
    python = prepare("all")
    sys.exit(subprocess.run([str(python), "-m", "tunesmith", "demo", *sys.argv[1:]], check=False).returncode)
