"""What the machine has learned: versioned models in MLflow.

Owns model versions, who is champion and why. A folder of safetensors, JSON, NumPy and ONNX files goes in and gets a
reference (`word2vec:3`); the reference gives the folder back, on any machine that reaches the same MLflow.
"""

from trivec.registry.files import SAFE_FILES, check_files
from trivec.registry.models import Registry
from trivec.registry.records import ModelVersion, Promotion
from trivec.registry.references import code_version, parse_reference

__all__ = ["SAFE_FILES", "ModelVersion", "Promotion", "Registry", "check_files", "code_version", "parse_reference"]
