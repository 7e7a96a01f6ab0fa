"""What an app needs beside a model file: pre- and postprocessing as code, of its manifest."""
