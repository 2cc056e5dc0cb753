"""Counts of partitions add up to the counts of the table, so that the encoders are equal."""

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.encoders import Text
from features.encoders.feature_encoder import FeatureEncoder
from features.lead_parts import concatenate_columns
from features.lead_table import parse_column
from features.schema import Field, LeadSchema
from features.values import Kind
from tests.training.cluster.tables import make_config, make_leads, open_table, remote_history, write_partitions
from training.cluster.crosses import SpreadCrosses
from training.cluster.encoder import add_counts, encode_rows, fit_encoder
from training.cluster.remote_leads import RemoteFields
from training.data.dataset import make_dataset
from training.data.encoded_samples import EncodedSamples
from training.models.crosses import Crosses

WORDS = st.sampled_from(["sales director", "sales", "director of it", "owner", "it owner", "x" * 70 + " owner", ""])


def test_the_encoder_the_matrix_and_the_crosses_of_partitions_are_those_of_the_whole(tmp_path: Path) -> None:
    write_partitions(make_leads(900), tmp_path / "parts")
    config = make_config(tmp_path, "parts")
    dataset = make_dataset(remote_history(config), None, 30)
    fields, table = dataset.leads.fields, open_table(config)
    assert isinstance(fields, RemoteFields)
    order = np.argsort(fields.rows, kind="stable")
    parts = table.split(fields.rows[order])
    assert len(parts) > 9
    whole = EncodedSamples.from_rows(dataset, np.arange(len(dataset)), config.lead_schema)

    encoder = fit_encoder(table, dataset, parts)
    assert encoder == whole.encoder == FeatureEncoder.fit(dataset.leads, config.lead_schema)
    X = np.concatenate([encode_rows(part, encoder) for part in parts])
    np.testing.assert_array_equal(X, whole.samples.X[order])

    named = [("age", "job"), ("job", "email domain"), ("age", "job", "email domain")]
    samples = whole.samples.with_recency_weights(0.25)
    spread = SpreadCrosses.fit(table, parts, order, encoder, samples, named)
    crosses = Crosses.fit(samples, named)
    assert spread.crosses == crosses
    np.testing.assert_array_equal(
        spread.ordered_rates(7), crosses.append_ordered(samples, 7)[:, len(encoder.columns) :]
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=40), min_size=1, max_size=4))
def test_texts_counted_in_parts_are_counted_as_a_whole(parts: list[list[str]]) -> None:
    parse = LeadSchema(()).parser_of(Field("", Kind.TEXT))
    columns = [parse_column(pd.Series(part, dtype="str"), parse)[0] for part in parts]
    whole = concatenate_columns(columns)
    assert [whole[row] for row in range(len(whole))] == [value or None for part in parts for value in part]
    (counts,) = add_counts([[Text.count(column)] for column in columns])
    assert Text.from_counts("job", counts, len(whole)) == Text.fit("job", whole)
