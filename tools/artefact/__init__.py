"""Makes the folder and the zip file that Lambda runs: used by `make build`, `sam build` and the benchmark.

Never part of what runs on Lambda, and never talks to AWS: it reads this repository and asks pip for locked wheels.
"""
