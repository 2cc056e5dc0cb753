"""The names of models, aliases and artifacts in MLflow."""

NAME = "lead-scoring"
CHAMPION, CHALLENGER = "champion", "challenger"
ALIASES = (CHAMPION, CHALLENGER)

CARD = "card/model_card.md"
CARD_PAGE = "card/model_card.html"
CONFIG = "scoring.toml"
HASHES = "learned/lead_hashes.npy"
PROFILE = "learned/profile.json"
PLOTS = "plots"
NATIVE = "data/model"

PARENT_TAG = "mlflow.parentRunId"
