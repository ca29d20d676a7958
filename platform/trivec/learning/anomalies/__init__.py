"""What is unusual: a corpus's own texts in, p-values with reasons for any text out.

A text is looked at in several ways: where its vectors lie, which words it uses, how it is written, how it is spelt.
Each way says how many normal texts are at least as odd, the sum of these surprises is held against the normal texts
again, and so one p-value comes out that keeps its word. Marks of people, drift of what comes in, and near-duplicates
belong here too. Needs scikit-learn and PyOD; never torch, unless one of PyOD's networks is asked for.
"""

from trivec.learning.anomalies.base import Texts
from trivec.learning.anomalies.marks import Marks
from trivec.learning.anomalies.model import AnomalyModel, Judged
from trivec.learning.anomalies.options import AnomalyOptions
from trivec.learning.anomalies.persistence import load, save
from trivec.learning.anomalies.training import train

__all__ = ["AnomalyModel", "AnomalyOptions", "Judged", "Marks", "Texts", "load", "save", "train"]
