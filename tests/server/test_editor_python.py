"""Names of the project's Python, read and never run."""

import sys
import sysconfig

import pytest

from tunesmith.server.editor import python_names


@pytest.fixture
def project(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    heads = tmp_path / "shop" / "heads.py"
    heads.write_text(
        "from torch import nn\n\n"
        "def build(width: int, *, depth=2, **more):\n    '''A head.'''\n\n"
        "class Pooler:\n    '''Pools.'''\n    def __init__(self, kind: str = 'mean'): ...\n    def of(self, x): ...\n\n"
        "made = Pooler()\n_hidden = 1\n"
        "raise SystemExit('the module ran')\n"
    )
    return tmp_path


def labels(prefix, folder):
    return [each["label"] for each in python_names.complete(prefix, str(folder))]


def test_modules_then_callables_complete(project):
    assert labels("", project) == ["shop"]
    assert labels("sho", project) == ["shop"]
    assert labels("shop.", project) == ["heads"]
    assert labels("shop.heads:", project) == ["build", "Pooler", "made", "nn"]
    assert "of" in labels("shop.heads:Pooler.", project)
    assert labels("shop.heads:_h", project) == ["_hidden"]
    assert [each["text"] for each in python_names.complete("shop.heads:bu", str(project))] == ["shop.heads:build"]


@pytest.mark.parametrize(
    "prefix", [":", "a b:c", "1x", "shop..x", "shop:heads:x", "no.such:x", "shop.heads:no", "é:", "x\n:"]
)
def test_what_is_no_name_gives_nothing(project, prefix):
    assert labels(prefix, project) == []


def test_arguments_signature_and_place(project):
    found = python_names.arguments("shop.heads:build", str(project))
    assert [(each["name"], each["default"]) for each in found] == [("width", ""), ("depth", "2")]
    assert [each["name"] for each in python_names.arguments("shop.heads:Pooler", str(project))] == ["kind"]
    described = python_names.describe("shop.heads:build", str(project))
    assert described == {"signature": "build(width: int, *, depth=2, **more)", "words": "A head."}
    place = python_names.locate("shop.heads:Pooler", str(project))
    assert place == {"file": str(project / "shop" / "heads.py"), "line": 6, "column": 6}
    assert python_names.locate("shop.heads:none", str(project)) is None
    assert python_names.describe("no.such:thing", str(project)) == {"signature": "", "words": ""}


def test_an_edit_of_the_module_is_seen(project):
    assert "later" not in labels("shop.heads:", project)
    heads = project / "shop" / "heads.py"
    heads.write_text(heads.read_text() + "\ndef later(): ...\n")
    assert "later" in labels("shop.heads:", project)
    (project / "shop" / "tails.py").write_text("def tail(): ...\n")
    assert labels("shop.", project) == ["heads", "tails"]
    assert labels("shop.tails:", project) == ["tail"]


def test_torch_completes_without_being_imported(project):
    before = "torch" in sys.modules
    assert "CrossEntropyLoss" in labels("torch.nn:Cross", project)
    assert ("torch" in sys.modules) == before


def test_an_extension_module_of_the_project_is_not_loaded(project, recwarn):
    (project / f"native{sysconfig.get_config_var('EXT_SUFFIX')}").write_bytes(b"not to be loaded")
    assert labels("native:", project) == []
    told = [str(each.message) for each in recwarn]  # jedi says where it looked for a module that could be loaded
    assert not any(str(project) in message for message in told), told
