"""TFLite's operators in TensorFlow's nodes: a function from a Site to what it makes."""
