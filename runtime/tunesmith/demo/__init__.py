"""The main job: a real model tuned on real, human-rated sentences."""
