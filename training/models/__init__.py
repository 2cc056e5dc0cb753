"""Models: base learners and their ensemble, calibration, intervals, grades and SHAP values."""
