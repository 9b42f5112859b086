"""Builds, tests and checks the plugin with Maven, from nothing; the zip ends up in plugin/verify/dist/target.

    python3 tools/plugin.py              # everything
    python3 tools/plugin.py -pl core     # arguments go to Maven, such as one module

Needs a JDK; installs Maven and a virtual display with apt where they are absent and may be installed. Without a
display, windows are drawn off screen only. Standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT, prepare, system_packages

RELEASE, FALLBACK_RELEASE = 21, 17  # what the plugin is published for; what an older JDK can still test
JDKS = Path("/usr/lib/jvm")
MAVEN_OPTS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # as for the tests: see plugin/verify/pom.xml


def command(python: Path, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Maven's command line and its environment; ends with a clear message where something is missing."""
    home, version = _jdk()
    system_packages({"mvn": ["maven"], "xvfb-run": ["xvfb", "xauth"]})
    maven = shutil.which("mvn")
    if maven is None:
        sys.exit("The plugin needs Maven 3.8 or newer; on Debian and Ubuntu: apt install maven")
    options = [f"-Dpython={python}", f"-Djvm.release={RELEASE if version >= RELEASE else FALLBACK_RELEASE}"]
    call = [*_display(), maven, "-B", "-ntp", "-T2", "-f", str(ROOT / "plugin" / "verify"), "-Pgradle-script", *options]
    return [*call, "verify", *arguments], {"MAVEN_OPTS": MAVEN_OPTS, **os.environ, "JAVA_HOME": str(home)}


def _jdk() -> tuple[Path, int]:
    """The newest JDK here that has a compiler, and its major version."""
    homes = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    homes += sorted(JDKS.glob("*")) if JDKS.is_dir() else []
    on_path = shutil.which("javac")
    homes += [Path(on_path).resolve().parent.parent] if on_path else []
    found = {home.resolve(): _major(home) for home in homes if (home / "bin" / "javac").exists()}
    if not found or max(found.values()) < FALLBACK_RELEASE:
        sys.exit("The plugin needs a JDK 17 or newer; on Debian and Ubuntu: apt install openjdk-17-jdk-headless")
    best = max(found, key=lambda home: found[home])
    return best, found[best]


def _major(home: Path) -> int:
    """The JDK's major version, from its release file; 0 where that says nothing."""
    release = home / "release"
    said = re.search(r'JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8")) if release.exists() else None
    return int(said.group(1)) if said else 0


def _display() -> list[str]:
    """The beginning of a command that gives it a virtual display; empty where there is none to be had."""
    if os.environ.get("DISPLAY") or sys.platform != "linux":
        return []
    xvfb = shutil.which("xvfb-run")
    return [xvfb, "-a", "-s", "-screen 0 1920x1200x24"] if xvfb else []


def _forget_classes() -> None:
    """Kotlin's Maven plugin does not delete the class of a file that is gone, and the zip would carry it."""
    for folder in (ROOT / "plugin" / "verify").glob("*/target/*classes"):
        shutil.rmtree(folder)


def main(arguments: list[str]) -> int:
    """Maven's exit status; the last line sums up what surefire counted in all modules."""
    _forget_classes()
    call, environment = command(prepare("test,lint"), arguments)
    summary = re.compile(r"Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)$")
    sums = [0, 0, 0, 0]
    with subprocess.Popen(
        call, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            counted = summary.search(line.rstrip())
            if counted:
                sums = [old + int(new) for old, new in zip(sums, counted.groups(), strict=True)]
    run, failures, errors, skipped = sums
    outcome = "BUILD SUCCESS" if process.returncode == 0 else "BUILD FAILURE"
    print(f"{outcome}, Tests run: {run}, Failures: {failures}, Errors: {errors}, Skipped: {skipped}")
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
