"""Conversions for ad platforms: what each lead is worth, in each platform's own format; `platforms.py` lists them."""
