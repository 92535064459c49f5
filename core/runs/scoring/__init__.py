"""A trained model put to use: new rows scored, the model as ONNX. `open_model.load_run` is the way in."""
