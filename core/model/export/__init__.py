"""Encoders as ONNX graphs that need neither torch nor this program."""
