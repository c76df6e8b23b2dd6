"""One load on a real server, from a process of its own: what it carried, as one line of JSON.

python -m bench.load_contest NAME URL MODEL --turn 1 --requests 128 --concurrency 32 --tokens 64
"""

import json
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from bench.contestants import load
from bench.contestants.load import Load, Loader
from harness.domain.checkpoint import Endpoint

LOADERS: dict[str, Loader] = {"weighbridge": load.weighbridge, "vllm": load.vllm_bench}


def main() -> None:
    """Print what was carried as one line of JSON, the last on standard output."""
    parser = ArgumentParser(prog="python -m bench.load_contest", description=__doc__)
    parser.add_argument("name", choices=LOADERS)
    parser.add_argument("url", help="up to /v1")
    parser.add_argument("model")
    parser.add_argument("--turn", required=True, help="tells the prompts of this turn from all others")
    parser.add_argument("--requests", type=int, default=128)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=64)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asked = Load(
            endpoint=Endpoint(url=chosen.url, model=chosen.model),
            requests=chosen.requests,
            concurrency=chosen.concurrency,
            tokens=chosen.tokens,
            turn=chosen.turn,
            folder=Path(folder),
        )
        carried = LOADERS[chosen.name](asked)
    print(json.dumps(asdict(carried)), flush=True)


if __name__ == "__main__":
    main()
