"""Settings: environment `TRIVEC_*`, then `trivec.toml` in the working folder or in TRIVEC_HOME, then these defaults.

Read by entry points and services only; every other room is told.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


class Settings(BaseSettings):
    """One class, one place; units are in the names."""

    model_config = SettingsConfigDict(env_prefix="TRIVEC_", extra="forbid", env_nested_delimiter="__")

    home: Path = Field(default=Path.home() / ".trivec", description="All local state lives here.")

    # Where the parts answer. Ports are used by `trivec up`; URLs by everybody who talks to them.
    qdrant_url: str = "http://127.0.0.1:6333"
    qdrant_api_key: SecretStr | None = None
    qdrant_read_only_api_key: SecretStr | None = None
    redis_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    api_url: str = "http://127.0.0.1:8000"
    ui_url: str = "http://127.0.0.1:8501"
    mlflow_url: str = Field(default="", description="Tracking URI; empty means sqlite in TRIVEC_HOME.")

    # Who may call the API: none configured means an open API, which `trivec doctor` warns about off localhost.
    api_write_keys: list[SecretStr] = []
    api_read_keys: list[SecretStr] = []
    max_body_mib: PositiveInt = 64
    max_upload_mib: PositiveInt = Field(default=1024, description="Of a file that is sent to be ingested.")
    max_query_characters: PositiveInt = 10_000

    # Encoders of a new generation.
    bert_model: str = "sentence-transformers/all-MiniLM-L6-v2"
    bert_backend: Literal["onnx", "torch", "remote"] = "onnx"
    bert_precision: Literal["fp32", "int8"] = "fp32"
    glove_path: str = Field(default="", description="A glove.*.txt or .kv file; empty means the packaged 6B-50d table.")
    embeddings_url: str = Field(default="", description="OpenAI-compatible base URL, when bert_backend is remote.")
    embeddings_key: SecretStr | None = None
    embeddings_dimension: int = Field(default=0, ge=0, description="Of the remote model's vectors.")
    sparse_weighting: Literal["one_hot", "bag_of_words", "tfidf", "bm25"] = "bm25"
    word2vec_dimension: PositiveInt = 128
    word2vec_minimum_documents: PositiveInt = Field(
        default=200, description="A corpus with fewer documents serves glove, bert and bm25 until it has grown."
    )
    threads: int = Field(default=0, ge=0, description="Of each encoder; 0 means all cores.")

    # Ingestion.
    batch_documents: PositiveInt = 128
    batches_in_flight: PositiveInt = 8
    batch_tries: PositiveInt = 5
    reconcile_after_seconds: PositiveFloat = 15.0
    ledger_url: str = Field(
        default="", description="Spool folder, shared between machines; empty means TRIVEC_HOME/jobs."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, which wins over the file."""
        home = Path(os.environ.get("TRIVEC_HOME", Path.home() / ".trivec"))
        toml = next((f for f in (Path("trivec.toml"), home / "trivec.toml") if f.exists()), Path("trivec.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml)

    @cached_property
    def mlflow_uri(self) -> str:
        """Where models are tracked."""
        return self.mlflow_url or f"sqlite:///{self.home / 'mlflow.db'}"

    @cached_property
    def ledger_folder(self) -> Path:
        """Where jobs keep what they promised."""
        return Path(self.ledger_url) if self.ledger_url else self.home / "jobs"
