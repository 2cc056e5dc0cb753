"""What `leads train`, `retrain` and `score` share: options, the cluster, and a retraining step by step."""
