"""Training and scoring on a Dask cluster: the only room that knows Dask, which is the extra `dask`."""
