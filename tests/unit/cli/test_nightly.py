"""`weighbridge nightly`: what is new or stale is measured, compared, judged and left as a page."""

import json
from pathlib import Path

from tests.fakes.fixtures import RunProgram
from tests.fakes.openai_server import FakeServer

ITEMS = 60


def a_nightly(
    folder: Path, server: FakeServer, *, models: str = "good", release: str = "also-good", more: str = ""
) -> Path:
    names = [server.checkpoint(name.strip()) for name in models.split(",")]
    path = folder / "nightly.toml"
    path.write_text(
        f'owner = "Ada"\ndue = 2099-01-31\ncheckpoints = {json.dumps(names)}\ntasks = ["tickets"]\n'
        f'release = "{server.checkpoint(release)}"\npolicy = "policy.toml"\n{more}\n'
    )
    return path


def test_try(server: FakeServer, weighbridge: RunProgram, in_tmp: Path) -> None:
    file = a_nightly(in_tmp, server)
    done = weighbridge("nightly", file)
    print(done.out, done.err)
    done = weighbridge("nightly", file, "--check")
    print(done.out, done.err)
    file = a_nightly(
        in_tmp, server, models="bad,good", more=f'[anchor]\ncheckpoint = "{server.checkpoint("hazy")}"\n'
    )
    done = weighbridge("nightly", file)
    print(done.out, done.err)
    digest = done.err.split('digest = "')[1].split('"')[0]
    file = a_nightly(
        in_tmp,
        server,
        models="bad,good",
        more=f'[anchor]\ncheckpoint = "{server.checkpoint("hazy")}"\ndigest="{digest}"\n',
    )
    done = weighbridge("nightly", file)
    print(done.out, done.err)
    import os

    os.system(f"ls -R {in_tmp}/results | head -40")
    assert 0
