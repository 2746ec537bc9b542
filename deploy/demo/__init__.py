"""The main job on one machine, told as a story: three catalogues in, one provable store out, a tampered byte found."""
