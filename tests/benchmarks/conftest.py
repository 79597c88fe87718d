"""The scripts of benchmarks/ stand beside one another, and so they import one another."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
