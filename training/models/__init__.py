"""What is fitted: base models, their ensemble, its calibration, grades and exact reasons."""
