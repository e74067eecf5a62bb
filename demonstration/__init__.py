"""Synthetic applicants for the demonstration (演示数据，合成，非真实). The same seed always gives the same facts."""
