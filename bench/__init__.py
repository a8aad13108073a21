"""Side-by-side benchmarks: each prints a ratio of two sides measured in the same run."""
