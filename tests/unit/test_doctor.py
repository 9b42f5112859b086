"""Doctor: what it says of machines that we do not have, from what their programs print, and of the one we run on."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import tunesmith
from tunesmith.cli import main
from tunesmith.env.interpreter import Interpreter, interpreter_findings
from tunesmith.env.machine import GIB, Machine, machine_findings, read_machine
from tunesmith.env.meters import Meters
from tunesmith.env.nvidia import Driver, parse_driver
from tunesmith.env.packages import package_findings, read_needs
from tunesmith.env.programs import program
from tunesmith.env.torch_build import TorchBuild, TorchProbe, driver_finding, read_build, torch_findings
from tunesmith.env.torch_index import channel_for, cuda_for, torch_requirement

PACKAGE = Path(tunesmith.__file__).parent

H100 = "0, NVIDIA H100 80GB HBM3, 580.95.05, 81559, 4, 9.0, 71.23\n"
OLD = "0, Tesla K80, 470.256.02, 11441, 0, 3.7, [N/A]\n1, Tesla K80, 470.256.02, 11441, 0, 3.7, [N/A]\n"
CUDA_13 = TorchBuild(version="2.15.0+cu132", cuda="13.2")
ON_CPU = TorchProbe(cpu="AVX2", threads=2)


def codes(findings, status=None):
    return [finding.code for finding in findings if status in (None, finding.status)]


def test_every_finding_that_is_not_ok_says_what_mends_it():
    machine = Machine(
        cores=1, memory_bytes=GIB, available_bytes=GIB, folder=Path("/x"), disk_free_bytes=0, writable=False
    )
    interpreter = Interpreter(executable="python", version=(3, 9, 1), virtual=False, bits=64)
    needs = read_needs(["numpy>=3", "rich>=1", "pyarrow>=17; extra == 'tables'"], {"numpy": "2.0"}.get)
    findings = [
        *interpreter_findings(interpreter),
        *machine_findings(machine),
        *package_findings(needs),
        *torch_findings(None, TorchProbe(), None),
        *torch_findings(CUDA_13, TorchProbe(trouble="ImportError: libcudart"), parse_driver(OLD)),
        *torch_findings(CUDA_13, ON_CPU, parse_driver(H100)),
        driver_finding(CUDA_13, Driver(trouble="Failed to initialize NVML: Driver/library version mismatch")),
    ]
    assert [finding for finding in findings if finding.status != "ok" and not finding.mend] == []
    assert {"env.python-version", "env.little-disk", "env.torch-missing", "env.torch-broken"} < set(
        codes(findings, "error")
    )


def test_driver_is_read_from_what_nvidia_smi_prints():
    driver = parse_driver(H100)
    assert driver.version == (580, 95, 5)
    assert driver.gpus[0].name == "NVIDIA H100 80GB HBM3"
    assert driver.gpus[0].memory_bytes == 81559 * 2**20
    assert (driver.gpus[0].capability, driver.gpus[0].power_w) == ((9, 0), 71.23)
    assert [gpu.power_w for gpu in parse_driver(OLD).gpus] == [None, None]


@pytest.mark.parametrize(
    ("build", "listing", "code", "status"),
    [
        (CUDA_13, H100, "env.driver", "ok"),
        (CUDA_13, OLD, "env.driver-too-old", "error"),
        (TorchBuild(version="2.9.0", cuda="11.8"), OLD, "env.driver", "ok"),
        (TorchBuild(version="2.15.0+cpu"), H100, "env.torch-cpu-build", "warning"),
        (CUDA_13, "", "env.driver-broken", "warning"),
    ],
)
def test_torch_build_is_held_against_the_driver(build, listing, code, status):
    finding = driver_finding(build, parse_driver(listing))
    assert (finding.code, finding.status) == (code, status)


MIXED = H100 + "1, Tesla V100-SXM2-16GB, 580.95.05, 16160, 0, 7.0, 40.0\n"
BLACKWELL = "0, NVIDIA B200, 570.133.20, 183359, 0, 10.0, 140.0\n"
AMPERE = "0, NVIDIA A100-SXM4-40GB, 535.183.01, 40960, 0, 8.0, 50.0\n"


@pytest.mark.parametrize(
    ("listing", "system", "channel"),
    [
        (H100, "linux", "cu130"),
        (MIXED, "linux", "cu126"),
        (BLACKWELL, "linux", "cu128"),
        (AMPERE, "linux", "cu126"),
        (AMPERE, "win32", "cu126"),
        (OLD, "linux", "cpu"),
        ("", "linux", "cpu"),
        ("", "win32", None),
        (H100, "darwin", None),
    ],
)
def test_torch_is_recommended_in_the_build_that_driver_and_devices_run(listing, system, channel):
    driver = parse_driver(listing)
    assert channel_for(driver, system) == channel
    index = () if channel is None else ("--index-url", f"https://download.pytorch.org/whl/{channel}")
    assert torch_requirement(driver, system=system) == ("torch", *index)
    major = cuda_for(driver, system)
    assert channel is None or channel == "cpu" or channel.startswith(f"cu{major}")


def test_mending_a_torch_for_the_cpu_leaves_one_that_fits_the_driver():
    finding = driver_finding(TorchBuild(version="2.15.0+cpu"), parse_driver(H100))
    command = "pip install --force-reinstall torch"
    assert finding.mend.startswith(command if sys.platform == "darwin" else f"{command} --index-url ")


def test_what_to_install_is_told_by_the_wheel_before_anything_is_installed(tmp_path):
    wheel = tmp_path / "tunesmith-9.9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in (
            "__init__",
            "env/__init__",
            "env/finding",
            "env/interpreter",
            "env/nvidia",
            "env/programs",
            "env/torch_index",
        ):
            archive.write(PACKAGE / f"{name}.py", f"tunesmith/{name}.py")
        archive.write(PACKAGE / "env/install.py", "tunesmith/env/install.py")
        text = "Name: tunesmith\nVersion: 9.9.9\nRequires-Dist: torchmetrics\nRequires-Dist: torch>=7\n"
        archive.writestr("tunesmith-9.9.9.dist-info/METADATA", text)
    # -S: no package of this environment can be imported.
    done = subprocess.run(
        [sys.executable, "-S", "-m", "tunesmith.env.install"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        cwd=tmp_path,
        text=True,
    )
    told = json.loads(done.stdout)
    assert told["python"]["status"] == "ok"
    assert told["torch"][0] == "torch>=7"
    assert told["runtime"] == [f"tunesmith[images,meters,minilm,tables] @ {wheel.as_uri()}"]


def test_gpu_that_torch_does_not_see_is_a_warning():
    assert "env.device" in codes(torch_findings(CUDA_13, ON_CPU, parse_driver(H100)), "warning")
    seen = TorchProbe(cuda=True, devices=("NVIDIA H100 80GB HBM3",))
    assert codes(torch_findings(CUDA_13, seen, parse_driver(H100)), "warning") == []


def test_extras_are_read_from_our_own_metadata():
    needs = read_needs()
    assert {"torch", "transformers", "peft"} <= {need.package for need in needs if not need.extra}
    assert {"tables", "images", "plots", "onnx", "minilm"} <= {need.extra for need in needs}
    assert "test" not in {need.extra for need in needs}


def test_missing_dependency_is_an_error_and_missing_extra_is_not():
    needs = read_needs(["torch>=2.10", "pyarrow>=17; extra == 'tables'"], lambda _: None)
    findings = {finding.code: finding for finding in package_findings(needs)}
    assert findings["env.dependencies"].status == "error"
    assert findings["env.missing-extra"].status == "ok"
    assert findings["env.missing-extra"].mend == "pip install 'tunesmith[tables]'"


def test_version_of_torch_is_found_without_importing_it():
    import torch

    build = read_build()
    assert build is not None
    assert (build.version, build.cuda) == (str(torch.__version__), torch.version.cuda or "")


def test_machine_tells_what_may_be_used(tmp_path):
    machine = read_machine(tmp_path)
    assert 0 < machine.available_bytes <= machine.memory_bytes
    assert machine.cores >= 1
    assert machine.writable


def test_meters_see_memory_that_is_taken():
    meters = Meters()
    before = meters.read().resident_bytes
    held = bytearray(b"x" * (64 * 2**20))
    assert meters.read().resident_bytes >= before + len(held) // 2


def test_meters_of_a_device_that_is_not_there_say_nothing():
    reading = Meters(device=977).read()
    assert (reading.device_used_bytes, reading.device_power_w) == (None, None)
    assert reading.resident_bytes > 0


def test_command_tells_the_same_as_json_and_as_text(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status = main(["doctor", "--json"])
    findings = json.loads(capsys.readouterr().out)
    assert status == int(any(finding["status"] == "error" for finding in findings))
    assert {"env.python-version", "env.torch", "env.device"} <= {finding["code"] for finding in findings}


@pytest.mark.skipif(os.name == "nt", reason="programs as POSIX knows them")
def test_a_program_is_never_one_of_the_working_folder(tmp_path, monkeypatch):
    theirs, installed = tmp_path / "project", tmp_path / "bin"
    for folder in (theirs, installed):
        folder.mkdir()
        (folder / "nvidia-smi").write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / "nvidia-smi").chmod(0o755)
    monkeypatch.chdir(theirs)
    for path in (".", "", f"{os.pathsep}."):
        monkeypatch.setenv("PATH", path)
        assert program("nvidia-smi") is None
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", str(installed)]))
    assert program("nvidia-smi") == str(installed / "nvidia-smi")
